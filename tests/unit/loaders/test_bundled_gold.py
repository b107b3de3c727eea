"""The bundled gold segmentations: that every line is sound, and that unsound ones are noticed."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "corpora" / "morphology"
N_WORDS = {"tr": 320, "fi": 120, "hu": 120, "sw": 120}
LETTERS = {
    "tr": "abcçdefgğhıijklmnoöprsştuüvyz",
    "fi": "abdefghijklmnoprstuvyäö",
    "hu": "aábcdeéfghiíjklmnoóöőpqrstuúüűvwxyz",
    "sw": "abcdefghijklmnoprstuvwyz",
}
MIN_SHARE_CUT = 0.8


def rows(text: str) -> list[list[str]]:
    """The fields of every line that is neither empty nor a comment."""
    lines = text.split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def faults(text: str, letters: str) -> Iterator[str]:
    """What is wrong with a list, in words."""
    if not text.endswith("\n") or "\r" in text:
        yield "line ends"
    if not unicodedata.is_normalized("NFC", text):
        yield "not NFC"
    seen = set()
    for row in rows(text):
        if len(row) != 2:
            yield f"{row}: {len(row)} fields"
            continue
        word, morphemes = row[0], row[1].split(" ")
        if "" in morphemes:
            yield f"{word}: empty morpheme"
        if "".join(morphemes) != word:
            yield f"{word}: morphemes join to {''.join(morphemes)}"
        if strange := set(word) - set(letters):
            yield f"{word}: letters {sorted(strange)}"
        if word in seen:
            yield f"{word}: twice"
        seen.add(word)


@pytest.mark.parametrize("language", N_WORDS)
def test_a_list_is_sound(language: str) -> None:
    text = (FOLDER / f"{language}.tsv").read_bytes().decode("utf-8")
    assert list(faults(text, LETTERS[language])) == []


@pytest.mark.parametrize("language", N_WORDS)
def test_a_list_is_long_enough_and_mostly_cut(language: str) -> None:
    words = rows((FOLDER / f"{language}.tsv").read_text(encoding="utf-8"))
    assert len(words) >= N_WORDS[language]
    assert sum(" " in morphemes for _, morphemes in words) / len(words) >= MIN_SHARE_CUT
    assert any(" " not in morphemes for _, morphemes in words)
    assert any(morphemes.count(" ") >= 3 for _, morphemes in words)


def test_every_list_has_a_test_and_a_paragraph() -> None:
    assert {path.stem for path in FOLDER.glob("*.tsv")} == set(N_WORDS)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{language}.tsv`" in readme for language in N_WORDS)


@pytest.mark.parametrize(
    ("word", "morphemes"),
    [
        ("kitabımız", "kitab ımız"),
        ("burnu", "burn u"),
        ("arabasını", "araba sı nı"),
        ("başlıyor", "başl ıyor"),
        ("kitap", "kitap"),
    ],
)
def test_the_conventions_for_turkish(word: str, morphemes: str) -> None:
    words = dict(rows((FOLDER / "tr.tsv").read_text(encoding="utf-8")))
    assert words[word] == morphemes


@pytest.mark.parametrize(
    ("language", "morphemes"),
    [
        ("fi", "kadu lla"),
        ("fi", "talo i ssa mme"),
        ("fi", "tieto konee lla"),
        ("hu", "ház ak ban"),
        ("hu", "könyv em et"),
        ("hu", "kutyá i nk"),
        ("sw", "a na ki som a"),
        ("sw", "m toto"),
        ("sw", "ki tabu"),
    ],
)
def test_the_conventions_for_the_others(language: str, morphemes: str) -> None:
    words = dict(rows((FOLDER / f"{language}.tsv").read_text(encoding="utf-8")))
    assert words[morphemes.replace(" ", "")] == morphemes


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("evde\tev da\n", "evde: morphemes join to evda"),
        ("evde\tev  de\n", "evde: empty morpheme"),
        ("evde\tev de\t3\n", "['evde', 'ev de', '3']: 3 fields"),
        ("ev\tev\nev\tev\n", "ev: twice"),
        ("wev\twev\n", "wev: letters ['w']"),
        ("Ev\tEv\n", "Ev: letters ['E']"),
        ("gu\u0308n\tgu\u0308n\n", "not NFC"),
        ("ev\tev\r\n", "line ends"),
        ("ev\tev", "line ends"),
    ],
)
def test_a_fault_is_noticed(text: str, fault: str) -> None:
    assert fault in list(faults(text, LETTERS["tr"]))


def test_comments_and_empty_lines_are_no_words() -> None:
    assert list(faults("# ev\n\nev\tev\n", LETTERS["tr"])) == []
    assert rows("# ev\n\nev\tev\n") == [["ev", "ev"]]

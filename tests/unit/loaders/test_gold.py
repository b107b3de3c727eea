"""Lists of gold segmentations: their form, what is wrong with a line, and the bundled ones."""

import gzip
from pathlib import Path

import pytest

from tokeval.core.resources import GoldWord
from tokeval.errors import TokevalError
from tokeval.loaders import gold
from tokeval.loaders.gold import bundled_gold, read_gold


def written(folder: Path, content: str | bytes, name: str = "tr.tsv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_words_morphemes_and_frequencies(tmp_path: Path) -> None:
    content = (
        "\ufeff# nouns\nevlerde\tev ler de\r\n\nkitap\tkitap\t12\n gözlük \tgöz lük\t\n"
        "evlerde\tevler de\t 3 \n"
    )
    assert read_gold(written(tmp_path, content), "tr") == (
        GoldWord("evlerde", ("ev", "ler", "de")),
        GoldWord("kitap", ("kitap",), 12),
        GoldWord("gözlük", ("göz", "lük")),
        GoldWord("evlerde", ("evler", "de"), 3),
    )


def test_compressed_lists(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"evler\tev ler\n"), "tr.tsv.gz")
    assert read_gold(path, "tr") == (GoldWord("evler", ("ev", "ler")),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("evlerde ev ler de", "no tab in 'evlerde ev ler de'"),
        ("evlerde\tev lar de", "ev + lar + de is 'evlarde', not 'evlerde'"),
        ("evlerde\tev ler", "ev + ler is 'evler', not 'evlerde'"),
        ("evlerde\t", "no morphemes in it"),
        ("\tev ler", "no word in it"),
        ("evler\tev ler\tmany", "the frequency 'many' is no whole number above 0"),
        ("evler\tev ler\t0", "the frequency '0' is no whole number above 0"),
        ("evler\tev ler\t-2", "the frequency '-2' is no whole number above 0"),
        ("evler\tev ler\t1.5", "the frequency '1.5' is no whole number above 0"),
        ("evler\tev ler\t1\tx", "4 columns, where 2 or 3 are expected"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path, f"# two lines before it\nkitap\tkitap\n{line}\n")
    with pytest.raises(TokevalError) as caught:
        read_gold(path, "tr")
    assert caught.value.message == f"{path}:3: {message}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no gold segmentation for 'tr' in it"),
        (b"# nothing\n\n", "no gold segmentation for 'tr' in it"),
        (b"ev\tev\n\xff\n", "not UTF-8"),
    ],
)
def test_files_that_are_no_list(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(TokevalError, match=message) as caught:
        read_gold(path, "tr")
    assert path in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TokevalError, match="no such file"):
        read_gold(str(tmp_path / "missing.tsv"), "tr")


def test_a_folder_of_lists(tmp_path: Path) -> None:
    written(tmp_path, "evler\tev ler\n", "tr.tsv")
    written(tmp_path, "talossa\ttalo ssa\n", "fi.tsv")
    written(tmp_path, "not a list", "README.md")
    assert list(bundled_gold(tmp_path)) == ["fi", "tr"]
    assert bundled_gold(tmp_path / "missing") == {}


def test_no_lists_are_bundled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gold.tokeval, "__file__", str(tmp_path / "tokeval" / "__init__.py"))
    assert bundled_gold() == {}


@pytest.mark.parametrize("parent", ["tokeval/_corpora", "corpora"])
def test_bundled_lists_of_a_package_and_of_a_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, parent: str
) -> None:
    (tmp_path / parent / "morphology").mkdir(parents=True)
    written(tmp_path / parent / "morphology", "evler\tev ler\n", "tr.tsv")
    monkeypatch.setattr(gold.tokeval, "__file__", str(tmp_path / "tokeval" / "__init__.py"))
    assert bundled_gold() == {"tr": (GoldWord("evler", ("ev", "ler")),)}


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(TokevalError, match="it is a directory") as caught:
        read_gold(str(tmp_path), "tr")
    assert caught.value.hint == "name a file in it"

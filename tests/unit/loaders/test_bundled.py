"""The bundled corpora: that they are sound, and that each way of being unsound is reported."""

import unicodedata
from pathlib import Path

import pytest

from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.bundled import bundled_slices, check_bundled, corpora_folder, script_share
from tokeval.loaders.corpora import ReadOptions, check_parallel, read_corpus

CODE = ("c", "cpp", "go", "java", "javascript", "python", "ruby", "rust")
PROSE = {
    "en": ("Latn", ["A red door.", "Two cats sleep.", "It rains."]),
    "tr": ("Latn", ["Kırmızı bir kapı.", "İki kedi uyuyor.", "Yağmur yağıyor."]),
    "ja": ("Jpan", ["赤いドアー。", "二匹の猫が眠る。", "雨が降る。"]),
    "ru": ("Cyrl", ["Красная дверь.", "Две кошки спят.", "Идёт дождь."]),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small sound corpus in the layout of the bundled ones."""
    manifest = []
    (tmp_path / "prose").mkdir()
    for name, (script, lines) in PROSE.items():
        (tmp_path / "prose" / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        manifest.append(f'[prose.{name}]\nlanguage = "L-{name}"\nscript = "{script}"\n')
    for name in CODE:
        (tmp_path / "code" / name).mkdir(parents=True)
        (tmp_path / "code" / name / f"b.{name}").write_text("\tx = 1\n")
        (tmp_path / "code" / name / f"a.{name}").write_text("y = 2\n")
        (tmp_path / "code" / name / "NOTES").write_text("not a source file\n")
        manifest.append(f'[code.{name}]\nlanguage = "L-{name}"\nextensions = ["{name}"]\n')
    (tmp_path / "manifest.toml").write_text("\n".join(manifest), encoding="utf-8")
    return tmp_path


def test_the_real_corpora_are_sound() -> None:
    assert check_bundled() == []


def test_the_real_corpora_are_what_no_argument_means() -> None:
    slices = read_corpus([])
    assert [part.name for part in slices] == [part.name for part in bundled_slices()]
    assert {"tr", "en", "python"} <= {part.name for part in slices}
    labels = next(part.labels for part in slices if part.name == "tr")
    assert (labels["script"], labels["bcp47"]) == ("Latn", "tr")
    prose = read_corpus([], ReadOptions(parallel=True))
    assert {part.unit for part in prose} == {"line"}
    check_parallel(prose)


def test_the_folder_is_the_packages_own_or_the_checkouts() -> None:
    assert (corpora_folder() / "manifest.toml").is_file()


def test_slices_follow_the_manifest(folder: Path) -> None:
    slices = bundled_slices(folder)
    assert [part.name for part in slices] == [*sorted(PROSE), *CODE]
    turkish = slices[3]
    assert turkish.labels == {"language": "L-tr", "script": "Latn"}
    assert list(turkish.documents()) == [(line,) for line in PROSE["tr"][1]]
    python = slices[-3]
    assert (python.name, python.unit, python.n_documents) == ("python", "file", 2)
    assert list(python.documents()) == [("y = 2\n",), ("\tx = 1\n",)]


def test_a_sound_corpus_has_no_problems(folder: Path) -> None:
    assert check_bundled(folder) == []


@pytest.mark.parametrize(
    ("path", "content", "problem"),
    [
        ("prose/tr.txt", "Bir.\nİki.\n", "prose/tr.txt: 2 lines, where others have 3"),
        ("prose/tr.txt", "Bir.\n\nÜç.\n", "prose/tr.txt:2: empty line"),
        ("prose/tr.txt", "Bir.\n \nÜç.\n", "prose/tr.txt:2: empty line"),
        ("prose/tr.txt", "Bir.\nİki.\nU\u0308c\u0327.\n", "prose/tr.txt:3: not in NFC"),
        ("prose/tr.txt", "Bir.\nİki.\tx\nÜç.\n", "prose/tr.txt:2: control character U+0009"),
        ("prose/tr.txt", "Bir.\r\nİki.\nÜç.\n", "prose/tr.txt:1: control character U+000D"),
        ("prose/tr.txt", "Bir.\nİки.\nÜç.\n", "prose/tr.txt: 75.0% of the letters"),
        ("prose/ja.txt", "red\n二\n雨\n", "prose/ja.txt: 40.0% of the letters are in the script J"),
        ("prose/tr.txt", "1\n2\n3\n", "prose/tr.txt: 0.0% of the letters"),
        ("prose/fr.txt", "Un.\nDeux.\nTrois.\n", "prose/fr: not in manifest.toml"),
        ("code/zig/a.zig", "x\n", "code/zig: not in manifest.toml"),
        ("code/go/a.go", " \n", "a.go: empty file"),
        ("code/go/a.go", "x\x0c\n", "a.go: control character U+000C"),
    ],
)
def test_each_fault_is_reported_once(folder: Path, path: str, content: str, problem: str) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_bytes(content.encode())
    (found,) = check_bundled(folder)
    assert problem in found


def test_bad_bytes_and_missing_parts_are_reported(folder: Path) -> None:
    (folder / "prose" / "tr.txt").write_bytes(b"\xff\n")
    (folder / "prose" / "ru.txt").unlink()
    for name in ("a.go", "b.go"):
        (folder / "code" / "go" / name).unlink()
    problems = "\n".join(check_bundled(folder))
    assert "tr.txt:1: not UTF-8" in problems
    assert "prose/ru: in manifest.toml, but there is no such corpus" in problems
    assert "go: no file with the extensions .go (put one there" in problems


def test_fewer_than_eight_code_languages(folder: Path) -> None:
    text = (folder / "manifest.toml").read_text().replace("[code.go]", "[other.go]")
    (folder / "manifest.toml").write_text(text)
    assert "code: 7 languages, fewer than 8" in check_bundled(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [("[prose", "malformed"), ("", r"no tables \[prose"), ("prose = 1", r"no tables \[prose")],
)
def test_a_broken_manifest(folder: Path, content: str, message: str) -> None:
    (folder / "manifest.toml").write_text(content)
    with pytest.raises(TokevalError, match=message):
        bundled_slices(folder)
    assert len(check_bundled(folder)) == 1


def test_options_do_not_apply_to_the_bundled_corpora() -> None:
    for options in (ReadOptions(unit="line"), ReadOptions(field="text")):
        with pytest.raises(UsageError, match="bundled"):
            read_corpus([], options)


@pytest.mark.parametrize(
    ("text", "script", "share"),
    [
        ("abcç 12!", "Latn", 1.0),
        ("abя", "Latn", 2 / 3),
        ("ドアー漢かな", "Jpan", 1.0),
        ("ドアー漢かな", "Hans", 1 / 6),
        ("한국어 漢字", "Kore", 1.0),
        ("हिन्दी", "Deva", 1.0),
        ("123 !?", "Latn", 0.0),
        ("abc", "", 0.0),
        ("abc", "Nope", 0.0),
    ],
)
def test_script_share_counts_letters(text: str, script: str, share: float) -> None:
    assert script_share(text, script) == pytest.approx(share, abs=1e-12)


def test_script_share_agrees_with_character_names() -> None:
    text = "Привет, world. Καλημέρα κόσμε; שלום 42"
    letters = [char for char in text if char.isalpha()]
    for script, word in (("Cyrl", "CYRILLIC"), ("Grek", "GREEK"), ("Hebr", "HEBREW")):
        named = sum(unicodedata.name(char).startswith(word) for char in letters)
        assert script_share(text, script) == named / len(letters)

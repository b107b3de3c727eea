"""`tokeval compare` as it is typed: documents, tokenizers, files, and refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests import toy_tokenizers as toy
from tests.sample_mixture import mixture_report
from tokeval.cli.app import run
from tokeval.document import ComparisonResult, Report, dump, load

TEXT = [f"the lowest {word} of {i} newer things\n" for i, word in enumerate(["low", "wide"] * 120)]
METRICS = ("-m", "tokens", "-m", "bytes_per_token", "-m", "nsl")
OTHER = [f"çok güzel {word} günün ışığı {i}\n" for i, word in enumerate(["bir", "iki"] * 120)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two tokenizers, two texts, and documents of them."""
    folder = tmp_path_factory.mktemp("compare")
    for name, texts in (("old", TEXT), ("new", [*TEXT, *OTHER])):
        (folder / name).mkdir()
        toy.byte_level_bpe(texts).save(str(folder / name / "tokenizer.json"))
    (folder / "en.txt").write_text("".join(TEXT), encoding="utf-8")
    (folder / "tr.txt").write_text("".join(OTHER), encoding="utf-8")
    corpus = ["-c", f"en={folder}/en.txt", "-c", f"tr={folder}/tr.txt"]
    for name in ("old", "new"):
        asked = ["metrics", f"{folder}/{name}/tokenizer.json", *corpus, *METRICS]
        assert run([*asked, "-q", "--json", f"{folder}/{name}.json"]) == 0
    both = [f"{folder}/{name}/tokenizer.json" for name in ("old", "new")]
    assert run(["metrics", *both, *corpus, "-m", "tokens", "-q", "--json", f"{folder}/2.json"]) == 0
    one = ["metrics", both[0], "-c", f"en={folder}/tr.txt", *METRICS, "-q"]
    assert run([*one, "--json", f"{folder}/othertext.json"]) == 0
    (folder / "mixture.json").write_bytes(dump(mixture_report()))
    return folder


@pytest.fixture
def folder(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    return made


def compared(*arguments: str, out: str) -> ComparisonResult:
    assert run(["compare", *arguments, "-q", "--json", out]) == 0
    (result,) = load(Path(out)).results
    assert isinstance(result, ComparisonResult)
    return result


TOKENIZERS = ("old/tokenizer.json", "new/tokenizer.json")
CORPUS = ("-c", "en=en.txt", "-c", "tr=tr.txt")


def test_documents_and_tokenizers_give_the_same_differences(folder: Path) -> None:
    """Each measured alone, both of one run, and measured anew."""
    of_documents = compared("old.json", "new.json", "-m", "tokens", out="d.json")
    of_one = compared("2.json", out="e.json")
    anew = compared(*TOKENIZERS, *CORPUS, "-m", "tokens", out="f.json")
    assert (of_documents.before, of_documents.after) == ("old", "new")
    assert {one.slice for one in anew.differences} == {"en", "tr", "all"}
    assert of_documents.differences == of_one.differences == anew.differences
    assert anew.transfer is not None
    assert of_documents.transfer is None


def test_differences_have_intervals_and_say_better_and_worse(folder: Path) -> None:
    found = compared("old.json", "new.json", "-m", "bytes_per_token", out="d.json")
    outcomes = {one.slice: one.outcome for one in found.differences}
    assert outcomes["tr"] == "better"
    assert outcomes["en"] != "better"
    back = compared("new.json", "old.json", "-m", "bytes_per_token", out="e.json")
    assert {one.slice: one.outcome for one in back.differences}["tr"] == "worse"
    assert not any(warning.startswith("bytes_per_token") for warning in found.warnings)


def test_nsl_of_two_runs_is_left_out_aloud(folder: Path) -> None:
    found = compared("old.json", "new.json", out="d.json")
    assert [w for w in found.warnings if w.startswith("nsl is left out")]
    assert "nsl" not in {one.metric for one in found.differences}


@pytest.mark.parametrize("n", ["0", "3"])
def test_an_explanation_adds_up_to_the_tokens_of_the_cells(folder: Path, n: str) -> None:
    found = compared(*TOKENIZERS, *CORPUS, "-m", "tokens", "--explain", n, out="x.json")
    assert found.explanations[0].slice == "all"
    assert abs(found.explanations[1].difference) >= abs(found.explanations[2].difference)
    cells = {one.slice: one for one in found.differences}
    assert found.transfer is not None
    lengths = {one.slice: (one.tokens_before, one.tokens_after) for one in found.transfer.lengths}
    for one in found.explanations:
        pair = (cells[one.slice].before.value, cells[one.slice].after.value)  # type: ignore[union-attr] # totals are measured
        assert (one.tokens_before, one.tokens_after) == pair == lengths[one.slice]
        assert sum(part.difference for part in one.contributions) == one.difference
        assert sum(part.difference for part in one.classes) == one.difference
        words = [part for part in one.contributions if part.kind == "word"]
        if n == "3":
            assert len(words) <= 3
        elif one.difference:
            assert 0.8 <= (one.named_share or 0) <= 1.2
    assert "günün" in {part.name for part in found.explanations[0].contributions}


def test_special_tokens_are_explained_too(folder: Path) -> None:
    toy.sentencepiece_bpe(TEXT).save("sp.json")
    toy.sentencepiece_bpe(OTHER).save("sp2.json")
    asked = ("sp.json", "sp2.json", *CORPUS, "-m", "tokens", "--explain", "2", "--special", "bos")
    found = compared(*asked, out="y.json")
    cells = {one.slice: one for one in found.differences}
    for one in found.explanations:
        assert one.tokens_after == cells[one.slice].after.value  # type: ignore[union-attr] # a total
        assert "special tokens" in {part.text_class for part in one.classes}


def test_all_files_are_written_and_the_terminal_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("o.json", "o.md", "o.csv", "o.html")
    outputs = [part for name in names for part in (f"--{name[2:]}", name)]
    asked = ["compare", *TOKENIZERS, *CORPUS, *METRICS, "--explain", "5", *outputs]
    assert run(asked) == 0
    shown = capsys.readouterr().out
    for said in ("new needs", "fewer tokens than old", "Why: all", "What carries over", "wrote"):
        assert said in shown
    assert all(Path(name).stat().st_size > 500 for name in names)
    first = Path("o.json").read_bytes()
    assert run([*asked, "-q"]) == 0
    assert without_time(load(Path("o.json"))) == without_time_of(first)


def without_time(report: Report) -> bytes:
    return dump(replace(report, provenance=replace(report.provenance, created="", argv=())))


def without_time_of(raw: bytes) -> bytes:
    Path("first.json").write_bytes(raw)
    return without_time(load(Path("first.json")))


def test_two_tokenizers_of_one_name_are_before_and_after(folder: Path) -> None:
    pair = ("x=old/tokenizer.json", "x=new/tokenizer.json")
    found = compared(*pair, *CORPUS, "-m", "tokens", out="n.json")
    assert (found.before, found.after) == ("x (before)", "x (after)")
    same = compared("x=old/tokenizer.json", "old/tokenizer.json", *CORPUS, *METRICS, out="s.json")
    assert "same tokenizer" in same.warnings[0]
    assert {one.outcome for one in same.differences} <= {"same", "undefined"}


REFUSED = {
    "no such document": (["nowhere.json", "new.json"], 3, "cannot read nowhere.json"),
    "no such tokenizers": (["nowhere.json", "neither.json"], 3, "nowhere.json"),
    "one tokenizer": (["old/tokenizer.json"], 2, "only one tokenizer"),
    "one document of one": (["old.json"], 2, "1 tokenizer"),
    "the same file twice": (["old.json", "old.json"], 2, "both sides are the tokenizer 'old'"),
    "the same tokenizer twice": ([TOKENIZERS[0]] * 2, 2, "both sides are the tokenizer"),
    "three": (["old.json"] * 3, 2, "3 sides"),
    "a document and a tokenizer": (["old.json", TOKENIZERS[1]], 2, "is a document"),
    "other text": (["old.json", "othertext.json"], 4, "the text of the slice 'en'"),
    "a mixture": (["mixture.json", "old.json"], 4, "mixture.json holds no metrics"),
    "which of two": (["2.json", "old.json"], 2, "choose with --tokenizer"),
    "nobody of that name": (["2.json", "-t", "old", "-t", "who"], 2, "'who'"),
    "no such metric": (["old.json", "new.json", "-m", "nope"], 2, "'nope'"),
    "no such family": (["old.json", "new.json", "-f", "nope"], 2, "nope"),
    "no such slice": (["old.json", "new.json", "--slice", "xx"], 2, "'xx'"),
    "measuring options": (["old.json", "new.json", "-c", "en.txt"], 2, "--corpus"),
    "special of documents": (["old.json", "new.json", "--special", "bos"], 2, "--special"),
    "choosing options": ([*TOKENIZERS, "-t", "old"], 2, "--tokenizer chooses from documents"),
    "too many words": ([*TOKENIZERS, *CORPUS, "--explain", "9999999"], 2, "--explain is 9999999"),
    "no such words": ([*TOKENIZERS, "--words", "mine"], 2, "word rule"),
    "an output over an input": (["old.json", "new.json", "--json", "old.json"], 2, "overwrite"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_is_refused_is_one_line(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, code, said = REFUSED[case]
    assert run(["compare", *arguments, "-q"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert said in line
    assert "Traceback" not in line


def test_explaining_documents_is_refused_with_that_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "old.json", "new.json", "--explain", "5"]) == 2
    said = capsys.readouterr().err
    assert "--explain needs the tokenizers and the corpus; documents hold neither" in said


def test_a_tampered_signature_is_refused_with_field_and_values(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("new.json").read_text("utf-8").replace("|special:no|", "|special:bos|")
    Path("special.json").write_text(text, encoding="utf-8")
    assert run(["compare", "old.json", "special.json"]) == 4
    said = capsys.readouterr().err
    assert "special:no in old.json and special:bos in special.json" in said
    raw = json.loads(Path("new.json").read_text("utf-8"))
    assert raw["schema"]

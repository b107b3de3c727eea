"""The Python API: what the command line measures, from objects; and names that are both."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tokenizers

import tokeval
from tests.toy_tokenizers import byte_level_bpe
from tokeval import document
from tokeval.cli.app import run
from tokeval.errors import ExitCode
from tokeval.probe.scripted_models import ScriptedModel

ENGLISH = [f"the town number {number} is new and the river is old" for number in range(60)]
TURKISH = [f"{number} numaralı kasaba yeni ve ırmak çok eski" for number in range(60)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with two tokenizers and a corpus of records."""
    monkeypatch.chdir(tmp_path)
    for name, texts in {"one": ENGLISH, "two": ENGLISH + TURKISH}.items():
        toy(texts).save(f"{name}.json")
    for name, texts in {"en": ENGLISH, "tr": TURKISH}.items():
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        Path(f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def toy(texts: list[str]) -> tokenizers.Tokenizer:
    """A tokenizer trained on the texts."""
    return byte_level_bpe(texts, vocab_size=330)


def same_results(ours: tokeval.Report, file: str) -> None:
    """Asserts that a document has the results and parameters of one that was written."""
    theirs = document.load(Path(file))
    assert ours.results == theirs.results
    assert ours.provenance.parameters == theirs.provenance.parameters
    assert ours.provenance.corpus == theirs.provenance.corpus
    fingerprints = {name: one.fingerprint for name, one in theirs.provenance.tokenizers.items()}
    assert fingerprints == {
        name: one.fingerprint for name, one in ours.provenance.tokenizers.items()
    }


@pytest.mark.parametrize(
    "corpus",
    [
        {"en": ENGLISH, "tr": TURKISH},
        {"en": "en.jsonl", "tr": Path("tr.jsonl")},
        ["en=en.jsonl", Path("tr.jsonl")],
        {"en": tuple(ENGLISH), "tr": "tr.jsonl"},
    ],
    ids=["texts", "places", "arguments", "both"],
)
def test_evaluate_gives_the_numbers_of_the_command_line(folder: Path, corpus: Any) -> None:
    arguments = ["one=one.json", "two=two.json", "-c", "en=en.jsonl", "-c", "tr=tr.jsonl"]
    assert run(["metrics", *arguments, "--json", "cli.json", "-q"]) == 0
    report = tokeval.evaluate({"one": "one.json", "two": Path("two.json")}, corpus)
    same_results(report, "cli.json")


def test_metrics_families_and_parameters_are_those_of_the_command_line(folder: Path) -> None:
    arguments = ["one.json", "-c", "en.jsonl", "-m", "fertility", "-f", "information"]
    assert run(["metrics", *arguments, "--alpha", "1.5", "--json", "cli.json", "-q"]) == 0
    report = tokeval.evaluate(
        Path("one.json"),
        "en.jsonl",
        metrics=["fertility"],
        families=["information"],
        parameters=tokeval.Parameters(alpha=1.5),
    )
    same_results(report, "cli.json")


def test_objects_are_tokenizers_too(folder: Path) -> None:
    from_file = tokeval.load_tokenizer("one.json")
    from_object = tokeval.load_tokenizer(tokenizers.Tokenizer.from_file("one.json"), name="mine")
    assert from_object.name == "mine"
    assert from_object.fingerprint == from_file.fingerprint
    again = tokeval.load_tokenizer(from_file, name="again")
    assert (again.name, from_file.name) == ("again", "one")
    assert tokeval.load_tokenizer(from_file) is from_file
    both = tokeval.evaluate([from_object, again], {"en": ENGLISH}, metrics=["bytes_per_token"])
    values = both.to_frame().groupby("tokenizer")["value"].first()
    assert values["mine"] == values["again"]


def test_a_path_object_is_never_taken_apart(folder: Path) -> None:
    Path("a=b.json").write_bytes(Path("one.json").read_bytes())
    loaded = tokeval.load_tokenizer(Path("a=b.json"))
    assert loaded.fingerprint == tokeval.load_tokenizer("one.json").fingerprint
    with pytest.raises(tokeval.TokevalError):
        tokeval.load_tokenizer("a=b.json")


def test_slices_can_be_read_measured_and_named(folder: Path) -> None:
    slices = tokeval.read_corpus(["en.jsonl", "tr.jsonl"])
    assert [part.name for part in slices] == ["en", "tr"]
    (renamed,) = tokeval.read_corpus({"english": slices[0]})
    assert renamed.name == "english"
    assert [part.name for part in tokeval.read_corpus([*slices, "x=en.jsonl"])] == ["en", "tr", "x"]
    texts = {"a": ["one", "two"], "b": ["bir", "iki"]}
    assert {part.parallel for part in tokeval.read_corpus(texts, parallel=True)} == {"corpus"}
    kept = tokeval.read_corpus({"a": ["one", "", "two"]})[0]
    assert list(kept.documents()) == [("one",), ("two",)]
    assert len(tokeval.read_corpus()) > 10


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        ({"a": []}, "slice 'a' holds no text"),
        ({"a": ["x", 3]}, "number 1 is int, not text"),
        ([["x"]], "a corpus in memory needs a name"),
        ([], "the corpus is empty"),
        ({"all": ["x"]}, "a slice is called 'all'"),
        ("absent.txt", "absent.txt"),
    ],
)
def test_what_is_no_corpus_is_refused(folder: Path, corpus: Any, said: str) -> None:
    with pytest.raises(tokeval.TokevalError) as raised:
        tokeval.read_corpus(corpus)
    assert said in raised.value.message
    assert raised.value.hint


def test_parallel_texts_must_be_as_many(folder: Path) -> None:
    with pytest.raises(tokeval.TokevalError):
        tokeval.read_corpus({"a": ["x", "y"], "b": ["x"]}, parallel=True)


def test_documents_and_tokenizers_are_compared(folder: Path) -> None:
    corpus = {"en": ENGLISH, "tr": TURKISH}
    before = tokeval.evaluate({"a": "one.json"}, corpus, metrics=["fertility"])
    after = tokeval.evaluate({"b": "two.json"}, corpus, metrics=["fertility"])
    Path("before.json").write_bytes(tokeval.dump(before))
    of_documents = tokeval.compare("before.json", after)
    one, two = tokeval.load_tokenizer("a=one.json"), tokeval.load_tokenizer("b=two.json")
    of_tokenizers = tokeval.compare(one, two, corpus, metrics=["fertility"])
    values = {
        (row.slice, row.tokenizer): row.value
        for report in (before, after)
        for row in report.to_frame().itertuples()
    }
    for report in (of_documents, of_tokenizers):
        frame = report.to_frame()
        found = frame[(frame["metric"] == "fertility") & (frame["statistic"] == "difference")]
        assert set(found["slice"]) == {"en", "tr", "all"}
        for row in found.itertuples():
            expected = values[row.slice, "b"] - values[row.slice, "a"]
            assert row.value == pytest.approx(expected, rel=1e-12)
            assert row.compared_with == "a"
    both = tokeval.evaluate([one, two], corpus, metrics=["fertility"])
    (of_one,) = document.comparison_results(tokeval.compare(both))
    assert (of_one.before, of_one.after) == ("a", "b")


@pytest.mark.parametrize(
    ("sides", "given", "said"),
    [
        (("run.json", "one.json"), {}, "of two documents or of two tokenizers"),
        (("one.json",), {}, "of two documents or of two tokenizers"),
        (("run.json",), {"corpus": {"en": ENGLISH}}, "corpus does not go with documents"),
        (("one.json", "two.json"), {"slices": ["en"]}, "slices does not go with tokenizers"),
    ],
)
def test_comparisons_of_different_kinds_are_refused(
    folder: Path, sides: tuple[str, ...], given: dict[str, Any], said: str
) -> None:
    report = tokeval.evaluate("one.json", {"en": ENGLISH}, metrics=["fertility"])
    Path("run.json").write_bytes(tokeval.dump(report))
    with pytest.raises(tokeval.UsageError, match=said):
        tokeval.compare(*sides, **given)


def test_gates_take_documents_paths_and_tables(folder: Path) -> None:
    report = tokeval.evaluate("one.json", {"en": ENGLISH}, metrics=["fertility"])
    Path("run.json").write_bytes(tokeval.dump(report))
    (fertility,) = set(report.to_frame()["value"])
    rules = [{"metric": "fertility", "max": fertility + 0.1}]
    assert tokeval.gate(report, rules).verdict == "pass"
    failed = tokeval.gate("run.json", [{"metric": "fertility", "max": fertility - 0.1}])
    assert failed.verdict == "fail"
    Path("rules.toml").write_text(
        f"[[gate]]\nmetric = 'fertility'\nmax = {fertility + 0.1}\nmax_regression = '1%'\n",
        encoding="utf-8",
    )
    assert tokeval.gate(report, "rules.toml", Path("run.json")).verdict == "pass"
    missing = tokeval.gate(report, [{"metric": "bytes_per_token", "min": 1}])
    assert missing.verdict == "fail"


def test_names_of_tokenizers_are_distinct(folder: Path) -> None:
    with pytest.raises(tokeval.UsageError, match="two tokenizers are called 'one'"):
        tokeval.evaluate(["one.json", "one.json"], {"en": ENGLISH})
    with pytest.raises(tokeval.UsageError, match="there is no tokenizer"):
        tokeval.evaluate([], {"en": ENGLISH})


def test_documents_are_written_and_loaded(folder: Path) -> None:
    report = tokeval.evaluate("one.json", {"en": ENGLISH}, metrics=["bytes_per_token"])
    Path("run.json").write_bytes(tokeval.dump(report))
    assert tokeval.load("run.json") == tokeval.load(Path("run.json")) == report


def test_mixtures_are_those_of_the_command_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEVAL_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(Path.home() / ".cache" / "tokeval" / "numba"))
    for name, texts in {"en": ENGLISH, "tr": TURKISH}.items():
        Path(f"{name}.txt").write_text("\n".join(texts * 5) + "\n", encoding="utf-8")
    arguments = ["two.json", "-c", "en=en.txt", "-c", "tr=tr.txt", "--merges", "60"]
    arguments += ["--no-intervals", "--no-influence"]
    assert run(["mixture", *arguments, "--json", "cli.json", "-q"]) == 0
    from tokeval.mixture.report import Settings

    settings = Settings(n_merges=60, intervals=False, influence=False)
    report = tokeval.infer_mixture("two.json", {"en": "en.txt", "tr": "tr.txt"}, settings=settings)
    same_results(report, "cli.json")


@pytest.mark.parametrize(
    ("shape", "layout"), [((80, 6, 6), "NHW"), ((80, 2, 18), "NQL"), ((80, 36), "NL")]
)
def test_an_array_is_a_dump_as_its_file_is(
    folder: Path, shape: tuple[int, ...], layout: Any
) -> None:
    codes = np.random.default_rng(1).integers(0, 16, size=shape)
    np.save("codes.npy", codes)
    from tokeval.visual.settings import Settings

    settings = Settings(sample_tokens=2000)
    given: dict[str, Any] = {"layout": layout, "codebook_size": 16, "settings": settings}
    of_file = tokeval.analyze_dump("codes.npy", **given)
    of_array = tokeval.analyze_dump(codes, name="codes", **given)
    (one,), (two,) = document.visual_results(of_file), document.visual_results(of_array)
    assert one.cells == two.cells
    assert one.info.sha256 == two.info.sha256


@pytest.mark.parametrize(
    ("codes", "given", "said"),
    [
        (np.zeros((4, 3, 3)), {"layout": "NHW", "codebook_size": 4}, "whole numbers"),
        (np.zeros((4, 3, 3), int), {"codebook_size": 4}, "grids or levels"),
        (np.zeros((4, 3, 3), int), {"layout": "NL", "codebook_size": 4}, "not those of NL"),
        (np.zeros((4, 9), int), {}, "how many codes"),
        (np.full((4, 9), 7), {"codebook_size": 7}, "codes go from 7 to 7"),
        (np.full((4, 9), -1), {"codebook_size": 7}, "codes go from -1"),
        (np.zeros((4, 9), int), {"codebook_size": 7, "scales": (1, 2)}, "scales (1, 2)"),
        (np.zeros((2,), int), {"codebook_size": 7}, "1 axes"),
    ],
)
def test_arrays_that_are_no_dumps_are_refused(codes: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(tokeval.UsageError) as raised:
        tokeval.analyze_dump(codes, **given)
    assert said in raised.value.message


@pytest.mark.parametrize("probe", ["numeracy", "boundary"])
def test_probes_are_those_of_the_command_line(folder: Path, probe: Any) -> None:
    arguments = ["probe", probe, "one.json", "--n", "12", "--seed", "3", "--json", "cli.json", "-q"]
    assert run(arguments) == 0
    same_results(tokeval.run_probe(probe, "one.json", n=12, seed=3), "cli.json")


def test_markov_takes_trainers_and_tokenizers(folder: Path) -> None:
    arguments = ["probe", "markov", "one.json", "--trainer", "bpe", "--characters", "12000"]
    assert run([*arguments, "--json", "cli.json", "-q"]) == 0
    same_results(tokeval.run_probe("markov", ["bpe", "one.json"], n=12000), "cli.json")


def test_models_are_objects_that_generate(folder: Path) -> None:
    model = ScriptedModel(lambda _prompt: "5", name="five")
    report = tokeval.run_probe("count", model, n=2, tokenizer="one.json")
    (result,) = document.probe_results(report)
    assert (result.model, result.tokenizer) == ("five", "one")
    assert result.settings["n_strings"] == 2
    report = tokeval.run_probe("arithmetic", model, n=1)
    assert set(report.to_frame()["model"]) == {"five"}
    (checked,) = document.probe_results(tokeval.run_probe("selftest", model))
    assert checked.probe == "selftest"


def test_probes_that_cannot_be_run_are_refused(folder: Path) -> None:
    wrong: Any = "nonsense"
    with pytest.raises(tokeval.UsageError, match="knows no probe 'nonsense'"):
        tokeval.run_probe(wrong, "one.json")
    with pytest.raises(tokeval.UsageError, match="n = 0"):
        tokeval.run_probe("numeracy", "one.json", n=0)


def test_nothing_measured_keeps_its_code(folder: Path) -> None:
    with pytest.raises(tokeval.TokevalError) as raised:
        tokeval.evaluate("one.json", {"zh": ["漢字" * 9] * 20}, metrics=["fertility"])
    assert raised.value.code is ExitCode.NOTHING_MEASURED


def test_a_package_can_be_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("tokeval.load")
    package.__class__ = tokeval.CallableModule
    monkeypatch.setitem(sys.modules, "tokeval.load", package)
    with pytest.raises(tokeval.TokevalError, match=r"cannot read absent\.json"):
        package("absent.json")  # type: ignore[operator] # made callable just now
    assert inspect.signature(package) == inspect.signature(
        importlib.import_module("tokeval.api").load
    )  # type: ignore[arg-type] # as above


def test_every_name_is_there() -> None:
    names = [name for name in dir(tokeval) if name not in ("compare", "gate")]
    assert {"evaluate", "load_tokenizer", "read_corpus", "run_probe", "Report"} <= set(names)
    for name in names:
        assert getattr(tokeval, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tokeval.nothing  # type: ignore[attr-defined] # that is the point


def test_misuse_is_told_in_one_line(folder: Path) -> None:
    wrong: dict[str, Any] = {
        "corpus: int is no text": lambda: tokeval.evaluate("one.json", 3),  # type: ignore[arg-type]
        "slice 'a': NoneType is no text": lambda: tokeval.evaluate("one.json", {"a": None}),  # type: ignore[dict-item]
        "a int is no tokenizer": lambda: tokeval.load_tokenizer(3),  # type: ignore[arg-type]
        "a comparison is of two": lambda: tokeval.compare(None),  # type: ignore[arg-type]
        "metrics is 'fertility', one text": lambda: tokeval.evaluate(
            "one.json", metrics="fertility"
        ),
        "parameters are a dict": lambda: tokeval.evaluate("one.json", parameters={"alpha": 2}),  # type: ignore[arg-type]
        "there is no word rule 'icu'": lambda: tokeval.Parameters(words="icu"),
        "the Rényi order is '2'": lambda: tokeval.Parameters(alpha="2"),  # type: ignore[arg-type]
        "special is 'eos', one text": lambda: tokeval.Parameters(special="eos"),  # type: ignore[arg-type]
        "None is no path": lambda: tokeval.load(None),  # type: ignore[arg-type]
        r"'a\x00b' is no path": lambda: tokeval.load("a\0b"),
        "rules are a int": lambda: tokeval.gate("x.json", 3),  # type: ignore[arg-type]
        "a tokenizer has an empty name": lambda: tokeval.evaluate({"": "one.json"}),
        "a NoneType is no document": lambda: tokeval.gate(None, [{"metric": "x"}]),  # type: ignore[arg-type]
        "n is '3'": lambda: tokeval.run_probe("numeracy", "one.json", n="3"),  # type: ignore[arg-type]
        "there is no layout 'ZZ'": lambda: tokeval.analyze_dump("x.npy", layout="ZZ"),  # type: ignore[arg-type]
        "there is no dump": lambda: tokeval.analyze_dump({}),
    }
    for said, function in wrong.items():
        with pytest.raises(tokeval.UsageError) as raised:
            function()
        assert raised.value.message.startswith(said)
        assert "\n" not in f"{raised.value.message}{raised.value.hint}"

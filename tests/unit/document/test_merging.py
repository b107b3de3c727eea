"""Joint documents: as if everything had been measured in one run, or apart with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.sample_mixture import mixture_report
from tests.sample_visual import pictured, visual_report
from tests.small_reports import report_with_baselines
from tests.toy_tokenizers import byte_level_bpe
from tokeval.document import (
    Cell,
    Exclusion,
    Measured,
    MetricsResult,
    Ranking,
    Report,
    TokenizerInfo,
    Undefined,
    Value,
    joined,
    metrics_results,
    visual_results,
)
from tokeval.errors import ExitCode, TokevalError
from tokeval.loaders.corpora import read_corpus
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.metrics.catalogue import choose_metrics
from tokeval.metrics.report import evaluate

METRICS = ("bytes_per_token", "fertility", "premium", "nsl", "renyi_efficiency_observed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("merging")
    english = [f"The quick brown fox {i} jumps over dog {i * 7}." for i in range(200)]
    turkish = [f"Hızlı tilki {i} köpeğin üstünden {i * 7} kez atlar." for i in range(200)]
    (folder / "en.txt").write_text("\n".join(english), encoding="utf-8")
    (folder / "tr.txt").write_text("\n".join(turkish), encoding="utf-8")
    for name, size, texts in (("a", 300, english), ("b", 330, english), ("c", 330, turkish)):
        byte_level_bpe(texts, vocab_size=size).save(str(folder / f"{name}.json"))
    return folder


def measured(folder: Path, *names: str, metrics: tuple[str, ...] = METRICS) -> Report:
    slices = read_corpus([f"en={folder / 'en.txt'}", f"tr={folder / 'tr.txt'}"])
    loaded = load_tokenizers([f"{name}={folder / f'{name}.json'}" for name in names])
    return evaluate(loaded, slices, metrics=choose_metrics(metrics))


def the_metrics(report: Report) -> MetricsResult:
    (result,) = metrics_results(report)
    return result


def by_key(result: MetricsResult) -> dict[tuple[str, str, str], Cell]:
    return {(one.metric, one.tokenizer, one.slice): one for one in result.cells}


@pytest.fixture(scope="module")
def three(folder: Path) -> dict[str, Report]:
    return {"abc": measured(folder, "a", "b", "c")} | {
        name: measured(folder, name) for name in ("a", "b", "c")
    }


def close_rankings(found: MetricsResult, expected: MetricsResult) -> bool:
    """Whether rankings agree to nine digits: documents keep ten of the values without a block."""

    def rounded(ranking: Ranking) -> object:
        rows = [
            (entry.tokenizer, entry.value, *(_digits(entry.behind_best) if number else ()))
            for number, entry in enumerate(ranking.entries)
        ]
        return rows, ranking.excluded

    places = [
        {(one.metric, one.slice): rounded(one) for one in result.rankings if one.metric != "nsl"}
        for result in (found, expected)
    ]
    return bool(places[0]) and places[0] == places[1]


def _digits(value: Value | None) -> tuple[str, ...]:
    assert isinstance(value, Measured)
    parts = (value.value, value.stderr, value.low, value.high)
    return tuple("none" if one is None else f"{one:.8g}" for one in parts)


def test_runs_of_one_tokenizer_each_are_as_one_run_of_all(three: dict[str, Report]) -> None:
    together = the_metrics(three["abc"])
    joint = the_metrics(joined([(f"{name}.json", three[name]) for name in "abc"]))
    expected = {key: cell for key, cell in by_key(together).items() if key[0] != "nsl"}
    found = {key: cell for key, cell in by_key(joint).items() if key[0] != "nsl"}
    assert found == expected
    assert close_rankings(joint, together)
    assert any(one.entries[1].behind_best.low is not None for one in joint.rankings[:1])  # type: ignore[union-attr]
    assert joint.slices == together.slices
    assert joint.samples == together.samples
    assert joint.ids_sha256 == together.ids_sha256
    assert set(joint.series) >= {one for one in together.series if one.id != "parity"}
    assert {one for one in joint.split_words} == set(together.split_words)


def test_numbers_that_divide_by_different_tokenizers_are_not_side_by_side(
    three: dict[str, Report],
) -> None:
    joint = joined([("a.json", three["a"]), ("b.json", three["b"])])
    cells = by_key(the_metrics(joint))
    assert isinstance(cells["nsl", "a", "en"].value, Measured)
    assert cells["nsl", "b", "en"].value == Undefined("its baseline is b in b.json and a in a.json")
    assert any(
        "b.json: nsl is left out of the joint table" in one for one in joint.provenance.warnings
    )
    (ranking,) = [one for one in the_metrics(joint).rankings if one.metric == "nsl"]
    assert [one.tokenizer for one in ranking.entries] == ["a"]


def test_what_both_documents_have_is_there_once(three: dict[str, Report], folder: Path) -> None:
    pair = measured(folder, "a", "b")
    joint = the_metrics(joined([("ab.json", pair), ("b.json", three["b"]), ("a", three["a"])]))
    assert by_key(joint) == by_key(the_metrics(pair))
    assert close_rankings(joint, the_metrics(pair))
    assert len(joint.cells) == len(the_metrics(pair).cells)
    assert joint.split_words == the_metrics(pair).split_words


def test_numbers_that_contradict_each_other_are_refused(three: dict[str, Report]) -> None:
    result = the_metrics(three["a"])
    key = next(one for one in result.cells if one.metric == "fertility" and one.slice == "tr")
    assert isinstance(key.value, Measured)
    other = replace(key, value=replace(key.value, value=key.value.value + 0.5))
    cells = tuple(other if cell is key else cell for cell in result.cells)
    changed = replace(three["a"], results=(replace(result, cells=cells),))
    with pytest.raises(TokevalError) as caught:
        joined([("a.json", three["a"]), ("b.json", changed)])
    assert caught.value.code == ExitCode.INCOMPARABLE
    assert "a.json and b.json contradict each other: fertility of a on tr" in str(caught.value)


def test_metrics_of_other_runs_fill_the_table(folder: Path) -> None:
    one, other = (
        measured(folder, "a", metrics=("bytes_per_token",)),
        measured(folder, "a", "b", metrics=("fertility",)),
    )
    joint = the_metrics(joined([("1", one), ("2", other)]))
    assert [info.id for info in joint.metrics] == ["bytes_per_token", "fertility"]
    found = {(cell.metric, cell.tokenizer) for cell in joint.cells}
    assert found == {("bytes_per_token", "a"), ("fertility", "a"), ("fertility", "b")}


def with_rule(report: Report, old: str, new: str) -> Report:
    result = the_metrics(report)
    cells = [replace(one, signature=one.signature.replace(old, new)) for one in result.cells]
    return replace(report, results=(replace(result, cells=tuple(cells)),))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("words:uax29", "words:icu-dictionary", "the signature of fertility has words:icu"),
        ("special:no", "special:bos", "has special:bos in b.json and special:no in a.json"),
        ("alpha:2.5", "alpha:3", "renyi_efficiency_observed has alpha:3 in b.json"),
        ("|agg:micro", "", "has agg:none in b.json and agg:micro in a.json"),
    ],
)
def test_other_rules_keep_runs_apart_and_it_says_which(
    three: dict[str, Report], old: str, new: str, said: str
) -> None:
    joint = joined([("a.json", three["a"]), ("b.json", with_rule(three["b"], old, new))])
    first, second = metrics_results(joint)
    assert (first, second.slices) == (the_metrics(three["a"]), the_metrics(three["b"]).slices)
    (warning,) = joint.provenance.warnings
    assert warning.startswith("b.json stays apart from a.json: ")
    assert said in warning


@pytest.mark.parametrize(("old", "new"), [("v:0.", "v:9."), ("load:tok", "load:other-tok")])
def test_versions_and_loaders_keep_no_runs_apart(
    three: dict[str, Report], old: str, new: str
) -> None:
    joint = joined([("a.json", three["a"]), ("b.json", with_rule(three["b"], old, new))])
    assert len(metrics_results(joint)) == 1


def test_another_text_under_the_same_name_keeps_runs_apart(three: dict[str, Report]) -> None:
    corpus = three["b"].provenance.corpus | {"tr": "0" * 64}
    other = replace(three["b"], provenance=replace(three["b"].provenance, corpus=corpus))
    joint = joined([("a", three["a"]), ("b", other)])
    assert len(metrics_results(joint)) == 2
    assert "the text of the slice 'tr' is not the same" in joint.provenance.warnings[0]


def test_other_slices_keep_runs_apart(three: dict[str, Report]) -> None:
    result = the_metrics(three["b"])
    fewer = replace(three["b"], results=(replace(result, slices=result.slices[:1]),))
    joint = joined([("a", three["a"]), ("b", fewer)])
    assert len(metrics_results(joint)) == 2
    assert "only one of them has the slice 'tr'" in joint.provenance.warnings[0]


def named_a(report: Report, old: str, **changes: str) -> Report:
    """The report of one tokenizer under the name `a`."""
    from tokeval.document.renaming import renamed

    info = replace(report.provenance.tokenizers[old], **changes)
    provenance = replace(report.provenance, tokenizers={"a": info})
    return replace(
        report, provenance=provenance, results=(renamed(the_metrics(report), {old: "a"}),)
    )


def test_different_tokenizers_of_one_name_are_told_apart(three: dict[str, Report]) -> None:
    joint = joined([("1", three["a"]), ("2", named_a(three["b"], "b"))])
    prints = [three[name].provenance.tokenizers[name].fingerprint[:8] for name in "ab"]
    names = [f"a ({one})" for one in prints]
    result = the_metrics(joint)
    assert list(joint.provenance.tokenizers) == names
    assert {cell.tokenizer for cell in result.cells} == set(names)
    assert {one.tokenizer for one in result.series} == set(names)
    assert {one.tokenizer for one in result.rankings[0].entries} == set(names)
    assert set(result.samples[0].tokens) == set(names)
    assert set(result.ids_sha256) == set(names)
    assert list(joint.provenance.runs["2"].tokenizers) == [names[1]]


def test_one_tokenizer_of_two_loaders_is_told_apart_by_them(three: dict[str, Report]) -> None:
    joint = joined([("1", three["a"]), ("2", named_a(three["a"], "a", loader="other-1"))])
    mark = three["a"].provenance.tokenizers["a"]
    assert list(joint.provenance.tokenizers) == [
        f"a ({mark.fingerprint[:8]}, {mark.loader})",
        f"a ({mark.fingerprint[:8]}, other-1)",
    ]


def test_a_tokenizer_that_is_not_ranked_in_one_run_is_not_ranked_jointly(
    three: dict[str, Report],
) -> None:
    result = the_metrics(three["b"])
    barred = tuple(
        replace(one, entries=(), excluded=(Exclusion("b", "40% of its tokens are unknown"),))
        for one in result.rankings
    )
    other = replace(three["b"], results=(replace(result, rankings=barred),))
    for ranking in the_metrics(joined([("a", three["a"]), ("b", other)])).rankings:
        assert [one.tokenizer for one in ranking.entries] == ["a"]
        assert ranking.excluded == (Exclusion("b", "40% of its tokens are unknown"),)


def test_baselines_stay_out_of_joint_rankings() -> None:
    one = report_with_baselines()
    result = the_metrics(one)
    cells = tuple(cell for cell in result.cells if cell.tokenizer != "b")
    other = replace(one, results=(replace(result, cells=cells),))
    joint = the_metrics(joined([("1", other), ("2", one)]))
    assert by_key(joint) == by_key(result)
    assert [entry.tokenizer for entry in joint.rankings[0].entries] == ["a", "b"]
    assert joint.baselines == result.baselines


def test_results_of_other_analyses_stand_side_by_side_each_once() -> None:
    mixture, visual = mixture_report(), visual_report(pictured())
    joint = joined([("m", mixture), ("v", visual), ("again", mixture)])
    assert joint.results == (*mixture.results, *visual.results)
    assert list(joint.provenance.runs) == ["m", "v", "again"]


def test_dumps_of_one_name_get_numbers_everywhere() -> None:
    dump = pictured()
    other = replace(dump, info=replace(dump.info, sha256="f" * 64))
    joint = joined([("1", visual_report(dump)), ("2", visual_report(other))])
    first, second = visual_results(joint)
    assert (first.dump, second.dump) == (dump.dump, f"{dump.dump} (2)")
    assert {one.tokenizer for one in second.series} <= {second.dump}
    again = [
        (name, visual_report(one)) for name, one in zip("1234", (dump, other) * 2, strict=True)
    ]
    assert joined(again).results == joint.results, "the same dump again, whatever it is called"


def test_a_single_document_stays_as_it_is(three: dict[str, Report]) -> None:
    assert joined([("a.json", three["a"])]) is three["a"]
    with pytest.raises(ValueError, match="no documents"):
        joined([])


def test_warnings_say_whose_they_are(three: dict[str, Report]) -> None:
    warned = replace(three["a"], provenance=replace(three["a"].provenance, warnings=("rough",)))
    assert joined([("x.json", warned), ("y", mixture_report())]).provenance.warnings[0] == (
        "x.json: rough"
    )


def test_tokenizers_that_no_provenance_describes_keep_their_names() -> None:
    one = mixture_report()
    bare = replace(one, provenance=replace(one.provenance, tokenizers={}))
    known = replace(
        one,
        provenance=replace(one.provenance, tokenizers={"x": TokenizerInfo("1", "l", "", "", 1)}),
    )
    joint = joined([("1", bare), ("2", known)])
    assert joint.results == one.results

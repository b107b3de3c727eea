"""Paired differences: p against SciPy, Holm against a brute-force twin, outcomes, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.comparisons import info, mean_cell, report
from tokeval.compare.pairing import Pairing, pair
from tokeval.compare.report import compare_documents
from tokeval.compare.sides import Named, choose_sides
from tokeval.core.multiple_tests import holm
from tokeval.document import Cell, ComparisonResult, Measured, Undefined
from tokeval.errors import ExitCode, TokevalError, UsageError

RNG = np.random.default_rng(5)
SLICES = ("tr", "en", "de", "fi")
BLOCKS = {part: RNG.normal(5, 1, 20) for part in SLICES}
SHIFTS = {"tr": 0.9, "en": 0.05, "de": -0.6, "fi": 0.0}
NOISE = {part: RNG.normal(0, 0.3, 20) for part in SLICES}


def before_cells() -> list[Cell]:
    return [mean_cell("m", "a", part, BLOCKS[part].tolist()) for part in SLICES]


def changes(part: str) -> np.ndarray:
    return SHIFTS[part] + NOISE[part] * (part != "fi")


def after_cells() -> list[Cell]:
    return [mean_cell("m", "b", part, (BLOCKS[part] + changes(part)).tolist()) for part in SLICES]


def paired(ours: Named, theirs: Named, **chosen: tuple[str, ...]) -> Pairing:
    return pair(*choose_sides([ours, theirs]), **chosen)


def plain(**changed: object) -> Pairing:
    return paired(("A", report(before_cells())), ("B", report(after_cells(), **changed)))  # type: ignore[arg-type] # keywords of `report`


def test_p_is_that_of_a_paired_t_test_of_the_blocks() -> None:
    """The jackknife of a mean is the ordinary standard error, so p is that of SciPy's test."""
    for one in plain().differences:
        if one.slice != "fi":
            expected = scipy.stats.ttest_1samp(changes(one.slice), 0.0)
            assert one.p_value == pytest.approx(expected.pvalue, rel=1e-6)


def stepped_down(p_values: list[float]) -> list[float]:
    """Holm by its definition: the smallest level at which the procedure rejects each."""

    def rejected(level: float) -> set[int]:
        left, gone = set(range(len(p_values))), set()
        while left:
            least = min(left, key=lambda place: p_values[place])
            if p_values[least] > level / len(left) * (1 + 1e-12):
                break
            left.remove(least)
            gone.add(least)
        return gone

    levels = sorted({min(1.0, k * p) for p in p_values for k in range(1, len(p_values) + 1)})
    return [
        next((level for level in levels if place in rejected(level)), 1.0)
        for place in range(len(p_values))
    ]


@given(st.lists(st.floats(1e-6, 1).map(lambda p: round(p, 6)), min_size=1, max_size=6))
def test_holm_rejects_where_the_step_down_procedure_does(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(stepped_down(p_values))


def test_the_family_is_the_cells_of_one_metric() -> None:
    """A second metric leaves the correction of the first as it was."""
    alone = {one.slice: one.p_holm for one in plain().differences}
    known = {one.slice: one.p_value or 0.0 for one in plain().differences}
    ordered = [known[part] for part in SLICES]
    assert [alone[part] for part in SLICES] == pytest.approx(stepped_down(ordered))
    other = [mean_cell("n", name, "tr", BLOCKS["tr"].tolist()) for name in "ab"]
    both = paired(
        ("A", report([*before_cells(), other[0]])), ("B", report([*after_cells(), other[1]]))
    )
    assert {one.slice: one.p_holm for one in both.differences if one.metric == "m"} == alone


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("lower", ["worse", "undecided", "better", "same"]),
        ("higher", ["better", "undecided", "worse", "same"]),
        ("none", ["different", "undecided", "different", "same"]),
    ],
)
def test_outcomes_follow_the_direction(direction: str, expected: list[str]) -> None:
    infos = [info("m", direction)]  # type: ignore[arg-type] # one of three
    found = paired(("A", report(before_cells(), infos=infos)), ("B", report(after_cells())))
    assert [one.outcome for one in found.differences] == expected


def test_what_has_no_interval_is_undecided_and_what_has_no_number_undefined() -> None:
    total = Measured(7.0, 20, stderr_reason="a total")
    ours = [Cell("m", "a", "tr", total, "m|v:1"), Cell("m", "a", "en", total, "m|v:1")]
    theirs = [
        Cell("m", "b", "tr", replace(total, value=8.0), "m|v:1"),
        Cell("m", "b", "en", Undefined("no words"), "m|v:1"),
    ]
    found = paired(("A", report(ours)), ("B", report(theirs))).differences
    assert [(one.outcome, one.p_value) for one in found] == [
        ("undecided", None), ("undefined", None),
    ]  # fmt: skip
    assert isinstance(found[0].difference, Measured)
    assert (found[0].difference.value, found[0].difference.stderr_reason) == (1.0, "a total")


def refused(ours: Named, theirs: Named, **chosen: tuple[str, ...]) -> str:
    with pytest.raises(TokevalError) as caught:
        paired(ours, theirs, **chosen)
    assert caught.value.code is ExitCode.INCOMPARABLE
    return str(caught.value)


@pytest.mark.parametrize("part", ["words", "special", "alpha", "corpus"])
def test_signatures_that_differ_are_refused_with_field_and_values(part: str) -> None:
    blocks = BLOCKS["tr"].tolist()
    ours = report([mean_cell("m", "a", "tr", blocks, **{part: "old"})])
    theirs = report([mean_cell("m", "b", "tr", blocks, **{part: "new"})])
    message = refused(("A.json", ours), ("B.json", theirs))
    for said in (f"{part}:old in A.json", f"{part}:new in B.json", "m on 'tr'"):
        assert said in message


def test_a_part_that_only_one_signature_has_is_refused() -> None:
    ours = report([mean_cell("m", "a", "tr", BLOCKS["tr"].tolist(), gold="x")])
    theirs = report([mean_cell("m", "b", "tr", BLOCKS["tr"].tolist())])
    assert "gold:x in A and gold:nothing in B" in refused(("A", ours), ("B", theirs))


def test_other_text_is_refused_even_when_the_short_hashes_agree() -> None:
    ours = ("A", report(before_cells()))
    message = refused(ours, ("B", report(after_cells(), corpus={"de": "sha-other"})))
    assert "'de'" in message
    assert "sha-other" in message


def test_loaders_may_differ_and_versions_are_told() -> None:
    ours = report([mean_cell("m", "a", "tr", BLOCKS["tr"].tolist())])
    theirs = report([mean_cell("m", "b", "tr", BLOCKS["tr"].tolist(), load="other", v="2")])
    found = paired(("A", ours), ("B", theirs))
    assert found.warnings == ("measured by tokeval 1 before and 2 after",)
    assert len(found.differences) == 1


def test_another_baseline_leaves_the_metric_out_with_a_warning() -> None:
    blocks = BLOCKS["tr"].tolist()
    ours = report([mean_cell("nsl", "a", "tr", blocks, baseline="a"), *before_cells()])
    theirs = report([mean_cell("nsl", "b", "tr", blocks, baseline="b"), *after_cells()])
    found = paired(("A", ours), ("B", theirs))
    assert {one.metric for one in found.differences} == {"m"}
    assert [warning for warning in found.warnings if warning.startswith("nsl ")]


def test_metrics_that_grow_with_the_text_need_equal_bytes() -> None:
    infos = [info("m", support=True)]
    ours = ("A", report(before_cells(), infos=infos))
    message = refused(ours, ("B", report(after_cells(), n_bytes=99)))
    assert "100 bytes in A and 99 bytes in B" in message
    assert plain(n_bytes=99).differences


def test_cells_of_one_side_only_are_listed() -> None:
    extra = [mean_cell("n", "a", part, BLOCKS[part].tolist()) for part in ("tr", "en")]
    found = paired(("A.json", report([*before_cells(), *extra])), ("B.json", report(after_cells())))
    assert found.warnings == ("n is only in A.json, not in B.json: on tr, en",)


def test_other_slices_are_refused_by_the_whole_and_compared_when_chosen() -> None:
    blocks = BLOCKS["tr"].tolist()
    ours = [*before_cells(), mean_cell("m", "a", "all", blocks, corpus="four")]
    theirs = [*after_cells()[:2], mean_cell("m", "b", "all", blocks, corpus="two")]
    documents = (("A", report(ours)), ("B", report(theirs)))
    message = refused(*documents)
    assert "corpus:four in A" in message
    assert "--slice tr" in message
    found = paired(*documents, slices=("tr", "en"))
    assert [one.slice for one in found.differences] == ["tr", "en"]


def test_nothing_in_common_is_refused_and_unknown_names_are_usage() -> None:
    ours, theirs = ("A", report(before_cells()[:1])), ("B", report(after_cells()[1:]))
    assert "no cell in common" in refused(ours, theirs)
    with pytest.raises(UsageError, match="'nope'"):
        paired(ours, ("B", report(after_cells())), metrics=("nope",))


def test_sides_are_chosen_by_name_or_because_there_is_no_other() -> None:
    both = report([*before_cells(), *after_cells()], baselines=())
    sides = choose_sides([("A", both)])
    assert [side.label for side in sides] == ["a", "b"]
    assert [side.label for side in choose_sides([("A", both)], ["b", "a"])] == ["b", "a"]
    sides = choose_sides([("A", both), ("B", both)], ["a"])
    assert [side.label for side in sides] == ["a (before)", "a (after)"]
    sides = choose_sides([("A", both), ("B", report(after_cells()))], ["a", "b"])
    assert [side.tokenizer for side in sides] == ["a", "b"]


@pytest.mark.parametrize(
    ("sources", "names", "said"),
    [
        (["AB", "A"], [], "2 tokenizers"),
        (["A"], [], "1 tokenizer"),
        (["AB"], ["a"], "1 tokenizer"),
        (["AB"], ["a", "a"], "both sides"),
        (["A", "A"], [], "both sides"),
        (["AB", "A"], ["b"], "no metrics of a tokenizer 'b'"),
        (["AB"], ["a", "c"], "no metrics of a tokenizer 'c'"),
        (["AB"], ["a", "b", "a"], "3 tokenizers"),
    ],
)
def test_doubtful_sides_are_refused(sources: list[str], names: list[str], said: str) -> None:
    cells = {"A": before_cells(), "AB": [*before_cells(), *after_cells()]}
    with pytest.raises(UsageError, match=said):
        choose_sides([(source, report(cells[source])) for source in sources], names)


def test_baselines_are_no_sides() -> None:
    beside = [mean_cell("m", "(bytes)", "tr", BLOCKS["tr"].tolist())]
    one = report([*before_cells(), *beside], baselines=("(bytes)",))
    assert choose_sides([("A", one), ("B", report(after_cells()))])[0].label == "a"


def test_a_document_without_metrics_is_incomparable() -> None:
    empty = replace(report(before_cells()), results=(ComparisonResult("a", "b", (), ()),))
    with pytest.raises(TokevalError, match="holds no metrics to compare, but comparison") as caught:
        choose_sides([("A", empty), ("B", report(after_cells()))])
    assert caught.value.code is ExitCode.INCOMPARABLE


def test_the_report_has_the_provenance_of_both() -> None:
    documents = [("A.json", report(before_cells())), ("B.json", report(after_cells()))]
    found = compare_documents(documents, argv=["tokeval", "compare"])
    assert set(found.provenance.runs) == {"A.json", "B.json"}
    assert {name: one.fingerprint for name, one in found.provenance.tokenizers.items()} == {
        "a": "print-a", "b": "print-b",
    }  # fmt: skip
    (result,) = found.results
    assert isinstance(result, ComparisonResult)
    assert set(result.samples[0].tokens) == {"a", "b"}
    same = compare_documents([("A", documents[0][1]), ("B", documents[0][1])]).results[0]
    assert isinstance(same, ComparisonResult)
    assert "same tokenizer" in same.warnings[0]
    assert {one.outcome for one in same.differences} == {"same"}

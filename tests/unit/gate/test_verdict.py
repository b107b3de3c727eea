"""Verdicts: what passes, what fails and why, held against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.gate.runs import blocks, cell, info, report
from tokeval.document import (
    GateResult,
    Measured,
    MixtureCategory,
    MixtureFit,
    MixtureResult,
    ProbeCell,
    ProbeResult,
    Report,
    RuleOutcome,
    Undefined,
    VisualCell,
    VisualResult,
)
from tokeval.document.visual import DumpInfo
from tokeval.errors import ExitCode, TokevalError, UsageError
from tokeval.gate.verdict import gate


def one(run: Report, rule: dict[str, Any], baseline: Report | None = None) -> RuleOutcome:
    """The only outcome of one rule."""
    (outcome,) = gate(run, [rule], baseline).rules
    return outcome


def statuses(result: GateResult) -> dict[str, str]:
    """The status of each slice."""
    return {outcome.slice: outcome.status for outcome in result.rules}


RUN = report(
    cell("fertility", "en", blocks(1.5)),
    cell("fertility", "tr", blocks(2.5)),
    cell("fertility", "ru", blocks(2.0)),
    cell("fertility", "all", blocks(2.0)),
    cell("tokens", "en", 100.0),
)


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"min": 1.4}, "pass"),
        ({"min": 1.6}, "fail"),
        ({"max": 1.5}, "pass"),
        ({"min": 1.5, "where": {"slice": "en"}}, "pass"),
        ({"max": 1.4}, "fail"),
    ],
)
def test_bounds_are_held_to_the_value(rule: dict[str, Any], status: str) -> None:
    outcome = one(RUN, {"metric": "fertility", "where": {"slice": "en"}, **rule})
    assert (outcome.status, outcome.failed) == (status, status == "fail")


def test_the_message_of_a_bound_tells_close_numbers_apart() -> None:
    run = report(cell("fertility", "en", 1.50001))
    outcome = one(run, {"metric": "fertility", "max": 1.5})
    assert outcome.message == "fertility of toy on en is 1.50001, above the max of 1.5"


@pytest.mark.parametrize(
    ("where", "slices"),
    [
        ({}, ["en", "tr", "ru", "all"]),
        ({"script": "Latn"}, ["en", "tr"]),
        ({"script": "Latn", "resource": "high"}, ["en"]),
        ({"slice": ["en", "r?"]}, ["en", "ru"]),
        ({"language": "*ish"}, ["en", "tr"]),
        ({"slice": "EN"}, []),
        ({"tokenizer": "toy", "slice": "all"}, ["all"]),
    ],
)
def test_labels_choose_the_slices(where: dict[str, Any], slices: list[str]) -> None:
    result = gate(RUN, [{"metric": "fertility", "max": 9, "where": where}])
    assert [outcome.slice for outcome in result.rules] == (slices or [""])
    assert result.verdict == ("pass" if slices else "fail")


def test_a_rule_that_matches_nothing_fails_unless_it_may() -> None:
    rule = {"metric": "fertility", "max": 9, "where": {"slice": "xx"}}
    outcome = one(RUN, rule)
    assert (outcome.status, outcome.failed) == ("missing", True)
    assert "it was measured on en, tr, ru, all" in outcome.message
    result = gate(RUN, [{**rule, "on_missing": "ignore"}])
    assert (result.verdict, result.rules[0].ignored) == ("pass", True)
    assert result.warnings == ("no rule found a number: nothing was checked",)


def test_a_metric_that_was_not_measured_is_missing_with_a_suggestion() -> None:
    outcome = one(RUN, {"metric": "fertilty", "max": 9})
    assert (outcome.status, outcome.failed) == ("missing", True)
    assert outcome.message.endswith("did you mean fertility?")


def test_undefined_is_not_a_pass() -> None:
    run = report(cell("fertility", "en", Undefined("no words")), cell("tokens", "en", 1.0))
    rule = {"metric": "fertility", "max": 9}
    outcome = one(run, rule)
    assert (outcome.status, outcome.failed) == ("undefined", True)
    assert "no words" in outcome.message
    ignored = one(run, {**rule, "on_missing": "ignore"})
    assert (ignored.status, ignored.failed, ignored.ignored) == ("undefined", False, True)


def test_a_warning_does_not_fail_the_gate() -> None:
    result = gate(RUN, [{"metric": "fertility", "max": 1, "severity": "warning"}])
    assert result.verdict == "pass"
    assert {outcome.status for outcome in result.rules} == {"warning"}
    missing = gate(RUN, [{"metric": "premium", "max": 1, "severity": "warning"}])
    assert (missing.verdict, missing.rules[0].status) == ("pass", "missing")


BEFORE = report(cell("fertility", "en", blocks(2.0)))
REGRESSION = {"metric": "fertility", "max_regression": 0.05}


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (blocks(2.0), "pass"),  # no change at all
        (blocks(1.5), "pass"),  # far better
        (blocks(2.04), "pass"),  # worse by less than the tolerance
        (blocks(2.2), "fail"),  # the same change in each block: an interval of no width
        ([x + 0.2 * (-1) ** at + 0.06 for at, x in enumerate(blocks(2.0))], "not_significant"),
        ([x + 0.2 * (-1) ** at + 0.3 for at, x in enumerate(blocks(2.0))], "fail"),
    ],
)
def test_a_regression_counts_when_its_whole_interval_is_beyond(
    after: list[float], status: str
) -> None:
    outcome = one(report(cell("fertility", "en", after)), REGRESSION, BEFORE)
    assert outcome.status == status
    assert outcome.failed == (status == "fail")


def test_the_interval_is_that_of_the_paired_blocks() -> None:
    # Differences of ±0.2 around 0.1 in 20 blocks: s = 0.2·sqrt(20/19), stderr = s/sqrt(20);
    # t(19) = 2.093024 at 95%, 1.729133 at 90%.
    after = [x + 0.2 * (-1) ** at + 0.1 for at, x in enumerate(blocks(2.0))]
    stderr = 0.2 / 19**0.5
    for significance, quantile in ((0.05, 2.093024), (0.1, 1.729133)):
        rule = {"metric": "fertility", "max_regression": 0, "significance": significance}
        change = one(report(cell("fertility", "en", after)), rule, BEFORE).change
        assert isinstance(change, Measured)
        assert change.low == pytest.approx(0.1 - quantile * stderr, rel=1e-6)
        assert change.high == pytest.approx(0.1 + quantile * stderr, rel=1e-6)


def test_significance_decides() -> None:
    after = [x + 0.2 * (-1) ** at + 0.09 for at, x in enumerate(blocks(2.0))]
    run = report(cell("fertility", "en", after))
    rule = {"metric": "fertility", "max_regression": 0}
    assert one(run, {**rule, "significance": 0.05}, BEFORE).status == "not_significant"
    assert one(run, {**rule, "significance": 0.1}, BEFORE).status == "fail"


def test_worse_is_what_the_metric_says() -> None:
    before = report(cell("bytes_per_token", "en", blocks(4.0)))
    rule = {"metric": "bytes_per_token", "max_regression": "2%"}
    assert one(report(cell("bytes_per_token", "en", blocks(3.9))), rule, before).status == "fail"
    assert one(report(cell("bytes_per_token", "en", blocks(3.94))), rule, before).status == "pass"
    assert one(report(cell("bytes_per_token", "en", blocks(5.0))), rule, before).status == "pass"


def test_a_percentage_of_a_negative_number_keeps_its_direction() -> None:
    before = report(cell("signed", "en", blocks(-2.0)))  # higher is better
    rule = {"metric": "signed", "max_regression": "10%"}
    assert one(report(cell("signed", "en", blocks(-2.5))), rule, before).status == "fail"
    assert one(report(cell("signed", "en", blocks(-1.5))), rule, before).status == "pass"


def test_a_percentage_of_nothing_allows_nothing() -> None:
    before = report(cell("unk_rate", "en", blocks(0.0, step=0)))
    rule = {"metric": "unk_rate", "max_regression": "10%"}
    assert one(before, rule, before).status == "pass"
    worse = report(cell("unk_rate", "en", blocks(0.01, step=0)))
    assert one(worse, rule, before).status == "fail"


def test_a_change_of_exactly_the_tolerance_is_allowed() -> None:
    before, run = (report(cell("fertility", "en", value)) for value in (1.0, 1.02))
    assert 1.02 / 1.0 - 1 > 0.02  # by rounding
    assert one(run, {"metric": "fertility", "max_regression": "2%"}, before).status == "pass"


def test_without_an_interval_the_value_decides_and_says_so() -> None:
    before, run = (report(cell("fertility", "en", value)) for value in (1.0, 1.2))
    outcome = one(run, {"metric": "fertility", "max_regression": 0.1}, before)
    assert outcome.status == "fail"
    assert "no interval, so the value decides: a constant of the tokenizer" in outcome.message
    few = [report(cell("fertility", "en", blocks(base, n=4))) for base in (1.0, 1.2)]
    outcome = one(few[1], {"metric": "fertility", "max_regression": 0.1}, few[0])
    assert outcome.status == "fail"
    assert "only 4 blocks" in outcome.message


def test_blocks_that_do_not_pair_are_no_pass() -> None:
    run = report(cell("fertility", "en", blocks(2.0, n=30)))
    rule = {**REGRESSION, "on_missing": "ignore"}
    outcome = one(run, rule, BEFORE)
    assert (outcome.status, outcome.failed) == ("undefined", True)


@pytest.mark.parametrize(("now", "status"), [(95, "fail"), (97, "pass"), (105, "fail")])
def test_a_change_counts_either_way(now: float, status: str) -> None:
    before, run = (report(cell("tokens", "en", value)) for value in (100.0, now))
    assert one(run, {"metric": "tokens", "max_change": "3%"}, before).status == status


def test_a_metric_without_direction_cannot_regress() -> None:
    with pytest.raises(UsageError, match="tokens has no worse direction") as caught:
        gate(RUN, [{"metric": "tokens", "max_regression": 1}], RUN)
    assert caught.value.hint == "write max_change in place of max_regression"


def test_what_the_baseline_has_must_not_be_missing() -> None:
    run = report(cell("tokens", "en", 1.0))
    for rule in (
        REGRESSION,
        {**REGRESSION, "on_missing": "ignore"},
        {"metric": "fertility", "max": 9},
    ):
        outcome = one(run, rule, BEFORE)
        assert (outcome.status, outcome.failed) == ("missing", True)
        assert "which the baseline has" in outcome.message
    undefined = report(cell("fertility", "en", Undefined("no words")), cell("tokens", "en", 1.0))
    assert one(undefined, {**REGRESSION, "on_missing": "ignore"}, BEFORE).failed


def test_what_the_baseline_lacks_is_missing() -> None:
    run = report(cell("fertility", "en", blocks(2.0)), cell("fertility", "tr", blocks(2.0)))
    result = gate(run, [REGRESSION], BEFORE)
    assert statuses(result) == {"en": "pass", "tr": "missing"}
    assert result.verdict == "fail"
    assert gate(run, [{**REGRESSION, "on_missing": "ignore"}], BEFORE).verdict == "pass"
    undefined = report(cell("fertility", "en", Undefined("no words")))
    assert one(BEFORE, REGRESSION, undefined).status == "undefined"


def test_a_rule_that_compares_needs_a_baseline() -> None:
    for rule in (REGRESSION, {"ids": "unchanged"}):
        with pytest.raises(UsageError, match="needs a baseline") as caught:
            gate(RUN, [rule])
        assert "--write-baseline" in caught.value.hint


def test_without_rules_there_is_no_verdict() -> None:
    with pytest.raises(UsageError, match="there are no rules") as caught:
        gate(RUN, [])
    assert "tokeval gate init" in caught.value.hint


def test_a_label_that_nothing_has_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="nothing has a label 'scrpt'") as caught:
        gate(RUN, [{"metric": "fertility", "max": 9, "where": {"scrpt": "Latn"}}])
    assert caught.value.hint == "did you mean script?"


def test_a_run_without_any_number_has_no_verdict() -> None:
    empty = report(cell("fertility", "en", Undefined("no words")))
    with pytest.raises(TokevalError, match="nothing was measured in the run: no words") as caught:
        gate(empty, [REGRESSION], BEFORE)
    assert caught.value.code == ExitCode.NOTHING_MEASURED


def test_only_tokenizers_are_paired_by_name_or_as_the_only_ones() -> None:
    run = report(cell("fertility", "en", blocks(2.2), tokenizer="v2"))
    result = gate(run, [REGRESSION], BEFORE)
    assert (result.verdict, result.rules[0].tokenizer) == ("fail", "v2")
    assert result.warnings == (
        "the baseline is of toy, the run of v2: they are compared as the only ones",
    )
    both = report(*(cell("fertility", "en", blocks(2.0), tokenizer=name) for name in ("a", "b")))
    outcomes = {one.tokenizer: one.status for one in gate(run, [REGRESSION], both).rules}
    assert outcomes == {"v2": "missing", "a": "missing", "b": "missing"}


def test_rows_that_are_no_tokenizers_are_held_to_nothing_unless_named() -> None:
    cells = [cell("fertility", "en", blocks(2.0), tokenizer=name) for name in ("toy", "(bytes)")]
    run = report(*cells, baselines=["(bytes)"])
    rule = {"metric": "fertility", "max": 9}
    assert [one.tokenizer for one in gate(run, [rule]).rules] == ["toy"]
    named = gate(run, [{**rule, "where": {"tokenizer": "(bytes)"}}])
    assert [one.tokenizer for one in named.rules] == ["(bytes)"]


def test_other_analyses_are_held_to_rules_too() -> None:
    value = Measured(0.5, 0, stderr_reason="not resampled")
    visual = VisualResult(
        "dump", DumpInfo("d", "NHW", 8, 1, 1), (info("signed"),),
        (VisualCell("signed", value, "level:2", "signed|tokens:9|dump:a|v:0.1.0"),),
    )  # fmt: skip
    probe = ProbeResult(
        "numeracy", (info("signed"),), (ProbeCell("signed", value, "digits:7"),), "t"
    )
    shares = [MixtureCategory(name, 0.5, 0.4, 0.6, 0.5, 1, 1) for name in ("en", "code")]
    fit = MixtureFit(0.0, 0.1, 0.0, "good")
    mixture = MixtureResult("t", tuple(shares), fit, "lp", 10, 10, signature="mixture|v:0.1.0")
    run = Report(report(cell("tokens", "en", 1.0)).provenance, (visual, probe, mixture))
    rules = [
        {"metric": "signed", "min": 0.4, "where": {"dump": "dump", "level": "2"}},
        {"metric": "signed", "min": 0.6, "where": {"probe": "numeracy", "digits": "7"}},
        {"metric": "share", "max": 0.5, "where": {"category": "code"}},
    ]
    result = gate(run, rules)
    assert [one.status for one in result.rules] == ["pass", "fail", "pass"]
    assert [one.slice for one in result.rules] == ["level:2", "digits:7", "code"]
    again = gate(run, [{"metric": "share", "max_change": 0.1, "where": {"category": "*"}}], run)
    assert [one.status for one in again.rules] == ["pass", "pass"]


def test_the_result_says_where_rules_stand() -> None:
    result = gate(RUN, [{"metric": "fertility", "max": 9}, {"metric": "tokens", "max": 9}])
    assert [outcome.rule for outcome in result.rules] == [1, 1, 1, 1, 2]
    assert result.rules[-1].text == "tokens: max 9"

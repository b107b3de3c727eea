"""Rules without a metric."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.gate.runs import blocks, cell, report
from tokeval.document import Finding, Report, Undefined
from tokeval.errors import ExitCode, TokevalError
from tokeval.gate.verdict import gate

A, B = "a" * 64, "b" * 64


def with_ids(ids: dict[str, str], text: str = "text") -> Report:
    """A run with the hashes of its ids."""
    cells = [cell("fertility", part, blocks(2.0)) for part in ids]
    return report(*cells, ids={"toy": ids}, corpus=dict.fromkeys(ids, text))


def outcomes(run: Report, rule: dict[str, Any], baseline: Report | None = None) -> list[str]:
    """The statuses."""
    return [one.status for one in gate(run, [rule], baseline).rules]


def test_ids_are_those_of_the_baseline() -> None:
    before = with_ids({"en": A, "tr": B})
    assert outcomes(before, {"ids": "unchanged"}, before) == ["pass", "pass"]
    changed = with_ids({"en": A, "tr": A})
    assert outcomes(changed, {"ids": "unchanged"}, before) == ["pass", "fail"]
    only = {"ids": "unchanged", "where": {"language": "English"}}
    assert outcomes(changed, only, before) == ["pass"]


def test_ids_that_are_gone_or_new_are_missing() -> None:
    both, one = with_ids({"en": A, "tr": B}), with_ids({"en": A})
    assert outcomes(one, {"ids": "unchanged", "on_missing": "ignore"}, both) == ["pass", "missing"]
    assert gate(one, [{"ids": "unchanged", "on_missing": "ignore"}], both).verdict == "fail"
    assert outcomes(both, {"ids": "unchanged"}, one) == ["pass", "missing"]
    assert gate(both, [{"ids": "unchanged"}], one).verdict == "fail"


def test_ids_of_another_text_are_not_compared() -> None:
    with pytest.raises(TokevalError, match="the text of en") as caught:
        gate(with_ids({"en": A}), [{"ids": "unchanged"}], with_ids({"en": A}, "other"))
    assert caught.value.code == ExitCode.INCOMPARABLE


def test_ids_may_be_pinned_without_a_baseline() -> None:
    run = with_ids({"en": A, "tr": B})
    assert outcomes(run, {"ids": A, "where": {"slice": "en"}}) == ["pass"]
    assert outcomes(run, {"ids": A}) == ["pass", "fail"]
    assert outcomes(run, {"ids": A, "where": {"slice": "ru"}}) == ["missing"]


def integrity(broken: Any, beyond: Any, *findings: Finding) -> Report:
    """A run with the two counts of consistency."""
    return report(
        cell("broken_merges", "all", broken),
        cell("ids_beyond_vocab_size", "all", beyond),
        cell("tokens", "en", 1.0),
        findings=findings,
    )


RULE = {"vocabulary": "consistent"}


def test_a_vocabulary_is_consistent_where_all_counts_are_zero() -> None:
    assert outcomes(integrity(0.0, 0.0), RULE) == ["pass"]
    assert outcomes(integrity(2.0, 0.0), RULE) == ["fail"]
    assert outcomes(integrity(0.0, 1.0), RULE) == ["fail"]


def test_the_finding_says_what_is_broken() -> None:
    finding = Finding("broken-merge", "error", "toy", "2 merges name no token", 2, ("a b", "c d"))
    (outcome,) = gate(integrity(2.0, 0.0, finding), [RULE]).rules
    assert outcome.message.endswith("broken_merges 2: 2 merges name no token, such as a b, c d")


def test_what_was_not_checked_is_no_pass() -> None:
    partly = gate(integrity(0.0, Undefined("no config.json")), [RULE]).rules[0]
    assert partly.status == "pass"
    assert "not checked: no config.json" in partly.message
    nothing = integrity(Undefined("no merges"), Undefined("no config.json"))
    assert outcomes(nothing, RULE) == ["undefined"]
    assert gate(nothing, [RULE]).verdict == "fail"


def test_without_the_audit_it_says_how_to_measure() -> None:
    (outcome,) = gate(report(cell("tokens", "en", 1.0)), [RULE]).rules
    assert (outcome.status, outcome.failed) == ("missing", True)
    assert "--family integrity" in outcome.message


@pytest.mark.parametrize(("value", "status"), [(1.0, "pass"), (0.999, "fail")])
def test_round_trip_is_lossless_or_not(value: float, status: str) -> None:
    run = report(cell("lossless", "en", blocks(value, step=0)))
    assert outcomes(run, {"round_trip": "lossless"}) == [status]


@pytest.mark.parametrize(("value", "status"), [(0.001, "pass"), (0.0011, "fail"), (0.0, "pass")])
def test_unknown_tokens_have_a_most(value: float, status: str) -> None:
    run = report(cell("unk_rate", "en", blocks(value, step=0)))
    assert outcomes(run, {"unk_max": 0.001}) == [status]


def test_shares_that_were_not_measured_are_no_pass() -> None:
    run = report(cell("tokens", "en", 1.0))
    assert outcomes(run, {"unk_max": 0}) == ["missing"]
    assert outcomes(run, {"round_trip": "lossless"}) == ["missing"]
    undefined = report(cell("unk_rate", "en", Undefined("no tokens")), cell("tokens", "en", 1.0))
    assert outcomes(undefined, {"unk_max": 0}) == ["undefined"]

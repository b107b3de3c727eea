"""Rules that `gate init` writes: they are read again, and the run they are from passes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.gate.runs import blocks, cell, report
from tokeval.document import Measured, Report, Undefined, metrics_results
from tokeval.errors import ExitCode, TokevalError, UsageError
from tokeval.gate.reading import rules_of_text
from tokeval.gate.starting_rules import starting_rules
from tokeval.gate.verdict import gate

RUN = report(
    cell("fertility", "en", Measured(1.93412, 64, 0.012, 1.910, 1.958)),
    cell("fertility", "tr", Measured(2.5, 64, 0.02, 2.46, 2.54)),
    cell("bytes_per_token", "en", Measured(4.2519, 64, 0.031, 4.19, 4.31)),
    cell("lossless", "en", Measured(1.0, 64, 0.0, 1.0, 1.0)),
    cell("lossless", "tr", Measured(1.0, 64, 0.0, 1.0, 1.0)),
    cell("tokens", "en", 100.0),
)


def test_bounds_are_two_standard_errors_to_the_worse() -> None:
    rules = rules_of_text(starting_rules(RUN)).rules
    # 1.93412 + 0.024 = 1.95812, up to four digits; 2.5 + 0.04; 4.2519 − 0.062 = 4.1899, down.
    assert [(rule.metric, rule.where, rule.min, rule.max) for rule in rules] == [
        ("fertility", {"slice": ("en",)}, None, 1.959),
        ("fertility", {"slice": ("tr",)}, None, 2.54),
        ("bytes_per_token", {"slice": ("en",)}, 4.189, None),
        ("lossless", {}, 1.0, None),
    ]
    assert gate(RUN, rules_of_text(starting_rules(RUN))).verdict == "pass"


def test_a_worse_run_fails_them() -> None:
    rules = rules_of_text(starting_rules(RUN))
    (result,) = metrics_results(RUN)
    worse = replace(result.cells[0], value=Measured(1.96, 64, 0.012, 1.94, 1.98))
    run = replace(RUN, results=(replace(result, cells=(worse, *result.cells[1:])),))
    assert [one.slice for one in gate(run, rules).rules if one.failed] == ["en"]


def test_regressions_have_the_same_tolerances() -> None:
    text = starting_rules(RUN, ["fertility"], compare=True)
    rules = rules_of_text(text).rules
    assert [rule.max_regression.value for rule in rules if rule.max_regression] == [0.024, 0.04]
    pairs = report(cell("fertility", "en", blocks(2.0)), cell("fertility", "tr", blocks(2.0)))
    assert gate(pairs, rules_of_text(starting_rules(pairs, compare=True)), pairs).verdict == "pass"


def test_a_constant_may_not_get_worse_at_all() -> None:
    run = report(cell("bytes_per_token", "en", 1 / 3))
    (rule,) = rules_of_text(starting_rules(run)).rules
    assert rule.min == 1 / 3


def test_rules_name_tokenizers_where_there_are_several() -> None:
    run = report(*(cell("fertility", "en", 2.0 + at, tokenizer=f"t{at}") for at in range(2)))
    rules = rules_of_text(starting_rules(run)).rules
    assert [rule.where["tokenizer"] for rule in rules] == [("t0",), ("t1",)]
    assert gate(run, rules_of_text(starting_rules(run))).verdict == "pass"


def test_what_cannot_be_a_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="the run has no metric 'premium'") as caught:
        starting_rules(RUN, ["premium"])
    assert "there are: bytes_per_token, fertility" in caught.value.hint
    with pytest.raises(UsageError, match="neither way is worse for tokens"):
        starting_rules(RUN, ["tokens"])
    with pytest.raises(TokevalError) as nothing:
        starting_rules(report(cell("fertility", "en", Undefined("no words"))))
    assert nothing.value.code == ExitCode.NOTHING_MEASURED


def named(name: str, value: float, stderr: float) -> Report:
    """A run of two tokenizers, one of them of any name."""
    value_ = Measured(value, 64, stderr, value - stderr, value + stderr)
    return report(
        cell("fertility", "en", value_, tokenizer=name), cell("signed", "en", value_),
        corpus={},
    )  # fmt: skip


@given(
    st.text(min_size=1).filter(lambda name: name != "toy"),
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.floats(0, 1e3, allow_subnormal=False),
)
def test_any_run_passes_its_own_rules(name: str, value: float, stderr: float) -> None:
    run = named(name, value, stderr)
    rules = rules_of_text(starting_rules(run, ["fertility", "signed"], source=name))
    result = gate(run, rules)
    assert (result.verdict, len(result.rules)) == ("pass", 2)


@pytest.mark.parametrize("name", ["a[1]*?", 'q"\\', "\ud800", "\x7f\x00\n[[gate]]", "İ"])
def test_a_name_fits_only_itself(name: str) -> None:
    run = named(name, 2.0, 0.1)
    (rule,) = rules_of_text(starting_rules(run, ["fertility"], source=name)).rules
    others = replace(run, results=named("a1xy", 2.0, 0.1).results)
    assert [
        one.tokenizer
        for one in gate(
            run,
            [
                {
                    "metric": "fertility",
                    "max": 9,
                    "where": dict(
                        (label, list(patterns)) for label, patterns in rule.where.items()
                    ),
                }
            ],
        ).rules
    ] == [name]
    assert gate(others, rules_of_text(starting_rules(run, ["fertility"]))).verdict == "fail"


@pytest.mark.parametrize("compare", [False, True])
@pytest.mark.parametrize("metric", ["fertility", "bytes_per_token"])
def test_two_results_in_one_document_pass_their_own_rules(metric: str, compare: bool) -> None:
    one = report(cell(metric, "tr", blocks(2.0)))
    other = report(cell(metric, "tr", blocks(3.0, step=0.02)))
    both = replace(one, results=(*one.results, *other.results))
    text = starting_rules(both, compare=compare)
    assert text.count("[[gate]]") == 1
    assert gate(both, rules_of_text(text), both).verdict == "pass"

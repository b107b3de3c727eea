"""The verdict of a gate: every rule held against the numbers of a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokeval.document import GateResult, Measured, Report, RuleOutcome, Undefined
from tokeval.errors import ExitCode, TokevalError, UsageError
from tokeval.gate.built_in import (
    MEASURE,
    METRIC_OF,
    Ids,
    check_ids,
    check_share,
    check_vocabulary,
    ids_of,
)
from tokeval.gate.cells import KNOWN_LABELS, Key, Number, fits, numbers, renamed
from tokeval.gate.checks import Checker, named
from tokeval.gate.comparable import check_comparable
from tokeval.gate.parsing import parse_rules
from tokeval.gate.reading import read_rules
from tokeval.gate.rules import Rule, Rules, Written

NO_RULES = "write some from a run with `tokeval gate init RUN.json -o tokeval.toml`"
NO_BASELINE = "give --baseline FILE, and write that file with --write-baseline"

Given = Rules | Sequence[Mapping[str, Any]] | str | Path
"""Rules as callers may have them: read, as tables of a TOML file, or the path of one."""


def gate(
    report: Report, rules: Given, baseline: Report | None = None, *, baseline_source: str = ""
) -> GateResult:
    """What the rules say of a run.

    Args:
        report: the run.
        rules: the rules, or a file of them.
        baseline: the run that changes are held against.
        baseline_source: what the result calls it.

    Raises:
        UsageError: there are no rules, a rule is malformed, or one needs a baseline (exit code 2).
        TokevalError: run and baseline are not of the same text or settings (exit code 4), or the
            run holds no number at all (exit code 5).
    """
    known = parsed(rules)
    if not known.rules:
        where = f" in {known.source}" if known.source else ""
        raise UsageError(f"there are no rules{where}", NO_RULES)
    sides = _sides(report, baseline)
    for rule in known.rules:
        _check_labels(rule, known, sides)
        if rule.compares and baseline is None:
            raise UsageError(
                f"{place(rule, known)}: `{rule.text}` needs a baseline, and there is none",
                NO_BASELINE,
            )
    outcomes = [one for rule in known.rules for one in _outcomes(rule, known, sides)]
    warnings = list(dict.fromkeys(sides.warnings))
    if not found_a_number(outcomes):
        warnings.append("no rule found a number: nothing was checked")
    return GateResult(
        verdict="fail" if any(one.failed for one in outcomes) else "pass",
        rules=tuple(outcomes),
        rules_source=known.source,
        baseline_source=baseline_source,
        warnings=tuple(warnings),
    )


def found_a_number(outcomes: Sequence[RuleOutcome]) -> bool:
    """Whether any rule was held to a number, rather than to the want of one."""
    return any(one.status not in ("missing", "undefined") for one in outcomes)


def parsed(rules: Given) -> Rules:
    """The rules, whatever way they are given.

    Raises:
        UsageError: they cannot be read, or one is malformed.
    """
    if isinstance(rules, Rules):
        return rules
    if isinstance(rules, str | Path):
        return read_rules(Path(rules))
    return parse_rules([Written(dict(one) if isinstance(one, Mapping) else one) for one in rules])


def place(rule: Rule, rules: Rules) -> str:
    """Where a rule stands, for messages."""
    name = rules.source or "rules"
    return f"{name}:{rule.line}" if rule.line else f"{name}, rule {rule.number}"


def unmet_metrics(report: Report, rules: Rules, baseline: Report | None = None) -> list[Rule]:
    """The rules whose metric neither the run nor the baseline has."""
    met = {key[1] for one in (report, baseline) if one is not None for key in numbers(one)}
    return [rule for rule in rules.rules if rule.metric and rule.metric not in met]


@dataclass
class _Sides:
    """Both documents, as rules look at them; warnings are gathered on the way."""

    report: Report
    run: dict[Key, Number]
    before: dict[Key, Number]
    ids: Ids
    ids_before: Ids
    has_baseline: bool
    warnings: list[str] = field(default_factory=list)


def _sides(report: Report, baseline: Report | None) -> _Sides:
    """Both documents, their tokenizers paired.

    Raises:
        TokevalError: the run holds no number at all (exit code 5).
    """
    run = numbers(report)
    ids = ids_of(report)
    if not ids and not any(one.is_measured for one in run.values()):
        values = [one.cell.value for one in run.values()]
        reasons = [value.reason for value in values if isinstance(value, Undefined)]
        raise TokevalError(
            "nothing was measured in the run" + (f": {reasons[0]}" if reasons else ""),
            "give a document that `tokeval metrics --json` wrote, or another analysis",
            code=ExitCode.NOTHING_MEASURED,
        )
    if baseline is None:
        return _Sides(report, run, {}, ids, {}, has_baseline=False)
    before = numbers(baseline)
    names = _pairs(run, before)
    warnings = [
        f"the baseline is of {old}, the run of {new}: they are compared as the only ones"
        for old, new in names.items()
    ]
    return _Sides(
        report,
        run,
        renamed(before, names),
        ids,
        ids_of(baseline, names),
        has_baseline=True,
        warnings=warnings,
    )


def _pairs(run: Mapping[Key, Number], before: Mapping[Key, Number]) -> dict[str, str]:
    """New names for tokenizers of the baseline: where each side has one only, they are paired."""
    named_ = [
        {one.cell.tokenizer for one in side.values() if not one.named_only}
        for side in (before, run)
    ]
    if all(len(names) == 1 for names in named_) and named_[0] != named_[1]:
        return {named_[0].pop(): named_[1].pop()}
    return {}


def _check_labels(rule: Rule, rules: Rules, sides: _Sides) -> None:
    """Raises a UsageError for a label that nothing has."""
    known = {label for one in (*sides.run.values(), *sides.before.values()) for label in one.labels}
    known |= {label for one in sides.ids.values() for label in one.labels} | set(KNOWN_LABELS)
    for label in rule.where:
        if label not in known:
            near = difflib.get_close_matches(label, sorted(known), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(known))}"
            raise UsageError(f"{place(rule, rules)}: nothing has a label {label!r}", hint)


def _outcomes(rule: Rule, rules: Rules, sides: _Sides) -> Iterator[RuleOutcome]:
    """The outcomes of one rule."""
    checker = Checker(rule, rules.source)
    if rule.built_in == "ids":
        yield from check_ids(checker, sides.ids, sides.ids_before)
    elif rule.built_in == "vocabulary":
        yield from check_vocabulary(checker, sides.run, sides.report)
    else:
        yield from _on_numbers(checker, sides)


def _on_numbers(checker: Checker, sides: _Sides) -> Iterator[RuleOutcome]:
    """The outcomes of a rule on every number that it is about."""
    rule = checker.rule
    metric = METRIC_OF.get(rule.built_in, rule.metric)
    run, before = (_chosen(rule, metric, side) for side in (sides.run, sides.before))
    for key, one in run.items():
        yield from _on_number(checker, one, before.get(key), sides)
    for key, one in before.items():
        if key not in run:
            said = f"the run has no {named(one)}, which the baseline has"
            more = {"one": one, "baseline": one.cell.value}
            yield checker.absent("missing", said, vanished=one.is_measured, **more)
    if not run and not before:
        yield checker.absent("missing", _no_match(rule, metric, sides.run))


def _chosen(rule: Rule, metric: str, side: Mapping[Key, Number]) -> dict[Key, Number]:
    """The numbers that a rule is about."""
    by_name = "tokenizer" in rule.where
    return {
        key: one
        for key, one in side.items()
        if key[1] == metric and fits(rule.where, one.labels) and (by_name or not one.named_only)
    }


def _on_number(
    checker: Checker, one: Number, before: Number | None, sides: _Sides
) -> Iterator[RuleOutcome]:
    """The outcomes of a rule on one number of the run."""
    rule, value = checker.rule, one.cell.value
    checker.check_direction(one)
    if isinstance(value, Undefined):
        vanished = before is not None and before.is_measured
        said = f"{named(one)} is undefined: {value.reason}"
        said += ", and the baseline has a number" if vanished else ""
        more: dict[str, Any] = {"one": one, "value": value}
        yield checker.absent("undefined", said, vanished=vanished, **more)
        return
    if rule.built_in:
        yield check_share(checker, one)
        return
    yield from checker.bounds(one)
    if not rule.compares:
        return
    if before is None:
        said = f"the baseline has no {named(one)}"
        yield checker.absent("missing", said, one=one, value=value)
    elif isinstance(before.cell.value, Measured):
        sides.warnings += check_comparable(before, one)
        yield from checker.changes(before, one)
    else:
        said = f"{named(one)} is undefined in the baseline: {before.cell.value.reason}"
        more = {"one": one, "value": value, "baseline": before.cell.value}
        yield checker.absent("undefined", said, **more)


def _no_match(rule: Rule, metric: str, run: Mapping[Key, Number]) -> str:
    """Why a rule is about nothing, with what it could be about."""
    there = dict.fromkeys(key[1] for key in run)
    if metric not in there:
        if rule.built_in:
            return f"the run has no {metric}; {MEASURE}"
        near = difflib.get_close_matches(metric, there, n=1)
        return f"the run has no {metric}" + (f"; did you mean {near[0]}?" if near else "")
    places = dict.fromkeys(f"{key[3]}" for key in run if key[1] == metric)
    shown = ", ".join(list(places)[:8]) + (", …" if len(places) > 8 else "")
    wanted = ", ".join(f"{label} = {' or '.join(some)}" for label, some in rule.where.items())
    return f"no {metric} in the run has {wanted}; it was measured on {shown}"

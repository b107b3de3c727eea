"""The result of a gate for every renderer: how grave each outcome is, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from tokeval.document import GateResult, Measured, RuleOutcome, Value
from tokeval.render.numbers import format_count, format_difference, format_value

Level = Literal["error", "warning", "note", "none"]
"""How grave an outcome is: it fails the gate, it would but for the severity of its rule, it is
worth a look, or all is well."""

WORDS = {
    "pass": "pass",
    "fail": "fail",
    "warning": "warning",
    "missing": "missing",
    "undefined": "undefined",
    "not_significant": "not sure",
}
"""How outcomes are called; `not sure` is a change whose interval does not exclude the tolerance."""

ORDER: tuple[Level, ...] = ("error", "warning", "note", "none")


@dataclass(frozen=True)
class Row:
    """An outcome as a row: all of it text, empty where there is nothing to say."""

    outcome: RuleOutcome
    level: Level
    status: str
    place: str
    baseline: str
    now: str
    change: str


def level(outcome: RuleOutcome) -> Level:
    """How grave an outcome is."""
    if outcome.failed:
        return "error"
    if outcome.status == "not_significant" or outcome.ignored:
        return "note"
    return "none" if outcome.status == "pass" else "warning"


def headline(result: GateResult) -> str:
    """The verdict with how many checks it is of."""
    n = len(result.rules)
    checks = f"{format_count(n)} check{'' if n == 1 else 's'}"
    counts = {one: sum(level(rule) == one for rule in result.rules) for one in ORDER}
    rest = []
    if counts["warning"]:
        rest.append(f"{counts['warning']} warning{'' if counts['warning'] == 1 else 's'}")
    if counts["note"]:
        rest.append(f"{counts['note']} to look at")
    behind = f", {', '.join(rest)}" if rest else ""
    if result.verdict == "pass":
        return f"Gate passed: {checks}{behind}"
    return f"Gate failed: {format_count(counts['error'])} of {checks} failed{behind}"


def sources(result: GateResult) -> str:
    """Where rules and baseline are from; empty where neither is known."""
    parts = [
        f"{what} {name}"
        for what, name in (
            ("rules of", result.rules_source),
            ("baseline", result.baseline_source),
        )
        if name
    ]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def rows(result: GateResult) -> list[Row]:
    """The outcomes, the gravest first, else in the order of the rules."""
    found = [_row(one) for one in result.rules]
    return sorted(found, key=lambda row: ORDER.index(row.level))


def noteworthy(shown: Sequence[Row]) -> list[Row]:
    """The rows of outcomes that are more than passed."""
    return [row for row in shown if row.level != "none"]


def _row(one: RuleOutcome) -> Row:
    """An outcome as a row."""
    return Row(
        outcome=one,
        level=level(one),
        status=f"{WORDS[one.status]}{', ignored' if one.ignored else ''}",
        place=" on ".join(part for part in (one.tokenizer, one.slice) if part),
        baseline=_written(one.baseline, one.unit),
        now=_written(one.value, one.unit),
        change=_change(one),
    )


def _written(value: Value | None, unit: str) -> str:
    """A value without its interval; empty where there is none."""
    return "" if value is None else format_value(value, unit).short


def _change(one: RuleOutcome) -> str:
    """The change with its interval, in percent of the baseline or in the unit of the metric."""
    if one.change is None:
        return ""
    if not (one.relative and isinstance(one.change, Measured)):
        return str(format_difference(one.change, one.unit))
    return f"{format_difference(_in_percent(one.change))}%"


def _in_percent(value: Measured) -> Measured:
    """A share in percent."""
    parts = {
        name: 100 * number
        for name in ("value", "stderr", "low", "high")
        if (number := getattr(value, name)) is not None
    }
    return replace(value, **parts)

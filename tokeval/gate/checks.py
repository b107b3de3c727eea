"""One number held to one limit of a rule: a bound, or a change from the number before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tokeval.document import Measured, RuleOutcome, RuleStatus, Undefined, Value
from tokeval.document.jackknife import paired_cells
from tokeval.errors import UsageError
from tokeval.gate.cells import Number
from tokeval.gate.rules import CHANGES, Rule, Tolerance

ROUNDING = 1e-12
"""Relative size of differences that are rounding of floating point, not a change."""


@dataclass(frozen=True)
class Checker:
    """Makes the outcomes of one rule.

    `source` names the file of the rule in errors.
    """

    rule: Rule
    source: str = ""

    def outcome(
        self, status: RuleStatus, message: str, *, one: Number | None = None, **more: Any
    ) -> RuleOutcome:
        """An outcome of the rule.

        Args:
            status: `fail` becomes `warning` where the rule only warns.
            message: one sentence.
            one: the number that it is about.
            more: further fields.
        """
        rule = self.rule
        is_warning = rule.severity == "warning"
        if one is not None:
            place = {"tokenizer": one.cell.tokenizer, "slice": one.cell.slice}
            more = {**place, "unit": one.info.unit} | more
        ignored = more.get("ignored", False)
        bad = status in ("fail", "missing", "undefined") and not ignored
        return RuleOutcome(
            rule=rule.number,
            text=rule.text,
            metric=rule.name,
            status="warning" if status == "fail" and is_warning else status,
            severity=rule.severity,
            failed=bad and not is_warning,
            message=message,
            line=rule.line,
            **more,
        )

    def absent(
        self, status: RuleStatus, message: str, *, vanished: bool = False, **more: Any
    ) -> RuleOutcome:
        """The outcome where there is no number; one that the baseline has must not be missing."""
        ignored = self.rule.on_missing == "ignore" and not vanished
        return self.outcome(status, message, **more, ignored=ignored)

    def bounds(self, one: Number) -> list[RuleOutcome]:
        """The outcomes of `min` and `max` for a measured number."""
        found = []
        value = _measured(one)
        for key, sign, word in (("min", -1, "below"), ("max", 1, "above")):
            limit = getattr(self.rule, key)
            if limit is None:
                continue
            failed = beyond(sign * value.value, sign * limit)
            number, bound = shown(value.value, limit)
            said = f"{named(one)} is {number}, "
            said += f"{word} the {key} of {bound}" if failed else f"and {key} is {bound}"
            status: RuleStatus = "fail" if failed else "pass"
            limit_text = f"{key} {limit:g}"
            found.append(self.outcome(status, said, one=one, value=value, limit=limit_text))
        return found

    def changes(self, before: Number, after: Number) -> list[RuleOutcome]:
        """The outcomes of `max_regression` and `max_change` for two measured numbers."""
        return [
            self._change(before, after, key, tolerance)
            for key in CHANGES
            if (tolerance := getattr(self.rule, key)) is not None
        ]

    def check_direction(self, one: Number) -> None:
        """Raises a UsageError for a regression of a metric of which neither way is worse."""
        if self.rule.max_regression is not None and one.info.direction == "none":
            place = f"{self.source or 'rules'}:{self.rule.line}" if self.rule.line else "rules"
            raise UsageError(
                f"{place}: {one.cell.metric} has no worse direction, so it cannot regress",
                "write max_change in place of max_regression",
            )

    def _change(self, before: Number, after: Number, key: str, tolerance: Tolerance) -> RuleOutcome:
        """The outcome of one change."""
        old = _measured(before).value
        # Of a number that was 0 every share is 0: then any change counts, in its unit.
        relative = tolerance.relative and old != 0
        limit = 0.0 if tolerance.relative and old == 0 else tolerance.value
        confidence = 1 - self.rule.significance
        change = paired_cells(before.cell, after.cell, relative=relative, confidence=confidence)
        about: dict[str, Any] = {
            "one": after,
            "value": after.cell.value,
            "baseline": before.cell.value,
            "change": change,
            "relative": relative,
            "limit": f"{key} {tolerance.text}",
        }
        if isinstance(change, Undefined):
            said = f"the change of {named(after)} is undefined: {change.reason}"
            return self.absent("undefined", said, vanished=True, **about)
        allowed = f"{tolerance.text} of 0" if tolerance.relative and old == 0 else tolerance.text
        sign = _worse_sign(key, after, change, old if relative else 1.0)
        point, least = _ends(change, sign)
        said = _said(before, after, change, relative=relative, rule=self.rule)
        if not beyond(point, limit):
            return self.outcome("pass", f"{said}, within the {allowed} allowed", **about)
        if change.low is not None and not beyond(least, limit):
            what = f"{said}; not beyond {allowed} with confidence"
            return self.outcome("not_significant", what, **about)
        return self.outcome("fail", f"{said}, beyond the {allowed} allowed", **about)


def beyond(value: float, limit: float) -> bool:
    """Whether a value is above a limit by more than rounding."""
    return value > limit and not math.isclose(value, limit, rel_tol=ROUNDING, abs_tol=ROUNDING)


def named(one: Number) -> str:
    """What a number is, in words."""
    return f"{one.cell.metric} of {one.cell.tokenizer or 'the run'} on {one.cell.slice}"


def shown(*values: float) -> list[str]:
    """Numbers with four digits, or with as many as tell different ones apart."""
    for digits in (4, 6, 9, 12):
        texts = [f"{value:.{digits}g}" for value in values]
        if len(set(texts)) == len(set(values)):
            return texts
    return [repr(value) for value in values]


def _measured(one: Number) -> Measured:
    """The value of a number that has one."""
    value = one.cell.value
    if isinstance(value, Undefined):
        raise ValueError(f"{named(one)} is undefined")
    return value


def _worse_sign(key: str, after: Number, change: Measured, old: float) -> int:
    """1 where an increase of the change is held against the limit, −1 where a decrease is."""
    if key == "max_change":
        return 1 if change.value >= 0 else -1
    worse = 1 if after.info.direction == "lower" else -1
    return worse if old > 0 else -worse


def _ends(change: Measured, sign: int) -> tuple[float, float]:
    """The change in the direction of the sign, and the least that its interval holds."""
    ends = [change.value, change.value]
    if change.low is not None and change.high is not None:
        ends = [change.low, change.high]
    return sign * change.value, min(sign * end for end in ends)


def _said(before: Number, after: Number, change: Measured, *, relative: bool, rule: Rule) -> str:
    """What became of a number, with the interval of the change."""
    old, new = _measured(before).value, _measured(after).value
    if old == new and change.value == 0 and not change.stderr:
        return f"{named(after)} is {shown(new)[0]} as before"
    pair = shown(old, new)
    said = f"{named(after)} went from {pair[0]} to {pair[1]}"
    if change.low is None or change.high is None:
        why = change.stderr_reason or "it has none"
        if not change.n_blocks:
            why = _without_blocks(before.cell.value, after.cell.value) or why
        moved = _signed(change.value, relative=relative)
        return f"{said}: {moved} (no interval, so the value decides: {why})"
    ends = " to ".join(_signed(end, relative=relative) for end in (change.low, change.high))
    level = f"{100 * (1 - rule.significance):.4g}%"
    return f"{said}: {_signed(change.value, relative=relative)} ({level} interval {ends})"


def _without_blocks(*values: Value) -> str:
    """Why numbers that are not known block by block have no interval of their difference."""
    reasons = [one.stderr_reason for one in values if isinstance(one, Measured)]
    return next((one for one in reasons if one), "they are not known block by block")


def _signed(number: float, *, relative: bool) -> str:
    """A change with its sign."""
    text = f"{100 * number:+.3g}%" if relative else f"{number:+.4g}"
    return text.replace("-", "−")

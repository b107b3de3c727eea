"""The result of `tokeval gate`: which rules a document passed, and why the others failed."""

from __future__ import annotations

from typing import Literal

import msgspec

from tokeval.document.parts import Value

RuleStatus = Literal["pass", "fail", "warning", "missing", "undefined", "not_significant"]
"""`missing`: no cell matches; `undefined`: the cell has no number; `not_significant`: a change
beyond the tolerance whose interval does not exclude the tolerance, which passes. `warning` is a
failure of a rule whose severity is `warning`."""


class RuleOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule on one cell (or on none, when it matched none).

    Attributes:
        rule: number of the rule in the rules file, from 1.
        text: the rule as one line.
        metric: metric id, or the name of a built-in rule such as `ids`.
        message: one sentence: what was expected, what was found.
        failed: whether it makes the gate fail.
        value: of the run; `baseline`: of the baseline; `change`: what was held to the tolerance.
        limit: the bound or tolerance as written in the rule.
        line: where the rule stands in its file, from 1; 0 when unknown.
        unit: of value and baseline; empty where there is none or it is not known.
        relative: `change` is a share of the baseline.
        ignored: the rule lets a missing or undefined number be: it neither fails nor passes.
    """

    rule: int
    text: str
    metric: str
    status: RuleStatus
    severity: Literal["error", "warning"]
    failed: bool
    message: str
    tokenizer: str = ""
    slice: str = ""
    value: Value | None = None
    baseline: Value | None = None
    change: Value | None = None
    limit: str = ""
    line: int = 0
    unit: str = ""
    relative: bool = False
    ignored: bool = False


class GateResult(msgspec.Struct, frozen=True, tag="gate"):
    """What `tokeval gate` decided.

    `rules_source` is the file of the rules, `baseline_source` that of the baseline.
    """

    verdict: Literal["pass", "fail"]
    rules: tuple[RuleOutcome, ...]
    rules_source: str = ""
    baseline_source: str = ""
    warnings: tuple[str, ...] = ()

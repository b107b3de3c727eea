"""Rules of a gate: what a rule is, and the keys and words it is written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

BUILT_IN = ("ids", "vocabulary", "round_trip", "unk_max")
"""Keys that are a rule by themselves, without a metric."""

WORDS = {"vocabulary": "consistent", "round_trip": "lossless"}
"""The only value of the built-in rules that take a word."""

BOUNDS = ("min", "max")
CHANGES = ("max_regression", "max_change")
CHOICES = {"on_missing": ("fail", "ignore"), "severity": ("error", "warning")}
KEYS = ("metric", "where", *BOUNDS, *CHANGES, "significance", *CHOICES, *BUILT_IN)
UNCHANGED = "unchanged"
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Tolerance:
    """How far a number may move: in its unit, or relative to the number before.

    `text` is the tolerance as the rule has it.
    """

    value: float
    relative: bool
    text: str


@dataclass(frozen=True)
class Rule:
    """One rule. `metric` is empty in a built-in rule, `built_in` in all others.

    Attributes:
        number: in its file, from 1.
        line: where it begins, 0 where that is unknown.
        where: patterns by label; a number must fit one pattern of each label.
        wanted: what the built-in rule asks for.
    """

    number: int
    line: int = 0
    metric: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min: float | None = None
    max: float | None = None
    max_regression: Tolerance | None = None
    max_change: Tolerance | None = None
    significance: float = SIGNIFICANCE
    on_missing: Literal["fail", "ignore"] = "fail"
    severity: Literal["error", "warning"] = "error"
    built_in: str = ""
    wanted: str | float = ""

    @property
    def name(self) -> str:
        """The metric, or the name of the built-in rule."""
        return self.metric or self.built_in

    @property
    def compares(self) -> bool:
        """Whether the rule needs a baseline."""
        return bool(self.max_regression or self.max_change) or (
            self.built_in == "ids" and self.wanted == UNCHANGED
        )

    @property
    def text(self) -> str:
        """The rule as one line.

        >>> Rule(1, metric="fertility", where={"slice": ("tr",)}, max=2.5).text
        'fertility where slice = tr: max 2.5'
        """
        places = [f"{label} = {' or '.join(known)}" for label, known in self.where.items()]
        head = self.name + (f" where {', '.join(places)}" if places else "")
        if self.built_in:
            return f"{head}: {self.wanted}"
        tolerances = [(key, getattr(self, key)) for key in CHANGES]
        limits = [
            *(f"{key} {getattr(self, key):g}" for key in BOUNDS if getattr(self, key) is not None),
            *(f"{key} {one.text}" for key, one in tolerances if one is not None),
        ]
        return f"{head}: {', '.join(limits)}"


@dataclass(frozen=True)
class Rules:
    """The rules of a file; `source` is its name."""

    rules: tuple[Rule, ...]
    source: str = ""


@dataclass(frozen=True)
class Written:
    """A rule as it is written: its table, and the lines of the rule and of its keys, if known."""

    table: Any
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

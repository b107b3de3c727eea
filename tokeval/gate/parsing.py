"""Tables of TOML as rules: each mistake in them is told in one line with its place."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokeval.errors import UsageError
from tokeval.gate.rules import (
    BOUNDS,
    BUILT_IN,
    CHANGES,
    CHOICES,
    KEYS,
    SIGNIFICANCE,
    UNCHANGED,
    WORDS,
    Rule,
    Rules,
    Tolerance,
    Written,
)

LEAST_SIGNIFICANCE = 1e-9
"""A smaller one leaves 1 − significance/2 no digits to be told from 1."""

MAX_SHOWN = 80
"""Characters of a value that messages show."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PERCENT = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*")


def parse_rules(written: Sequence[Written], source: str = "") -> Rules:
    """The rules that tables state.

    Raises:
        UsageError: a table is no rule; says which one, where, and what to write.
    """
    return Rules(tuple(_rule(one, number, source) for number, one in enumerate(written, 1)), source)


def _rule(written: Written, number: int, source: str) -> Rule:
    """One rule."""
    reader = _Reader(written, number, source)
    table = written.table
    if not isinstance(table, dict):
        raise reader.mistake("", "is not a table", 'write [[gate]], then metric = "fertility"')
    for key in table:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(KEYS)}"
            raise reader.mistake(key, f"there is no key {key!r} in a rule", hint)
    reader.check_contradictions()
    built_in = next((key for key in BUILT_IN if key in table), "")
    rule = Rule(
        number=number,
        line=written.line,
        metric=reader.text("metric"),
        where=reader.where(),
        min=reader.number("min"),
        max=reader.number("max"),
        max_regression=reader.tolerance("max_regression"),
        max_change=reader.tolerance("max_change"),
        significance=reader.significance(),
        on_missing="ignore" if reader.choice("on_missing") == "ignore" else "fail",
        severity="warning" if reader.choice("severity") == "warning" else "error",
        built_in=built_in,
        wanted=reader.wanted(built_in) if built_in else "",
    )
    if rule.min is not None and rule.max is not None and rule.min > rule.max:
        raise reader.mistake(
            "min", f"min {rule.min:g} is above max {rule.max:g}", "no number can be both"
        )
    return rule


@dataclass(frozen=True)
class _Reader:
    """Reads the values of one table; whatever is wrong is told with its place."""

    written: Written
    number_of_rule: int
    source: str

    def mistake(self, key: str, what: str, hint: str) -> UsageError:
        """The error for a key of this rule."""
        line = self.written.lines.get(key, self.written.line)
        name = self.source or "rules"
        place = f"{name}:{line}" if line else f"{name}, rule {self.number_of_rule}"
        return UsageError(f"{place}: {what}", hint)

    def check_contradictions(self) -> None:
        """Raises where keys cannot stand in one rule, or where nothing is asked for."""
        table = self.written.table
        named = [key for key in BUILT_IN if key in table]
        limits = [key for key in (*BOUNDS, *CHANGES) if key in table]
        if len(named) > 1:
            raise self.mistake(
                named[1], f"{named[0]} and {named[1]} are two rules", "write a [[gate]] for each"
            )
        other = [key for key in ("metric", *limits, "significance") if key in table]
        if named and other:
            raise self.mistake(
                other[0],
                f"{other[0]} cannot stand beside {named[0]}, which is a rule by itself",
                "write a [[gate]] for each",
            )
        if not named and "metric" not in table:
            raise self.mistake(
                "", "a rule needs a metric", f"add metric = ..., or one of {', '.join(BUILT_IN)}"
            )
        if not named and not limits:
            hint = "add min, max, max_regression or max_change"
            raise self.mistake("", f"nothing is asked of {table['metric']!r}", hint)
        if "significance" in table and not any(key in table for key in CHANGES):
            raise self.mistake(
                "significance",
                "significance is about changes, and the rule allows any",
                "add max_regression or max_change, or leave significance out",
            )

    def text(self, key: str) -> str:
        """A text; empty where the key is absent."""
        value = self.written.table.get(key, "")
        if not isinstance(value, str) or (key in self.written.table and not value):
            raise self.mistake(key, f"{key} = {_toml(value)} is not a name", _QUOTED)
        return value

    def number(self, key: str) -> float | None:
        """A finite number; `None` where the key is absent."""
        value = self.written.table.get(key)
        if value is None:
            return None
        if not _is_number(value):
            raise self.mistake(
                key, f"{key} = {_toml(value)} is not a number", f"write {key} = 4.5 without quotes"
            )
        return float(value)

    def tolerance(self, key: str) -> Tolerance | None:
        """A tolerance; `None` where the key is absent."""
        value = self.written.table.get(key)
        if value is None:
            return None
        hint = f'write {key} = "2%" for a share of the number before, or {key} = 0.1 in its unit'
        if isinstance(value, str):
            percent = _PERCENT.fullmatch(value)
            if percent is None:
                raise self.mistake(key, f"{key} = {_toml(value)} is not a percentage", hint)
            share = float(percent[1]) / 100
            if not math.isfinite(share):
                raise self.mistake(key, f"{key} = {_toml(value)} allows any change", hint)
            return Tolerance(share, relative=True, text=f"{percent[1]}%")
        if not _is_number(value) or value < 0:
            raise self.mistake(key, f"{key} = {_toml(value)} is not a number from 0 on", hint)
        return Tolerance(float(value), relative=False, text=f"{value:g}")

    def significance(self) -> float:
        """The significance level."""
        value = self.written.table.get("significance", SIGNIFICANCE)
        if not _is_number(value) or not LEAST_SIGNIFICANCE <= value < 1:
            what = f"significance = {_toml(value)} is not between {LEAST_SIGNIFICANCE:g} and 1"
            raise self.mistake("significance", what, "write significance = 0.05")
        return float(value)

    def choice(self, key: str) -> str:
        """One of the words of a key."""
        words = CHOICES[key]
        value = self.written.table.get(key, words[0])
        if value not in words:
            near = difflib.get_close_matches(str(value), words, n=1)
            hint = f"did you mean {near[0]}?" if near else f'choose "{words[0]}" or "{words[1]}"'
            raise self.mistake(key, f"there is no {key} = {_toml(value)}", hint)
        return str(value)

    def where(self) -> dict[str, tuple[str, ...]]:
        """The patterns of each label."""
        value = self.written.table.get("where", {})
        example = 'write where = { slice = "tr" }, or a list: { script = ["Latn", "Cyrl"] }'
        if not isinstance(value, dict):
            raise self.mistake("where", f"where = {_toml(value)} is not a table", example)
        found = {}
        for label, patterns in value.items():
            several = patterns if isinstance(patterns, list) else [patterns]
            if not several or not all(isinstance(one, str) for one in several):
                what = f"where.{label} = {_toml(patterns)} is not text"
                raise self.mistake("where", what, example)
            found[label] = tuple(several)
        return found

    def wanted(self, key: str) -> str | float:
        """What a built-in rule asks for."""
        value = self.written.table[key]
        if key == "unk_max":
            share = self.number(key)
            if share is None or not 0 <= share <= 1:
                hint = "write unk_max = 0.001 for one token of a thousand"
                raise self.mistake(key, f"unk_max = {_toml(value)} is not between 0 and 1", hint)
            return share
        if key == "ids":
            if value != UNCHANGED and not (isinstance(value, str) and _SHA256.fullmatch(value)):
                hint = f'write ids = "{UNCHANGED}", or the 64 hex digits of ids_sha256 in a run'
                raise self.mistake(key, f"there is no ids = {_toml(value)}", hint)
        elif value != WORDS[key]:
            what = f"there is no {key} = {_toml(value)}"
            raise self.mistake(key, what, f'write {key} = "{WORDS[key]}"')
        return str(value)


_QUOTED = 'write it in quotes, as metric = "fertility"'


def _is_number(value: Any) -> bool:
    """Whether a value is a finite number; `true` is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float is near
        return False


def _toml(value: Any) -> str:
    """A value about as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"

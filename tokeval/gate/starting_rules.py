"""Rules to start with: the numbers of a run, with a tolerance of twice their standard error."""

from __future__ import annotations

import glob
import math
from collections import Counter
from collections.abc import Sequence

from tokeval.document import Measured, Report, Undefined
from tokeval.errors import ExitCode, TokevalError, UsageError
from tokeval.gate.cells import Number, numbers

TOLERANCE = 2
"""Standard errors that a number may get worse by."""

USUAL = ("bytes_per_token", "fertility", "unk_rate", "lossless")
"""Metrics that rules are written for, where a run has any of them and no others are asked for."""

DIGITS = 4

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def starting_rules(
    report: Report, metrics: Sequence[str] = (), *, source: str = "", compare: bool = False
) -> str:
    """A TOML text with a rule for each measured number that has a better and a worse direction.

    Each bound is the number of the run with twice its standard error towards the worse, rounded
    away from the number. A number without a standard error may not get worse at all.

    Args:
        report: the run.
        metrics: ids of the metrics; the usual ones of USUAL by default, else all with a direction.
        source: what the text calls the run.
        compare: rules against a baseline, with the same tolerances, in place of bounds.

    Raises:
        UsageError: the run has not one of the metrics, or neither way is worse for it.
        TokevalError: the run holds no number with a direction (exit code 5).
    """
    found = [one for one in numbers(report).values() if not one.named_only]
    _check_asked(found, metrics)
    directed = [one for one in found if one.is_measured and one.info.direction != "none"]
    usual = [one for one in directed if one.cell.metric in USUAL]
    chosen = [one for one in directed if one.cell.metric in metrics] if metrics else usual
    chosen = chosen or (directed if not metrics else [])
    if not chosen:
        raise TokevalError(
            "the run holds no number of which one way is worse, so there is nothing to hold it to",
            "measure more metrics, or write rules with min, max or max_change by hand",
            code=ExitCode.NOTHING_MEASURED,
        )
    by_name = len({one.cell.tokenizer for one in found}) > 1
    head = [
        f"# Rules of `tokeval gate`, from {_one_line(source) or 'a run'}. Each allows "
        f"{TOLERANCE} standard errors towards the worse.",
        "# Change them as you like: https://toml.io says how TOML is written.",
    ]
    groups: dict[tuple[str, str, str], list[Number]] = {}
    for one in _told_apart(chosen, compare=compare):
        groups.setdefault((one.key[0], one.cell.metric, one.cell.tokenizer), []).append(one)
    n_cells = Counter(key[:3] for key in {one.key[:4] for one in found})
    for group, members in groups.items():
        alike = len({_limit(one, compare=compare) for one in members}) == 1
        whole = alike and len(members) == n_cells[group] > 1
        head += [
            _rule(one, by_name=by_name, by_slice=not whole, compare=compare)
            for one in (members[:1] if whole else members)
        ]
    return "\n".join([*head, ""])


def _told_apart(chosen: Sequence[Number], *, compare: bool) -> list[Number]:
    """The numbers that rules are made of: of several in one place, that with the loosest limit."""
    loosest: dict[tuple[str, ...], Number] = {}
    for one in chosen:
        place = one.key[:4]
        held = loosest.setdefault(place, one)
        if _looseness(one, compare=compare) > _looseness(held, compare=compare):
            loosest[place] = one
    return list(loosest.values())


def _looseness(one: Number, *, compare: bool) -> float:
    """How much the limit made of a number allows, for numbers of one metric."""
    value = _measured(one)
    step = TOLERANCE * (value.stderr or 0.0)
    if compare:
        return step
    return step + (-value.value if one.info.direction == "higher" else value.value)


def _check_asked(found: Sequence[Number], metrics: Sequence[str]) -> None:
    """Raises a UsageError for a metric that the run has not, or that has no direction."""
    directions = {one.cell.metric: one.info.direction for one in found}
    for metric in metrics:
        if metric not in directions:
            known = ", ".join(sorted(directions))
            raise UsageError(f"the run has no metric {metric!r}", f"there are: {known}")
        if directions[metric] == "none":
            raise UsageError(
                f"neither way is worse for {metric}, so no rule can be made of its value",
                "write a rule with min, max or max_change by hand",
            )


def _rule(one: Number, *, by_name: bool, by_slice: bool, compare: bool) -> str:
    """The lines of one rule, after an empty one."""
    value = _measured(one)
    labels = {
        **({"slice": one.cell.slice} if by_slice else {}),
        **({"tokenizer": one.cell.tokenizer} if by_name else {}),
        **({"probe": one.labels["probe"]} if "probe" in one.labels else {}),
    }
    where = ", ".join(f"{label} = {_quoted(glob.escape(name))}" for label, name in labels.items())
    spread = f" ± {value.stderr:.3g}" if value.stderr else ""
    lines = ["", "[[gate]]", f"metric = {_quoted(one.cell.metric)}"]
    if where:
        lines.append(f"where = {{ {where} }}")
    return "\n".join([*lines, f"{_limit(one, compare=compare)}  # {value.value:.6g}{spread} now"])


def _limit(one: Number, *, compare: bool) -> str:
    """The line of the limit: the tolerance of a regression, or the bound on the worse side."""
    value = _measured(one)
    step = TOLERANCE * (value.stderr or 0.0)
    if compare:
        return f"max_regression = {_rounded(step, up=True)!r}"
    info = one.info
    if info.direction == "higher":
        lowest = _rounded(value.value - step, up=False) if step else value.value
        return f"min = {max(lowest, lowest if info.lower_bound is None else info.lower_bound)!r}"
    highest = _rounded(value.value + step, up=True) if step else value.value
    return f"max = {min(highest, highest if info.upper_bound is None else info.upper_bound)!r}"


def _measured(one: Number) -> Measured:
    """The value of a number that has one."""
    value = one.cell.value
    if isinstance(value, Undefined):
        raise TypeError(f"{one.cell.metric} on {one.cell.slice} is undefined")
    return value


def _rounded(number: float, *, up: bool) -> float:
    """The number with four significant digits, rounded up or down.

    >>> _rounded(4.12345, up=True), _rounded(4.12345, up=False), _rounded(-0.0, up=True)
    (4.124, 4.123, 0.0)
    """
    if not number:
        return 0.0
    near = float(f"{number:.{DIGITS - 1}e}")
    if (near >= number) if up else (near <= number):
        return near
    step = 10.0 ** (math.floor(math.log10(abs(number))) - DIGITS + 1)
    return float(f"{near + step if up else near - step:.{DIGITS - 1}e}")


def _quoted(text: str) -> str:
    r"""A text as a TOML string.

    >>> print(_quoted('a "b"\x7f'))
    "a \"b\"\u007F"
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    """A character inside a TOML string; one that TOML cannot hold becomes `?`, which fits any."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    if "\ud800" <= character <= "\udfff":
        return "?"
    return f"\\u{ord(character):04X}" if character < " " or character == "\x7f" else character


def _one_line(text: str) -> str:
    """A name that cannot end the comment that it stands in."""
    return "".join(one if one.isprintable() else "?" for one in text)

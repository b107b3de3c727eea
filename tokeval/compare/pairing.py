"""Paired differences of two sides: every cell that both have, with p values and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tokeval.compare.comparable import check_comparable, check_equal_size, has_other_baseline
from tokeval.compare.sides import Side
from tokeval.core.multiple_tests import holm
from tokeval.document import Cell, Difference, MetricInfo, Outcome, Undefined, Value
from tokeval.document.jackknife import CONFIDENCE, paired_cells
from tokeval.errors import ExitCode, TokevalError, UsageError

MAX_LISTED = 8


@dataclass(frozen=True)
class Pairing:
    """What two sides have in common, and what is to be said of the rest."""

    metrics: tuple[MetricInfo, ...]
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...]


def pair(
    before: Side, after: Side, *, metrics: Sequence[str] = (), slices: Sequence[str] = ()
) -> Pairing:
    """The differences after − before of all cells that both sides have, in the order of `before`.

    Args:
        before: the side that is compared with.
        after: the side that is compared.
        metrics: ids to compare; all when empty.
        slices: slices to compare, `all` among them; all when empty.

    Raises:
        UsageError: a metric or a slice is asked for that neither side has.
        TokevalError: the sides differ in more than the tokenizer, or have no cell in common
            (exit code 4).
    """
    ours, theirs = (_cells(side, metrics, slices) for side in (before, after))
    _check_asked(ours | theirs, metrics, slices)
    warnings = check_comparable(before, after, ours, theirs)
    places = [place for place in ours if place in theirs]
    if not places:
        raise TokevalError(
            f"{before.source} and {after.source} have no cell in common",
            "measure both with the same metrics on the same slices",
            code=ExitCode.INCOMPARABLE,
        )
    infos = {info.id: info for info in before.result.metrics}
    newer = {info.id: info for info in after.result.metrics}
    changed = [id_ for id_, info in infos.items() if newer.get(id_, info).formula != info.formula]
    warnings += [f"{id_} is left out: its formula is not the same on both sides" for id_ in changed]
    differences = []
    for place in places:
        if place[0] in changed or has_other_baseline(ours[place], theirs[place]):
            continue
        info = infos.get(place[0])
        if info is not None and info.support_dependent:
            check_equal_size(before, after, *place)
        differences.append(difference(ours[place], theirs[place], info))
    shown = {one.metric for one in differences}
    return Pairing(
        tuple(info for info in infos.values() if info.id in shown),
        tuple(corrected(differences, infos)),
        (*warnings, *_alone(before, after, [p for p in ours if p not in theirs]),
         *_alone(after, before, [p for p in theirs if p not in ours])),
    )  # fmt: skip


def _cells(
    side: Side, metrics: Sequence[str], slices: Sequence[str]
) -> dict[tuple[str, str], Cell]:
    """The chosen cells of a side by metric and slice."""
    return {
        (cell.metric, cell.slice): cell
        for cell in side.result.cells
        if cell.tokenizer == side.tokenizer
        and (not metrics or cell.metric in metrics)
        and (not slices or cell.slice in slices)
    }


def _check_asked(
    cells: dict[tuple[str, str], Cell], metrics: Sequence[str], slices: Sequence[str]
) -> None:
    """Raises where a metric or a slice is asked for that neither side has."""
    for place, what, asked in ((0, "metric", metrics), (1, "slice", slices)):
        known = {key[place] for key in cells}
        for name in asked:
            if name not in known:
                raise UsageError(
                    f"neither side has the {what} {name!r} in what was asked for",
                    "see what a document holds with `tokeval report RUN.json`",
                )


def difference(before: Cell, after: Cell, info: MetricInfo | None) -> Difference:
    """The difference of two cells with its p value; `corrected` then says what it means."""
    absolute = paired_cells(before, after)
    is_same = before.value == after.value and before.leave_one_out == after.leave_one_out
    found: Outcome = "undecided"
    if isinstance(absolute, Undefined):
        found = "undefined"
    elif is_same:
        found = "same"
    return Difference(
        metric=before.metric,
        slice=before.slice,
        before=before.value,
        after=after.value,
        difference=absolute,
        relative=paired_cells(before, after, relative=True),
        outcome=found,
        signature=after.signature,
        p_value=p_value(absolute),
    )


def p_value(value: Value) -> float | None:
    """The two-sided p of value / stderr by t(n_blocks − 1); `None` where there is no interval."""
    from scipy.special import stdtr  # slow to import; not before it is needed

    if isinstance(value, Undefined) or value.stderr is None:
        return None
    if value.stderr == 0:
        return 1.0 if value.value == 0 else 0.0
    return float(2 * stdtr(value.n_blocks - 1, -abs(value.value / value.stderr)))


def corrected(differences: Sequence[Difference], infos: dict[str, MetricInfo]) -> list[Difference]:
    """The differences with Holm's correction over the cells of each metric, and what they say.

    The family is one metric: its cells that have a p value, `all` and groups of slices included.
    The question is asked of one metric at a time ("where did fertility change?"), and cells of
    several metrics on the same text are too dependent to be counted as separate tries.
    """
    families: dict[str, list[int]] = {}
    for place, one in enumerate(differences):
        if one.p_value is not None:
            families.setdefault(one.metric, []).append(place)
    found = list(differences)
    for metric, places in families.items():
        values = [differences[place].p_value or 0.0 for place in places]
        for place, p in zip(places, holm(values), strict=True):
            one = replace(found[place], p_holm=p)
            found[place] = replace(one, outcome=_outcome(one, infos.get(metric)))
    return found


def _outcome(one: Difference, info: MetricInfo | None) -> Outcome:
    """What a difference with a corrected p says."""
    if one.outcome != "undecided" or isinstance(one.difference, Undefined):
        return one.outcome
    if one.p_holm is None or one.p_holm >= 1 - CONFIDENCE:
        return "undecided"
    direction = info.direction if info else "none"
    if direction == "none":
        return "different"
    return "better" if (one.difference.value > 0) == (direction == "higher") else "worse"


def _alone(side: Side, other: Side, places: Sequence[tuple[str, str]]) -> list[str]:
    """What is said of cells that one side has and the other lacks, a metric at a time."""
    by_metric: dict[str, list[str]] = {}
    for metric, part in places:
        by_metric.setdefault(metric, []).append(part)
    return [
        f"{metric} is only in {side.source}, not in {other.source}: on {_listed(parts)}"
        for metric, parts in by_metric.items()
    ]


def _listed(names: Sequence[str]) -> str:
    """Names in a row, the first ones when they are many."""
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return ", ".join(names[:MAX_LISTED]) + more

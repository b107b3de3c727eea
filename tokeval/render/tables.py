"""The tables that a terminal and a pull request show alike: entries, marks and numbered notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from tokeval.document import Measured, MetricInfo, MetricsResult, Undefined, Value
from tokeval.render.baselines import baselines_beside
from tokeval.render.numbers import Written, format_column, format_value
from tokeval.render.summary import (
    NOT_MEASURED,
    WHOLE_CORPUS,
    CellKey,
    cells_by_key,
    main_ranking,
    metrics_by_id,
    slice_names,
    tokenizer_names,
)

Mark = Literal["", "best", "tied", "barred"]


@dataclass(frozen=True)
class Entry:
    """One cell of a table.

    Attributes:
        written: the number with its interval.
        short: the number alone, with as many decimals as its neighbours.
        mark: `best` of its row or column; `tied` with the best, by a paired interval; `barred`
            where the tokenizer is excluded from the ranking.
        note: number of the note below the table that says why there is no number, or 0.
    """

    written: Written
    short: str
    mark: Mark = ""
    note: int = 0


@dataclass(frozen=True)
class Table:
    """A table of numbers.

    Attributes:
        title: what it shows.
        rows, columns: headings.
        entries: one tuple for each row.
        notes: why numbers are missing; note n is the n-th.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    entries: tuple[tuple[Entry, ...], ...]
    notes: tuple[str, ...]


def main_slice(result: MetricsResult) -> str:
    """The slice that the main ranking is about; `all` where there is no ranking."""
    ranking = main_ranking(result)
    if ranking:
        return ranking.slice
    names = slice_names(result)
    return names[0] if names else WHOLE_CORPUS


def main_metric(result: MetricsResult) -> MetricInfo | None:
    """What the document knows about the metric of the main ranking; else its first metric."""
    ranking = main_ranking(result)
    known = metrics_by_id(result)
    if ranking and ranking.metric in known:
        return known[ranking.metric]
    return next(iter(known.values()), None)


def slice_table(result: MetricsResult) -> Table | None:
    """The main metric of each tokenizer on the slices that the main ranking is not about.

    `None` when there is no other slice. The best is marked in each column. Baselines of the metric
    come last.
    """
    metric = main_metric(result)
    parts = [part for part in slice_names(result) if part != main_slice(result)]
    if metric is None or not parts:
        return None
    names = tokenizer_names(result) + baselines_beside(result, {metric.id}, parts)
    notes: dict[str, int] = {}
    cells = _values(result)
    columns = []
    for part in parts:
        values = [cells.get((metric.id, name, part), NOT_MEASURED) for name in names]
        marks = _marks(result, metric, part=part, names=names, values=values)
        columns.append(_entries(values, metric.unit, marks=marks, notes=notes))
    rows = tuple(zip(*columns, strict=True))
    return Table(f"{metric.title} by slice", names, tuple(parts), rows, tuple(notes))


def metric_table(result: MetricsResult) -> Table | None:
    """All metrics of each tokenizer on the slice of the main ranking; `None` without tokenizers.

    The best is marked in each row. Rows are in the document's order. Baselines come last, and only
    where they have all metrics: they would be columns of dashes beside others.
    """
    part = main_slice(result)
    names = tokenizer_names(result)
    if not result.metrics or not names:
        return None
    notes: dict[str, int] = {}
    cells = _values(result)
    ids = [metric.id for metric in result.metrics]
    beside = baselines_beside(result, ids, {part})
    names += tuple(name for name in beside if all((one, name, part) in cells for one in ids))
    rows = []
    for metric in result.metrics:
        values = [cells.get((metric.id, name, part), NOT_MEASURED) for name in names]
        marks = _marks(result, metric, part=part, names=names, values=values)
        rows.append(_entries(values, metric.unit, marks=marks, notes=notes))
    where = "the whole corpus" if part == WHOLE_CORPUS else part
    return Table(f"All metrics on {where}", tuple(ids), names, tuple(rows), tuple(notes))


def relabelled(
    result: MetricsResult, *, tokenizers: Mapping[str, str], slices: Mapping[str, str]
) -> MetricsResult:
    """The result with other names for tokenizers and slices, in all that a table is made of."""
    return replace(
        result,
        cells=tuple(
            replace(cell, tokenizer=tokenizers[cell.tokenizer], slice=slices[cell.slice])
            for cell in result.cells
        ),
        slices=tuple(
            replace(part, name=slices.get(part.name, part.name)) for part in result.slices
        ),
        rankings=tuple(
            replace(
                ranking,
                slice=slices[ranking.slice],
                entries=tuple(
                    replace(entry, tokenizer=tokenizers[entry.tokenizer])
                    for entry in ranking.entries
                ),
                excluded=tuple(
                    replace(one, tokenizer=tokenizers[one.tokenizer]) for one in ranking.excluded
                ),
            )
            for ranking in result.rankings
        ),
        findings=tuple(
            replace(one, tokenizer=tokenizers[one.tokenizer]) for one in result.findings
        ),
        baselines=tuple(tokenizers[name] for name in result.baselines),
    )


def all_names(result: MetricsResult) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every tokenizer, baseline and slice that occurs in cells, rankings or findings."""
    tokenizers = dict.fromkeys((*tokenizer_names(result), *result.baselines))
    slices = dict.fromkeys([*slice_names(result), *(cell.slice for cell in result.cells)])
    for ranking in result.rankings:
        slices.setdefault(ranking.slice)
        tokenizers |= dict.fromkeys(entry.tokenizer for entry in ranking.entries)
        tokenizers |= dict.fromkeys(one.tokenizer for one in ranking.excluded)
    tokenizers |= dict.fromkeys(one.tokenizer for one in result.findings)
    return tuple(tokenizers), tuple(slices)


def _values(result: MetricsResult) -> dict[CellKey, Value]:
    return {key: cell.value for key, cell in cells_by_key(result).items()}


def _entries(
    values: Sequence[Value], unit: str, *, marks: Sequence[Mark], notes: dict[str, int]
) -> tuple[Entry, ...]:
    """Values that stand beside or under one another, as entries; new reasons go to the notes."""
    entries = []
    for value, short, mark in zip(values, format_column(values, unit), marks, strict=True):
        note = 0
        if isinstance(value, Undefined):
            note = notes.setdefault(value.reason, len(notes) + 1)
        entries.append(Entry(format_value(value, unit), short, mark, note))
    return tuple(entries)


def _marks(
    result: MetricsResult,
    metric: MetricInfo,
    *,
    part: str,
    names: Sequence[str],
    values: Sequence[Value],
) -> list[Mark]:
    """Who is best, who is tied with the best, and who does not take part, on one slice.

    Baselines have no mark: they are there to compare with, not to win.
    """
    ranking = next(
        (one for one in result.rankings if (one.metric, one.slice) == (metric.id, part)), None
    )
    barred = {
        one.tokenizer for other in result.rankings if other.slice == part for one in other.excluded
    }
    tied = {
        entry.tokenizer
        for entry in (ranking.entries if ranking else ())
        if isinstance(entry.behind_best, Measured)
        and entry.behind_best.low is not None
        and entry.behind_best.high is not None
        and entry.behind_best.low <= 0 <= entry.behind_best.high
    }
    apart = barred | set(result.baselines)
    best = _best(metric, [None if n in apart else v for n, v in zip(names, values, strict=True)])
    marks: list[Mark] = []
    for name, value in zip(names, values, strict=True):
        if isinstance(value, Undefined) or name in result.baselines:
            marks.append("")
        elif name in barred:
            marks.append("barred")
        elif value.value == best:
            marks.append("best")
        else:
            marks.append("tied" if name in tied and best is not None else "")
    return marks


def _best(metric: MetricInfo, values: Sequence[Value | None]) -> float | None:
    """The best of the values; `None` when the metric has no direction or all values are equal."""
    numbers = [value.value for value in values if isinstance(value, Measured)]
    if metric.direction == "none" or len(set(numbers)) < 2:
        return None
    return max(numbers) if metric.direction == "higher" else min(numbers)

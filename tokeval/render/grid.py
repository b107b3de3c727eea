"""Every number of a document by metric, tokenizer and slice, as a page shows and carries it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tokeval.document import Measured, MetricInfo, MetricsResult, Undefined, Value
from tokeval.render.numbers import format_value
from tokeval.render.summary import (
    NOT_MEASURED,
    CellKey,
    cells_by_key,
    metrics_by_id,
    slice_names,
    tokenizer_names,
)
from tokeval.render.visible import inert


@dataclass(frozen=True)
class GridCell:
    """One number of a table.

    Attributes:
        text: the value with its unit sign, `—` when undefined.
        spread: half of the 95% interval, empty without one.
        reason: why the value or its interval is undefined, empty when neither is.
        undefined: there is no value.
        best: the best of the row, where the metric has a direction and values differ.
    """

    text: str
    spread: str
    reason: str
    undefined: bool
    best: bool


@dataclass(frozen=True)
class UndefinedGroup:
    """One reason, and the rows (with their columns, empty for all) that it holds for."""

    reason: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


class Grid:
    """The cells of one result, with what is needed to show any slice or any metric of them.

    Attributes:
        metrics, tokenizers, slices: in the order of tables, baselines not among them; metrics that
            have no `MetricInfo` in the document get one that says so.
        baselines: those that stand beside some metric, in the order of the document.
    """

    def __init__(self, result: MetricsResult) -> None:
        self._values = {key: cell.value for key, cell in cells_by_key(result).items()}
        self.metrics = _metrics(result)
        self.tokenizers = tokenizer_names(result)
        self.slices = slice_names(result)
        self._beside = _baselines_by_metric(result)
        shown = {name for names in self._beside.values() for name in names}
        self.baselines = tuple(name for name in result.baselines if name in shown)
        self._barred = {
            (one.tokenizer, ranking.slice)
            for ranking in result.rankings
            for one in ranking.excluded
        }

    def row(self, metric: MetricInfo, part: str) -> tuple[GridCell, ...]:
        """One metric on one slice: a cell for each tokenizer."""
        values = [self._value((metric.id, name, part)) for name in self.tokenizers]
        best = self._best(metric, part, values)
        return tuple(_cell(value, metric.unit, best=best) for value in values)

    def beside(
        self, metric: MetricInfo, part: str, baselines: Sequence[str]
    ) -> tuple[GridCell | None, ...]:
        """The cells of baselines, never the best; `None` for a baseline that lacks the metric."""
        return tuple(
            _cell(value, metric.unit, best=None) if value else None
            for value in (self._values.get((metric.id, name, part)) for name in baselines)
        )

    def has_beside(self, metric: MetricInfo, baseline: str) -> bool:
        """Whether a baseline stands beside a metric where all slices are shown."""
        return baseline in self._beside.get(metric.id, ())

    def on_every_slice(
        self, metric: MetricInfo
    ) -> tuple[tuple[str, tuple[GridCell | None, ...]], ...]:
        """Slices, each with a cell for each tokenizer, then for each of `baselines`.

        `None` in the place of a baseline that does not stand beside the metric.
        """
        return tuple(
            (part, (*self.rows[metric.id, part], *self._beside_cells(metric, part)))
            for part in self.slices
        )

    def _beside_cells(self, metric: MetricInfo, part: str) -> tuple[GridCell | None, ...]:
        """A cell for each of `baselines`, `None` where it does not stand beside the metric."""
        cells = self.beside(metric, part, self.baselines)
        return tuple(
            cell if self.has_beside(metric, name) else None
            for name, cell in zip(self.baselines, cells, strict=True)
        )

    def _value(self, key: CellKey) -> Value:
        return self._values.get(key, NOT_MEASURED)

    def _best(self, metric: MetricInfo, part: str, values: Sequence[Value]) -> float | None:
        """The best value among tokenizers that may be ranked, when they differ."""
        numbers = [
            value.value
            for name, value in zip(self.tokenizers, values, strict=True)
            if isinstance(value, Measured) and (name, part) not in self._barred
        ]
        if metric.direction == "none" or len(set(numbers)) < 2:
            return None
        return max(numbers) if metric.direction == "higher" else min(numbers)

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], tuple[GridCell, ...]]:
        """Every row by (metric id, slice)."""
        return {
            (metric.id, part): self.row(metric, part)
            for part in self.slices
            for metric in self.metrics
        }

    def undefined(
        self,
        rows: Sequence[tuple[str, tuple[GridCell | None, ...]]],
        baselines: Sequence[str] = (),
    ) -> tuple[UndefinedGroup, ...]:
        """Why cells of a table are undefined: each reason once, with its rows and columns.

        The columns are the tokenizers, then baselines, which lack some cells.
        """
        columns = (*self.tokenizers, *baselines)
        groups: dict[str, dict[str, list[str]]] = {}
        n_cells = {title: sum(cell is not None for cell in cells) for title, cells in rows}
        for title, cells in rows:
            for name, cell in zip(columns, cells, strict=True):
                if cell and cell.undefined:
                    groups.setdefault(cell.reason, {}).setdefault(title, []).append(name)
        return tuple(
            UndefinedGroup(
                reason,
                tuple(
                    (title, () if len(names) == n_cells[title] else tuple(names))
                    for title, names in titles.items()
                ),
            )
            for reason, titles in groups.items()
        )

    def packed(self) -> str:
        r"""The cells as JSON that is safe inside a `<script>` element.

        `cells[s][m * n_tokenizers + t]` is the index of a reason where the value is undefined,
        else `value±spread`, or `value?reason`, after a `*` when it is the best of its row.
        `beside[m][s][b]` is the same for baselines, `null` where one is not beside the metric;
        metrics without any are not in it.
        """
        reasons: dict[str, int] = {}
        cells = [
            [
                _packed(cell, reasons)
                for metric in self.metrics
                for cell in self.rows[metric.id, part]
            ]
            for part in self.slices
        ]
        beside = {
            number: [
                [cell and _packed(cell, reasons) for cell in self._beside_cells(metric, part)]
                for part in self.slices
            ]
            for number, metric in enumerate(self.metrics)
            if metric.id in self._beside
        }
        text = json.dumps(
            {
                "metrics": [inert(metric.title) for metric in self.metrics],
                "tokenizers": [inert(name) for name in self.tokenizers],
                "slices": [inert(part) for part in self.slices],
                "reasons": [inert(reason) for reason in reasons],
                "cells": cells,
                "baselines": [inert(name) for name in self.baselines],
                "beside": beside,
            },
            separators=(",", ":"),
        )
        return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _metrics(result: MetricsResult) -> tuple[MetricInfo, ...]:
    """The metrics that have cells, as the document describes them."""
    known = metrics_by_id(result)
    used = dict.fromkeys(cell.metric for cell in result.cells)
    unknown = "the document does not say"
    return tuple(metric for metric in known.values() if metric.id in used) + tuple(
        MetricInfo(id_, id_, "", "", "none", unknown, unknown, "", "")
        for id_ in used
        if id_ not in known
    )


def _baselines_by_metric(result: MetricsResult) -> dict[str, frozenset[str]]:
    """The baselines that stand beside each metric; none where all their cells are undefined."""
    names: dict[str, set[str]] = {}
    measured: set[str] = set()
    for cell in result.cells:
        if cell.tokenizer in result.baselines:
            names.setdefault(cell.metric, set()).add(cell.tokenizer)
            if isinstance(cell.value, Measured):
                measured.add(cell.metric)
    return {metric: frozenset(found) for metric, found in names.items() if metric in measured}


def _cell(value: Value, unit: str, *, best: float | None) -> GridCell:
    """A value as a table shows it."""
    written = format_value(value, unit)
    if isinstance(value, Undefined):
        return GridCell(written.short, "", value.reason, undefined=True, best=False)
    return GridCell(
        text=written.short,
        spread=f"{written.half_width}{written.suffix}" if written.half_width else "",
        reason="" if written.half_width else value.stderr_reason or "the document does not say",
        undefined=False,
        best=value.value == best,
    )


def _packed(cell: GridCell, reasons: dict[str, int]) -> str | int:
    """A cell in few characters; a new reason gets the next index."""
    if cell.undefined:
        return reasons.setdefault(cell.reason, len(reasons))
    mark = "*" if cell.best else ""
    if cell.spread:
        return f"{mark}{cell.text}±{cell.spread}"
    return f"{mark}{cell.text}?{reasons.setdefault(cell.reason, len(reasons))}"

"""Documents as tidy tables: one row for each number, whatever the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tokeval.document.comparison import ComparisonResult
from tokeval.document.gate import GateResult, RuleOutcome
from tokeval.document.metrics import MetricInfo, MetricsResult
from tokeval.document.mixture import MixtureResult
from tokeval.document.parts import Measured, Undefined, Value
from tokeval.document.probe import ProbeResult
from tokeval.document.visual import VisualResult
from tokeval.errors import UsageError

if TYPE_CHECKING:
    import pandas

    from tokeval.document.report import Report, Result

Row = dict[str, Any]

COLUMNS = (
    "type", "metric", "tokenizer", "slice", "statistic", "value", "low", "high", "stderr",
    "n_blocks", "reason", "unit", "direction", "signature",
)  # fmt: skip
"""What every table has, in this order."""

EXTRA_COLUMNS = (
    "family", "probe", "model", "compared_with", "outcome", "p_value", "p_holm", "rule", "severity",
    "failed", "limit", "message",
)  # fmt: skip
"""What only some types have; those that are empty throughout are left out."""

NUMBERS = ("value", "low", "high", "stderr", "p_value", "p_holm")
COUNTS = ("n_blocks", "rule")


def to_frame(report: Report) -> pandas.DataFrame:
    """The rows of all results as a frame of pandas.

    Numbers are float64, NaN where there is none, and `reason` then says why; `n_blocks` is Int64.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise UsageError("to_frame needs pandas", "pip install 'tokeval[frames]'") from error
    found = list(rows(report))
    used = {name for row in found for name, value in row.items() if value is not None}
    labels = sorted(name for name in used if name.startswith("slice_"))
    columns = [*COLUMNS, *(name for name in EXTRA_COLUMNS if name in used), *labels]
    frame = pandas.DataFrame(found, columns=columns)
    numbers = {name: "float64" for name in NUMBERS if name in columns}
    return frame.astype(numbers | {name: "Int64" for name in COUNTS if name in columns})


def rows(report: Report) -> Iterator[Row]:
    """A row for each number of each result, in the order of the document.

    Columns are COLUMNS, some of EXTRA_COLUMNS, and `slice_LABEL` for labels of slices. `tokenizer`
    is the dump of a visual result; `statistic` is `value`, except in comparisons and gates.
    """
    for result in report.results:
        yield from _rows_of(result)


def _rows_of(result: Result) -> Iterator[Row]:
    """The rows of one result."""
    if isinstance(result, MetricsResult):
        return _metrics_rows(result)
    if isinstance(result, MixtureResult):
        return _mixture_rows(result)
    if isinstance(result, VisualResult):
        return _visual_rows(result)
    if isinstance(result, ProbeResult):
        return _probe_rows(result)
    if isinstance(result, ComparisonResult):
        return _comparison_rows(result)
    return _gate_rows(result)


def _metrics_rows(result: MetricsResult) -> Iterator[Row]:
    """A row for each cell, with the labels of its slice."""
    infos = {info.id: info for info in result.metrics}
    labels = {
        part.name: {f"slice_{name}": value for name, value in part.labels.items()}
        for part in result.slices
    }
    for cell in result.cells:
        yield {
            **_row("metrics", cell.metric, cell.tokenizer, cell.slice, cell.signature),
            **_value(cell.value),
            **_info(infos.get(cell.metric)),
            **labels.get(cell.slice, {}),
        }


def _mixture_rows(result: MixtureResult) -> Iterator[Row]:
    """A row for the share of each category, which is the slice, and for each figure of the fit."""
    name, signature = result.tokenizer, result.signature
    for category in result.categories:
        yield {
            **_row("mixture", "share", name, category.name, signature),
            "value": category.share,
            "low": category.low,
            "high": category.high,
            "unit": "share of bytes",
            "direction": "none",
        }
    fit = result.fit
    figures = {
        "zero_count_merges": fit.zero_count_merges,
        "residual_sd": fit.residual_sd,
        "objective": fit.objective,
    }
    for metric, value in figures.items():
        none = None if value is not None else "fewer than two winners occur in the categories"
        yield {
            **_row("mixture", metric, name, "all", signature),
            "value": value,
            "reason": none,
            "direction": "lower",
            "outcome": fit.verdict,
        }


def _visual_rows(result: VisualResult) -> Iterator[Row]:
    """A row for each statistic of each part of a dump."""
    infos = {info.id: info for info in result.metrics}
    for cell in result.cells:
        yield {
            **_row("visual", cell.metric, result.dump, cell.slice, cell.signature),
            **_value(cell.value),
            **_info(infos.get(cell.metric)),
        }


def _probe_rows(result: ProbeResult) -> Iterator[Row]:
    """A row for each cell of a probe."""
    infos = {info.id: info for info in result.metrics}
    for cell in result.cells:
        yield {
            **_row("probe", cell.metric, result.tokenizer or None, cell.slice, cell.signature),
            **_value(cell.value),
            **_info(infos.get(cell.metric)),
            "probe": result.probe,
            "model": result.model or None,
        }


def _comparison_rows(result: ComparisonResult) -> Iterator[Row]:
    """Four rows for each pair of cells: before, after, difference, and relative difference."""
    infos = {info.id: info for info in result.metrics}
    for one in result.differences:
        common = {
            **_row("comparison", one.metric, result.after, one.slice, one.signature),
            **_info(infos.get(one.metric)),
            "compared_with": result.before,
            "outcome": one.outcome,
            "p_value": one.p_value,
            "p_holm": one.p_holm,
        }
        statistics = ("before", "after", "difference", "relative")
        values = (one.before, one.after, one.difference, one.relative)
        for statistic, value in zip(statistics, values, strict=True):
            yield {**common, **_value(value), "statistic": statistic}
            common = {**common, "unit": None} if statistic == "difference" else common


def _gate_rows(result: GateResult) -> Iterator[Row]:
    """A row for each value, baseline and change of each outcome; one for an outcome without."""
    for one in result.rules:
        found = {"value": one.value, "baseline": one.baseline, "change": one.change}
        for statistic, value in found.items():
            if value is not None:
                yield {**_outcome(one), **_value(value), "statistic": statistic}
        if not any(value is not None for value in found.values()):
            yield {**_outcome(one), "reason": one.message}


def _outcome(one: RuleOutcome) -> Row:
    """What the rows of an outcome share."""
    return {
        **_row("gate", one.metric, one.tokenizer or None, one.slice or None, None),
        "outcome": one.status,
        "rule": one.rule,
        "severity": one.severity,
        "failed": one.failed,
        "limit": one.limit or None,
        "message": one.message,
    }


def _row(
    kind: str, metric: str, tokenizer: str | None, part: str | None, signature: str | None
) -> Row:
    """Where a number belongs."""
    return {
        "type": kind,
        "metric": metric,
        "tokenizer": tokenizer,
        "slice": part,
        "statistic": "value",
        "signature": signature or None,
    }


def _value(value: Value) -> Row:
    """A number with its interval, or the reason why either is missing."""
    if isinstance(value, Undefined):
        return {"reason": value.reason}
    measured: Measured = value
    return {
        "value": measured.value,
        "low": measured.low,
        "high": measured.high,
        "stderr": measured.stderr,
        "n_blocks": measured.n_blocks,
        "reason": measured.stderr_reason,
    }


def _info(info: MetricInfo | None) -> Mapping[str, str]:
    """What a reader must know about a metric."""
    if info is None:
        return {}
    return {"unit": info.unit, "direction": info.direction, "family": info.family}

"""A report as CSV (RFC 4180): one row for each cell or category, for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from tokeval.document import (
    Cell,
    Measured,
    MetricInfo,
    MixtureResult,
    Report,
    VisualResult,
    comparison_results,
    metrics_results,
    mixture_results,
)
from tokeval.render.comparison_csv import COLUMNS as COMPARISON_COLUMNS
from tokeval.render.comparison_csv import comparison_rows
from tokeval.render.mixture_csv import columns, mixture_rows
from tokeval.render.probe_view import ProbeGroup, probe_groups
from tokeval.render.summary import metrics_by_id
from tokeval.render.visual_view import column_name, ordered_dumps

COLUMNS = (
    "metric",
    "tokenizer",
    "slice",
    "value",
    "stderr",
    "low",
    "high",
    "n_blocks",
    "undefined_reason",
    "unit",
    "direction",
    "signature",
)

SHARE = "mixture_share"
"""What shares of categories are called where they stand in one table with metrics."""

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 some locales read full-width signs as formulas


def render_csv(report: Report) -> str:
    """All cells of a report, in the document's order, under a heading row; lines end with CRLF.

    A document with mixtures only has a row for each category, with columns of its own. Beside
    metrics, the share of a category is a row of metric `mixture_share`, with it as the slice.
    A statistic of visual tokens is a row like a metric, with the dump in place of the tokenizer;
    so is a number of a probe, with the tokenizer or the model. A document with comparisons only
    has columns of its own too; beside other results comparisons are left to the other formats.

    Numbers have as many digits as it takes to read back the same number, `.` as decimal point,
    and no unit: a share is a fraction of one. What does not exist is an empty field.

    Names come from users, and spreadsheets run a text that begins like a formula. So a text that
    begins with one of `= + - @`, their full-width forms, a tab or a line break, apostrophes
    before it or not, gets an apostrophe in front; removing it gives the text back. Numbers are
    never changed.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    mixtures = mixture_results(report)
    dumps = ordered_dumps(report)
    probes = probe_groups(report)
    if mixtures and not metrics_results(report) and not dumps and not probes:
        writer.writerow(map(inert_field, columns(mixtures)))
        writer.writerows(map(_field, row) for row in mixture_rows(mixtures))
        return out.getvalue()
    comparisons = comparison_results(report)
    if comparisons and len(comparisons) == len(report.results):
        writer.writerow(COMPARISON_COLUMNS)
        writer.writerows(map(_field, row) for row in comparison_rows(comparisons))
        return out.getvalue()
    writer.writerow(COLUMNS)
    for result in metrics_results(report):
        known = metrics_by_id(result)
        writer.writerows(_row(cell, known.get(cell.metric)) for cell in result.cells)
    for mixture in mixtures:
        writer.writerows(_share_rows(mixture))
    for dump in dumps:
        writer.writerows(_visual_rows(dump))
    for group in probes:
        writer.writerows(_probe_rows(group))
    return out.getvalue()


def _field(value: str | float | None) -> str:
    """A field: a number with all its digits, an inert text, or nothing."""
    if value is None:
        return ""
    return inert_field(value) if isinstance(value, str) else repr(value)


def _share_rows(result: MixtureResult) -> Iterator[list[str]]:
    """The shares of a mixture, in the order of COLUMNS."""
    for one in result.categories:
        interval = (None, one.low, one.high, None, None)
        row = (SHARE, result.tokenizer, one.name, one.share, *interval, "share", "none")
        yield [*map(_field, row), _field(result.signature)]


def _visual_rows(result: VisualResult) -> Iterator[Iterator[str]]:
    """The statistics of a dump, in the order of COLUMNS: the dump stands for the tokenizer."""
    known = {info.id: info for info in result.metrics}
    for one in result.cells:
        cell = Cell(one.metric, column_name(result), one.slice, one.value, one.signature)
        yield _row(cell, known.get(one.metric))


def _probe_rows(group: ProbeGroup) -> Iterator[Iterator[str]]:
    """The numbers of a probe, in the order of COLUMNS."""
    for name, result in zip(group.names, group.results, strict=True):
        for one in result.cells:
            cell = Cell(one.metric, name, one.slice, one.value, one.signature)
            yield _row(cell, group.infos.get(one.metric))


def _row(cell: Cell, metric: MetricInfo | None) -> Iterator[str]:
    """The fields of one cell, in the order of COLUMNS."""
    yield from map(inert_field, (cell.metric, cell.tokenizer, cell.slice))
    value = cell.value
    if isinstance(value, Measured):
        for number in (value.value, value.stderr, value.low, value.high, value.n_blocks):
            yield "" if number is None else repr(number)
        yield ""
    else:
        yield from ("", "", "", "", "", inert_field(value.reason))
    yield inert_field(metric.unit if metric else "")
    yield metric.direction if metric else ""
    yield inert_field(cell.signature)


def inert_field(text: str) -> str:
    """A text that no spreadsheet takes for a formula; other texts are returned as they are.

    >>> inert_field("=cmd()"), inert_field("'=cmd()"), inert_field("gpt-4o")
    ("'=cmd()", "''=cmd()", 'gpt-4o')
    """
    begins = text.lstrip("'")[:1]
    return f"'{text}" if begins and begins in FORMULA_STARTS else text

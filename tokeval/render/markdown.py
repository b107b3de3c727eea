"""A report as GitHub Markdown, for pull requests and job summaries."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tokeval.document import (
    Finding,
    MetricInfo,
    MetricsResult,
    Provenance,
    Ranking,
    Report,
    VisualResult,
    comparison_results,
    gate_results,
    metrics_results,
    mixture_results,
)
from tokeval.render.comparison_markdown import comparison_blocks
from tokeval.render.findings import finding_counts, ordered, shown_example
from tokeval.render.gate_markdown import gate_blocks
from tokeval.render.gate_view import headline as gate_headline
from tokeval.render.markdown_text import prose
from tokeval.render.mixture_markdown import mixture_blocks
from tokeval.render.numbers import (
    SHARE_UNITS,
    Written,
    format_count,
    format_difference,
    format_percent,
    format_value,
)
from tokeval.render.probe_accuracies import short_accuracies
from tokeval.render.probe_summary import probe_sentences
from tokeval.render.probe_view import ProbeGroup, key_rows, probe_groups, row_table
from tokeval.render.summary import (
    Standing,
    main_ranking,
    metrics_by_id,
    standings,
    tokenizer_names,
    verdict,
)
from tokeval.render.tables import (
    Entry,
    Mark,
    Table,
    all_names,
    main_metric,
    main_slice,
    metric_table,
    relabelled,
    slice_table,
)
from tokeval.render.visible import inert, labels, shorten
from tokeval.render.visual_summary import sentences
from tokeval.render.visual_view import facts, name_of, ordered_dumps, stat_table

NAME_CELLS = 60
REASON_CELLS = 240
LONGEST_OPEN = 12
MAX_FINDINGS = 100
MAX_EXAMPLES = 3
SIGNS: dict[Mark, str] = {"": "", "best": "", "tied": "\u00a0≈", "barred": "\u00a0†"}
ARROWS = {"higher": " ↑", "lower": " ↓", "none": ""}
LEGEND = (
    "**Bold**: best. ↑ higher is better, ↓ lower is better. ± is half of a 95% interval. "
    "≈ cannot be told apart from the best: the paired 95% interval includes 0. † not ranked."
)


def render_markdown(report: Report) -> str:
    """The report in the order of the terminal: verdict, ranking, slices, all metrics.

    Long tables are folded. Names, reasons and units come from users: nothing in them is read as
    Markdown or HTML, mentions a person or refers to an issue.
    """
    results = metrics_results(report)
    warnings = [
        f"> Warning: {prose(shorten(warning, REASON_CELLS))}"
        for warning in report.provenance.warnings
    ]
    mixtures, dumps = mixture_results(report), ordered_dumps(report)
    probes, comparisons = probe_groups(report), comparison_results(report)
    gates = gate_results(report)
    any_result = results or mixtures or dumps or probes or comparisons or gates
    blocks = [] if any_result else ["The document holds no metrics."]
    for gate in gates:
        blocks.extend((f"**{prose(gate_headline(gate))}**", *gate_blocks(gate)))
    for result in results:
        tokenizers, slices = all_names(result)
        short = relabelled(
            result,
            tokenizers=labels(tokenizers, NAME_CELLS),
            slices=labels(slices, NAME_CELLS),
        )
        blocks.extend(_result(short, warnings))
    if any_result and not results:
        blocks.extend(warnings)
    for mixture in mixtures:
        blocks.extend(mixture_blocks(mixture))
        blocks.extend(_findings(mixture.findings, [mixture.tokenizer]))
    blocks.extend(_visual(dumps))
    for group in probes:
        blocks.extend(_probe(group))
    for comparison in comparisons:
        blocks.extend(comparison_blocks(comparison))
    blocks.append(_provenance(report.provenance, results))
    return "\n\n".join(blocks) + "\n"


def _result(result: MetricsResult, warnings: Sequence[str]) -> Iterator[str]:
    """The blocks of one result."""
    ranking = main_ranking(result)
    if ranking:
        yield f"**{prose(verdict(result, ranking)).strip()}**"
    yield from warnings
    if ranking and ranking.entries:
        yield _ranking(result, ranking)
    if ranking:
        yield from _excluded(ranking)
    yield from _findings(result.findings, tokenizer_names(result))
    by_slice = slice_table(result)
    metric = main_metric(result)
    if by_slice and metric:
        table = _turned(by_slice)
        grid = _grid(table, corner="slice", heads=list(map(prose, table.rows)))
        yield _folded(table.title, len(table.rows), grid)
    all_metrics = metric_table(result)
    if all_metrics:
        heads = [_metric_head(one) for one in result.metrics]
        grid = _grid(all_metrics, corner="metric", heads=heads)
        yield _folded(all_metrics.title, len(heads), grid)
    yield LEGEND


def _visual(results: Sequence[VisualResult]) -> Iterator[str]:
    """Four sentences for each dump, its findings, and all statistics side by side."""
    references = [one for one in results if one.is_reference]
    for one in results:
        if not one.is_reference or len(references) == len(results):
            first, *rest = map(prose, sentences(one, references) or (f"{name_of(one)}.",))
            yield " ".join((f"**{first}**", *rest))
            yield prose(f"{facts(one)}.")
    yield from _findings([finding for one in results for finding in one.findings], [])
    if any(one.cells for one in results):
        table, rows = stat_table(results)
        heads = [_stat_head(row.label, row.info) for row in rows]
        grid = _grid(_narrow(table), corner="statistic", heads=heads)
        yield _folded(table.title, len(rows), grid)


def _probe(group: ProbeGroup) -> Iterator[str]:
    """What was found of each tokenizer or model, findings, and the short table."""
    for result in group.results:
        first, *rest = map(prose, probe_sentences(result))
        yield " ".join((f"**{first}**", *rest))
    yield from _findings([one for result in group.results for one in result.findings], group.names)
    rows, found_right = key_rows(group), short_accuracies(group)
    if rows:
        table = row_table(group.title, group, rows, lambda row: row.label)
        heads, corner = [_stat_head(row.label, row.info) for row in rows], "metric"
    elif found_right:
        table, conditions = found_right
        corner = "questions"
        heads = [prose(": ".join(pair)) for pair in zip(conditions, table.rows, strict=True)]
    else:
        return
    yield _folded(table.title, len(heads), _grid(_narrow(table), corner=corner, heads=heads))


def _stat_head(label: str, metric: MetricInfo) -> str:
    """A statistic's id with its part, which direction is better, and its unit."""
    unit = "" if metric.unit in SHARE_UNITS or not metric.unit else f", {prose(metric.unit)}"
    return f"{prose(label)}{ARROWS[metric.direction]}{unit}"


def _ranking(result: MetricsResult, ranking: Ranking) -> str:
    """The ranking with distances from the best."""
    metric = metrics_by_id(result).get(ranking.metric)
    unit = metric.unit if metric else ""
    title = _metric_head(metric) if metric else prose(ranking.metric)
    lines = [
        f"| # | tokenizer | {title} | behind the best | |",
        "|--:|:--|--:|--:|--:|",
        *(_standing(row, unit) for row in standings(result, ranking)),
    ]
    return "\n".join(lines)


def _standing(row: Standing, unit: str) -> str:
    """A row of the ranking."""
    name = prose(row.tokenizer).strip()
    value = _unbroken(format_value(row.value, unit))
    if row.apart == "best":
        name, value = f"**{name}**", f"**{value}**"
    sign = SIGNS["tied"] if row.apart == "tied" else ""
    behind = "" if row.behind is None else _unbroken(format_difference(row.behind, unit))
    if row.apart == "unknown":
        sign = " (whether by chance is not known)"
    share = "" if row.share_behind is None else format_percent(row.share_behind)
    return f"| {row.place} | {name} | {value} | {behind.removeprefix('+')}{sign} | {share} |"


def _excluded(ranking: Ranking) -> Iterator[str]:
    """Who is not ranked, with the reason."""
    if ranking.excluded:
        yield "\n".join(
            f"- Not ranked: {prose(one.tokenizer)}: {prose(shorten(one.reason, REASON_CELLS))}"
            for one in ranking.excluded
        )


def _metric_head(metric: MetricInfo) -> str:
    """A metric's title, which direction is better, and its unit."""
    return _stat_head(metric.title or metric.id, metric)


def _turned(table: Table) -> Table:
    """Rows as columns: a page grows downwards, and slices are many."""
    entries = tuple(zip(*table.entries, strict=True))
    return Table(table.title, table.columns, table.rows, entries, table.notes)


def _narrow(table: Table) -> Table:
    """The table with short names of columns."""
    short = labels(table.columns, NAME_CELLS)
    return replace(table, columns=tuple(short[name] for name in table.columns))


def _grid(table: Table, *, corner: str, heads: Sequence[str]) -> str:
    """A table and its notes."""
    lines = [
        f"| {corner} | {' | '.join(map(prose, table.columns))} |",
        f"|:--|{'--:|' * len(table.columns)}",
        *(
            f"| {head} | {' | '.join(map(_entry, row))} |"
            for head, row in zip(heads, table.entries, strict=True)
        ),
    ]
    if table.notes:
        notes = [
            f"<sup>{number}</sup> {prose(shorten(note, REASON_CELLS))}"
            for number, note in enumerate(table.notes, start=1)
        ]
        lines += ["", "<br>\n".join(notes)]
    return "\n".join(lines)


def _entry(entry: Entry) -> str:
    """A number with its interval, its sign, or the number of its note."""
    if entry.note:
        return f"{entry.written}<sup>{entry.note}</sup>"
    text = _unbroken(entry.written)
    return f"**{text}**" if entry.mark == "best" else text + SIGNS[entry.mark]


def _unbroken(written: Written) -> str:
    """A number and its interval, which a narrow column may not part: with no-break spaces."""
    return str(written).replace(" ", "\u00a0")


def _findings(findings: Sequence[Finding], tokenizers: Sequence[str]) -> Iterator[str]:
    """What owners of the tokenizers should know, the gravest first."""
    found = ordered(findings, tokenizers)
    if not found:
        return
    lines = [_finding(one) for one in found[:MAX_FINDINGS]]
    if len(found) > MAX_FINDINGS:
        lines.append(f"- … and {format_count(len(found) - MAX_FINDINGS)} more in the document")
    body = "\n".join([*lines, "", "`tokeval explain CODE` says more of any of them."])
    yield _folded(f"Findings: {finding_counts(found)}", len(found), body)


def _finding(finding: Finding) -> str:
    """A finding as an entry of a list, with a few examples."""
    message = prose(shorten(finding.message, REASON_CELLS))
    number = f" ({format_count(finding.n)}×)" if finding.n != 1 else ""
    shown = [prose(shown_example(one)) for one in finding.examples[:MAX_EXAMPLES]]
    examples = ": " + ", ".join(f"<code>{one}</code>" for one in shown) if shown else ""
    head = f"**{finding.severity}** <code>{prose(finding.code)}</code> {prose(finding.tokenizer)}"
    return f"- {head}: {message}{number}{examples}"


def _folded(title: str, n_rows: int, body: str) -> str:
    """A part under its title; a long one opens on a click."""
    if n_rows <= LONGEST_OPEN:
        return f"#### {prose(title)}\n\n{body}"
    summary = f"{prose(title)} ({n_rows} rows)"
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _provenance(provenance: Provenance, results: Sequence[MetricsResult]) -> str:
    """How the numbers can be made again: the command line and the signatures, folded."""
    runs = list(provenance.runs.values()) or [provenance]
    lines = [inert(" ".join(map(shlex.quote, run.argv))) for run in runs]
    for result in results:
        metric = main_metric(result)
        lines.extend(
            f"# {inert(cell.tokenizer)}: {inert(cell.signature)}"
            for cell in result.cells
            if metric and (cell.metric, cell.slice) == (metric.id, main_slice(result))
        )
    code = "\n".join(lines)
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    summary = f"How this was measured (tokeval {prose(provenance.tokeval)})"
    return f"<details><summary>{summary}</summary>\n\n{fence}sh\n{code}\n{fence}\n\n</details>"

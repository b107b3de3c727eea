"""A report on a terminal: what is best and by how much first, then the tables, in any width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from tokeval.document import (
    Finding,
    MetricInfo,
    MetricsResult,
    Ranking,
    Report,
    Severity,
    Undefined,
    comparison_results,
    gate_results,
    metrics_results,
    mixture_results,
)
from tokeval.render.comparison_terminal import print_comparison
from tokeval.render.findings import finding_counts, finding_line, ordered
from tokeval.render.gate_terminal import print_gate
from tokeval.render.mixture_terminal import print_mixture
from tokeval.render.numbers import (
    SHARE_UNITS,
    format_bytes,
    format_count,
    format_difference,
    format_percent,
    format_value,
)
from tokeval.render.printing import (
    SIGNS,
    STYLES,
    hints,
    print_listed,
    print_signs,
    print_table,
    print_title,
    rich_table,
)
from tokeval.render.probe_terminal import print_probes
from tokeval.render.probe_view import probe_groups
from tokeval.render.summary import (
    Standing,
    main_ranking,
    metrics_by_id,
    standings,
    tokenizer_names,
    verdict,
)
from tokeval.render.tables import (
    Mark,
    all_names,
    main_metric,
    main_slice,
    metric_table,
    relabelled,
    slice_table,
)
from tokeval.render.visible import inert, labels, shorten
from tokeval.render.visual_terminal import print_visual
from tokeval.render.visual_view import ordered_dumps

ARROWS = {"higher": "↑", "lower": "↓", "none": ""}
ROOM_FOR_UNITS = 100
RANKING_CELLS = 46
SLICE_CELLS = 14
MAX_FINDINGS = 10
MANY_METRICS = 20
FINDING_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "note": ""}


def print_report(report: Report, console: Console) -> None:
    """Print a report in the width of the console, without colour where it has none.

    Names are shortened, uniquely, and made inert: they cannot act on the terminal.
    """
    results = metrics_results(report)
    mixtures = mixture_results(report)
    dumps = ordered_dumps(report)
    probes = probe_groups(report)
    comparisons = comparison_results(report)
    _print_gates(report, console)
    if not report.results:
        console.print(Text("The document holds no metrics."))
    for number, result in enumerate(results):
        if number:
            console.rule(style="dim")
        tokenizers, slices = all_names(result)
        short = relabelled(
            result,
            tokenizers=labels(tokenizers, _name_cells(console.width)),
            slices=labels(slices, SLICE_CELLS),
        )
        _print_result(short, report.provenance.warnings, console)
    for number, mixture in enumerate(mixtures, len(results)):
        if number:
            console.rule(style="dim")
        print_mixture(mixture, () if results else report.provenance.warnings, console)
    if dumps and (results or mixtures):
        console.rule(style="dim")
    if dumps:
        warnings = () if results or mixtures else report.provenance.warnings
        print_visual(dumps, warnings, console)
    if probes:
        others = bool(results or mixtures or dumps)
        if others:
            console.rule(style="dim")
        print_probes(probes, () if others else report.provenance.warnings, console)
    _print_comparisons(report, console, is_first=len(comparisons) == len(report.results))
    console.print(hints(console.width))


def _print_gates(report: Report, console: Console) -> None:
    """What gates decided, before all else."""
    gates = gate_results(report)
    for gate in gates:
        print_gate(gate, console)
        if len(gates) < len(report.results):
            console.rule(style="dim")


def _print_comparisons(report: Report, console: Console, *, is_first: bool) -> None:
    """The comparisons of a report, which may stand behind other results."""
    for number, comparison in enumerate(comparison_results(report)):
        if number or not is_first:
            console.rule(style="dim")
        warnings = report.provenance.warnings if is_first and not number else ()
        print_comparison(comparison, warnings, console)


def _name_cells(width: int) -> int:
    """How long a tokenizer's label may be, so that the ranking's numbers stand beside it."""
    return min(max(min(width // 3, width - RANKING_CELLS), 12), 40)


def _print_result(result: MetricsResult, warnings: Sequence[str], console: Console) -> None:
    """One result, what matters most first."""
    ranking = main_ranking(result)
    if ranking:
        console.print(Text(inert(verdict(result, ranking)), "bold"))
    console.print(Text(_extent(result), "dim"))
    print_listed([f"Warning: {inert(warning)}" for warning in warnings], console, style="yellow")
    if ranking:
        _print_ranking(result, ranking, console)
    _print_findings(result, console)
    by_slice = slice_table(result)
    if by_slice:
        metric = main_metric(result)
        title = f"{by_slice.title}{_better(metric)}"
        print_table(by_slice, console, title=title, heads=[Text(row) for row in by_slice.rows])
        _print_barred(result, console)
    all_metrics = metric_table(result)
    if all_metrics:
        short = labels((metric.id for metric in result.metrics), max(console.width // 3, 12))
        heads = [_metric_head(one, short[one.id], console.width) for one in result.metrics]
        groups = [one.family for one in result.metrics] if len(heads) > MANY_METRICS else []
        title = f"{all_metrics.title} (↑ higher is better, ↓ lower is better)"
        print_table(all_metrics, console, title=title, heads=heads, groups=groups)


def _extent(result: MetricsResult) -> str:
    """How much was measured, and what ± means."""
    counts = (
        (len(tokenizer_names(result)), "tokenizer"),
        (len(result.slices), "slice"),
        (len(result.metrics), "metric"),
    )
    parts = [f"{format_count(n)} {noun}{'' if n == 1 else 's'}" for n, noun in counts if n]
    n_bytes = sum(part.n_bytes for part in result.slices)
    if n_bytes:
        parts.append(f"{format_bytes(n_bytes)} of text")
    return f"{', '.join(parts)}. ± is half of a 95% interval." if parts else "Nothing is measured."


def _better(metric: MetricInfo | None) -> str:
    """Which direction is better, behind a title."""
    if metric is None or metric.direction == "none":
        return ""
    return f" ({metric.direction} is better)"


def _print_ranking(result: MetricsResult, ranking: Ranking, console: Console) -> None:
    """The ranking with distances from the best, and who is not ranked, with the reason."""
    metric = metrics_by_id(result).get(ranking.metric)
    unit = metric.unit if metric else ""
    rows = standings(result, ranking)
    if len(rows) > 1:  # of a single one, the headline has said it all
        title = metric.title if metric else ranking.metric
        print_title(f"{title} on {ranking.slice}{_better(metric)}", console)
        table = rich_table()
        table.add_column("#", justify="right", no_wrap=True)
        table.add_column("tokenizer", overflow="fold")
        table.add_column(Text(shorten(unit or "value", 16)), justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column("behind the best", justify="right", overflow="fold")
        table.add_column("", justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*_standing_cells(row, unit))
        console.print(table)
        print_signs({_standing_mark(row) for row in rows}, console)
        print_listed(_why_unknown(rows), console)
    lines = [f"Not ranked: {one.tokenizer}: {inert(one.reason)}" for one in ranking.excluded]
    print_listed(lines, console)


def _why_unknown(rows: Sequence[Standing]) -> list[str]:
    """Why some distances have no interval, each reason once."""
    reasons = dict.fromkeys(
        row.behind.reason if isinstance(row.behind, Undefined) else row.behind.stderr_reason
        for row in rows
        if row.apart == "unknown" and row.behind is not None
    )
    return [f"? whether by chance is not known: {inert(reason or '')}" for reason in reasons]


def _standing_mark(row: Standing) -> Mark:
    if row.apart == "best":
        return "best"
    return "tied" if row.apart == "tied" else ""


def _standing_cells(row: Standing, unit: str) -> Iterator[Text]:
    """Place, name, value, sign, distance, and distance as a share of the best."""
    mark = _standing_mark(row)
    style = STYLES[mark]
    yield Text(str(row.place))
    yield Text(row.tokenizer, style)
    yield Text(str(format_value(row.value, unit)), style)
    yield Text("?" if row.apart == "unknown" else SIGNS[mark], style)
    if row.behind is None:
        yield Text("")
    else:
        # A distance has a direction of its own (worse > 0), so it needs no sign unless negative.
        yield Text(str(format_difference(row.behind, unit)).removeprefix("+"), style)
    yield Text("" if row.share_behind is None else format_percent(row.share_behind), style)


def _print_barred(result: MetricsResult, console: Console) -> None:
    """Who is not ranked on the other slices, with the reasons."""
    metric = main_metric(result)
    lines = [
        f"{SIGNS['barred']} {one.tokenizer} on {ranking.slice}: {inert(one.reason)}"
        for ranking in result.rankings
        if metric and ranking.metric == metric.id and ranking.slice != main_slice(result)
        for one in ranking.excluded
    ]
    print_listed(lines, console)


def _print_findings(result: MetricsResult, console: Console) -> None:
    """Errors and warnings, each on one line, the gravest first; notes are counted only."""
    found = ordered(result.findings, tokenizer_names(result))
    if not found:
        return
    print_title(f"Findings: {finding_counts(found)}", console)
    grave = [one for one in found if one.severity != "note"]
    for one in grave[:MAX_FINDINGS]:
        line = Text(finding_line(one), FINDING_STYLES[one.severity])
        line.truncate(console.width, overflow="ellipsis")
        console.print(line)
    console.print(Text(_more_of(grave[MAX_FINDINGS:]), "dim"))


def _more_of(left_out: Sequence[Finding]) -> str:
    """Where to read on about findings."""
    explain = "`tokeval explain CODE` says more"
    if not left_out:
        return explain
    return f"… and {format_count(len(left_out))} more in --html, --md and --json; {explain}"


def _metric_head(metric: MetricInfo, label: str, width: int) -> Text:
    """A metric's id, which direction is better, and its unit where there is room."""
    head = Text(f"{label} {ARROWS[metric.direction]}".rstrip())
    if width < ROOM_FOR_UNITS or metric.unit in SHARE_UNITS:
        return head
    return head.append(f" {shorten(metric.unit, 16)}", "dim")

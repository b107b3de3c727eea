"""Visual tokens on a terminal: four sentences for each dump, then all statistics side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tokeval.document import MetricInfo, Report, VisualResult
from tokeval.render.findings import finding_line, ordered
from tokeval.render.numbers import SHARE_UNITS
from tokeval.render.printing import print_listed, print_table
from tokeval.render.visible import inert, labels, shorten
from tokeval.render.visual_summary import sentences
from tokeval.render.visual_view import facts, name_of, ordered_dumps, stat_table

ARROWS = {"higher": " ↑", "lower": " ↓", "none": ""}
NAME_CELLS = 24
ROOM_FOR_UNITS = 100
READ = "± is half of a 95% interval; “a to b” is what the truth lies between, with no point."


def render_visual(report: Report, *, width: int = 100) -> str:
    """The results of `tokeval visual` in a document as plain text, in lines of at most `width`."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    print_visual(ordered_dumps(report), report.provenance.warnings, console)
    return out.getvalue()


def print_visual(
    results: Sequence[VisualResult], warnings: Sequence[str], console: Console
) -> None:
    """Print dumps in the width of the console: what each is like, its findings, all statistics."""
    references = [one for one in results if one.is_reference]
    dumps = [one for one in results if not one.is_reference] or results
    for number, one in enumerate(dumps):
        if number:
            console.print()
        _print_sentences(one, references, console)
    for one in references:
        console.print(Text(inert(f"Reference: {name_of(one)}, {facts(one)}."), "dim"))
    print_listed([f"Warning: {inert(warning)}" for warning in warnings], console, style="yellow")
    found = ordered([finding for one in results for finding in one.findings], [])
    print_listed([finding_line(one) for one in found], console, style="")
    if any(one.cells for one in results):
        _print_statistics(results, console)


def _print_sentences(
    result: VisualResult, references: Sequence[VisualResult], console: Console
) -> None:
    """What a dump is like; the answer to the first question stands out."""
    first, *rest = sentences(result, references) or (f"{name_of(result)}.",)
    console.print(Text(inert(first), "bold"))
    console.print(Text(inert(f"{facts(result)}."), "dim"))
    for sentence in rest:
        console.print(Text(inert(sentence)))


def _print_statistics(results: Sequence[VisualResult], console: Console) -> None:
    """All statistics, a column for each dump, under the names of their families."""
    table, rows = stat_table(results)
    names = labels(table.columns, min(NAME_CELLS, max(console.width // 3, 8)))
    short = labels(table.rows, max(console.width // 3, 12))
    table = replace(table, columns=tuple(names[name] for name in table.columns))
    heads = [_head(row.info, short[row.label], console.width) for row in rows]
    widest = max(cell_len(head.plain) for head in heads)
    groups = [shorten(row.group or "other", widest) for row in rows]
    print_table(table, console, title=table.title, heads=heads, groups=groups)
    console.print(Text(READ, "dim"))


def _head(info: MetricInfo, label: str, width: int) -> Text:
    """A statistic's id, which direction is better, and its unit where there is room."""
    head = Text(f"{label}{ARROWS[info.direction]}")
    if width < ROOM_FOR_UNITS or info.unit in SHARE_UNITS:
        return head
    return head.append(f" {shorten(info.unit, 16)}".rstrip(), "dim")

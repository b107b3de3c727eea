"""Probes on a terminal: sentences for each tokenizer or model, then one short table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tokeval.document import Report
from tokeval.render.findings import finding_line, ordered
from tokeval.render.printing import print_listed, print_table
from tokeval.render.probe_accuracies import short_accuracies
from tokeval.render.probe_summary import probe_sentences
from tokeval.render.probe_view import (
    ProbeGroup,
    Row,
    key_rows,
    probe_groups,
    row_table,
)
from tokeval.render.summary import WHOLE_CORPUS
from tokeval.render.visible import inert, labels, shorten

ARROWS = {"higher": " ↑", "lower": " ↓", "none": ""}
NAME_CELLS = 24
READ = "[a to b]: 95% interval. ↑ higher, ↓ lower is better. --html shows all numbers."


def render_probes(report: Report, *, width: int = 100) -> str:
    """The results of `tokeval probe` in a document as plain text, in lines of at most `width`."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    print_probes(probe_groups(report), report.provenance.warnings, console)
    return out.getvalue()


def print_probes(groups: Sequence[ProbeGroup], warnings: Sequence[str], console: Console) -> None:
    """Print every probe in the width of the console: what was found, findings, a short table."""
    print_listed([f"Warning: {inert(warning)}" for warning in warnings], console, style="yellow")
    for number, group in enumerate(groups):
        if number:
            console.rule(style="dim")
        for result in group.results:
            first, *rest = probe_sentences(result)
            console.print(Text(inert(first), "bold"))
            for sentence in rest:
                console.print(Text(inert(sentence)))
        found = ordered([one for result in group.results for one in result.findings], group.names)
        print_listed([finding_line(one) for one in found], console, style="")
        _print_table(group, console)


def _print_table(group: ProbeGroup, console: Console) -> None:
    """The short table of a probe, if it has one."""
    rows = key_rows(group)
    found = short_accuracies(group)
    widest = max(console.width * 9 // 20, 12)
    if rows:
        table, conditions = row_table(group.title, group, rows, _label), []
    elif found:
        table, conditions = found[0], [shorten(one, widest) for one in found[1]]
    else:
        return
    columns = labels(table.columns, min(NAME_CELLS, max(console.width // 3, 8)))
    heads = labels(table.rows, widest)
    # A heading of several rows may be wider than their names.
    room = max(map(cell_len, conditions), default=0)
    shown = [Text(f"{'  ' if conditions else ''}{heads[head]}".ljust(room)) for head in table.rows]
    for text, row in zip(shown, rows, strict=False):
        text.append(ARROWS[row.info.direction])
    short = replace(table, columns=tuple(columns[name] for name in table.columns))
    print_table(short, console, title=table.title, heads=shown, groups=conditions)
    console.print(Text(READ, "dim"))


def _label(row: Row) -> str:
    """The id of a metric, and the slice where it is not the whole, in few words.

    What a configuration is compared with is left out: it is the same for all of a family.
    """
    if row.slice == WHOLE_CORPUS:
        return row.info.id
    name = row.info.id.removeprefix("markov_").removeprefix("training_")
    return f"{name} {row.slice.partition('/against:')[0]}"

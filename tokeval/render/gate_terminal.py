"""The result of a gate on a terminal: the verdict, what failed and why, and the numbers."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tokeval.document import GateResult
from tokeval.render.gate_view import Level, Row, headline, noteworthy, rows, sources
from tokeval.render.numbers import format_count
from tokeval.render.printing import print_listed, print_title, rich_table
from tokeval.render.visible import inert, shorten

STYLES: dict[Level, str] = {"error": "bold red", "warning": "yellow", "note": "cyan", "none": "dim"}
MAX_MESSAGES = 40
MAX_ROWS = 60
NAME_CELLS = 40
MESSAGE_CELLS = 600


def print_gate(result: GateResult, console: Console) -> None:
    """Print the result in the width of the console."""
    style = "bold green" if result.verdict == "pass" else "bold red"
    console.print(Text(headline(result), style))
    if sources(result):
        console.print(Text(shorten(sources(result), MESSAGE_CELLS), "dim"))
    print_listed([f"Warning: {inert(one)}" for one in result.warnings], console, style="yellow")
    shown = rows(result)
    _print_messages(noteworthy(shown), console)
    _print_numbers(shown, console)


def _print_messages(shown: list[Row], console: Console) -> None:
    """A sentence for each outcome that is more than passed."""
    if shown:
        console.print()
    for row in shown[:MAX_MESSAGES]:
        line = Text(f"{row.status}: ", STYLES[row.level])
        console.print(line.append(shorten(row.outcome.message, MESSAGE_CELLS), "default"))
    _print_rest(len(shown) - MAX_MESSAGES, console)


def _print_numbers(shown: list[Row], console: Console) -> None:
    """A row for each check."""
    print_title("Checks", console)
    table = rich_table()
    table.add_column("rule", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("of", overflow="fold")
    changed = any(row.change for row in shown)
    for head in ("before", "now", "change") if changed else ("now",):
        table.add_column(head, justify="right", overflow="fold")
    table.add_column("limit", overflow="fold")
    for row in shown[:MAX_ROWS]:
        one = row.outcome
        numbers = (row.baseline, row.now, row.change) if changed else (row.now,)
        name = " ".join(part for part in (one.metric, row.place) if part)
        table.add_row(
            Text(str(one.rule)),
            Text(row.status, STYLES[row.level]),
            Text(shorten(name, NAME_CELLS)),
            *map(Text, numbers),
            Text(inert(one.limit)),
        )
    console.print(table)
    _print_rest(len(shown) - MAX_ROWS, console)


def _print_rest(n: int, console: Console) -> None:
    """How many are left out."""
    if n > 0:
        console.print(Text(f"… and {format_count(n)} more; --json has all", "dim"))

"""Printing on a terminal: titles, bare tables, signs with meanings, short lists, hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tokeval.render.columns import GAP
from tokeval.render.numbers import format_count
from tokeval.render.tables import Mark
from tokeval.render.visible import inert, shorten

SIGNS: dict[Mark, str] = {"": " ", "best": "*", "tied": "≈", "barred": "†"}
STYLES: dict[Mark, str] = {"": "", "best": "bold green", "tied": "green", "barred": "dim"}
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
MEANINGS: dict[Mark, str] = {
    "best": "best value",
    "tied": "cannot be told apart (the paired 95% interval includes 0)",
    "barred": "not ranked",
}
REASON_CELLS = 240
HINTS = ("--html report.html", "--md report.md", "--csv cells.csv", "--json run.json")
MAX_LISTED = 8


def rich_table() -> RichTable:
    """A table with a line under its heads and no other."""
    return RichTable(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP // 2),
        header_style="bold", collapse_padding=True,
    )  # fmt: skip


def print_title(title: str, console: Console) -> None:
    """A heading after an empty line."""
    console.print()
    console.print(Text(inert(title), "bold underline"))


def print_signs(marks: Iterable[Mark], console: Console) -> None:
    """What the signs mean that occur, on one line where there is room."""
    used = set(marks)
    line = ""
    for mark, meaning in MEANINGS.items():
        sign = f"{SIGNS[mark]} {meaning}"
        if mark in used and line and cell_len(f"{line}   {sign}") > console.width:
            console.print(Text(line, "dim"))
            line = sign
        elif mark in used:
            line = f"{line}   {sign}" if line else sign
    if line:
        console.print(Text(line, "dim"))


def print_listed(
    lines: Sequence[str], console: Console, *, style: str = "dim", limit: int = MAX_LISTED
) -> None:
    """Lines, the first ones when they are many, each of a bearable length."""
    for line in lines[:limit]:
        console.print(Text(shorten(line, REASON_CELLS), style))
    if len(lines) > limit:
        console.print(Text(f"… and {format_count(len(lines) - limit)} more; --json has all", style))


def hints(width: int) -> Text:
    """What to do next, as much of it as fits on one line."""
    line = "Next:"
    for hint in HINTS:
        if cell_len(line) + 2 + cell_len(hint) <= width:
            line = f"{line}  {hint}"
    return Text(f"\n{line}", "dim")

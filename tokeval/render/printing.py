"""Printing on a terminal: titles, bare tables, signs with meanings, short lists, hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tokeval.render.columns import GAP, MIN_COLUMN, panels, widths_of, wrapped
from tokeval.render.numbers import format_count
from tokeval.render.tables import Entry, Mark, Table
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


def print_table(
    table: Table,
    console: Console,
    *,
    title: str,
    heads: Sequence[Text],
    groups: Sequence[str] = (),
) -> None:
    """A table in as many panels as its columns need, then its signs and notes.

    `groups` holds for each row the heading that it stands under; it is empty without headings.
    """
    print_title(title, console)
    head_width = max(cell_len(head.plain) for head in heads)
    room = max(console.width - head_width, MIN_COLUMN + GAP)
    rows = [[_entry(entry, whole=True) for entry in row] for row in table.entries]
    widths = widths_of(table.columns, rows)
    if sum(widths) + GAP * len(widths) > room:
        rows = [[_entry(entry, whole=False) for entry in row] for row in table.entries]
        widths = widths_of(table.columns, rows)
    for first, last in panels(widths, room):
        if first:
            console.print()
        panel = rich_table()
        panel.add_column("", no_wrap=True, width=head_width)
        for heading, width in zip(table.columns[first:last], widths[first:last], strict=True):
            lines = Text(wrapped(heading, width - 1))
            panel.add_column(lines, justify="right", vertical="bottom", width=width)
        for number, (head, row) in enumerate(zip(heads, rows, strict=True)):
            if groups and (not number or groups[number] != groups[number - 1]):
                panel.add_row(Text(shorten(groups[number], head_width), "dim italic"))
            panel.add_row(head, *row[first:last])
        console.print(panel)
    print_signs({entry.mark for row in table.entries for entry in row}, console)
    notes = [f"{_superscript(n)} {inert(note)}" for n, note in enumerate(table.notes, start=1)]
    print_listed(notes, console, limit=len(notes))


def _entry(entry: Entry, *, whole: bool) -> Text:
    """A number as it stands in a table, its sign or note number behind it."""
    sign = _superscript(entry.note) if entry.note else SIGNS[entry.mark]
    text = str(entry.written) if whole else entry.short
    return Text(text + sign, STYLES[entry.mark])


def _superscript(number: int) -> str:
    return str(number).translate(SUPERSCRIPTS)

"""The columns of a table that is wider than the terminal: their widths, headings and panels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells
from rich.text import Text

GAP = 2
MIN_COLUMN = 7
HEADING_CELLS = 10


def widths_of(headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int]:
    """The width of each column, in cells, its sign included."""
    return [
        max(
            MIN_COLUMN,
            min(cell_len(heading), HEADING_CELLS) + 1,
            *(cell_len(row[column].plain) for row in rows),
        )
        for column, heading in enumerate(headings)
    ]


def panels(widths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Columns [first, last) of each panel; every panel is as full as can be."""
    first, used = 0, 0
    for column, width in enumerate(widths):
        if used and used + width + GAP > room:
            yield first, column
            first, used = column, 0
        used += width + GAP
    if widths:
        yield first, len(widths)


def wrapped(heading: str, width: int) -> str:
    """A heading in lines no wider than that, broken behind `-`, `_`, `/` or `.` where it can be.

    Each line ends with a space, under which the signs of the column stand.
    """
    lines, line = [], ""
    for part in re.findall(r"[^-_/. ]*[-_/. ]?", heading):
        for piece in chop_cells(part, width) or [part]:
            if line and cell_len(line) + cell_len(piece) > width:
                lines.append(line)
                line = ""
            line += piece
    return "\n".join(f"{line} " for line in [*lines, line])

"""Program text: its lines, their levels of indentation, and names with their parts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

NAMES = re.compile(rb"(?<![\w\x80-\xff])[A-Za-z_][A-Za-z0-9_]+(?![\w\x80-\xff])")
"""Names of two or more ASCII letters, digits and underscores, in UTF-8."""

_PARTS = re.compile(rb"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")
INDENTS = re.compile(rb"^([ \t]+)(?=[^\s])", re.MULTILINE)
"""The white space that begins a line which is not blank."""

CODE_LINES = re.compile(rb"^.*\S.*$", re.MULTILINE)
"""Lines that are not blank."""


def count_levels(indents: Sequence[bytes]) -> list[float]:
    r"""How many levels deep the indentation of each line is; a tab is one level.

    A level of spaces is the greatest common divisor of the widths of at least a tenth of the
    lines, so that a few aligned continuation lines do not make it 1.

    >>> count_levels([b"    ", b"        ", b"\t\t"])
    [1.0, 2.0, 2.0]
    """
    widths = [len(indent.replace(b"\t", b"")) for indent in indents]
    spaces = [width for width in widths if width]
    common = [width for width in set(spaces) if spaces.count(width) * 10 >= len(spaces)]
    unit = math.gcd(*common) if common else 1
    return [
        indent.count(b"\t") + width / max(unit, 1)
        for indent, width in zip(indents, widths, strict=True)
    ]


def name_parts(name: bytes) -> list[tuple[int, int]]:
    """The [start, end) of the parts of a camelCase or snake_case name; underscores are between.

    >>> name_parts(b"parseHTTPHeader_v2")
    [(0, 5), (5, 9), (9, 15), (16, 18)]
    """
    return [found.span() for found in _PARTS.finditer(name)]

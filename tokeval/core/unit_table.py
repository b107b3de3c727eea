"""The distinct units of texts, numbered; texts are cut and their units looked up as UTF-8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tokeval.core.byte_table import ByteTable, decoded
from tokeval.core.character_sets import PREPENDED, character_table
from tokeval.core.kernels import lean_kernel
from tokeval.core.pretokens import AddedTexts

WHITE_SPACE = (
    *range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
    0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
)  # fmt: skip
"""The code points that `str.isspace` and `\\s` of Python's regular expressions know."""

_IS_WHITE, _IS_PREPENDED = 1, 2


@dataclass(frozen=True)
class Units:
    """The units of some texts.

    Attributes:
        numbers: unit number of each occurrence, in text order, shape (n_occurrences,), int64.
        text_starts: first occurrence of each text, shape (n_texts,), int64. A text has ≥ 1 unit.
    """

    numbers: NDArray[np.int64]
    text_starts: NDArray[np.int64]


class UnitTable:
    """Numbers for distinct units, first come first numbered.

    The first unit of a text and a later one are different units even if they are spelled alike.
    A text stays whole where it holds an added token, and where a unit would end with a character
    whose grapheme cluster takes in the space that follows.

    Args:
        cuts_at_spaces: whether texts are cut; otherwise every text is one unit.
        added_texts: a text that holds one of these stays whole.
    """

    def __init__(self, *, cuts_at_spaces: bool, added_texts: Sequence[str]) -> None:
        self.cuts_at_spaces = cuts_at_spaces
        self.units: list[str] = []
        self.n_characters = 0
        self._added_texts = AddedTexts(added_texts)
        self._table = ByteTable()

    def __len__(self) -> int:
        return len(self.units)

    @property
    def is_first(self) -> bytes:
        """Whether each unit is the first of a text, 0 or 1."""
        return self._table.tags.tobytes()

    def number(self, texts: Sequence[str]) -> Units:
        """The units of each text, new ones added to the table."""
        joined = "\n".join(texts)
        data = np.frombuffer(joined.encode("utf-8", "surrogatepass"), np.uint8)
        starts, ends = _text_places(data, texts, len(joined))
        if self.cuts_at_spaces:
            units, unit_ends = cut_texts(data, starts, ends, self._stay_whole(texts, joined))
        else:
            units, unit_ends = np.arange(len(texts), dtype=np.int64), ends
        unit_starts = np.empty_like(unit_ends)
        unit_starts[1:] = unit_ends[:-1]
        unit_starts[units] = starts
        is_first = np.zeros(len(unit_ends), np.uint8)
        is_first[units] = 1
        numbers = self._table.number(data, unit_starts, unit_ends, is_first)
        n_known = len(self.units)
        if len(self._table) > n_known:
            new = decoded(self._table.pool, self._table.starts[n_known:])
            self.n_characters += sum(map(len, new))
            self.units += new
        return Units(numbers, units)

    def _stay_whole(self, texts: Sequence[str], joined: str) -> NDArray[np.bool_]:
        """Which texts hold an added token."""
        found = self._added_texts.found_in(joined)
        is_whole = np.zeros(len(texts), np.bool_)
        for added in found:
            is_whole |= np.fromiter((added in text for text in texts), np.bool_, len(texts))
        return is_whole


def cut_texts(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    stays_whole: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first unit of each text, and the end of each unit, by the rule of `cut_before_spaces`.

    Args:
        data: UTF-8.
        starts: of each text in it, shape (n_texts,).
        ends: of each text in it.
        stays_whole: texts that are one unit each.
    """
    n_most = int(np.count_nonzero(data == ord(" "))) + len(starts)
    first_units, unit_ends = np.empty(len(starts), np.int64), np.empty(n_most, np.int64)
    n_units = _cut(data, starts, ends, stays_whole, _character_kinds(), first_units, unit_ends)
    return first_units, unit_ends[:n_units].copy()


def _text_places(
    data: NDArray[np.uint8], texts: Sequence[str], n_characters: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[start, end) bytes of each text in the UTF-8 of all, with one byte between them."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths + 1) - 1
    if len(data) != n_characters:
        _to_bytes(data, ends)
    starts = np.empty_like(ends)
    if len(ends):
        starts[0], starts[1:] = 0, ends[:-1] + 1
    return starts, ends


@cache
def _character_kinds() -> NDArray[np.uint8]:
    """What the cut has to know of each code point, shape (0x110000,)."""
    kinds = np.zeros(0x110000, np.uint8)
    kinds[list(WHITE_SPACE)] = _IS_WHITE
    kinds[character_table(PREPENDED)] |= _IS_PREPENDED
    return kinds


@lean_kernel
def _to_bytes(data: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
    """Turns ascending places in characters into places in bytes."""
    character = position = 0
    for p in range(len(places)):
        while character < places[p]:
            position += 1
            while position < len(data) and (data[position] & 0xC0) == 0x80:
                position += 1
            character += 1
        places[p] = position


@lean_kernel
def _code_point(data: NDArray[np.uint8], start: int) -> int:
    """The code point whose UTF-8 begins here, that of a lone surrogate too."""
    lead = int(data[start])
    if lead < 0x80:
        return lead
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | int(data[start + 1] & 0x3F)
    tail = (int(data[start + 1] & 0x3F) << 6) | int(data[start + 2] & 0x3F)
    if lead < 0xF0:
        return ((lead & 0x0F) << 12) | tail
    return ((lead & 0x07) << 18) | (tail << 6) | int(data[start + 3] & 0x3F)


@lean_kernel
def _kind_before(data: NDArray[np.uint8], position: int, kinds: NDArray[np.uint8]) -> int:
    """The kind of the character that ends here."""
    start = position - 1
    while (data[start] & 0xC0) == 0x80:
        start -= 1
    return int(kinds[_code_point(data, start)])


@lean_kernel
def _end_of_text(data: NDArray[np.uint8], start: int, end: int, kinds: NDArray[np.uint8]) -> int:
    """Where the white space begins that ends a text; its end where there is none."""
    while end > start:
        last = end - 1
        while (data[last] & 0xC0) == 0x80:
            last -= 1
        if kinds[_code_point(data, last)] != 1:
            break
        end = last
    return end


@lean_kernel
def _cut(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64],
    stays_whole: NDArray[np.bool_], kinds: NDArray[np.uint8], first_units: NDArray[np.int64],
    unit_ends: NDArray[np.int64],
) -> int:  # fmt: skip
    """How many units there are; writes the first unit of each text and the end of each unit."""
    n_units = 0
    for t in range(len(starts)):
        first_units[t] = n_units
        # A space behind the last character that is not white space begins nothing.
        last = starts[t] if stays_whole[t] else _end_of_text(data, starts[t], ends[t], kinds)
        for i in range(starts[t] + 1, last):
            if data[i] != 32:
                continue
            kind = _kind_before(data, i, kinds)
            if kind == 1:
                continue
            if kind == 2:
                n_units = first_units[t]
                break
            unit_ends[n_units] = i
            n_units += 1
        unit_ends[n_units] = ends[t]
        n_units += 1
    return n_units

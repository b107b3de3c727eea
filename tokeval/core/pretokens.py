"""Cutting text into units that a tokenizer encodes independently, so that each is encoded once.

A unit begins at a space that follows a character which is not white space, unless nothing but white
space is left: `a new day ` is cut into `a`, ` new`, ` day `. A tokenizer may be cut there when none
of its tokens spells a space after another character, since then no merge, lattice path or match can
cross the boundary; that the pieces around a boundary do not see each other is then proved on a
sample of the text, by equality.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from tokeval.core.segmentation import ends_with_prepended
from tokeval.core.tokenizer import Encoded, Tokenizer

_BOUNDARY = re.compile(r"(?<=\S)(?= \s*\S)")
_SPACE_AFTER_TEXT = re.compile(r"\S ")
_SPACE_INSIDE = re.compile(rb"[^ ] ")
_HOSTILE = (
    "a  b   c\td\t e\n f \n g\r\n h",
    "don't 'tis it's  we're",
    "x1 22 333 4444 (5) [6], 7.8 -9 $10",
    "été́ naïve \ufb01 ½ \uff11\uff12 Ⅻ",
    "日本語 テスト 中文 한국어 ไทย हिन्दी",
    "👩‍👩‍👧 🇹🇷🇩🇪 \u200d \u0301a \u00a0b \u3000c",
    " leading and trailing ",
)


class Cut(Enum):
    """How a text is cut into units for a tokenizer.

    TEXT: not at all; the unit is the whole text.
    SPACE: before spaces; each unit is encoded as it is.
    SPACE_STRIPPED: before spaces; the space that begins a unit is left out when it is encoded,
        because the tokenizer itself puts one before every text.
    """

    TEXT = "text"
    SPACE = "space"
    SPACE_STRIPPED = "space, stripped"


@dataclass(frozen=True)
class Units:
    """The units of some texts.

    Attributes:
        numbers: unit number of each occurrence, in text order, shape (n_occurrences,), int64.
        text_starts: first occurrence of each text, shape (n_texts,), int64. A text has ≥ 1 unit.
    """

    numbers: NDArray[np.int64]
    text_starts: NDArray[np.int64]


def cut_before_spaces(text: str) -> list[str]:
    """The units of a text; joined, they are the text.

    >>> cut_before_spaces("a  b c ")
    ['a', '  b', ' c ']
    """
    return _BOUNDARY.split(text)


def choose_cut(tokenizer: Tokenizer, sample: Sequence[str]) -> Cut:
    """The finest cut that leaves the ids of every sample text, and of hostile text, unchanged.

    Args:
        tokenizer: what will encode.
        sample: texts of the corpus that is to be measured.
    """
    if getattr(tokenizer, "whole_texts_only", False) or may_cross_a_space(tokenizer):
        return Cut.TEXT
    added_texts = AddedTexts(tokenizer.added_texts)
    # Hostile text refutes most cuts, and there is little of it.
    batches = [
        [text for text in texts if not added_texts.found_in(text)] for texts in (_HOSTILE, sample)
    ]
    whole = [tokenizer.encode_batch(texts) for texts in batches]
    for cut in (Cut.SPACE, Cut.SPACE_STRIPPED):
        if all(
            _leaves_ids(tokenizer, cut, texts, encoded)
            for texts, encoded in zip(batches, whole, strict=True)
        ):
            return cut
    return Cut.TEXT


def _leaves_ids(tokenizer: Tokenizer, cut: Cut, texts: Sequence[str], whole: Encoded) -> bool:
    """Whether texts that are encoded unit by unit have the ids that they have as a whole."""
    units = [cut_before_spaces(text) for text in texts]
    flat = [encoded_form(unit, cut, i == 0) for text in units for i, unit in enumerate(text)]
    pieces = tokenizer.encode_batch(flat)
    starts = np.cumsum([0, *map(len, units)])
    return np.array_equal(pieces.ids, whole.ids) and np.array_equal(
        pieces.offsets[starts], whole.offsets
    )


def may_cross_a_space(tokenizer: Tokenizer) -> bool:
    """Whether some token spells a space after another character, so that texts must stay whole.

    Special and added tokens do not count: a text that holds one stays whole anyway.
    """
    vocabulary = tokenizer.vocabulary
    added = {text.encode() for text in tokenizer.added_texts}
    return any(
        token
        and _SPACE_INSIDE.search(token)
        and _SPACE_AFTER_TEXT.search(token.decode("utf-8", "replace"))
        and token not in added
        and i not in vocabulary.special
        for i, token in enumerate(vocabulary.token_bytes)
    )


class AddedTexts:
    """The texts of added tokens, quick to look for in much text.

    Each text is filed under one of its characters, a rare one if it has any, so that most text is
    answered by having none of these characters. A text that holds another one is left out.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._by_sign: dict[str, list[str]] = {}
        for text in texts:
            if any(other in text for other in texts if other != text):
                continue
            rare = [c for c in text if not c.isascii()] or [c for c in text if not c.isalnum()]
            self._by_sign.setdefault(rare[0] if rare else text[:1], []).append(text)

    def found_in(self, text: str) -> list[str]:
        """Those of the texts that stand in a text."""
        return [
            added
            for sign, filed in self._by_sign.items()
            if sign in text
            for added in filed
            if added in text
        ]


def encoded_form(unit: str, cut: Cut, is_first: int | bool) -> str:
    """What is given to the tokenizer for a unit.

    >>> encoded_form(" new", Cut.SPACE_STRIPPED, is_first=False)
    'new'
    """
    return unit[1:] if cut is Cut.SPACE_STRIPPED and not is_first else unit


class UnitTable:
    """Numbers for distinct units, first come first numbered.

    The first unit of a text and a later one are different units even if they are spelled alike.

    Args:
        cuts_at_spaces: whether texts are cut; otherwise every text is one unit.
        added_texts: a text that holds one of these stays whole.
    """

    def __init__(self, *, cuts_at_spaces: bool, added_texts: Sequence[str]) -> None:
        self.cuts_at_spaces = cuts_at_spaces
        self._added_texts = AddedTexts(added_texts)
        self.units: list[str] = []
        self._is_first = bytearray()
        self.n_characters = 0
        self._is_blank = bytearray()
        self._joins_next = bytearray()
        self._numbers = _Numbering(self)
        self._later_with_nul: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.units)

    def add(self, unit: str, *, is_first: bool) -> int:
        """The number of a unit that is new."""
        self.units.append(unit)
        self._is_first.append(is_first)
        return len(self.units) - 1

    @property
    def is_first(self) -> Sequence[int]:
        """Whether each unit is the first of a text."""
        return self._is_first

    def number(self, texts: Sequence[str]) -> Units:
        """The units of each text, new ones added to the table."""
        if not self.cuts_at_spaces:
            keys = ("\0" + text for text in texts)
            numbers = np.fromiter(map(self._numbers.__getitem__, keys), np.int64, len(texts))
            self._describe_new_units()
            return Units(numbers, np.arange(len(texts), dtype=np.int64))
        joined = " \0".join(texts)
        holds_nul = joined.count("\0") >= len(texts)
        added = self._added_texts.found_in(joined)
        units = self._number_apart(texts) if holds_nul else self._number_joined(joined)
        self._describe_new_units()
        doubtful = self._texts_cut_wrongly(units)
        doubtful.update(t for text in added for t, whole in enumerate(texts) if text in whole)
        if not doubtful:
            return units
        parts = np.split(units.numbers, units.text_starts[1:])
        for t in sorted(doubtful):
            parts[t] = self._number_exactly(texts[t])
        self._describe_new_units()
        return _joined(parts)

    def _number_joined(self, joined: str) -> Units:
        """Units of texts joined by a space and a NUL, which then marks the first units."""
        pieces = ("\0" + joined).split(" ")
        numbers = np.fromiter(map(self._numbers.__getitem__, pieces), np.int64, len(pieces))
        return Units(numbers, np.flatnonzero(np.frombuffer(self._is_first, np.bool_)[numbers]))

    def _number_apart(self, texts: Sequence[str]) -> Units:
        """Units of texts that hold a NUL themselves."""
        return _joined([self._number_exactly(text) for text in texts])

    def _describe_new_units(self) -> None:
        """Notes of each new unit whether it is blank, and whether what follows belongs to it."""
        new = self.units[len(self._is_blank) :]
        self.n_characters += sum(map(len, new))
        self._is_blank += bytes([not unit or unit.isspace() for unit in new])
        self._joins_next += bytes([not unit or unit[-1].isspace() for unit in new])
        for place in ends_with_prepended(new):
            self._joins_next[place - len(new)] = True

    def _texts_cut_wrongly(self, units: Units) -> set[int]:
        """Texts cut where the exact rule does not: after white space, or before nothing else."""
        joins_next = np.frombuffer(self._joins_next, dtype=np.bool_)[units.numbers]
        last = np.append(units.text_starts[1:], len(units.numbers)) - 1
        joins_next[last] = np.frombuffer(self._is_blank, dtype=np.bool_)[units.numbers[last]]
        where = np.flatnonzero(joins_next)
        return set((np.searchsorted(units.text_starts, where, side="right") - 1).tolist())

    def _number_exactly(self, text: str) -> NDArray[np.int64]:
        """The units of one text cut by the exact rule, or whole where it must stay so."""
        units = cut_before_spaces(text)
        if self._added_texts.found_in(text) or ends_with_prepended(units[:-1]):
            units = [text]
        numbers = [self._number_unit(unit, is_first=u == 0) for u, unit in enumerate(units)]
        return np.array(numbers, dtype=np.int64)

    def _number_unit(self, unit: str, *, is_first: bool) -> int:
        """The number of one unit; later units with a NUL have numbers of their own."""
        if is_first:
            return self._numbers["\0" + unit]
        if "\0" not in unit:
            return self._numbers[unit[1:]]
        if unit not in self._later_with_nul:
            self._later_with_nul[unit] = self.add(unit, is_first=False)
        return self._later_with_nul[unit]


def _joined(parts: Sequence[NDArray[np.int64]]) -> Units:
    """The units of several texts, given text by text."""
    lengths = np.fromiter((len(part) for part in parts), np.int64, len(parts))
    numbers = np.concatenate(parts) if parts else np.empty(0, np.int64)
    return Units(numbers, np.cumsum(lengths) - lengths)


class _Numbering(dict[str, int]):
    """Number by key: NUL and a text's first unit, or a later unit without the space it begins with.

    Later units that hold a NUL themselves are not numbered here.
    """

    def __init__(self, table: UnitTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, key: str) -> int:
        if key.startswith("\0"):
            number = self._table.add(key[1:], is_first=True)
        else:
            number = self._table.add(" " + key, is_first=False)
        self[key] = number
        return number

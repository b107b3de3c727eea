"""Words, grapheme clusters and letters of text, by the Unicode rules as ICU implements them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import icu
import numpy as np
from numpy.typing import NDArray

from tokeval.core.character_sets import WORD_CHARACTERS, character_table
from tokeval.core.simple_segmentation import Left, are_simple, find_segments

SEPARATOR = "\u2028"
"""Stands between texts that are segmented together: every Unicode segmentation rule breaks on
both sides of it, so that the texts cannot influence each other."""

WORD_RULE = f"uax29-icu{icu.ICU_VERSION}"
UNICODE_VERSION = str(icu.UNICODE_VERSION)


@dataclass(frozen=True)
class Segments:
    """Where the characters, words and grapheme clusters of a batch of texts lie.

    Positions are bytes of the UTF-8 of the batch: the texts joined by SEPARATOR.

    Attributes:
        utf8: the batch, shape (n_bytes,), uint8.
        byte_at: first byte of each character of the batch, shape (n_characters + 1,).
        text_starts, text_ends: character range of each text in the batch, shape (n_texts,).
        words: [start, end) bytes of each word, shape (n_words, 2), ascending. A word is a UAX #29
            segment with at least one letter or digit.
        word_characters: the same in characters.
        word_texts: text of each word, shape (n_words,).
        graphemes: first byte of each grapheme cluster, separators included, ascending.
        n_graphemes, n_letters, n_spaceless_letters: by text, shape (n_texts,).
    """

    utf8: NDArray[np.uint8]
    byte_at: NDArray[np.int64]
    text_starts: NDArray[np.int64]
    text_ends: NDArray[np.int64]
    words: NDArray[np.int64]
    word_characters: NDArray[np.int64]
    word_texts: NDArray[np.int64]
    graphemes: NDArray[np.int64]
    n_graphemes: NDArray[np.int64]
    n_letters: NDArray[np.int64]
    n_spaceless_letters: NDArray[np.int64]

    @property
    def n_characters(self) -> NDArray[np.int64]:
        """Characters (code points) of each text, shape (n_texts,)."""
        return self.text_ends - self.text_starts

    @property
    def n_bytes(self) -> NDArray[np.int64]:
        """Bytes of each text in UTF-8, shape (n_texts,)."""
        return self.byte_at[self.text_ends] - self.byte_at[self.text_starts]


def segment(texts: Sequence[str]) -> Segments:
    """Words, grapheme clusters and letters of each text, each text by itself."""
    batch = SEPARATOR.join(texts)
    codes = np.frombuffer(batch.encode("utf-32-le"), dtype=np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    text_starts = _cumulative(lengths + 1)[:-1]
    text_ends = text_starts + lengths
    is_simple = are_simple(codes, text_starts, text_ends)
    left = _left_to_icu([texts[t] for t in np.flatnonzero(~is_simple).tolist()])
    found = find_segments(codes, text_starts, text_ends, is_simple=is_simple, left=left)
    byte_at = _cumulative(_utf8_widths(codes))
    return Segments(
        utf8=np.frombuffer(batch.encode(), np.uint8),
        byte_at=byte_at,
        text_starts=text_starts,
        text_ends=text_ends,
        words=byte_at[found.words],
        word_characters=found.words,
        word_texts=found.word_texts,
        graphemes=byte_at[found.graphemes],
        n_graphemes=found.n_graphemes,
        n_letters=found.n_letters,
        n_spaceless_letters=found.n_spaceless_letters,
    )


def _left_to_icu(texts: Sequence[str]) -> Left:
    """The words and clusters of texts by ICU."""
    batch = SEPARATOR.join(texts)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = _cumulative(lengths + 1)[:-1]
    if not batch:
        return Left(starts, np.empty((0, 2), np.int64), np.empty(0, np.int64))
    codes = np.frombuffer(batch.encode("utf-32-le"), dtype=np.uint32)
    utf16_at = _cumulative(1 + (codes > 0xFFFF).astype(np.int64))
    graphemes = np.concatenate(([0], _boundaries("character", batch, utf16_at)))[:-1]
    return Left(starts, _words(batch, codes, utf16_at), graphemes)


def _utf8_widths(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Bytes of each code point in UTF-8."""
    return 1 + (codes > 0x7F).astype(np.int64) + (codes > 0x7FF) + (codes > 0xFFFF)


def _words(batch: str, codes: NDArray[np.uint32], utf16_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """[start, end) characters of the segments that hold a letter or digit, shape (n_words, 2)."""
    ends = _boundaries("word", batch, utf16_at)
    starts = np.concatenate(([0], ends))[:-1]
    counted = _cumulative(character_table(WORD_CHARACTERS)[codes])
    is_word = counted[ends] > counted[starts]
    return np.stack([starts[is_word], ends[is_word]], axis=1)


def _boundaries(kind: str, batch: str, utf16_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """End of each segment of a batch, in characters, ascending."""
    iterator = _break_iterator(kind)
    iterator.setText(batch)
    positions = np.fromiter(iterator, dtype=np.int64)
    if utf16_at[-1] == len(batch):
        return positions
    return np.searchsorted(utf16_at, positions)


@cache
def _break_iterator(kind: str) -> icu.BreakIterator:
    """ICU's iterator with the rules of the root locale."""
    root = icu.Locale.getRoot()
    if kind == "word":
        return icu.BreakIterator.createWordInstance(root)
    return icu.BreakIterator.createCharacterInstance(root)


def _cumulative(values: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """Sums before each position and after the last, shape (n + 1,)."""
    return np.concatenate(([0], np.cumsum(values, dtype=np.int64)))

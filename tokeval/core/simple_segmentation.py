"""Segments of texts of simple characters, whose rules need no look-up beyond the next character.

A character is simple when no rule for grapheme clusters but that of CR LF joins it to another
simple one, and when only rules WB5 to WB13b of UAX #29, those for Hebrew and Katakana aside, speak
of it: no marks, no joiners, no scripts whose words ICU finds in a dictionary, nor Hangul, for which
it has rules of its own. Texts with other characters are left to ICU.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import icu
import numpy as np
from numpy.typing import NDArray

from tokeval.core.character_sets import (
    LETTERS,
    SPACELESS_LETTERS,
    WORD_CHARACTERS,
    character_table,
)
from tokeval.core.kernels import lean_kernel

_SIMPLE = (
    "[[[:GCB=Other:][:GCB=CR:][:GCB=LF:][:GCB=Control:]]"
    "&[[:WB=Other:][:WB=ALetter:][:WB=Numeric:][:WB=ExtendNumLet:][:WB=MidLetter:][:WB=MidNum:]"
    "[:WB=MidNumLet:][:WB=Single_Quote:][:WB=Double_Quote:][:WB=CR:][:WB=LF:][:WB=Newline:]"
    "[:WB=WSegSpace:]]-[[:lb=Complex_Context:][:sc=Hani:][:sc=Hira:][:sc=Kana:][:sc=Hang:][:Cs:]]]"
)
_MIDDLES = "[[:WB=MidLetter:][:WB=MidNum:][:WB=MidNumLet:][:WB=Single_Quote:]]"

_OTHER, _LETTER, _NUMBER, _CONNECTOR, _IN_LETTERS, _IN_NUMBERS, _IN_BOTH, _NOT_SIMPLE = range(8)
_IN_WORD, _IS_LETTER, _IS_SPACELESS = 8, 16, 32
"""The class is in the three bits below."""


class Found(NamedTuple):
    """Positions in characters of a batch, and counts by text, as `Segments` has them."""

    words: NDArray[np.int64]
    word_texts: NDArray[np.int64]
    graphemes: NDArray[np.int64]
    n_graphemes: NDArray[np.int64]
    n_letters: NDArray[np.int64]
    n_spaceless_letters: NDArray[np.int64]


class Left(NamedTuple):
    """What ICU found in the texts that are not simple, joined by separators.

    Attributes:
        text_starts: first character of each of these texts, shape (n_left,).
        words: [start, end) characters, shape (n_words, 2).
        graphemes: first character of each cluster.
    """

    text_starts: NDArray[np.int64]
    words: NDArray[np.int64]
    graphemes: NDArray[np.int64]


def are_simple(
    codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether all characters of each text are simple, shape (n_texts,)."""
    found = np.empty(len(starts), np.bool_)
    _mark_simple(codes, starts, ends, kinds_of_characters(), found)
    return found


def find_segments(
    codes: NDArray[np.uint32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    *,
    is_simple: NDArray[np.bool_],
    left: Left,
) -> Found:
    """The segments of a batch: of simple texts by rule, of the others as ICU found them.

    Args:
        codes: code points of the batch.
        starts: first character of each text.
        ends: one past its last one; one separator stands between two texts.
        is_simple: of each text.
        left: for the other texts, in their order.
    """
    n_texts = len(starts)
    words = np.empty((len(codes), 2), np.int64)
    word_texts, graphemes = np.empty(len(codes), np.int64), np.empty(len(codes), np.int64)
    counts = np.zeros((n_texts, 3), np.int64)
    n_words, n_graphemes = _find(
        codes, starts, ends, kinds_of_characters(), is_simple, left.text_starts, left.words,
        left.graphemes, words, word_texts, graphemes, counts,
    )  # fmt: skip
    return Found(
        words[:n_words].copy(),
        word_texts[:n_words].copy(),
        graphemes[:n_graphemes].copy(),
        counts[:, 0],
        counts[:, 1],
        counts[:, 2],
    )


@cache
def kinds_of_characters() -> NDArray[np.uint8]:
    """The class of each code point with its bits, shape (0x110000,)."""
    kinds = np.full(0x110000, _OTHER, np.uint8)
    for name, kind in (("ALetter", _LETTER), ("Numeric", _NUMBER), ("ExtendNumLet", _CONNECTOR)):
        kinds[character_table(f"[:WB={name}:]")] = kind
    for character in icu.UnicodeSetIterator(icu.UnicodeSet(_MIDDLES)):
        kinds[ord(character)] = _class_of_middle(character)
    kinds[~character_table(_SIMPLE)] = _NOT_SIMPLE
    for members, bit in (
        (WORD_CHARACTERS, _IN_WORD),
        (LETTERS, _IS_LETTER),
        (SPACELESS_LETTERS, _IS_SPACELESS),
    ):
        kinds[character_table(members)] |= bit
    return kinds


def _class_of_middle(character: str) -> int:
    """Between what a character joins, by asking ICU: its root locale is not quite UAX #29."""
    iterator = icu.BreakIterator.createWordInstance(icu.Locale.getRoot())
    joins = []
    for side in "a1":
        iterator.setText(side + character + side)
        joins.append(len(list(iterator)) == 1)
    in_letters, in_numbers = joins
    return (_OTHER, _IN_LETTERS, _IN_NUMBERS, _IN_BOTH)[in_letters + 2 * in_numbers]


@lean_kernel
def _mark_simple(
    codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64],
    kinds: NDArray[np.uint8], found: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Writes whether all characters of each text are simple."""
    for t in range(len(starts)):
        found[t] = True
        for i in range(starts[t], ends[t]):
            if kinds[codes[i]] & 7 == 7:
                found[t] = False
                break


@lean_kernel
def _end_of_word(codes: NDArray[np.uint32], i: int, end: int, kinds: NDArray[np.uint8]) -> int:
    """Where the segment ends that begins with a letter, digit or connector."""
    before = kinds[codes[i]] & 7
    i += 1
    while i < end:
        kind = kinds[codes[i]] & 7
        if 1 <= kind <= 3:
            before = kind
            i += 1
            continue
        joins = (before == 1 and (kind == 4 or kind == 6)) or (
            before == 2 and (kind == 5 or kind == 6)
        )
        if not joins or i + 1 >= end or kinds[codes[i + 1]] & 7 != before:
            break
        i += 2
    return i


@lean_kernel
def _find_simple(
    codes: NDArray[np.uint32], start: int, end: int, kinds: NDArray[np.uint8], text: int,
    words: NDArray[np.int64], word_texts: NDArray[np.int64], graphemes: NDArray[np.int64],
    n_words: int, n_graphemes: int,
) -> tuple[int, int]:  # fmt: skip
    """How many words and clusters there are after a simple text; writes its own."""
    i = start
    while i < end:
        kind = kinds[codes[i]] & 7
        stop = _end_of_word(codes, i, end, kinds) if 1 <= kind <= 3 else i + 1
        counted = False
        for j in range(i, stop):
            counted |= (kinds[codes[j]] & 8) != 0
            if not (j > start and codes[j] == 10 and codes[j - 1] == 13):
                graphemes[n_graphemes] = j
                n_graphemes += 1
        if counted:
            words[n_words, 0], words[n_words, 1], word_texts[n_words] = i, stop, text
            n_words += 1
        i = stop
    return n_words, n_graphemes


@lean_kernel
def _find(
    codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64],
    kinds: NDArray[np.uint8], is_simple: NDArray[np.bool_], left_starts: NDArray[np.int64],
    left_words: NDArray[np.int64], left_graphemes: NDArray[np.int64], words: NDArray[np.int64],
    word_texts: NDArray[np.int64], graphemes: NDArray[np.int64], counts: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """How many words and clusters there are; writes them, and the counts of each text."""
    n_words = n_graphemes = n_left = next_word = next_grapheme = 0
    for t in range(len(starts)):
        start, end = starts[t], ends[t]
        for i in range(start, end):
            counts[t, 1] += (kinds[codes[i]] & 16) != 0
            counts[t, 2] += (kinds[codes[i]] & 32) != 0
        first_grapheme = n_graphemes
        if is_simple[t]:
            n_words, n_graphemes = _find_simple(
                codes, start, end, kinds, t, words, word_texts, graphemes, n_words, n_graphemes
            )
        else:
            shift = start - left_starts[n_left]
            n_left += 1
            while next_word < len(left_words) and left_words[next_word, 0] + shift < end:
                words[n_words, 0] = left_words[next_word, 0] + shift
                words[n_words, 1] = left_words[next_word, 1] + shift
                word_texts[n_words] = t
                n_words += 1
                next_word += 1
            while next_grapheme < len(left_graphemes) and (
                left_graphemes[next_grapheme] + shift < end
            ):
                graphemes[n_graphemes] = left_graphemes[next_grapheme] + shift
                n_graphemes += 1
                next_grapheme += 1
            # The separator is a cluster of its own.
            next_grapheme += 1
        counts[t, 0] = n_graphemes - first_grapheme
        if t + 1 < len(starts):
            graphemes[n_graphemes] = end
            n_graphemes += 1
    return n_words, n_graphemes

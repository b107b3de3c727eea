"""Stretches of text: words and what stands between them, each of one class, none left out.

A stretch is a UAX #29 word, or a maximal run of white space, of punctuation, of symbols, of emoji
or of other characters between words. A space after other text always begins a stretch, so that
units that are cut before spaces have the stretches of the whole text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tokeval.core.character_sets import character_table
from tokeval.core.segmentation import SEPARATOR, Segments
from tokeval.core.token_kinds import MIXED_SCRIPTS, script_name, script_numbers, script_table

LOWER, TITLE, UPPER, MIXED, WITH_DIGITS, WITH_CONNECTOR, NUMBER, SEVERAL_SCRIPTS, OTHER_WORD = (
    range(9)
)
SPACES, LINE_BREAKS, PUNCTUATION, SYMBOLS, EMOJI, OTHER, NO_TEXT, SPECIAL = range(9, 17)
CLASS_NAMES = (
    "lower-case words",
    "Capitalised words",
    "ALL-CAPS words",
    "miXed-case words",
    "words with digits",
    "names joined by _ or .",
    "numbers",
    "words of several scripts",
    "other words",
    "spaces",
    "line breaks and indentation",
    "punctuation",
    "symbols",
    "emoji",
    "other characters",
    "tokens without text",
    "special tokens",
)
"""The classes; words of one script that is not Latin have `FIRST_SCRIPT` + ICU's number of it."""
FIRST_SCRIPT = 100

_WORD, _SPACE, _PUNCTUATION, _SYMBOL, _EMOJI, _OTHER, _JOINING = range(7)
_RUN_CLASSES = {
    _SPACE: SPACES, _PUNCTUATION: PUNCTUATION, _SYMBOL: SYMBOLS, _EMOJI: EMOJI, _OTHER: OTHER,
}  # fmt: skip
_LETTER, _DIGIT, _CONNECTOR, _BREAK = 1, 2, 4, 8


@dataclass(frozen=True)
class Stretches:
    """The stretches of a batch of units, in order.

    Attributes:
        byte_starts: first byte of each stretch of the batch, separators of units among them.
        numbers: stretch number of each of these, shape of `byte_starts`; that of a separator is
            meaningless.
        units: unit of each stretch, shape (n_stretches,).
        classes: class of each stretch, int32.
        texts: text of each stretch.
    """

    byte_starts: NDArray[np.int64]
    numbers: NDArray[np.int64]
    units: NDArray[np.int64]
    classes: NDArray[np.int32]
    texts: list[str]


def class_name(code: int) -> str:
    """The name of a class.

    >>> class_name(LOWER), class_name(FIRST_SCRIPT + 8)
    ('lower-case words', 'Cyrillic words')
    """
    if code >= FIRST_SCRIPT:
        return f"{script_name(code - FIRST_SCRIPT, long=True).replace('_', ' ')} words"
    return CLASS_NAMES[code]


def find_stretches(
    units: Sequence[str], is_first: Sequence[int] | NDArray[np.bool_], segments: Segments
) -> Stretches:
    """The stretches of some units, each unit by itself.

    Args:
        units: texts, or parts of texts that begin with a space.
        is_first: whether each unit begins a text, where white space is indentation.
        segments: of the same units.
    """
    batch = SEPARATOR.join(units)
    codes = np.frombuffer(batch.encode("utf-32-le"), dtype=np.uint32)
    kinds = _kinds(codes, segments)
    starts = _starts(kinds, segments)
    ends = np.append(starts[1:], len(codes))
    is_separator = np.isin(starts, segments.text_ends[:-1])
    kept = np.flatnonzero(~is_separator)
    classes = _classes(codes, kinds, starts)[kept] if len(starts) else np.empty(0, np.int32)
    unit_of = np.searchsorted(segments.text_starts, starts[kept], side="right") - 1
    is_leading = np.asarray(is_first, dtype=np.bool_)[unit_of]
    is_leading &= starts[kept] == segments.text_starts[unit_of]
    classes[is_leading & (classes == SPACES)] = LINE_BREAKS
    bounds = zip(starts[kept].tolist(), ends[kept].tolist(), strict=True)
    return Stretches(
        byte_starts=segments.byte_at[starts],
        numbers=np.cumsum(~is_separator) - 1,
        units=unit_of,
        classes=classes,
        texts=[batch[start:end] for start, end in bounds],
    )


def space_bytes(units: Sequence[str], segments: Segments) -> NDArray[np.bool_]:
    """Whether each byte of the batch belongs to white space."""
    codes = np.frombuffer(SEPARATOR.join(units).encode("utf-32-le"), dtype=np.uint32)
    is_space = character_table("[:White_Space:]")[codes]
    return np.repeat(is_space, np.diff(segments.byte_at))


def _kinds(codes: NDArray[np.uint32], segments: Segments) -> NDArray[np.uint8]:
    """The kind of each character of the batch; marks take that of what they stand on."""
    kinds = _kind_table()[codes]
    depth = np.zeros(len(codes) + 1, dtype=np.int64)
    np.add.at(depth, segments.word_characters[:, 0], 1)
    np.add.at(depth, segments.word_characters[:, 1], -1)
    kinds[np.cumsum(depth[:-1]) > 0] = _WORD
    joining = kinds == _JOINING
    if joining.any():
        places = np.where(joining, -1, np.arange(len(kinds)))
        carrier = np.maximum.accumulate(places)
        unit_starts = np.zeros(len(kinds), dtype=np.int64)
        inside = segments.text_starts[segments.text_starts < len(kinds)]
        unit_starts[inside] = inside
        unit_starts = np.maximum.accumulate(unit_starts)
        carried = np.where(carrier >= unit_starts, kinds[np.maximum(carrier, 0)], _OTHER)
        carried[np.isin(carried, (_WORD, _SPACE))] = _OTHER
        kinds = np.where(joining, carried, kinds).astype(np.uint8)
    return kinds


def _starts(kinds: NDArray[np.uint8], segments: Segments) -> NDArray[np.int64]:
    """First character of every stretch, and of every separator."""
    begins = np.zeros(len(kinds) + 1, dtype=np.bool_)
    begins[1:-1] = kinds[1:] != kinds[:-1]
    for places in (*segments.word_characters.T, segments.text_starts, segments.text_ends):
        begins[places] = True
    return np.flatnonzero(begins[:-1])


def _classes(
    codes: NDArray[np.uint32], kinds: NDArray[np.uint8], starts: NDArray[np.int64]
) -> NDArray[np.int32]:
    """The class of the characters from each start to the next."""
    bits = np.bitwise_or.reduceat(_bit_table()[codes], starts)
    capital = character_table("[[:Uppercase:][:Lt:]]")[codes]
    cased = capital | character_table("[:Lowercase:]")[codes]
    n_capital = np.add.reduceat(capital.astype(np.int64), starts)
    n_cased = np.add.reduceat(cased.astype(np.int64), starts)
    scripts = _scripts(codes, starts)
    latin = script_numbers(("Latn",))[0]
    is_word = kinds[starts] == _WORD
    of_runs = np.full(7, OTHER, dtype=np.int32)
    of_runs[list(_RUN_CLASSES)] = list(_RUN_CLASSES.values())
    has_letter, has_digit = (bits & _LETTER) > 0, (bits & _DIGIT) > 0
    found: NDArray[np.int32] = np.select(
        [
            ~is_word & (kinds[starts] == _SPACE) & ((bits & _BREAK) > 0),
            ~is_word,
            ~has_letter,
            has_digit,
            (bits & _CONNECTOR) > 0,
            scripts == MIXED_SCRIPTS,
            (scripts >= 0) & (scripts != latin),
            (scripts < 0) | (n_cased == 0),
            n_capital == 0,
            n_capital == n_cased,
            (n_capital == 1) & capital[starts],
        ],
        [
            LINE_BREAKS, of_runs[kinds[starts]], NUMBER, WITH_DIGITS, WITH_CONNECTOR,
            SEVERAL_SCRIPTS, FIRST_SCRIPT + scripts.astype(np.int32), OTHER_WORD, LOWER, UPPER,
            TITLE,
        ],
        MIXED,
    ).astype(np.int32)  # fmt: skip
    return found


def _scripts(codes: NDArray[np.uint32], starts: NDArray[np.int64]) -> NDArray[np.int16]:
    """The script of the letters from each start to the next, −1 for none, or MIXED_SCRIPTS."""
    scripts = script_table()[codes]
    largest = np.maximum.reduceat(scripts, starts)
    smallest = np.minimum.reduceat(np.where(scripts < 0, np.int16(0x7FFF), scripts), starts)
    is_mixed = (largest >= 0) & (smallest != largest)
    return np.where(is_mixed, np.int16(MIXED_SCRIPTS), largest)


@cache
def _kind_table() -> NDArray[np.uint8]:
    """The kind of every code point between words, shape (0x110000,)."""
    table = np.full(0x110000, _OTHER, dtype=np.uint8)
    table[character_table("[:P:]")] = _PUNCTUATION
    table[character_table("[:S:]")] = _SYMBOL
    emoji = "[[:Emoji_Presentation:][:Regional_Indicator:][:Emoji_Modifier:]]"
    table[character_table(emoji)] = _EMOJI
    table[character_table("[[:M:][:Cf:]]")] = _JOINING
    table[character_table("[:White_Space:]")] = _SPACE
    return table


@cache
def _bit_table() -> NDArray[np.uint8]:
    """Letter, digit, connector and line break as bits of every code point."""
    table = np.zeros(0x110000, dtype=np.uint8)
    table[character_table("[:L:]")] |= _LETTER
    table[character_table("[:N:]")] |= _DIGIT
    table[character_table("[[:Pc:].:]")] |= _CONNECTOR
    table[character_table("[\\u000A-\\u000D\\u0085\\u2028\\u2029]")] |= _BREAK
    return table

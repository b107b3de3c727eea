"""Kernels that find the ends of pre-tokens in UTF-8; what each pattern does at one place.

`data` is UTF-8, `kinds` the kind of each byte's character (every byte of a character has its
kind, so that a run of a kind is a run of bytes), `i` where a pre-token begins and `end` where the
stretch that the pattern sees ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.pretokenization.scanners_kinds import (
    LOWER,
    MARK,
    NEWLINE,
    NUMBER,
    SPACE,
    UPPER,
)

Bytes = NDArray[np.uint8]

LETTER = UPPER | LOWER
BLANK = SPACE | NEWLINE
GPT2, WORDS, CASED_WORDS, THREE_STAGES, SPACES = range(5)
"""Families of patterns: GPT-2; cl100k, Llama 3 and Qwen; o200k and tekken; DeepSeek-V3; `▁`."""


@kernel
def classify(data: Bytes, table: Bytes, kinds: Bytes) -> None:
    """Fills `kinds` with the table's entry for the character that each byte belongs to."""
    i, n = 0, len(data)
    while i < n:
        byte = np.int64(data[i])
        if byte < 0x80:
            kinds[i] = table[byte]
            i += 1
        elif byte < 0xE0:
            kind = table[(byte & 0x1F) << 6 | (data[i + 1] & 0x3F)]
            kinds[i] = kind
            kinds[i + 1] = kind
            i += 2
        elif byte < 0xF0:
            high = (byte & 0x0F) << 12 | np.int64(data[i + 1] & 0x3F) << 6
            kind = table[high | (data[i + 2] & 0x3F)]
            for k in range(i, i + 3):
                kinds[k] = kind
            i += 3
        else:
            high = (byte & 0x07) << 18 | np.int64(data[i + 1] & 0x3F) << 12
            kind = table[high | np.int64(data[i + 2] & 0x3F) << 6 | (data[i + 3] & 0x3F)]
            for k in range(i, i + 4):
                kinds[k] = kind
            i += 4


@kernel
def character_end(data: Bytes, i: int, end: int) -> int:
    """Where the character at `i` ends."""
    i += 1
    while i < end and data[i] & 0xC0 == 0x80:
        i += 1
    return i


@kernel
def run_end(kinds: Bytes, i: int, end: int, mask: int) -> int:
    """Where the run of characters of a kind in `mask` that begins at `i` ends."""
    while i < end and kinds[i] & mask:
        i += 1
    return i


@kernel
def other_end(kinds: Bytes, i: int, end: int, mask: int) -> int:
    """Where the run of characters of no kind in `mask` that begins at `i` ends."""
    while i < end and not kinds[i] & mask:
        i += 1
    return i


@kernel
def contraction_end(data: Bytes, i: int, end: int, case: int) -> int:
    """The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at `i`; `i` where there is none.

    `case` is 0x20 to ignore case, where U+017F is an s too; else 0.
    """
    if i + 1 >= end or data[i] != 0x27:
        return i
    first = data[i + 1] | case
    if first == 0x73 or first == 0x74 or first == 0x6D or first == 0x64:  # s t m d
        return i + 2
    if i + 2 >= end:
        return i
    second = data[i + 2] | case
    if (first == 0x72 or first == 0x76) and second == 0x65:  # re ve
        return i + 3
    if first == 0x6C and second == 0x6C:  # ll
        return i + 3
    if case and data[i + 1] == 0xC5 and data[i + 2] == 0xBF:
        return i + 3
    return i


@kernel
def blank_end(data: Bytes, kinds: Bytes, i: int, end: int, lines: bool, whole_at_end: bool) -> int:
    r"""The end of the white space at `i`: `\s*[\r\n]+|\s+(?!\S)|\s+`, the first if `lines`.

    With `whole_at_end`, `\s++$` comes before all of these.
    """
    j, last, after_line = i, i, 0
    while j < end and kinds[j] & BLANK:
        if kinds[j] & NEWLINE:
            after_line = j + 1
        if data[j] & 0xC0 != 0x80:
            last = j
        j += 1
    if whole_at_end and j == end:
        return j
    if lines and after_line:
        return after_line
    return j if j == end or last == i else last


@kernel
def numbers_end(data: Bytes, kinds: Bytes, i: int, end: int, most: int) -> int:
    """The end of at most so many characters that are numbers."""
    n = 0
    while n < most and i < end and kinds[i] & NUMBER:
        i = character_end(data, i, end)
        n += 1
    return i


@kernel
def after_space(data: Bytes, i: int, end: int) -> int:
    """Behind the space at `i` where something follows it; else `i`."""
    return i + 1 if data[i] == 0x20 and i + 1 < end else i


@kernel
def gpt2_end(data: Bytes, kinds: Bytes, i: int, end: int) -> int:
    """The end of the pre-token at `i` by GPT-2's pattern."""
    j = contraction_end(data, i, end, 0)
    if j > i:
        return j
    j = after_space(data, i, end)
    kind = kinds[j]
    if kind & LETTER:
        return run_end(kinds, j, end, LETTER)
    if kind & NUMBER:
        return run_end(kinds, j, end, NUMBER)
    if not kind & BLANK:
        return other_end(kinds, j, end, BLANK | LETTER | NUMBER)
    return blank_end(data, kinds, i, end, False, False)


@kernel
def signs_end(data: Bytes, kinds: Bytes, i: int, end: int, within: int, slash: bool) -> int:
    r"""The end of ` ?[^\s\p{L}\p{N}]+[\r\n]*` (or `[\r\n/]*`) at `i`; `i` where there is none.

    `within` are the kinds that the class of the signs excludes.
    """
    j = after_space(data, i, end)
    if kinds[j] & within:
        return i
    j = other_end(kinds, j, end, within)
    while j < end and (kinds[j] & NEWLINE or (slash and data[j] == 0x2F)):
        j += 1
    return j


@kernel
def words_end(
    data: Bytes, kinds: Bytes, i: int, end: int, letters: int, most: int, whole_at_end: bool
) -> int:
    """The end of the pre-token at `i` by the patterns of cl100k, Llama 3 and Qwen.

    `letters` are the kinds of which words are (in Qwen 3.5 marks too); `most` numbers are taken
    together.
    """
    j = contraction_end(data, i, end, 0x20)
    if j > i:
        return j
    kind = kinds[i]
    if kind & letters:
        return run_end(kinds, i, end, letters)
    if kind & NUMBER:
        return numbers_end(data, kinds, i, end, most)
    if not kind & NEWLINE:
        j = character_end(data, i, end)
        if j < end and kinds[j] & letters:
            return run_end(kinds, j, end, letters)
    j = signs_end(data, kinds, i, end, BLANK | NUMBER | letters, False)
    if j > i:
        return j
    return blank_end(data, kinds, i, end, True, whole_at_end)


@kernel
def cased_end(kinds: Bytes, data: Bytes, i: int, end: int) -> int:
    """The end of `U*L+` at `i`, `i` where it does not match.

    U is upper case, L lower; letters without case and marks are both. Where no lower case follows
    the run of U, the run gives back what follows its last character that is both.
    """
    j, both = i, i
    while j < end and kinds[j] & (UPPER | MARK):
        if kinds[j] & (LOWER | MARK):
            both = j + 1
        j += 1
    k = run_end(kinds, j, end, LOWER | MARK)
    return k if k > j else both


@kernel
def cased_words_end(data: Bytes, kinds: Bytes, i: int, end: int, most: int, suffix: bool) -> int:
    """The end of the pre-token at `i` by the patterns of o200k (with suffix) and tekken."""
    kind = kinds[i]
    prefix = i
    if not kind & (NEWLINE | LETTER | NUMBER):
        prefix = character_end(data, i, end)
    j = cased_end(kinds, data, prefix, end)
    if j == prefix:
        j = max(i, cased_end(kinds, data, i, end))
        if j == i:
            j = run_end(kinds, prefix, end, UPPER | MARK)
            if j == prefix:
                j = i
    if j > i:
        return contraction_end(data, j, end, 0x20) if suffix else j
    if kind & NUMBER:
        return numbers_end(data, kinds, i, end, most)
    j = signs_end(data, kinds, i, end, BLANK | NUMBER | LETTER, True)
    if j > i:
        return j
    return blank_end(data, kinds, i, end, True, False)

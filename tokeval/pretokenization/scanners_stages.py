"""Kernels of DeepSeek-V3's three patterns, each of which cuts what the one before it left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.pretokenization.scanners_kernels import (
    BLANK,
    LETTER,
    Bytes,
    after_space,
    blank_end,
    character_end,
    numbers_end,
    other_end,
    run_end,
)
from tokeval.pretokenization.scanners_kinds import EAST_ASIAN, MARK, NEWLINE, NUMBER, PUNCTUATION


@kernel
def stretch_end(data: Bytes, kinds: Bytes, i: int, end: int) -> int:
    """The end of what DeepSeek-V3's first two patterns cut out at `i`, or of what they leave."""
    if kinds[i] & NUMBER:
        return numbers_end(data, kinds, i, end, 3)
    if kinds[i] & EAST_ASIAN:
        j = i
        while j < end and kinds[j] & EAST_ASIAN and not kinds[j] & NUMBER:
            j += 1
        return j
    return other_end(kinds, i, end, NUMBER | EAST_ASIAN)


@kernel
def third_stage_end(data: Bytes, kinds: Bytes, i: int, end: int) -> int:
    """The end of what DeepSeek-V3's third pattern matches at `i`, `i` where it does not."""
    byte, kind = data[i], kinds[i]
    j = i + 1
    if byte < 0x80 and kind & PUNCTUATION:
        while j < end and (0x61 <= data[j] | 0x20 <= 0x7A):
            j += 1
        if j > i + 1:
            return j
    if kind & (LETTER | MARK):
        return run_end(kinds, i, end, LETTER | MARK)
    if not kind & (NEWLINE | PUNCTUATION):
        j = character_end(data, i, end)
        if j < end and kinds[j] & (LETTER | MARK):
            return run_end(kinds, j, end, LETTER | MARK)
    j = after_space(data, i, end)
    if kinds[j] & PUNCTUATION:
        return run_end(kinds, run_end(kinds, j, end, PUNCTUATION), end, NEWLINE)
    return blank_end(data, kinds, i, end, True, False) if kind & BLANK else i


@kernel
def three_stages_ends(
    data: Bytes, kinds: Bytes, i: int, end: int, ends: NDArray[np.int64], n: int
) -> int:
    """The number of ends after those of `data[i:end]` by DeepSeek-V3's three patterns.

    What the third pattern does not match stays together as one pre-token.
    """
    while i < end:
        stop = stretch_end(data, kinds, i, end)
        unmatched = i
        while i < stop:
            j = third_stage_end(data, kinds, i, stop)
            if j == i:
                i = character_end(data, i, stop)
                continue
            if unmatched < i:
                ends[n] = i
                n += 1
            ends[n] = j
            n += 1
            i = unmatched = j
        if unmatched < stop:
            ends[n] = stop
            n += 1
    return n

"""Loops over the tokens of a batch of units: what bytes they spell, and what they lie over."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel

Int64s = NDArray[np.int64]
"""Numbers, one for each of what is named."""

Bytes = NDArray[np.uint8]


@lean_kernel
def lay_tokens(
    ids: NDArray[np.int32], offsets: Int64s, pool: Bytes, pool_starts: Int64s, data: Bytes,
    unit_starts: Int64s, unit_ends: Int64s, spans: Int64s, is_lossy: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Writes the bytes of the batch that each token stands for, by the lengths before it.

    A unit is lossy where the bytes of its tokens are neither it nor a space and it.

    Arrays:
        ids, offsets: tokens of the units.
        pool, pool_starts: bytes of each token of the vocabulary.
        data: UTF-8 of the batch.
        unit_starts, unit_ends: range of each unit in it.
        spans: shape (n_tokens, 2).
        is_lossy: by unit.
    """
    for unit in range(len(unit_starts)):
        start, end = unit_starts[unit], unit_ends[unit]
        at = start
        for t in range(offsets[unit], offsets[unit + 1]):
            at += pool_starts[ids[t] + 1] - pool_starts[ids[t]]
        n_before = at - end
        lossy = n_before < 0 or n_before > 1
        at = start - n_before
        for t in range(offsets[unit], offsets[unit + 1]):
            first = pool_starts[ids[t]]
            n_bytes = pool_starts[ids[t] + 1] - first
            spans[t, 0], spans[t, 1] = max(at, start), max(at + n_bytes, start)
            k = 0
            while not lossy and k < n_bytes:
                expected = data[at + k] if at + k >= start else 32
                lossy = pool[first + k] != expected
                k += 1
            at += n_bytes
        is_lossy[unit] = lossy


@lean_kernel
def _first_at(positions: Int64s, index: int, position: int, least: int, most: int) -> int:
    """The first index in [least, most] at which positions are after one, from a guess."""
    while index > least and positions[index - 1] > position:
        index -= 1
    while index < most and positions[index] <= position:
        index += 1
    return index


@lean_kernel
def count_over_words(
    ids: NDArray[np.int32], offsets: Int64s, spans: Int64s, data: Bytes, word_starts: Int64s,
    word_ends: Int64s, first_words: Int64s, unknown: int, tokens_in_word: NDArray[np.int32],
    is_whole: NDArray[np.bool_], counts: NDArray[Any],
) -> None:  # fmt: skip
    """Adds up the tokens of each unit, those over words, and the words that are cut or whole.

    Arrays:
        ids, offsets, spans, data: as in `lay_tokens`.
        word_starts, word_ends: of each word of the batch.
        first_words: first word of each unit; one more, the end.
        unknown: id of the unknown token, or -1.
        tokens_in_word, is_whole: zeros, by word.
        counts: zeros; tokens, tokens over one word, over two, words of two tokens, whole words.
    """
    for unit in range(len(offsets) - 1):
        least, most = first_words[unit], first_words[unit + 1]
        word = least
        counts[unit, 0] = offsets[unit + 1] - offsets[unit]
        for t in range(offsets[unit], offsets[unit + 1]):
            start, end = spans[t, 0], spans[t, 1]
            word = _first_at(word_ends, word, start, least, most)
            n_words = 0
            while end > start and word + n_words < most and word_starts[word + n_words] < end:
                tokens_in_word[word + n_words] += 1
                n_words += 1
            counts[unit, 1] += n_words >= 1
            counts[unit, 2] += n_words >= 2
            if n_words == 1 and end == word_ends[word] and ids[t] != unknown:
                begin = word_starts[word]
                after_space = start == begin - 1 and data[start] == 32
                is_whole[word] |= start == begin or after_space
        for w in range(least, most):
            is_whole[w] &= tokens_in_word[w] == 1
            counts[unit, 3] += tokens_in_word[w] >= 2
            counts[unit, 4] += is_whole[w]


@lean_kernel
def _lead(data: Bytes, position: int) -> int:
    """The first byte of the character that holds a byte."""
    while (data[position] & 0xC0) == 0x80:
        position -= 1
    return position


@lean_kernel
def _mark_split(
    data: Bytes, position: int, cluster: int, clusters: Int64s, is_character: bool, marks: Bytes,
    counts: NDArray[Any], unit: int,
) -> None:  # fmt: skip
    """Counts the character and the cluster that hold a byte as split, unless they are already."""
    if is_character:
        lead = _lead(data, position)
        counts[unit, 5] += (marks[lead] & 1) == 0
        marks[lead] |= 1
    first = clusters[cluster]
    counts[unit, 6] += (marks[first] & 2) == 0
    marks[first] |= 2


@lean_kernel
def count_splits(
    offsets: Int64s, spans: Int64s, is_lossy: NDArray[np.bool_], data: Bytes,
    unit_starts: Int64s, unit_ends: Int64s, clusters: Int64s, marks: Bytes, covers: Bytes,
    counts: NDArray[Any],
) -> None:  # fmt: skip
    """Adds up the characters, and the grapheme clusters, that tokens cut in each unit.

    A character is cut when a token begins inside its UTF-8 sequence or, where only the library's
    character offsets are known, when two tokens or more cover it.

    Arrays:
        offsets, spans, is_lossy, data, unit_starts, unit_ends: as in `lay_tokens`.
        clusters: first byte of each cluster of the batch.
        marks: zeros, by byte.
        covers: zeros, by byte; may be empty where no unit is lossy.
        counts: zeros in columns 5 and 6, which are written.
    """
    first_cluster = 0
    for unit in range(len(unit_starts)):
        start, end = unit_starts[unit], unit_ends[unit]
        least = _first_at(clusters, first_cluster, start - 1, first_cluster, len(clusters))
        cluster = first_cluster = least
        for t in range(offsets[unit], offsets[unit + 1]):
            at = spans[t, 0]
            if at > start and at < end:
                cluster = _first_at(clusters, cluster + 1, at, least + 1, len(clusters)) - 1
                inside = (data[at] & 0xC0) == 0x80
                if inside or clusters[cluster] != at:
                    _mark_split(data, at, cluster, clusters, inside, marks, counts, unit)
            if not is_lossy[unit] or spans[t, 1] <= at:
                continue
            for i in range(_lead(data, at), spans[t, 1]):
                if (data[i] & 0xC0) == 0x80:
                    continue
                covers[i] = min(covers[i] + 1, 2)
                if covers[i] == 2:
                    cluster = _first_at(clusters, cluster + 1, i, least + 1, len(clusters)) - 1
                    _mark_split(data, i, cluster, clusters, True, marks, counts, unit)

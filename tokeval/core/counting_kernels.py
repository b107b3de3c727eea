"""Loops over the units of a chunk: by block, by word form, by token id. All arrays are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel

Int64s = NDArray[np.int64]
"""Numbers, one for each of what is named."""


@lean_kernel
def count_pairs(
    text_order: Int64s, text_blocks: Int64s, text_starts: Int64s, numbers: Int64s,
    counts: Int64s, pair_blocks: Int64s, pair_units: Int64s, pair_counts: Int64s,
) -> int:  # fmt: skip
    """How many pairs of a block and a unit there are; writes them, block after block.

    Arrays:
        text_order: texts in the order of their blocks.
        text_blocks, text_starts: by text; one start more, the end.
        numbers: unit of each occurrence.
        counts: zeros, by unit; zeros again afterwards.
        pair_blocks, pair_units, pair_counts: room for as many pairs as occurrences.
    """
    n_pairs = first = 0
    for k in range(len(text_order)):
        text = text_order[k]
        block = text_blocks[text]
        for i in range(text_starts[text], text_starts[text + 1]):
            unit = numbers[i]
            if counts[unit] == 0:
                pair_blocks[n_pairs], pair_units[n_pairs] = block, unit
                n_pairs += 1
            counts[unit] += 1
        if k + 1 == len(text_order) or text_blocks[text_order[k + 1]] != block:
            for pair in range(first, n_pairs):
                pair_counts[pair] = counts[pair_units[pair]]
                counts[pair_units[pair]] = 0
            first = n_pairs
    return n_pairs


@lean_kernel
def sum_by_block(
    rows: NDArray[Any], pair_blocks: Int64s, pair_units: Int64s, pair_counts: Int64s, sums: Int64s
) -> None:
    """Adds to each block's row the rows of its units as often as they occur."""
    for pair in range(len(pair_units)):
        block, unit, n = pair_blocks[pair], pair_units[pair], pair_counts[pair]
        for column in range(rows.shape[1]):
            sums[block, column] += n * rows[unit, column]


@lean_kernel
def gather_ids(
    numbers: Int64s, text_starts: Int64s, flat: NDArray[np.int32], starts: Int64s,
    lengths: Int64s, ids: NDArray[np.int32], text_lengths: Int64s,
) -> None:  # fmt: skip
    """Writes the ids of the texts in their order, and the number of ids of each text."""
    n = 0
    for text in range(len(text_lengths)):
        begin = n
        for i in range(text_starts[text], text_starts[text + 1]):
            at = starts[numbers[i]]
            for k in range(lengths[numbers[i]]):
                ids[n + k] = flat[at + k]
            n += lengths[numbers[i]]
        text_lengths[text] = n - begin


@lean_kernel
def count_types(
    pair_blocks: Int64s, pair_units: Int64s, pair_counts: Int64s, flat: NDArray[np.int32],
    starts: Int64s, lengths: Int64s, table: Int64s, is_used: NDArray[np.bool_],
    block_starts: Int64s, types: NDArray[np.int32], counts: Int64s,
) -> int:  # fmt: skip
    """How many pairs of a block and a token id there are; writes them, ids ascending in a block.

    Arrays:
        pair_blocks, pair_units, pair_counts: ordered by block.
        flat, starts, lengths: ids of each unit.
        table: zeros, by id rounded up to 64; zeros again afterwards.
        is_used: false, for each 64 ids; so afterwards.
        block_starts: by block; one more, the end.
        types, counts: room for all pairs.
    """
    n_found = pair = 0
    for block in range(len(block_starts) - 1):
        block_starts[block] = n_found
        while pair < len(pair_blocks) and pair_blocks[pair] == block:
            unit = pair_units[pair]
            for k in range(starts[unit], starts[unit] + lengths[unit]):
                table[flat[k]] += pair_counts[pair]
                is_used[flat[k] >> 6] = True
            pair += 1
        for group in range(len(is_used)):
            if not is_used[group]:
                continue
            is_used[group] = False
            for i in range(64 * group, 64 * group + 64):
                if table[i] != 0:
                    types[n_found], counts[n_found] = i, table[i]
                    n_found += 1
                    table[i] = 0
    block_starts[len(block_starts) - 1] = n_found
    return n_found


@lean_kernel
def number_keys(
    pair_blocks: Int64s, pair_units: Int64s, pair_counts: Int64s, flat: NDArray[np.int32],
    starts: Int64s, lengths: Int64s, last_block: Int64s, last_key: Int64s, key_of: Int64s,
    key_forms: Int64s, key_blocks: Int64s, occurrences: Int64s,
) -> int:  # fmt: skip
    """How many pairs of a block and a word form there are; writes them, and that of each word.

    Arrays:
        pair_blocks, pair_units, pair_counts: ordered by block.
        flat, starts, lengths: word forms of each unit.
        last_block: -1, by form.
        last_key: by form.
        key_of: by word of each pair.
        key_forms, key_blocks, occurrences: room for as many keys as words.
    """
    n_keys = word = 0
    for pair in range(len(pair_units)):
        block, unit = pair_blocks[pair], pair_units[pair]
        for k in range(starts[unit], starts[unit] + lengths[unit]):
            form = flat[k]
            if last_block[form] != block:
                last_block[form], last_key[form] = block, n_keys
                key_forms[n_keys], key_blocks[n_keys], occurrences[n_keys] = form, block, 0
                n_keys += 1
            occurrences[last_key[form]] += pair_counts[pair]
            key_of[word] = last_key[form]
            word += 1
    return n_keys


@lean_kernel
def count_marked_words(
    pair_units: Int64s, pair_counts: Int64s, starts: Int64s, lengths: Int64s,
    is_marked: NDArray[np.bool_], key_of: Int64s, sums: Int64s,
) -> None:  # fmt: skip
    """Adds to each key the occurrences of its words that are marked."""
    word = 0
    for pair in range(len(pair_units)):
        unit = pair_units[pair]
        for k in range(starts[unit], starts[unit] + lengths[unit]):
            if is_marked[k]:
                sums[key_of[word]] += pair_counts[pair]
            word += 1


@lean_kernel
def look_at_words(
    units: Int64s, unit_counts: Int64s, starts: Int64s, lengths: Int64s,
    tokens_in_word: NDArray[np.int32], histogram: Int64s, split_places: Int64s,
    split_units: Int64s, split_counts: Int64s,
) -> int:  # fmt: skip
    """How many words of the units are of two tokens or more; writes them.

    Arrays:
        units: distinct.
        unit_counts: occurrences of each.
        starts, lengths: words of each unit of the table.
        tokens_in_word: by word of the table.
        histogram: zeros; words by number of tokens, the last bin for it and more.
        split_places, split_units, split_counts: room for all words of the units.
    """
    n_split = 0
    for u in range(len(units)):
        unit, n = units[u], unit_counts[u]
        for k in range(starts[unit], starts[unit] + lengths[unit]):
            last_bin = len(histogram) - 1
            histogram[tokens_in_word[k] if tokens_in_word[k] < last_bin else last_bin] += n
            if tokens_in_word[k] >= 2:
                split_places[n_split], split_units[n_split], split_counts[n_split] = k, unit, n
                n_split += 1
    return n_split

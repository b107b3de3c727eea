"""The replay in plain Python: the readable twin of `replay`, with exactly its results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from tokeval.mixture.history import PairChanges, count_dtype
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.word_table import WordTable

Pair = tuple[int, int]
# A symbol that is None is a byte or a character which is no initial symbol.
Word = list[int | None]


def replay(
    table: WordTable, merges: MergeList, *, n_steps: int, block: int | None = None
) -> PairChanges:
    """The counts of all pairs while `n_steps` merges are made, as `replay.replay` says."""
    weights = word_weights(table, block)
    words = [spelled(word, merges) for word in table.words]
    changes: dict[Pair, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    holders: dict[Pair, set[int]] = defaultdict(set)
    for index, (word, weight) in enumerate(zip(words, weights, strict=True)):
        for pair in adjacent_pairs(word):
            changes[pair][0] += weight
            holders[pair].add(index)
    n_pairs_initially = sum(of_pair[0] for of_pair in changes.values())
    for step in range(n_steps):
        left, right = merges.pairs[step].tolist()
        for index in sorted(holders.pop((left, right), ())):
            merged = merged_word(words[index], (left, right), int(merges.results[step]))
            for pair in adjacent_pairs(words[index]):
                changes[pair][step + 1] -= weights[index]
            for pair in adjacent_pairs(merged):
                changes[pair][step + 1] += weights[index]
                holders[pair].add(index)
            words[index] = merged
    return _pair_changes(changes, n_pairs_initially)


def word_weights(table: WordTable, block: int | None) -> list[int]:
    """How often each word occurs: in all blocks, or in all but one."""
    totals = table.counts.sum(axis=1)
    weights: list[int] = (totals if block is None else totals - table.counts[:, block]).tolist()
    return weights


def spelled(word: bytes, merges: MergeList) -> Word:
    """The symbols of a word before any merge; None where there is no such initial symbol."""
    initial = {symbol: i for i, symbol in enumerate(merges.symbols[: merges.n_initial])}
    if merges.starts_from == "bytes":
        return [initial.get(bytes([value])) for value in word]
    return [initial.get(character.encode()) for character in word.decode()]


def adjacent_pairs(word: Word) -> Iterator[Pair]:
    """Every two neighbours that are symbols, overlapping: `aaa` has the pair (a, a) twice."""
    for left, right in pairwise(word):
        if left is not None and right is not None:
            yield left, right


def merged_word(word: Word, pair: Pair, result: int) -> Word:
    """The word with the pair joined, from left to right: `aaa` becomes `aa a`."""
    merged: Word = []
    place = 0
    while place < len(word):
        if tuple(word[place : place + 2]) == pair:
            merged.append(result)
            place += 2
        else:
            merged.append(word[place])
            place += 1
    return merged


def _pair_changes(changes: dict[Pair, dict[int, int]], n_pairs_initially: int) -> PairChanges:
    """The changes in order, without those that came to nothing."""
    rows = {
        left << 32 | right: [(step, delta) for step, delta in sorted(of_pair.items()) if delta]
        for (left, right), of_pair in sorted(changes.items())
    }
    rows = {key: row for key, row in rows.items() if row}
    flat = [change for row in rows.values() for change in row]
    return PairChanges(
        keys=np.array(list(rows), dtype=np.int64),
        starts=np.cumsum([0, *map(len, rows.values())], dtype=np.int64),
        steps=np.array([step for step, _ in flat], dtype=np.int32),
        deltas=np.array([delta for _, delta in flat], dtype=count_dtype(n_pairs_initially)),
        n_pairs_initially=n_pairs_initially,
    )

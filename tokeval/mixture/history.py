"""How often each pair of symbols occurs after each merge, kept as changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.mixture.history_kernels import (
    add_by_category_until,
    add_until,
    append_changes,
    count_until,
    sort_rows,
)
from tokeval.mixture.merge_list import MergeList

# int32 or int64, as `count_dtype` says.
Counts = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class PairChanges:
    """The counts of all pairs of one category, from step to step.

    The count of a pair at step t, when merge t is chosen (merges 0 … t − 1 are made), is the sum
    of its deltas with `steps` ≤ t. Initial counts have step 0; what merge t changes has step t + 1.

    Attributes:
        keys: left · 2**32 + right of each pair that ever occurs, ascending, shape (n_pairs,),
            int64.
        starts: first change of each pair and, last, the number of changes, shape (n_pairs + 1,),
            int64.
        steps: when each change happens, ascending within a pair and never twice the same, shape
            (n_changes,), int32.
        deltas: how much the count changes, never 0, shape (n_changes,), `count_dtype`.
        n_pairs_initially: occurrences of all pairs before any merge: what counts are divided by.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    steps: NDArray[np.int32]
    deltas: Counts
    n_pairs_initially: int


@dataclass(frozen=True)
class History:
    """The changes of several categories side by side, pair after pair.

    Attributes:
        names: of the categories.
        winners: the pair of each step, a row of `keys`; -1 where no category ever has it, shape
            (n_steps,), int64.
        keys, starts, steps: as in `PairChanges`; several categories may change at the same step.
        categories: which category each change is of, ascending within a step, shape
            (n_changes,), uint16.
        deltas: shape (n_changes,), `count_dtype` of the largest category.
        n_pairs_initially: shape (n_categories,), int64.
    """

    names: tuple[str, ...]
    winners: NDArray[np.int64]
    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    steps: NDArray[np.int32]
    categories: NDArray[np.uint16]
    deltas: Counts
    n_pairs_initially: NDArray[np.int64]


def pair_keys(merges: MergeList) -> NDArray[np.int64]:
    """The key of the pair that each step joins: left · 2**32 + right, shape (n_merges,), int64."""
    left, right = merges.pairs.astype(np.int64).reshape(-1, 2).T
    return (left << 32) | right


def count_dtype(n_pairs: int) -> np.dtype[np.signedinteger[Any]]:
    """The smaller type that holds every count and every sum of deltas of `n_pairs` occurrences.

    Merging never makes pairs, so that no count exceeds how many there are initially.
    """
    return np.dtype(np.int32) if n_pairs <= np.iinfo(np.int32).max else np.dtype(np.int64)


def combine(
    names: Sequence[str], changes: Sequence[PairChanges], merges: MergeList, *, n_steps: int
) -> History:
    """The history of several categories over the first `n_steps` steps.

    All pairs are kept that occur at one of these steps. A pair could be left out for being at most
    as frequent as the winner in every category and at every step: with 20 languages, or 5 parts of
    the same source code, that are fewer than 1 in 100.

    Args:
        names: of the categories.
        changes: of each category, from a replay of at least `n_steps` merges.
        merges: that were replayed.
        n_steps: how many steps the history covers.
    """
    winner_keys = pair_keys(merges)[:n_steps]
    occurring = [of.keys[of.steps[of.starts[:-1]] < n_steps] for of in changes]
    keys = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *occurring]))
    rows = [rows_of(keys, of_category.keys) for of_category in changes]
    n_changes = np.zeros(len(keys), dtype=np.int64)
    for to, of in zip(rows, changes, strict=True):
        count_until(of.starts, of.steps, to, n_steps, n_changes)
    starts = np.append(0, np.cumsum(n_changes))
    n_pairs_initially = np.array([of.n_pairs_initially for of in changes], dtype=np.int64)
    steps = np.empty(starts[-1], dtype=np.int32)
    categories = np.empty(starts[-1], dtype=np.uint16)
    deltas = np.empty(starts[-1], dtype=count_dtype(int(n_pairs_initially.max(initial=0))))
    cursors, out = starts[:-1].copy(), (steps, categories, deltas)
    for category, (to, of) in enumerate(zip(rows, changes, strict=True)):
        append_changes(of.starts, (of.steps, of.deltas), to, n_steps, category, cursors, out)
    sort_rows(starts, steps, categories, deltas)
    winners = rows_of(keys, winner_keys)
    return History(tuple(names), winners, keys, starts, *out, n_pairs_initially)


def pair_counts(
    changes: PairChanges, keys: NDArray[np.int64], steps: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """The count of pair `keys[i]` at step `steps[i]`, 0 where it never occurs, shape (n,)."""
    counts = np.zeros((len(keys), 1), dtype=np.int64)
    rows = rows_of(changes.keys, keys)
    add_until(changes.starts, changes.steps, changes.deltas[:, None], rows, _int64(steps), counts)
    return counts[:, 0]


def counts_at(
    history: History, steps: NDArray[np.integer[Any]], pairs: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """The count of pair `pairs[i]` at step `steps[i]` in each category, shape (n, n_categories).

    Args:
        history: of the categories.
        steps: below its number of steps, shape (n,).
        pairs: rows of `history.keys`; 0 is counted for -1, shape (n,).
    """
    counts = np.zeros((len(pairs), len(history.names)), dtype=np.int64)
    add_by_category_until(
        *(history.starts, history.steps, history.categories, history.deltas),
        *(_int64(pairs), _int64(steps), counts),
    )
    return counts


def winner_counts(history: History) -> NDArray[np.int64]:
    """The count of the winner of each step in each category, shape (n_steps, n_categories)."""
    return counts_at(history, np.arange(len(history.winners)), history.winners)


def rows_of(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each wanted key is among the keys, which ascend; -1 where it is not."""
    rows = np.searchsorted(keys, wanted)
    # No pair has the key -1.
    return np.where(np.append(keys, -1)[rows] == wanted, rows, -1)


def _int64(values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """The values in the one type for which kernels are compiled."""
    return np.asarray(values, dtype=np.int64)

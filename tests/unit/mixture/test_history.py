"""Several categories side by side: hand-computed counts, what is left out, types."""

import numpy as np
import pytest

from tokeval.mixture.history import (
    PairChanges,
    combine,
    count_dtype,
    counts_at,
    pair_counts,
    pair_keys,
    winner_counts,
)
from tokeval.mixture.merge_list import MergeList

# Four symbols and three merges: (0, 1), (2, 3), (1, 1).
MERGES = MergeList(
    (b"a", b"b", b"c", b"d", b"ab", b"cd", b"bb"),
    4,
    np.array([(0, 1), (2, 3), (1, 1)], dtype=np.int32),
    np.array([4, 5, 6], dtype=np.int32),
    "bytes",
)
AB, CD, BB = pair_keys(MERGES).tolist()
AC, AD = 2, 3


def changes(n_pairs_initially: int, **of_pair: dict[int, int]) -> PairChanges:
    """Changes from what is written for each pair: step and delta."""
    rows = sorted((globals()[name], sorted(row.items())) for name, row in of_pair.items())
    flat = [change for _, row in rows for change in row]
    return PairChanges(
        np.array([key for key, _ in rows], dtype=np.int64),
        np.cumsum([0, *(len(row) for _, row in rows)]),
        np.array([step for step, _ in flat], dtype=np.int32),
        np.array([delta for _, delta in flat], dtype=count_dtype(n_pairs_initially)),
        n_pairs_initially,
    )


def test_keys_of_merges():
    assert pair_keys(MERGES).tolist() == [1, 2 * 2**32 + 3, 2**32 + 1]


def test_counts_of_categories_side_by_side():
    first = changes(30, AB={0: 9, 1: -9}, CD={0: 5, 2: -5}, AD={0: 6, 2: -4})
    second = changes(40, CD={0: 7, 1: 1, 2: -8}, AD={1: 3})
    history = combine(["x", "y"], [first, second], MERGES, n_steps=3)
    assert history.names == ("x", "y")
    assert history.keys.tolist() == [AB, AD, CD]
    assert history.winners.tolist() == [0, 2, -1]
    assert history.starts.tolist() == [0, 2, 5, 10]
    assert history.steps.tolist() == [0, 1, 0, 1, 2, 0, 0, 1, 2, 2]
    assert history.categories.tolist() == [0, 0, 0, 1, 0, 0, 1, 1, 0, 1]
    assert history.deltas.tolist() == [9, -9, 6, 3, -4, 5, 7, 1, -5, -8]
    assert history.n_pairs_initially.tolist() == [30, 40]
    assert winner_counts(history).tolist() == [[9, 0], [5, 8], [0, 0]]
    found = counts_at(history, np.array([0, 1, 2, 1]), np.array([1, 1, 1, -1]))
    assert found.tolist() == [[6, 0], [6, 3], [2, 3], [0, 0]]


def test_changes_after_the_last_step_are_left_out():
    of_category = changes(30, AB={0: 9, 1: -9}, AC={0: 1, 1: 20}, AD={1: 2})
    history = combine(["x"], [of_category], MERGES, n_steps=1)
    assert history.keys.tolist() == [AB, AC]
    assert history.steps.tolist() == [0, 0]
    assert history.deltas.tolist() == [9, 1]


def test_an_empty_category_and_no_steps():
    empty = changes(0)
    history = combine(["x", "y"], [empty, changes(3, AB={0: 3})], MERGES, n_steps=2)
    assert winner_counts(history).tolist() == [[0, 3], [0, 0]]
    nothing = combine(["x"], [empty], MERGES, n_steps=0)
    assert winner_counts(nothing).shape == (0, 1)
    assert nothing.starts.tolist() == [0]


def test_pair_counts_of_one_category():
    of_category = changes(30, AB={0: 9, 2: -4})
    found = pair_counts(of_category, np.array([AB, AB, AB, CD]), np.array([0, 1, 2, 0]))
    assert found.tolist() == [9, 9, 5, 0]


@pytest.mark.parametrize(("n_pairs", "dtype"), [(2**31 - 1, np.int32), (2**31, np.int64)])
def test_deltas_are_as_small_as_exactness_allows(n_pairs, dtype):
    small, large = changes(1, AB={0: 1}), changes(n_pairs, AB={0: n_pairs})
    history = combine(["x", "y"], [small, large], MERGES, n_steps=1)
    assert history.deltas.dtype == dtype
    assert winner_counts(history).tolist() == [[1, n_pairs]]

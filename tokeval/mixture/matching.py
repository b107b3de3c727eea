"""An auction of steps among violated pairs: which rows a solver should see next.

For fixed shares, the least sum of slacks equals the weight of the heaviest matching between steps
and competing pairs, where (t, p) weighs what p exceeds the winner of t by, and each step and each
pair is used at most once: the slacks are the prices of that matching, and its edges are the rows
that bind. Rows added for each pair by itself crowd on the few steps with the lowest bars, and many
rounds go by until the slacks of the others move. In an auction (Bertsekas, "The auction algorithm:
a distributed relaxation method for the assignment problem", Annals of Operations Research 14,
1988) pairs outbid one another and spread over the steps as they do at the optimum.

Here it only proposes rows, so it may stop early: the solver and the search for violations decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.mixture.history import History
from tokeval.mixture.kernels import kernel

NOBODY = -1


def auction(
    history: History,
    shares: NDArray[np.float64],
    *,
    bars: NDArray[np.float64],
    owners: NDArray[np.int64],
    pairs: NDArray[np.int64],
    increment: float,
    max_bids: int,
) -> NDArray[np.int64]:
    """The pair that holds each step at the end, `NOBODY` for a step without one: (n_steps,).

    A pair bids for the step where it exceeds the bar most, and raises that bar until its second
    best step is as good; who held the step bids again; who exceeds no bar goes home.

    Args:
        history: counts of the categories.
        shares: of the categories, shape (n_categories,).
        bars: frequency of the winner in the mixture plus the step's price, infinite for a step
            that is not for sale, shape (n_steps,).
        owners: who holds each step at first, shape (n_steps,).
        pairs: who bids, in this order.
        increment: what each bid adds, positive: pairs are at most so far from their best step.
        max_bids: when to stop.
    """
    weights = shares / history.n_pairs_initially
    bars, owners = bars.copy(), owners.copy()
    changes = (history.starts, history.steps, history.categories, history.deltas)
    _hold(*changes, weights, bars, owners, _tree(bars), pairs, increment, max_bids)
    return owners


def _tree(bars: NDArray[np.float64]) -> NDArray[np.int64]:
    """A segment tree of the step with the lowest bar: children of i at 2i and 2i + 1, root 1.

    Leaves beyond the last step repeat it.
    """
    n_leaves = 1 << max(0, len(bars) - 1).bit_length()
    tree = np.zeros(2 * n_leaves, dtype=np.int64)
    tree[n_leaves:] = np.minimum(np.arange(n_leaves), len(bars) - 1)
    level = n_leaves // 2
    while level:
        left, right = tree[2 * level : 4 * level : 2], tree[2 * level + 1 : 4 * level : 2]
        tree[level : 2 * level] = np.where(bars[right] < bars[left], right, left)
        level //= 2
    return tree


@kernel
def _lowest(tree: NDArray[np.int64], bars: NDArray[np.float64], begin: int, end: int) -> int:
    """The step with the lowest bar of [begin, end), −1 if there is none."""
    lowest = -1
    left, right = begin + len(tree) // 2, end + len(tree) // 2
    while left < right:
        if left & 1:
            if lowest < 0 or bars[tree[left]] < bars[lowest]:
                lowest = tree[left]
            left += 1
        if right & 1:
            right -= 1
            if lowest < 0 or bars[tree[right]] < bars[lowest]:
                lowest = tree[right]
        left >>= 1
        right >>= 1
    return lowest


@kernel
def _raise(tree: NDArray[np.int64], bars: NDArray[np.float64], step: int, price: float) -> None:
    """Raises the bar of a step, and mends the tree above it."""
    bars[step] += price
    node = (step + len(tree) // 2) >> 1
    while node:
        left, right = tree[2 * node], tree[2 * node + 1]
        tree[node] = right if bars[right] < bars[left] else left
        node >>= 1


@kernel
def _best_step(
    starts: NDArray[np.int64],
    steps: NDArray[np.int32],
    categories: NDArray[np.uint16],
    deltas: NDArray[np.integer[Any]],
    weights: NDArray[np.float64],
    bars: NDArray[np.float64],
    tree: NDArray[np.int64],
    pair: int,
) -> tuple[int, float, float]:
    """The step that a pair exceeds most (−1: none), by how much, and by how much the second."""
    n_steps = len(bars)
    best_step, best, second, frequency = -1, 0.0, 0.0, 0.0
    change, end = starts[pair], starts[pair + 1]
    while change < end and steps[change] < n_steps:
        begin = steps[change]
        while change < end and steps[change] == begin:
            frequency += weights[categories[change]] * deltas[change]
            change += 1
        if frequency - bars[tree[1]] <= second:
            continue
        stop = min(n_steps, steps[change]) if change < end else n_steps
        step = _lowest(tree, bars, begin, stop)
        excess = frequency - bars[step]
        if excess <= second:
            continue
        for other in (_lowest(tree, bars, begin, step), _lowest(tree, bars, step + 1, stop)):
            if other >= 0:
                second = max(second, frequency - bars[other])
        if excess > best:
            second = max(second, best)
            best, best_step = excess, step
        else:
            second = max(second, excess)
    return best_step, best, second


@kernel
def _hold(
    starts: NDArray[np.int64],
    steps: NDArray[np.int32],
    categories: NDArray[np.uint16],
    deltas: NDArray[np.integer[Any]],
    weights: NDArray[np.float64],
    bars: NDArray[np.float64],
    owners: NDArray[np.int64],
    tree: NDArray[np.int64],
    pairs: NDArray[np.int64],
    increment: float,
    max_bids: int,
) -> None:
    """Holds the auction, in `owners`, `bars` and `tree`."""
    # Nobody waits twice: those who wait are the bidders and those who were outbid.
    ring = np.empty(len(pairs) + len(bars) + 1, dtype=np.int64)
    ring[: len(pairs)] = pairs
    first, last, n_bids = 0, len(pairs), 0
    while first != last and n_bids < max_bids:
        pair = ring[first]
        first = (first + 1) % len(ring)
        step, best, second = _best_step(
            starts, steps, categories, deltas, weights, bars, tree, pair
        )
        if step < 0:
            continue
        n_bids += 1
        if owners[step] >= 0:
            ring[last] = owners[step]
            last = (last + 1) % len(ring)
        owners[step] = pair
        _raise(tree, bars, step, best - second + increment)

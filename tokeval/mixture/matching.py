"""An auction of steps among violated pairs: a matching of nearly the greatest weight.

For fixed shares, the least sum of slacks equals the weight of the heaviest matching between steps
and competing pairs, where (t, p) weighs what p exceeds the winner of t by, and each step and each
pair is used at most once: the slacks are the prices of that matching, and its edges are the rows
that bind. Rows added for each pair by itself crowd on the few steps with the lowest bars, and many
rounds go by until the slacks of the others move. In an auction (Bertsekas, "The auction algorithm:
a distributed relaxation method for the assignment problem", Annals of Operations Research 14,
1988) pairs outbid one another and spread over the steps as they do at the optimum.

Edges are too many to be listed: hundreds of millions at 30,000 steps. A pair is a few pieces of
time at each of which its frequency is constant, and its best step there is a range minimum.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import inlined, kernel
from tokeval.mixture.history import History
from tokeval.mixture.violations import lowest_of_ranges

NOBODY = -1


class Pieces(NamedTuple):
    """When each pair is frequent enough to exceed the bar of some step.

    Attributes:
        starts: the first piece of each pair and, last, the number of pieces, shape (n_pairs + 1,).
        begins, ends: steps begin <= t < end, shape (n_pieces,).
        frequencies: in the mixture, shape (n_pieces,).
    """

    starts: NDArray[np.int64]
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    frequencies: NDArray[np.float64]


class Tree(NamedTuple):
    """The lowest bar of each subtree: children of node i at 2i and 2i + 1, the root at 1.

    Attributes:
        bars: infinite beyond the last step, shape (2 · n_leaves,).
        steps: whose bar it is, shape (2 · n_leaves,).
    """

    bars: NDArray[np.float64]
    steps: NDArray[np.int32]


def auction(
    history: History,
    shares: NDArray[np.float64],
    *,
    bars: NDArray[np.float64],
    owners: NDArray[np.int64],
    pairs: NDArray[np.int64] | None = None,
    increment: float,
    max_bids: int | None = None,
) -> NDArray[np.int64]:
    """The pair that holds each step at the end, `NOBODY` for a step without one: (n_steps,).

    A pair bids for the step where it exceeds the bar most, and raises that bar until its second
    best step is as good; who held the step bids again; who exceeds no bar goes home. Held to its
    end, from bars without prices, the weight misses the greatest by at most the increment for each
    step that is held; what it does miss is far less.

    Args:
        history: counts of the categories.
        shares: of the categories, shape (n_categories,).
        bars: frequency of the winner in the mixture plus the step's price, infinite for a step
            that is not for sale, shape (n_steps,).
        owners: who holds each step at first, shape (n_steps,).
        pairs: who bids, in this order; everyone who exceeds a bar when `None`.
        increment: what each bid adds, positive: pairs are at most so far from their best step.
        max_bids: when to stop; at the end when `None`.
    """
    owners = owners.copy()
    pieces = _pieces(history, shares, bars)
    if pairs is None:
        pairs = np.flatnonzero(np.diff(pieces.starts))
    if max_bids is None:
        max_bids = np.iinfo(np.int64).max
    _hold(pieces, _tree(bars), owners, pairs, increment, max_bids)
    return owners


def _pieces(history: History, shares: NDArray[np.float64], bars: NDArray[np.float64]) -> Pieces:
    """The pieces of all pairs; bars only rise, so that others never matter."""
    n_changes = len(history.steps)
    pieces = Pieces(
        np.empty(len(history.starts), dtype=np.int64),
        np.empty(n_changes, dtype=np.int32),
        np.empty(n_changes, dtype=np.int32),
        np.empty(n_changes),
    )
    _fill_pieces(
        history.starts,
        history.steps,
        history.categories,
        history.deltas,
        shares / history.n_pairs_initially,
        bars,
        lowest_of_ranges(bars),
        pieces,
    )
    return pieces


@kernel
def _fill_pieces(
    starts: NDArray[np.int64],
    steps: NDArray[np.int32],
    categories: NDArray[np.uint16],
    deltas: NDArray[np.integer[Any]],
    weights: NDArray[np.float64],
    bars: NDArray[np.float64],
    lowest: NDArray[np.int32],
    pieces: Pieces,
) -> None:
    """Fills the pieces, in the order of pairs and of time."""
    n_pieces, n_steps = 0, len(bars)
    for pair in range(len(starts) - 1):
        pieces.starts[pair] = n_pieces
        frequency = 0.0
        change, end = starts[pair], starts[pair + 1]
        while change < end and steps[change] < n_steps:
            begin = steps[change]
            while change < end and steps[change] == begin:
                frequency += weights[categories[change]] * deltas[change]
                change += 1
            stop = min(n_steps, steps[change]) if change < end else n_steps
            length, level = (stop - begin) >> 1, 0
            while length > 0:
                length >>= 1
                level += 1
            one, other = lowest[level, begin], lowest[level, stop - (1 << level)]
            if frequency > min(bars[one], bars[other]):
                pieces.begins[n_pieces] = begin
                pieces.ends[n_pieces] = stop
                pieces.frequencies[n_pieces] = frequency
                n_pieces += 1
    pieces.starts[-1] = n_pieces


def _tree(bars: NDArray[np.float64]) -> Tree:
    """The tree of all bars; of equal ones it has the first."""
    n_leaves = 1 << max(0, len(bars) - 1).bit_length()
    tree = Tree(np.full(2 * n_leaves, np.inf), np.zeros(2 * n_leaves, dtype=np.int32))
    tree.bars[n_leaves : n_leaves + len(bars)] = bars
    tree.steps[n_leaves:] = np.arange(n_leaves)
    level = n_leaves // 2
    while level:
        children = slice(2 * level, 4 * level)
        bar, step = tree.bars[children].reshape(-1, 2), tree.steps[children].reshape(-1, 2)
        is_right = bar[:, 1] < bar[:, 0]
        tree.bars[level : 2 * level] = np.where(is_right, bar[:, 1], bar[:, 0])
        tree.steps[level : 2 * level] = np.where(is_right, step[:, 1], step[:, 0])
        level //= 2
    return tree


@inlined
def _lowest(tree: Tree, begin: int, end: int) -> tuple[float, int]:
    """The lowest bar of [begin, end) and its step; infinite, −1 if there is none."""
    n_leaves = len(tree.bars) >> 1
    left, right = begin + n_leaves, end + n_leaves
    bar, step = np.inf, -1
    while left < right:
        if left & 1:
            if tree.bars[left] < bar:
                bar, step = tree.bars[left], tree.steps[left]
            left += 1
        if right & 1:
            right -= 1
            if tree.bars[right] < bar:
                bar, step = tree.bars[right], tree.steps[right]
        left >>= 1
        right >>= 1
    return bar, step


@inlined
def _raise(tree: Tree, step: int, price: float) -> None:
    """Raises the bar of a step, and mends the tree above it."""
    node = step + (len(tree.bars) >> 1)
    tree.bars[node] += price
    node >>= 1
    # A node that has another step as its lowest has not changed, nor has any above it.
    while node and tree.steps[node] == step:
        child = 2 * node
        if tree.bars[child + 1] < tree.bars[child]:
            child += 1
        tree.bars[node], tree.steps[node] = tree.bars[child], tree.steps[child]
        node >>= 1


@kernel
def _best_step(pieces: Pieces, tree: Tree, pair: int) -> tuple[int, float, float]:
    """The step that a pair exceeds most (−1: none), by how much, and by how much the second."""
    best_step, best_piece, best, second = -1, -1, 0.0, 0.0
    for piece in range(pieces.starts[pair], pieces.starts[pair + 1]):
        frequency = pieces.frequencies[piece]
        if frequency - tree.bars[1] <= second:
            continue
        bar, step = _lowest(tree, pieces.begins[piece], pieces.ends[piece])
        excess = frequency - bar
        if excess > best:
            second = best
            best, best_step, best_piece = excess, step, piece
        elif excess > second:
            second = excess
    if best_step >= 0:
        bar, _ = _lowest(tree, pieces.begins[best_piece], best_step)
        second = max(second, pieces.frequencies[best_piece] - bar)
        bar, _ = _lowest(tree, best_step + 1, pieces.ends[best_piece])
        second = max(second, pieces.frequencies[best_piece] - bar)
    return best_step, best, second


@kernel
def _hold(
    pieces: Pieces,
    tree: Tree,
    owners: NDArray[np.int64],
    pairs: NDArray[np.int64],
    increment: float,
    max_bids: int,
) -> None:
    """Holds the auction, in `owners` and `tree`."""
    # Nobody waits twice: those who wait are the bidders and those who were outbid.
    ring = np.empty(len(pairs) + len(owners) + 1, dtype=np.int64)
    ring[: len(pairs)] = pairs
    first, last, n_bids = 0, len(pairs), 0
    while first != last and n_bids < max_bids:
        pair = ring[first]
        first += 1
        if first == len(ring):
            first = 0
        step, best, second = _best_step(pieces, tree, pair)
        if step < 0:
            continue
        n_bids += 1
        if owners[step] >= 0:
            ring[last] = owners[step]
            last += 1
            if last == len(ring):
                last = 0
        owners[step] = pair
        _raise(tree, step, best - second + increment)

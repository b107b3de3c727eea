"""Violated competitors: where a pair outnumbers the winner of a step by more than its slack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.mixture.history import History


@dataclass(frozen=True)
class Violations:
    """The worst step of each violated pair.

    Attributes:
        steps: shape (n,), int64.
        pairs: rows of `History.keys`, ascending, shape (n,), int64.
        amounts: by how much the frequency of the pair exceeds the winner's and both slacks,
            shape (n,), float64, positive.
    """

    steps: NDArray[np.int64]
    pairs: NDArray[np.int64]
    amounts: NDArray[np.float64]

    def __len__(self) -> int:
        """How many pairs are violated."""
        return len(self.steps)


def find_violations(
    history: History,
    shares: NDArray[np.float64],
    *,
    bars: NDArray[np.float64],
    pair_slacks: NDArray[np.float64],
    tolerance: float,
) -> Violations:
    """The pairs that exceed the bar of some step, each with the step where it exceeds it most.

    The frequency of a pair in the mixture is constant between its changes, so on each such piece
    the worst step is the one with the lowest bar: a range minimum, and no step is visited.
    The own step of a pair needs no exception: it is exceeded there by −(both slacks) at most.

    Args:
        history: counts of the categories.
        shares: of the categories, shape (n_categories,).
        bars: frequency of the winner in the mixture plus the step's slack, infinite for a step
            that makes no rows, shape (n_steps,).
        pair_slacks: shape (n_pairs,).
        tolerance: what is exceeded by no more than this is not violated.
    """
    steps, amounts = _worst_steps(
        history.starts,
        history.steps,
        history.categories,
        history.deltas,
        shares / history.n_pairs_initially,
        bars,
        lowest_of_ranges(bars),
        pair_slacks,
    )
    pairs = np.flatnonzero(amounts > tolerance)
    return Violations(steps[pairs], pairs, amounts[pairs])


def lowest_of_ranges(values: NDArray[np.float64]) -> NDArray[np.int32]:
    """The place of the minimum of each [i, i + 2**level), shape (n_levels, n_values)."""
    n_values = len(values)
    levels = [np.arange(n_values, dtype=np.int32)]
    while 2 ** len(levels) <= n_values:
        below, half = levels[-1], 2 ** (len(levels) - 1)
        level = below.copy()
        left, right = below[:-half], below[half:]
        level[:-half] = np.where(values[left] <= values[right], left, right)
        levels.append(level)
    return np.stack(levels)


@kernel
def _worst_steps(
    starts: NDArray[np.int64],
    steps: NDArray[np.int32],
    categories: NDArray[np.uint16],
    deltas: NDArray[np.integer[Any]],
    weights: NDArray[np.float64],
    bars: NDArray[np.float64],
    lowest: NDArray[np.int32],
    pair_slacks: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each pair the step that it exceeds most, and by how much (−inf: by nothing)."""
    n_pairs = len(starts) - 1
    n_steps = len(bars)
    worst = np.zeros(n_pairs, dtype=np.int64)
    amounts = np.full(n_pairs, -np.inf)
    lowest_bar = bars.min()
    for pair in range(n_pairs):
        frequency = 0.0
        change, end = starts[pair], starts[pair + 1]
        while change < end and steps[change] < n_steps:
            begin = steps[change]
            while change < end and steps[change] == begin:
                frequency += weights[categories[change]] * deltas[change]
                change += 1
            if frequency <= lowest_bar:
                continue
            stop = min(n_steps, steps[change]) if change < end else n_steps
            length, level = (stop - begin) >> 1, 0
            while length > 0:
                length >>= 1
                level += 1
            step = lowest[level, begin]
            other = lowest[level, stop - (1 << level)]
            if bars[other] < bars[step]:
                step = other
            amount = frequency - bars[step] - pair_slacks[pair]
            if amount > amounts[pair]:
                amounts[pair] = amount
                worst[pair] = step
    return worst, amounts

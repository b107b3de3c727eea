"""How often each pair of symbols occurs after each merge, kept as changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
        deltas: how much the count changes, never 0, shape (n_changes,), int64.
        n_pairs_initially: occurrences of all pairs before any merge: what counts are divided by.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    steps: NDArray[np.int32]
    deltas: NDArray[np.int64]
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
        deltas: shape (n_changes,), int64.
        n_pairs_initially: shape (n_categories,), int64.
    """

    names: tuple[str, ...]
    winners: NDArray[np.int64]
    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    steps: NDArray[np.int32]
    categories: NDArray[np.uint16]
    deltas: NDArray[np.int64]
    n_pairs_initially: NDArray[np.int64]

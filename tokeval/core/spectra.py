"""Spectra: how many types have each count, of all blocks together and without each in turn.

Most statistics of counts are sums over them, and far fewer counts are distinct than there are
types and blocks: a statistic of all folds is one pass over a short table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_TABLE = 4096


def spectrum(counts: Integers) -> tuple[Integers, Integers]:
    """The distinct positive counts, ascending, and how many types have each.

    >>> [part.tolist() for part in spectrum(np.array([3, 0, 1, 3]))]
    [[1, 3], [1, 2]]
    """
    is_small = counts < _TABLE
    n_small = np.bincount(counts[is_small], minlength=1)
    n_small[0] = 0
    small = np.flatnonzero(n_small)
    large, n_large = np.unique(counts[~is_small], return_counts=True)
    return np.concatenate((small, large)), np.concatenate((n_small[small], n_large))


@dataclass(frozen=True)
class Spectra:
    """The spectrum of every fold, one after the other: all blocks, then all but each.

    Attributes:
        n_folds: 1 + the number of blocks.
        folds: the fold of each entry, ascending, shape (n_entries,), int64.
        values: a positive count, ascending within a fold, shape (n_entries,).
        n_types: how many types have it in that fold, shape (n_entries,).
    """

    n_folds: int
    folds: Integers
    values: Array
    n_types: Array

    @staticmethod
    def of(types: TypeCounts) -> Spectra:
        """The spectra of these counts, made once for all statistics that ask."""
        folds, values, n_types = types.remember("spectra", _table)
        return Spectra(1 + types.n_blocks, folds.astype(np.int64), values, n_types)

    def sums(self, terms: Array) -> Array:
        """Σ over the types of each fold of a term of their counts, shape (n_folds,).

        Args:
            terms: of each entry, shape (n_entries,).
        """
        weights = terms * self.n_types
        return np.bincount(self.folds, weights, minlength=self.n_folds).astype(np.float64)

    def n_tokens(self) -> Array:
        """Occurrences, shape (n_folds,)."""
        return self.sums(self.values)

    def n_used(self) -> Array:
        """Types that occur, shape (n_folds,)."""
        return self.sums(np.ones(len(self.values)))

    def n_with(self, count: int) -> Array:
        """Types that occur exactly so often, shape (n_folds,)."""
        return self.sums((self.values == count).astype(np.float64))

    def fold(self, index: int) -> tuple[Integers, Integers]:
        """The counts of one fold, ascending, and how many types have each; both int64."""
        own = slice(*np.searchsorted(self.folds, [index, index + 1]))
        return self.values[own].astype(np.int64), self.n_types[own].astype(np.int64)


def _table(types: TypeCounts) -> Array:
    """Fold, count and number of types of each entry, shape (3, n_entries).

    Counts stay exact in float64 below 2**53.
    """
    found = [spectrum(counts) for counts in types.folds()]
    folds = np.repeat(np.arange(len(found)), [len(values) for values, _ in found])
    values = np.concatenate([values for values, _ in found])
    n_types = np.concatenate([n_types for _, n_types in found])
    return np.stack([folds, values, n_types]).astype(np.float64)

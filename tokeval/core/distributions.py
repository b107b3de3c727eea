"""Entropies, ranks and type counts of count arrays, with every block left out in turn.

Each function of `TypeCounts` returns shape (1 + n_blocks,): the statistic of all counts, then of
the counts without each block. The functions of plain arrays are the same formulas for one array.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts

Array = NDArray[np.float64]


SHANNON_WITHIN = 1e-6
"""So near to order 1, Rényi entropies are Shannon's: the quotient that defines them cancels."""


def shannon_entropy(counts: NDArray[np.int64]) -> float:
    """Plug-in Shannon entropy in bits of positive counts.

    >>> shannon_entropy(np.array([1, 1, 1, 1]))
    2.0
    """
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log2(p)).sum())


def renyi_entropy(counts: NDArray[np.int64], alpha: float) -> float:
    """Plug-in Rényi entropy of order alpha in bits; alpha = 1 is Shannon's.

    H_α = log2(Σ p^α) / (1 − α); Rényi 1961.

    >>> renyi_entropy(np.array([1, 1, 1, 1]), 2.5)
    2.0
    """
    if abs(alpha - 1) < SHANNON_WITHIN:
        return shannon_entropy(counts)
    p = counts[counts > 0] / counts.sum()
    return float(np.log2((p**alpha).sum()) / (1 - alpha))


def n_tokens(types: TypeCounts) -> Array:
    """Occurrences, without each block in turn."""
    return types.remember("tokens", _n_tokens)


def _n_tokens(types: TypeCounts) -> Array:
    """The occurrences by block, taken from the whole."""
    by_block = np.bincount(types.pair_blocks, weights=types.pair_counts, minlength=types.n_blocks)
    whole = float(types.counts.sum())
    return np.concatenate(([whole], whole - by_block))


def n_types(types: TypeCounts) -> Array:
    """Distinct types that occur."""
    return types.remember("types", lambda t: sum_over_types(t, lambda c: (c > 0).astype(float)))


def entropy(types: TypeCounts) -> Array:
    """Plug-in Shannon entropy in bits: log2 N − Σ c log2 c / N. NaN where nothing is left."""
    return types.remember("entropy", _entropy)


def _entropy(types: TypeCounts) -> Array:
    """The Shannon entropy by its sum over types."""
    total = n_tokens(types)
    weighted = sum_over_types(types, lambda c: c * np.log2(np.maximum(c, 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, np.log2(total) - weighted / total, np.nan)


def renyi(types: TypeCounts, alpha: float) -> Array:
    """Plug-in Rényi entropy of order alpha in bits. NaN where nothing is left."""
    if abs(alpha - 1) < SHANNON_WITHIN:
        return entropy(types)
    return types.remember(f"renyi {alpha!r}", lambda t: _renyi(t, alpha))


def _renyi(types: TypeCounts, alpha: float) -> Array:
    """The Rényi entropy, computed from counts in units of the largest one."""
    total = n_tokens(types)
    scale = max(float(types.counts.max(initial=1)), 1.0)
    powers = sum_over_types(types, lambda c: np.where(c > 0, (c / scale) ** alpha, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_sum = np.log2(powers) - alpha * np.log2(total / scale)
        # Where a block is all but a single type, what rounding leaves of 0 may be negative.
        return np.where(total > 0, np.maximum(log_sum / (1 - alpha), 0.0), np.nan)


def average_rank(types: TypeCounts) -> Array:
    """Mean over occurrences of the frequency rank of their type; the most frequent has rank 1."""
    mean_rank: Array = types.remember("ranks", _mean_ranks)[0]
    return mean_rank


def average_log_rank(types: TypeCounts) -> Array:
    """Mean over occurrences of ln rank of their type: all that the Zipf likelihood needs."""
    mean_log_rank: Array = types.remember("ranks", _mean_ranks)[1]
    return mean_log_rank


def sum_over_types(types: TypeCounts, term: Callable[[Array], Array]) -> Array:
    """Σ term(count) over types, then the same without each block.

    Only the types that occur in a block change when it is left out, so that the cost is the number
    of pairs of block and type. `term` must be 0 at 0.
    """
    whole = term(types.counts.astype(np.float64)).sum()
    before = types.counts[types.pair_types].astype(np.float64)
    change = term(before - types.pair_counts) - term(before)
    by_block = np.bincount(types.pair_blocks, weights=change, minlength=types.n_blocks)
    return np.concatenate(([whole], whole + by_block))


def _mean_ranks(types: TypeCounts) -> Array:
    """Mean rank and mean ln rank of the occurrences, with and without each block; NaN if none.

    Returns:
        shape (2, 1 + n_blocks).
    """
    ranks = np.arange(1.0, len(types.types) + 1)
    both = np.stack([ranks, np.log(ranks)])
    # Types of a count of 0 come last and weigh nothing. Small integers are sorted faster.
    fits = types.counts.max(initial=0) <= np.iinfo(np.int32).max
    kind = np.int32 if fits else np.int64
    sums = [both @ np.sort(counts.astype(kind))[::-1] for counts in types.folds()]
    totals = _n_tokens(types)
    return np.where(totals > 0, np.array(sums).T / np.maximum(totals, 1), np.nan)

"""A bracket of the Zipf exponent: ranks from the tokens counted, and from the other half."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.power_laws import shared_log_ranks, zipf_exponent
from tokeval.core.spectra import Spectra

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def zipf_bracket(types: TypeCounts, support: int) -> tuple[Array, Array]:
    """Exponents of the finite Zipf law that bracket the true one, in each fold: low, high.

    The high one takes ranks and counts from the same tokens; the low one ranks from one half and
    counts from the other, both ways. The halves are the blocks of even and of odd number. NaN
    where a fold has no tokens, none in one of the halves, or only those of the first rank.

    Args:
        types: at least 2 types.
        support: K, at least the number of types.
    """
    low, high = split_mean_log_ranks(types, support), sorted_mean_log_ranks(types)
    return _known_exponents(low, support), _known_exponents(high, support)


def sorted_mean_log_ranks(types: TypeCounts) -> Array:
    """`mean_log_rank` in each fold, shape (1 + n_blocks,); NaN where no tokens are left.

    As `distributions.average_log_rank`, for less: types of one count share consecutive ranks, whose
    logarithms sum to a difference of two log factorials.
    """
    from scipy.special import gammaln  # slow to import; not before tokenizers are counted

    spectra = Spectra.of(types)
    ends = np.cumsum(spectra.n_used())[spectra.folds]
    last = ends - np.cumsum(spectra.n_types) + spectra.n_types
    logs = gammaln(last + 1) - gammaln(last - spectra.n_types + 1)
    sums = spectra.sums(spectra.values * logs / spectra.n_types)
    n = spectra.n_tokens()
    return np.divide(sums, n, out=np.full_like(n, np.nan), where=n > 0)


def split_mean_log_ranks(types: TypeCounts, support: int) -> Array:
    """`split_mean_log_rank` of the even and odd blocks, the mean of both ways, in each fold."""
    is_odd = types.pair_blocks % 2 == 1
    odd = np.bincount(
        types.pair_types[is_odd], types.pair_counts[is_odd], minlength=len(types.counts)
    ).astype(np.int64)  # sums of counts are exact in float64 below 2**53
    halves = [types.counts - odd, odd]
    whole_ranks = [shared_log_ranks(half, support) for half in halves]
    values = [_both_ways(halves, whole_ranks)]
    for block in range(types.n_blocks):
        rest = types.without_block(block) - halves[1 - block % 2]
        changed, kept = [rest, halves[1 - block % 2]], whole_ranks[1 - block % 2]
        values.append(_both_ways(changed, [shared_log_ranks(rest, support), kept]))
    return np.array(values)


def _both_ways(halves: list[Integers], log_ranks: list[Array]) -> float:
    """The mean log rank of each half by the ranks of the other, their mean; NaN if one is empty."""
    totals = [int(half.sum()) for half in halves]
    if not all(totals):
        return math.nan
    # Not `@`: it is slow for integers, and for floats it starts threads that cost more than this.
    first = float((halves[0] * log_ranks[1]).sum()) / totals[0]
    return (first + float((halves[1] * log_ranks[0]).sum()) / totals[1]) / 2


def _known_exponents(mean_log_ranks: Array, support: int) -> Array:
    """The exponents; NaN where there is no mean log rank, or 0: all tokens have the first rank."""
    exponents = np.full(len(mean_log_ranks), np.nan)
    known = mean_log_ranks > 0
    exponents[known] = zipf_exponent(mean_log_ranks[known], support)
    return exponents

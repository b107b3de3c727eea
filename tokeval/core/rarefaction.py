"""Rarefaction: how many distinct types a smaller sample would have, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.spectra import spectrum

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_STIRLING = 256
"""From this number on, the two terms of Stirling's series give ln n! to the last digit."""


def expected_types(counts: Integers, sizes: Integers) -> Array:
    """E[V(m)]: distinct types in m tokens drawn without replacement, for each m; exact.

    Σ_i 1 − C(N − c_i, m) / C(N, m); Hurlbert 1971. By token: it is what a growth curve would be
    if the order of the tokens said nothing.

    Args:
        counts: of each type, shape (n_types,).
        sizes: m, each from 0 to N, shape (n_sizes,).

    >>> expected_types(np.array([2, 1]), np.array([1, 2, 3])).round(6).tolist()
    [1.0, 1.666667, 2.0]
    """
    return expected_of_spectrum(*spectrum(counts), sizes)


def expected_of_spectrum(values: Integers, n_types: Integers, sizes: Integers) -> Array:
    """`expected_types` where so many types have each count.

    Args:
        values: distinct positive counts, shape (n_values,).
        n_types: of each count, shape (n_values,).
        sizes: m, each from 0 to N = Σ values · n_types, shape (n_sizes,).
    """
    m = np.asarray(sizes, dtype=np.int64)
    total = int(values @ n_types)
    expected: Array = n_types @ -np.expm1(_log_missing(total, values, m))
    return expected


def _log_missing(total: int, counts: Integers, sizes: Integers) -> Array:
    """The logarithm of C(N − c, m) / C(N, m), shape (n_counts, n_sizes); −inf where c + m > N.

    ln Γ of large numbers is large, and its second difference small: 10⁹ tokens leave no correct
    digit. Stirling's series is differenced by hand instead where all four factorials are large.
    """
    rest = total - sizes
    result = np.full((len(counts), len(sizes)), -np.inf)
    n_large = int(np.searchsorted(counts, rest.min(initial=total) - _STIRLING, side="right"))
    if n_large:
        c, r = counts[:n_large, None].astype(np.float64), rest.astype(np.float64)
        falls = _stirling_fall(float(total), c) - _stirling_fall(r, c)
        result[:n_large] = np.minimum(falls + c * np.log1p(-sizes / total), 0.0)
    row, column = np.nonzero(counts[n_large:, None] <= rest)
    if len(row):
        result[row + n_large, column] = _log_missing_near_the_end(
            total, counts[row + n_large], sizes[column]
        )
    return result


def _log_missing_near_the_end(total: int, counts: Integers, sizes: Integers) -> Array:
    """The same by element, for c + m ≤ N, where (N − c − m)! may be small."""
    from scipy.special import gammaln  # slow to import; not before tokenizers are counted

    rest = total - sizes
    is_large = rest - counts >= _STIRLING
    result = np.empty(len(counts))
    c, r = (x[~is_large].astype(np.float64) for x in (counts, rest))
    small = gammaln(total - c + 1) - gammaln(r - c + 1) - gammaln(total + 1.0) + gammaln(r + 1)
    result[~is_large] = small
    c, r, m = (x[is_large].astype(np.float64) for x in (counts, rest, sizes))
    falls = _stirling_fall(float(total), c) - _stirling_fall(r, c)
    result[is_large] = falls + c * np.log1p(-m / total)
    return np.minimum(result, 0.0)


def _stirling_fall(n: Array | float, c: Array) -> Array:
    """The value of ln (n − c)! − ln n! + c ln n − c, by Stirling's series with two terms."""
    after, before = 1 / (n - c), 1 / np.asarray(n)
    fall: Array = (n - c + 0.5) * np.log1p(-c * before)
    return fall + after * (1 / 12 - after**2 / 360) - before * (1 / 12 - before**2 / 360)

"""Benford's law: leading digits of type counts, and how far from it chance or a Zipf law would be.

How near to Benford's law counts must be depends on how many there are, so that the deviation means
nothing without the two simulations beside it. Their seed is fixed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.spectra import Spectra

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

BENFORD = np.log10(1 + 1 / np.arange(1.0, 10.0))
"""Shares of the leading digits 1 to 9; Newcomb 1881, Benford 1938."""

_POWERS_OF_TEN = 10 ** np.arange(19)
_NULL_DRAWS = 4000
_ZIPF_DRAWS = 16
_SEED = 1938


def leading_digits(counts: Integers) -> Integers:
    """The first decimal digit of each positive count, exact.

    >>> leading_digits(np.array([1, 99, 1000, 314])).tolist()
    [1, 9, 1, 3]
    """
    exponents = np.searchsorted(_POWERS_OF_TEN, counts, side="right") - 1
    digits: Integers = counts // _POWERS_OF_TEN[exponents]
    return digits


def digit_shares(types: TypeCounts) -> Array:
    """Shares of the leading digits of the counts in each fold, shape (1 + n_blocks, 9).

    NaN where no tokens are left.
    """
    spectra = Spectra.of(types)
    cells = spectra.folds * 9 + leading_digits(spectra.values.astype(np.int64)) - 1
    n_cells = spectra.n_folds * 9
    table = np.bincount(cells, weights=spectra.n_types, minlength=n_cells).reshape(-1, 9)
    n_used = table.sum(axis=1, keepdims=True)
    return np.where(n_used > 0, table / np.maximum(n_used, 1), np.nan)


def mean_absolute_deviation(shares: Array) -> Array:
    """Mean over the nine digits of |share − Benford's|; Nigrini 2012.

    Args:
        shares: of the digits, shape (..., 9).
    """
    deviation: Array = np.abs(shares - BENFORD).mean(axis=-1)
    return deviation


def null_deviation(n_types: int, level: float = 0.95) -> float:
    """The deviation that so many numbers, true to Benford's law, stay below with this probability.

    Simulated 4000 times with a fixed seed. A deviation above it is none of chance.
    """
    drawn = np.random.default_rng(_SEED).multinomial(n_types, BENFORD, size=_NULL_DRAWS)
    return float(np.quantile(mean_absolute_deviation(drawn / n_types), level))


def deviation_under_zipf(exponent: float, *, support: int, n_tokens: int) -> float:
    """The mean deviation of counts of tokens drawn from a finite Zipf law.

    Counts of Zipf's law are not of Benford's: it gives .02 to .08. Simulated 16 times, fixed seed.

    Args:
        exponent: s of P(r) ∝ r^−s.
        support: K, the number of ranks.
        n_tokens: drawn each time; at least 1.
    """
    ranks = np.arange(1.0, support + 1)
    p = np.exp(-exponent * np.log(ranks))
    draws = np.random.default_rng(_SEED).multinomial(n_tokens, p / p.sum(), size=_ZIPF_DRAWS)
    deviations = []
    for counts in draws:
        digits = leading_digits(counts[counts > 0])
        shares = np.bincount(digits, minlength=10)[1:] / len(digits)
        deviations.append(float(mean_absolute_deviation(shares)))
    return float(np.mean(deviations))

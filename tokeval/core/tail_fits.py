"""Tails of type counts: a discrete power law above a searched minimum, against a lognormal.

Clauset, Shalizi and Newman 2009, with the choices of the package `powerlaw` (Alstott, Bullmore and
Plenz 2014), so that numbers can be compared with those published with it. Its release 2.0 never
accepts an exponent above 3 unless told to; this one does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.spectra import spectrum
from tokeval.document import Undefined

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_DISTINCT = 4
"""A minimum is searched among the distinct counts but the two largest."""

_MAX_CELLS = 1 << 21
_MIN_CANDIDATES = 64
_ALPHA = (1.0 + 1e-6, 50.0)
_MAX_EXPONENT = 690.0
_STEP = 1e-4
_BISECTIONS = 60


@dataclass(frozen=True)
class TailFit:
    """The power law P(c) = c^−α / ζ(α, c_min) of the counts from c_min on.

    Attributes:
        minimum: c_min, the distinct count that makes `distance` least.
        alpha: exponent of greatest likelihood.
        distance: of Kolmogorov and Smirnov: the greatest |P(C < c)| difference between law and
            counts, over the counts that occur.
        n_types: how many types occur so often or oftener.
        mu, sigma: of the lognormal law of greatest likelihood over the same counts. Where it is
            no better than the power law it is all but the same: μ goes to −10⁴, ln L to the other.
        log_ratio: ln L of the power law minus ln L of the lognormal; positive speaks for the
            former.
        p_value: of Vuong's test, that a ratio so far from 0 is chance.
    """

    minimum: int
    alpha: float
    distance: float
    n_types: int
    mu: float
    sigma: float
    log_ratio: float
    p_value: float


def fit_tail(counts: Integers) -> TailFit | Undefined:
    """The power law that the tail of these counts is nearest to, and whether a lognormal is nearer.

    Every distinct count but the two largest may be the minimum. Where that would take more than
    two million comparisons (some 2,000 distinct counts), as many as that allows, evenly spread
    over the distinct counts, and never fewer than 64.

    Args:
        counts: of each type, in any order; zeros are left out.
    """
    values, n_types = spectrum(counts)
    if len(values) < MIN_DISTINCT:
        return Undefined(
            f"{len(values)} distinct counts; a tail is searched among {MIN_DISTINCT} or more"
        )
    places = _candidates(len(values))
    alphas = _exponents(values, n_types, places)
    distances = np.array(
        [
            _distance(values[at:], n_types[at:], alpha)
            for at, alpha in zip(places, alphas, strict=True)
        ]
    )
    if not np.isfinite(distances).any():
        return Undefined("no power law fits the counts from any minimum on")
    best = int(np.nanargmin(distances))
    at, alpha = int(places[best]), float(alphas[best])
    tail, n_tail = values[at:].astype(np.float64), n_types[at:].astype(np.float64)
    mu, sigma = _fit_lognormal(tail, n_tail)
    power = -alpha * np.log(tail) - _log_zeta(np.array([alpha]), tail[:1])
    ratio, p_value = _vuong(power - _log_lognormal(tail, mu, sigma), n_tail)
    return TailFit(
        int(values[at]), alpha, float(distances[best]), int(n_tail.sum()), mu, sigma, ratio, p_value
    )


def _candidates(n_values: int) -> Integers:
    """Places of the distinct counts that may be the minimum."""
    n_all = n_values - 2
    n_tried = min(n_all, max(_MIN_CANDIDATES, 2 * _MAX_CELLS // n_values))
    return np.unique(np.linspace(0, n_all - 1, n_tried).round().astype(np.int64))


def _exponents(values: Integers, n_types: Integers, places: Integers) -> Array:
    """The exponent of greatest likelihood from each place on; NaN where it is out of range.

    Where −d ln ζ(α, c_min)/dα, which falls with α, is the mean of ln c.
    """
    weights = n_types[::-1].cumsum()[::-1][places]
    logs = (n_types * np.log(values))[::-1].cumsum()[::-1][places]
    target, minimum = logs / weights, values[places].astype(np.float64)
    largest = np.minimum(_ALPHA[1], _MAX_EXPONENT / np.log(np.maximum(minimum, 2.0)))
    low, high = np.full(len(places), _ALPHA[0]), largest
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        step = np.minimum(_STEP, (middle - 1) / 2)
        fall = _log_zeta(middle - step, minimum) - _log_zeta(middle + step, minimum)
        is_low = fall / (2 * step) > target
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    in_range = (low > 2 * _ALPHA[0] - 1) & (high < largest)
    return np.where(in_range, (low + high) / 2, np.nan)


def _log_zeta(alpha: Array, minimum: Array) -> Array:
    """The logarithm of Σ_{k≥0} (minimum + k)^−alpha."""
    from scipy.special import zeta  # slow to import; not before tokenizers are counted

    logs: Array = np.log(zeta(alpha, minimum))
    return logs


def _distance(values: Integers, n_types: Integers, alpha: float) -> float:
    """Kolmogorov and Smirnov's distance of P(C < c) over the given counts; NaN without exponent."""
    if math.isnan(alpha):
        return math.nan
    from scipy.special import zeta

    below = (n_types.cumsum() - n_types) / n_types.sum()
    survival = zeta(alpha, values.astype(np.float64))
    return float(np.abs(1 - survival / survival[0] - below).max())


def _fit_lognormal(values: Array, n_types: Array) -> tuple[float, float]:
    """μ and σ of greatest likelihood over the counts from the first one on."""
    from scipy.optimize import minimize

    logs = np.log(values)
    mean = float(np.average(logs, weights=n_types))
    sigma = math.sqrt(float(np.average(np.square(logs - mean), weights=n_types)))

    def loss(parameters: Array) -> float:
        """−ln L per type at (μ, ln σ)."""
        likelihoods = _log_lognormal(values, float(parameters[0]), math.exp(parameters[1]))
        return -float(np.average(likelihoods, weights=n_types))

    best = minimize(
        loss,
        np.array([mean, math.log(sigma)]),
        method="Nelder-Mead",
        bounds=[(mean - 1e4, mean + 1e4), (-10.0, 10.0)],
        options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
    )
    return float(best.x[0]), math.exp(float(best.x[1]))


def _log_lognormal(values: Array, mu: float, sigma: float) -> Array:
    """The log-likelihood of each count as a rounded lognormal number of the first − ½ or more."""
    from scipy.special import log_ndtr

    low = (np.log(values - 0.5) - mu) / sigma
    high = (np.log(values + 0.5) - mu) / sigma
    # Whichever tail of the normal law is the smaller keeps its digits.
    is_right = low > 0
    outer = log_ndtr(np.where(is_right, -low, high))
    inner = log_ndtr(np.where(is_right, -high, low))
    log_p: Array = outer + np.log(-np.expm1(np.minimum(inner - outer, -1e-300)))
    return log_p - float(log_ndtr(-low[0]))


def _vuong(differences: Array, n_types: Array) -> tuple[float, float]:
    """The log-likelihood ratio and the p-value of its sign; Vuong 1989.

    Args:
        differences: of the log-likelihoods of each distinct count.
        n_types: that have it.
    """
    ratio = float(differences @ n_types)
    variance = float(np.average(np.square(differences - ratio / n_types.sum()), weights=n_types))
    if variance == 0:
        return ratio, 1.0
    return ratio, math.erfc(abs(ratio) / math.sqrt(2 * float(n_types.sum()) * variance))

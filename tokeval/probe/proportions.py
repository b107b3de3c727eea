"""Shares of answers, and differences of two shares, with their intervals."""

from __future__ import annotations

import math
from statistics import NormalDist

from tokeval.document import Measured, Undefined, Value
from tokeval.document.jackknife import CONFIDENCE

Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Of a two-sided interval of 95%."""

WILSON = "the interval is Wilson's, which has no standard error"
NEWCOMBE = "the interval is Newcombe's, which has no standard error"


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95% score interval of a proportion, inside [0, 1]; n is at least 1.

    (p + z²/2n ± z · √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes/n. Wilson 1927.

    >>> [round(bound, 4) for bound in wilson(0, 10)]
    [0.0, 0.2775]
    """
    share = successes / n
    middle = share + Z**2 / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    low, high = (middle - half) / (1 + Z**2 / n), (middle + half) / (1 + Z**2 / n)
    # The ends at 0 and 1 are exact; rounding must not put them a hair outside.
    return 0.0 if successes == 0 else low, 1.0 if successes == n else high


def proportion(successes: int, n: int, nothing: str) -> Value:
    """A share with Wilson's interval, its `n_blocks` n; undefined, with the reason, for n = 0."""
    if n == 0:
        return Undefined(nothing)
    low, high = wilson(successes, n)
    return Measured(successes / n, n, low=low, high=high, stderr_reason=WILSON)


def difference(a: tuple[int, int], b: tuple[int, int], nothing: str) -> Value:
    """The share of a minus that of b, independent samples, each as (successes, n).

    The interval joins the two of Wilson by their squares (Newcombe 1998, Statistics in Medicine
    17:873, method 10). `n_blocks` is the number of both.
    """
    if not a[1] or not b[1]:
        return Undefined(nothing)
    value, low, high = _joined(a, b, 0.0)
    return Measured(value, a[1] + b[1], low=low, high=high, stderr_reason=NEWCOMBE)


def paired_difference(*, both: int, only_a: int, only_b: int, neither: int, nothing: str) -> Value:
    """The share of a minus that of b, for items that both have answered.

    Args:
        both: items that a and b have right.
        only_a: items that only a has right.
        only_b: items that only b has right.
        neither: items that none has right.
        nothing: the reason why it is undefined where there are no items.

    The interval is that of independent samples, corrected by their correlation (Newcombe 1998,
    Statistics in Medicine 17:2635, method 10).
    """
    n = both + only_a + only_b + neither
    if n == 0:
        return Undefined(nothing)
    phi = _correlation(both, only_a, only_b, neither)
    value, low, high = _joined((both + only_a, n), (both + only_b, n), phi)
    return Measured(value, n, low=low, high=high, stderr_reason=NEWCOMBE)


def _correlation(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Newcombe's φ: of the two samples, a positive one with a correction for continuity."""
    n = both + only_a + only_b + neither
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    excess = both * neither - only_a * only_b
    if excess > 0:
        return max(excess - n / 2, 0.0) / math.sqrt(margins)
    return excess / math.sqrt(margins)


def _joined(a: tuple[int, int], b: tuple[int, int], phi: float) -> tuple[float, float, float]:
    """The difference of two shares, and the bounds that follow from those of each."""
    p_a, p_b = a[0] / a[1], b[0] / b[1]
    (low_a, high_a), (low_b, high_b) = wilson(*a), wilson(*b)
    down = _square_sum(p_a - low_a, high_b - p_b, phi)
    up = _square_sum(high_a - p_a, p_b - low_b, phi)
    return p_a - p_b, p_a - p_b - down, p_a - p_b + up


def _square_sum(x: float, y: float, phi: float) -> float:
    """The length of the sum of two errors, less what they share."""
    return math.sqrt(max(x**2 - 2 * phi * x * y + y**2, 0.0))

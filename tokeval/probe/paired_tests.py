"""Whether two ways of asking the same questions differ: McNemar's exact test."""

from __future__ import annotations

import math

SIGNIFICANCE = 0.05
"""A corrected p up to here is called an effect."""


A_TEST = "the p of a test"
"""Why a p has no interval."""


def mcnemar_p(only_a: int, only_b: int) -> float:
    """The exact two-sided p of McNemar's test; 1 where no item tells the two apart.

    Of the items that only one of the two has right, each is as likely to be the one's as the
    other's: twice the smaller tail of Binomial(n, 1/2), at most 1.

    >>> mcnemar_p(0, 6), mcnemar_p(3, 3)
    (0.03125, 1.0)
    """
    n = only_a + only_b
    tail = sum(math.comb(n, k) for k in range(min(only_a, only_b) + 1))
    return min(1.0, 2 * tail / (1 << n))

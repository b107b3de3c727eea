"""Correlation: whether a metric and a score go together over tokenizers, by exact permutation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tokeval.core.multiple_tests import holm
from tokeval.document import Undefined

MIN_EVIDENCE = 5
"""Fewer tokenizers are no evidence: with 4, the best possible two-sided p is 2/24."""

MIN_CORRELATED = 3
MAX_EXACT = 9
"""Up to so many rows all n! orders are counted (9! = 362,880)."""

N_DRAWS = 199_999
SEED = 20_240_229
SAME = 1e-9
"""Two correlations that differ by less are the same one, computed in another order."""

_NOTHING = 1e-12
"""What is left of a column, relative to it, when it does not vary: rounding."""

_ROWS_AT_ONCE = 50_000

Column = NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """A correlation and how surprising it is.

    Attributes:
        value: in [−1, 1].
        p: two-sided: the share of orders of the second column whose correlation is at least as
            far from 0; each order is as likely as any other when the columns have nothing to do
            with each other.
        p_holm: the same after Holm's correction for all pairs that were looked at.
    """

    value: float
    p: float
    p_holm: float


@dataclass(frozen=True)
class Correlation:
    """A metric and a score over the tokenizers that have both.

    Attributes:
        metric, score: names of the columns.
        controls: columns whose linear share was taken out of both (partial correlation).
        n: how many rows have all of these.
        pearson: of the values; `spearman`: of their ranks, ties sharing the mean rank.
        lowest, highest: Pearson's coefficient when any one row is left out; `None` where it is
            undefined without some row.
        test: what p was counted over, in words.
        verdict: in words, what may be concluded.
    """

    metric: str
    score: str
    controls: tuple[str, ...]
    n: int
    pearson: Coefficient | Undefined
    spearman: Coefficient | Undefined
    lowest: float | None
    highest: float | None
    test: str
    verdict: str


@dataclass(frozen=True)
class Pair:
    """Two columns to correlate, and columns to hold fixed; all of the same rows, none missing."""

    metric: str
    score: str
    x: Column
    y: Column
    controls: tuple[tuple[str, Column], ...] = ()


def correlate_all(pairs: Sequence[Pair]) -> list[Correlation]:
    """The correlations of all pairs, p corrected for their number (Holm 1979).

    >>> x, y = np.arange(6.0), np.array([0.0, 2.0, 1.0, 3.0, 4.0, 5.0])
    >>> (found,) = correlate_all([Pair("fertility", "accuracy", x, y)])
    >>> round(found.spearman.value, 3), round(found.spearman.p * 720)
    (0.943, 12)
    """
    by_value = [_tested(pair.x, pair.y, [z for _, z in pair.controls]) for pair in pairs]
    by_rank = [
        _tested(rankdata(pair.x), rankdata(pair.y), [rankdata(z) for _, z in pair.controls])
        for pair in pairs
    ]
    return [
        _described(pair, pearson, spearman)
        for pair, pearson, spearman in zip(pairs, _holm(by_value), _holm(by_rank), strict=True)
    ]


def pearson(x: Column, y: Column, controls: Sequence[Column] = ()) -> float | Undefined:
    """The correlation of two columns of shape (n,), of their residuals where there are controls.

    Undefined for fewer than three rows beside the controls, and where a column does not vary or
    the controls explain all of it.
    """
    n = len(x)
    if n < MIN_CORRELATED + len(controls):
        return Undefined(f"{n} rows; {MIN_CORRELATED + len(controls)} are the least")
    remover = _remover(n, controls)
    residuals = [remover @ column for column in (x, y)]
    for column, residual in zip((x, y), residuals, strict=True):
        if np.linalg.norm(residual) <= _NOTHING * np.linalg.norm(column):
            return Undefined(
                "the controls explain all of a column" if controls else "a column does not vary"
            )
    a, b = (residual / np.linalg.norm(residual) for residual in residuals)
    return float(np.clip(a @ b, -1.0, 1.0))


def permutation_p(x: Column, y: Column, controls: Sequence[Column] = ()) -> float:
    """The two-sided p of `pearson`: orders of y with a coefficient at least as far from 0.

    All n! orders up to MAX_EXACT rows; else N_DRAWS random ones with a fixed seed, the observed
    order counted in, so that p is never 0 (Phipson and Smyth 2010). With controls, the residuals
    of y are put in order and residualised again (Freedman and Lane 1983): approximate.
    """
    remover = _remover(len(x), controls)
    a, b = remover @ x, remover @ y
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    exact = len(x) <= MAX_EXACT
    orders = _all_orders(len(x)) if exact else _drawn_orders(len(x))
    observed = abs(a @ b) - SAME
    n_as_far = 0 if exact else 1
    for first in range(0, len(orders), _ROWS_AT_ONCE):
        shuffled = b[orders[first : first + _ROWS_AT_ONCE]]
        found = np.abs(shuffled @ a)
        if controls:  # else every order has the same length
            lengths = np.linalg.norm(shuffled @ remover, axis=1)
            found = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
        n_as_far += int(np.count_nonzero(found >= observed))
    return n_as_far / (len(orders) + (not exact))


@cache
def _all_orders(n: int) -> NDArray[np.uint8]:
    """All orders of n places, shape (n!, n)."""
    flat = itertools.chain.from_iterable(itertools.permutations(range(n)))
    return np.fromiter(flat, dtype=np.uint8, count=math.factorial(n) * n).reshape(-1, n)


@lru_cache(maxsize=1)
def _drawn_orders(n: int) -> NDArray[np.uint16]:
    """Random orders of n places, the same in every run, shape (N_DRAWS, n)."""
    places = np.tile(np.arange(n, dtype=np.uint16), (N_DRAWS, 1))
    return np.random.default_rng(SEED).permuted(places, axis=1)


def _remover(n: int, controls: Sequence[Column]) -> NDArray[np.float64]:
    """The matrix that leaves of a column what a constant and the controls do not explain."""
    design = np.ones((n, 1))
    for control in controls:
        spread = np.ptp(control)
        if spread > 0:  # centred and scaled, so that the rank is found whatever the unit
            design = np.column_stack([design, (control - control.mean()) / spread])
    basis, values, _ = np.linalg.svd(design, full_matrices=False)
    basis = basis[:, values > _NOTHING * values[0]]
    matrix: NDArray[np.float64] = np.eye(n) - basis @ basis.T
    return matrix


def _tested(x: Column, y: Column, controls: Sequence[Column]) -> Coefficient | Undefined:
    """The coefficient with its p, before the correction for other pairs."""
    value = pearson(x, y, controls)
    if isinstance(value, Undefined):
        return value
    p = permutation_p(x, y, controls)
    return Coefficient(value, p, p)


def _holm(found: Sequence[Coefficient | Undefined]) -> list[Coefficient | Undefined]:
    """The coefficients with p corrected for how many there are."""
    corrected = iter(holm([item.p for item in found if isinstance(item, Coefficient)]))
    return [
        Coefficient(item.value, item.p, next(corrected)) if isinstance(item, Coefficient) else item
        for item in found
    ]


def _described(
    pair: Pair, by_value: Coefficient | Undefined, by_rank: Coefficient | Undefined
) -> Correlation:
    """The correlation of a pair with its range over left-out rows, its test and its verdict."""
    n = len(pair.x)
    fixed = [z for _, z in pair.controls]
    without = [
        pearson(np.delete(pair.x, i), np.delete(pair.y, i), [np.delete(z, i) for z in fixed])
        for i in range(n)
    ]
    known = [value for value in without if not isinstance(value, Undefined)]
    whole = len(known) == n and n > 0
    return Correlation(
        metric=pair.metric,
        score=pair.score,
        controls=tuple(name for name, _ in pair.controls),
        n=n,
        pearson=by_value,
        spearman=by_rank,
        lowest=min(known) if whole else None,
        highest=max(known) if whole else None,
        test=_test(n, bool(pair.controls)),
        verdict=_verdict(n, by_value, by_rank),
    )


def _test(n: int, is_partial: bool) -> str:
    """What p is counted over."""
    orders = f"all {math.factorial(n):,} orders" if n <= MAX_EXACT else f"{N_DRAWS:,} random orders"
    return f"{orders} of the residuals, approximate" if is_partial else orders


def _verdict(n: int, by_value: Coefficient | Undefined, by_rank: Coefficient | Undefined) -> str:
    """What may be concluded, in words."""
    if n < MIN_EVIDENCE:
        return "too few: no evidence"
    if isinstance(by_value, Undefined) or isinstance(by_rank, Undefined):
        return "undefined"
    clear = [item.p_holm <= 0.05 for item in (by_value, by_rank)]
    if all(clear):
        return "beyond chance"
    return "beyond chance by one" if any(clear) else "may be chance"

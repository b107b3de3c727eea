"""The monotone estimate: shares under which the winners' frequencies only fall, near the program's.

Training joins the most frequent pair, and no merge makes a pair more frequent than the one that it
joins, so the frequencies of the winners never rise. The shares α minimise

    Σ_t w(t) ρ(log Σ_i α_i f_i(t) − g(t)),   g(1) ≥ g(2) ≥ …,

where f_i(t) is the frequency of the winner of step t in category i, g the best falling line, ρ
Huber's loss and w(t) less for winners that were counted a few times only. Competitors are not
looked at, of which sampling noise makes many look like winners. But a category that is not in the
mixture is not told from one that is, so the search stays in a box around the shares of the linear
program, and what that leaves out stays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, lsq_linear

from tokeval.mixture.history import History, winner_counts

Floats = NDArray[np.float64]

HUBER = 0.1
"""Log residuals beyond which a winner counts as an outlier, about a tenth off its place."""

SPREAD = 0.005
"""Standard deviation of the log frequency of winners that no counting noise touches: with that of
counting, what they are weighed by."""

FACTOR = 2.0
"""A share goes no further from the program's."""

MAX_STEPS = 20
NEAR = 1e-6
"""The search ends when no share moves by more."""

MAX_REWEIGHTINGS = 50
_SUM_WEIGHT = 1e3  # holds the sum of the shares, which the loss does not see


@dataclass(frozen=True)
class Winners:
    """What the loss is of.

    Attributes:
        frequencies: of the winner of each step in each category, shape (n_steps, n_categories);
            above 0 in the mixture.
        weights: shape (n_steps,).
        huber: residuals up to which the loss is quadratic.
    """

    frequencies: Floats
    weights: Floats
    huber: float = HUBER

    def loss(self, shares: Floats) -> float:
        """The weighted sum of Huber's loss around the best falling line."""
        residuals = np.abs(self.line(shares)[0])
        inside = np.minimum(residuals, self.huber)
        return float((self.weights * inside * (residuals - inside / 2)).sum())

    def line(self, shares: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Residuals around the best falling line, weights, and where its level parts begin.

        The line has the least loss, found by least squares with weights that tend to those at
        which both are the same; the last of these weights are returned.
        """
        logs = np.log(self.frequencies @ shares)
        weights = self.weights
        for _ in range(MAX_REWEIGHTINGS):
            line = isotonic_regression(logs, weights=weights, increasing=False)
            residuals = logs - line.x
            before = weights
            weights = self.weights * (self.huber / np.maximum(np.abs(residuals), self.huber))
            if np.abs(weights - before).max() < 1e-9:
                break
        return residuals, weights, line.blocks

    def step(self, shares: Floats, low: Floats, high: Floats) -> Floats:
        """What to add to the shares for the least squares of residuals linear in them.

        Within a level part of the line a change of the shares moves the line by the weighted mean
        of the changes, and the residuals by the rest.
        """
        residuals, weights, blocks = self.line(shares)
        slopes = self.frequencies / (self.frequencies @ shares)[:, None]
        starts, sizes = blocks[:-1], np.diff(blocks)
        totals = np.add.reduceat(weights, starts)
        means = np.add.reduceat(slopes * weights[:, None], starts) / totals[:, None]
        roots = np.sqrt(weights)
        slopes = (slopes - np.repeat(means, sizes, axis=0)) * roots[:, None]
        n = len(shares)
        held = np.full((1, n), _SUM_WEIGHT * np.sqrt(weights.sum()))
        whole = np.column_stack([np.vstack([slopes, held]), np.append(-residuals * roots, 0.0)])
        # The triangle is the same problem in n + 1 rows.
        triangle = np.asarray(np.linalg.qr(whole, mode="r"))
        # lsq_linear wants room between the bounds.
        found = lsq_linear(triangle[:n, :n], triangle[:n, n], (low - shares, high - shares + 1e-15))
        step: Floats = found.x
        return step


def monotone_shares(
    history: History,
    start: Floats,
    *,
    is_trained: NDArray[np.bool_],
    without: int | None = None,
) -> Floats:
    """The monotone estimate of the shares of pairs, shape (n_categories,), sum 1.

    Args:
        history: counts of the categories.
        start: the shares of the linear program, shape (n_categories,); those below 0 count as 0.
        is_trained: whether training made each merge, shape (n_steps,).
        without: a category whose share is held at 0.
    """
    is_there = start > 0
    if without is not None:
        is_there[without] = False
    known = start[is_there] / start[is_there].sum()
    counts = winner_counts(history)[is_trained][:, is_there]
    shares = np.zeros(len(start))
    shares[is_there] = refined(weighed(counts, history.n_pairs_initially[is_there], known), known)
    return shares


def weighed(counts: NDArray[np.int64], n_pairs: NDArray[np.int64], shares: Floats) -> Winners:
    """The winners that occur in a mixture, weighed by how well their frequency is known.

    A count is taken to vary by its root, so that the log of Σ α c / n has the variance
    Σ α² c / n² / (Σ α c / n)².

    Args:
        counts: of the winner of each step in each category, shape (n_steps, n_categories).
        n_pairs: initial pairs of each category, shape (n_categories,).
        shares: of the mixture, shape (n_categories,).
    """
    frequencies = counts / n_pairs
    mixed = frequencies @ shares
    seen = mixed > 0
    variances = frequencies[seen] @ (shares**2 / n_pairs) / mixed[seen] ** 2
    return Winners(frequencies[seen], SPREAD**2 / (SPREAD**2 + variances))


def refined(winners: Winners, start: Floats) -> Floats:
    """The shares in the box around `start` with the least loss that was found, sum 1.

    Gauss-Newton steps, halved where they go too far.

    Args:
        winners: what the loss is of.
        start: shares above 0 that add up to 1, shape (n_categories,).
    """
    low, high = start / FACTOR, start * FACTOR
    shares, loss = start, winners.loss(start)
    for _ in range(MAX_STEPS):
        step = winners.step(shares, low, high)
        while (lower := winners.loss(shares + step)) >= loss and np.abs(step).max() > NEAR:
            step = step / 2
        if lower >= loss:
            break
        shares, loss = shares + step, lower
    shares = np.clip(shares, low, high)
    result: Floats = shares / shares.sum()
    return result

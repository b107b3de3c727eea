"""Fairness: what the same content costs in different languages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined

FAMILY = "fairness"


def premium(context: Context) -> Folds | Undefined:
    """Σ tokens / Σ tokens of the reference slice, over aligned lines."""
    if context.reference is None:
        return Undefined(
            "the slice is not part of line-parallel text (--parallel declares it), or stands for "
            "several groups of it"
        )
    return ratio(
        context.evidence.sums("tokens"), context.reference.sums("tokens"), "reference tokens"
    )


def gini(context: Context) -> Folds | Undefined:
    """Gini coefficient of the slices' mean tokens per line."""
    if len(context.group) < 2:
        return Undefined("inequality needs at least two slices")
    slices = list(context.group.values())
    if not all(part.sums("lines")[0] for part in slices):
        return Undefined("a slice has no lines")
    if not any(part.sums("tokens")[0] for part in slices):
        return Undefined("no slice has tokens")
    if context.is_parallel:
        return Folds(gini_coefficient(np.stack([_tokens_per_line(part) for part in slices])))
    means = np.array([[_tokens_per_line(part)[0]] for part in slices])
    reason = "the slices are not line-parallel, so they share no blocks"
    return Folds(gini_coefficient(means), reason)


def gini_coefficient(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ (2i − n − 1) x_i / (n Σ x) over rows in ascending order, for each column.

    Args:
        x: shape (n, n_columns), non-negative.

    Returns:
        shape (n_columns,); NaN where a column is all zeros.

    >>> gini_coefficient(np.array([[1.0], [3.0]])).tolist()
    [0.25]
    """
    n = len(x)
    weights = 2 * np.arange(1, n + 1) - n - 1
    sums = n * x.sum(axis=0)
    coefficients = np.full(x.shape[1], np.nan)
    np.divide(weights @ np.sort(x, axis=0), sums, out=coefficients, where=sums != 0)
    return coefficients


def lorenz_curve(x: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Share of slices, and the share of tokens that the cheapest of them take; both from 0 to 1.

    Where nothing is taken at all, that is the diagonal.

    >>> lorenz_curve(np.array([3.0, 1.0]))
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    if not x.any():
        return [0.0, 1.0], [0.0, 1.0]
    taken = np.concatenate(([0.0], np.cumsum(np.sort(x)) / x.sum()))
    return np.linspace(0, 1, len(taken)).tolist(), taken.tolist()


def _tokens_per_line(evidence: Evidence) -> NDArray[np.float64]:
    """Mean tokens per line in every fold, shape (1 + n_blocks,)."""
    lines = evidence.sums("lines")
    means = np.full(len(lines), np.nan)
    np.divide(evidence.sums("tokens"), lines, out=means, where=lines != 0)
    return means


METRICS = (
    Metric(
        MetricInfo(
            id="premium",
            title="Premium",
            family=FAMILY,
            unit="ratio",
            direction="lower",
            formula="Σ tokens / Σ tokens of the reference slice over aligned lines",
            source="Petrov et al. 2023, arXiv 2305.15425",
            docs="docs/metrics.md#premium",
            reading="2 means that the same content costs twice the tokens of the reference "
            "language. The interval is paired by aligned lines. On `all`, and on groups such as "
            "`script:Latn`, it is the mean over the slices, the reference left out.",
            lower_bound=0,
        ),
        premium,
        parameters=("reference",),
        over_group=True,
    ),
    Metric(
        MetricInfo(
            id="gini",
            title="Gini coefficient",
            family=FAMILY,
            unit="ratio",
            direction="lower",
            formula="Σ (2i − n − 1) x_i / (n Σ x), x ascending mean tokens per line of n slices",
            source="Gini 1912; for tokenizers Meister 2025 (tokenizer analysis suite)",
            docs="docs/metrics.md#gini",
            reading="0 when every language costs the same for the same content. A byte tokenizer "
            "is not at 0: scripts differ in bytes.",
            lower_bound=0,
            upper_bound=1,
        ),
        gini,
        scope="corpus",
        over_group=True,
    ),
)

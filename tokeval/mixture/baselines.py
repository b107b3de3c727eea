"""Simpler answers to compare with: equal shares, token classification, encoding efficiency.

Source: Hayase et al. 2024 (arXiv 2407.16607), section 4.2 and appendix B.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.document import MixtureBaseline
from tokeval.errors import TokevalError

UNIFORM = "uniform"
TOKEN_CLASSIFICATION = "token classification"  # noqa: S105 no secret, a method
ENCODING_EFFICIENCY = "encoding efficiency"


def uniform(n_categories: int) -> MixtureBaseline:
    """Equal shares: what is known without looking at the tokenizer."""
    return MixtureBaseline(UNIFORM, (1 / n_categories,) * n_categories)


def token_classification(
    token_counts: NDArray[np.int64], n_bytes: NDArray[np.int64]
) -> MixtureBaseline:
    """The share of the tokens that are most frequent in each category (the paper's TC).

    Each token of the vocabulary goes to the category in which it occurs most often per byte, and
    not at all when it occurs in none. Where several have exactly the same frequency it is divided
    among them, so that the order of the categories changes nothing.

    Args:
        token_counts: occurrences of each token in the text of each category, shape
            (n_categories, n_tokens).
        n_bytes: of the text of each category, shape (n_categories,). The paper takes samples of
            one size, where counts and counts per byte are largest together.

    Returns:
        Shares; all `None` when no token occurs at all.
    """
    if not token_counts.any():
        return MixtureBaseline(TOKEN_CLASSIFICATION, (None,) * len(token_counts))
    frequency = token_counts / np.maximum(n_bytes, 1)[:, None]
    most = frequency.max(axis=0)
    winners = (frequency == most) & (most > 0)
    votes = (winners / np.maximum(winners.sum(axis=0), 1)).sum(axis=1)
    return MixtureBaseline(TOKEN_CLASSIFICATION, tuple((votes / votes.sum()).tolist()))


@dataclass(frozen=True)
class EfficiencyModel:
    """log share = intercept + slope · log efficiency, learnt from mixtures that are known."""

    intercept: float
    slope: float


def encoding_efficiency(
    bytes_per_token: Sequence[float], reference_bytes_per_token: Sequence[float]
) -> NDArray[np.float64]:
    """How well each category is encoded, relative to a tokenizer trained on it alone.

    Args:
        bytes_per_token: of the tokenizer on the text of each category.
        reference_bytes_per_token: of each category's own tokenizer, with as many merges, on the
            same text.
    """
    reached = np.array(bytes_per_token, dtype=np.float64)
    return reached / np.array(reference_bytes_per_token, dtype=np.float64)


def learn_efficiency(
    efficiencies: NDArray[np.float64], shares: NDArray[np.float64]
) -> EfficiencyModel:
    """The least-squares line of log share on log efficiency over tokenizers of known mixtures.

    Args:
        efficiencies: of every category of every tokenizer, any shape.
        shares: true ones, the same shape; where a share is 0 it has no logarithm and is left out.

    Raises:
        TokevalError: fewer than two different efficiencies are left.
    """
    known = shares > 0
    x, y = np.log(efficiencies[known]), np.log(shares[known])
    if len(x) < 2 or np.ptp(x) == 0:
        raise TokevalError(
            "a line through encoding efficiencies needs two that differ",
            "give more mixtures that are known",
        )
    slope = float(np.cov(x, y, bias=True)[0, 1] / np.var(x))
    return EfficiencyModel(float(y.mean() - slope * x.mean()), slope)


def shares_by_efficiency(
    efficiencies: NDArray[np.float64], model: EfficiencyModel | None
) -> MixtureBaseline:
    """What the efficiencies of one tokenizer's categories predict (the paper's TEE), sum 1.

    All `None` without a model: what efficiency says of a share has to be learnt first.
    """
    if model is None:
        return MixtureBaseline(ENCODING_EFFICIENCY, (None,) * len(efficiencies))
    # Far off the known mixtures the line may ask for powers that no float holds.
    logs = model.intercept + model.slope * np.log(efficiencies)
    predicted = np.exp(logs - logs.max())
    return MixtureBaseline(ENCODING_EFFICIENCY, tuple((predicted / predicted.sum()).tolist()))

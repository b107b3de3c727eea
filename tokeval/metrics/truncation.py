"""Truncation: how much text a context of limited length cuts off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined

FAMILY = "compression"


def truncated_share(context: Context) -> Folds | Undefined:
    """Σ tokens beyond the first L of each text / Σ tokens."""
    limit = context.parameters.max_length
    if limit is None:
        return Undefined("no context length was given; use --max-length L")
    evidence = context.evidence
    lengths = evidence.text_lengths
    lost, n_tokens = (
        np.bincount(lengths.blocks, lengths.counts * kept, minlength=evidence.n_blocks)
        for kept in (np.maximum(lengths.types - limit, 0), lengths.types)
    )
    return ratio(_folds(lost), _folds(n_tokens), "tokens")


def _folds(by_block: NDArray[Any]) -> NDArray[Any]:
    """The sum over blocks, then without each block."""
    return np.concatenate(([by_block.sum()], by_block.sum() - by_block))


METRICS = (
    Metric(
        MetricInfo(
            id="truncated_share",
            title="Tokens cut off",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="Σ max(tokens of the text − L, 0) / Σ tokens, L by --max-length",
            source="tokeval; texts are lines, records or files as they were given",
            docs="docs/metrics.md#truncated_share",
            reading="What a model with a context of L tokens never sees of these texts when each "
            "is cut at the end.",
            lower_bound=0,
            upper_bound=1,
        ),
        truncated_share,
        parameters=("max_length",),
    ),
)

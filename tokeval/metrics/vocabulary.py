"""Vocabulary: its size, how much of it a text uses, and what it is made of."""

from __future__ import annotations

from tokeval.core import distributions
from tokeval.core.metric import Context, Folds, Metric
from tokeval.document import MetricInfo, Undefined

FAMILY = "vocabulary"


def vocab_size(context: Context) -> Folds | Undefined:
    """Ids that have a token."""
    return Folds.constant(float(len(context.vocabulary)))


def vocab_used(context: Context) -> Folds | Undefined:
    """Distinct ids that occur / ids that have a token."""
    n_types = distributions.n_types(context.evidence.token_types)
    return Folds(n_types / len(context.vocabulary))


METRICS = (
    Metric(
        MetricInfo(
            id="vocab_size",
            title="Vocabulary size",
            family=FAMILY,
            unit="tokens",
            direction="none",
            formula="ids that have a token, special ones included",
            source="a count; gaps between ids do not count",
            docs="docs/metrics.md#vocab_size",
            reading="Larger vocabularies make shorter sequences and larger embeddings.",
            lower_bound=0,
        ),
        vocab_size,
        scope="corpus",
    ),
    Metric(
        MetricInfo(
            id="vocab_used",
            title="Vocabulary used",
            family=FAMILY,
            unit="share",
            direction="none",
            formula="distinct ids that occur / ids that have a token",
            source="vocabulary utilisation; grows with the amount of text",
            docs="docs/metrics.md#vocab_used",
            reading="How much of the vocabulary this text needs. Compare only on the same text.",
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        vocab_used,
    ),
)

"""Information: how evenly a vocabulary is used on a text; plug-in estimates of token counts."""

from __future__ import annotations

import numpy as np

from tokeval.core import distributions
from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined

FAMILY = "information"
_NO_TOKENS = Undefined("the slice has no tokens")


def shannon_entropy(context: Context) -> Folds | Undefined:
    """−Σ p log2 p."""
    types = context.evidence.token_types
    return Folds(distributions.entropy(types)) if len(types.types) else _NO_TOKENS


def renyi_entropy(context: Context) -> Folds | Undefined:
    """log2(Σ p^α) / (1 − α)."""
    types = context.evidence.token_types
    if len(types.types) == 0:
        return _NO_TOKENS
    return Folds(distributions.renyi(types, context.parameters.alpha))


def shannon_efficiency_observed(context: Context) -> Folds | Undefined:
    """Shannon entropy / log2 of the types that occur."""
    return _over_observed(context, shannon_entropy(context))


def shannon_efficiency_declared(context: Context) -> Folds | Undefined:
    """Shannon entropy / log2 of the vocabulary."""
    return _over_declared(context, shannon_entropy(context))


def renyi_efficiency_observed(context: Context) -> Folds | Undefined:
    """Rényi entropy / log2 of the types that occur."""
    return _over_observed(context, renyi_entropy(context))


def renyi_efficiency_declared(context: Context) -> Folds | Undefined:
    """Rényi entropy / log2 of the vocabulary."""
    return _over_declared(context, renyi_entropy(context))


def type_token_ratio(context: Context) -> Folds | Undefined:
    """Distinct token ids / tokens."""
    types = context.evidence.token_types
    return ratio(distributions.n_types(types), distributions.n_tokens(types), "tokens")


def average_token_rank(context: Context) -> Folds | Undefined:
    """Mean over tokens of the frequency rank of their id."""
    types = context.evidence.token_types
    return Folds(distributions.average_rank(types)) if len(types.types) else _NO_TOKENS


def _over_observed(context: Context, entropy: Folds | Undefined) -> Folds | Undefined:
    """An entropy divided by its maximum over the types that occur."""
    if isinstance(entropy, Undefined):
        return entropy
    n_types = distributions.n_types(context.evidence.token_types)
    if n_types[0] < 2:
        return Undefined("only one token type occurs, and log2 1 is 0")
    values = np.full(len(n_types), np.nan)
    np.divide(entropy.values, np.log2(np.maximum(n_types, 1)), out=values, where=n_types > 1)
    return Folds(values)


def _over_declared(context: Context, entropy: Folds | Undefined) -> Folds | Undefined:
    """An entropy divided by its maximum over the vocabulary."""
    if isinstance(entropy, Undefined):
        return entropy
    if len(context.vocabulary) < 2:
        return Undefined("the vocabulary has one entry, and log2 1 is 0")
    return Folds(entropy.values / np.log2(len(context.vocabulary)))


_CAUTION = (
    " Easy to raise without a better tokenizer (Cognetta et al. 2024, arXiv 2402.14614): read it "
    "beside compression."
)

METRICS = (
    Metric(
        MetricInfo(
            id="shannon_entropy",
            title="Shannon entropy",
            family=FAMILY,
            unit="bits/token",
            direction="none",
            formula="−Σ p log2 p over token ids",
            source="Shannon 1948; plug-in estimate",
            docs="docs/metrics.md#shannon_entropy",
            reading="How unpredictable the next token is for a reader who only knows frequencies. "
            "Grows with the vocabulary and with the amount of text.",
            lower_bound=0,
            support_dependent=True,
        ),
        shannon_entropy,
    ),
    Metric(
        MetricInfo(
            id="shannon_efficiency_observed",
            title="Shannon efficiency, observed vocabulary",
            family=FAMILY,
            unit="ratio",
            direction="higher",
            formula="H / log2(distinct ids that occur)",
            source="Zouhar et al. 2023, arXiv 2306.16842",
            docs="docs/metrics.md#shannon_efficiency_observed",
            reading="1 when all ids that occur are equally frequent." + _CAUTION,
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        shannon_efficiency_observed,
    ),
    Metric(
        MetricInfo(
            id="shannon_efficiency_declared",
            title="Shannon efficiency, declared vocabulary",
            family=FAMILY,
            unit="ratio",
            direction="higher",
            formula="H / log2(vocabulary size)",
            source="Zouhar et al. 2023, arXiv 2306.16842",
            docs="docs/metrics.md#shannon_efficiency_declared",
            reading="1 when the whole vocabulary is used evenly." + _CAUTION,
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        shannon_efficiency_declared,
    ),
    Metric(
        MetricInfo(
            id="renyi_entropy",
            title="Rényi entropy",
            family=FAMILY,
            unit="bits/token",
            direction="none",
            formula="log2(Σ p^α) / (1 − α), α = 2.5 unless --alpha",
            source="Rényi 1961; Zouhar et al. 2023, arXiv 2306.16842",
            docs="docs/metrics.md#renyi_entropy",
            reading="An entropy that frequent tokens dominate the more, the larger α is.",
            lower_bound=0,
            support_dependent=True,
        ),
        renyi_entropy,
        parameters=("alpha",),
    ),
    Metric(
        MetricInfo(
            id="renyi_efficiency_observed",
            title="Rényi efficiency, observed vocabulary",
            family=FAMILY,
            unit="ratio",
            direction="higher",
            formula="H_α / log2(distinct ids that occur)",
            source="Zouhar et al. 2023, arXiv 2306.16842; as tokenization-scorer computes it",
            docs="docs/metrics.md#renyi_efficiency_observed",
            reading="Penalises very frequent and very rare tokens." + _CAUTION,
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        renyi_efficiency_observed,
        parameters=("alpha",),
    ),
    Metric(
        MetricInfo(
            id="renyi_efficiency_declared",
            title="Rényi efficiency, declared vocabulary",
            family=FAMILY,
            unit="ratio",
            direction="higher",
            formula="H_α / log2(vocabulary size)",
            source="Zouhar et al. 2023, arXiv 2306.16842",
            docs="docs/metrics.md#renyi_efficiency_declared",
            reading="The same against every entry of the vocabulary, used or not." + _CAUTION,
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        renyi_efficiency_declared,
        parameters=("alpha",),
    ),
    Metric(
        MetricInfo(
            id="type_token_ratio",
            title="Type-token ratio",
            family=FAMILY,
            unit="ratio",
            direction="none",
            formula="distinct ids that occur / Σ tokens",
            source="Herdan 1960; of token ids",
            docs="docs/metrics.md#type_token_ratio",
            reading="Falls as the text grows: compare only on the same text.",
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        type_token_ratio,
    ),
    Metric(
        MetricInfo(
            id="average_token_rank",
            title="Average token rank",
            family=FAMILY,
            unit="rank",
            direction="none",
            formula="Σ rank · count / Σ count; the most frequent id has rank 1",
            source="occurrence-weighted mean rank, as in the swiss-ai intrinsic evaluation",
            docs="docs/metrics.md#average_token_rank",
            reading="Higher when occurrences are spread over more of the vocabulary.",
            lower_bound=1,
            support_dependent=True,
        ),
        average_token_rank,
    ),
)

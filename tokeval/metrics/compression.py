"""Compression: how many tokens a text costs, by word, character, byte, line and price."""

from __future__ import annotations

import numpy as np

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined
from tokeval.metrics.words import words_are_undefined

FAMILY = "compression"


def tokens(context: Context) -> Folds | Undefined:
    """Σ tokens."""
    sums = context.evidence.sums("tokens").astype(np.float64)
    return Folds(sums, "a total of this text, not an estimate")


def fertility(context: Context) -> Folds | Undefined:
    """Σ tokens / Σ words."""
    reason = words_are_undefined(context)
    return reason or ratio(context.evidence.sums("tokens"), context.evidence.sums("words"), "words")


def word_fertility(context: Context) -> Folds | Undefined:
    """Σ tokens that overlap a word / Σ words."""
    reason = words_are_undefined(context)
    evidence = context.evidence
    return reason or ratio(evidence.sums("word_tokens"), evidence.sums("words"), "words")


def chars_per_token(context: Context) -> Folds | Undefined:
    """Σ characters / Σ tokens."""
    return _per_token(context, "characters")


def bytes_per_token(context: Context) -> Folds | Undefined:
    """Σ bytes / Σ tokens."""
    return _per_token(context, "bytes")


def graphemes_per_token(context: Context) -> Folds | Undefined:
    """Σ grapheme clusters / Σ tokens."""
    return _per_token(context, "graphemes")


def tokens_per_line(context: Context) -> Folds | Undefined:
    """Σ tokens / Σ lines."""
    return ratio(context.evidence.sums("tokens"), context.evidence.sums("lines"), "lines")


def tokens_per_document(context: Context) -> Folds | Undefined:
    """Σ tokens / Σ documents."""
    return ratio(context.evidence.sums("tokens"), context.evidence.sums("documents"), "documents")


def nsl(context: Context) -> Folds | Undefined:
    """Σ tokens / Σ tokens of the baseline tokenizer on the same text."""
    if context.baseline is None:
        return Undefined("no baseline tokenizer was measured on this slice")
    return ratio(
        context.evidence.sums("tokens"), context.baseline.sums("tokens"), "baseline tokens"
    )


def over_length_share(context: Context) -> Folds | Undefined:
    """Texts of more than L tokens / texts."""
    limit = context.parameters.max_length
    if limit is None:
        return Undefined("no context length was given; use --max-length L")
    lengths = context.evidence.text_lengths
    too_long = lengths.types > limit
    by_block = np.bincount(
        lengths.blocks[too_long],
        weights=lengths.counts[too_long],
        minlength=context.evidence.n_blocks,
    )
    folds = np.concatenate(([by_block.sum()], by_block.sum() - by_block))
    return ratio(folds, context.evidence.sums("texts"), "texts")


def cost_per_million_characters(context: Context) -> Folds | Undefined:
    """Price of a million tokens · Σ tokens / Σ characters."""
    price = context.parameters.price
    if price is None:
        return Undefined("no price was given; use --price P for P per million tokens")
    evidence = context.evidence
    return ratio(price * evidence.sums("tokens"), evidence.sums("characters"), "characters")


def _per_token(context: Context, column: str) -> Folds | Undefined:
    """Σ column / Σ tokens."""
    return ratio(context.evidence.sums(column), context.evidence.sums("tokens"), "tokens")


METRICS = (
    Metric(
        MetricInfo(
            id="tokens",
            title="Tokens",
            family=FAMILY,
            unit="tokens",
            direction="lower",
            formula="Σ tokens",
            source="a count; the ids are the library's own",
            docs="docs/metrics.md#tokens",
            reading="All tokens of the slice; special tokens only where they were asked for.",
            lower_bound=0,
        ),
        tokens,
    ),
    Metric(
        MetricInfo(
            id="fertility",
            title="Fertility",
            family=FAMILY,
            unit="tokens/word",
            direction="lower",
            formula="Σ tokens / Σ words",
            source="Rust et al. 2021, arXiv 2012.15613; words by UAX #29",
            docs="docs/metrics.md#fertility",
            reading="Tokens spent for each word, punctuation and spaces included. 1 would be one "
            "token a word. A word tokenizer wins this metric by definition.",
            lower_bound=0,
        ),
        fertility,
        parameters=("words",),
    ),
    Metric(
        MetricInfo(
            id="word_fertility",
            title="Fertility inside words",
            family=FAMILY,
            unit="tokens/word",
            direction="lower",
            formula="Σ tokens that overlap a word / Σ words",
            source="tokeval; the numerator of Rust et al. 2021 without punctuation and spaces",
            docs="docs/metrics.md#word_fertility",
            reading="Like fertility, but tokens that only spell punctuation or white space do not "
            "count. A token over k words counts 1/k in each.",
            lower_bound=0,
        ),
        word_fertility,
        parameters=("words",),
    ),
    Metric(
        MetricInfo(
            id="chars_per_token",
            title="Characters per token",
            family=FAMILY,
            unit="characters/token",
            direction="higher",
            formula="Σ characters / Σ tokens",
            source="Petrov et al. 2023, arXiv 2305.15425 (inverse); characters are code points",
            docs="docs/metrics.md#chars_per_token",
            reading="How much text one token carries. Compare within a script: a Chinese "
            "character says more than a Latin one.",
            lower_bound=0,
        ),
        chars_per_token,
    ),
    Metric(
        MetricInfo(
            id="bytes_per_token",
            title="Bytes per token",
            family=FAMILY,
            unit="bytes/token",
            direction="higher",
            formula="Σ bytes in UTF-8 / Σ tokens",
            source="compression ratio, Goldman et al. 2024, arXiv 2403.06265",
            docs="docs/metrics.md#bytes_per_token",
            reading="The compression ratio in bytes; the byte tokenizer reads 1. Compare "
            "tokenizers on the same text, not languages with each other.",
            lower_bound=0,
        ),
        bytes_per_token,
    ),
    Metric(
        MetricInfo(
            id="graphemes_per_token",
            title="Graphemes per token",
            family=FAMILY,
            unit="graphemes/token",
            direction="higher",
            formula="Σ extended grapheme clusters / Σ tokens",
            source="UAX #29; Velayuthan and Sarveswaran 2025, arXiv 2409.11501",
            docs="docs/metrics.md#graphemes_per_token",
            reading="What a reader would call characters, for each token. Fairer than code points "
            "for scripts with combining marks.",
            lower_bound=0,
        ),
        graphemes_per_token,
        parameters=("unicode",),
    ),
    Metric(
        MetricInfo(
            id="tokens_per_line",
            title="Tokens per line",
            family=FAMILY,
            unit="tokens/line",
            direction="lower",
            formula="Σ tokens / Σ lines",
            source="Petrov et al. 2023, arXiv 2305.15425",
            docs="docs/metrics.md#tokens_per_line",
            reading="On line-parallel text, the number that fairness is about: the same sentence "
            "in each language.",
            lower_bound=0,
        ),
        tokens_per_line,
    ),
    Metric(
        MetricInfo(
            id="tokens_per_document",
            title="Tokens per document",
            family=FAMILY,
            unit="tokens/document",
            direction="lower",
            formula="Σ tokens / Σ documents",
            source="a mean; documents are files, records or 16 consecutive lines",
            docs="docs/metrics.md#tokens_per_document",
            reading="What one document costs. See the unit of the slice for what a document is.",
            lower_bound=0,
        ),
        tokens_per_document,
    ),
    Metric(
        MetricInfo(
            id="nsl",
            title="Normalised sequence length",
            family=FAMILY,
            unit="ratio",
            direction="lower",
            formula="Σ tokens / Σ tokens of the baseline tokenizer",
            source="Dagan et al. 2024, arXiv 2402.01035",
            docs="docs/metrics.md#nsl",
            reading="Length beside the baseline tokenizer's: 0.9 is ten percent shorter. The "
            "interval is paired.",
            lower_bound=0,
        ),
        nsl,
        parameters=("baseline",),
    ),
    Metric(
        MetricInfo(
            id="over_length_share",
            title="Texts longer than the context",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="texts of more than L tokens / texts",
            source="a share; L is --max-length",
            docs="docs/metrics.md#over_length_share",
            reading="How many texts would be cut at a context of L tokens.",
            lower_bound=0,
            upper_bound=1,
        ),
        over_length_share,
        parameters=("max_length",),
    ),
    Metric(
        MetricInfo(
            id="cost_per_million_characters",
            title="Cost of a million characters",
            family=FAMILY,
            unit="currency",
            direction="lower",
            formula="price of a million tokens · Σ tokens / Σ characters",
            source="Ahia et al. 2023, arXiv 2305.13707",
            docs="docs/metrics.md#cost_per_million_characters",
            reading="What a million characters of this text cost at the given price per million "
            "tokens.",
            lower_bound=0,
        ),
        cost_per_million_characters,
        parameters=("price",),
    ),
)

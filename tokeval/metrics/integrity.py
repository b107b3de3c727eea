"""Integrity: what a tokenizer loses, breaks or cannot spell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined

FAMILY = "integrity"


def round_trip(context: Context) -> Folds | Undefined:
    """Texts that the tokens spell after the declared normalisation / texts."""
    texts = context.evidence.sums("texts")
    return ratio(texts - context.evidence.sums("broken_texts"), texts, "texts")


def lossless(context: Context) -> Folds | Undefined:
    """Texts that the tokens spell byte for byte / texts."""
    texts = context.evidence.sums("texts")
    return ratio(texts - context.evidence.sums("lossy_texts"), texts, "texts")


def unk_rate(context: Context) -> Folds | Undefined:
    """Unknown tokens / tokens; exactly 0 for a tokenizer that has no unknown token."""
    unknown = context.vocabulary.unknown_id
    ids = frozenset() if unknown is None else frozenset({unknown})
    return ratio(_occurrences(context.evidence, ids), context.evidence.sums("tokens"), "tokens")


def byte_fallback_rate(context: Context) -> Folds | Undefined:
    """Byte tokens / tokens."""
    found = _occurrences(context.evidence, context.vocabulary.byte_tokens)
    return ratio(found, context.evidence.sums("tokens"), "tokens")


def char_split_rate(context: Context) -> Folds | Undefined:
    """Characters with a token boundary inside / characters."""
    evidence = context.evidence
    return ratio(evidence.sums("split_characters"), evidence.sums("characters"), "characters")


def grapheme_split_rate(context: Context) -> Folds | Undefined:
    """Grapheme clusters with a token boundary inside / grapheme clusters."""
    evidence = context.evidence
    return ratio(evidence.sums("split_graphemes"), evidence.sums("graphemes"), "graphemes")


def _occurrences(evidence: Evidence, ids: frozenset[int]) -> NDArray[np.int64]:
    """Occurrences of some ids in every fold, shape (1 + n_blocks,)."""
    counts = evidence.token_counts
    wanted = np.isin(counts.types, np.fromiter(ids, np.int64, len(ids)))
    by_block = np.zeros(evidence.n_blocks, dtype=np.int64)
    np.add.at(by_block, counts.blocks[wanted], counts.counts[wanted])
    return np.concatenate(([by_block.sum()], by_block.sum() - by_block))


METRICS = (
    Metric(
        MetricInfo(
            id="round_trip",
            title="Round trip",
            family=FAMILY,
            unit="share",
            direction="higher",
            formula="texts whose joined token bytes are the normalised text / texts",
            source="tokeval; the declared normaliser is applied before comparing",
            docs="docs/metrics.md#round_trip",
            reading="Below 1, encoding and decoding changes texts beyond the normalisation that "
            "the tokenizer declares, by unknown tokens for instance. White space does not count "
            "where the tokenizer drops it by design.",
            lower_bound=0,
            upper_bound=1,
        ),
        round_trip,
    ),
    Metric(
        MetricInfo(
            id="lossless",
            title="Lossless texts",
            family=FAMILY,
            unit="share",
            direction="higher",
            formula="texts whose joined token bytes are the original text / texts",
            source="tokeval; a space before the text is not a loss",
            docs="docs/metrics.md#lossless",
            reading="Below 1, the tokens of some texts do not hold the original: it was "
            "lower-cased, composed (NFC, NFKC), stripped, or had unknown characters.",
            lower_bound=0,
            upper_bound=1,
        ),
        lossless,
    ),
    Metric(
        MetricInfo(
            id="unk_rate",
            title="Unknown tokens",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="Σ unknown tokens / Σ tokens",
            source="Rust et al. 2021, arXiv 2012.15613",
            docs="docs/metrics.md#unk_rate",
            reading="Text that the model cannot see. Above 0.1, the tokenizer is not ranked on the "
            "slice: unknown tokens make it look short. 0 for tokenizers without an unknown token.",
            lower_bound=0,
            upper_bound=1,
        ),
        unk_rate,
    ),
    Metric(
        MetricInfo(
            id="byte_fallback_rate",
            title="Byte fallback",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="Σ byte tokens / Σ tokens",
            source="tokeval; byte tokens are <0xNN>, or single bytes ≥ 0x80 of byte-level "
            "vocabularies",
            docs="docs/metrics.md#byte_fallback_rate",
            reading="How much of the text is spelled byte by byte because the vocabulary lacks its "
            "characters.",
            lower_bound=0,
            upper_bound=1,
        ),
        byte_fallback_rate,
    ),
    Metric(
        MetricInfo(
            id="char_split_rate",
            title="Characters cut inside",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="characters with a token boundary inside their UTF-8 sequence / characters",
            source="tokeval",
            docs="docs/metrics.md#char_split_rate",
            reading="Characters of which no token holds the whole.",
            lower_bound=0,
            upper_bound=1,
        ),
        char_split_rate,
    ),
    Metric(
        MetricInfo(
            id="grapheme_split_rate",
            title="Graphemes cut inside",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="grapheme clusters with a token boundary inside / grapheme clusters",
            source="tokeval; extended grapheme clusters of UAX #29",
            docs="docs/metrics.md#grapheme_split_rate",
            reading="What a reader takes for one character, cut by a token boundary: a vowel sign "
            "parted from its consonant, an emoji from its modifier.",
            lower_bound=0,
            upper_bound=1,
        ),
        grapheme_split_rate,
        parameters=("unicode",),
    ),
)

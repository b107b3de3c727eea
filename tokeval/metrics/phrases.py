"""Phrases: tokens of several words, and the trade of fewer tokens against more types."""

from __future__ import annotations

import numpy as np

from tokeval.core.distributions import n_tokens, n_types
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric
from tokeval.core.rarefaction import expected_types
from tokeval.core.segmentation import segment
from tokeval.document import MetricInfo, Series, Undefined

FAMILY = "words"

_SHORTEST = 3
"""Characters of the shortest entry with two words: a letter, what parts them, a letter."""

N_POINTS = 30
MIN_TOKENS = 2
"""With fewer there is no curve."""


def multiword_tokens(context: Context) -> Folds | Undefined:
    """Entries of the vocabulary that hold at least two words / entries, special ones left out."""
    special = context.vocabulary.special
    entries = [
        entry
        for i, entry in enumerate(context.vocabulary.token_bytes)
        if entry and i not in special
    ]
    if not entries:
        return Undefined("the vocabulary has no entries but special ones")
    decoded = (entry.decode("utf-8", "ignore") for entry in entries if len(entry) >= _SHORTEST)
    long_ones = [text for text in decoded if len(text) >= _SHORTEST]
    if not long_ones:
        return Folds.constant(0.0)
    segments = segment(long_ones)
    n_words = np.bincount(segments.word_texts, minlength=len(long_ones))
    found = (n_words > 1) & (segments.n_spaceless_letters == 0)
    return Folds.constant(int(found.sum()) / len(entries))


def tokens_times_types(context: Context) -> Folds | Undefined:
    """Σ tokens · distinct tokens."""
    types = context.evidence.token_types
    if not len(types.types):
        return Undefined("the slice has no tokens")
    totals = n_tokens(types)
    product = np.where(totals > 0, totals * n_types(types), np.nan)
    return Folds(product, "a product of totals of this text, not an estimate")


def series(name: str, whole: Context) -> list[Series]:
    """Tokens times the distinct ones that are expected among them, by amount of text."""
    types = whole.evidence.token_types
    n_all = int(types.counts.sum())
    n_bytes = int(whole.evidence.sums("bytes")[0])
    if n_all < MIN_TOKENS or not n_bytes:
        return []
    sizes = np.unique(np.ceil(np.linspace(n_all / N_POINTS, n_all, N_POINTS)).astype(np.int64))
    return [
        Series(
            id="tokens_times_types",
            title="Tokens × types by amount of text",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="bytes of text",
            y_label="tokens · distinct tokens expected",
            x=tuple((sizes * (n_bytes / n_all)).tolist()),
            y=tuple((sizes * expected_types(types.counts, sizes)).tolist()),
            family=FAMILY,
            reading="The lower a line, the less there is to read and to know at once. In little "
            "text small vocabularies are lowest; where lines cross, the larger one begins to pay.",
        )
    ]


METRICS = (
    Metric(
        MetricInfo(
            id="multiword_tokens",
            title="Entries of several words",
            family=FAMILY,
            unit="share",
            direction="none",
            formula="entries of the vocabulary with at least two UAX #29 words / entries; special "
            "ones left out",
            source="Yang, Frank and van den Bosch 2020 (LiB, Less is Better)",
            docs="docs/metrics.md#multiword_tokens",
            reading="How much of the vocabulary is phrases, such as `of the`. Entries with letters "
            "of scripts without spaces never count. Most pre-tokenizers forbid phrases.",
            lower_bound=0,
            upper_bound=1,
        ),
        multiword_tokens,
        scope="corpus",
        parameters=("unicode",),
    ),
    Metric(
        MetricInfo(
            id="tokens_times_types",
            title="Tokens × types",
            family=FAMILY,
            unit="tokens·types",
            direction="none",
            formula="Σ tokens · distinct ids that occur",
            source="Yang, Frank and van den Bosch 2020: LiB seeks few tokens and few types at once",
            docs="docs/metrics.md#tokens_times_types",
            reading="Both more tokens and more kinds of them are a burden to a reader; this is the "
            "product. Compare on the same text only: it grows with it, and in little text "
            "tokenizers of bytes have the least.",
            lower_bound=0,
            support_dependent=True,
        ),
        tokens_times_types,
    ),
)

"""Vocabulary: its size, how much of it a text uses, and what it is made of."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tokeval.core import distributions
from tokeval.core.metric import Context, Folds, Metric
from tokeval.core.segmentation import character_table
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import MetricInfo, Undefined

FAMILY = "vocabulary"

CATEGORIES = (
    "letters",
    "digits",
    "punctuation and symbols",
    "white space",
    "mixed",
    "single byte",
    "part of a character",
    "special",
)
"""What a token is made of, leading and trailing spaces aside; each token is in one of them."""

_LETTER, _DIGIT, _SIGN, _SPACE = 1, 2, 4, 8
_BY_BITS = {
    _LETTER: "letters",
    _DIGIT: "digits",
    _SIGN: "punctuation and symbols",
    0: "white space",
}


def vocab_size(context: Context) -> Folds | Undefined:
    """Ids that have a token."""
    return Folds.constant(float(len(context.vocabulary)))


def vocab_used(context: Context) -> Folds | Undefined:
    """Distinct ids that occur / ids that have a token."""
    n_types = distributions.n_types(context.evidence.token_types)
    return Folds(n_types / len(context.vocabulary))


def compose(vocabulary: Vocabulary) -> dict[str, int]:
    """How many tokens of the vocabulary are in each of CATEGORIES.

    Letters include combining marks; a token of letters and a space before them is letters.
    Partial UTF-8 is `single byte` or `part of a character`.
    """
    found = dict.fromkeys(CATEGORIES, 0)
    texts: list[str] = []
    for i, token in enumerate(vocabulary.token_bytes):
        if token is None:
            continue
        text = _decoded(token)
        if i in vocabulary.special:
            found["special"] += 1
        elif i in vocabulary.byte_tokens or (text is None and len(token) == 1):
            found["single byte"] += 1
        elif text is None:
            found["part of a character"] += 1
        else:
            texts.append(text)
    for bits, n in zip(*np.unique(_kinds(texts), return_counts=True), strict=True):
        found[_BY_BITS.get(int(bits), "mixed")] += int(n)
    return found


def _decoded(token: bytes) -> str | None:
    """The text of a token, `None` when it is not valid UTF-8 on its own."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return None


def _kinds(texts: list[str]) -> NDArray[np.uint8]:
    """The kinds of characters in each text as bits, white space left out, shape (n_texts,)."""
    lengths = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    bits = _kind_table()[codes]
    kinds = np.zeros(len(texts), dtype=np.uint8)
    filled = np.flatnonzero(lengths)
    starts = (np.cumsum(lengths) - lengths)[filled]
    if len(filled):
        kinds[filled] = np.bitwise_or.reduceat(bits, starts)
    return kinds


@cache
def _kind_table() -> NDArray[np.uint8]:
    """The kind of every code point as a bit, 0 for white space, shape (0x110000,)."""
    table = np.full(0x110000, _SIGN, dtype=np.uint8)
    table[character_table("[[:L:][:M:]]")] = _LETTER
    table[character_table("[:N:]")] = _DIGIT
    table[character_table("[:White_Space:]")] = 0
    return table


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

"""How the tokens of each unit lie over its characters, grapheme clusters and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment_kernels import count_over_words, count_splits, lay_tokens
from tokeval.core.pretokens import Cut, encoded_forms
from tokeval.core.segmentation import Segments, segment
from tokeval.core.tokenizer import BatchEncoder, Encoded, Tokenizer

UNIT_COLUMNS = (
    "tokens",
    "word_tokens",
    "superword_tokens",
    "continued_words",
    "whole_words",
    "split_characters",
    "split_graphemes",
    "broken_texts",
    "lossy_texts",
)
"""What is counted in each unit for one tokenizer; see `tokeval.core.evidence` for the meanings."""


@dataclass(frozen=True)
class Alignment:
    """The tokens of a batch of units, and how they lie.

    Attributes:
        encoded: ids of each unit.
        counts: shape (n_units, len(UNIT_COLUMNS)), int32.
        tokens_in_word: tokens that overlap each word of the batch, shape (n_words,), int32.
        is_whole: whether one token covers exactly the word, or the word and the space before it.
    """

    encoded: Encoded
    counts: NDArray[np.int32]
    tokens_in_word: NDArray[np.int32]
    is_whole: NDArray[np.bool_]


def align(
    tokenizer: Tokenizer,
    units: Sequence[str],
    is_first: Sequence[int],
    segments: Segments,
    *,
    cut: Cut,
    encoder: BatchEncoder | None = None,
) -> Alignment:
    """The tokens of each unit, laid over the segments of the same units.

    Where the joined bytes of a unit's tokens are the unit itself (or a space and the unit), the
    place of each token follows from the lengths of the tokens before it. Elsewhere something was
    lost or changed, and the places are those that the tokenizer's own library reports.
    """
    forms = encoded_forms(units, is_first, cut)
    encoded = (encoder or tokenizer).encode_batch(forms)
    batch = _Batch(segments)
    spans, is_lossy, is_broken = _token_spans(tokenizer, batch, units, forms, encoded)
    n_words, unknown = len(segments.words), tokenizer.vocabulary.unknown_id
    tokens_in_word, is_whole = np.zeros(n_words, np.int32), np.zeros(n_words, np.bool_)
    counts = np.zeros((len(units), len(UNIT_COLUMNS)), np.int32)
    word_starts, word_ends = np.ascontiguousarray(segments.words.T)
    first_words = np.searchsorted(segments.word_texts, np.arange(len(units) + 1))
    count_over_words(
        encoded.ids, encoded.offsets, spans, batch.bytes, word_starts, word_ends, first_words,
        -1 if unknown is None else unknown, tokens_in_word, is_whole, counts,
    )  # fmt: skip
    marks, covers = np.zeros((2, len(batch.bytes)), np.uint8)
    count_splits(
        encoded.offsets, spans, is_lossy, batch.bytes, batch.unit_starts, batch.unit_ends,
        segments.graphemes, marks, covers, counts,
    )  # fmt: skip
    counts[:, UNIT_COLUMNS.index("broken_texts")] = is_broken
    counts[:, UNIT_COLUMNS.index("lossy_texts")] = is_lossy
    return Alignment(encoded, counts, tokens_in_word, is_whole)


def byte_spans(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Encoded, NDArray[np.int64]]:
    """The ids of each text, and the [start, end) bytes of its own text that each token stands for.

    Returns:
        the ids, and spans of shape (n_tokens, 2).
    """
    segments = segment(texts)
    first = [1] * len(texts)
    encoded, spans = batch_spans(tokenizer, texts, first, segments, cut=Cut.TEXT)
    starts = np.repeat(segments.byte_at[segments.text_starts], np.diff(encoded.offsets))
    return encoded, spans - starts[:, None]


def batch_spans(
    tokenizer: Tokenizer,
    units: Sequence[str],
    is_first: Sequence[int],
    segments: Segments,
    *,
    cut: Cut,
) -> tuple[Encoded, NDArray[np.int64]]:
    """The ids of each unit, and the [start, end) bytes of the batch that each token stands for.

    Returns:
        the ids, and spans of shape (n_tokens, 2), in bytes of the batch that `segments` describe.
    """
    forms = encoded_forms(units, is_first, cut)
    encoded = tokenizer.encode_batch(forms)
    batch = _Batch(segments)
    spans, _, _ = _token_spans(tokenizer, batch, units, forms, encoded)
    return encoded, spans


class _Batch:
    """The UTF-8 of a batch of units, and where each unit lies."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        self.bytes = segments.utf8
        self.unit_starts = segments.byte_at[segments.text_starts]
        self.unit_ends = segments.byte_at[segments.text_ends]


def _token_spans(
    tokenizer: Tokenizer,
    batch: _Batch,
    units: Sequence[str],
    forms: Sequence[str],
    encoded: Encoded,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """[start, end) bytes of each token in the batch, and which units are lossy and broken."""
    tokenizer.vocabulary.check(encoded.ids)
    pool, pool_starts = tokenizer.vocabulary.pool
    spans = np.empty((len(encoded.ids), 2), np.int64)
    is_lossy = np.zeros(len(units), np.bool_)
    lay_tokens(
        encoded.ids, encoded.offsets, pool, pool_starts, batch.bytes, batch.unit_starts,
        batch.unit_ends, spans, is_lossy,
    )  # fmt: skip
    is_broken = np.zeros(len(units), dtype=np.bool_)
    lossy = np.flatnonzero(is_lossy)
    if len(lossy):
        unit_of_token = np.repeat(np.arange(len(units)), np.diff(encoded.offsets))
        spans[is_lossy[unit_of_token]] = _library_spans(tokenizer, batch, units, forms, lossy)
        for u in lossy.tolist():
            ids = encoded.ids[encoded.offsets[u] : encoded.offsets[u + 1]]
            is_broken[u] = not _is_restored(tokenizer, forms[u], ids)
    return spans, is_lossy, is_broken


def _library_spans(
    tokenizer: Tokenizer,
    batch: _Batch,
    units: Sequence[str],
    forms: Sequence[str],
    lossy: NDArray[np.int64],
) -> NDArray[np.int64]:
    """[start, end) bytes of the tokens of the given units, by the library's offsets."""
    spanned = tokenizer.encode_with_spans([forms[u] for u in lossy])
    left_out = np.array([len(units[u]) - len(forms[u]) for u in lossy], dtype=np.int64)
    base = np.repeat(batch.segments.text_starts[lossy] + left_out, np.diff(spanned.offsets))
    return batch.segments.byte_at[spanned.spans + base[:, None]]


def _is_restored(tokenizer: Tokenizer, form: str, ids: NDArray[np.int32]) -> bool:
    """Whether the ids spell the form after the tokenizer's declared normalisation."""
    normalized = tokenizer.normalize(form)
    if not tokenizer.keeps_whitespace:
        normalized = "".join(normalized.split())
    return tokenizer.decode(ids) == normalized.encode()


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions of all ranges [start, start + length), one after the other.

    >>> ranges(np.array([5, 0, 7]), np.array([2, 0, 3])).tolist()
    [5, 6, 7, 8, 9]
    """
    before = np.cumsum(lengths) - lengths
    places: NDArray[np.int64] = np.repeat(starts - before, lengths)
    return places + np.arange(len(places))

"""How the tokens of each unit lie over its characters, grapheme clusters and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.pretokens import Cut, encoded_form
from tokeval.core.segmentation import SEPARATOR, Segments, segment
from tokeval.core.tokenizer import Encoded, Tokenizer

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
        counts: shape (n_units, len(UNIT_COLUMNS)), int64.
        tokens_in_word: tokens that overlap each word of the batch, shape (n_words,), int64.
        is_whole: whether one token covers exactly the word, or the word and the space before it.
    """

    encoded: Encoded
    counts: NDArray[np.int64]
    tokens_in_word: NDArray[np.int64]
    is_whole: NDArray[np.bool_]


def align(
    tokenizer: Tokenizer,
    units: Sequence[str],
    is_first: Sequence[int],
    segments: Segments,
    *,
    cut: Cut,
) -> Alignment:
    """The tokens of each unit, laid over the segments of the same units.

    Where the joined bytes of a unit's tokens are the unit itself (or a space and the unit), the
    place of each token follows from the lengths of the tokens before it. Elsewhere something was
    lost or changed, and the places are those that the tokenizer's own library reports.
    """
    forms = [encoded_form(unit, cut, first) for unit, first in zip(units, is_first, strict=True)]
    encoded = tokenizer.encode_batch(forms)
    batch = _Batch(SEPARATOR.join(units).encode(), segments)
    spans, is_lossy, is_broken = _token_spans(tokenizer, batch, units, forms, encoded)
    unit_of_token = np.repeat(np.arange(len(units)), np.diff(encoded.offsets))

    first_word, last_word = batch.words_under(spans)
    n_words_under = np.maximum(last_word - first_word, 0)
    tokens_in_word = _cover(first_word, last_word, len(segments.words))
    is_whole = _whole_words(tokenizer, batch, encoded, spans, first_word, n_words_under)
    is_whole &= tokens_in_word == 1
    split_characters, split_graphemes = _splits(batch, spans, unit_of_token, is_lossy)

    n_units = len(units)
    by_word = segments.word_texts
    counts = np.stack(
        [
            np.diff(encoded.offsets),
            np.bincount(unit_of_token[n_words_under >= 1], minlength=n_units),
            np.bincount(unit_of_token[n_words_under >= 2], minlength=n_units),
            np.bincount(by_word[tokens_in_word >= 2], minlength=n_units),
            np.bincount(by_word[is_whole], minlength=n_units),
            np.bincount(split_characters, minlength=n_units),
            np.bincount(split_graphemes, minlength=n_units),
            is_broken,
            is_lossy,
        ],
        axis=1,
    ).astype(np.int64)
    return Alignment(encoded, counts, tokens_in_word, is_whole)


def byte_spans(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Encoded, NDArray[np.int64]]:
    """The ids of each text, and the [start, end) bytes of its own text that each token stands for.

    Returns:
        the ids, and spans of shape (n_tokens, 2).
    """
    encoded = tokenizer.encode_batch(texts)
    batch = _Batch(SEPARATOR.join(texts).encode(), segment(texts))
    spans, _, _ = _token_spans(tokenizer, batch, texts, texts, encoded)
    starts = np.repeat(batch.unit_starts, np.diff(encoded.offsets))
    return encoded, spans - starts[:, None]


class _Batch:
    """The UTF-8 of a batch of units, with look-ups from bytes to characters, words, clusters."""

    def __init__(self, utf8: bytes, segments: Segments) -> None:
        self.segments = segments
        self.bytes = np.frombuffer(utf8, dtype=np.uint8)
        self.unit_starts = segments.byte_at[segments.text_starts]
        self.unit_ends = segments.byte_at[segments.text_ends]

    def words_under(self, spans: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First word that each span overlaps and one past the last; an empty span overlaps none."""
        words = self.segments.words
        first = np.searchsorted(words[:, 1], spans[:, 0], side="right")
        last = np.searchsorted(words[:, 0], spans[:, 1], side="left")
        return first, np.where(spans[:, 1] > spans[:, 0], last, first)

    def characters_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The character of the batch that holds each byte."""
        return np.searchsorted(self.segments.byte_at, positions, side="right") - 1

    def units_of_characters(self, characters: NDArray[np.int64]) -> NDArray[np.int64]:
        """The unit that holds each character."""
        return np.searchsorted(self.segments.text_starts, characters, side="right") - 1


def _token_spans(
    tokenizer: Tokenizer,
    batch: _Batch,
    units: Sequence[str],
    forms: Sequence[str],
    encoded: Encoded,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """[start, end) bytes of each token in the batch, and which units are lossy and broken."""
    lengths = tokenizer.vocabulary.n_bytes[encoded.ids].astype(np.int64)
    ends = np.concatenate(([0], np.cumsum(lengths)))
    unit_of_token = np.repeat(np.arange(len(units)), np.diff(encoded.offsets))
    joined = np.frombuffer(tokenizer.vocabulary.join(encoded.ids), dtype=np.uint8)
    first_byte = ends[encoded.offsets[:-1]]
    n_joined = ends[encoded.offsets[1:]] - first_byte
    n_before = n_joined - (batch.unit_ends - batch.unit_starts)
    is_lossy = ~_spells(batch, joined, first_byte, n_before)

    shift = (batch.unit_starts - first_byte - n_before)[unit_of_token]
    spans = np.stack([ends[:-1], ends[1:]], axis=1) + shift[:, None]
    spans = np.maximum(spans, batch.unit_starts[unit_of_token][:, None])
    is_broken = np.zeros(len(units), dtype=np.bool_)
    lossy = np.flatnonzero(is_lossy)
    if len(lossy):
        spans[is_lossy[unit_of_token]] = _library_spans(tokenizer, batch, units, forms, lossy)
        for u in lossy.tolist():
            ids = encoded.ids[encoded.offsets[u] : encoded.offsets[u + 1]]
            is_broken[u] = not _is_restored(tokenizer, forms[u], ids)
    return spans, is_lossy, is_broken


def _spells(
    batch: _Batch,
    joined: NDArray[np.uint8],
    first_byte: NDArray[np.int64],
    n_before: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether the joined bytes of each unit are the unit, or one space and the unit."""
    fits: NDArray[np.bool_] = (n_before == 0) | (n_before == 1)
    prefixed = np.flatnonzero(n_before == 1)
    fits[prefixed] = joined[first_byte[prefixed]] == ord(" ")
    units = np.flatnonzero(fits)
    lengths = batch.unit_ends[units] - batch.unit_starts[units]
    differs = (
        joined[ranges(first_byte[units] + n_before[units], lengths)]
        != batch.bytes[ranges(batch.unit_starts[units], lengths)]
    )
    fits[np.repeat(units, lengths)[differs]] = False
    return fits


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


def _whole_words(
    tokenizer: Tokenizer,
    batch: _Batch,
    encoded: Encoded,
    spans: NDArray[np.int64],
    first_word: NDArray[np.int64],
    n_words_under: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether some known token covers exactly each word, or the word and the space before it."""
    words = batch.segments.words
    is_whole = np.zeros(len(words), dtype=np.bool_)
    candidates = n_words_under == 1
    if tokenizer.vocabulary.unknown_id is not None:
        candidates &= encoded.ids != tokenizer.vocabulary.unknown_id
    tokens = np.flatnonzero(candidates)
    word = words[first_word[tokens]]
    start, end = spans[tokens, 0], spans[tokens, 1]
    after_space = (start == word[:, 0] - 1) & (batch.bytes[start] == ord(" "))
    exact = (end == word[:, 1]) & ((start == word[:, 0]) | after_space)
    is_whole[first_word[tokens[exact]]] = True
    return is_whole


def _splits(
    batch: _Batch,
    spans: NDArray[np.int64],
    unit_of_token: NDArray[np.int64],
    is_lossy: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The unit of each character, and of each grapheme cluster, that tokens cut.

    A character is cut when a token begins inside its UTF-8 sequence or, where only the library's
    character offsets are known, when two tokens or more cover it.
    """
    segments = batch.segments
    starts = spans[:, 0]
    inner = starts[(starts > batch.unit_starts[unit_of_token]) & (starts < len(batch.bytes))]
    inside_character = inner[(batch.bytes[inner] & 0xC0) == 0x80]
    characters = np.unique(batch.characters_at(inside_character))
    from_library = spans[is_lossy[unit_of_token] & (spans[:, 1] > spans[:, 0])]
    if len(from_library):
        covered = _cover(
            batch.characters_at(from_library[:, 0]),
            batch.characters_at(from_library[:, 1] - 1) + 1,
            len(segments.byte_at) - 1,
        )
        characters = np.union1d(characters, np.flatnonzero(covered >= 2))
    cluster = np.searchsorted(segments.graphemes, inner, side="right") - 1
    cut_clusters = cluster[segments.graphemes[cluster] != inner]
    of_characters = (
        np.searchsorted(segments.graphemes, segments.byte_at[characters], side="right") - 1
    )
    clusters = np.union1d(cut_clusters, of_characters)
    first_characters = batch.characters_at(segments.graphemes[clusters])
    return batch.units_of_characters(characters), batch.units_of_characters(first_characters)


def _cover(first: NDArray[np.int64], last: NDArray[np.int64], n_places: int) -> NDArray[np.int64]:
    """How many of the ranges [first, last) cover each place, shape (n_places,).

    >>> _cover(np.array([0, 1, 1]), np.array([2, 2, 1]), 3).tolist()
    [1, 2, 0]
    """
    kept = last > first
    steps = np.bincount(first[kept], minlength=n_places + 1)
    steps = steps - np.bincount(last[kept], minlength=n_places + 1)
    covered: NDArray[np.int64] = np.cumsum(steps[:n_places])
    return covered


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions of all ranges [start, start + length), one after the other.

    >>> ranges(np.array([5, 0, 7]), np.array([2, 0, 3])).tolist()
    [5, 6, 7, 8, 9]
    """
    before = np.cumsum(lengths) - lengths
    places: NDArray[np.int64] = np.repeat(starts - before, lengths)
    return places + np.arange(len(places))

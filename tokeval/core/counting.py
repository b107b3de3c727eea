"""Counting: a chunk of text becomes evidence, each distinct unit encoded once by each tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import UNIT_COLUMNS, ranges
from tokeval.core.corpus import Chunk
from tokeval.core.counting_kernels import count_types, gather_ids
from tokeval.core.evidence import Evidence
from tokeval.core.features import TEXT_FEATURES, TokenFeatures, UnitFeatures
from tokeval.core.occurrences import Occurrences, locate
from tokeval.core.pretokens import Cut
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.tokenizer import BatchEncoder, Tokenizer
from tokeval.core.unit_table import Units
from tokeval.core.word_pairs import WordPairs

_BROKEN = UNIT_COLUMNS.index("broken_texts")
_LOSSY = UNIT_COLUMNS.index("lossy_texts")

N_PROVED_TEXTS = 8


class CutRefutedError(Exception):
    """The units of a text do not encode to the ids of the text; args: number of the tokenizer.

    The cut is wrong, or the encoder that stands for the tokenizer.
    """


class ChunkCounter:
    """Counts chunks for several tokenizers; features of units are remembered between chunks.

    Args:
        tokenizers: with the cut that was proved for each.
        special: which special tokens are counted around each text: `bos`, `eos`.
        encoders: for each tokenizer what gives its ids sooner, `None` where only it does; `None`
            altogether where there are none.
    """

    def __init__(
        self,
        tokenizers: Sequence[tuple[Tokenizer, Cut]],
        *,
        special: Sequence[str] = (),
        encoders: Sequence[BatchEncoder | None] | None = None,
    ) -> None:
        self._tokenizers = list(tokenizers)
        self._encoders = list(encoders or [None] * len(self._tokenizers))
        self._special = tuple(special)
        self._features: dict[bool, UnitFeatures] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._tokenizers, self._special, self._encoders))

    def __call__(self, chunk: Chunk) -> list[Evidence]:
        """The evidence of each tokenizer, in the order they were given.

        Raises:
            CutRefutedError: the first texts, encoded whole, have other ids than their units.
        """
        texts = [text for document in chunk.documents for text in document]
        found: dict[int, Evidence] = {}
        for cuts_at_spaces in (True, False):
            chosen = [
                t
                for t, (_, cut) in enumerate(self._tokenizers)
                if (cut is not Cut.TEXT) is cuts_at_spaces
            ]
            if not chosen:
                continue
            features = self._features_for(cuts_at_spaces, chosen)
            units = features.table.number(texts)
            features.extend()
            occurrences = locate(chunk, units, len(features.table))
            text_totals = _text_totals(chunk, texts, occurrences, features)
            words = WordPairs(features, occurrences)
            for t, tokens in zip(chosen, features.tokens, strict=True):
                is_plain = not cuts_at_spaces and tokens.encoder is tokens.tokenizer
                if not is_plain and not _is_proved(tokens, units, texts):
                    raise CutRefutedError(t)
                found[t] = self._count(text_totals, occurrences, tokens, words)
        return [found[t] for t in range(len(self._tokenizers))]

    def _features_for(self, cuts_at_spaces: bool, chosen: Sequence[int]) -> UnitFeatures:
        """The features to use for the next chunk: remembered ones, or new ones when full."""
        features = self._features.get(cuts_at_spaces)
        if features is None or features.is_full:
            tokenizers = [(*self._tokenizers[t], self._encoders[t]) for t in chosen]
            features = UnitFeatures(tokenizers, cuts_at_spaces=cuts_at_spaces)
            self._features[cuts_at_spaces] = features
        return features

    def _count(
        self,
        text_totals: dict[str, NDArray[np.int64]],
        occurrences: Occurrences,
        tokens: TokenFeatures,
        words: WordPairs,
    ) -> Evidence:
        """The evidence of one tokenizer on the chunk."""
        counts = tokens.counts.array
        totals = dict(text_totals)
        totals |= dict(zip(UNIT_COLUMNS, occurrences.by_block(counts).T, strict=True))
        for column, c in (("broken_texts", _BROKEN), ("lossy_texts", _LOSSY)):
            marked = _any_by_text(counts[:, c] > 0, occurrences.units)
            totals[column] = occurrences.texts_by_block(marked)

        ids, lengths = _ids_in_order(tokens, occurrences.units)
        special = self._special_ids(tokens.tokenizer)
        n_texts = text_totals["texts"]
        totals["special_tokens"] = n_texts * len(special)
        totals["tokens"] = totals["tokens"] + totals["special_tokens"]
        tokens_per_word, split_words = words.tokens_per_word(tokens)
        return Evidence(
            n_blocks=occurrences.n_blocks,
            totals=totals,
            token_counts=_token_counts(tokens, occurrences, special),
            text_lengths=SparseCounts.of(occurrences.text_blocks, lengths + len(special)),
            tokens_per_word=tokens_per_word,
            word_forms=words.forms(tokens),
            split_words=split_words,
            digests=(_digest(ids, lengths),),
        )

    def _special_ids(self, tokenizer: Tokenizer) -> list[int]:
        """The special ids that are counted once for each text."""
        by_name = {"bos": tokenizer.bos_id, "eos": tokenizer.eos_id}
        ids = [by_name[name] for name in self._special]
        return [i for i in ids if i is not None]


def _text_totals(
    chunk: Chunk, texts: Sequence[str], occurrences: Occurrences, features: UnitFeatures
) -> dict[str, NDArray[np.int64]]:
    """What is counted on the text alone, by block."""
    sums = occurrences.by_block(features.text.array)
    totals = dict(zip(TEXT_FEATURES, sums.T, strict=True))
    n_blocks = chunk.n_blocks
    unfinished = np.array([text[-1:] != "\n" for text in texts], dtype=np.bool_)
    totals["lines"] = totals.pop("newlines") + occurrences.texts_by_block(unfinished)
    totals["texts"] = np.bincount(occurrences.text_blocks, minlength=n_blocks)
    totals["documents"] = np.bincount(np.array(chunk.blocks), minlength=n_blocks)
    return totals


def _any_by_text(marked: NDArray[np.bool_], units: Units) -> NDArray[np.bool_]:
    """Whether any unit of each text is marked, shape (n_texts,)."""
    if not marked.any():
        return np.zeros(len(units.text_starts), dtype=np.bool_)
    found: NDArray[np.bool_] = np.logical_or.reduceat(marked[units.numbers], units.text_starts)
    return found


def _ids_in_order(
    tokens: TokenFeatures, units: Units
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The ids of the chunk in text order, and the number of ids of each text."""
    flat, starts, lengths = tokens.ids.flat, tokens.ids.starts, tokens.ids.lengths
    ids = np.empty(int(lengths[units.numbers].sum()), np.int32)
    text_lengths = np.empty(len(units.text_starts), np.int64)
    text_starts = np.append(units.text_starts, len(units.numbers))
    gather_ids(units.numbers, text_starts, flat, starts, lengths, ids, text_lengths)
    return ids, text_lengths


def _is_proved(tokens: TokenFeatures, units: Units, texts: Sequence[str]) -> bool:
    """Whether the first texts, and the longest one, have the same ids when encoded whole."""
    chosen = list(range(min(N_PROVED_TEXTS, len(texts))))
    if tokens.tokenizer.model == "Unigram":
        # A lattice sums float scores: over a very long text their rounding can choose otherwise.
        longest = max(range(len(texts)), key=lambda t: len(texts[t]), default=0)
        chosen = sorted({*chosen, longest})
    whole = tokens.tokenizer.encode_batch([texts[t] for t in chosen])
    starts = units.text_starts[chosen]
    sizes = np.append(units.text_starts[1:], len(units.numbers))[chosen] - starts
    numbers = units.numbers[ranges(starts, sizes)]
    ids, lengths = _ids_in_order(tokens, Units(numbers, np.cumsum(sizes) - sizes))
    return np.array_equal(whole.ids, ids) and np.array_equal(np.diff(whole.offsets), lengths)


def _token_counts(
    tokens: TokenFeatures, occurrences: Occurrences, special: Sequence[int]
) -> SparseCounts:
    """Occurrences of each token id by block."""
    flat, starts, lengths = tokens.ids.flat, tokens.ids.starts, tokens.ids.lengths
    n_most = int(lengths[occurrences.pair_units].sum())
    n_groups = -(-len(tokens.tokenizer.vocabulary.token_bytes) // 64)
    block_starts = np.zeros(occurrences.n_blocks + 1, np.int64)
    types, found = np.empty(n_most, np.int32), np.empty(n_most, np.int64)
    n_found = count_types(
        occurrences.pair_blocks, occurrences.pair_units, occurrences.pair_counts, flat, starts,
        lengths, np.zeros(64 * n_groups, np.int64), np.zeros(n_groups, np.bool_), block_starts,
        types, found,
    )  # fmt: skip
    counts = SparseCounts.of_blocks(block_starts, types[:n_found], found[:n_found])
    for i in special:
        around = SparseCounts.of(
            occurrences.text_blocks, np.full(len(occurrences.text_blocks), i, dtype=np.int64)
        )
        counts = counts + around
    return counts


def _digest(ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> bytes:
    """sha256 of the ids and of the number of ids of each text, little-endian."""
    digest = hashlib.sha256(lengths.astype("<i8").tobytes())
    digest.update(ids.astype("<i4").tobytes())
    return digest.digest()


def _rebuild(
    tokenizers: Sequence[tuple[Tokenizer, Cut]],
    special: Sequence[str],
    encoders: Sequence[BatchEncoder | None],
) -> ChunkCounter:
    """A counter with nothing remembered, in another process."""
    return ChunkCounter(tokenizers, special=special, encoders=encoders)

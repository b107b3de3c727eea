"""Evidence: counts that add up, by jackknife block, of one tokenizer on one slice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.wordforms import SplitWords, WordForms

TEXT_COLUMNS = {
    "documents": "documents: groups of 16 lines, records or files",
    "texts": "texts that were encoded one by one: lines, records or files",
    "lines": "lines of the texts",
    "characters": "Unicode code points of the original texts",
    "bytes": "bytes of the original texts in UTF-8",
    "graphemes": "extended grapheme clusters (UAX #29)",
    "words": "UAX #29 segments with at least one letter or digit",
    "letters": "characters of the general category L",
    "spaceless_letters": "letters of scripts that are written without spaces between words",
}
TOKEN_COLUMNS = {
    "tokens": "tokens, with the special ones that were asked for",
    "special_tokens": "special tokens put around the texts",
    "word_tokens": "tokens that overlap at least one word",
    "superword_tokens": "tokens that overlap at least two words",
    "continued_words": "words that at least two tokens overlap",
    "whole_words": "words that one known token covers exactly, or with the space before them",
    "split_characters": "characters with a token boundary inside their UTF-8 sequence",
    "split_graphemes": "grapheme clusters with a token boundary inside",
    "broken_texts": "texts that the tokens do not spell, after the declared normalisation",
    "lossy_texts": "texts that the tokens do not spell byte for byte",
}

TOKENS_PER_WORD_BINS = 16
"""Words of 0, 1, ... tokens; the last bin holds 15 and more."""


@dataclass(frozen=True)
class Evidence:
    """Everything that metrics need to know of one tokenizer on one slice; a + b is exact.

    Attributes:
        n_blocks: number of jackknife blocks.
        totals: by column of TEXT_COLUMNS and TOKEN_COLUMNS, shape (n_blocks,), int64.
        token_counts: occurrences of each token id, special tokens that were asked for included.
        text_lengths: texts by their number of tokens.
        tokens_per_word: words by the number of tokens that overlap them, shape
            (TOKENS_PER_WORD_BINS,), int64.
        word_forms: by distinct word.
        split_words: the most frequent words that are not kept whole.
        digests: sha256 of the ids of each chunk, in order.
    """

    n_blocks: int
    totals: dict[str, NDArray[np.int64]]
    token_counts: SparseCounts
    text_lengths: SparseCounts
    tokens_per_word: NDArray[np.int64]
    word_forms: WordForms
    split_words: SplitWords
    digests: tuple[bytes, ...] = ()

    def __add__(self, other: Evidence) -> Evidence:
        return total([self, other])

    def sums(self, column: str) -> NDArray[np.int64]:
        """The sum of a column, then the sum without each block, shape (1 + n_blocks,), int64."""
        by_block = self.totals[column]
        whole = by_block.sum()
        return np.concatenate(([whole], whole - by_block))

    @cached_property
    def token_types(self) -> TypeCounts:
        """Token counts by type, ready for statistics over types."""
        return TypeCounts.of(self.token_counts, self.n_blocks)

    def regrouped(self, n_blocks: int) -> Evidence:
        """The same evidence with block g in block g mod n_blocks."""
        if n_blocks == self.n_blocks:
            return self
        groups = np.arange(self.n_blocks) % n_blocks
        totals = {}
        for column, by_block in self.totals.items():
            totals[column] = np.zeros(n_blocks, dtype=np.int64)
            np.add.at(totals[column], groups, by_block)
        return replace(
            self,
            n_blocks=n_blocks,
            totals=totals,
            token_counts=self.token_counts.regrouped(n_blocks),
            text_lengths=self.text_lengths.regrouped(n_blocks),
            word_forms=self.word_forms.regrouped(n_blocks),
        )


@dataclass(frozen=True)
class TypeCounts:
    """Counts by type over all blocks, and what each block contributes.

    Attributes:
        n_blocks: number of blocks.
        types: ascending, shape (n_types,).
        counts: occurrences of each type, shape (n_types,), int64.
        pair_blocks, pair_types, pair_counts: shape (n_pairs,); a block, the index of a type in
            `types`, and how often the type occurs in the block.
    """

    n_blocks: int
    types: NDArray[np.int64]
    counts: NDArray[np.int64]
    pair_blocks: NDArray[np.int64]
    pair_types: NDArray[np.int64]
    pair_counts: NDArray[np.int64]
    _remembered: dict[str, NDArray[np.float64]] = field(default_factory=dict, compare=False)

    def remember(
        self, name: str, compute: Callable[[TypeCounts], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """A statistic of these counts, computed once: several metrics share it."""
        if name not in self._remembered:
            self._remembered[name] = compute(self)
        return self._remembered[name]

    @classmethod
    def of(cls, sparse: SparseCounts, n_blocks: int) -> TypeCounts:
        """The counts of all blocks together, with the pairs they are made of."""
        whole = sparse.regrouped(1)
        index = np.searchsorted(whole.types, sparse.types)
        types, counts = whole.types.astype(np.int64), whole.counts.astype(np.int64)
        return cls(n_blocks, types, counts, sparse.blocks, index, sparse.counts)

    def folds(self) -> Iterator[NDArray[np.int64]]:
        """Occurrences of each type, then the same without each block, shape (n_types,) each."""
        yield self.counts
        yield from map(self.without_block, range(self.n_blocks))

    def without_block(self, block: int) -> NDArray[np.int64]:
        """Occurrences of each type outside a block, shape (n_types,)."""
        pairs = slice(*np.searchsorted(self.pair_blocks, [block, block + 1]))
        rest = self.counts.copy()
        rest[self.pair_types[pairs]] -= self.pair_counts[pairs]
        return rest


def total(parts: list[Evidence]) -> Evidence:
    """The sum of evidence with equal blocks, in the given order."""
    first = parts[0]
    if any(part.n_blocks != first.n_blocks for part in parts):
        raise ValueError("evidence adds only where the blocks are the same")
    return Evidence(
        n_blocks=first.n_blocks,
        totals={
            column: np.sum([part.totals[column] for part in parts], axis=0)
            for column in first.totals
        },
        token_counts=SparseCounts.total([part.token_counts for part in parts]),
        text_lengths=SparseCounts.total([part.text_lengths for part in parts]),
        tokens_per_word=np.sum([part.tokens_per_word for part in parts], axis=0),
        word_forms=WordForms.total([part.word_forms for part in parts]),
        split_words=SplitWords.total([part.split_words for part in parts]),
        digests=tuple(digest for part in parts for digest in part.digests),
    )


def pool(parts: list[Evidence]) -> Evidence:
    """The evidence of several slices as one: block g of each slice goes to one block.

    Slices with different numbers of blocks are regrouped to the smallest number first.
    """
    n_blocks = min(part.n_blocks for part in parts)
    return total([part.regrouped(n_blocks) for part in parts])


class Accumulator:
    """A running sum of evidence that merges rarely.

    Pending parts wait until they are as large as what is merged already, so that n parts cost
    O(n log n) and memory stays within twice the sum.
    """

    def __init__(self) -> None:
        self._merged: Evidence | None = None
        self._pending: list[Evidence] = []
        self._pending_pairs = 0

    def add(self, part: Evidence) -> None:
        """Takes the next part; the order of parts is the order of the text."""
        self._pending.append(part)
        self._pending_pairs += _n_pairs(part)
        if self._merged is None or self._pending_pairs >= _n_pairs(self._merged):
            self.result()

    def result(self) -> Evidence:
        """The sum of all parts so far; there must be at least one."""
        if self._pending:
            parts = [self._merged, *self._pending] if self._merged else self._pending
            self._merged = total(parts)
            self._pending, self._pending_pairs = [], 0
        if self._merged is None:
            raise ValueError("no evidence was added")
        return self._merged


def _n_pairs(evidence: Evidence) -> int:
    """How many pairs of block and type a part holds: what merging costs."""
    return len(evidence.token_counts) + len(evidence.word_forms.keys)

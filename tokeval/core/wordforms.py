"""Distinct words: how often each occurs, how often it is kept whole, and which are split most."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tokeval.core.blake2b import digests
from tokeval.core.sparse_counts import narrowed

MAX_PAIRS = 1 << 18
"""Up to so many pairs of a distinct word and a block are counted exactly; beyond, the words with
the smallest hashes are kept: a uniform sample of the words that does not depend on their order."""

MERGED_PAIRS = 1 << 21
"""About so many pairs are sorted at a time, to bound memory."""

BLOCK_BITS = 6

MAX_SPLIT_WORDS = 300


def hash_word(word: bytes) -> int:
    """A stable hash of a word, 57 bits, leaving room for a block number beside it in an int64."""
    digest = hashlib.blake2b(word, digest_size=8).digest()
    return int.from_bytes(digest, "little") >> (BLOCK_BITS + 1)


def hash_words(data: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The `hash_word` of each word of some that lie one after the other, int64.

    Args:
        data: their bytes.
        starts: where each begins, and the last one ends, shape (n_words + 1,).
    """
    return (digests(data, starts) >> np.uint64(BLOCK_BITS + 1)).astype(np.int64)


@dataclass(frozen=True)
class WordForms:
    """Counts of distinct words by block.

    Attributes:
        keys: hash · 2**BLOCK_BITS + block, ascending, shape (n_pairs,), int64.
        occurrences: of the word in the block, shape (n_pairs,), int64.
        kept: occurrences in which one token covers the word, shape (n_pairs,), int64.
        single: occurrences of a word that is one token when it is encoded alone.
        threshold: only words with a smaller hash are held.
    """

    keys: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    occurrences: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    kept: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    single: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    threshold: int = 1 << (63 - BLOCK_BITS)

    @property
    def blocks(self) -> NDArray[np.int64]:
        """Block of each pair, shape (n_pairs,)."""
        return self.keys & ((1 << BLOCK_BITS) - 1)

    @property
    def hashes(self) -> NDArray[np.int64]:
        """Hash of the word of each pair, shape (n_pairs,)."""
        return self.keys >> BLOCK_BITS

    @property
    def is_sampled(self) -> bool:
        """Whether there were more forms than are held."""
        return self.threshold < 1 << (63 - BLOCK_BITS)

    @staticmethod
    def total(parts: list[WordForms]) -> WordForms:
        """The sum of several counts, cut to MAX_PAIRS."""
        total = parts[0]
        group: list[WordForms] = []
        for part in parts[1:]:
            group.append(part)
            if sum(len(one.keys) for one in group) > MERGED_PAIRS:
                total, group = WordForms._merged([total, *group]), []
        return WordForms._merged([total, *group])

    @staticmethod
    def _merged(parts: list[WordForms]) -> WordForms:
        """The sum of counts that are few enough to be sorted together."""
        threshold = min(part.threshold for part in parts)
        held = [int(np.searchsorted(part.keys, threshold << BLOCK_BITS)) for part in parts]
        keys = np.concatenate([part.keys[:n] for part, n in zip(parts, held, strict=True)])
        columns = [
            np.concatenate([getattr(part, name)[:n] for part, n in zip(parts, held, strict=True)])
            for name in ("occurrences", "kept", "single")
        ]
        return _summed(keys, columns, threshold)

    def regrouped(self, n_blocks: int) -> WordForms:
        """The same counts with block g in block g mod n_blocks."""
        keys = (self.hashes << BLOCK_BITS) | (self.blocks % n_blocks)
        return _summed(keys, [self.occurrences, self.kept, self.single], self.threshold)

    def mean_over_forms(self, counted: NDArray[np.int64], n_blocks: int) -> NDArray[np.float64]:
        """The mean over words of counted / occurrences, then without each block.

        Args:
            counted: `kept` or `single`, shape (n_pairs,).
            n_blocks: number of blocks.

        Returns:
            shape (1 + n_blocks,); NaN where no word is left.
        """
        _, form = np.unique(self.hashes, return_inverse=True)
        n_forms = int(form.max()) + 1 if len(form) else 0
        occurrences = np.bincount(form, weights=self.occurrences, minlength=n_forms)
        hits = np.bincount(form, weights=counted, minlength=n_forms)
        share = hits / occurrences
        rest = occurrences[form] - self.occurrences
        is_gone = rest == 0
        share_without = np.where(is_gone, 0.0, (hits[form] - counted) / np.maximum(rest, 1))
        change = np.bincount(self.blocks, weights=share_without - share[form], minlength=n_blocks)
        gone = np.bincount(self.blocks, weights=is_gone, minlength=n_blocks)
        sums = np.concatenate(([share.sum()], share.sum() + change))
        counts = np.concatenate(([float(n_forms)], n_forms - gone))
        means = np.full(len(sums), np.nan)
        np.divide(sums, counts, out=means, where=counts > 0)
        return means


@dataclass(frozen=True)
class SplitWords:
    """The most frequent words that are not kept whole: (word, pieces) → occurrences.

    Exact while a slice has fewer than MAX_SPLIT_WORDS split words; beyond, a lower bound.
    """

    counts: dict[tuple[str, tuple[bytes, ...]], int] = field(default_factory=dict)

    @staticmethod
    def total(parts: list[SplitWords]) -> SplitWords:
        """The sum of several counts, cut to the most frequent."""
        counts: dict[tuple[str, tuple[bytes, ...]], int] = {}
        for part in parts:
            for split, n in part.counts.items():
                counts[split] = counts.get(split, 0) + n
        return SplitWords(dict(_most_frequent(counts, MAX_SPLIT_WORDS)))

    def most_frequent(self, n: int) -> list[tuple[tuple[str, tuple[bytes, ...]], int]]:
        """The n most frequent splits with their occurrences; ties by spelling."""
        return _most_frequent(self.counts, n)


def _most_frequent(
    counts: dict[tuple[str, tuple[bytes, ...]], int], n: int
) -> list[tuple[tuple[str, tuple[bytes, ...]], int]]:
    """The n largest entries, ties by key."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:n]


def _summed(keys: NDArray[np.int64], columns: list[NDArray[np.int64]], threshold: int) -> WordForms:
    """Word forms with equal keys added, cut to MAX_PAIRS."""
    if len(keys) == 0:
        return WordForms(threshold=threshold)
    if (keys[1:] > keys[:-1]).all():
        return _cut(keys, columns, threshold)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    keys = keys[starts]
    columns = [np.add.reduceat(column[order], starts, dtype=np.int64) for column in columns]
    return _cut(keys, columns, threshold)


def _cut(keys: NDArray[np.int64], columns: list[NDArray[np.int64]], threshold: int) -> WordForms:
    """Word forms of ascending keys, cut to MAX_PAIRS."""
    if len(keys) > MAX_PAIRS:
        # A word is held with all its blocks or not at all: the one at the limit goes.
        threshold = int(keys[MAX_PAIRS] >> BLOCK_BITS)
        n_kept = int(np.searchsorted(keys, threshold << BLOCK_BITS))
        keys, columns = keys[:n_kept], [column[:n_kept] for column in columns]
    occurrences, kept, single = (narrowed(column) for column in columns)
    return WordForms(keys.copy(), occurrences, kept, single, threshold)

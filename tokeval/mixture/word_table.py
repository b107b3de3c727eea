"""Word tables: the distinct pre-tokens of a category, counted in ten contiguous blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_BLOCKS = 10


@dataclass(frozen=True)
class WordTable:
    """The distinct pre-tokens of one category with their counts by block; a + b is exact.

    Attributes:
        words: distinct pre-tokens, ascending; UTF-8 after the tokenizer's own normalisation.
        counts: occurrences of each word in each block, shape (n_words, N_BLOCKS), int64.
        n_bytes: bytes of the original text in each block, shape (N_BLOCKS,), int64.
    """

    words: tuple[bytes, ...]
    counts: NDArray[np.int64]
    n_bytes: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of distinct pre-tokens."""
        return len(self.words)

    def __add__(self, other: WordTable) -> WordTable:
        """The table of both texts, block by block."""
        return WordTable.total((self, other))

    @staticmethod
    def total(tables: Sequence[WordTable]) -> WordTable:
        """The table of all texts together: block b is what is in block b of any; exact.

        >>> one = WordTable((b"a",), np.ones((1, N_BLOCKS), np.int64), np.ones(N_BLOCKS, np.int64))
        >>> int(WordTable.total([one, one]).counts.sum())
        20
        """
        words = sorted(set().union(*(table.words for table in tables)))
        row_of = {word: row for row, word in enumerate(words)}
        counts = np.zeros((len(words), N_BLOCKS), np.int64)
        n_bytes = np.zeros(N_BLOCKS, np.int64)
        for table in tables:
            rows = np.fromiter(map(row_of.__getitem__, table.words), np.int64, len(table))
            # The words of a table are distinct, so no row is met twice.
            counts[rows] += table.counts
            n_bytes += table.n_bytes
        return WordTable(tuple(words), counts, n_bytes)

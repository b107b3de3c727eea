"""Word tables: the distinct pre-tokens of a category, counted in ten contiguous blocks."""

from __future__ import annotations

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

"""Where the units of a chunk occur, by text and by block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.corpus import Chunk
from tokeval.core.counting_kernels import count_pairs, sum_by_block
from tokeval.core.unit_table import Units


@dataclass(frozen=True)
class Occurrences:
    """Where the units of a chunk occur.

    Attributes:
        n_blocks: number of blocks of the slice.
        units: in text order.
        text_blocks: block of each text, shape (n_texts,).
        pair_blocks, pair_units, pair_counts: how often each unit occurs in each block, ordered by
            block, shape (n_pairs,).
    """

    n_blocks: int
    units: Units
    text_blocks: NDArray[np.int64]
    pair_blocks: NDArray[np.int64]
    pair_units: NDArray[np.int64]
    pair_counts: NDArray[np.int64]

    def by_block(self, rows: NDArray[Any]) -> NDArray[np.int64]:
        """Sums by block of what each unit counts, shape (n_blocks, n_columns).

        Args:
            rows: by unit, whole numbers, shape (n_units, n_columns).
        """
        sums = np.zeros((self.n_blocks, rows.shape[1]), dtype=np.int64)
        sum_by_block(rows, self.pair_blocks, self.pair_units, self.pair_counts, sums)
        return sums

    @cached_property
    def distinct(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The units that occur, ascending, and how often each does."""
        counts = np.bincount(self.units.numbers)
        units = np.flatnonzero(counts)
        return units, counts[units]

    def texts_by_block(self, marked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Marked texts in each block, shape (n_blocks,)."""
        return np.bincount(self.text_blocks[marked], minlength=self.n_blocks)


def locate(chunk: Chunk, units: Units, n_units: int) -> Occurrences:
    """Where each unit occurs, by text and by block."""
    n_texts = np.fromiter((len(document) for document in chunk.documents), np.int64)
    text_blocks = np.repeat(np.array(chunk.blocks, dtype=np.int64), n_texts)
    # There are few blocks: of 16 bits, they are sorted by counting.
    text_order = np.argsort(text_blocks.astype(np.uint16), kind="stable")
    n_occurrences = len(units.numbers)
    starts = np.append(units.text_starts, n_occurrences)
    pairs = np.empty((3, n_occurrences), np.int64)
    counts = np.zeros(n_units, np.int64)
    n_pairs = count_pairs(text_order, text_blocks, starts, units.numbers, counts, *pairs)
    blocks, occurring, pair_counts = pairs[:, :n_pairs].copy()
    return Occurrences(chunk.n_blocks, units, text_blocks, blocks, occurring, pair_counts)

"""Where the units of a chunk occur, by text and by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.corpus import Chunk
from tokeval.core.pretokens import Units


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

    def by_block(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sums by block of what each unit counts, shape (n_blocks, n_columns).

        Args:
            rows: by unit, shape (n_units, n_columns).
        """
        sums = np.zeros((self.n_blocks, rows.shape[1]), dtype=np.int64)
        if len(self.pair_units):
            weighted = rows[self.pair_units] * self.pair_counts[:, None]
            blocks, starts = np.unique(self.pair_blocks, return_index=True)
            sums[blocks] = np.add.reduceat(weighted, starts, axis=0)
        return sums

    def texts_by_block(self, marked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Marked texts in each block, shape (n_blocks,)."""
        return np.bincount(self.text_blocks[marked], minlength=self.n_blocks)


def locate(chunk: Chunk, units: Units, n_units: int) -> Occurrences:
    """Where each unit occurs, by text and by block."""
    n_texts = np.fromiter((len(document) for document in chunk.documents), np.int64)
    text_blocks = np.repeat(np.array(chunk.blocks, dtype=np.int64), n_texts)
    n_units_of_text = np.diff(np.append(units.text_starts, len(units.numbers)))
    keys = np.repeat(text_blocks, n_units_of_text) * n_units + units.numbers
    pairs, counts = np.unique(keys, return_counts=True)
    return Occurrences(
        chunk.n_blocks, units, text_blocks, pairs // n_units, pairs % n_units, counts
    )

"""Samples sorted by block: the tokens of each of the 64 blocks of a batch lie together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.visual.dump import N_BLOCKS, Samples

BlockTokens = tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]
"""The tokens of one block, and the number and the length of each of its samples."""


class BlockOrder:
    """Sorts batches of samples by block into memory that is used again for the next batch.

    Args:
        columns: which tokens of each sample are kept, where all have one shape.
    """

    def __init__(self, columns: slice) -> None:
        self._columns = columns
        self._sorted: NDArray[Any] = np.empty((N_BLOCKS, 0, 0), np.uint8)

    def blocks(self, batch: Sequence[Samples]) -> list[BlockTokens]:
        """The tokens of each block; valid until the next call.

        Args:
            batch: at least one stretch of samples, each following the one before.
        """
        if batch[0].shape is None:
            return [_of_block(batch, block) for block in range(N_BLOCKS)]
        first, last = batch[0].first, batch[-1].first + batch[-1].n_samples - 1
        base = first // N_BLOCKS
        for samples in batch:
            rows = samples.tokens.reshape(samples.n_samples, -1)[:, self._columns]
            self._reserve(last // N_BLOCKS - base + 1, rows)
            self._place(rows, samples.first - base * N_BLOCKS)
        found = []
        for block in range(N_BLOCKS):
            begin = int(base * N_BLOCKS + block < first)
            end = (last - block) // N_BLOCKS - base + 1
            kept = self._sorted[block, begin:end]
            numbers = block + N_BLOCKS * (base + np.arange(begin, end, dtype=np.int64))
            found.append((kept.ravel(), numbers, np.full(len(numbers), kept.shape[1])))
        return found

    def _reserve(self, n_rounds: int, rows: NDArray[Any]) -> None:
        """Makes room for so many samples of each block."""
        now = self._sorted
        if now.shape[1] < n_rounds or now.shape[2] != rows.shape[1] or now.dtype != rows.dtype:
            self._sorted = np.empty((N_BLOCKS, n_rounds, rows.shape[1]), rows.dtype)

    def _place(self, rows: NDArray[Any], at: int) -> None:
        """Copies samples that follow each other to where they belong, from place `at` on.

        Whole rounds of the 64 blocks go at once; what is before and after them, on its own.
        """
        by_round = self._sorted.transpose(1, 0, 2)
        bounds = [at, -(-at // N_BLOCKS) * N_BLOCKS, (at + len(rows)) // N_BLOCKS * N_BLOCKS]
        if bounds[1] > bounds[2]:
            bounds = [at]
        for begin, end in zip(bounds, [*bounds[1:], at + len(rows)], strict=True):
            taken, (number, block) = rows[begin - at : end - at], divmod(begin, N_BLOCKS)
            if len(taken) >= N_BLOCKS:
                whole = taken.reshape(-1, N_BLOCKS, rows.shape[1])
                by_round[number : number + len(whole)] = whole
            elif len(taken):
                by_round[number, block : block + len(taken)] = taken


def _of_block(batch: Sequence[Samples], block: int) -> BlockTokens:
    """The tokens of one block where lengths differ."""
    tokens, numbers, lengths = [np.empty(0, batch[0].tokens.dtype)], [], []
    for samples in batch:
        at = np.arange((block - samples.first) % N_BLOCKS, samples.n_samples, N_BLOCKS)
        bounds = zip(samples.starts[at].tolist(), samples.starts[at + 1].tolist(), strict=True)
        tokens += [samples.tokens[begin:end] for begin, end in bounds]
        numbers.append(samples.first + at)
        lengths.append(samples.starts[at + 1] - samples.starts[at])
    return np.concatenate(tokens), np.concatenate(numbers), np.concatenate(lengths)

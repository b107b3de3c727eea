"""Counts of types (token ids, lengths) by jackknife block, few of the possible pairs occurring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

DENSE_CELLS_PER_PAIR = 32
"""A table of all types of a block with at most so many cells for each pair is filled instead of
sorted."""


@dataclass(frozen=True)
class SparseCounts:
    """How often each type occurs in each block; block after block, the types ascending.

    Attributes:
        starts: first pair of each block and, last, the number of pairs, shape (n_blocks + 1,),
            int64; blocks after the last that has any type are left out.
        types: shape (n_pairs,), int32 where they fit.
        counts: shape (n_pairs,), the smallest unsigned type that holds them, all positive.
    """

    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    types: NDArray[Any] = field(default_factory=lambda: np.empty(0, np.int32))
    counts: NDArray[Any] = field(default_factory=lambda: np.empty(0, np.uint16))

    @classmethod
    def of(
        cls,
        blocks: NDArray[np.int64],
        types: NDArray[Any],
        weights: NDArray[np.int64] | None = None,
    ) -> SparseCounts:
        """The counts of occurrences given one by one, or with weights."""
        if (blocks[1:] < blocks[:-1]).any():
            # There are few blocks: of 16 bits, they are sorted by counting.
            order = np.argsort(blocks.astype(np.uint16), kind="stable")
            blocks, types = blocks[order], types[order]
            weights = None if weights is None else weights[order]
        n_blocks = int(blocks[-1]) + 1 if len(blocks) else 0
        starts = np.searchsorted(blocks, np.arange(n_blocks + 1))
        bounds = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        return cls._joined(
            [
                _count(types[begin:end], None if weights is None else weights[begin:end])
                for begin, end in bounds
            ]
        )

    @classmethod
    def of_blocks(
        cls, starts: NDArray[np.int64], types: NDArray[np.int32], counts: NDArray[np.int64]
    ) -> SparseCounts:
        """Counts that are given as they are kept, but for blocks at the end that have no type."""
        n_blocks = int(np.searchsorted(starts, len(types)))
        return cls(starts[: n_blocks + 1].copy(), types.copy(), narrowed(counts))

    @classmethod
    def total(cls, parts: Sequence[SparseCounts]) -> SparseCounts:
        """The sum of several counts."""
        n_blocks = max((part.n_blocks for part in parts), default=0)
        return cls._joined(
            [_sum([part._block(block) for part in parts]) for block in range(n_blocks)]
        )

    @classmethod
    def _joined(cls, blocks: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> SparseCounts:
        """The types and counts of each block, one after the other."""
        if not blocks:
            return cls()
        starts = np.cumsum([0, *(len(types) for types, _ in blocks)])
        types = np.concatenate([types for types, _ in blocks])
        counts = np.concatenate([counts for _, counts in blocks])
        fits = types.max(initial=0) <= np.iinfo(np.int32).max
        return cls(starts, types.astype(np.int32) if fits else types, narrowed(counts))

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.types)

    def __add__(self, other: SparseCounts) -> SparseCounts:
        return SparseCounts.total([self, other])

    @property
    def n_blocks(self) -> int:
        """Blocks up to the last that has any type."""
        return len(self.starts) - 1

    @property
    def blocks(self) -> NDArray[np.int64]:
        """Block of each pair, shape (n_pairs,)."""
        return np.repeat(np.arange(self.n_blocks), np.diff(self.starts))

    def regrouped(self, n_blocks: int) -> SparseCounts:
        """The same counts with block g in block g mod n_blocks."""
        groups = [range(g, self.n_blocks, n_blocks) for g in range(min(n_blocks, self.n_blocks))]
        return self._joined([_sum([self._block(block) for block in group]) for group in groups])

    def _block(self, block: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The types and counts of a block."""
        if block >= self.n_blocks:
            return self.types[:0], self.counts[:0]
        begin, end = self.starts[block : block + 2].tolist()
        return self.types[begin:end], self.counts[begin:end]


def narrowed(counts: NDArray[np.int64]) -> NDArray[Any]:
    """The same counts in the smallest unsigned type of 16 bits or more that holds them; a copy.

    Their consumers sum them into 64 bits.
    """
    largest = counts.max(initial=0)
    kinds: tuple[type[Any], ...] = (np.uint16, np.uint32)
    fitting = (kind for kind in kinds if largest <= np.iinfo(kind).max)
    return counts.astype(next(fitting, np.int64))


def _sum(parts: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The types and counts of several blocks as those of one."""
    held = [part for part in parts if len(part[0])]
    if len(held) == 1:
        return held[0]
    if not held:
        return parts[0]
    types, counts = zip(*held, strict=True)
    return _count(np.concatenate(types), np.concatenate(counts))


def _count(
    types: NDArray[Any], weights: NDArray[Any] | None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Distinct types, ascending, with the number or the weight of their occurrences."""
    if len(types) == 0:
        return types, np.empty(0, np.int64)
    if int(types.max()) < DENSE_CELLS_PER_PAIR * len(types):
        # Sums of weights are exact in float64 below 2**53.
        table = np.bincount(types, weights=weights)
        found = np.flatnonzero(table)
        return found, table[found].astype(np.int64)
    if weights is None:
        return np.unique(types, return_counts=True)
    order = np.argsort(types, kind="stable")
    ordered = types[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[first], np.add.reduceat(weights[order], first, dtype=np.int64)

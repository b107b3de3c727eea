"""A dump in memory: codes that were just made, or the tokens of a text beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.visual.dump import Layout, Samples

CHUNK_SAMPLES = 1024


@dataclass(frozen=True)
class MemoryDump:
    """Tokens that are at hand; attributes and methods are those of `Dump`.

    Attributes:
        tokens: of all samples, one after another, shape (n_tokens,).
        starts: where each sample begins and the last one ends, shape (n_samples + 1,), int64.
    """

    name: str
    source: str
    layout: Layout
    codebook_size: int
    tokens: NDArray[Any]
    starts: NDArray[np.int64]
    shape: tuple[int, ...] | None = None
    scales: tuple[int, ...] = ()
    labels: NDArray[np.int64] | None = None

    @staticmethod
    def of_grids(name: str, source: str, grids: NDArray[Any], codebook_size: int) -> MemoryDump:
        """The dump of grids of codes, shape (n_samples, height, width)."""
        length = grids.shape[1] * grids.shape[2]
        starts = np.arange(len(grids) + 1, dtype=np.int64) * length
        flat, shape = grids.reshape(-1), grids.shape[1:]
        return MemoryDump(name, source, Layout.NHW, codebook_size, flat, starts, shape)

    @property
    def n_samples(self) -> int:
        """How many samples there are."""
        return len(self.starts) - 1

    @property
    def n_tokens(self) -> int:
        """Tokens of all samples."""
        return len(self.tokens)

    def chunks(self) -> Iterator[Samples]:
        """All samples in order, some at a time."""
        for first in range(0, self.n_samples, CHUNK_SAMPLES):
            bounds = self.starts[first : first + CHUNK_SAMPLES + 1]
            tokens = self.tokens[bounds[0] : bounds[-1]]
            yield Samples(first, tokens, bounds - bounds[0], self.shape)

    def take(self, numbers: NDArray[np.int64]) -> Samples:
        """The samples of these numbers, which ascend; copied."""
        pieces = [self.tokens[self.starts[n] : self.starts[n + 1]] for n in numbers]
        lengths = np.diff(self.starts)[numbers]
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        return Samples(0, np.concatenate([self.tokens[:0], *pieces]), starts, self.shape, numbers)

    def sample(self, n_tokens: int) -> Samples:
        """Whole samples of about so many tokens, evenly spread; all where there are no more."""
        wanted = max(1, round(n_tokens * self.n_samples / self.n_tokens))
        n_samples = min(wanted, self.n_samples)
        return self.take(np.arange(n_samples, dtype=np.int64) * self.n_samples // n_samples)

"""The ordered merges of a BPE tokenizer, over numbered symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MergeList:
    """The merges in the order in which training made them.

    Attributes:
        symbols: bytes of each symbol, distinct; the first `n_initial` are what words are made of
            before any merge, every other one is the result of a merge.
        n_initial: how many initial symbols there are.
        pairs: symbols (left, right) that each step joins, shape (n_merges, 2), int32.
        results: symbol that each step makes, shape (n_merges,), int32; two steps may make the
            same one.
        starts_from: whether words begin as single bytes, or as characters (SentencePiece); a
            character that is no initial symbol takes part in no pair.
        notes: what was found and done on the way, in whole sentences.
    """

    symbols: tuple[bytes, ...]
    n_initial: int
    pairs: NDArray[np.int32]
    results: NDArray[np.int32]
    starts_from: Literal["bytes", "characters"]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """The number of merges."""
        return len(self.results)

    def spelled(self, step: int) -> tuple[bytes, bytes]:
        """The bytes of the two symbols that a step joins."""
        left, right = self.pairs[step].tolist()
        return self.symbols[left], self.symbols[right]

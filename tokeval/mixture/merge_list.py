"""The ordered merges of a BPE tokenizer, over numbered symbols."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray


def _for_all() -> NDArray[np.bool_]:
    """No flags: what stands for "all are trained" until the number of merges is known."""
    return np.empty(0, dtype=np.bool_)


@dataclass(frozen=True)
class MergeList:
    """The merges in the order in which training made them.

    Attributes:
        symbols: bytes of each symbol, distinct; the first `n_initial` are what words are made of
            before any merge, every other one is the result of a merge.
        n_initial: how many initial symbols there are: all 256 bytes in their order, or the
            characters of the vocabulary.
        pairs: symbols (left, right) that each step joins, shape (n_merges, 2), int32.
        results: symbol that each step makes, shape (n_merges,), int32; two steps may make the
            same one.
        starts_from: whether words begin as single bytes, or as characters (SentencePiece); a
            character that is no initial symbol takes part in no pair.
        notes: what was found and done on the way, in whole sentences.
        is_trained: whether a step says something about the text of this training, shape
            (n_merges,), bool; left out, all do. The others are applied like them, but their pair
            need not have been the most frequent: they were put in by hand, or taken over from
            another tokenizer.
    """

    symbols: tuple[bytes, ...]
    n_initial: int
    pairs: NDArray[np.int32]
    results: NDArray[np.int32]
    starts_from: Literal["bytes", "characters"]
    notes: tuple[str, ...] = ()
    is_trained: NDArray[np.bool_] = field(default_factory=_for_all)

    def __post_init__(self) -> None:
        if len(self.is_trained) != len(self.results):
            if len(self.is_trained):
                raise ValueError(
                    f"is_trained has {len(self.is_trained)} flags for {len(self.results)} merges"
                )
            object.__setattr__(self, "is_trained", np.ones(len(self.results), dtype=np.bool_))

    def __len__(self) -> int:
        """The number of merges."""
        return len(self.results)

    @property
    def n_trained(self) -> int:
        """The number of merges that say something about the text of this training."""
        return int(np.count_nonzero(self.is_trained))

    def spelled(self, step: int) -> tuple[bytes, bytes]:
        """The bytes of the two symbols that a step joins."""
        left, right = self.pairs[step].tolist()
        return self.symbols[left], self.symbols[right]

    def first(self, n_trained: int) -> MergeList:
        """The list up to its n-th trained merge, with the merges before it that are not trained.

        Symbols keep their numbers; those that no merge makes any more are left out. A list with
        fewer trained merges comes back whole.
        """
        ends = np.flatnonzero(self.is_trained)[n_trained:]
        if not len(ends):
            return self
        n_steps = int(np.flatnonzero(self.is_trained)[n_trained - 1]) + 1 if n_trained > 0 else 0
        results = self.results[:n_steps]
        n_symbols = max(self.n_initial, int(results.max(initial=-1)) + 1)
        return replace(
            self,
            symbols=self.symbols[:n_symbols],
            pairs=self.pairs[:n_steps],
            results=results,
            is_trained=self.is_trained[:n_steps],
        )

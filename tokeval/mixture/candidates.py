"""Pairs that a trainer would have considered: SentencePiece makes no piece beyond some length."""

from __future__ import annotations

import numpy as np

from tokeval.mixture.history import PairChanges, pair_keys
from tokeval.mixture.merge_list import MergeList


def short_enough(
    changes: PairChanges, merges: MergeList, max_characters: int | None
) -> PairChanges:
    """The changes without pairs that would make a symbol of more characters.

    Pairs that the list does join stay: whatever the trainer's limit was, it let them pass.

    Args:
        changes: of one category.
        merges: with the symbols that the keys name.
        max_characters: the longest symbol; `None` for no limit.
    """
    if max_characters is None or not len(changes.keys):
        return changes
    lengths = np.array([len(symbol.decode("utf-8", "replace")) for symbol in merges.symbols])
    joined = lengths[changes.keys >> 32] + lengths[changes.keys & 0xFFFFFFFF]
    is_kept = (joined <= max_characters) | np.isin(changes.keys, pair_keys(merges))
    sizes = np.diff(changes.starts)
    is_kept_change = np.repeat(is_kept, sizes)
    return PairChanges(
        keys=changes.keys[is_kept],
        starts=np.append(0, np.cumsum(sizes[is_kept])),
        steps=changes.steps[is_kept_change],
        deltas=changes.deltas[is_kept_change],
        n_pairs_initially=changes.n_pairs_initially,
    )

"""Replays kept on disk by the content of what was replayed, so that no sample is replayed twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokeval.core.cache import Cache
from tokeval.core.cache_arrays import get_arrays, put_arrays
from tokeval.mixture.history import PairChanges
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.replay import replay
from tokeval.mixture.word_table import WordTable

# To be raised whenever a replay of the same input gives another result.
REPLAY_VERSION = 1
_KIND = "replays"
_ARRAYS = ("keys", "starts", "steps", "deltas")


def cached_replay(
    table: WordTable,
    merges: MergeList,
    *,
    n_steps: int,
    block: int | None = None,
    directory: Path | None = None,
) -> PairChanges:
    """What `replay` returns, from the cache when it is there, and kept there when it was not.

    A file that is damaged is replayed anew and replaced. A directory that cannot be written to is
    no error: then nothing is kept.

    Args:
        table: as for `replay`.
        merges: as for `replay`.
        n_steps: as for `replay`.
        block: as for `replay`.
        directory: where to keep replays, by default `replays` in the cache directory.
    """
    cache = Cache.of(_KIND) if directory is None else Cache(_KIND, directory)
    if cache is None:
        return replay(table, merges, n_steps=n_steps, block=block)
    key = replay_key(table, merges, n_steps=n_steps, block=block)
    kept = get_arrays(cache, key)
    if kept is not None:
        n_pairs = int(kept.pop("n_pairs_initially"))
        return PairChanges(**kept, n_pairs_initially=n_pairs)
    found = replay(table, merges, n_steps=n_steps, block=block)
    arrays = {name: getattr(found, name) for name in _ARRAYS}
    put_arrays(cache, key, {**arrays, "n_pairs_initially": np.array(found.n_pairs_initially)})
    return found


def replay_key(table: WordTable, merges: MergeList, *, n_steps: int, block: int | None) -> str:
    """The SHA-256 of everything that the replay depends on, in hexadecimal.

    That is the words with their weights, the initial symbols, and the merges that are made.
    """
    totals = table.counts.sum(axis=1)
    weights = totals if block is None else totals - table.counts[:, block]
    digest = hashlib.sha256(f"replay {REPLAY_VERSION} {merges.starts_from} {n_steps}".encode())
    for part in (
        *_sized(table.words),
        _little_endian(weights),
        *_sized(merges.symbols[: merges.n_initial]),
        _little_endian(merges.pairs[:n_steps]),
        _little_endian(merges.results[:n_steps]),
    ):
        digest.update(part)
    return digest.hexdigest()


def _sized(strings: tuple[bytes, ...]) -> Iterator[bytes]:
    """Bytes that no other strings give: how many there are, their lengths, and all in a row."""
    lengths = np.fromiter(map(len, strings), dtype=np.int64, count=len(strings))
    yield _little_endian(np.array([len(strings)]))
    yield _little_endian(lengths)
    yield b"".join(strings)


def _little_endian(values: NDArray[np.int32] | NDArray[np.int64]) -> bytes:
    """The numbers as bytes, alike on every machine."""
    return values.astype("<i8").tobytes()

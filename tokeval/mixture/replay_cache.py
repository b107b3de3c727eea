"""Replays kept on disk by the content of what was replayed, so that no sample is replayed twice."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokeval.mixture.history import PairChanges
from tokeval.mixture.kernels import cache_directory
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.replay import replay
from tokeval.mixture.word_table import WordTable

# To be raised whenever a replay of the same input gives another result.
REPLAY_VERSION = 1
_ARRAYS = ("keys", "starts", "steps", "deltas", "n_pairs_initially")
_DIGEST_SIZE = hashlib.sha256().digest_size


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
    folder = cache_directory() / "replays" if directory is None else directory
    file = folder / f"{replay_key(table, merges, n_steps=n_steps, block=block)}.npz"
    found = _read(file)
    if found is None:
        found = replay(table, merges, n_steps=n_steps, block=block)
        _write(file, found)
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


def _read(file: Path) -> PairChanges | None:
    """The replay in a file, None when there is none or it is damaged."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, arrays = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
    # Before anything is parsed, since damaged archives fail in too many ways.
    if hashlib.sha256(arrays).digest() != digest:
        return None
    with np.load(io.BytesIO(arrays), allow_pickle=False) as archive:
        keys, starts, steps, deltas, n_pairs_initially = (archive[name] for name in _ARRAYS)
    return PairChanges(keys, starts, steps, deltas, int(n_pairs_initially))


def _write(file: Path, changes: PairChanges) -> None:
    """Keeps a replay: the file is there whole or not at all, also when two write it at once."""
    stream = io.BytesIO()
    np.savez(
        stream,
        keys=changes.keys,
        starts=changes.starts,
        steps=changes.steps,
        deltas=changes.deltas,
        n_pairs_initially=changes.n_pairs_initially,
    )
    arrays = stream.getbuffer()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    except OSError:
        return
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(hashlib.sha256(arrays).digest())
            target.write(arrays)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)

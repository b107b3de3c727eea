"""One stretch of a dump: what is counted in it, alone or in a process of its own, and their sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.engine import workers_see
from tokeval.core.sparse_counts import SparseCounts
from tokeval.errors import TokevalError
from tokeval.visual.block_order import BlockOrder
from tokeval.visual.counting_duplicates import Fingerprints, TokenDigest
from tokeval.visual.counting_tables import CodeTable, code_table
from tokeval.visual.dump import N_BLOCKS, Dump, Samples
from tokeval.visual.moving_average import MovingAverage
from tokeval.visual.stored_dump import StoredDump

STRETCH_TOKENS = 2**27
"""Tokens of a stretch: some tenths of a second, so that processes pay from a few stretches on."""

BATCH_TOKENS = 2**24
"""Tokens that are counted at once: so many that adding up 64 × K cells costs little."""

RECENT_TOKENS = 65_536
FIRST_STRETCH = 4096


@dataclass(frozen=True)
class PartStretch:
    """What a stretch has of a dump, or of one of its levels or scales.

    Attributes:
        counts: occurrences by block and code.
        types: codes that occur, ascending, shape (n_types,), int64.
        first_samples: number of the first sample that has each, shape (n_types,), int64.
        recent: the last 65,536 tokens, or all where there are fewer.
        averages: what each code has of the moving average, not yet divided by the sum of all,
            shape (n_types,); `None` where the codebook is too large for it.
    """

    counts: SparseCounts
    types: NDArray[np.int64]
    first_samples: NDArray[np.int64]
    recent: NDArray[Any]
    averages: NDArray[np.float64] | None

    @staticmethod
    def total(stretches: Sequence[PartStretch]) -> PartStretch:
        """What consecutive stretches have together."""
        if len(stretches) == 1:
            return stretches[0]
        types, index = np.unique(
            np.concatenate([one.types for one in stretches]), return_inverse=True
        )
        firsts = np.full(len(types), np.iinfo(np.int64).max)
        np.minimum.at(firsts, index, np.concatenate([one.first_samples for one in stretches]))
        kept = [one.averages for one in stretches if one.averages is not None]
        averages = np.bincount(index, np.concatenate(kept)).astype(np.float64) if kept else None
        return PartStretch(
            SparseCounts.total([one.counts for one in stretches]),
            types,
            firsts,
            last_tokens([one.recent for one in stretches]),
            averages,
        )


@dataclass(frozen=True)
class Stretch:
    """What a stretch of consecutive samples has.

    Attributes:
        parts: of each level or scale; one where there are none.
        recent: its last 65,536 tokens, or all where there are fewer.
        fingerprints: of its samples, uint64.
    """

    parts: tuple[PartStretch, ...]
    recent: NDArray[Any]
    fingerprints: NDArray[np.uint64]


def last_tokens(pieces: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The last 65,536 tokens of consecutive pieces."""
    kept: list[NDArray[Any]] = []
    missing = RECENT_TOKENS
    for piece in reversed(pieces):
        if missing and len(piece):
            kept.insert(0, piece[-missing:])
            missing -= len(kept[0])
    return np.concatenate(kept) if kept else np.empty(0, np.uint8)


def is_mapped(dump: Dump) -> bool:
    """Whether other processes can read the dump by themselves."""
    return isinstance(dump, StoredDump) and dump.is_mapped


def others_can_read(dump: Dump, engine: str) -> bool:
    """Whether the workers of an engine can read the dump by themselves.

    Raises:
        TokevalError: Dask workers lack a file that this machine has.
    """
    if not isinstance(dump, StoredDump) or not dump.is_mapped:
        return False
    for shard in dump.shards if engine == "dask" else ():
        path = str(shard.tokens.file)
        if not workers_see(path, None):
            raise TokevalError(
                f"{path}: not every worker has this file",
                "put it where all see it under the same path, or take --engine processes",
            )
    return True


def stretches_of(dump: Dump) -> list[tuple[int, int]]:
    """First and last + 1 sample of each stretch: whole rounds of the 64 blocks, but for the last.

    They depend on the dump alone.
    """
    n_samples = STRETCH_TOKENS * dump.n_samples // max(dump.n_tokens, 1)
    step = max(n_samples // N_BLOCKS, 1) * N_BLOCKS
    return [(begin, min(begin + step, dump.n_samples)) for begin in range(0, dump.n_samples, step)]


@dataclass(frozen=True)
class StretchCounter:
    """Counts stretches of a dump; a worker process has its own.

    Attributes:
        dump: the whole dump.
        columns: where the tokens of each part are in a sample.
    """

    dump: Dump
    columns: tuple[slice, ...]

    def __call__(self, bounds: tuple[int, int]) -> Stretch:
        """What the samples of these bounds have, in a dump that is mapped."""
        if not isinstance(self.dump, StoredDump):
            raise TypeError("only stored dumps are read by stretches")
        return self.count(self.dump.chunks_between(*bounds), None)

    def chunks_of_stretches(self) -> Iterator[Iterator[Samples]]:
        """The chunks of each stretch; of a dump in memory, all are one."""
        if not isinstance(self.dump, StoredDump):
            yield self.dump.chunks()
            return
        for bounds in stretches_of(self.dump):
            yield self.dump.chunks_between(*bounds)

    def count(self, chunks: Iterable[Samples], digest: TokenDigest | None) -> Stretch:
        """What consecutive samples have; their tokens go to the digest as they are read."""
        counters = [_PartCounter(self.dump, part, len(self.columns)) for part in self.columns]
        recent, fingerprints = _Recent(slice(None)), Fingerprints()
        batch: list[Samples] = []
        for samples in chunks:
            if digest is not None:
                digest.add(samples.tokens)
            fingerprints.add(samples)
            recent.add(samples)
            batch.append(samples)
            if sum(len(held.tokens) for held in batch) >= BATCH_TOKENS:
                _count_batch(counters, batch)
                batch = []
        _count_batch(counters, batch)
        parts = tuple(counter.result() for counter in counters)
        return Stretch(parts, recent.tokens, fingerprints.result())


def _count_batch(counters: list[_PartCounter], batch: list[Samples]) -> None:
    """Adds a run of samples to each part."""
    for counter in counters if batch else []:
        counter.add(batch)


class _PartCounter:
    """Counts one level, one scale, or everything."""

    def __init__(self, dump: Dump, columns: slice, n_parts: int) -> None:
        self._columns = columns
        self._n_samples = dump.n_samples
        self._codebook_size = dump.codebook_size
        self._table = code_table(dump.codebook_size, n_parts)
        self._average = MovingAverage.of(dump, n_parts)
        self._recent = _Recent(columns)
        self._order = BlockOrder(columns)

    def add(self, batch: list[Samples]) -> None:
        """Takes a stretch of samples."""
        for block, (tokens, numbers, lengths) in enumerate(self._order.blocks(batch)):
            if not len(tokens):
                continue
            new = self._table.add(block, tokens)
            if len(new):
                _mark_firsts(self._table, new, tokens, numbers, lengths)
        self._table.end_batch()
        for samples in batch:
            self._recent.add(samples)
            if self._average is not None:
                self._average.add(samples, self._columns)

    def result(self) -> PartStretch:
        """What all samples that were taken have."""
        counts, types, firsts = self._table.result()
        averages = self._average.sums()[types] if self._average is not None else None
        return PartStretch(counts, types, firsts, self._recent.tokens, averages)


def _mark_firsts(
    table: CodeTable,
    codes: NDArray[np.int64],
    tokens: NDArray[Any],
    numbers: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> None:
    """Tells the table which samples of a block have new codes first.

    The tokens are searched in stretches that grow, and only as far as it matters: most of the new
    codes are found early, and the others were mostly seen in an earlier sample of another block.
    """
    ends = np.cumsum(lengths)
    begin, size = 0, FIRST_STRETCH
    while len(codes):
        stretch = tokens[begin : begin + size]
        places = table.find(stretch, codes)
        here, index = np.unique(stretch[places], return_index=True)
        owners = np.searchsorted(ends, begin + places[index], side="right")
        table.saw(here, numbers[owners])
        codes = np.setdiff1d(codes, here, assume_unique=True)
        begin, size = begin + size, size * 2
        if begin < len(tokens):
            owner = np.searchsorted(ends, begin, side="right")
            codes = table.not_before(codes, int(numbers[owner]))


class _Recent:
    """The last tokens of a part."""

    def __init__(self, columns: slice) -> None:
        self._columns = columns
        self.tokens: NDArray[Any] = np.empty(0, np.uint8)

    def add(self, samples: Samples) -> None:
        """Takes the next samples."""
        if samples.shape is None:
            last = samples.tokens[-RECENT_TOKENS:]
        else:
            rows = samples.tokens.reshape(samples.n_samples, -1)[:, self._columns]
            last = rows[-(RECENT_TOKENS // rows.shape[1] + 1) :].ravel()[-RECENT_TOKENS:]
        self.tokens = last_tokens([self.tokens, last])

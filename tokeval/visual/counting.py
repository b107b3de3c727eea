"""One pass over a dump: everything that statistics of single codes need, by block and by part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.sparse_counts import SparseCounts
from tokeval.visual.block_order import BlockOrder
from tokeval.visual.counting_duplicates import (
    Duplicates,
    Fingerprints,
    TokenDigest,
    find_duplicates,
)
from tokeval.visual.counting_tables import CodeTable, code_table
from tokeval.visual.dump import N_BLOCKS, Dump, Layout, Samples
from tokeval.visual.moving_average import MovingAverage
from tokeval.visual.reading_store import code_dtype

BATCH_TOKENS = 2**24
"""Tokens that are counted at once: so many that adding up 64 × K cells costs little."""

RECENT_TOKENS = 65_536
FIRST_STRETCH = 4096


@dataclass(frozen=True)
class PartCounts:
    """Counts of the codes of a dump or of one of its levels or scales.

    Attributes:
        name: `all`, `level:1` (the first), or `scale:4` (the 4 × 4 grid).
        codebook_size: K.
        n_samples: of the dump.
        counts: occurrences by block and code.
        first_samples: number of the first sample that has each code, in ascending order of the
            codes that occur, shape (n_types,), int64.
        n_recent: the last 65,536 tokens, or all where there are fewer.
        n_recent_codes: distinct ones among these.
        averages: moving average of the share of each code that occurs, shape (n_types,), float64;
            `None` where the codebook is too large for it.
    """

    name: str
    codebook_size: int
    n_samples: int
    counts: SparseCounts
    first_samples: NDArray[np.int64]
    n_recent: int
    n_recent_codes: int
    averages: NDArray[np.float64] | None

    @cached_property
    def types(self) -> TypeCounts:
        """The counts, ready for statistics over types."""
        return TypeCounts.of(self.counts, N_BLOCKS)

    @property
    def n_tokens(self) -> int:
        """How many tokens there are."""
        return int(self.counts.counts.sum(dtype=np.int64))

    @property
    def largest_id(self) -> int:
        """The largest id that occurs."""
        return int(self.counts.types.max())

    def new_codes(self) -> NDArray[np.int64]:
        """Codes that each sample is the first to have, shape (n_samples,)."""
        return np.bincount(self.first_samples, minlength=self.n_samples)

    def samples_until(self, share: float) -> int:
        """How many samples, from the first, have at least this share of the codes that occur."""
        wanted = max(1, int(np.ceil(share * len(self.first_samples))))
        return int(np.sort(self.first_samples)[wanted - 1]) + 1


@dataclass(frozen=True)
class Counted:
    """What one pass found.

    Attributes:
        whole: counts of all tokens.
        parts: of each level (NQL) or scale (NS); none in the other layouts.
        duplicates: samples that repeat an earlier one.
        sha256: of the tokens in order, as little-endian numbers of the smallest of 8, 16, 32 and
            64 bits that holds K − 1, hex.
    """

    whole: PartCounts
    parts: tuple[PartCounts, ...]
    duplicates: Duplicates
    sha256: str


def count(dump: Dump) -> Counted:
    """The counts of a dump, read once; samples that seem to repeat others are read again.

    Raises:
        TokevalError: with file and row, a token outside the codebook.
    """
    columns = _parts(dump) or {"all": slice(None)}
    counters = [_PartCounter(dump, part, len(columns)) for part in columns.values()]
    recent, fingerprints = _Recent(slice(None)), Fingerprints()
    batch: list[Samples] = []
    with TokenDigest(code_dtype(dump.codebook_size)) as digest:
        for samples in dump.chunks():
            digest.add(samples.tokens)
            fingerprints.add(samples)
            recent.add(samples)
            batch.append(samples)
            if sum(len(held.tokens) for held in batch) >= BATCH_TOKENS:
                _count_batch(counters, batch)
                batch = []
        _count_batch(counters, batch)
        sha256 = digest.hexdigest()
    parts = [counter.result(name) for name, counter in zip(columns, counters, strict=True)]
    return Counted(
        whole=_joined(parts, recent),
        parts=tuple(parts) if _parts(dump) else (),
        duplicates=find_duplicates(dump, fingerprints.result()),
        sha256=sha256,
    )


def _parts(dump: Dump) -> dict[str, slice]:
    """Where the tokens of each level or scale are in a sample; empty in the other layouts."""
    if dump.shape is None or dump.layout not in (Layout.NQL, Layout.NS):
        return {}
    if dump.layout is Layout.NQL:
        n_levels, length = dump.shape
        return {f"level:{q + 1}": slice(q * length, (q + 1) * length) for q in range(n_levels)}
    ends = np.cumsum([side * side for side in dump.scales]).tolist()
    found: dict[str, slice] = {}
    for side, begin, end in zip(dump.scales, [0, *ends], ends, strict=False):
        same = sum(name.partition("#")[0] == f"scale:{side}" for name in found)
        found[f"scale:{side}" + (f"#{same + 1}" if same else "")] = slice(begin, end)
    return found


def _count_batch(counters: list[_PartCounter], batch: list[Samples]) -> None:
    """Adds a stretch of samples to each part."""
    for counter in counters if batch else []:
        counter.add(batch)


def _joined(parts: list[PartCounts], recent: _Recent) -> PartCounts:
    """The counts of all parts together; they all have the same codebook."""
    if len(parts) == 1 and parts[0].name == "all":
        return parts[0]
    codes = np.concatenate([part.types.types for part in parts])
    types, index = np.unique(codes, return_inverse=True)
    firsts = np.full(len(types), np.iinfo(np.int64).max)
    np.minimum.at(firsts, index, np.concatenate([part.first_samples for part in parts]))
    n_tokens = sum(part.n_tokens for part in parts)
    shares = [
        part.averages * (part.n_tokens / n_tokens) for part in parts if part.averages is not None
    ]
    averages: NDArray[np.float64] | None = None
    if len(shares) == len(parts):
        averages = np.bincount(index, np.concatenate(shares)).astype(np.float64)
    counts = SparseCounts.total([part.counts for part in parts])
    first = parts[0]
    return PartCounts(
        "all", first.codebook_size, first.n_samples, counts, firsts, *recent.sizes(), averages
    )


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

    def result(self, name: str) -> PartCounts:
        """The counts of all samples that were taken."""
        counts, types, firsts = self._table.result()
        averages = self._average.shares()[types] if self._average is not None else None
        return PartCounts(
            name,
            self._codebook_size,
            self._n_samples,
            counts,
            firsts,
            *self._recent.sizes(),
            averages,
        )


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
        self._tokens: NDArray[Any] = np.empty(0, np.uint8)

    def add(self, samples: Samples) -> None:
        """Takes the next samples."""
        if samples.shape is None:
            last = samples.tokens[-RECENT_TOKENS:]
        else:
            rows = samples.tokens.reshape(samples.n_samples, -1)[:, self._columns]
            last = rows[-(RECENT_TOKENS // rows.shape[1] + 1) :].ravel()[-RECENT_TOKENS:]
        kept = self._tokens[len(last) - RECENT_TOKENS :] if len(last) < RECENT_TOKENS else last[:0]
        self._tokens = np.concatenate([kept, last])

    def sizes(self) -> tuple[int, int]:
        """How many tokens these are, and how many distinct ones."""
        return len(self._tokens), len(np.unique(self._tokens))

"""One pass over a dump: everything that statistics of single codes need, by block and by part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.engine import run
from tokeval.core.evidence import TypeCounts
from tokeval.core.sparse_counts import SparseCounts
from tokeval.visual.counting_duplicates import Duplicates, TokenDigest, find_duplicates
from tokeval.visual.counting_stretches import (
    PartStretch,
    StretchCounter,
    last_tokens,
    others_can_read,
    stretches_of,
)
from tokeval.visual.dump import N_BLOCKS, Dump, Layout, scale_names
from tokeval.visual.reading_store import code_dtype


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
        """The counts, ready for statistics over types; of fewer samples, a block each."""
        return TypeCounts.of(self.counts, min(N_BLOCKS, self.n_samples))

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


def count(dump: Dump, *, engine: str = "serial", jobs: int | None = None) -> Counted:
    """The counts of a dump, read once; samples that seem to repeat others are read again.

    It is counted about 2²⁷ tokens at a time, by whichever engine: the result is the same to the
    last bit for any number of processes. In several, the parent reads all tokens once more for
    their digest, which needs them in order.

    Args:
        dump: the tokens.
        engine: `serial`, `processes` or `dask`; the last two only where others can map the
            files themselves.
        jobs: number of worker processes; all cores when `None`.

    Raises:
        TokevalError: with file and row, a token outside the codebook.
    """
    columns = _parts(dump) or {"all": slice(None)}
    counter = StretchCounter(dump, tuple(columns.values()))
    with TokenDigest(code_dtype(dump.codebook_size)) as digest, ThreadPoolExecutor(1) as thread:
        stretches = stretches_of(dump)
        if engine != "serial" and others_can_read(dump, engine) and len(stretches) > 1:
            hashed = thread.submit(digest.add_all, dump.chunks())
            found = list(run(counter, stretches, engine=engine, jobs=jobs))
            hashed.result()
        else:
            found = [counter.count(chunks, digest) for chunks in counter.chunks_of_stretches()]
        sha256 = digest.hexdigest()
    parts = [
        _part(name, dump, PartStretch.total([stretch.parts[number] for stretch in found]))
        for number, name in enumerate(columns)
    ]
    fingerprints = np.concatenate([stretch.fingerprints for stretch in found])
    return Counted(
        whole=_joined(parts, last_tokens([stretch.recent for stretch in found])),
        parts=tuple(parts) if _parts(dump) else (),
        duplicates=find_duplicates(dump, fingerprints),
        sha256=sha256,
    )


def _part(name: str, dump: Dump, found: PartStretch) -> PartCounts:
    """What was found of a part in all stretches together."""
    return PartCounts(
        name,
        dump.codebook_size,
        dump.n_samples,
        found.counts,
        found.first_samples,
        len(found.recent),
        len(np.unique(found.recent)),
        None if found.averages is None else found.averages / found.averages.sum(),
    )


def _parts(dump: Dump) -> dict[str, slice]:
    """Where the tokens of each level or scale are in a sample; empty in the other layouts."""
    if dump.shape is None or dump.layout not in (Layout.NQL, Layout.NS):
        return {}
    if dump.layout is Layout.NQL:
        n_levels, length = dump.shape
        return {f"level:{q + 1}": slice(q * length, (q + 1) * length) for q in range(n_levels)}
    ends = np.cumsum([side * side for side in dump.scales]).tolist()
    bounds = zip([0, *ends], ends, strict=False)
    return dict(zip(scale_names(dump.scales), (slice(*pair) for pair in bounds), strict=True))


def _joined(parts: list[PartCounts], recent: NDArray[Any]) -> PartCounts:
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
    sizes = len(recent), len(np.unique(recent))
    return PartCounts("all", first.codebook_size, first.n_samples, counts, firsts, *sizes, averages)

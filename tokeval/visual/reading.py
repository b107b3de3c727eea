"""Reading a dump: its files, in any of the formats, as one sequence of samples of one layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError, UsageError
from tokeval.visual.dump import Layout
from tokeval.visual.reading_files import find_files
from tokeval.visual.reading_jsonl import read_jsonl
from tokeval.visual.reading_npy import read_npy, read_npy_labels, read_npz, read_raw
from tokeval.visual.reading_parquet import read_parquet
from tokeval.visual.reading_pt import read_pt
from tokeval.visual.reading_store import Shard, check_codebook_size, check_labels, n_axes
from tokeval.visual.stored_dump import StoredDump

AXES = {Layout.NL: 1, Layout.NHW: 2, Layout.NTHW: 3, Layout.NQL: 2, Layout.NS: 1}
"""Axes of a sample."""

FORMATS = (".npy", ".npz", ".pt", ".pth", ".jsonl", ".parquet")


@dataclass(frozen=True)
class _Reading:
    """How the files of a dump are read."""

    layout: Layout | None
    codebook_size: int | None
    dtype: str | None
    shape: Sequence[int] | None
    field: str | None

    def shard(self, path: str) -> Shard:
        """The samples of one file."""
        suffix = Path(path).suffix.lower()
        if suffix in FORMATS and (self.dtype or self.shape):
            raise UsageError(f"{path}: dtype and shape are for raw bytes", "leave them out")
        match suffix:
            case ".npy":
                return read_npy(path, self.codebook_size)
            case ".npz":
                return read_npz(path, self.codebook_size, self.field)
            case ".pt" | ".pth":
                return read_pt(path, self.codebook_size, self.field)
            case ".parquet":
                return read_parquet(path, self.codebook_size, self.field)
            case ".jsonl":
                axes = AXES[self.layout] if self.layout else None
                return read_jsonl(path, self.codebook_size, self.field, axes)
        if not self.dtype or not self.shape:
            raise UsageError(
                f"{path}: the format is not clear from its name",
                f"it is one of {' '.join(FORMATS)}; for raw bytes give dtype and shape, such as "
                "uint16 and -1,16,16",
            )
        return read_raw(path, self.dtype, self.shape)


def read_dump(
    path_or_glob: str | Path | Sequence[str | Path],
    *,
    name: str,
    layout: Layout | None,
    codebook_size: int | None,
    dtype: str | None = None,
    shape: Sequence[int] | None = None,
    scales: Sequence[int] = (),
    labels: str | Path | Sequence[int] | NDArray[np.integer] | None = None,
    field: str | None = None,
) -> StoredDump:
    """The dump in a file, in the files that a pattern matches, or in several.

    Arrays are mapped, records are copied to a temporary file first; nothing is unpickled. Ids of
    arrays are checked whenever they are read, those of records now.

    Args:
        path_or_glob: `.npy`, `.npz`, `.pt`, `.jsonl`, `.parquet`, or raw bytes.
        name: the label in tables.
        layout: what the axes are. If `None`: `NS` with scales, else by their number, where only
            one layout is possible.
        codebook_size: K.
        dtype: of raw bytes.
        shape: of a raw file, samples first; -1 there is as many as there are.
        scales: of `NS`: side lengths of the grids, or their numbers of tokens.
        labels: class of each sample, or a `.npy` file of them; those in the files if `None`.
        field: which array, key or column holds the ids; `tokens` or the only one if `None`.

    Raises:
        TokevalError: with file and row, whatever is wrong with the files; without a codebook size,
            with the largest id there is.
    """
    check_codebook_size(codebook_size)
    files = find_files(path_or_glob)
    reading = _Reading(layout, codebook_size, dtype, shape, field)
    shards = [reading.shard(path) for path in files]
    layout = layout or _only_layout(shards[0], scales)
    for shard in shards:
        _check_shape(shard, shards[0], layout)
    source = ", ".join(map(str, [path_or_glob] if isinstance(path_or_glob, str | Path) else files))
    dump = StoredDump(
        name=name,
        source=source,
        layout=layout,
        codebook_size=codebook_size or 2**62,
        shards=tuple(shards),
        scales=_sides(scales, shards[0], layout),
        labels=_labels(labels, shards),
    )
    if codebook_size is None:
        largest = max(int(samples.tokens.max()) for samples in dump.chunks())
        raise UsageError(
            f"{source}: the codebook size is not known; the largest id is {largest}",
            f"give it with --codebook-size: {largest + 1} or more, as many as the tokenizer has",
        )
    return dump


def _only_layout(shard: Shard, scales: Sequence[int]) -> Layout:
    """The layout that a sample of such a shape must have.

    Raises:
        UsageError: there are several, or none.
    """
    if scales:
        return Layout.NS
    axes = 1 if shard.shape is None else len(shard.shape)
    if axes == 2:
        raise UsageError(
            f"{shard.title}: samples of shape {shard.shape} are grids or levels",
            "say which with --layout NHW or --layout NQL",
        )
    if axes not in (1, 3):
        raise UsageError(
            f"{shard.title}: no layout has {n_axes(axes + 1)}", "reshape to NL, NHW, NTHW or NQL"
        )
    return Layout.NL if axes == 1 else Layout.NTHW


def _check_shape(shard: Shard, first: Shard, layout: Layout) -> None:
    """Nothing, where the samples of a file have the axes of the layout and one shape.

    Raises:
        TokevalError: another number of axes, or another shape than in the first file.
    """
    if shard.shape is None:
        if layout is not Layout.NL:
            raise TokevalError(
                f"{shard.title}: samples of different lengths in layout {layout.value}",
                "only sequences, layout NL, may differ in length",
            )
        return
    if len(shard.shape) != AXES[layout]:
        raise TokevalError(
            f"{shard.title}: shape {(shard.n_samples, *shard.shape)} has "
            f"{n_axes(len(shard.shape) + 1)}, layout {layout.value} has {AXES[layout] + 1}",
            "give the layout that it has, or reshape it",
        )
    is_array = shard.starts is None and not shard.title.endswith((".jsonl", ".parquet"))
    if shard.shape != first.shape and first.shape is not None and (is_array or AXES[layout] > 1):
        raise TokevalError(
            f"{shard.title}: samples of shape {shard.shape}, those of {first.title} have "
            f"{first.shape}",
            "read files of different shapes one by one",
        )


def _sides(scales: Sequence[int], first: Shard, layout: Layout) -> tuple[int, ...]:
    """The side lengths of the grids of an `NS` sample, from these or from numbers of tokens.

    Raises:
        UsageError: they are missing, not wanted, or do not add up to the length of a sample.
    """
    if layout is not Layout.NS:
        if scales:
            raise UsageError(f"scales with layout {layout.value}", "they belong to --layout NS")
        return ()
    length = first.length
    if scales and min(scales) > 0:
        if sum(scale * scale for scale in scales) == length:
            return tuple(scales)
        sides = tuple(math.isqrt(scale) for scale in scales)
        is_square = all(side * side == scale for side, scale in zip(sides, scales, strict=True))
        if is_square and sum(scales) == length:
            return sides
    raise UsageError(
        f"{first.title}: scales {','.join(map(str, scales)) or 'missing'} for samples of "
        f"{length} tokens",
        "give --scales, the numbers of tokens of the grids, such as 1,4,9, which add up to that",
    )


def _labels(
    given: str | Path | Sequence[int] | NDArray[np.integer] | None, shards: Sequence[Shard]
) -> NDArray[np.int64] | None:
    """The class of each sample of all files, `None` where no file has any.

    Raises:
        TokevalError: only some files have them, or there are more or fewer than samples.
    """
    if given is not None:
        title = str(given) if isinstance(given, str | Path) else "labels"
        read = read_npy_labels(title) if isinstance(given, str | Path) else np.asarray(given)
        if read.dtype.kind not in "iu" or read.ndim != 1:
            raise TokevalError(f"{title}: no whole numbers", "give one for each sample")
        check_labels(read, sum(shard.n_samples for shard in shards), title=title)
        return read.astype(np.int64)
    found = [shard.labels for shard in shards if shard.labels is not None]
    if not found:
        return None
    if len(found) < len(shards):
        without = next(shard.title for shard in shards if shard.labels is None)
        raise TokevalError(f"{without}: no classes, other files have them", "label all or none")
    return np.concatenate(found)

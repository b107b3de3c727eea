"""Samples as rows of Parquet: a column of (nested) lists of whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import reading
from tokeval.visual.reading_npy import choose_name
from tokeval.visual.reading_store import LABEL_NAMES, Shard, Spool, uniform_shard

ROWS_PER_BATCH = 4096


def read_parquet(path: str, codebook_size: int | None, field: str | None) -> Shard:
    """The samples of a column of (nested) lists of whole numbers, copied to a temporary file.

    Raises:
        TokevalError: no Parquet, no such column, missing values, ids outside [0, K), a sample
            without tokens, or grids of different shapes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels: list[NDArray[np.int64]] = []
    try:
        with reading(path), pq.ParquetFile(path, memory_map=True) as table:
            names = table.schema_arrow.names
            chosen = choose_name(names, field, title=path)
            labelled = [name for name in LABEL_NAMES if name in names and name != chosen][:1]
            kind = table.schema_arrow.field(chosen).type
            samples = _Lists(path, codebook_size, _depth_of(kind, column=chosen, path=path))
            for batch in table.iter_batches(ROWS_PER_BATCH, columns=[chosen, *labelled]):
                if labelled:
                    labels.append(_label_column(path, batch.column(labelled[0])))
                samples.add(batch.column(chosen))
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
        raise TokevalError(f"{path}: no Parquet, or damaged: {reason}", "write it again") from error
    return samples.shard(np.concatenate(labels) if labels else None)


def _label_column(path: str, column: Any) -> NDArray[np.int64]:
    """The class of each row."""
    import pyarrow.types as types

    if not types.is_integer(column.type) or column.null_count:
        raise TokevalError(
            f"{path}: classes of type {column.type}, {column.null_count} missing",
            "give a whole number in every row, or leave the column out",
        )
    return column.to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]


class _Lists:
    """Samples that are taken as Arrow arrays of lists."""

    def __init__(self, path: str, codebook_size: int | None, depth: int) -> None:
        self._path = path
        self._spool = Spool(path, codebook_size)
        self._depth = depth
        self._lengths: list[NDArray[np.int64]] = []
        self._shape: tuple[int, ...] = ()
        self._n_rows = 0

    def add(self, lists: Any) -> None:
        """Takes the samples of some rows, at least one."""
        import pyarrow.compute as pc

        values, rows = lists, self._n_rows + np.arange(len(lists))
        shape = []
        for axis in range(self._depth):
            self._require(values.is_valid(), rows, "a missing value")
            sizes = pc.list_value_length(values).to_numpy(zero_copy_only=False).astype(np.int64)
            self._require(sizes > 0, rows, "no tokens")
            shape.append(int(self._shape[axis] if self._shape else sizes[0]))
            if self._depth > 1:
                self._require(sizes == shape[-1], rows, f"a grid of another shape than {shape}")
            values, rows = values.flatten(), np.repeat(rows, sizes)
        self._require(values.is_valid(), rows, "a missing value")
        ids = values.to_numpy(zero_copy_only=False)
        self._spool.append(ids, lambda at: self._where(rows[at]))
        self._lengths.append(np.bincount(rows - self._n_rows, minlength=len(lists)))
        self._shape = tuple(shape)
        self._n_rows += len(lists)

    def shard(self, labels: NDArray[np.int64] | None) -> Shard:
        """All samples that were taken."""
        if not self._n_rows:
            raise TokevalError(f"{self._path}: no samples", "write it again, or leave it out")
        lengths = np.concatenate(self._lengths)
        if self._depth > 1 or (lengths == lengths[0]).all():
            return uniform_shard(self._spool.stored(), (self._n_rows, *self._shape), labels)
        starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
        return Shard(self._spool.stored(), None, starts, labels)

    def _require(self, is_right: Any, rows: NDArray[np.int64], wrong: str) -> None:
        """Nothing, where all values are right; else names the row of the first that is not."""
        right = np.asarray(is_right, dtype=bool)
        if not right.all():
            raise TokevalError(
                f"{self._where(rows[int(np.argmin(right))])}: {wrong}",
                "write a list of ids in every row; only sequences (NL) may differ in length",
            )

    def _where(self, row: int) -> str:
        """A row in messages."""
        return f"{self._path}, row {row} (the first is 0)"


def _depth_of(kind: Any, *, column: str, path: str) -> int:
    """How deep the lists of a column are nested.

    Raises:
        TokevalError: it does not hold lists of whole numbers.
    """
    import pyarrow.types as types

    value, depth = kind, 0
    while types.is_list(value) or types.is_large_list(value) or types.is_fixed_size_list(value):
        value, depth = value.value_type, depth + 1
    if not depth or not types.is_integer(value):
        raise TokevalError(
            f"{path}: the column {column!r} is of type {kind}, not lists of whole numbers",
            "cast the ids of the codes before writing",
        )
    return depth

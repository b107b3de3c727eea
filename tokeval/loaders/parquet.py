"""Parquet: one text from each row, of the one column that is read, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.fields import choose_field, text_of
from tokeval.loaders.kinds import kind_of
from tokeval.loaders.opening import open_binary

ROWS_PER_BATCH = 1024


def parquet_texts(file: File, field: str | None) -> Iterator[str]:
    """The text of each row of a Parquet file.

    Raises:
        TokevalError: no Parquet, no such column, or a row without a string in it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if kind_of(file.path).compression:
        raise TokevalError(
            f"{file.title}: Parquet is compressed inside and cannot be read as a stream",
            "decompress the file",
        )
    with open_binary(file) as stored:
        try:
            table = pq.ParquetFile(stored)
            holds_text = {column.name: _is_text(column.type) for column in table.schema_arrow}
            chosen = choose_field(field, holds_text, where=file.title)
            if not holds_text[chosen]:
                kind = table.schema_arrow.field(chosen).type
                raise TokevalError(
                    f"{file.title}: the column {chosen!r} is of type {kind}, not string",
                    "choose another column with --field",
                )
            row = 0
            for batch in table.iter_batches(batch_size=ROWS_PER_BATCH, columns=[chosen]):
                for value in batch.column(0).to_pylist():
                    row += 1
                    yield text_of(value, field=chosen, where=f"{file.title}, row {row}")
        except (pa.ArrowException, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())
            raise TokevalError(
                f"{file.title}: corrupt Parquet: {reason}", "fetch or write the file again"
            ) from error


def _is_text(kind: Any) -> bool:
    """Whether an Arrow type is a string, plain or dictionary-encoded."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))

"""Slices made of files: the reader and the document unit of each file, and the text in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tokeval.core.corpus import Document, Slice
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import File, is_url
from tokeval.loaders.kinds import RECORD_FORMATS, kind_of
from tokeval.loaders.parquet import parquet_texts
from tokeval.loaders.records import jsonl_texts, separated_texts
from tokeval.loaders.text_files import (
    LINES_PER_DOCUMENT,
    UTF8_BOM,
    line_documents,
    whole_text,
)


@dataclass(frozen=True)
class Reading:
    """How a slice is to be read.

    Attributes:
        unit: the document unit, or `None` for that of the kind of file.
        field: the field of records that holds the text, or `None`.
        keep_empty: whether an empty line, record or file counts as an empty text, as it must
            where the indices of parallel slices are to stay aligned.
        line_ends: whether lines come with their ends.
    """

    unit: str | None = None
    field: str | None = None
    keep_empty: bool = False
    line_ends: bool = False


@dataclass(frozen=True)
class FileDocuments:
    """Yields the documents of some files, one file after another; a document never spans two.

    Picklable, so that other processes can open the slice too.
    """

    name: str
    files: tuple[File, ...]
    formats: tuple[str, ...]
    unit: str
    reading: Reading

    def __call__(self) -> Iterator[Document]:
        """Opens the files.

        Raises:
            TokevalError: a file cannot be read, or no text is in any of them.
        """
        empty = True
        for file, kind in zip(self.files, self.formats, strict=True):
            for document in self.of_file(file, kind):
                empty = False
                yield document
        if empty:
            raise no_text(self.name, describe(self.files))

    def of_file(self, file: File, kind: str) -> Iterator[Document]:
        """The documents of one file."""
        keep = self.reading.keep_empty
        if self.unit in ("lines", "line"):
            size = LINES_PER_DOCUMENT if self.unit == "lines" else 1
            with_ends = self.reading.line_ends
            yield from line_documents(file, size=size, keep_empty=keep, with_ends=with_ends)
            return
        for text in self._texts(file, kind):
            if text or keep:
                yield (text,)

    def _texts(self, file: File, kind: str) -> Iterator[str]:
        """The texts of a file in which each text is a document."""
        if kind == "jsonl":
            return jsonl_texts(file, self.reading.field)
        if kind == "parquet":
            return parquet_texts(file, self.reading.field)
        if kind in RECORD_FORMATS:
            return separated_texts(file, self.reading.field, kind=kind)
        return iter((whole_text(file),))


def file_slice(
    name: str,
    files: Sequence[File],
    reading: Reading,
    *,
    source: str = "",
    labels: Mapping[str, str] | None = None,
) -> Slice:
    """A slice of one or more files.

    Args:
        name: its name.
        files: its files, in the order in which they are read.
        reading: how they are read.
        source: where they come from, for messages; the path of a single file when empty.
        labels: language, script and so on, where known.

    Raises:
        UsageError: the unit asked for does not fit a file, or the files differ in theirs: with
            `line_ends`, records from text; without, whole files from lines too.
    """
    kinds = [format_and_unit(file, reading) for file in files]
    source = source or describe(files)
    units = {unit: file for (_, unit), file in reversed(list(zip(kinds, files, strict=True)))}
    if reading.line_ends and units.keys() == {"lines", "file"}:
        # Lines with their ends are the text of the file, so that it may be read either way.
        reading = replace(reading, unit="lines")
        kinds = [format_and_unit(file, reading) for file in files]
        units = dict.fromkeys(["lines"], files[0])
    if len(units) > 1:
        found = ", ".join(f"{file.title} by {unit}" for unit, file in sorted(units.items()))
        raise UsageError(
            f"slice {name!r} ({source}) mixes kinds of files: {found}",
            f"narrow it with a pattern, such as {name}='{source}/*.txt', or set --unit",
        )
    (unit,) = units
    if unit == "file" and not reading.keep_empty:
        # Empty files, such as __init__.py, hold no document; some file stays to be named.
        files = [file for file in files if file.n_bytes != 0] or files[:1]
        kinds = [format_and_unit(file, reading) for file in files]
    return Slice(
        name=name,
        documents=FileDocuments(
            name=name,
            files=tuple(files),
            formats=tuple(kind for kind, _ in kinds),
            unit=unit,
            reading=reading,
        ),
        unit=unit,
        labels=dict(labels or {}),
        source=source,
        n_bytes=_total_bytes(files),
        n_documents=_count_documents(files, unit=unit, reading=reading),
    )


def format_and_unit(file: File, reading: Reading) -> tuple[str, str]:
    """The format in which a file is read, and what one document of it is.

    JSON that nobody has called JSON lines, and text without a suffix, are read as records only
    when a field or the unit `record` is asked for.

    Raises:
        UsageError: the unit does not fit the format.
    """
    kind = kind_of(file.path)
    unit = reading.unit
    if kind.format in RECORD_FORMATS:
        if unit not in (None, "record"):
            raise UsageError(
                f"{file.title}: the unit of a {kind.format} file is record, not {unit}",
                "leave --unit out",
            )
        return kind.format, "record"
    may_hold_records = kind.suffix in ("", ".json")
    if may_hold_records and (unit == "record" or (unit is None and reading.field is not None)):
        return "jsonl", "record"
    if unit == "record":
        raise UsageError(
            f"{file.title}: a {kind.suffix} file has no records",
            "use --unit lines, line or file; records are .jsonl, .csv, .tsv and .parquet",
        )
    return "text", unit or kind.unit


def describe(files: Sequence[File]) -> str:
    """Where some files come from, in a few words."""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return files[0].title + more


def no_text(name: str, source: str) -> TokevalError:
    """The error for a slice without any text."""
    return TokevalError(f"slice {name!r}: no text in {source}", "leave it out or mend the file")


def _total_bytes(files: Sequence[File]) -> int | None:
    """The stored size of some files together, `None` when one of them is unknown."""
    sizes = [file.n_bytes for file in files]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _count_documents(files: Sequence[File], *, unit: str, reading: Reading) -> int | None:
    """How many documents some files hold, `None` where only reading them tells.

    A file is surely one document when it is longer than a byte order mark as it is stored.
    """
    if unit != "file":
        return None
    if reading.keep_empty:
        return len(files)
    sure = all(
        file.n_bytes is not None
        and file.n_bytes > len(UTF8_BOM)
        and not kind_of(file.path).compression
        and not is_url(file.path)
        for file in files
    )
    return len(files) if sure else None

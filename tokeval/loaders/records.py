"""JSON lines, CSV and TSV: one text from each record, streamed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping

import msgspec

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.fields import choose_field, kind_of_value, text_of
from tokeval.loaders.text_files import MAX_LINE_BYTES, line_batches, text_blocks

DELIMITERS = {"csv": ",", "tsv": "\t"}
DELIMITER_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons"}


def jsonl_texts(file: File, field: str | None) -> Iterator[str]:
    """The text of each record of a JSON lines file; blank lines are no records.

    The first record settles which field is read when none is given.

    Raises:
        TokevalError: a line that is no JSON object, or whose field is missing or no string.
    """
    chosen: str | None = None
    for first, lines in line_batches(file):
        for number, line in enumerate(lines, first):
            if not line or line.isspace():
                continue
            where = f"{file.title}:{number}"
            record = _json_object(line, where)
            if chosen is None or chosen not in record:
                holds_text = {name: isinstance(value, str) for name, value in record.items()}
                wanted = field if chosen is None else chosen
                chosen = choose_field(wanted, holds_text, where=where)
            yield text_of(record[chosen], field=chosen, where=where)


def _json_object(line: str, where: str) -> Mapping[str, object]:
    """The JSON object on a line.

    Raises:
        TokevalError: there is none.
    """
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TokevalError(
            f"{where}: not JSON: {error}", "a JSON lines file has one object on each line"
        ) from error
    except RecursionError as error:
        raise TokevalError(f"{where}: JSON nested too deeply", "drop this record") from error
    if not isinstance(record, dict):
        raise TokevalError(
            f"{where}: {kind_of_value(record)}, not a JSON object",
            'a JSON lines file has one object on each line, such as {"text": "..."}',
        )
    return record


def separated_texts(file: File, field: str | None, *, kind: str) -> Iterator[str]:
    """The text of each row of a CSV or TSV file (`kind`) whose first row names the columns.

    Quoting is that of the `csv` module's Excel dialect, for TSV too, and strict: a stray
    quotation mark is an error, never a field that swallows the rows after it.

    Raises:
        TokevalError: no such column, a row with another number of fields, broken quoting.
    """
    delimiter = DELIMITERS[kind]
    # The module's own limit of 128 KiB a field would refuse long articles.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    rows = csv.reader(_ended_lines(file), delimiter=delimiter, strict=True)
    try:
        header = next(rows, None)
        if header is None:
            return
        column = _column(file, header, field=field, delimiter=delimiter)
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise TokevalError(
                    f"{file.title}:{rows.line_num}: {len(row)} fields, but the header has "
                    f"{len(header)}",
                    "quote the fields that hold a delimiter, a line break or a quotation mark",
                )
            yield row[column]
    except csv.Error as error:
        raise TokevalError(
            f"{file.title}:{rows.line_num}: broken {kind.upper()}: {error}",
            "a field with a quotation mark stands in quotation marks, with the inner one doubled",
        ) from error


def _ended_lines(file: File) -> Iterator[str]:
    """The lines of a file with their ends, as `csv.reader` wants them."""
    for _, text in text_blocks(file):
        lines = text.split("\n")
        last = lines.pop()
        for line in lines:
            yield line + "\n"
        if last:
            yield last


def _column(file: File, header: list[str], *, field: str | None, delimiter: str) -> int:
    """The index of the column to read.

    Raises:
        TokevalError: there is no such column, or two, or the delimiter is another one.
    """
    if len(header) == 1:
        # Else whole rows would pass for texts.
        for other in {";", "\t", ","} - {delimiter}:
            if other in header[0]:
                raise TokevalError(
                    f"{file.title}:1: separated by {DELIMITER_NAMES[other]}, "
                    f"not by {DELIMITER_NAMES[delimiter]}",
                    "a .csv file is separated by commas, a .tsv file by tabs",
                )
    chosen = choose_field(field, dict.fromkeys(header, True), where=f"{file.title}:1")
    if header.count(chosen) > 1:
        raise TokevalError(
            f"{file.title}:1: {header.count(chosen)} columns are called {chosen!r}",
            "rename one of them",
        )
    return header.index(chosen)

"""Tables with a row for each tokenizer: CSV, TSV, or a document of tokeval."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokeval.core.metric import WHOLE_CORPUS
from tokeval.document import Measured, load, metrics_results
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import File, nearest, reading
from tokeval.loaders.opening import open_binary

NAME_COLUMNS = ("tokenizer", "name", "model")
CELL_COLUMNS = ("metric", "tokenizer", "slice", "value")
"""What a CSV that `tokeval metrics --csv` wrote has, one row for each cell."""


@dataclass(frozen=True)
class ScoreTable:
    """Numbers of tokenizers.

    Attributes:
        source: the file, for messages.
        columns: by name, the numbers by tokenizer; a tokenizer without a number is left out.
        tokenizers: all of them, in the file's order.
        texts: columns that are left out, and the first field of each that is no number.
    """

    source: str
    columns: Mapping[str, Mapping[str, float]]
    tokenizers: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Mapping[str, float]:
        """The numbers of one column.

        Raises:
            UsageError: there is none of this name, or it holds no numbers.
        """
        if name in self.columns:
            return self.columns[name]
        if name in self.texts:
            raise UsageError(
                f"the column {name!r} of {self.source} holds {self.texts[name][:40]!r}, no number",
                "choose another column, or leave fields without a number empty",
            )
        near = nearest(name, list(self.columns))
        hint = f"did you mean {near!r}?" if near else f"it has {', '.join(self.columns) or 'none'}"
        raise UsageError(f"{self.source} has no column of numbers {name!r}", hint)


def read_score_table(path: str, *, part: str = WHOLE_CORPUS) -> ScoreTable:
    """The table at a path or URL.

    A `.json` file is a document of tokeval: a column for each metric, on one slice. A CSV or TSV
    has a heading and a row for each tokenizer; the names stand in the column `tokenizer`, `name`
    or `model`, else in the first one. Lines that begin with `#` before the heading are comments.
    A column with text in it is left out. A CSV that `tokeval metrics --csv` wrote is recognised.

    Args:
        path: of the file.
        part: the slice of a document.

    Raises:
        TokevalError: the file cannot be read, or says two things about one tokenizer.
        UsageError: a document has no such slice.
    """
    if path.endswith(".json"):
        return _of_document(path, part)
    heading, rows = _rows(path)
    if set(CELL_COLUMNS) <= set(heading):
        places = [heading.index(name) for name in CELL_COLUMNS]
        cells = [(line, [row[place] for place in places]) for line, row in rows]
        kept = [(line, row) for line, row in cells if row[2] == part]
        if not kept:
            raise _no_slice(path, part, [row[2] for _, row in cells])
        return _of_cells(path, ((row[1], row[0], _number(row[3])) for _, row in kept))
    return _of_rows(path, heading, rows)


def _of_document(path: str, part: str) -> ScoreTable:
    """The cells of one slice of a document."""
    results = metrics_results(load(Path(path)))
    cells = [cell for result in results for cell in result.cells]
    kept = [cell for cell in cells if cell.slice == part]
    if not kept:
        raise _no_slice(path, part, [cell.slice for cell in cells])
    return _of_cells(
        path,
        (
            (
                cell.tokenizer,
                cell.metric,
                cell.value.value if isinstance(cell.value, Measured) else None,
            )
            for cell in kept
        ),
    )


def _no_slice(path: str, part: str, known: Sequence[str]) -> UsageError:
    """The error for a document without a slice."""
    names = ", ".join(dict.fromkeys(known))
    hint = f"choose from {names}" if names else "give a document that `tokeval metrics` wrote"
    return UsageError(f"{path} has no slice {part!r}", hint)


def _of_cells(path: str, cells: Iterator[tuple[str, str, float | None]]) -> ScoreTable:
    """A table of (tokenizer, column, number) triples."""
    columns: dict[str, dict[str, float]] = {}
    names: dict[str, None] = {}
    for tokenizer, column, number in cells:
        names[tokenizer] = None
        numbers = columns.setdefault(column, {})
        if tokenizer in numbers:
            raise TokevalError(
                f"{path} has two values of {column} for {tokenizer!r}", "keep one of them"
            )
        if number is not None:
            numbers[tokenizer] = number
    return ScoreTable(path, {name: held for name, held in columns.items() if held}, tuple(names))


def _of_rows(
    path: str, heading: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> ScoreTable:
    """A table of rows, one for each tokenizer."""
    key = next((heading.index(name) for name in NAME_COLUMNS if name in heading), 0)
    lines: dict[str, int] = {}
    columns: dict[str, dict[str, float]] = {}
    with_text: dict[str, str] = {}
    for line, row in rows:
        tokenizer = row[key].strip()
        if not tokenizer or tokenizer in lines:
            what = f"names {tokenizer!r} again" if tokenizer else "has no tokenizer's name"
            raise TokevalError(f"{path}, line {line} {what}", "give each row a name of its own")
        lines[tokenizer] = line
        for place, text in enumerate(row):
            number = _number(text)
            if place == key or not text.strip():
                continue
            if number is None:
                with_text.setdefault(heading[place], text)
            else:
                columns.setdefault(heading[place], {})[tokenizer] = number
    kept = {name: held for name, held in columns.items() if name not in with_text}
    return ScoreTable(path, kept, tuple(lines), with_text)


def _rows(path: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The heading, and each row with the number of its line."""
    with reading(path), open_binary(File(path)) as file:
        raw = file.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TokevalError(
            f"{path} is not UTF-8 at byte {error.start}", "save it as CSV in UTF-8"
        ) from error
    lines = text.splitlines()
    n_comments = 0
    while n_comments < len(lines) and lines[n_comments].lstrip()[:1] in ("#", ""):
        n_comments += 1
    body = lines[n_comments:]
    separator = "\t" if path.endswith((".tsv", ".tab")) or (body and "\t" in body[0]) else ","
    reader = csv.reader(body, delimiter=separator)
    rows = [(n_comments + reader.line_num, row) for row in reader if row]
    if not rows:
        raise TokevalError(f"{path} holds no table", "give a CSV with a heading")
    heading = [name.strip() for name in rows[0][1]]
    if len(heading) == 1:
        raise TokevalError(
            f"{path} has one column, {heading[0][:60]!r}",
            "separate fields by commas, or by tabs",
        )
    doubles = [name for name in heading if heading.count(name) > 1]
    if doubles:
        raise TokevalError(f"{path} has two columns {doubles[0]!r}", "rename one of them")
    for line, row in rows[1:]:
        if len(row) != len(heading):
            raise TokevalError(
                f"{path}, line {line} has {len(row)} fields; the heading has {len(heading)}",
                "quote fields that hold the separator",
            )
    return heading, rows[1:]


def _number(field: str) -> float | None:
    """A field as a finite number, `None` where it is none."""
    try:
        number = float(field)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

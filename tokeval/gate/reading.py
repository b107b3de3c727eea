"""Files of rules: where the rules stand in a TOML file, each with its lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokeval.errors import UsageError
from tokeval.gate.parsing import parse_rules
from tokeval.gate.rules import Rules, Written

PLACES = (("gate",), ("tool", "tokeval", "gate"))
"""The arrays of tables that rules may be: in a file of tokeval's own, and in pyproject.toml."""

_MARK = "tokeval-line-"

Names = tuple[str, ...]


def read_rules(path: Path, *, shown: str | None = None) -> Rules:
    """The rules of a TOML file: its `[[gate]]` or `[[tool.tokeval.gate]]`, none if it has neither.

    Args:
        path: of the file.
        shown: what messages call it; the path if `None`.

    Raises:
        UsageError: the file cannot be read, is not TOML, or holds a table that is no rule.
    """
    source = str(path) if shown is None else shown
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = f"cannot read the rules {source}: {error.strerror}"
        raise UsageError(what, "check the path") from error
    except UnicodeDecodeError as error:
        what = f"{source} is not UTF-8: {error.reason} at byte {error.start}"
        raise UsageError(what, "save it as UTF-8, as TOML asks for") from error
    return rules_of_text(text, source)


def rules_of_text(text: str, source: str = "") -> Rules:
    """The rules that a TOML text holds.

    Raises:
        UsageError: it is not TOML, or holds a table that is no rule.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" ?\(at (?:line (\d+), column \d+|end of document)\)", str(error))
        what = str(error)[: place.start()] if place else str(error)
        line = place[1] if place and place[1] else str(len(text.splitlines()))
        hint = "write [[gate]], and below it lines as min = 4.5, text in quotes"
        raise UsageError(f"{source or 'rules'}:{line}: not TOML: {what}", hint) from error
    except (ValueError, RecursionError) as error:
        what = "a number of too many digits" if isinstance(error, ValueError) else "too deep lists"
        raise UsageError(
            f"{source or 'rules'} has {what} to be read", "write what the rules need, and no more"
        ) from error
    for names in PLACES:
        tables = _at(document, names)
        if tables is None:
            continue
        if not isinstance(tables, list):
            name = ".".join(names)
            raise UsageError(
                f"{source or 'rules'}: {name} is not a list of rules", f"write [[{name}]]"
            )
        lines = rule_lines(text, names)
        written = [
            Written(table, line, keys) for table, (line, keys) in zip(tables, lines, strict=True)
        ]
        return parse_rules(written, source)
    return Rules((), source)


def rule_lines(text: str, names: Names) -> list[tuple[int, dict[str, int]]]:
    r"""The first line of each table of an array in a valid TOML text, and those of its keys.

    A key is put behind each line that looks like a header of the array and read with the table:
    only a line that is a header gives its table one. Where tables are written otherwise, all
    have the line of the array, 0 if that is not found.

    >>> rule_lines('[[gate]]\nmin = 1\n\n[[gate]]\nmax = 2\n', ("gate",))
    [(1, {'min': 2}), (4, {'max': 5})]
    """
    lines = text.split("\n")
    marked = [
        f"{line}\n{_MARK}{number} = 0" if _is_header(line, names) else line
        for number, line in enumerate(lines, start=1)
    ]
    tables = _at(_tables("\n".join(marked)), names) or _at(tomllib.loads(text), names)
    starts = [_marked_line(table) for table in tables]
    if not all(starts):
        return [(_line_of(lines, re.escape(names[-1])), {}) for _ in tables]
    ends = [*starts[1:], len(lines) + 1]
    return [
        (start, _key_lines(lines, start, end, table))
        for start, end, table in zip(starts, ends, tables, strict=True)
    ]


def _tables(text: str) -> dict[str, Any]:
    """The tables of a TOML text; none where a mark made it something else, as inside a list."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _is_header(line: str, names: Names) -> bool:
    """Whether a line, read by itself, begins a table of the array."""
    if not line.lstrip().startswith("[["):
        return False
    try:
        said: Any = tomllib.loads(line.rstrip())
    except tomllib.TOMLDecodeError:
        return False
    return bool(_at(said, names) == [{}])


def _marked_line(table: Any) -> int:
    """The line that a table was marked with, 0 for none."""
    marks = [key for key in table if key.startswith(_MARK)] if isinstance(table, Mapping) else []
    return int(marks[0].removeprefix(_MARK)) if marks else 0


def _key_lines(lines: Sequence[str], start: int, end: int, table: Any) -> dict[str, int]:
    """The lines of the keys of a table that begins at one line and ends before another."""
    found = {}
    for key in table:
        line = _line_of(lines[start : end - 1], re.escape(key))
        if line and not key.startswith(_MARK):
            found[key] = start + line
    return found


def _line_of(lines: Sequence[str], key: str) -> int:
    """The first of the lines that sets a key or begins the table of it, from 1; 0 for none."""
    sets = re.compile(rf"""\s*(?:\[?[\w.\s]+\.\s*)?["']?{key}["']?\s*[\].=]""")
    return next((number for number, line in enumerate(lines, start=1) if sets.match(line)), 0)


def _at(tables: Any, names: Names) -> Any:
    """What stands at a place, `None` where there is nothing."""
    for name in names:
        tables = tables.get(name) if isinstance(tables, Mapping) else None
    return tables

"""Configuration files: where they are looked for, and what they hold, each key with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokeval.errors import UsageError

FILE_NAME = "tokeval.toml"
PROJECT_FILE = "pyproject.toml"
REPOSITORIES = (".git", ".hg", ".jj")
"""What the root of a repository holds; `.git` is a file in worktrees and submodules."""

KeyPath = tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where a setting stands: a file and a line from 1 on, 0 where it is unknown."""

    path: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}" if self.line else shown(self.path)


@dataclass(frozen=True)
class Setting:
    """A value as TOML has it, with the place and the name that it has there."""

    value: Any
    origin: Origin
    key: str


@dataclass(frozen=True)
class ConfigFile:
    """A file that was read.

    Attributes:
        path: absolute.
        tables: what it holds for tokeval, nested as in TOML.
        lines: where each key and each table begins, by its names from the outside in.
    """

    path: Path
    tables: Mapping[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def origin(self, *names: str) -> Origin:
        """Where a key stands, or else the innermost table around it that has a line."""
        for length in range(len(names), 0, -1):
            if names[:length] in self.lines:
                return Origin(self.path, self.lines[names[:length]])
        return Origin(self.path)


@dataclass(frozen=True)
class Configuration:
    """The files that were read, the one whose keys win first."""

    files: tuple[ConfigFile, ...] = ()


def read_configuration(chosen: Path | None = None, *, start: Path | None = None) -> Configuration:
    """What the configuration files say.

    Args:
        chosen: the only file to read; one called `pyproject.toml` is read as such.
        start: folder from which files are looked for without one; the working directory if `None`.

    Raises:
        UsageError: a file cannot be read, or is not TOML; says which one and where.
    """
    if chosen is not None:
        path = chosen.expanduser().absolute()
        read = _project_table(path) if path.name == PROJECT_FILE else _whole_file(path)
        return Configuration((read,) if read is not None else ())
    here = start or _working_directory()
    for folder in searched_folders(here) if here is not None else ():
        own, project = folder / FILE_NAME, folder / PROJECT_FILE
        found = [
            _whole_file(own) if own.is_file() else None,
            _project_table(project) if project.is_file() else None,
        ]
        files = tuple(one for one in found if one is not None)
        if files:
            return Configuration(files)
    return Configuration()


def searched_folders(start: Path) -> list[Path]:
    """The folders that files are looked for in, nearest first.

    They go up to the root of the repository, or to below the home directory. Outside of both only
    the first folder is searched: files of others, such as in `/tmp`, must not have a say.
    """
    here = start.absolute()
    above = [here, *here.parents]
    for number, folder in enumerate(above):
        if any((folder / name).exists() for name in REPOSITORIES):
            return above[: number + 1]
    home = _home()
    if home is not None and home in here.parents:
        return above[: above.index(home)]
    return [here]


def shown(path: Path) -> str:
    """The path as messages show it: from the working directory, where it is below that."""
    here = _working_directory()
    return str(path.relative_to(here) if here is not None and here in path.parents else path)


def _working_directory() -> Path | None:
    """The working directory, if it is still there."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _home() -> Path | None:
    """The home directory, if there is one."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _whole_file(path: Path) -> ConfigFile:
    """All of a file that is tokeval's own."""
    text = _text(path)
    tables = _parsed(path, text)
    return ConfigFile(path, tables, dict(key_lines(text)) if tables else {})


def _project_table(path: Path) -> ConfigFile | None:
    """The part of a pyproject.toml that is tokeval's; `None` where it has none."""
    text = _text(path)
    # Others edit this file too: it is only parsed, and complained about, where it names tokeval.
    if "tokeval" not in text:
        return None
    tool = _parsed(path, text).get("tool", {})
    tables = tool.get("tokeval") if isinstance(tool, dict) else None
    if tables is None:
        return None
    lines = {names[2:]: line for names, line in key_lines(text) if names[:2] == ("tool", "tokeval")}
    if not isinstance(tables, dict):
        origin = Origin(path, lines.get((), 0))
        raise UsageError(f"{origin}: tool.tokeval is not a table", "write it as [tool.tokeval]")
    return ConfigFile(path, tables, lines)


def _text(path: Path) -> str:
    """The text of a file."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"cannot read the configuration {shown(path)}: {error.strerror}",
            "check the path, or leave out --config",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{shown(path)} is not UTF-8: {error.reason} at byte {error.start}",
            "save it as UTF-8, as TOML asks for",
        ) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    """What a TOML text says.

    Raises:
        UsageError: it is not TOML; says in which line.
    """
    import tomllib  # not before there is a file: `tokeval --help` is to be instant

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" ?\(at (?:line (\d+), column \d+|end of document)\)", str(error))
        what = str(error)[: place.start()] if place else str(error)
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        raise UsageError(
            f"{Origin(path, line)}: not TOML: {what}",
            'write settings as name = value, text in quotes: words = "uax29"',
        ) from error
    except (ValueError, RecursionError) as error:
        what = "a number of too many digits" if isinstance(error, ValueError) else "too deep lists"
        raise UsageError(
            f"{path} has {what} to be read", "write what the settings need, and no more"
        ) from error


def key_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    r"""The first line of every key and table of a valid TOML text, by its names.

    A statement is the fewest lines that parse by themselves: brackets and quotes that are still
    open make a beginning of one invalid. Tables in arrays share the names of the array.

    >>> list(key_lines('[metrics]\ncorpus = [\n  "a",\n]\nalpha = 1.0\n'))
    [(('metrics',), 1), (('metrics', 'corpus'), 2), (('metrics', 'alpha'), 5)]
    """
    import tomllib

    inside: KeyPath = ()
    seen: set[KeyPath] = set()
    statement, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        if not statement:
            first = number
        statement += line + "\n"
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            inside = next(iter(_names(said, leaves_only=True)), ())
            said = _nested(inside)
            names = _names(said)
        else:
            names = (inside + one for one in _names(said))
        for one in names:
            if one not in seen:
                seen.add(one)
                yield one, first
        statement = ""


def _names(said: Mapping[str, Any], *, leaves_only: bool = False) -> Iterator[KeyPath]:
    """The names of all that a statement sets, from the outside in."""
    for name, value in said.items():
        inner = value[0] if isinstance(value, list) and value and len(value) == 1 else value
        nested = inner if isinstance(inner, dict) and inner else {}
        if not (leaves_only and nested):
            yield (name,)
        for rest in _names(nested, leaves_only=leaves_only):
            yield (name, *rest)


def _nested(names: KeyPath) -> dict[str, Any]:
    """Tables within tables of these names."""
    said: dict[str, Any] = {}
    for name in reversed(names):
        said = {name: said}
    return said


def environment_name(*names: str) -> str:
    """The environment variable of an option of a command.

    >>> environment_name("probe", "count", "max-new-tokens")
    'TOKEVAL_PROBE_COUNT_MAX_NEW_TOKENS'
    """
    return "_".join(("tokeval", *names)).replace("-", "_").upper()

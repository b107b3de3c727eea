"""Finding the files of a corpus on disk: folders, patterns, and what is at a path."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Literal

from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import File, nearest, reading

PASSED_OVER = ("__pycache__",)
MAGIC = frozenset("*?[")


def kind_of_place(path: str) -> Literal["file", "folder", "pipe", "missing"]:
    """What is at a path: a pipe is anything that can be read once only.

    Raises:
        TokevalError: the path may not be looked at.
    """
    try:
        with reading(path):
            mode = Path(path).stat().st_mode
    except TokevalError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return "missing"
        raise
    except ValueError as error:
        raise UsageError(
            f"{path!r} is not a path: {error}", "name a file or a folder that exists"
        ) from error
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "pipe"


def local_file(path: str) -> File:
    """The file at a path, with its size."""
    with reading(path):
        return File(path, n_bytes=Path(path).stat().st_size)


def walk_folder(folder: str) -> dict[str, File]:
    """The files below a folder by relative path, in the order of these; hidden ones left out.

    Raises:
        TokevalError: a folder or a file in it may not be looked at.
    """
    found: dict[str, File] = {}
    with reading(folder):
        for at, subfolders, names in os.walk(folder, onerror=_raise):
            subfolders[:] = filter(_is_seen, subfolders)
            for name in filter(_is_seen, names):
                path = Path(at, name)
                if not path.exists():
                    raise TokevalError(f"{path}: a link to nothing", "remove it or mend it")
                if path.is_file():
                    relative = path.relative_to(folder).as_posix()
                    found[relative] = File(str(path), n_bytes=path.stat().st_size)
    return dict(sorted(found.items(), key=lambda item: item[0].split("/")))


def subfolders_of(folder: str) -> list[str]:
    """The names of the folders directly in a folder, sorted; hidden ones left out."""
    with reading(folder):
        return sorted(
            path.name for path in Path(folder).iterdir() if path.is_dir() and _is_seen(path.name)
        )


def match_pattern(pattern: str) -> dict[str, File]:
    """The files that a pattern matches, by their path below its fixed part, sorted.

    Hidden files and folders are left out unless a part of the pattern begins with a dot.

    Raises:
        UsageError: the pattern is malformed.
    """
    fixed, rest = _split_pattern(pattern)
    try:
        with reading(pattern):
            paths = [path for path in fixed.glob(str(rest)) if path.is_file()]
    except (ValueError, NotImplementedError) as error:
        raise UsageError(
            f"{pattern}: malformed pattern: {error}",
            "write `**` as a whole part of the path, as in data/**/*.txt",
        ) from error
    wants_hidden = any(part.startswith(".") for part in rest.parts)
    found = {}
    for path in paths:
        relative = path.relative_to(fixed)
        if wants_hidden or all(map(_is_seen, relative.parts)):
            found[relative.as_posix()] = File(str(path), n_bytes=path.stat().st_size)
    return dict(sorted(found.items(), key=lambda item: item[0].split("/")))


def has_magic(path: str) -> bool:
    """Whether a path is a pattern: `*`, `?` or `[`, and no file or folder of that very name."""
    return not MAGIC.isdisjoint(path) and not Path(path).exists()


def missing_place(path: str) -> TokevalError:
    """The error for a path where nothing is, with the nearest name that exists, if any."""
    at = Path(path)
    while not at.parent.is_dir() and at.parent != at:
        at = at.parent
    message = f"{path}: no such file or folder"
    if str(at) != str(Path(path)):
        message += f": there is no folder {at}"
    with reading(str(at.parent)):
        names = [entry.name for entry in at.parent.iterdir()]
    near = nearest(at.name, names)
    hint = f"did you mean {at.parent / near}?" if near else "check the path"
    return TokevalError(message, hint)


def _split_pattern(pattern: str) -> tuple[Path, PurePath]:
    """The fixed part of a pattern and the rest, which begins with the first part with magic."""
    parts = PurePath(pattern).parts
    first = next(i for i, part in enumerate(parts) if not MAGIC.isdisjoint(part))
    return Path(*parts[:first]), PurePath(*parts[first:])


def _is_seen(name: str) -> bool:
    """Whether a name is neither hidden nor a folder that never holds text."""
    return not name.startswith(".") and name not in PASSED_OVER


def _raise(error: OSError) -> Iterator[None]:
    """Raises what os.walk would pass over."""
    raise error

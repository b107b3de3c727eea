"""Which files a dump is made of: paths and patterns become files that can be mapped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import is_url
from tokeval.loaders.local_files import (
    has_magic,
    kind_of_place,
    local_file,
    match_pattern,
    missing_place,
)


def find_files(paths: str | Path | Sequence[str | Path]) -> list[str]:
    """The files of a dump: of each path or pattern in turn, those of a pattern sorted by name.

    Raises:
        TokevalError: nothing is there, it is a folder or a pipe, or a file is empty.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise UsageError("no file of tokens is given", "name a file or a pattern")
    found = [file for path in given for file in _files_at(str(path))]
    for file in found:
        if not local_file(file).n_bytes:
            raise TokevalError(f"{file}: an empty file", "write it again, or leave it out")
    return found


def _files_at(path: str) -> list[str]:
    """The files that one path or pattern stands for."""
    if is_url(path):
        raise UsageError(f"{path}: a dump is mapped into memory, not fetched", "download it first")
    if has_magic(path):
        matching = [file.path for file in match_pattern(path).values()]
        if not matching:
            raise TokevalError(f"{path}: no file matches", "check the pattern")
        return matching
    kind = kind_of_place(path)
    if kind == "missing":
        raise missing_place(path)
    if kind == "folder":
        raise TokevalError(
            f"{path}: a folder, not a dump", f"name the files in it, such as '{Path(path)}/*.npy'"
        )
    if kind == "pipe":
        raise TokevalError(
            f"{path}: a pipe, which can be read once only", "write it to a file first"
        )
    return [path]

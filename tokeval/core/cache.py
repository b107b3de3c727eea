"""The cache on disk: entries by the hash of what they were made from, checked when read.

An entry is a file `KEY.entry` in the folder of its kind: a mark, a sha256 over its kind, its key
and its content, and the content. What is damaged, cut short or lies under another key is not found.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tokeval.errors import UsageError

KINDS = {
    "evidence": "what a tokenizer's tokens on a piece of text count to",
    "results": "whole results of `tokeval metrics`",
    "tokenizers": "which tokenizer a file holds",
    "replays": "merges replayed for data-mixture inference",
}
"""The folders of entries. Numba keeps its machine code beside them, in a format of its own;
so lie there the kinds of characters, which are asked of each library once."""

DIRECTORY_VARIABLE = "TOKEVAL_CACHE_DIR"
SIZE_VARIABLE = "TOKEVAL_CACHE_MAX_SIZE"
DEFAULT_MAX_BYTES = 4_000_000_000
"""About the evidence of ten tokenizers on a gigabyte of text."""

SUFFIX = ".entry"
PART_SUFFIX = ".part"
ABANDONED_SECONDS = 3600.0
"""A part of an entry that is older belongs to a process that was killed."""

_MARK = b"tokeval1"
_DIGEST_SIZE = hashlib.sha256().digest_size
_HEAD_SIZE = len(_MARK) + _DIGEST_SIZE
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def cache_directory() -> Path:
    """The directory that everything tokeval may throw away lies in; it need not exist.

    `TOKEVAL_CACHE_DIR` where it is set, else `tokeval` in the user's cache directory.
    """
    chosen = os.environ.get(DIRECTORY_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    return _user_cache_directory() / "tokeval"


def max_bytes() -> int:
    """How large all entries together may grow: `TOKEVAL_CACHE_MAX_SIZE`, by default 4 GB.

    With 0, nothing is kept and nothing is looked up.

    Raises:
        UsageError: the variable is no size.
    """
    text = os.environ.get(SIZE_VARIABLE)
    return parse_size(text, SIZE_VARIABLE) if text else DEFAULT_MAX_BYTES


def parse_size(text: str, title: str) -> int:
    """The bytes that a size stands for: a number, alone or with B, KB, MB, GB or TB.

    Args:
        text: such as `500MB`.
        title: where it was given, for the message.

    Raises:
        UsageError: it is no size.

    >>> parse_size("1.5 GB", "--max-size"), parse_size("0", "--max-size")
    (1500000000, 0)
    """
    plain = text.strip().upper()
    unit = next((unit for unit in reversed(_UNITS) if plain.endswith(unit)), "")
    try:
        size = float(plain.removesuffix(unit)) * _UNITS.get(unit, 1)
        n_bytes = int(size)
    except (ValueError, OverflowError):
        n_bytes = -1
    if n_bytes < 0:
        raise UsageError(f"{title} {text!r} is no size", "write it as 500MB or 4GB")
    return n_bytes


@dataclass(frozen=True)
class Entry:
    """A file of the cache: its kind, its path, its size and when it was last used."""

    kind: str
    path: Path
    n_bytes: int
    used: float


@dataclass(frozen=True)
class Cache:
    """Entries of one kind in one folder; safe with several readers and writers at a time.

    Attributes:
        kind: one of KINDS.
        folder: made when the first entry is kept.
    """

    kind: str
    folder: Path

    @classmethod
    def of(cls, kind: str) -> Cache | None:
        """The entries of a kind in the cache directory; `None` where its size is to be 0."""
        return cls(kind, cache_directory() / kind) if max_bytes() else None

    def path(self, key: str) -> Path:
        """Where the entry of a key is, when there is one."""
        return self.folder / f"{key}{SUFFIX}"

    def get(self, key: str) -> bytes | None:
        """The content of an entry; `None` where there is none, or a damaged one."""
        path = self.path(key)
        content = _content(path, self.kind)
        if content is not None:
            # Least recently used goes first; a read-only cache does not learn of it.
            with suppress(OSError):
                os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> bool:
        """Keeps an entry, whole or not at all; whether that was possible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=PART_SUFFIX)
        except OSError:
            return False
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                target.write(_MARK + _digest(self.kind, key, content))
                target.write(content)
            part.replace(self.path(key))
        except OSError:
            with suppress(OSError):
                part.unlink()
            return False
        return True


def key_of(*parts: str | bytes | int | None) -> str:
    """The sha256 in hexadecimal of some parts, none of which can pass for another sequence.

    >>> key_of("ab", "c") == key_of("a", "bc"), key_of("1") == key_of(1), key_of(None) == key_of("")
    (False, False, False)
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(f"{type(part).__name__} {len(raw)} ".encode())
        digest.update(raw)
    return digest.hexdigest()


def entries(directory: Path) -> list[Entry]:
    """All entries of a cache directory, by kind and name."""
    return [
        Entry(kind, path, status.st_size, status.st_mtime)
        for kind in KINDS
        for path, status in _files(directory / kind, SUFFIX)
    ]


def damaged(found: Iterable[Entry]) -> list[Entry]:
    """Those of some entries that are not what was kept under their names."""
    return [entry for entry in found if _content(entry.path, entry.kind) is None]


def delete(found: Iterable[Entry]) -> list[Entry]:
    """Removes entries; returns those that are gone."""
    gone = []
    for entry in found:
        with suppress(OSError):
            entry.path.unlink(missing_ok=True)
            gone.append(entry)
    return gone


def trim(directory: Path, n_bytes: int) -> list[Entry]:
    """Removes the least recently used entries until so many bytes are left; returns those gone.

    Parts that killed processes left behind go too.
    """
    _remove_abandoned(directory)
    found = entries(directory)
    excess = sum(entry.n_bytes for entry in found) - n_bytes
    leaving = []
    for entry in sorted(found, key=lambda entry: (entry.used, entry.path.name)):
        if excess <= 0:
            break
        leaving.append(entry)
        excess -= entry.n_bytes
    return delete(leaving)


def can_be_written(directory: Path) -> bool:
    """Whether a file can be put there; makes the directory."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


def _content(path: Path, kind: str) -> bytes | None:
    """The content of an entry that is whole and lies under its own key."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = raw[_HEAD_SIZE:]
    expected = _MARK + _digest(kind, path.name.removesuffix(SUFFIX), content)
    return content if raw[:_HEAD_SIZE] == expected else None


def _digest(kind: str, key: str, content: bytes) -> bytes:
    """sha256 over the content and where it belongs."""
    digest = hashlib.sha256(f"{kind} {key}\n".encode())
    digest.update(content)
    return digest.digest()


def _files(folder: Path, suffix: str) -> Iterator[tuple[Path, os.stat_result]]:
    """The files of a folder with a suffix, by name; none where there is no such folder."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(suffix))
    except OSError:
        return
    for path in paths:
        with suppress(OSError):  # another process may just have removed it
            yield path, path.stat()


def _remove_abandoned(directory: Path) -> None:
    """Removes parts of entries that nobody finishes any more."""
    oldest = time.time() - ABANDONED_SECONDS
    for kind in KINDS:
        for path, status in _files(directory / kind, PART_SUFFIX):
            if status.st_mtime < oldest:
                with suppress(OSError):
                    path.unlink()


def _user_cache_directory() -> Path:
    """Where the operating system wants caches: XDG, `~/Library/Caches` or `%LOCALAPPDATA%`."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    name = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    # The XDG specification has relative paths ignored.
    if (value := os.environ.get(name)) and Path(value).is_absolute():
        return Path(value)
    return Path.home() / ("AppData/Local" if sys.platform == "win32" else ".cache")

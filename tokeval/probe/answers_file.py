"""The file that keeps answers as they arrive: JSON lines, one process at a time.

The first line binds the file to a data set by the sha256 of its questions. Every other line is what
came of one request, under a key that is the sha256 of the model, the prompt and the parameters, so
that a run that was stopped goes on where it was, and no answer is taken for that of another model.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec

from tokeval.errors import TokevalError, UsageError
from tokeval.probe.model import Answer, Failure, Generation

_FORMAT = 1
_START = b'{"tokeval_answers":'
_ANOTHER = "give another --results file, or delete this one"


class Header(msgspec.Struct, frozen=True):
    """The first line: the version of the format, and the data set."""

    tokeval_answers: int
    items_sha256: str


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of one request.

    Attributes:
        key: of the model, the prompt and the parameters.
        id: of the question, for readers.
        answer: what the model wrote; `None` where it failed.
        failure: why it failed.
    """

    key: str
    id: str
    answer: Answer | None = None
    failure: Failure | None = None


def answer_key(identity: str, prompt: str, generation: Generation) -> str:
    """The key of an answer, hex: of everything that it depends on."""
    # A temperature of 0 and of 0.0 are one, and written in two ways.
    settings = replace(generation, temperature=float(generation.temperature))
    return hashlib.sha256(msgspec.json.encode([identity, prompt, settings])).hexdigest()


class AnswersFile:
    """The answers of a file that is open, and a place for more."""

    def __init__(self, file: IO[bytes], answers: dict[str, Answer], n_dropped: int) -> None:
        self._file = file
        self.answers = answers
        """By key; failures are not among them."""
        self.n_dropped = n_dropped
        """Bytes of an unfinished last line that were dropped."""

    def append(self, line: Line) -> None:
        """Keep what came of a request, so that it outlives this process.

        Raises:
            TokevalError: the file cannot be written.
        """
        try:
            write_all(self._file, msgspec.json.encode(line) + b"\n")
        except OSError as error:
            raise TokevalError(
                f"cannot write {self._file.name}: {error.strerror or error}",
                "make room, then run the same command again: it goes on from here",
            ) from error
        if line.answer is not None:
            self.answers[line.key] = line.answer


@contextmanager
def open_answers(path: Path, items_sha256: str) -> Iterator[AnswersFile]:
    """The answers file of a data set, made where there is none, locked while it is open.

    A last line without an end is what a process left that was killed while it wrote: it is dropped.

    Raises:
        TokevalError: the file is another one, is damaged, or cannot be read or written.
        UsageError: it belongs to another data set, or another process is using it.
    """
    if path.exists() and not path.is_file():
        raise TokevalError(
            f"cannot write {path}: it is no file that can be read again",
            "choose another --results file",
        )
    with _written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without a buffer nothing is left to be written when it is closed on a full disk.
        file = path.open("a+b", buffering=0)
    with file:
        _lock(file, path)
        with _written(path):
            kept = _begun(file, path, items_sha256)
        yield kept


def _begun(file: IO[bytes], path: Path, items_sha256: str) -> AnswersFile:
    """The answers in an open file, of which an unfinished end is dropped, and a place for more."""
    file.seek(0)
    held = file.read()
    whole = held[: held.rfind(b"\n") + 1]
    if not whole and not (held.startswith(_START) or _START.startswith(held)):
        raise _not_ours(path)
    answers = _read(whole, path, items_sha256) if whole else {}
    if len(whole) < len(held):
        file.truncate(len(whole))
    if not whole:
        write_all(file, msgspec.json.encode(Header(_FORMAT, items_sha256)) + b"\n")
    return AnswersFile(file, answers, len(held) - len(whole))


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Turn a file that cannot be opened, read or begun into one line."""
    try:
        yield
    except OSError as error:
        raise TokevalError(
            f"cannot write {path}: {error.strerror or error}", "choose another --results file"
        ) from error


def write_all(file: IO[bytes], content: bytes) -> None:
    """Write bytes to a file without a buffer, which may take a part of them at a time."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def _read(held: bytes, path: Path, items_sha256: str) -> dict[str, Answer]:
    """The answers by key in whole lines, after their header was checked."""
    first, *lines = held.splitlines()
    try:
        header = msgspec.json.decode(first, type=Header)
    except msgspec.DecodeError:
        raise _not_ours(path) from None
    if header.tokeval_answers != _FORMAT:
        raise UsageError(
            f"{path} has format {header.tokeval_answers}, and this version reads {_FORMAT}",
            _ANOTHER,
        )
    if header.items_sha256 != items_sha256:
        raise UsageError(
            f"{path} holds answers to other questions: its data set is"
            f" {header.items_sha256[:12]}, this one is {items_sha256[:12]}",
            "repeat the options of the run that began it, or give another --results file",
        )
    decoder = msgspec.json.Decoder(Line)
    answers: dict[str, Answer] = {}
    for number, line in enumerate(lines, start=2):
        try:
            read = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TokevalError(
                f"{path}, line {number}: no answer can be read: {error}",
                "delete this line: its question is then asked again",
            ) from None
        if read.answer is not None:
            answers[read.key] = read.answer
    return answers


def _not_ours(path: Path) -> TokevalError:
    """The error for a file that we did not begin, and therefore leave as it is."""
    return TokevalError(f"{path} is no file of answers", _ANOTHER)


def _lock(file: IO[bytes], path: Path) -> None:
    """Take the file for this process until it is closed; the end of the process frees it too."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # Locked bytes cannot be read by others, so one is taken far behind the end.
            file.seek(1 << 40)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # on POSIX, on Windows
        raise UsageError(
            f"{path} is in use by another process", "wait for it, or give another --results file"
        ) from None
    except OSError as error:  # some network file systems have no locks
        raise TokevalError(
            f"cannot lock {path}: {error.strerror or error}",
            "give a --results file on a disk of this machine",
        ) from error

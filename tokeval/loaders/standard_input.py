"""Standard input and pipes: read once into a temporary file, so that they can be read again."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from tokeval.errors import UsageError
from tokeval.loaders.corpus_files import File, reading

COPY_BYTES = 1 << 20


def spool_standard_input() -> File:
    """Standard input as a file; waits for its end.

    Raises:
        UsageError: standard input is closed.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("standard input is closed", "pipe text into it, or name a file")
    return _spool(sys.stdin.buffer, "standard input")


def spool_pipe(path: str) -> File:
    """What comes out of a named pipe or a process substitution, as a file; waits for its end."""
    with reading(path), Path(path).open("rb") as stream:
        return _spool(stream, path)


def _spool(stream: BinaryIO, shown: str) -> File:
    """A copy of a stream on disk, removed when the program ends."""
    with reading(shown), tempfile.NamedTemporaryFile(prefix="tokeval-", delete=False) as copy:
        path = Path(copy.name)
        atexit.register(path.unlink, missing_ok=True)
        shutil.copyfileobj(stream, copy, COPY_BYTES)
    return File(str(path), n_bytes=path.stat().st_size, shown=shown)

"""Opening a file, local or behind a URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tokeval.loaders.corpus_files import File, is_url, reading
from tokeval.loaders.url_files import opened_url


@contextmanager
def open_binary(file: File) -> Iterator[BinaryIO]:
    """The stored bytes of a file, from the start, until the context ends.

    Raises:
        TokevalError: it cannot be opened or read.
    """
    with reading(file.title):
        if is_url(file.path):
            with opened_url(file.path) as stored:
                yield stored
        else:
            with Path(file.path).open("rb") as stored:
                yield stored

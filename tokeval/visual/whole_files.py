"""Files of the visual commands that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tokeval.errors import TokevalError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """An open file that takes its place at the path when the context ends without an error.

    Until then it has a temporary name in the same folder; whatever goes wrong, an interruption
    too, that name is gone afterwards and an old file at the path is as it was.

    Raises:
        TokevalError: the folder takes no files, or the disk is full.
    """
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise TokevalError(
            f"cannot write {path}: {error.strerror or error}",
            "choose a path in a folder that takes files, on a disk with space left",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)

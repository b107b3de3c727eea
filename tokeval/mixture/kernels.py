"""Decorators that compile a function with numba and keep the machine code in the user's cache."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tokeval import __version__
from tokeval.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def cache_directory() -> Path:
    """The directory that everything tokeval may throw away lies in; it need not exist.

    `TOKEVAL_CACHE_DIR` where it is set, else `tokeval` in the user's cache directory.
    """
    chosen = os.environ.get("TOKEVAL_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    return _user_cache_directory() / "tokeval"


def kernel(function: F) -> F:
    """The function compiled by numba for the types of its first call, without the interpreter.

    Compiling takes seconds, so the machine code is kept in `NUMBA_CACHE_DIR`, by default `numba`
    in the cache directory: never beside the sources. Where that cannot be written, nothing is kept.
    """
    compiled: F = _numba.njit(cache=_KEEPS_MACHINE_CODE, nogil=True)(function)
    return compiled


def lean_kernel(function: F) -> F:
    """What `kernel` returns, several times faster where arrays are used all over, but not made.

    References to arrays are not counted in it, so that it may neither create one nor take a slice.
    """
    compiled: F = _numba.njit(cache=_KEEPS_MACHINE_CODE, nogil=True, _nrt=False)(function)
    return compiled


def inlined(function: F) -> F:
    """The function compiled into each kernel that calls it, for what is called at every symbol."""
    compiled: F = _numba.njit(inline="always", nogil=True)(function)
    return compiled


def _user_cache_directory() -> Path:
    """Where the operating system wants caches: XDG, `~/Library/Caches` or `%LOCALAPPDATA%`."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    name = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    # The XDG specification has relative paths ignored.
    if (value := os.environ.get(name)) and Path(value).is_absolute():
        return Path(value)
    return Path.home() / ("AppData/Local" if sys.platform == "win32" else ".cache")


def _import_numba() -> Any:
    """Numba, told where to keep machine code.

    Raises:
        UsageError: it is not installed.
    """
    # Set before the import, which reads it, and for the processes that this one starts. What other
    # versions kept may name classes that are gone, which numba does not survive.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_directory() / "numba" / __version__))
    try:
        numba = importlib.import_module("numba")
    except ImportError as error:
        raise UsageError(
            "data-mixture inference needs numba, which is not installed",
            "install it with `pip install 'tokeval[mixture]'`",
        ) from error
    # Another package may have imported numba before the variable was set.
    numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]
    return numba


def _can_be_written(directory: Path) -> bool:
    """Whether a file can be put there; makes the directory."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


_numba = _import_numba()
# Numba's own way out is to write beside the sources.
_KEEPS_MACHINE_CODE = _can_be_written(Path(os.environ["NUMBA_CACHE_DIR"]))

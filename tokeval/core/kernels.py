"""Decorators that compile a function with numba and keep the machine code in the user's cache."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tokeval import __version__
from tokeval.core.cache import cache_directory, can_be_written

F = TypeVar("F", bound=Callable[..., Any])


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


def _import_numba() -> Any:
    """Numba, told where to keep machine code."""
    # Set before the import, which reads it, and for the processes that this one starts. What other
    # versions kept may name classes that are gone, which numba does not survive.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_directory() / "numba" / __version__))
    numba = importlib.import_module("numba")
    # Another package may have imported numba before the variable was set.
    numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]
    return numba


_numba = _import_numba()
# Numba's own way out is to write beside the sources.
_KEEPS_MACHINE_CODE = can_be_written(Path(os.environ["NUMBA_CACHE_DIR"]))

"""What runs in a Dask worker: a function that is sent once, and its versions compared."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin

import tokeval
from tokeval.core.program_version import COUNTING, program_version
from tokeval.errors import TokevalError

LIBRARIES = ("tokenizers", "tiktoken", "sentencepiece", "regex", "pyicu-wheels", "numpy")
"""Libraries that numbers can depend on."""

Versions = Mapping[str, str]

_pickled: dict[str, tuple[bytes, Versions]] = {}
_functions: dict[str, Callable[[Any], Any]] = {}
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Served(WorkerPlugin):
    """A function for every worker, those that come later included.

    Attributes:
        key: what tasks call it by.
        pickled: the function.
        versions: those that a worker must have.
    """

    key: str
    pickled: bytes
    versions: Versions

    def setup(self, worker: Worker) -> None:
        """Takes the function, still pickled: an error belongs to a task that can report it."""
        _pickled[self.key] = (self.pickled, self.versions)

    def teardown(self, worker: Worker) -> None:
        """Lets go of the function."""
        _pickled.pop(self.key, None)
        _functions.pop(self.key, None)


def call(key: str, pickled_chunk: bytes) -> bytes:
    """What the function returns for a chunk, pickled; threads of one worker take turns.

    Raises:
        TokevalError: this worker has other versions than the process that sent the function.
    """
    with _one_at_a_time:
        if key not in _functions:
            _functions[key] = _loaded(key)
        # What is loaded is what the client has written; it may run any code here anyway.
        return pickle.dumps(_functions[key](pickle.loads(pickled_chunk)))  # noqa: S301


def _loaded(key: str) -> Callable[[Any], Any]:
    """The function, in a worker that can run it.

    Raises:
        TokevalError: other versions.
    """
    pickled, wanted = _pickled[key]
    require_same(versions(), wanted, where="a worker")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    loaded: Callable[[Any], Any] = pickle.loads(pickled)  # noqa: S301 - as in `call`
    return loaded


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Names and versions of everything that numbers can depend on."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    # The hash of the sources tells two states of one version apart.
    found["tokeval"] = f"{tokeval.__version__} ({program_version(COUNTING)[-8:]})"
    return tuple(found.items())


def versions() -> dict[str, str]:
    """The versions that a client and its workers must share, by name."""
    return dict(_versions())


def require_same(found: Versions, wanted: Versions, *, where: str) -> None:
    """Raises TokevalError with the first of the versions that differ."""
    for name, own in wanted.items():
        if found.get(name) != own:
            raise TokevalError(
                f"{where} has {name} {found.get(name)}, but this process has {own}: the numbers "
                "could differ",
                "install the same versions on all workers",
            )


def can_read(path: str, n_bytes: int | None) -> bool:
    """Whether this machine has a file of that size there."""
    try:
        found = Path(path).stat()
    except OSError:
        return False
    return n_bytes is None or found.st_size == n_bytes

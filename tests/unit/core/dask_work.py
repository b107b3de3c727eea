"""Functions that Dask workers import."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass

_loads = 0
_working = 0
_lock = threading.Lock()


def _counted() -> Loading:
    """The function, counted each time that it is unpickled in this process."""
    global _loads
    _loads += 1
    return Loading()


class Loading:
    """Tells which process it runs in and how often it was unpickled there."""

    def __reduce__(self) -> tuple[object, ...]:
        return (_counted, ())

    def __call__(self, chunk: int) -> tuple[int, int, str | None]:
        return os.getpid(), _loads, os.environ.get("TOKENIZERS_PARALLELISM")


def slow_square(number: int) -> tuple[int, int]:
    """The square of a number, some milliseconds later, and which process found it."""
    time.sleep(0.02)
    return number * number, os.getpid()


def at_once(number: int) -> int:
    """How many calls are under way in this process, this one included."""
    global _working
    with _lock:
        _working += 1
        seen = _working
    time.sleep(0.01)
    with _lock:
        _working -= 1
    return seen


@dataclass(frozen=True)
class Failing:
    """Raises what it is given."""

    error: Exception

    def __call__(self, chunk: int) -> int:
        raise self.error

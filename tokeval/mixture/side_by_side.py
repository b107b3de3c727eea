"""Running a function over a few items in threads.

What takes long in a linear program, HiGHS and compiled kernels, lets other threads run meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MAX_THREADS = 8
"""Each holds a history and a program of its own."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    function: Callable[[Item], Result], items: Sequence[Item], *, jobs: int | None = None
) -> Iterator[Result]:
    """What the function returns for each item, in the order of the items.

    Nothing that has not begun is begun after an error, or when the caller stops.

    Args:
        function: may run in several threads at once.
        items: each is handled by one thread.
        jobs: number of threads; all cores, up to MAX_THREADS, when `None`.
    """
    pool = ThreadPoolExecutor(jobs or min(os.cpu_count() or 1, MAX_THREADS))
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)

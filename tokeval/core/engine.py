"""Running one function over many chunks: in this process, or in several; results come in order."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from typing import Any, TypeVar

from tokeval.errors import TokevalError, UsageError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

ENGINES = ("serial", "processes")

LARGE_BYTES = 16 << 20
"""From this size on, starting worker processes pays."""


CHUNKS_PER_TASK = 4
"""Neighbours go to one worker, for what it remembers of one chunk serves the next."""


def prepare_processes() -> None:
    """Starts the server that workers are forked from, so that it imports while others load."""
    if sys.platform == "win32":
        return
    _process_context()
    # The server inherits the mask: Ctrl-C while it imports is the parent's matter alone.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def choose_engine(n_bytes: int | None) -> str:
    """The engine for so much text (`None`: unknown): processes where they pay."""
    is_large = n_bytes is not None and n_bytes >= LARGE_BYTES
    return "processes" if is_large and (os.cpu_count() or 1) > 1 else "serial"


def run(
    function: Callable[[Chunk], Result],
    chunks: Iterable[Chunk],
    *,
    engine: str = "serial",
    jobs: int | None = None,
) -> Iterator[Result]:
    """What the function returns for each chunk, in the order of the chunks.

    Only a few chunks are in memory at a time, however many there are: a function that returns
    what is needed of a chunk lets go of the rest.

    Args:
        function: picklable for `processes`; every worker process gets its own copy once.
        chunks: read lazily.
        engine: `serial` or `processes`.
        jobs: number of worker processes; all cores when `None`.

    Raises:
        UsageError: there is no such engine.
        TokevalError: a worker process died.
    """
    if engine == "serial":
        return map(function, chunks)
    if engine == "processes":
        return _processes(function, chunks, jobs or os.cpu_count() or 1)
    raise UsageError(f"there is no engine {engine!r}", f"choose one of {', '.join(ENGINES)}")


def _processes(
    function: Callable[[Chunk], Result], chunks: Iterable[Chunk], jobs: int
) -> Iterator[Result]:
    """A pool of workers with at most two tasks waiting for each of them.

    Chunks wait pickled: text takes its UTF-8 then, and leaves no gaps among the small objects.
    So does the function, for a worker that made it while it reads would hold up the next one.
    """
    prepare_processes()
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=_process_context(),
        initializer=_start_worker,
        initargs=(pickle.dumps(function),),
    )
    waiting: deque[Future[list[Result]]] = deque()
    stream = iter(chunks)
    try:
        while group := tuple(itertools.islice(stream, CHUNKS_PER_TASK)):
            waiting.append(pool.submit(_call_each, pickle.dumps(group)))
            del group
            if len(waiting) > 2 * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except (KeyboardInterrupt, GeneratorExit):
        # Nobody waits for the tasks that are under way, which can take long.
        _terminate(pool)
        raise
    except BrokenProcessPool as error:
        raise TokevalError(
            "a worker process died, most likely for want of memory",
            "run again with fewer --jobs, or with --engine serial",
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _terminate(pool: ProcessPoolExecutor) -> None:
    """Ends the workers of a pool at once; Python 3.14 has a method for it."""
    for process in list((pool._processes or {}).values()):
        process.terminate()


_function: Callable[[Any], Any] | None = None


def _start_worker(pickled_function: bytes) -> None:
    """Keeps the function in a worker: one thread each, and Ctrl-C is the parent's matter."""
    global _function
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    # What is loaded is what the parent process has just written; so in _call_each.
    _function = pickle.loads(pickled_function)  # noqa: S301


def _call_each(pickled_chunks: bytes) -> list[Any]:
    """What the worker's function returns for each of some chunks."""
    if _function is None:
        raise RuntimeError("the worker process was not started by this engine")
    return [_function(chunk) for chunk in pickle.loads(pickled_chunks)]  # noqa: S301


def _process_context() -> Any:
    """How workers start: forked from a server with everything imported, or spawned."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tokeval.core.counting"])
    return context

"""Running one function over many chunks: here, in several processes, or on a Dask cluster.

Results come in the order of the chunks, and are the same whichever engine it is.
"""

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
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from multiprocessing import forkserver, resource_tracker
from typing import Any, TypeVar

from tokeval.errors import TokevalError, UsageError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

ENGINES = ("serial", "processes", "dask")

DASK_EXTRA = "pip install 'tokeval[dask]'"

LARGE_BYTES = 16 << 20
"""From this size on, starting worker processes pays."""


CHUNKS_PER_TASK = 4
"""Neighbours go to one worker, for what it remembers of one chunk serves the next."""


def prepare_processes() -> None:
    """Starts the server that workers are forked from, so that it imports while others load."""
    if sys.platform == "win32":
        return
    _process_context()
    # Started under the mask, Python's tracker of resources would lift it.
    resource_tracker.ensure_running()
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
        function: picklable for all but `serial`; every worker gets its own copy once.
        chunks: read lazily.
        engine: `serial`, `processes` or `dask`.
        jobs: number of worker processes; all cores when `None`.

    Raises:
        UsageError: there is no such engine.
        TokevalError: a worker process died, or a cluster is gone.
    """
    if engine == "serial":
        return map(function, chunks)
    if engine == "processes":
        return _processes(function, chunks, jobs or os.cpu_count() or 1)
    if engine == "dask":
        _require_dask()
        from tokeval.core.engine_dask import run_on_cluster

        return run_on_cluster(function, chunks, jobs)
    raise UsageError(f"there is no engine {engine!r}", f"choose one of {', '.join(ENGINES)}")


def started(
    engine: str, *, scheduler: str | None = None, jobs: int | None = None
) -> AbstractContextManager[None]:
    """A context in which every run of the engine `dask` uses one cluster; nothing for the others.

    A `distributed.Client` that is current stays in use where no scheduler is given.

    Args:
        engine: any.
        scheduler: address of a Dask scheduler; worker processes on this machine when `None`.
        jobs: how many of these; all cores when `None`.

    Raises:
        UsageError: the library is not installed.
        TokevalError: when the context is entered: the scheduler or its workers cannot be used.
    """
    if engine != "dask":
        return nullcontext()
    _require_dask()
    from tokeval.core.engine_dask import connected

    return connected(scheduler, jobs)


def workers_see(path: str, n_bytes: int | None) -> bool:
    """Whether every worker of the Dask cluster in use finds a local file, of that size."""
    from tokeval.core.engine_dask import workers_can_read

    return workers_can_read(path, n_bytes)


def _require_dask() -> None:
    """Raises UsageError where Dask's scheduler is not installed."""
    if find_spec("distributed") is None:
        raise UsageError("the engine dask needs the library distributed", DASK_EXTRA)


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
    try:
        for task in _tasks(chunks):
            waiting.append(pool.submit(_call_each, task))
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


def _tasks(chunks: Iterable[Chunk]) -> Iterator[bytes]:
    """A few neighbours at a time, pickled, all of one slice where chunks say of which they are."""
    for _, stretch in itertools.groupby(chunks, lambda chunk: getattr(chunk, "slice", None)):
        while group := tuple(itertools.islice(stretch, CHUNKS_PER_TASK)):
            task = pickle.dumps(group)
            del group
            yield task


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
    # Named, not imported: what only the workers of some runs need.
    context.set_forkserver_preload(
        [
            "tokeval.core.fork_server",
            "tokeval.core.counting",
            "tokeval.pretokenization.encoder",
        ]
    )
    return context

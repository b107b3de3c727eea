"""Running one function over many chunks on a Dask cluster; results come in the order of the chunks.

A chunk whose worker is lost is done again by another one. Ctrl-C cancels what was submitted.
"""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import distributed
from distributed import Client

from tokeval.core.engine_dask_cluster import (
    GONE_SECONDS,
    address_of,
    connected,
    explained,
    has_client,
)
from tokeval.core.engine_dask_worker import Served, call, can_read, versions
from tokeval.errors import TokevalError

__all__ = ["connected", "run_on_cluster", "workers_can_read"]

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

TASKS_PER_THREAD = 2
"""Chunks under way for each thread of the cluster: one that is worked on, and the next."""

POLL_SECONDS = 1.0
SEND_ATTEMPTS = 10
FORGET_SECONDS = 0.5


def run_on_cluster(
    function: Callable[[Chunk], Result], chunks: Iterable[Chunk], jobs: int | None = None
) -> Iterator[Result]:
    """What the function returns for each chunk, in the order of the chunks.

    The cluster is that of `connected`, or of the `distributed.Client` that is current; where
    there is none, workers are started for this run. The function is sent to each worker once.

    Raises:
        TokevalError: all workers are gone, a chunk kills workers, or the scheduler is gone.
    """
    if not has_client():
        with connected(None, jobs):
            yield from run_on_cluster(function, chunks)
        return
    client = Client.current()
    served = Served(f"tokeval-{uuid4().hex}", pickle.dumps(function), versions())
    _send(client, served)
    yield from _results(client, served, iter(chunks))


def _send(client: Client, served: Served) -> None:
    """Sends the function to all workers; once more, where one is lost meanwhile."""
    with explained(client):
        for attempt in range(SEND_ATTEMPTS):
            try:
                client.register_plugin(served, name=served.key)
                return
            except OSError:
                if attempt == SEND_ATTEMPTS - 1:
                    raise
                time.sleep(POLL_SECONDS / 2)


def workers_can_read(path: str, n_bytes: int | None) -> bool:
    """Whether every worker sees a local file under the same path, with the same size."""
    if not has_client():
        return True  # workers will be started on this machine
    client = Client.current()
    with explained(client):
        # A worker that dies meanwhile says nothing.
        there = str(Path(path).absolute())
        return all(client.run(can_read, there, n_bytes, on_error="ignore").values())


def _results(client: Client, served: Served, stream: Iterator[Any]) -> Iterator[Any]:
    """The results in order; a few chunks for each thread are under way at a time."""
    waiting: deque[Any] = deque()
    room = _Room(client)
    number = 0
    try:
        for chunk in stream:
            with explained(client):
                waiting.append(
                    client.submit(
                        call,
                        served.key,
                        pickle.dumps(chunk),
                        key=f"{served.key}-{number}",
                        pure=False,
                    )
                )
            number += 1
            del chunk
            while len(waiting) > room.n_tasks():
                yield _result(client, waiting.popleft())
        while waiting:
            yield _result(client, waiting.popleft())
    finally:
        # After Ctrl-C, or an error, nobody wants the others; where the scheduler is gone, they are.
        with suppress(OSError, TimeoutError, RuntimeError, distributed.CancelledError):
            if client.status == "running" and client.scheduler is not None:
                client.cancel(list(waiting), force=True)
                # Workers that compile answer late, and need not be waited for.
                client.sync(
                    client.scheduler.unregister_worker_plugin,
                    name=served.key,
                    callback_timeout=FORGET_SECONDS,
                )


class _Room:
    """How many chunks may be under way; workers come and go."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked = float("-inf")
        self._n_threads = 1

    def n_tasks(self) -> int:
        """Twice the threads that there were a moment ago."""
        if time.monotonic() - self._asked > 2 * POLL_SECONDS:
            with explained(self._client):
                # A cluster that has lost all workers may get new ones.
                self._n_threads = sum(self._client.nthreads().values()) or self._n_threads
            self._asked = time.monotonic()
        return TASKS_PER_THREAD * self._n_threads


def _result(client: Client, future: Any) -> Any:
    """The result of a task, as long as there is some worker that may bring it."""
    alone_since: float | None = None
    with explained(client):
        while True:
            try:
                return pickle.loads(future.result(timeout=POLL_SECONDS))  # noqa: S301 - our worker's
            except distributed.TimeoutError:
                if future.done():
                    # The work itself timed out, or the result is still on its way.
                    if future.status == "error":
                        raise
                    continue
            if client.nthreads():
                alone_since = None
                continue
            now = time.monotonic()
            alone_since = now if alone_since is None else alone_since
            if now - alone_since > GONE_SECONDS:
                raise TokevalError(
                    f"all workers of {address_of(client)} are gone, and none came for "
                    f"{GONE_SECONDS:g} seconds",
                    "start workers, and run again",
                )

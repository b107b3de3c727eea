"""The Dask cluster that runs use, a given one or workers of this machine, and its errors."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

import dask
import distributed
from distributed import Client, LocalCluster
from distributed.comm.core import CommClosedError

from tokeval.core.engine_dask_worker import require_same, versions
from tokeval.core.engine_dask_worker import versions as asked_of_workers
from tokeval.errors import TokevalError

CONNECT_SECONDS = 8
"""How long a scheduler may take to answer."""

GONE_SECONDS = 30.0
"""How long a cluster may be without any worker: the time that a batch system restarts one in."""

CLOSING_ATTEMPTS = 3
CLOSING_SECONDS = 0.4

_SETTINGS = {
    # Text that is sent comes in chunks of some megabytes.
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s",
}


@contextmanager
def connected(address: str | None, jobs: int | None = None) -> Iterator[None]:
    """A cluster that `run_on_cluster` uses as long as the context lasts.

    Args:
        address: of a scheduler; `None` for the current client, or else workers on this machine.
        jobs: how many of these; one for each core when `None`.

    Raises:
        TokevalError: nobody answers there, no worker comes, or one has other versions.
    """
    if address is None and has_client():
        yield
        return
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set(_SETTINGS), warnings.catch_warnings():
        # Versions are compared below; ports that are taken are replaced.
        warnings.filterwarnings("ignore", module="distributed")
        if address is None:
            with _local_workers(jobs or os.cpu_count() or 1):
                yield
            return
        with _client(address) as client:
            _await_workers(client, address, 1)
            _check_versions(client)
            yield


def has_client() -> bool:
    """Whether some client is current."""
    try:
        Client.current()
    except ValueError:
        return False
    return True


@contextmanager
def explained(client: Client) -> Iterator[None]:
    """Turns what can go wrong with a cluster into one line.

    Raises:
        TokevalError: in place of it.
    """
    try:
        yield
    except distributed.KilledWorker as error:
        raise TokevalError(
            "a chunk of the text was given up, for its workers died each time, most likely for "
            "want of memory",
            "give the workers more memory, or run again with fewer --jobs",
        ) from error
    except (distributed.CancelledError, CommClosedError) as error:
        raise TokevalError(
            f"the scheduler {address_of(client)} is gone, or has cancelled the work",
            "start it, and run again",
        ) from error


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """The connection to a scheduler.

    Raises:
        TokevalError: nobody answers.
    """
    try:
        # A refusal is told at once; Dask itself would ask again until its time is over.
        _, _, host_and_port = address.partition("://")
        host, _, port = host_and_port.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError) as error:
        raise TokevalError(
            f"no Dask scheduler answers at {address}",
            "start one with `dask scheduler`, and give the address that it prints",
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=1)


@contextmanager
def _local_workers(n_workers: int) -> Iterator[Client]:
    """Workers on this machine, one thread each, that end with the context."""
    with (
        tempfile.TemporaryDirectory(prefix="tokeval-dask-", ignore_cleanup_errors=True) as folder,
        _interrupts_held_back(),
    ):
        others = set(multiprocessing.active_children())
        cluster = LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            local_directory=folder,
            memory_limit=0,
        )
        try:
            with _let_through(), _client(cluster.scheduler_address) as client:
                cluster.scale(n_workers)
                _await_workers(client, "this machine", n_workers)
                yield client
        finally:
            _end(cluster, others)


def _end(cluster: LocalCluster, others: set[Any]) -> None:
    """Ends the workers at once: what they are at may take minutes, and they own nothing.

    Args:
        cluster: closed afterwards.
        others: processes that are none of its workers.
    """
    for nanny in list(cluster.workers.values()):
        nanny.auto_restart = False
    for _ in range(CLOSING_ATTEMPTS):
        # Those that are still starting are in no list of the cluster, and hold up its end.
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        with suppress(TimeoutError):
            cluster.close(timeout=CLOSING_SECONDS)
        if cluster.status == distributed.Status.closed:
            return
    # Dask would wait for it once more when this process ends.
    cluster.shutdown_on_close = False


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Blocks Ctrl-C, so that threads and processes that begin here never hear of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting it later would unblock the signal in the thread that starts the workers.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _let_through() -> Iterator[None]:
    """Hears of Ctrl-C again, in this thread."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    yield


def _await_workers(client: Client, where: str, n_workers: int) -> None:
    """Returns when so many workers are there.

    Raises:
        TokevalError: they do not come.
    """
    try:
        client.wait_for_workers(n_workers, timeout=GONE_SECONDS)
    except TimeoutError as error:
        raise TokevalError(
            f"no worker has come to {where} for {GONE_SECONDS:g} seconds",
            "start some with `dask worker ADDRESS --nthreads 1`",
        ) from error


def _check_versions(client: Client) -> None:
    """Raises TokevalError where a worker has no tokeval, or has other versions than this process.

    Workers that come later are looked at when they get their first chunk.
    """
    for worker, found in client.run(asked_of_workers, on_error="return").items():
        if isinstance(found, OSError):
            continue  # it was lost just now
        if isinstance(found, BaseException):
            raise TokevalError(
                f"worker {worker} cannot load tokeval: {found}",
                "install the same version of tokeval there",
            )
        require_same(found, versions(), where=f"worker {worker}")


def address_of(client: Client) -> str:
    """The address of a scheduler, for messages."""
    return str(client.scheduler.address) if client.scheduler is not None else "Dask"

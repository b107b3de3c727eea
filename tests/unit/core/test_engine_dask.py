"""The Dask engine: the same results in the same order, whatever becomes of workers."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import distributed
import pytest

from tests.unit.core.dask_work import Failing, Loading, at_once, slow_square
from tokeval.core import engine, engine_dask, engine_dask_cluster
from tokeval.core.engine import run, started, workers_see
from tokeval.core.engine_dask_worker import require_same, versions
from tokeval.errors import ExitCode, TokevalError, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:Port")


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """Two worker processes."""
    with distributed.LocalCluster(
        processes=True,
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        silence_logs=50,
    ) as two:
        yield two


@pytest.fixture
def client(cluster: distributed.LocalCluster) -> Iterator[distributed.Client]:
    """The current client, of two workers."""
    with distributed.Client(cluster) as current:
        current.wait_for_workers(2, timeout=30)
        yield current


@pytest.mark.usefixtures("client")
def test_results_come_in_the_order_of_the_chunks() -> None:
    """The first chunk takes longest, so that workers finish in another order."""
    work = [range(3_000_000), range(10), range(500_000), *(range(n) for n in range(20))]
    found = list(run(sum, iter(work), engine="dask"))
    assert found == [len(chunk) * (len(chunk) - 1) // 2 for chunk in work]


@pytest.mark.usefixtures("client")
def test_the_function_is_sent_to_a_worker_once_and_encodes_in_one_thread() -> None:
    found = list(run(Loading(), range(40), engine="dask"))
    assert len({pid for pid, _, _ in found}) == 2
    assert {(loads, parallel) for _, loads, parallel in found} == {(1, "false")}


@pytest.mark.usefixtures("client")
def test_chunks_are_read_only_a_little_ahead() -> None:
    """Two for each of two workers and the one that is being read, however long the text."""
    drawn = 0

    def work() -> Iterator[int]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield -number

    results = run(abs, work(), engine="dask")
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert drawn <= 5 + 2 * 2
    results.close()  # type: ignore[attr-defined] # a generator


@pytest.mark.usefixtures("client")
def test_runs_may_lie_in_each_other() -> None:
    """As where workers survey the files whose text they then count."""
    inner = run(abs, range(-50, 0), engine="dask")
    assert list(run(str, inner, engine="dask")) == [str(n) for n in range(50, 0, -1)]


def test_the_chunks_of_a_killed_worker_are_done_again(client: distributed.Client) -> None:
    results = run(slow_square, range(120), engine="dask")
    found = [next(results) for _ in range(5)]
    os.kill(found[0][1], signal.SIGKILL)
    found.extend(results)
    assert [square for square, _ in found] == [n * n for n in range(120)]
    assert len({pid for _, pid in found}) > 1


@pytest.mark.slow
def test_a_chunk_that_kills_its_workers_is_one_clear_error(client: distributed.Client) -> None:
    with pytest.raises(TokevalError, match="its workers died each time") as caught:
        list(run(os._exit, [3], engine="dask"))
    assert caught.value.code == ExitCode.UNREADABLE


@pytest.mark.usefixtures("client")
def test_an_error_for_the_user_arrives_as_it_was_raised() -> None:
    with pytest.raises(UsageError) as caught:
        list(run(Failing(UsageError("wrong", "mend it")), [1], engine="dask"))
    assert (caught.value.message, caught.value.hint) == ("wrong", "mend it")


@pytest.mark.usefixtures("client")
def test_work_that_times_out_by_itself_is_not_taken_for_a_slow_one() -> None:
    with pytest.raises(TimeoutError, match="of the network"):
        list(run(Failing(TimeoutError("of the network")), [1], engine="dask"))


def test_nothing_is_left_on_the_cluster(client: distributed.Client) -> None:
    list(run(abs, range(10), engine="dask"))
    abandoned = run(slow_square, range(1000), engine="dask")
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined] # a generator
    deadline = time.monotonic() + 5
    while left := client.run_on_scheduler(_left_behind):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _left_behind(dask_scheduler: distributed.Scheduler) -> list[str]:
    """Tasks and functions of this engine that a scheduler holds."""
    return [
        name
        for name in (*dask_scheduler.tasks, *dask_scheduler.worker_plugins)
        if "tokeval-" in name
    ]


@pytest.mark.usefixtures("client")
def test_workers_with_other_versions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = versions() | {"tokenizers": "0.1"}
    monkeypatch.setattr(engine_dask, "versions", lambda: other)
    with pytest.raises(
        TokevalError, match=r"a worker has tokenizers .*, but this process has 0\.1"
    ):
        list(run(abs, [1], engine="dask"))


def test_a_cluster_with_other_versions_is_refused_before_any_work(
    cluster: distributed.LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = versions() | {"python": "3.0"}
    monkeypatch.setattr(engine_dask_cluster, "versions", lambda: other)
    # The workers are asked by the name of the function, and tell the truth.
    monkeypatch.setattr(engine_dask_cluster, "asked_of_workers", versions)
    with (
        pytest.raises(TokevalError, match=r"worker tcp://.* has python .* this process has 3\.0"),
        started("dask", scheduler=cluster.scheduler_address),
    ):
        pass


def test_only_equal_versions_pass() -> None:
    require_same({"a": "1", "b": "2"}, {"a": "1"}, where="it")
    with pytest.raises(TokevalError, match="it has a None, but this process has 1"):
        require_same({}, {"a": "1"}, where="it")


def test_workers_tell_which_files_they_have(client: distributed.Client) -> None:
    own = Path(__file__).stat().st_size
    assert workers_see(__file__, own)
    assert not workers_see(__file__, own + 1)
    assert not workers_see(f"{__file__}.absent", None)


def test_an_address_where_nobody_listens_is_one_error_soon() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    began = time.monotonic()
    with (
        pytest.raises(TokevalError, match=f"no Dask scheduler answers at {address}"),
        started("dask", scheduler=address),
    ):
        pass
    assert time.monotonic() - began < 5


def test_a_cluster_that_loses_all_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_dask, "GONE_SECONDS", 1.0)
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as small,
        distributed.Client(small),
    ):
        results = run(slow_square, range(500), engine="dask")
        next(results)
        small.scale(0)
        with pytest.raises(TokevalError, match="are gone, and none came for 1 seconds"):
            list(results)


def test_threads_of_one_worker_take_turns() -> None:
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=4, processes=False, dashboard_address=None
        ) as small,
        distributed.Client(small),
    ):
        assert set(run(at_once, range(20), engine="dask")) == {1}


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        engine, "find_spec", lambda name: None if name == "distributed" else find_spec(name)
    )
    for use in (lambda: run(abs, [1], engine="dask"), lambda: started("dask")):
        with pytest.raises(UsageError) as caught:
            use()
        assert caught.value.hint == "pip install 'tokeval[dask]'"


@pytest.mark.slow
def test_workers_of_this_machine_end_with_the_context() -> None:
    with started("dask", jobs=2):
        pids = {pid for pid, _, _ in run(Loading(), range(40), engine="dask")}
        assert len(pids) == 2
    deadline = time.monotonic() + 2
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"

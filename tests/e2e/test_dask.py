"""`--engine dask` as it is typed: the same bytes as on one machine, whatever becomes of workers."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import distributed
import numpy as np
import pytest

from tests.mixtures import texts_of
from tests.toy_tokenizers import byte_level_bpe
from tokeval.cli.app import run
from tokeval.core import corpus
from tokeval.core.metric import Parameters
from tokeval.document import dump
from tokeval.loaders import spans
from tokeval.loaders.corpora import read_corpus
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.metrics.report import evaluate
from tokeval.mixture import word_counting
from tokeval.visual import counting_stretches

pytestmark = pytest.mark.filterwarnings("ignore:Port")

SECONDS_TO_STOP = 2.0
CHUNK_CHARACTERS = 20_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """Two worker processes."""
    with distributed.LocalCluster(
        processes=True, n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as two:
        yield two


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a tokenizer and text of every kind, in many small chunks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    for module in (corpus, spans):
        monkeypatch.setattr(module, "CHUNK_CHARACTERS", CHUNK_CHARACTERS)
    lines = [f"{n} {n * n} words of line {n}, çok güzel\n" for n in range(5000)]
    text = "".join(lines).encode()
    byte_level_bpe([text.decode()[:20_000]]).save("toy.json")
    Path("long.txt").write_bytes(text)
    Path("packed.txt.gz").write_bytes(gzip.compress(text[:60_000]))
    records = [json.dumps({"text": line.strip()}) for line in lines[:1000]]
    Path("records.jsonl").write_text("\n".join(records), encoding="utf-8")
    Path("code").mkdir()
    for n in range(12):
        Path(f"code/{n}.py").write_text(f"print({n})\n" * 99, encoding="utf-8")
    np.save("d.npy", np.random.default_rng(0).integers(32, size=(700, 4, 4)).astype(np.uint16))
    for name, n_texts in (("one", 300), ("two", 100)):
        Path(f"{name}.txt").write_text("".join(texts_of(name, n_texts)), encoding="utf-8")
    return tmp_path


METRICS = (
    *("metrics", "toy.json", "-c", "long.txt", "-c", "packed.txt.gz"),
    *("-c", "records.jsonl", "-c", "code=code", "-q", "--json"),
)
MIXTURE = (
    *("mixture", "toy.json", "-c", "one=one.txt", "-c", "two=two.txt", "--merges", "60"),
    *("-q", "--json"),
)
VISUAL = ("visual", "d.npy", "--layout", "NHW", "--codebook-size", "32", "-q", "--json")


@pytest.mark.parametrize("arguments", [METRICS, MIXTURE, VISUAL], ids=lambda given: given[0])
def test_a_cluster_writes_the_bytes_of_serial(
    arguments: tuple[str, ...],
    folder: Path,
    cluster: distributed.LocalCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["tokeval", "the same for both"])
    monkeypatch.setattr(word_counting, "CHUNK_BYTES", 5_000)
    monkeypatch.setattr(counting_stretches, "STRETCH_TOKENS", 2048)
    assert run([*arguments, "serial.json", "--engine", "serial"]) == 0
    # Workers read the text themselves, though they were started in another folder.
    monkeypatch.setattr("tokeval.metrics.evaluate.chunks", None)
    scheduler = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
    before = _n_tasks(cluster)
    assert run([*arguments, "dask.json", *scheduler]) == 0
    assert _n_tasks(cluster) - before > 20
    assert Path("dask.json").read_bytes() == Path("serial.json").read_bytes()


def _n_tasks(cluster: distributed.LocalCluster) -> int:
    """How often a task of a cluster has changed its state so far; a few times each."""
    return int(cluster.scheduler.transition_counter)


@pytest.mark.slow
def test_studies_of_all_families_are_those_of_serial(
    folder: Path, cluster: distributed.LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["tokeval", "the same for both"])
    arguments = ["metrics", "toy.json", "-c", "en=long.txt", "-f", "all", "-q", "--json"]
    assert run([*arguments, "serial.json", "--engine", "serial"]) == 0
    scheduler = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
    assert run([*arguments, "dask.json", *scheduler]) == 0
    assert Path("dask.json").read_bytes() == Path("serial.json").read_bytes()


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(
    folder: Path, cluster: distributed.LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "MAX_SPAN_CHUNKS", 1)
    slices = read_corpus(["long.txt", "records.jsonl"])
    tokenizers = load_tokenizers(["toy.json"])
    serial = evaluate(tokenizers, slices, Parameters(), cached=False)
    told = itertools.count(1)
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=30)
        pids = client.run(os.getpid)

        def advance(n_bytes: int, description: str) -> None:
            if next(told) == 4:
                os.kill(min(pids.values()), signal.SIGKILL)

        spread = evaluate(
            tokenizers, slices, Parameters(), engine="dask", advance=advance, cached=False
        )
    assert next(told) > 10
    assert min(pids.values()) not in _running_workers(cluster)
    assert dump(spread) == dump(serial)


def _running_workers(cluster: distributed.LocalCluster) -> set[int]:
    """The process ids of the workers that are there now."""
    return {nanny.pid for nanny in cluster.workers.values()}


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--scheduler", "tcp://a:1"), 2, "--scheduler is given, but --engine auto"),
        (("--engine", "dask", "--scheduler", "nowhere"), 2, "no address of a scheduler"),
        (("--engine", "dask", "--scheduler", "tcp://a:99999"), 2, "write it as tcp://HOST:PORT"),
        (("--engine", "dask", "--scheduler", "127.0.0.1:9"), 3, "answers at tcp://127.0.0.1:9"),
        (("--engine", "dask", "--scheduler", "tcp://no.invalid:80"), 3, "no Dask scheduler"),
    ],
)
def test_an_address_that_is_none_is_one_line(
    options: tuple[str, ...],
    code: int,
    said: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    began = time.monotonic()
    for command in (METRICS, MIXTURE, VISUAL):
        assert run([*command, "out.json", *options]) == code
        lines = capsys.readouterr().err
        assert said in lines
        assert lines.count("\n") == 1
    assert time.monotonic() - began < 10


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("seconds", [0.7, 2.5, 4.0, 7.0])
def test_interrupting_ends_workers_and_leaves_nothing(folder: Path, seconds: float) -> None:
    """While workers start, and while they count."""
    session = _interrupted(seconds, "--jobs", "2")
    deadline = time.monotonic() + SECONDS_TO_STOP
    while alive := _alive_in_session(session):  # those that were killed may take a moment
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_interrupting_cancels_what_was_submitted(
    folder: Path, cluster: distributed.LocalCluster
) -> None:
    _interrupted(5.0, "--scheduler", cluster.scheduler_address)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while [key for key in list(cluster.scheduler.tasks) if "tokeval-" in key]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _interrupted(seconds: float, *options: str) -> int:
    """The session of a command that heard Ctrl-C while it counted, and ended as it should."""
    with Path("huge.txt").open("w", encoding="utf-8") as file:
        file.writelines(f"{n} {n * n} words of line {n}\n" for n in range(3_000_000))
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", f"{heeding}\nfrom tokeval.cli.app import main; main()"),
            *("metrics", "toy.json", "-c", "huge.txt", "--json", "out.json", "--engine", "dask"),
            *options,
        ],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    began = time.monotonic()
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < SECONDS_TO_STOP
    assert process.returncode == 130
    assert said == "tokeval: interrupted; nothing more was written\n"
    assert not Path("out.json").exists()
    return process.pid


def _alive_in_session(session: int) -> list[str]:
    """Processes of a session that have not ended, but for Python's own trackers of resources."""
    listed = subprocess.run(
        ["ps", "-s", str(session), "-o", "stat=,args="], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    return [line for line in listed if line[0] != "Z" and "resource_tracker" not in line]


@pytest.mark.slow
def test_workers_of_this_machine_write_the_bytes_of_serial(folder: Path) -> None:
    seen = []
    for engine in (("serial",), ("dask", "--jobs", "2")):
        done = subprocess.run(
            [
                *(sys.executable, "-c", "from tokeval.cli.app import main; main()"),
                *(*METRICS, "out.json", "--engine", *engine),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")
        document = json.loads(Path("out.json").read_bytes())
        document["provenance"].pop("argv")
        seen.append(document)
    assert seen[0] == seen[1]

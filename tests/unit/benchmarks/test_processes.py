"""What a command took: the workers of a fork server count too."""

from __future__ import annotations

import sys

import pytest

from benchmarks.processes import run

BURN = """
import multiprocessing, time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    workers = [context.Process(target=burn, args=(0.6,)) for _ in range(2)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_processor_time_of_the_workers_of_a_fork_server_counts(tmp_path):
    script = tmp_path / "burn.py"
    script.write_text(BURN)
    assert run([sys.executable, str(script)], n_threads=1).cpu_seconds > 1.0

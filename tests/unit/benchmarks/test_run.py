"""A short run of every part but the peers, as a smoke test without limits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_a_quick_run_measures_every_part_and_writes_no_results():
    results = ROOT / "benchmarks" / "RESULTS.md"
    before = results.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--quick"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for line in ("gpt2-16k, 2 MB | ", "| 1,000,000 | ", "| 100 | ", "`tokeval --help`"):
        assert line in done.stdout
    assert results.read_bytes() == before

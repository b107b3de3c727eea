"""Where compiled code is kept, each case in an interpreter of its own, and what it returns."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tokeval import __version__
from tokeval.core.cache import cache_directory

PROGRAM = """
from tokeval.core.kernels import inlined, kernel, lean_kernel


@inlined
def double(x):
    return 2 * x


@kernel
def six(x):
    return 3 * double(x)


@lean_kernel
def seven(x):
    return six(x) + x


print(six(2), seven(2))
"""


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the program in a folder with only these variables of ours."""
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    ours = ("TOKEVAL_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env={**kept, "HOME": str(folder / "home"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_machine_code_is_kept_in_the_cache_directory(tmp_path):
    done = run(tmp_path, TOKEVAL_CACHE_DIR=str(tmp_path / "cache"))
    assert (done.returncode, done.stdout) == (0, "12 14\n"), done.stderr
    assert list((tmp_path / "cache" / "numba" / __version__).rglob("*.nbc"))
    assert not (tmp_path / "__pycache__").exists(), "never beside the sources"


def test_the_users_choice_for_numba_wins(tmp_path):
    done = run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "own"))
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "own").rglob("*.nbc"))
    assert not (tmp_path / "home").exists()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    done = run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache"))
    assert (done.returncode, done.stdout) == (0, "12 14\n"), done.stderr
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG convention")
def test_cache_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("TOKEVAL_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache_directory() == tmp_path / ".cache" / "tokeval"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_directory() == tmp_path / ".cache" / "tokeval"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / "tokeval"
    monkeypatch.setenv("TOKEVAL_CACHE_DIR", "~/own")
    assert cache_directory() == tmp_path / "own"

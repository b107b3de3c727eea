"""Progress: a line on a terminal's stderr, nothing anywhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tokeval.cli.progress import measuring

WATCHED = """
import sys, time
from tokeval.cli.progress import measuring
with measuring({total}, quiet={quiet}) as advance:
    for _ in range(4):
        advance(1_000_000, "[b]\\x1b" + "y" * 50)
        time.sleep(0.15)
    print("result")
print("rich" in sys.modules)
"""


def on_terminal(total: int | None, *, quiet: bool = False, **environment: str) -> tuple[str, str]:
    """Stdout (a pipe) and stderr (a terminal of 80 columns) of a program that measures."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    master, slave = pty.openpty()
    code = WATCHED.format(total=total, quiet=quiet)
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TTY_COMPATIBLE", "CI")}
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=slave,
        env={**kept, "TERM": "xterm", "COLUMNS": "80", **environment},
    )
    os.close(slave)
    seen = b""
    with open(master, "rb", buffering=0) as terminal:  # noqa: PTH123 a descriptor is not a path
        while True:
            try:
                read = terminal.read(4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not read:
                break
            seen += read
    stdout, _ = program.communicate(timeout=30)
    assert program.returncode == 0
    return stdout.decode(), seen.decode()


def test_a_terminal_sees_size_rate_and_an_inert_description() -> None:
    stdout, stderr = on_terminal(8_000_000)
    assert stdout == "result\nTrue\n"
    assert "MB/s" in stderr
    assert "/8.0 MB" in stderr
    assert "[b]⟨U+001B⟩y" in stderr
    assert "y" * 40 not in stderr
    # when it is over, the line is wiped out and the cursor is shown again
    assert stderr.rstrip("\r\n").endswith("\x1b[2K")
    assert "\x1b[?25h" in stderr


def test_without_a_total_there_is_still_a_rate() -> None:
    _, stderr = on_terminal(None)
    assert "MB/s" in stderr
    assert "/8.0 MB" not in stderr


@pytest.mark.parametrize(("quiet", "term"), [(True, "xterm"), (False, "dumb")])
def test_silent_when_asked_or_when_lines_cannot_be_redrawn(*, quiet: bool, term: str) -> None:
    assert on_terminal(8_000_000, quiet=quiet, TERM=term) == ("result\nFalse\n", "")


def test_no_colour_on_request() -> None:
    _, stderr = on_terminal(8_000_000, NO_COLOR="1")
    assert "\x1b[3" not in stderr


def test_nothing_at_all_when_stderr_is_no_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.format(total=8_000_000, quiet=False)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "result\nFalse\n", "")


def test_no_stderr_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with measuring(10, quiet=False) as advance:
        advance(5)


def test_an_error_inside_passes_through() -> None:
    def interrupted() -> None:
        with measuring(10, quiet=False) as advance:
            advance(1, "x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

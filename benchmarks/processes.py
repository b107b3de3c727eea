"""Running a command in a fresh process: its wall time, its peak memory and what it wrote."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tokeval import __version__
from tokeval.core.cache import cache_directory

POLL_SECONDS = 0.05
_MACHINE_CODE = cache_directory() / "numba" / __version__


class CommandError(Exception):
    """A measured command failed; the message has the command and the end of its output."""


@dataclass(frozen=True)
class Run:
    """What one run of a command took.

    Attributes:
        seconds: wall time of the whole process.
        cpu_seconds: processor time of the process and its descendants, all threads together, seen
            every 50 ms: what `wait4` reports leaves out the workers of a fork server.
        peak_bytes: highest resident memory of the process and its descendants together, seen every
            50 ms, and never less than the highest that the system recorded for the process. What
            `wait4` reports would not do: it includes the memory of the process that started it.
        output: what the command wrote to stdout.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def run(command: Sequence[str], *, n_threads: int) -> Run:
    """Runs a command with a stated number of threads and nothing cached but compiled code.

    Kernels are compiled once for each version, which takes longer than what is measured.

    Raises:
        CommandError: the command failed.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        environment = os.environ | {
            "XDG_CACHE_HOME": folder,
            "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(_MACHINE_CODE)),
            "TOKENIZERS_PARALLELISM": "true" if n_threads > 1 else "false",
            "RAYON_NUM_THREADS": str(n_threads),
        }
        errors = Path(folder, "stderr")
        with errors.open("wb") as stream:
            begin = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=stream)
            watch = _Watch(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        if process.returncode:
            raise CommandError(
                f"{' '.join(command)} ended with {process.returncode}: "
                f"{errors.read_text('utf-8', 'replace')[-2000:]}"
            )
        output.seek(0)
        written = output.read().decode()
    cpu_seconds = max(usage.ru_utime + usage.ru_stime, watch.cpu_seconds)
    return Run(seconds, cpu_seconds, watch.peak_bytes, written)


class _Watch:
    """Memory and processor time of a process and its descendants, polled.

    Attributes:
        peak_bytes: the highest sum of resident memory.
        cpu_seconds: sum over all processes that were seen of the last that was seen of each.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak_bytes = 0
        self._seconds: dict[int, float] = {}
        self._stopped = Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all processes that were seen."""
        return sum(self._seconds.values())

    def stop(self) -> None:
        """Ends polling."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        """Polls until stopped."""
        while not self._stopped.wait(POLL_SECONDS):
            processes = _tree(self._pid)
            together = sum(map(_resident_bytes, processes))
            self.peak_bytes = max(self.peak_bytes, together, _highest_bytes(self._pid))
            for pid in processes:
                self._seconds[pid] = max(self._seconds.get(pid, 0.0), _processor_seconds(pid))


def _tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for parent in found:
        for children in Path("/proc", str(parent), "task").glob("*/children"):
            found += map(int, _read(children).split())
    return found


def _resident_bytes(pid: int) -> int:
    """Resident memory of a process, 0 once it has ended."""
    pages = _read(Path("/proc", str(pid), "statm")).split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def _processor_seconds(pid: int) -> float:
    """Processor time of a process so far, its ended children left out, 0 once it has ended."""
    # The name, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
    fields = _read(Path("/proc", str(pid), "stat")).rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12]) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _highest_bytes(pid: int) -> int:
    """The highest resident memory that the system recorded for a process, 0 once it has ended."""
    for line in _read(Path("/proc", str(pid), "status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    """A file of /proc, empty once its process has ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""

"""The targets: `tokeval metrics` against bare loops, start-up, and peak memory."""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import bare_loop, hello
from benchmarks.kept import Kept
from benchmarks.processes import CommandError, Run, run
from benchmarks.results import Comparison, wall_time
from benchmarks.scaling import TOKEVAL, metrics_run
from benchmarks.text import enlarged

MAX_TIME_RATIO = 0.5
MAX_TIME_RATIO_OF_EIGHT = 0.35
MAX_MEGABYTES = 2000
MAX_START_RATIO = 1.5
LARGE_BYTES = 1_000_000_000
N_STARTS = 15


def counted_metrics(
    tokenizers: dict[str, Path], texts: dict[str, Path], *, n_threads: int
) -> tuple[Run, list[int]]:
    """A run of `tokeval metrics`, and each tokenizer's tokens as its document says."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "document.json")
        done = metrics_run(tokenizers, texts, n_threads=n_threads, document=document)
        cells = json.loads(document.read_text("utf-8"))["results"][0]["cells"]
    n_tokens = dict.fromkeys(tokenizers, 0)
    for cell in cells:
        if cell["metric"] == "tokens" and cell["slice"] in texts:
            n_tokens[cell["tokenizer"]] += int(cell["value"]["value"])
    return done, list(n_tokens.values())


def against_bare_loops(
    title: str,
    tokenizers: dict[str, Path],
    texts: dict[str, Path],
    *,
    n_runs: int,
    n_threads: int,
    target: float,
) -> Comparison:
    """Interleaved runs of `tokeval metrics` and of all bare loops, whose times are added up.

    Raises:
        CommandError: the two sides counted different numbers of tokens.
    """
    measured, baseline = [], []
    for _ in range(n_runs):
        done, n_tokens = counted_metrics(tokenizers, texts, n_threads=n_threads)
        loops = [_bare(path, texts, n_threads) for path in tokenizers.values()]
        found = [int(loop.output) for loop in loops]
        if found != n_tokens:
            raise CommandError(f"tokeval counts {n_tokens} tokens, the bare loops {found}")
        measured.append(done)
        baseline.append(_added(loops))
    return wall_time(title, measured, baseline, target)


def _bare(tokenizer: Path, texts: dict[str, Path], n_threads: int) -> Run:
    """A run of the bare loop."""
    command = [sys.executable, str(bare_loop.__file__), str(tokenizer)]
    return run([*command, *map(str, texts.values())], n_threads=n_threads)


def _added(runs: list[Run]) -> Run:
    """Runs one after the other as one."""
    seconds, cpu = (sum(getattr(one, name) for one in runs) for name in ("seconds", "cpu_seconds"))
    return Run(seconds, cpu, max(one.peak_bytes for one in runs), "")


def help_pages(n_runs: int, *, n_threads: int) -> Comparison:
    """Interleaved runs of both help pages, after one of each that is not counted."""
    commands = [[TOKEVAL, "--help"], [sys.executable, str(hello.__file__), "--help"]]
    rounds = [[run(c, n_threads=n_threads) for c in commands] for _ in range(n_runs + 1)]
    measured, baseline = zip(*rounds[1:], strict=True)
    title = "`tokeval --help` against a hello-world typer program's `--help`"
    return wall_time(title, measured, baseline, MAX_START_RATIO)


def peak_memory(tokenizer: Path, texts: dict[str, Path], *, n_threads: int) -> Comparison:
    """Peak memory on 1 GB over the 2 GB that it may take."""
    larger = enlarged(texts, LARGE_BYTES)
    done, _ = counted_metrics({"t": tokenizer}, larger, n_threads=n_threads)
    size = sum(path.stat().st_size for path in larger.values()) / 1e6
    title = f"peak memory on {size:,.0f} MB of text against {MAX_MEGABYTES:,} MB"
    return Comparison(title, "MB", [done.peak_bytes / 1e6], [MAX_MEGABYTES], 1.0)


def measure_speed(
    kept: Kept,
    tokenizers: dict[str, Path],
    texts: dict[str, Path],
    *,
    single: int,
    n_runs: int,
    n_starts: int,
    n_threads: int,
) -> None:
    """Comparisons of the first `single` tokenizers one by one, of eight together, of starts."""
    size = sum(path.stat().st_size for path in texts.values()) / 1e6
    against = partial(against_bare_loops, n_runs=n_runs, n_threads=n_threads, texts=texts)
    for name, path in itertools.islice(tokenizers.items(), single):
        title = f"`tokeval metrics` against a bare `encode_batch_fast` loop, {name}, {size:.0f} MB"
        one = partial(against, title, {"t": path}, target=MAX_TIME_RATIO)
        kept.get(f"speed {name} {size:.0f} x{n_runs}", one)
    eight = dict(itertools.islice(tokenizers.items(), 8))
    if len(eight) == 8:
        title = f"eight tokenizers against the sum of their bare loops, {size:.0f} MB"
        together = partial(against, title, eight, target=MAX_TIME_RATIO_OF_EIGHT)
        kept.get(f"speed eight {size:.0f} x{n_runs}", together)
    kept.get(f"speed start x{n_starts}", partial(help_pages, n_starts, n_threads=n_threads))

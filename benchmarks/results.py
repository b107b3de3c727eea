"""The results of a run as Markdown: each ratio with what was measured on both sides."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.processes import Run

PACKAGES = ("tokeval", "tokenizers", "numpy", "pyicu-wheels", "typer", "rich")


@dataclass(frozen=True)
class Comparison:
    """Runs of tokeval and of a baseline, interleaved.

    Attributes:
        title: what is compared.
        unit: `s` for wall time, `MB` for peak memory.
        measured, baseline: one figure for each run, in order.
        target: the ratio of the medians is to be at most this.
        processor: median processor time of both sides, for wall times.
        memory: peak memory of both sides, for wall times.
    """

    title: str
    unit: str
    measured: Sequence[float]
    baseline: Sequence[float]
    target: float
    processor: str = ""
    memory: str = ""

    @property
    def ratio(self) -> float:
        """Median over median."""
        return statistics.median(self.measured) / statistics.median(self.baseline)


def wall_time(
    title: str, measured: Sequence[Run], baseline: Sequence[Run], target: float
) -> Comparison:
    """A comparison of wall times, with processor time and peak memory of both sides beside it."""
    peaks = [max(run.peak_bytes for run in runs) for runs in (measured, baseline)]
    cpu = [statistics.median(run.cpu_seconds for run in runs) for runs in (measured, baseline)]
    processor = f"{cpu[0]:.3g} s / {cpu[1]:.3g} s = {cpu[0] / cpu[1]:.2f}"
    memory = " / ".join(f"{peak / 1e6:,.0f} MB" for peak in peaks)
    seconds, of_baseline = ([run.seconds for run in runs] for runs in (measured, baseline))
    return Comparison(title, "s", seconds, of_baseline, target, processor, memory)


def markdown(comparisons: Sequence[Comparison], text: Sequence[str]) -> str:
    """The results file."""
    lines = ["# Benchmark results", "", "Written by `python -m benchmarks.run`; see README.md.", ""]
    lines += [f"- {line}" for line in [*_machine(), *text]]
    lines += [
        "",
        "| What | tokeval | baseline | ratio of medians | target | processor time | peak memory |",
        "| --- | ---: | ---: | ---: | --- | --- | --- |",
        *map(_row, comparisons),
        "",
        "Every run, in the order in which they were made (tokeval; baseline):",
        "",
        *map(_runs, comparisons),
        "",
    ]
    return "\n".join(lines)


def _row(comparison: Comparison) -> str:
    """One row of the table."""
    measured, baseline = (
        f"{statistics.median(figures):,.3g} {comparison.unit}"
        if comparison.unit == "s"
        else f"{statistics.median(figures):,.0f} {comparison.unit}"
        for figures in (comparison.measured, comparison.baseline)
    )
    met = "met" if comparison.ratio <= comparison.target else "missed"
    return (
        f"| {comparison.title} | {measured} | {baseline} | {comparison.ratio:.2f} "
        f"| ≤ {comparison.target:g}, {met} "
        f"| {comparison.processor} | {comparison.memory} |"
    )


def _runs(comparison: Comparison) -> str:
    """All figures of a comparison."""
    measured, baseline = (
        " ".join(f"{figure:.2f}" for figure in figures)
        for figures in (comparison.measured, comparison.baseline)
    )
    return f"- {comparison.title}, {comparison.unit}: {measured}; {baseline}"


def _machine() -> list[str]:
    """The machine and the versions."""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return [
        f"machine: {_processor()}, {len(os.sched_getaffinity(0))} cores usable, "
        f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB, "
        f"{platform.system()} {platform.release()}; load average at the end "
        f"{os.getloadavg()[0]:.1f}",
        f"versions: Python {platform.python_version()}, {packages}",
    ]


def _processor() -> str:
    """The processor's name as the system gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()

"""The results of a run as Markdown: each ratio with what was measured on both sides."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.processes import Run

AXES = {
    "megabytes": "MB of text, `tokeval metrics`, one tokenizer",
    "tokenizers": "tokenizers on the same text, `tokeval metrics`",
    "slices": "slices of the same text, `tokeval metrics`",
    "visual tokens": "tokens of a dump, pass of `tokeval visual`",
    "merges": "merges explained, `tokeval mixture`, 5 categories",
    "categories": "categories of equal size, `tokeval mixture`",
    "mixture megabytes": "MB of text, `tokeval mixture`",
}
"""The curves, by name: what is on the horizontal axis."""
PACKAGES = ("tokeval", "tokenizers", "numpy", "numba", "tiktoken", "pyicu-wheels", "typer", "rich")


@dataclass(frozen=True)
class Comparison:
    """Runs of tokeval and of a baseline, interleaved.

    Attributes:
        title: what is compared.
        unit: `s` for wall time, `MB` for peak memory.
        measured, baseline: one figure for each run, in order.
        target: the ratio of the medians is to be at most this; None where nothing is demanded.
        processor: median processor time of both sides, for wall times.
        memory: peak memory of both sides, for wall times.
    """

    title: str
    unit: str
    measured: Sequence[float]
    baseline: Sequence[float]
    target: float | None
    processor: str = ""
    memory: str = ""

    @property
    def ratio(self) -> float:
        """Median over median."""
        return statistics.median(self.measured) / statistics.median(self.baseline)

    @property
    def missed(self) -> bool:
        """Whether there is a target and it is missed."""
        return self.target is not None and self.ratio > self.target


@dataclass(frozen=True)
class Point:
    """One run at one place of a curve.

    Attributes:
        curve: a key of `AXES`.
        x: where.
        seconds, cpu_seconds, peak_bytes: as of a run, see `benchmarks.processes`.
        baseline_seconds: wall time of the baseline in the same run, where there is one.
    """

    curve: str
    x: float
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    baseline_seconds: float | None


def wall_time(
    title: str, measured: Sequence[Run], baseline: Sequence[Run], target: float | None
) -> Comparison:
    """A comparison of wall times, with processor time and peak memory of both sides beside it."""
    peaks = [max(run.peak_bytes for run in runs) for runs in (measured, baseline)]
    cpu = [statistics.median(run.cpu_seconds for run in runs) for runs in (measured, baseline)]
    processor = f"{cpu[0]:.3g} s / {cpu[1]:.3g} s = {cpu[0] / cpu[1]:.2f}"
    memory = " / ".join(f"{peak / 1e6:,.0f} MB" for peak in peaks)
    seconds, of_baseline = ([run.seconds for run in runs] for runs in (measured, baseline))
    return Comparison(title, "s", seconds, of_baseline, target, processor, memory)


def markdown(
    comparisons: Sequence[Comparison],
    points: Sequence[Point],
    *,
    failures: Mapping[str, str],
    about: Sequence[str],
) -> str:
    """The results file."""
    lines = ["# Benchmark results", "", "Written by `python -m benchmarks.run`; see README.md.", ""]
    lines += [f"- {line}" for line in [*machine(), *about]]
    demanded = [one for one in comparisons if one.target is not None]
    peers = [one for one in comparisons if one.target is None]
    lines += _table("Targets", "baseline", demanded)
    lines += _table("Beside other packages", "the other", peers)
    lines += [f"- not measured: {name}: {reason}" for name, reason in failures.items()]
    lines += [line for name in AXES for line in _curve(name, points)]
    lines += ["", "## Every run", "", "In the order in which they were made (tokeval; baseline):"]
    return "\n".join([*lines, "", *map(_runs, comparisons), ""])


def _table(title: str, baseline: str, comparisons: Sequence[Comparison]) -> list[str]:
    """A section with a row for each comparison."""
    if not comparisons:
        return ["", f"## {title}", "", "Not measured with this version on this machine."]
    return [
        "",
        f"## {title}",
        "",
        f"| What | tokeval | {baseline} | ratio of medians | target | processor time "
        "| peak memory |",
        "| --- | ---: | ---: | ---: | --- | --- | --- |",
        *map(_row, comparisons),
        "",
    ]


def _curve(name: str, points: Sequence[Point]) -> list[str]:
    """A section with a row for each point of a curve."""
    own = sorted((point for point in points if point.curve == name), key=lambda point: point.x)
    lines = ["", f"## Against {AXES[name]}", ""]
    if not own:
        return [*lines, "Not measured with this version on this machine."]
    lines += ["| at | seconds | processor seconds | peak memory | baseline | ratio |"]
    lines += ["| ---: | ---: | ---: | ---: | ---: | ---: |"]
    for point in own:
        baseline, ratio = "", ""
        if point.baseline_seconds is not None:
            baseline = f"{point.baseline_seconds:.2f} s"
            ratio = f"{point.seconds / point.baseline_seconds:.2f}"
        lines.append(
            f"| {point.x:,.0f} | {point.seconds:.2f} | {point.cpu_seconds:.2f} "
            f"| {point.peak_bytes / 1e6:,.0f} MB | {baseline} | {ratio} |"
        )
    return lines


def _row(comparison: Comparison) -> str:
    """One row of the table."""
    measured, baseline = (
        f"{statistics.median(figures):,.3g} {comparison.unit}"
        if comparison.unit == "s"
        else f"{statistics.median(figures):,.0f} {comparison.unit}"
        for figures in (comparison.measured, comparison.baseline)
    )
    target = ""
    if comparison.target is not None:
        target = f"≤ {comparison.target:g}, {'missed' if comparison.missed else 'met'}"
    return (
        f"| {comparison.title} | {measured} | {baseline} | {comparison.ratio:.2f} "
        f"| {target} "
        f"| {comparison.processor} | {comparison.memory} |"
    )


def _runs(comparison: Comparison) -> str:
    """All figures of a comparison."""
    measured, baseline = (
        " ".join(f"{figure:.2f}" for figure in figures)
        for figures in (comparison.measured, comparison.baseline)
    )
    return f"- {comparison.title}, {comparison.unit}: {measured}; {baseline}"


def machine() -> list[str]:
    """What is to be said of the machine and the versions."""
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

"""The curves as SVG: the same bytes from the same figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.results import AXES, Point

_SIZE_INCHES = (7.2, 2.8)


def write_plots(points: Iterable[Point], folder: Path) -> list[Path]:
    """The files written, one for each curve of two points or more: time and peak memory."""
    curves: dict[str, list[Point]] = {}
    for point in points:
        curves.setdefault(point.curve, []).append(point)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in (name for name in AXES if len(curves.get(name, ())) > 1):
        written.append(folder / f"bench-{name.replace(' ', '-')}.svg")
        _write(written[-1], name, sorted(curves[name], key=lambda point: point.x))
    return written


def _write(path: Path, name: str, points: list[Point]) -> None:
    """Draws a curve: seconds with the baseline's on the left, memory on the right."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "tokeval", "font.size": 8}):
        figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
        time, memory = figure.subplots(1, 2)
        x = [point.x for point in points]
        time.plot(x, [point.seconds for point in points], "o-", label="tokeval")
        compared = [point for point in points if point.baseline_seconds is not None]
        if compared:
            baselines = [point.baseline_seconds for point in compared]
            time.plot([point.x for point in compared], baselines, "s--", label="baseline")
        time.legend(frameon=False)
        time.set_ylabel("seconds")
        memory.plot(x, [point.peak_bytes / 1e6 for point in points], "o-")
        memory.set_ylabel("peak memory, MB")
        for axes in (time, memory):
            axes.set_xscale("log")
            axes.set_xlabel(AXES[name])
            axes.set_ylim(bottom=0)
        figure.savefig(path, format="svg", metadata={"Date": None})

"""Ratios, targets, tables and plots of benchmark results, from made-up figures."""

from __future__ import annotations

import pytest

from benchmarks.plots import write_plots
from benchmarks.processes import Run
from benchmarks.results import Comparison, Point, markdown, wall_time

FAST = [Run(1.0, 2.0, 5_000_000, ""), Run(2.0, 3.0, 9_000_000, ""), Run(6.0, 4.0, 1, "")]
SLOW = [Run(4.0, 6.0, 3_000_000, "")]
POINTS = [Point("slices", x, x / 10, x / 5, 10**6 * x, x / 4) for x in (30, 1, 3)]


def test_a_ratio_is_of_medians():
    assert wall_time("a", FAST, SLOW, 0.5).ratio == 0.5


@pytest.mark.parametrize(("target", "missed"), [(0.5, False), (0.49, True), (None, False)])
def test_a_target_is_missed_above_it(target, missed):
    assert wall_time("a", FAST, SLOW, target).missed is missed


def test_the_file_has_both_tables_failures_and_curves_in_order_of_x():
    demanded = wall_time("demanded", FAST, SLOW, 0.4)
    other = Comparison("other", "s", [1.0], [2.0], None)
    text = markdown([demanded, other], POINTS, failures={"peer": "does not run"}, about=["said"])
    assert (
        "| demanded | 2 s | 4 s | 0.50 | ≤ 0.4, missed | 3 s / 6 s = 0.50 | 9 MB / 3 MB |" in text
    )
    assert "| other | 1 s | 2 s | 0.50 |  |  |  |" in text
    assert "- not measured: peer: does not run" in text
    rows = [line for line in text.splitlines() if line.endswith("| 0.40 |")]
    assert [row.split("|")[1].strip() for row in rows] == ["1", "3", "30"]
    assert rows[2] == "| 30 | 3.00 | 6.00 | 30 MB | 7.50 s | 0.40 |"


def test_plots_are_the_same_bytes_and_only_of_curves(tmp_path):
    single = Point("merges", 5, 1.0, 1.0, 1, None)
    first = write_plots([*POINTS, single], tmp_path / "a")
    again = write_plots(reversed([*POINTS, single]), tmp_path / "b")
    assert [path.name for path in first] == ["bench-slices.svg"]
    assert first[0].read_bytes() == again[0].read_bytes()
    assert b"<dc:date>" not in first[0].read_bytes()

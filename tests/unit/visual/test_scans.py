"""Scan orders: every cell once for every height and width, and steps to neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visual_sources import samples_of
from tokeval.document import Undefined
from tokeval.visual.dump import Layout
from tokeval.visual.scans import SCANS, hilbert, scan_bits

SIDES = st.integers(1, 48)


@pytest.mark.parametrize("name", list(SCANS))
@given(n_rows=SIDES, n_columns=SIDES)
def test_a_scan_visits_every_cell_once(name: str, n_rows: int, n_columns: int) -> None:
    order = SCANS[name](n_rows, n_columns)
    assert sorted(order.tolist()) == list(range(n_rows * n_columns))


def steps(name: str, n_rows: int, n_columns: int) -> np.ndarray:
    """Rows and columns between consecutive cells."""
    places = np.stack(np.divmod(SCANS[name](n_rows, n_columns), n_columns))
    return np.abs(np.diff(places, axis=1))


@pytest.mark.parametrize("name", ["snake", "spiral_in", "spiral_out"])
@given(n_rows=SIDES, n_columns=SIDES)
def test_snakes_and_spirals_step_to_the_next_cell(name: str, n_rows: int, n_columns: int) -> None:
    assert (steps(name, n_rows, n_columns).sum(axis=0) == 1).all()


@given(n_rows=SIDES, n_columns=SIDES)
def test_the_hilbert_curve_has_at_most_one_diagonal_step(n_rows: int, n_columns: int) -> None:
    found = steps("hilbert", n_rows, n_columns)
    assert found.max(initial=0) <= 1
    n_diagonal = int((found.sum(axis=0) == 2).sum())
    assert n_diagonal <= (n_rows % 2 != n_columns % 2)


@pytest.mark.parametrize("side", [4, 8, 16])
def test_the_hilbert_curve_fills_each_quarter_before_the_next(side: int) -> None:
    rows, columns = np.divmod(hilbert(side, side), side)
    quarters = 2 * (rows >= side // 2) + (columns >= side // 2)
    assert len(np.flatnonzero(np.diff(quarters))) == 3


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("raster", [0, 1, 2, 3, 4, 5]),
        ("column", [0, 3, 1, 4, 2, 5]),
        ("snake", [0, 1, 2, 5, 4, 3]),
        ("spiral_in", [0, 1, 2, 5, 4, 3]),
        ("spiral_out", [3, 4, 5, 2, 1, 0]),
        ("morton", [0, 1, 3, 4, 2, 5]),
    ],
)
def test_orders_of_two_rows_of_three(name: str, order: list[int]) -> None:
    assert SCANS[name](2, 3).tolist() == order


def test_the_scan_along_the_stripes_is_cheap() -> None:
    rng = np.random.default_rng(0)
    columns = np.repeat(rng.integers(0, 16, (300, 1, 8)), 8, axis=1)
    bits = scan_bits(samples_of(columns), Layout.NHW, codebook_size=16)
    assert isinstance(bits, dict)
    # 8 of 64 tokens begin a stripe along the columns; a row repeats nothing.
    assert bits["column"].values[0] < 1.2
    assert bits["raster"].values[0] > 3.9
    assert min(bits, key=lambda name: bits[name].values[0]) == "column"
    assert bits["column"].values[0] < bits["hilbert"].values[0] < bits["raster"].values[0]


def test_frames_of_video_are_walked_one_by_one() -> None:
    frames = np.random.default_rng(0).integers(0, 4, (100, 3, 2, 2))
    bits = scan_bits(samples_of(frames), Layout.NTHW, codebook_size=4)
    assert isinstance(bits, dict)
    for folds in bits.values():
        assert folds.values[0] == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(("layout", "shape"), [(Layout.NL, (9, 4)), (Layout.NHW, (1, 2, 2))])
def test_no_grid_or_a_single_sample_is_a_reason(layout: Layout, shape: tuple[int, ...]) -> None:
    found = scan_bits(samples_of(np.zeros(shape, int)), layout, codebook_size=2)
    assert isinstance(found, Undefined)

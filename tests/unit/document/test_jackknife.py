"""Paired differences of two cells: against recomputed blocks, SciPy, and where there are none."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tokeval.document import Cell, Measured, Undefined
from tokeval.document.jackknife import MIN_BLOCKS, jackknifed, paired_cells

TOP = [[float(5 + (7 * g) % 11) for g in range(14)], [float(6 + (5 * g) % 9) for g in range(14)]]
BOTTOM = [float(3 + (5 * g) % 7) for g in range(14)]


def ratio(tops: list[float], bottoms: list[float], without: int | None = None) -> float:
    kept = [g for g in range(len(tops)) if g != without]
    return sum(tops[g] for g in kept) / sum(bottoms[g] for g in kept)


def cell(tops: list[float], bottoms: list[float]) -> Cell:
    """A cell of a ratio of sums over blocks."""
    left_out = [ratio(tops, bottoms, g) for g in range(len(tops))]
    value = jackknifed(ratio(tops, bottoms), np.array(left_out))
    return Cell("m", "t", "s", value, "sig", tuple(left_out))


def interval(value: float, left_out: list[float], confidence: float) -> tuple[float, ...]:
    """Value, standard error and ends by the definition, block by block."""
    n = len(left_out)
    mean = statistics.fmean(left_out)
    stderr = math.sqrt((n - 1) / n * sum((one - mean) ** 2 for one in left_out))
    half = scipy.stats.t.ppf((1 + confidence) / 2, n - 1) * stderr
    return value, stderr, value - half, value + half


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_a_difference_is_recomputed_without_each_block(confidence: float) -> None:
    found = paired_cells(cell(TOP[0], BOTTOM), cell(TOP[1], BOTTOM), confidence=confidence)
    folds = [ratio(TOP[1], BOTTOM, g) - ratio(TOP[0], BOTTOM, g) for g in range(14)]
    whole = ratio(TOP[1], BOTTOM) - ratio(TOP[0], BOTTOM)
    assert isinstance(found, Measured)
    assert found.n_blocks == 14
    numbers = (found.value, found.stderr, found.low, found.high)
    assert numbers == pytest.approx(interval(whole, folds, confidence))


def test_a_relative_difference_is_recomputed_without_each_block() -> None:
    found = paired_cells(cell(TOP[0], BOTTOM), cell(TOP[1], BOTTOM), relative=True)
    folds = [ratio(TOP[1], TOP[0], g) - 1 for g in range(14)]
    assert isinstance(found, Measured)
    numbers = (found.value, found.stderr, found.low, found.high)
    assert numbers == pytest.approx(interval(ratio(TOP[1], TOP[0]) - 1, folds, 0.95))


def test_pairing_takes_out_what_both_share() -> None:
    """Twice as many everywhere: the relative difference is 1 in every block, its error 0."""
    doubled = [2 * top for top in TOP[0]]
    found = paired_cells(cell(TOP[0], BOTTOM), cell(doubled, BOTTOM), relative=True)
    assert isinstance(found, Measured)
    assert (found.value, found.stderr) == pytest.approx((1.0, 0.0), abs=1e-12)
    apart = paired_cells(cell(TOP[0], BOTTOM), cell(doubled, BOTTOM))
    assert isinstance(apart, Measured)
    assert (apart.stderr or 0.0) > 0.01


NUMBERS = st.floats(1, 100).map(lambda x: round(x, 2))
BLOCKS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=MIN_BLOCKS, max_size=30)


@given(BLOCKS)
def test_turned_around_a_difference_has_the_other_sign(blocks: list[tuple[float, ...]]) -> None:
    one, other, bottom = (list(column) for column in zip(*blocks, strict=True))
    there = paired_cells(cell(one, bottom), cell(other, bottom))
    back = paired_cells(cell(other, bottom), cell(one, bottom))
    assert isinstance(there, Measured)
    assert isinstance(back, Measured)
    assert there.value == pytest.approx(-back.value)
    assert there.stderr == pytest.approx(back.stderr)
    assert there.low == pytest.approx(-(back.high or 0.0), abs=1e-9)


def test_the_reason_of_the_side_without_an_interval_is_passed_on() -> None:
    known = cell(TOP[0], BOTTOM)
    constant = Cell("m", "t", "s", Measured(2.0, 0, stderr_reason="a constant"), "sig")
    for before, after in ((known, constant), (constant, known)):
        found = paired_cells(before, after)
        assert isinstance(found, Measured)
        assert (found.stderr, found.low, found.high) == (None, None, None)
        assert found.stderr_reason == "a constant"
        assert found.value == after.value.value - before.value.value  # type: ignore[union-attr] # measured
        relative = paired_cells(before, after, relative=True)
        assert isinstance(relative, Measured)
        assert relative.value == after.value.value / before.value.value - 1  # type: ignore[union-attr] # measured


def test_what_is_undefined_stays_so() -> None:
    known, missing = cell(TOP[0], BOTTOM), Cell("m", "t", "s", Undefined("no words"), "sig")
    assert paired_cells(known, missing) == Undefined("no words")
    assert paired_cells(missing, known) == Undefined("no words")
    fewer = cell(TOP[0][:12], BOTTOM[:12])
    assert "share their blocks" in str(paired_cells(known, fewer))


def test_there_is_no_relative_difference_from_0() -> None:
    zero = cell([0.0] * 14, BOTTOM)
    found = paired_cells(zero, cell(TOP[0], BOTTOM), relative=True)
    assert isinstance(found, Undefined)
    assert isinstance(paired_cells(zero, cell(TOP[0], BOTTOM)), Measured)
    one_block = cell([1.0] + [0.0] * 13, BOTTOM)
    found = paired_cells(one_block, cell(TOP[0], BOTTOM), relative=True)
    assert isinstance(found, Measured)
    assert found.stderr_reason == "undefined when one block is left out"


def test_nine_blocks_are_too_few() -> None:
    few = cell(TOP[0][:9], BOTTOM[:9])
    found = paired_cells(few, cell(TOP[1][:9], BOTTOM[:9]))
    assert isinstance(found, Measured)
    assert found.stderr is None
    assert "only 9 blocks" in (found.stderr_reason or "")

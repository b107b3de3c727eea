"""Numbers near the end of floating point: no infinity and no NaN gets into a document."""

from __future__ import annotations

import numpy as np

from tests.unit.gate.runs import blocks, cell
from tokeval.document import Measured, Undefined
from tokeval.document.jackknife import jackknifed, paired_cells


def test_a_difference_beyond_the_range_is_undefined() -> None:
    low, high = (cell("fertility", "tr", value) for value in (-1.7e308, 1.7e308))
    assert isinstance(paired_cells(low, high), Undefined)
    tiny = cell("fertility", "tr", 5e-324)
    assert isinstance(paired_cells(tiny, high, relative=True), Undefined)


def test_an_interval_beyond_the_range_is_none() -> None:
    value = jackknifed(0.0, np.array([1e200, -1e200] * 10))
    assert (value.stderr, value.low, value.high) == (None, None, None)
    assert value.stderr_reason == "its interval is too large for a number"


def test_a_difference_is_the_jackknife_of_the_differences() -> None:
    before = cell("fertility", "tr", blocks(2.0))
    after = cell("fertility", "tr", [3 * one for one in blocks(2.0)])
    value = paired_cells(before, after)
    # The stderr of a mean of n numbers is their standard deviation / √n.
    doubled = [2 * one for one in blocks(2.0)]
    assert isinstance(value, Measured)
    assert value.stderr is not None
    assert np.isclose(value.stderr, np.std(doubled, ddof=1) / np.sqrt(len(doubled)))

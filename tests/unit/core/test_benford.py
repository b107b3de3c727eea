"""Leading digits by hand and by string; the simulated deviations against their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.counted import counted, drawn, zipf
from tokeval.core import benford


@given(st.lists(st.integers(1, 2**60), min_size=1))
def test_leading_digits_are_those_that_are_written(counts: list[int]) -> None:
    found = benford.leading_digits(np.array(counts))
    assert found.tolist() == [int(str(count)[0]) for count in counts]


def test_digit_shares_by_fold() -> None:
    shares = benford.digit_shares(counted([[1, 20, 30], [1, 0, 9], [0, 0, 0]]))
    whole = np.zeros(9)
    whole[[1, 1, 2]] = [2 / 3, 2 / 3, 1 / 3]
    assert shares[0] == pytest.approx(whole)  # counts 2, 20, 39
    assert np.flatnonzero(shares[1]).tolist() == [0, 8]  # 1 and 9
    assert np.isnan(benford.digit_shares(counted([[1, 1]]))[1]).all()


def test_deviation_by_hand() -> None:
    one = np.eye(9)[0]
    expected = (2 * (1 - math.log10(2))) / 9
    assert benford.mean_absolute_deviation(one) == pytest.approx(expected)
    assert benford.mean_absolute_deviation(benford.BENFORD) == 0


@pytest.mark.parametrize("n_types", [500, 5000])
def test_half_of_the_null_is_below_what_normal_shares_deviate(n_types: int) -> None:
    # E|x| = σ √(2/π); means over nine digits are all but symmetric.
    sigma = np.sqrt(benford.BENFORD * (1 - benford.BENFORD) / n_types)
    expected = math.sqrt(2 / math.pi) * sigma.mean()
    assert benford.null_deviation(n_types, level=0.5) == pytest.approx(expected, rel=0.05)


def test_powers_of_two_are_near_benfords_law() -> None:
    shares = benford.digit_shares(counted([[2**k for k in range(50)]]))
    assert benford.mean_absolute_deviation(shares)[0] < benford.null_deviation(50)


def test_the_deviation_under_zipf_is_that_of_another_draw() -> None:
    expected = benford.deviation_under_zipf(0.8, support=1000, n_tokens=50_000)
    types = drawn(zipf(0.8, 1000), 50_000, seed=9, n_blocks=1)
    found = benford.mean_absolute_deviation(benford.digit_shares(types))[0]
    assert found == pytest.approx(expected, abs=0.01)
    assert found > benford.null_deviation(1000)

"""Jackknife intervals: against a recomputation, against closed forms, and where there is none."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
import scipy.stats
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokeval.core.metric import Folds, estimate, paired_difference, ratio
from tokeval.document import Measured, Undefined
from tokeval.document.jackknife import half_width

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

NUMBERS = st.floats(-1e3, 1e3).map(lambda x: round(x, 3))


def folds_of(numerators: list[float], denominators: list[float]) -> Folds:
    """A ratio of sums over blocks, by plain Python."""
    values = [sum(numerators) / sum(denominators)]
    for block in range(len(numerators)):
        top = sum(numerators[:block] + numerators[block + 1 :])
        bottom = sum(denominators[:block] + denominators[block + 1 :])
        values.append(top / bottom)
    return Folds(np.array(values))


@PATIENT
@given(st.lists(NUMBERS, min_size=10, max_size=40))
def test_the_standard_error_of_a_mean_is_s_over_root_n(numbers: list[float]) -> None:
    measured = estimate(folds_of(numbers, [1.0] * len(numbers)))
    closed = statistics.stdev(numbers) / math.sqrt(len(numbers))
    assert measured.stderr == pytest.approx(closed, rel=1e-6, abs=1e-9)


def test_a_ratio_against_a_direct_recomputation() -> None:
    """Twelve blocks, by the formula (G − 1)/G · Σ (θ₋g − mean θ₋)² and SciPy's t quantile."""
    numerators = [float(5 + (7 * g) % 11) for g in range(12)]
    denominators = [float(3 + (5 * g) % 7) for g in range(12)]
    without = [
        (sum(numerators) - numerators[g]) / (sum(denominators) - denominators[g]) for g in range(12)
    ]
    variance = 11 / 12 * sum((value - statistics.mean(without)) ** 2 for value in without)
    measured = estimate(folds_of(numerators, denominators))
    value = sum(numerators) / sum(denominators)
    half = scipy.stats.t.ppf(0.975, 11) * math.sqrt(variance)
    assert measured.n_blocks == 12
    assert measured.value == pytest.approx(value)
    assert measured.stderr == pytest.approx(math.sqrt(variance))
    assert measured.low == pytest.approx(value - half)
    assert measured.high == pytest.approx(value + half)


def test_the_interval_of_a_ratio_covers_as_often_as_it_says() -> None:
    """2,000 samples of 20 blocks: the true ratio lies inside in 95% of them, give or take 2%."""
    draw = np.random.default_rng(1)
    n_covered = 0
    for _ in range(2000):
        denominators = draw.poisson(200, 20)
        numerators = draw.poisson(1.5 * denominators)
        totals = np.array([numerators.sum(), denominators.sum()])
        values = (totals[:, None] - np.stack([numerators, denominators])).astype(float)
        folds = np.concatenate(([totals[0] / totals[1]], values[0] / values[1]))
        measured = estimate(Folds(folds))
        assert measured.low is not None
        assert measured.high is not None
        n_covered += measured.low <= 1.5 <= measured.high
    assert n_covered / 2000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("n_blocks", [0, 1, 9])
def test_fewer_than_ten_blocks_have_a_reason_and_no_error(n_blocks: int) -> None:
    measured = estimate(Folds(np.linspace(1.0, 2.0, 1 + n_blocks).astype(np.float64)))
    assert measured.value == 1
    assert (measured.stderr, measured.low, measured.high) == (None, None, None)
    blocks = "1 block" if n_blocks == 1 else f"{n_blocks} blocks"
    assert measured.stderr_reason == f"only {blocks} of text; an interval needs 10"


def test_ten_blocks_are_enough() -> None:
    measured = estimate(Folds(np.linspace(1.0, 2.0, 11).astype(np.float64)))
    assert measured.stderr is not None
    assert measured.stderr_reason is None


def test_a_constant_and_a_total_say_why_they_have_no_interval() -> None:
    assert estimate(Folds.constant(3.0)).stderr_reason == "a constant of the tokenizer"
    total = estimate(
        Folds(np.arange(20, dtype=np.float64), "a total of this text, not an estimate")
    )
    assert (total.value, total.stderr, total.n_blocks) == (0, None, 19)
    assert total.stderr_reason == "a total of this text, not an estimate"


def test_a_fold_without_a_value_leaves_no_interval() -> None:
    values = np.ones(13)
    values[5] = np.nan
    assert estimate(Folds(values)).stderr_reason == "undefined when one block is left out"


def test_the_half_width_is_students() -> None:
    for n_blocks in (2, 10, 64):
        expected = scipy.stats.t.ppf(0.975, n_blocks - 1) * 0.3
        assert half_width(0.3, n_blocks) == pytest.approx(expected)


def test_a_ratio_without_a_denominator_is_undefined() -> None:
    zero = np.zeros(3, dtype=np.int64)
    assert ratio(zero + 1, zero, "words") == Undefined("the slice has no words")


def test_a_ratio_where_one_fold_has_no_denominator() -> None:
    folds = ratio(np.array([6, 6, 0]), np.array([3, 3, 0]), "words")
    assert isinstance(folds, Folds)
    np.testing.assert_array_equal(folds.values, [2, 2, np.nan])


@PATIENT
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=10, max_size=30))
def test_a_paired_difference_is_the_estimate_of_the_differences(
    pairs: list[tuple[float, float]],
) -> None:
    """For means: s/√n of the differences, not of the two apart."""
    ones = [1.0] * len(pairs)
    a = folds_of([x for x, _ in pairs], ones)
    b = folds_of([y for _, y in pairs], ones)
    difference = paired_difference(a, b)
    assert isinstance(difference, Measured)
    closed = statistics.stdev(x - y for x, y in pairs) / math.sqrt(len(pairs))
    assert difference.stderr == pytest.approx(closed, rel=1e-6, abs=1e-9)


def test_values_that_share_no_blocks_have_no_paired_difference() -> None:
    a, b = Folds(np.ones(11)), Folds(np.ones(12))
    assert paired_difference(a, b) == Undefined("the two values do not share their blocks")
    constant = paired_difference(a, Folds(np.ones(11), "a total"))
    assert isinstance(constant, Measured)
    assert constant.stderr_reason == "a total"

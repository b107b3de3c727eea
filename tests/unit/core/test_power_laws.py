"""Exponents against laws that were sampled, brute-force likelihoods and exact combinatorics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from tokeval.core import power_laws
from tokeval.core.rarefaction import expected_types


def zipf_sample(s: float, support: int, n_tokens: int, *, q: float = 0) -> NDArray[np.int64]:
    """Counts of tokens drawn from P(r) ∝ (r + q)^−s."""
    p = (np.arange(1, support + 1) + q) ** -s
    return np.random.default_rng(3).multinomial(n_tokens, p / p.sum())


def exponent(counts: NDArray[np.int64], support: int) -> float:
    """The exponent from sorted counts."""
    mean = np.array([power_laws.mean_log_rank(counts)])
    return float(power_laws.zipf_exponent(mean, support)[0])


@pytest.mark.parametrize("support", [2, 500, 513, 20_000, 150_000])
@pytest.mark.parametrize("s", [0.5, 1.0, 1.2])
def test_the_exponent_belongs_to_its_expectation(s: float, support: int) -> None:
    ranks = np.arange(1, support + 1, dtype=np.float64)
    p = ranks**-s / (ranks**-s).sum()
    found = power_laws.zipf_exponent(np.array([p @ np.log(ranks)]), support)
    assert found == pytest.approx([s], abs=1e-7)


@pytest.mark.parametrize("s", [0.5, 1.0, 1.2])
def test_a_simulated_exponent_is_recovered_and_bracketed(s: float) -> None:
    support = 2000
    counts = zipf_sample(s, support, 200_000)
    half = np.random.default_rng(4).binomial(counts, 0.5)
    split = power_laws.split_mean_log_rank(half, counts - half, support)
    from_halves = power_laws.zipf_exponent(np.array([split]), support)[0]
    from_sorted = exponent(counts, support)
    assert from_sorted == pytest.approx(s, abs=0.006)
    assert from_halves == pytest.approx(s, abs=0.015)
    assert from_halves < from_sorted


def test_the_exponent_has_the_greatest_likelihood() -> None:
    counts = zipf_sample(0.8, 300, 5000)
    logs = np.log(np.arange(1, 301))
    ordered = np.sort(counts)[::-1]

    def loss(s: float) -> float:
        return float(s * ordered @ logs + ordered.sum() * np.log(np.exp(-s * logs).sum()))

    best = minimize_scalar(loss, bounds=(0, 5), method="bounded", options={"xatol": 1e-9})
    assert exponent(counts, 300) == pytest.approx(best.x, abs=1e-6)


def test_even_counts_have_no_slope_and_a_single_type_the_greatest() -> None:
    assert exponent(np.full(50, 7), 50) == pytest.approx(0, abs=1e-9)
    assert exponent(np.array([9]), 50) == pytest.approx(power_laws.MAX_EXPONENT)


def test_types_that_the_ranking_half_lacks_share_the_other_ranks() -> None:
    mean = power_laws.split_mean_log_rank(np.array([5, 0, 0]), np.array([2, 1, 0]), 4)
    assert mean == pytest.approx((math.log(2) + math.log(3) + math.log(4)) / 3 / 3)


def test_zipf_mandelbrot_is_recovered_and_better_than_zipf() -> None:
    support = 5000
    law = power_laws.fit_zipf_mandelbrot(zipf_sample(1.2, support, 2_000_000, q=50), support)
    assert law.s == pytest.approx(1.2, abs=0.02)
    assert law.q == pytest.approx(50, abs=3)
    assert law.aic < law.aic_zipf


def test_zipf_needs_no_shift_where_there_is_none() -> None:
    law = power_laws.fit_zipf_mandelbrot(zipf_sample(1.0, 3000, 500_000), 3000)
    assert law.s == pytest.approx(1.0, abs=0.02)
    assert law.q < 0.3


@pytest.mark.parametrize("s", [1.25, 1.5, 2.0])
def test_heaps_exponent_is_the_reciprocal_of_an_infinite_zipf_law(s: float) -> None:
    drawn = np.random.default_rng(6).zipf(s, 200_000)
    counts = np.unique(drawn, return_counts=True)[1]
    k, beta = power_laws.heaps_law(counts, power_laws.heaps_sizes(counts))
    assert beta == pytest.approx(1 / s, abs=0.015)
    assert k > 1


def test_heaps_is_fitted_below_saturation() -> None:
    counts = np.full(100, 1000)
    sizes = power_laws.heaps_sizes(counts)
    expected = expected_types(counts, sizes)
    assert expected.max() < 80
    assert expected_types(counts, sizes[-1:] + 1)[0] >= 80 - 1
    assert (np.diff(sizes) > 0).all()


def test_too_little_text_has_no_sizes() -> None:
    assert len(power_laws.heaps_sizes(np.array([3, 1]))) == 0

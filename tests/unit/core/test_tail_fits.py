"""Tails, against the package `powerlaw` and laws that were sampled."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.counted import zipf
from tokeval.core import tail_fits
from tokeval.core.tail_fits import TailFit, fit_tail
from tokeval.document import Undefined


def samples(law: str) -> NDArray[np.int64]:
    """Counts of a named law."""
    rng = np.random.default_rng(3)
    if law == "power law":
        return rng.zipf(2.5, 1500).clip(max=10**7)
    if law == "lognormal":
        return np.rint(np.exp(rng.normal(3, 1, 1000))).astype(np.int64) + 1
    return rng.multinomial(20_000, zipf(1.0, 2000))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("law", ["power law", "lognormal", "counts of Zipf's law"])
def test_the_package_finds_the_same_tail(law: str) -> None:
    powerlaw = pytest.importorskip("powerlaw")
    counts = samples(law)
    fit = fit_tail(counts)
    assert isinstance(fit, TailFit)
    theirs = powerlaw.Fit(
        counts[counts > 0].astype(float),
        discrete=True,
        estimate_discrete=False,
        parameter_ranges={"alpha": [1, None]},
        verbose=False,
    )
    assert fit.minimum == theirs.xmin
    assert fit.alpha == pytest.approx(theirs.power_law.alpha, abs=2e-4)
    assert fit.distance == pytest.approx(theirs.power_law.D, abs=2e-5)
    assert fit.n_types == (counts >= fit.minimum).sum()


@pytest.mark.filterwarnings("ignore")
def test_the_package_compares_with_the_same_lognormal() -> None:
    powerlaw = pytest.importorskip("powerlaw")
    counts = samples("power law")
    fit = fit_tail(counts)
    assert isinstance(fit, TailFit)
    theirs = powerlaw.Fit(
        counts.astype(float), discrete=True, estimate_discrete=False, verbose=False
    )
    ratio, p_value = theirs.distribution_compare("power_law", "lognormal")
    assert fit.mu == pytest.approx(theirs.lognormal.mu, rel=1e-3)
    assert fit.sigma == pytest.approx(theirs.lognormal.sigma, rel=1e-3)
    assert fit.log_ratio == pytest.approx(ratio, abs=1e-3)
    assert fit.p_value == pytest.approx(p_value, abs=1e-3)


@pytest.mark.parametrize("alpha", [1.8, 2.5, 3.5])
def test_a_sampled_exponent_is_recovered(alpha: float) -> None:
    fit = fit_tail(np.random.default_rng(5).zipf(alpha, 30_000).clip(max=10**12))
    assert isinstance(fit, TailFit)
    assert fit.alpha == pytest.approx(alpha, abs=0.06)
    assert not (fit.log_ratio < 0 and fit.p_value < 0.05)


def test_a_lognormal_is_told_from_a_power_law() -> None:
    counts = np.rint(np.exp(np.random.default_rng(6).normal(5, 0.7, 20_000))).astype(np.int64) + 1
    values, n_types = np.unique(counts, return_counts=True)
    mu, sigma = tail_fits._fit_lognormal(values.astype(float), n_types.astype(float))
    assert mu == pytest.approx(5, abs=0.03)
    assert sigma == pytest.approx(0.7, abs=0.03)
    fit = fit_tail(counts)
    assert isinstance(fit, TailFit)
    assert fit.minimum > np.median(counts)


def test_rounded_lognormal_probabilities_sum_to_one() -> None:
    values = np.arange(3.0, 200_000)
    total = np.exp(tail_fits._log_lognormal(values, 2.0, 1.5)).sum()
    assert total == pytest.approx(1, abs=1e-9)


def test_too_few_distinct_counts_have_no_tail() -> None:
    assert isinstance(fit_tail(np.array([1, 1, 2, 2, 3, 0])), Undefined)


def test_many_distinct_counts_are_searched_in_part() -> None:
    assert len(tail_fits._candidates(2000)) == 1998
    places = tail_fits._candidates(100_000)
    assert places[0] == 0
    assert places[-1] == 99_997
    assert len(places) == 64

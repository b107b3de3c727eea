"""Zipf and Heaps exponents of evidence: by hand, by brute force, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tests.unit.metrics.studied import context_without_study, evidence_of, value
from tokeval.core.metric import Context, Folds
from tokeval.document import Undefined
from tokeval.metrics import growth

BOTH = ["zipf_exponent", "heaps_exponent"]


def context_of_counts(*blocks: list[int], n_vocabulary: int = 10) -> Context:
    """A context in which type i occurs so often in each block."""
    ids = [[i for i, n in enumerate(counts) for _ in range(n)] for counts in blocks]
    return context_without_study(evidence_of(ids, ids), n_vocabulary)


@pytest.mark.case(golden=["zipf_exponent"])
def test_zipf_of_two_types_is_the_logarithm_of_their_odds() -> None:
    # P(1) / P(2) = 2^s, so counts 8 and 2 have s = log2 4.
    context = context_of_counts([6, 1], [2, 1], n_vocabulary=2)
    folds = growth.zipf_exponent(context)
    assert isinstance(folds, Folds)
    assert folds.values == pytest.approx([2, math.log2(2), math.log2(6)])


@pytest.mark.case(golden=["heaps_exponent"])
def test_heaps_of_even_counts_is_the_slope_of_the_occupancy() -> None:
    # 200 types of 1000 tokens each: of m tokens, type i is missed with probability
    # C(199000, m) / C(200000, m), so E[V(m)] = 200 (1 − that), by logarithms of factorials.
    context = context_of_counts([1000] * 200, n_vocabulary=200)
    end = next(m for m in range(200, 400) if _expected(m) >= 160) - 1
    sizes = np.unique(np.geomspace(10, end, 12).round())
    slope = np.polyfit(np.log(sizes), np.log([_expected(int(m)) for m in sizes]), 1)[0]
    assert value(growth.heaps_exponent, context) == pytest.approx(slope, abs=1e-6)


def _expected(m: int) -> float:
    missed = 1.0
    for drawn in range(m):
        missed *= (199_000 - drawn) / (200_000 - drawn)
    return 200 * (1 - missed)


@pytest.mark.case(oracle=["zipf_exponent"])
def test_zipf_has_the_greatest_likelihood_in_every_fold() -> None:
    rng = np.random.default_rng(1)
    blocks = [rng.multinomial(300, np.arange(1, 41.0) ** -1 / 4.28, size=1)[0] for _ in range(3)]
    context = context_of_counts(*(block.tolist() for block in blocks), n_vocabulary=60)
    folds = growth.zipf_exponent(context)
    assert isinstance(folds, Folds)
    logs = np.log(np.arange(1, 61))
    total = np.sum(blocks, axis=0)
    for found, counts in zip(folds.values, [total, *(total - b for b in blocks)], strict=True):
        ordered = np.sort(counts)[::-1]

        def loss(s: float, ordered: np.ndarray = ordered) -> float:
            norm = np.log(np.exp(-s * logs).sum())
            return float(s * ordered @ logs[: len(ordered)] + ordered.sum() * norm)

        best = minimize_scalar(loss, bounds=(0, 4), method="bounded", options={"xatol": 1e-9})
        assert found == pytest.approx(best.x, abs=1e-6)


@pytest.mark.case(oracle=["heaps_exponent"])
def test_heaps_is_the_reciprocal_of_the_exponent_that_was_drawn_from() -> None:
    drawn = np.random.default_rng(2).zipf(1.5, 60_000)
    counts = np.unique(drawn, return_counts=True)[1]
    context = context_of_counts(counts.tolist(), n_vocabulary=len(counts))
    assert value(growth.heaps_exponent, context) == pytest.approx(1 / 1.5, abs=0.02)


def test_a_law_of_the_whole_vocabulary_needs_its_size() -> None:
    few = value(growth.zipf_exponent, context_of_counts([50, 20, 9], n_vocabulary=3))
    many = value(growth.zipf_exponent, context_of_counts([50, 20, 9], n_vocabulary=5000))
    assert many > few


@pytest.mark.case(undefined=BOTH)
@pytest.mark.parametrize(
    ("counts", "reason"),
    [([], "no tokens"), ([1, 1, 1, 1], "4 distinct tokens among 4")],
)
def test_without_repetitions_there_is_no_law(counts: list[int], reason: str) -> None:
    context = context_of_counts(counts)
    for compute in (growth.zipf_exponent, growth.heaps_exponent):
        found = compute(context)
        assert isinstance(found, Undefined)
        assert reason in found.reason


@pytest.mark.parametrize(
    ("counts", "n_vocabulary", "reason"),
    [([9], 10, "one token type"), ([9], 1, "one entry"), ([10**6, 1], 10**6, None)],
)
def test_zipf_of_a_single_type(counts: list[int], n_vocabulary: int, reason: str | None) -> None:
    found = growth.zipf_exponent(context_of_counts(counts, n_vocabulary=n_vocabulary))
    if reason is None:
        assert isinstance(found, Folds)
    else:
        assert isinstance(found, Undefined)
        assert reason in found.reason


def test_heaps_of_a_short_text() -> None:
    found = growth.heaps_exponent(context_of_counts([3, 2, 1]))
    assert isinstance(found, Undefined)
    assert "too short" in found.reason


def test_a_fold_without_enough_text_is_no_number() -> None:
    context = context_of_counts([1000] * 20, [1] * 20, n_vocabulary=20)
    folds = growth.heaps_exponent(context)
    assert isinstance(folds, Folds)
    assert np.isfinite(folds.values).tolist() == [True, False, True]


def test_the_growth_curve_begins_at_one_and_ends_at_all_types() -> None:
    (line,) = growth.series("toy", context_of_counts([30, 20, 10, 1]))
    assert (line.x[0], line.y[0]) == (1, pytest.approx(1))
    assert (line.x[-1], line.y[-1]) == (61, pytest.approx(4))
    assert list(line.y) == sorted(line.y)
    assert growth.series("toy", context_of_counts([])) == []

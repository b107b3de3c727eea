"""Rarefaction against fractions and against a simulation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.core.rarefaction import expected_types


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_expected_types_are_exact(counts: list[int]) -> None:
    total = sum(counts)
    sizes = np.arange(total + 1)
    exact = [
        sum(1 - Fraction(math.comb(total - c, m), math.comb(total, m)) for c in counts)
        for m in range(total + 1)
    ]
    found = expected_types(np.array(counts), sizes)
    assert found == pytest.approx([float(e) for e in exact], abs=1e-9)


def test_rare_and_very_frequent_types_are_counted_together() -> None:
    counts = np.array([0, 3, 4095, 4096, 4097, 4096, 70_000])
    total = int(counts.sum())
    for m in (1, 10, 1000):
        exact = sum(1 - Fraction(math.comb(total - c, m), math.comb(total, m)) for c in counts)
        found = expected_types(counts, np.array([m]))[0]
        assert found == pytest.approx(float(exact), rel=1e-8)


def test_expected_types_are_those_of_a_simulation() -> None:
    counts = np.diff((4000 * np.log1p(np.arange(401)) / np.log1p(400)).astype(np.int64))
    tokens = np.repeat(np.arange(400), counts)
    rng = np.random.default_rng(5)
    drawn = [len(np.unique(rng.choice(tokens, 500, replace=False))) for _ in range(300)]
    expected = expected_types(counts, np.array([500]))[0]
    assert np.mean(drawn) == pytest.approx(expected, rel=0.005)

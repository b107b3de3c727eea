"""The search for violated pairs, against all steps of all pairs one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.mixture_histories import Case, build, train
from tokeval.mixture.program import build_program
from tokeval.mixture.violations import find_violations, lowest_of_ranges

RNG = np.random.default_rng(5)
WORDS = ["".join(RNG.choice(list("abcd"), RNG.integers(2, 7))) for _ in range(30)]


def random_case(seed: int, n_categories: int = 3, n_steps: int = 12) -> Case:
    rng = np.random.default_rng(seed)
    tables = [
        {w: int(c) for w, c in zip(WORDS, rng.lognormal(3, 1, len(WORDS)), strict=True)}
        for _ in range(n_categories)
    ]
    return build(tables, train(tables[0], n_steps))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.data())
def test_range_minima(values: list[int], data: st.DataObject) -> None:
    lowest = lowest_of_ranges(np.array(values, dtype=float))
    level = data.draw(st.integers(0, len(lowest) - 1))
    begin = data.draw(st.integers(0, len(values) - 2**level))
    assert values[lowest[level, begin]] == min(values[begin : begin + 2**level])


@pytest.mark.parametrize("seed", range(5))
def test_the_worst_step_of_each_pair(seed: int) -> None:
    case = random_case(seed)
    rng = np.random.default_rng(seed)
    program = build_program(case.history, rng.random(12) < 0.8)
    shares = rng.dirichlet(np.ones(3))
    bars = program.winner_frequencies(shares) + rng.random(12) * 0.002
    pair_slacks = rng.random(len(case.pairs)) * 0.002
    found = find_violations(
        case.history, shares, bars=bars, pair_slacks=pair_slacks, tolerance=1e-12
    )
    weights = shares / case.history.n_pairs_initially
    worst = {}
    for p, pair in enumerate(case.pairs):
        mixed = [float(weights @ [c[pair] for c in step]) for step in case.counts]
        excess = np.array(mixed) - bars - pair_slacks[p]
        if excess.max() > 1e-12:
            worst[p] = excess.max()
            place = np.flatnonzero(found.pairs == p)
            assert excess[found.steps[place]] == pytest.approx(excess.max())
    assert len(worst) >= 3
    assert_array_equal(found.pairs, sorted(worst))
    assert_allclose(found.amounts, [worst[p] for p in sorted(worst)])


def test_no_step_for_sale_means_no_violation() -> None:
    case = random_case(1)
    bars, shares = np.full(12, np.inf), np.full(3, 1 / 3)
    slacks = np.zeros(len(case.pairs))
    assert not len(
        find_violations(case.history, shares, bars=bars, pair_slacks=slacks, tolerance=0.0)
    )

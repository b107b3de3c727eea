"""The auction, against the heaviest matching that SciPy finds among all steps and pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tests.mixture_histories import Case, build, train
from tokeval.mixture.matching import NOBODY, auction
from tokeval.mixture.program import build_program

N_STEPS = 21


def case_of(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcdef"), rng.integers(2, 6))) for _ in range(40)]
    tables = [
        dict(zip(words, rng.integers(1, 99, len(words)).tolist(), strict=True)) for _ in range(4)
    ]
    return build(tables[:3], train(tables[3], N_STEPS))


def excess(
    case: Case, shares: NDArray[np.float64], bars: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each pair exceeds the bar of each step by, not below 0: (n_steps, n_pairs)."""
    counts = np.array([[[c[pair] for c in step] for pair in case.pairs] for step in case.counts])
    mixed = counts @ (shares / case.history.n_pairs_initially)
    return np.maximum(mixed - bars[:, None], 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_from_no_prices_it_is_within_the_increment_of_the_heaviest_matching(seed: int) -> None:
    case = case_of(seed)
    shares = np.random.default_rng(seed).dirichlet(np.ones(3))
    program = build_program(case.history, np.arange(N_STEPS) != 4)
    bars = program.winner_frequencies(shares)
    weights = excess(case, shares, bars)
    heaviest = weights[linear_sum_assignment(weights, maximize=True)].sum()
    owners = auction(
        case.history,
        shares,
        bars=bars,
        owners=np.full(N_STEPS, NOBODY),
        pairs=np.flatnonzero(weights.any(axis=0)),
        increment=1e-7,
        max_bids=10**7,
    )
    held = np.flatnonzero(owners != NOBODY)
    assert len(set(owners[held])) == len(held) > 2
    assert owners[4] == NOBODY
    weight = weights[held, owners[held]].sum()
    assert heaviest - N_STEPS * 1e-7 <= weight <= heaviest + 1e-12


def test_it_stops_after_the_bids_it_may_make_and_changes_no_argument() -> None:
    case, shares = case_of(0), np.full(3, 1 / 3)
    bars, owners = np.zeros(N_STEPS), np.full(N_STEPS, NOBODY)
    later = auction(
        case.history,
        shares,
        bars=bars,
        owners=owners,
        pairs=np.arange(len(case.pairs)),
        increment=1e-3,
        max_bids=5,
    )
    assert 0 < (later != NOBODY).sum() <= 5
    assert (owners == NOBODY).all()
    assert_array_equal(bars, 0)


def test_who_is_outbid_moves_to_the_next_best_step() -> None:
    # x exceeds both steps by the same, y is above the bar of step 0 only and pays more for it.
    case = build([{"xx": 5, "yyyyy": 2}], [("q", "q"), ("q", "r")])
    x, y = case.pairs.index(("x", "x")), case.pairs.index(("y", "y"))
    n = case.history.n_pairs_initially[0]
    later = auction(
        case.history,
        np.ones(1),
        bars=np.array([3 / n, 4 / n]),
        owners=np.array([x, NOBODY]),
        pairs=np.array([y]),
        increment=1e-6,
        max_bids=100,
    )
    assert_array_equal(np.sort(later), np.sort([x, y]))

"""The monotone estimate: its line against a linear program, its shares against a search by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize, minimize_scalar

from tests.mixtures import ignore, tables_of, trained_on
from tokeval.mixture.history import combine
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.monotone import FACTOR, Winners, monotone_shares, refined, weighed
from tokeval.mixture.replay import replay
from tokeval.mixture.report import Settings, infer_result

TRUE = np.array([0.3, 0.7])


def falling(n_steps: int, *, noise: float, seed: int) -> NDArray[np.float64]:
    """Frequencies in two categories whose mixture by TRUE falls, but for noise.

    The first category's winners come and go in waves, and the second makes up for it.
    """
    rng = np.random.default_rng(seed)
    mixed = 0.02 / np.arange(1, n_steps + 1)
    first = mixed * (1 + 0.9 * np.sin(np.arange(n_steps) / 7))
    second = (mixed - TRUE[0] * first) / TRUE[1]
    frequencies = np.column_stack([first, second])
    return np.asarray(frequencies * np.exp(noise * rng.normal(size=(n_steps, 1))))


def test_the_line_has_the_least_loss_of_all_falling_lines() -> None:
    """Against scipy's general solver, which knows nothing of level parts or weights."""
    rng = np.random.default_rng(3)
    logs = np.linspace(-2, -3, 25) + 0.15 * rng.normal(size=25)
    weights = rng.uniform(0.2, 1, 25)
    winners = Winners(np.exp(logs)[:, None], weights, huber=0.1)

    def loss(line: NDArray[np.float64]) -> float:
        sizes = np.abs(logs - line)
        each = np.where(sizes <= 0.1, sizes**2 / 2, 0.1 * sizes - 0.005)
        return float(weights @ each)

    steps = np.eye(25)[:-1] - np.eye(25)[1:]
    best = minimize(
        loss,
        np.sort(logs)[::-1],
        jac=lambda line: -weights * np.clip(logs - line, -0.1, 0.1),
        method="trust-constr",
        constraints=LinearConstraint(steps, 0, np.inf),
        options={"maxiter": 3000, "gtol": 1e-9},
    )
    assert winners.loss(np.ones(1)) == pytest.approx(best.fun, rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_shares_have_the_least_loss_in_the_box(seed: int) -> None:
    """Of two categories there is one number to find, which a search without slopes finds too."""
    frequencies = falling(400, noise=0.02, seed=seed)
    winners = Winners(frequencies, np.ones(len(frequencies)))
    start = np.array([0.4, 0.6])
    found = refined(winners, start)

    def loss(share: float) -> float:
        return winners.loss(np.array([share, 1 - share]))

    searched = minimize_scalar(loss, bounds=(0.25, 0.55), options={"xatol": 1e-7})
    assert loss(found[0]) <= searched.fun * (1 + 1e-4)
    assert found[0] == pytest.approx(searched.x, abs=1e-3)
    assert found[0] == pytest.approx(TRUE[0], abs=0.02)
    assert found.sum() == pytest.approx(1)


def test_frequencies_that_fall_already_leave_the_shares_where_they_are() -> None:
    frequencies = falling(400, noise=0, seed=1)
    assert refined(Winners(frequencies, np.ones(400)), TRUE) == pytest.approx(TRUE, abs=1e-12)


def test_outliers_move_the_shares_less_than_they_move_least_squares() -> None:
    frequencies = falling(400, noise=0.01, seed=2)
    frequencies[[40, 90, 200], 0] *= 50
    start, ones = np.array([0.4, 0.6]), np.ones(400)
    robust = refined(Winners(frequencies, ones), start)
    squares = refined(Winners(frequencies, ones, huber=1e6), start)
    assert abs(robust[0] - TRUE[0]) < abs(squares[0] - TRUE[0]) / 2


def test_shares_go_no_further_than_the_box() -> None:
    frequencies = falling(400, noise=0, seed=1)
    found = refined(Winners(frequencies, np.ones(400)), np.array([0.05, 0.95]))
    assert found[0] <= 0.05 * FACTOR + 1e-6
    assert found[0] == pytest.approx(0.05 * FACTOR, rel=0.02)


def test_winners_are_weighed_by_the_noise_of_counting() -> None:
    """The spread of logs of mixtures of Poisson draws is what the weights say it is."""
    counts = np.array([[400, 900], [50, 20], [0, 0]])
    n_pairs, shares = np.array([10_000, 40_000]), np.array([0.25, 0.75])
    winners = weighed(counts, n_pairs, shares)
    assert winners.frequencies == pytest.approx(counts[:2] / n_pairs)
    drawn = np.random.default_rng(5).poisson(counts[:2], size=(200_000, 2, 2)) / n_pairs
    spread = np.log(drawn @ shares).var(axis=0)
    assert 0.005**2 / winners.weights - 0.005**2 == pytest.approx(spread, rel=0.05)


def test_absent_categories_and_those_left_out_stay_at_zero() -> None:
    tables, tokenizer = trained_on({"one": 3, "two": 2}, n_merges=150)
    merges = read_merges(tokenizer)
    tables |= tables_of(["three"])
    whole = [replay(table, merges, n_steps=len(merges)) for table in tables.values()]
    history = combine(list(tables), whole, merges, n_steps=len(merges))
    start = np.array([0.5, 0.5, 0.0])
    found = monotone_shares(history, start, is_trained=merges.is_trained)
    assert found[2] == 0
    assert found.sum() == pytest.approx(1)
    alone = monotone_shares(history, start, is_trained=merges.is_trained, without=1)
    assert alone.tolist() == [1.0, 0.0, 0.0]
    assert start.tolist() == [0.5, 0.5, 0.0]


def test_the_training_text_itself_gives_its_shares_with_intervals_and_influence() -> None:
    tables, tokenizer = trained_on({"one": 3, "two": 2, "three": 1}, n_merges=250)
    settings = Settings(method="monotone")
    result = infer_result("toy", tables, read_merges(tokenizer), settings, groups={}, tell=ignore)
    n_bytes = {name: int(table.n_bytes.sum()) for name, table in tables.items()}
    for row in result.categories:
        assert row.share == pytest.approx(n_bytes[row.name] / sum(n_bytes.values()), abs=1e-6)
        assert row.low is not None
        assert row.low <= row.share <= (row.high or 0)
        assert row.without is not None
    assert result.method == "monotone"
    assert "method:monotone" in result.signature

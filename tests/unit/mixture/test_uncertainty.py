"""Intervals: blocks left out by tracked pairs, against the same by whole replays."""

from __future__ import annotations

import numpy as np
import pytest

from tests.mixtures import ignore, tables_of, trained_on
from tokeval.mixture.estimate import estimate, estimate_again
from tokeval.mixture.history import combine
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.replay import replay
from tokeval.mixture.uncertainty import (
    byte_shares,
    grouped,
    interval,
    jackknife_error,
    leave_blocks_out,
)
from tokeval.mixture.word_table import N_BLOCKS


def test_blocks_left_out_are_as_if_they_had_never_been_read() -> None:
    """The tracked pairs suffice: whole replays without the block give the same shares."""
    tables, tokenizer = trained_on({"one": 3, "two": 2, "three": 1}, n_merges=150)
    merges = read_merges(tokenizer)
    n_steps = len(merges)
    names = list(tables)
    whole = [replay(table, merges, n_steps=n_steps) for table in tables.values()]
    history = combine(names, whole, merges, n_steps=n_steps)
    found = estimate(history)
    left = leave_blocks_out(tables, merges, history, found, tell=ignore)
    for block in range(N_BLOCKS):
        rest = [replay(t, merges, n_steps=n_steps, block=block) for t in tables.values()]
        again = estimate_again(combine(names, rest, merges, n_steps=n_steps), found)
        assert left.shares[block] == pytest.approx(again.shares, abs=1e-6)
        assert left.n_pairs[block].tolist() == [of.n_pairs_initially for of in rest]
        kept = [t.n_bytes.sum() - t.n_bytes[block] for t in tables.values()]
        assert left.n_bytes[block].tolist() == kept


def test_shares_of_bytes_weigh_pairs_by_their_bytes() -> None:
    """A quarter of the pairs, each of them four bytes, are 4 / (4 + 3) of the bytes."""
    found = byte_shares(np.array([0.25, 0.75]), np.array([400, 100]), np.array([100, 100]))
    assert found == pytest.approx([4 / 7, 3 / 7])


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    """Without its √2: for a mean of n values, the jackknife is the textbook error."""
    values = np.random.default_rng(1).normal(size=10)
    left_out = np.array([np.delete(values, i).mean() for i in range(10)])
    expected = values.std(ddof=1) / np.sqrt(10) * np.sqrt(2)
    assert jackknife_error(left_out[:, None])[0] == pytest.approx(expected)


def test_an_interval_is_that_of_students_t_within_the_possible() -> None:
    left_out = np.array([0.5, 0.52, 0.48, 0.5, 0.5, 0.51, 0.49, 0.5, 0.5, 0.5])
    width = 2.262157 * float(jackknife_error(left_out[:, None])[0])
    assert interval(0.5, left_out) == pytest.approx((0.5 - width, 0.5 + width), rel=1e-6)
    low, high = interval(0.001, left_out - 0.499)
    assert low == 0.0
    assert high == pytest.approx(0.001 + width, rel=1e-6)


def test_a_share_of_zero_has_an_upper_bound_only() -> None:
    """Shares that would be negative say how far it is from 0."""
    left_out = np.linspace(-0.02, -0.01, 10)
    low, high = interval(0.0, left_out)
    assert low is None
    assert high == pytest.approx(2.262157 * float(jackknife_error(left_out[:, None])[0]), rel=1e-6)


def test_groups_add_up() -> None:
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    assert grouped(shares, [[0, 2], [1]]) == pytest.approx(np.array([[0.7, 0.3], [0.8, 0.2]]))


def test_an_absent_category_gets_a_bound_below_its_neighbours_shares() -> None:
    tables, tokenizer = trained_on({"one": 3, "two": 2}, n_merges=150)
    merges = read_merges(tokenizer)
    tables |= tables_of(["three"])
    whole = [replay(table, merges, n_steps=len(merges)) for table in tables.values()]
    history = combine(list(tables), whole, merges, n_steps=len(merges))
    found = estimate(history)
    assert found.shares[2] == 0
    left = leave_blocks_out(tables, merges, history, found, tell=ignore)
    assert (left.shares[:, 2] < 0).any()
    low, high = interval(0.0, left.shares[:, 2])
    assert low is None
    assert 0 < high < 0.2

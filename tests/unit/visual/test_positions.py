"""Entropy by position, information of the position, and prefixes against a loop."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visual_sources import is_nothing, ragged, samples_of
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.positions import (
    PositionEntropies,
    PrefixUniqueness,
    entropy_by_position,
    position_information,
    prefix_uniqueness,
)

SEQUENCES = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=5), min_size=2, max_size=9)


@given(SEQUENCES)
def test_entropies_by_position_are_those_of_counters(sequences: list[list[int]]) -> None:
    found = entropy_by_position(ragged(sequences), 3)
    assert isinstance(found, PositionEntropies)
    for t in range(max(map(len, sequences))):
        counts = Counter(sequence[t] for sequence in sequences if len(sequence) > t)
        n = counts.total()
        plug_in = -sum(c / n * math.log2(c / n) for c in counts.values())
        corrected = plug_in + (len(counts) - 1) / (2 * n * math.log(2))
        assert found.entropies[t] == pytest.approx(corrected)
        assert (found.used[t], found.n_samples[t]) == (len(counts), n)
        assert found.coverage[t] == pytest.approx(1 - sum(c == 1 for c in counts.values()) / n)


def test_a_grid_gives_a_map() -> None:
    grids = np.zeros((100, 2, 3), int)
    grids[:, 1, 2] = np.arange(100) % 4
    found = entropy_by_position(samples_of(grids), 4)
    assert isinstance(found, PositionEntropies)
    expected = np.zeros((2, 3))
    expected[1, 2] = 2 + 3 / (200 * math.log(2))
    np.testing.assert_allclose(found.entropies, expected, atol=1e-12)


def test_codes_of_their_own_at_each_of_four_positions_say_two_bits() -> None:
    rng = np.random.default_rng(0)
    found = position_information(samples_of(rng.integers(0, 5, (500, 4)) + np.arange(4) * 5), 20)
    assert isinstance(found, Folds)
    assert found.values[0] == pytest.approx(2, abs=0.01)
    assert is_nothing(position_information(samples_of(rng.integers(0, 5, (500, 4))), 5))


def unique_share(sequences: list[list[int]], t: int) -> float:
    """Share of sequences whose first t tokens, and end where there is one, no other has."""
    prefixes = [(*sequence[:t], *["end"] * (len(sequence) < t)) for sequence in sequences]
    counts = Counter(prefixes)
    return sum(counts[prefix] == 1 for prefix in prefixes) / len(sequences)


@given(SEQUENCES)
def test_unique_prefixes_are_those_of_a_loop(sequences: list[list[int]]) -> None:
    found = prefix_uniqueness(ragged(sequences), 3)
    assert isinstance(found, PrefixUniqueness)
    expected = [unique_share(sequences, t + 1) for t in range(max(map(len, sequences)))]
    n_given = len(found.shares)
    np.testing.assert_allclose(found.shares, expected[:n_given])
    assert set(expected[n_given:]) <= {expected[n_given - 1]}


@pytest.mark.parametrize(
    ("n_samples", "codebook_size", "enough"), [(8, 2, 3), (9, 2, 4), (1000, 10, 3), (2, 4096, 1)]
)
def test_enough_tokens_for_so_many_samples(n_samples: int, codebook_size: int, enough: int) -> None:
    found = prefix_uniqueness(samples_of(np.zeros((n_samples, 2), int)), codebook_size)
    assert isinstance(found, PrefixUniqueness)
    assert found.enough == enough
    assert found.shares.tolist() == [0, 0]


def test_one_sample_or_one_code_is_a_reason() -> None:
    one, two = samples_of(np.zeros((1, 3), int)), samples_of(np.zeros((2, 3), int))
    assert isinstance(entropy_by_position(one, 4), Undefined)
    assert isinstance(prefix_uniqueness(one, 4), Undefined)
    assert isinstance(prefix_uniqueness(two, 1), Undefined)
    assert isinstance(position_information(samples_of(np.zeros((9, 1), int)), 4), Undefined)

"""Drift: the divergence of scipy, chance level, p-values under the same source, changed ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from tests.visual_sources import ragged, samples_of
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.drift import Drift, changed_share, drift, jensen_shannon

COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9)


@given(COUNTS.filter(lambda counts: sum(a for a, _ in counts) and sum(b for _, b in counts)))
def test_the_divergence_is_that_of_scipy(counts: list[tuple[int, int]]) -> None:
    first, second = np.array(counts).T
    expected = np.nan_to_num(jensenshannon(first, second, base=2)) ** 2
    assert jensen_shannon(first, second) == pytest.approx(expected, abs=1e-9)


def tokens_of(seed: int, n_samples: int = 100, low: int = 0) -> np.ndarray:
    """Grids of even codes."""
    return np.random.default_rng(seed).integers(low, 50, (n_samples, 4, 4))


def test_folds_leave_out_the_same_samples_of_both() -> None:
    found = drift(samples_of(tokens_of(1, 5)), samples_of(tokens_of(2, 5)), 50)
    assert isinstance(found, Drift)
    rest = [
        np.bincount(np.delete(tokens_of(seed, 5), 3, axis=0).reshape(-1), minlength=50)
        for seed in (1, 2)
    ]
    assert len(found.divergence.values) == 6
    assert found.divergence.values[4] == pytest.approx(jensenshannon(*rest, base=2) ** 2)


def test_p_values_of_the_same_source_are_spread_evenly() -> None:
    found = [
        drift(samples_of(tokens_of(2 * i)), samples_of(tokens_of(2 * i + 1)), 50) for i in range(60)
    ]
    p = np.array([one.p for one in found if isinstance(one, Drift)])
    assert len(p) == 60
    assert (p <= 0.05).mean() <= 0.15
    assert 0.35 < p.mean() < 0.65
    chance = np.mean([one.chance for one in found if isinstance(one, Drift)])
    observed = np.mean([one.divergence.values[0] for one in found if isinstance(one, Drift)])
    assert chance == pytest.approx(observed, rel=0.05)


def test_a_changed_source_is_found() -> None:
    found = drift(samples_of(tokens_of(1)), samples_of(tokens_of(2, low=10)), 50)
    assert isinstance(found, Drift)
    assert found.p == 1 / 200
    assert found.divergence.values[0] > 3 * found.chance


def test_a_small_change_of_the_same_images_is_found() -> None:
    # One code of fifty always becomes another: less than images differ from each other.
    before = np.repeat(tokens_of(1, 100)[:, :1, :1], 16, axis=1).reshape(100, 16)
    after = np.where(before == 7, 8, before)
    found = drift(samples_of(before), samples_of(after), 50)
    assert isinstance(found, Drift)
    changed = changed_share(samples_of(before), samples_of(after))
    assert isinstance(changed, Folds)
    assert changed.values[0] == (before == 7).mean()
    n_changed = (before[:, 0] == 7).sum()
    assert found.p == pytest.approx(2.0 ** (1 - n_changed), abs=0.1)


def test_the_larger_dump_is_thinned_evenly() -> None:
    many = np.repeat(np.arange(300) % 3, 4).reshape(300, 4)
    found = drift(samples_of(many), samples_of(many[::3]), 3)
    assert isinstance(found, Drift)
    assert (found.n_samples, found.n_tokens) == (100, (400, 400))
    assert found.divergence.values[0] == 0


def test_ragged_sequences_can_drift() -> None:
    found = drift(ragged([[0, 1], [2]] * 10), ragged([[0], [2, 2]] * 10), 3)
    assert isinstance(found, Drift)
    assert found.divergence.values[0] == pytest.approx(
        jensenshannon([1, 1, 1], [1, 0, 2], base=2) ** 2
    )


def test_changed_share_is_counted_by_block() -> None:
    before = np.zeros((3, 4), int)
    after = before.copy()
    after[0, :2] = 1
    found = changed_share(samples_of(before), samples_of(after))
    assert isinstance(found, Folds)
    np.testing.assert_allclose(found.values, [2 / 12, 0, 2 / 8, 2 / 8])


def test_other_shapes_are_a_reason() -> None:
    one, two = samples_of(tokens_of(1)), samples_of(tokens_of(1).reshape(100, 16))
    assert isinstance(drift(one, two, 50), Undefined)
    assert isinstance(changed_share(one, samples_of(tokens_of(1, 99))), Undefined)

"""Byte-pair units against a slow twin; nesting; classes of images."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visual_sources import ragged, samples_of
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.classes import ClassDependence, class_dependence
from tokeval.visual.code_lengths import is_held_out
from tokeval.visual.dependence import Bracket
from tokeval.visual.pairs import token_samples
from tokeval.visual.structure import Granularity, byte_pair_units, granularity

Sequences = list[list[int]]


def twin(
    sequences: Sequences, n_codes: int, n_merges: int, n_mergeable: int
) -> tuple[Sequences, list[tuple[int, int]]]:
    """The same merges, one sequence and one pair at a time, counted anew for each merge."""
    sequences = [list(sequence) for sequence in sequences]
    teaches = ~is_held_out(np.arange(len(sequences)))
    merges: list[tuple[int, int]] = []
    for _ in range(n_merges):
        counts = Counter(
            pair
            for sequence, counted in zip(sequences, teaches, strict=True)
            if counted
            for pair in pairwise(sequence)
            if max(pair) < n_mergeable
        )
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        name = n_codes + len(merges)
        merges.append(best)
        for index, sequence in enumerate(sequences):
            joined: list[int] = []
            place = 0
            while place < len(sequence):
                if tuple(sequence[place : place + 2]) == best:
                    joined.append(name)
                    place += 2
                else:
                    joined.append(sequence[place])
                    place += 1
            sequences[index] = joined
    return sequences, merges


@pytest.mark.parametrize("n_mergeable", [3, 20])
@given(st.lists(st.lists(st.integers(0, 2), max_size=12), min_size=1, max_size=8))
def test_units_are_those_of_a_slow_twin(n_mergeable: int, sequences: Sequences) -> None:
    samples = ragged(sequences)
    found = byte_pair_units(
        samples.tokens.astype(np.int64), token_samples(samples), 3, 6, n_mergeable=n_mergeable
    )
    expected, merges = twin(sequences, 3, 6, n_mergeable)
    assert list(found.merges) == merges
    assert found.units.tolist() == [unit for sequence in expected for unit in sequence]
    assert found.samples.tolist() == [i for i, sequence in enumerate(expected) for _ in sequence]
    assert found.lengths.sum() == len(samples.tokens)


def phrases(length: int) -> np.ndarray:
    """Samples of 64 / length phrases, each one of 30 random ones."""
    rng = np.random.default_rng(length)
    phrase = rng.integers(0, 64, (30, length))
    return phrase[rng.integers(0, 30, (500, 64 // length))].reshape(500, 64)


def test_phrases_of_four_are_found_and_nested() -> None:
    found = granularity(samples_of(phrases(4)), codebook_size=64, n_merges=120)
    assert isinstance(found, Granularity)
    assert found.tokens_per_unit.values[0] == pytest.approx(4, abs=0.3)
    assert found.length_gain.values[0] == pytest.approx(1 - 1 / found.tokens_per_unit.values[0])
    assert found.bits_after.values[0] == pytest.approx(np.log2(30) / 4, abs=0.15)
    assert found.hierarchy_gain.values[0] > 1
    assert found.unit_lengths.argmax() == 4
    lengths = np.arange(len(found.unit_lengths))
    assert found.unit_lengths @ lengths == 100 * 64


def test_phrases_of_two_and_chance_do_not_nest() -> None:
    for tokens in (phrases(2), np.random.default_rng(0).integers(0, 64, (500, 64))):
        found = granularity(samples_of(tokens), codebook_size=64, n_merges=30)
        assert isinstance(found, Granularity)
        assert abs(found.hierarchy_gain.values[0]) < 0.05


def test_chance_merges_of_independent_tokens_save_no_bits() -> None:
    tokens = np.random.default_rng(0).integers(0, 64, (500, 64))
    found = granularity(samples_of(tokens), codebook_size=64, n_merges=100)
    assert isinstance(found, Granularity)
    assert found.bits_after.values[0] >= found.bits_before.values[0]


def test_one_sample_holds_nothing_out() -> None:
    assert isinstance(granularity(samples_of(np.zeros((1, 9), int)), codebook_size=2), Undefined)


def test_tokens_that_spell_the_class_say_all_of_it() -> None:
    labels = np.arange(400) % 4
    tokens = labels[:, None] * 10 + np.random.default_rng(0).integers(0, 10, (400, 64))
    found = class_dependence(samples_of(tokens), labels, 40)
    assert isinstance(found, ClassDependence)
    assert isinstance(found.information, Folds)
    assert found.information.values[0] == pytest.approx(2, abs=1e-4)
    assert isinstance(found.purity, Folds)
    assert found.purity.values.tolist() == [1.0] * 65
    assert found.largest_class == 0.25


def test_labels_without_a_meaning_have_no_information_although_samples_differ() -> None:
    # Each sample repeats few codes of its own, so that plug-in information is far above 0.
    rng = np.random.default_rng(1)
    tokens = np.repeat(rng.integers(0, 100, (200, 2)), 50, axis=1)
    found = class_dependence(samples_of(tokens), rng.integers(0, 2, 200), 100)
    assert isinstance(found, ClassDependence)
    assert found.chance > 0.1
    assert isinstance(found.information, Bracket)
    assert found.information.low.values[0] <= 0 < found.information.high.values[0]


def test_a_weak_relation_is_corrected_for_chance() -> None:
    # A code tells the class with probability 0.9: 1 − h(0.9) = 0.531 bits.
    rng = np.random.default_rng(1)
    labels = np.arange(300) % 2
    sides = np.where(rng.random((300, 50)) < 0.9, labels[:, None], 1 - labels[:, None])
    tokens = sides * 20 + rng.integers(0, 20, (300, 50))
    found = class_dependence(samples_of(tokens), labels, 40)
    assert isinstance(found, ClassDependence)
    assert isinstance(found.information, Folds)
    assert found.information.values[0] == pytest.approx(0.531, abs=0.02)
    assert isinstance(found.purity, Folds)
    assert found.purity.values[0] == pytest.approx(0.9, abs=0.01)


def test_samples_with_codes_of_their_own_give_a_bracket() -> None:
    # Codes tell the sample and so its label, whatever it is: 30 samples say nothing of classes.
    tokens = np.repeat(np.arange(30)[:, None], 40, axis=1)
    labels = np.random.default_rng(0).integers(0, 3, 30)
    found = class_dependence(samples_of(tokens), labels, 30)
    assert isinstance(found, ClassDependence)
    assert isinstance(found.information, Bracket)
    assert found.information.low.values[0] <= 0 < 1 < found.information.high.values[0]


def test_few_tokens_by_pair_give_brackets() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 1000)
    tokens = rng.integers(0, 2000, (1000, 16))
    found = class_dependence(samples_of(tokens), labels, 2000)
    assert isinstance(found, ClassDependence)
    assert isinstance(found.information, Bracket)
    assert found.information.low.values[0] <= 0 <= found.information.high.values[0]
    assert isinstance(found.purity, Bracket)
    assert found.purity.low.values[0] < 0.15 < found.purity.high.values[0]


def test_purity_of_a_hand_made_table() -> None:
    tokens = np.tile([[0, 0, 0, 1], [0, 1, 1, 1]], (50, 1))
    found = class_dependence(samples_of(tokens), np.tile([5, 9], 50), 2)
    assert isinstance(found, ClassDependence)
    assert isinstance(found.purity, Folds)
    assert found.purity.values[0] == 0.75


def test_one_class_is_a_reason() -> None:
    assert isinstance(
        class_dependence(samples_of(np.zeros((9, 2), int)), np.zeros(9, int), 2), Undefined
    )

"""Distinct words: exact counts by block, and an even sample of the words beyond the limit."""

from __future__ import annotations

import itertools
import random
import statistics
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokeval.core import wordforms
from tokeval.core.wordforms import SplitWords, WordForms, hash_word

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

Occurrence = tuple[str, int, bool]
"""A word, its block, and whether it was kept whole there."""


def forms_of(occurrences: Sequence[Occurrence]) -> WordForms:
    """The counts of occurrences given one by one, each added as its own part."""
    return WordForms.total(
        [
            WordForms(
                np.array([(hash_word(word.encode()) << 6) | block], dtype=np.int64),
                np.array([1]),
                np.array([int(kept)]),
                np.array([int(len(word) == 1)]),
            )
            for word, block, kept in occurrences
        ]
    )


def mean_by_hand(occurrences: Sequence[Occurrence]) -> float:
    """The mean over words of kept / occurrences, in fractions; NaN without words."""
    of_word: dict[str, list[bool]] = defaultdict(list)
    for word, _, kept in occurrences:
        of_word[word].append(kept)
    if not of_word:
        return float("nan")
    shares = [Fraction(sum(kept), len(kept)) for kept in of_word.values()]
    return float(sum(shares) / len(shares))


OCCURRENCES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "cd", "ef", "ghi"]), st.integers(0, 4), st.booleans()),
    min_size=1,
    max_size=40,
)


@PATIENT
@given(OCCURRENCES)
def test_the_mean_over_words_and_every_fold_by_hand(occurrences: list[Occurrence]) -> None:
    means = (forms := forms_of(occurrences)).mean_over_forms(forms.kept, n_blocks=5)
    expected = [mean_by_hand(occurrences)] + [
        mean_by_hand([o for o in occurrences if o[1] != block]) for block in range(5)
    ]
    np.testing.assert_allclose(means, expected, rtol=1e-12)


@PATIENT
@given(OCCURRENCES, st.integers(1, 5))
def test_regrouping_is_counting_in_other_blocks(
    occurrences: list[Occurrence], n_blocks: int
) -> None:
    regrouped = forms_of(occurrences).regrouped(n_blocks)
    again = forms_of([(word, block % n_blocks, kept) for word, block, kept in occurrences])
    for name in ("keys", "occurrences", "kept", "single"):
        assert getattr(regrouped, name).tolist() == getattr(again, name).tolist()


def words_with_blocks(seed: int, n_words: int) -> list[Occurrence]:
    """Words of different frequency and different chances to be kept."""
    draw = random.Random(seed)  # noqa: S311 - reproducible test data
    occurrences = []
    for w in range(n_words):
        chance = draw.random()
        occurrences += [
            (f"{seed}-{w}", draw.randrange(4), draw.random() < chance) for _ in range(1 + w % 5)
        ]
    draw.shuffle(occurrences)
    return occurrences


def test_beyond_the_limit_the_words_with_the_smallest_hashes_are_held_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    occurrences = words_with_blocks(1, 200)
    monkeypatch.setattr(wordforms, "MAX_PAIRS", 60)
    sampled = forms_of(occurrences)
    words = sorted({word for word, _, _ in occurrences}, key=lambda word: hash_word(word.encode()))
    pairs = {word: {(w, block) for w, block, _ in occurrences if w == word} for word in words}
    sizes = itertools.accumulate(len(pairs[word]) for word in words)
    held = {word for word, size in zip(words, sizes, strict=True) if size <= 60}
    exact = forms_of([o for o in occurrences if o[0] in held])
    assert sampled.is_sampled
    assert not exact.is_sampled
    for name in ("keys", "occurrences", "kept", "single"):
        assert getattr(sampled, name).tolist() == getattr(exact, name).tolist()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.randoms(use_true_random=False), n_parts=st.integers(1, 12))
def test_the_sample_does_not_depend_on_order_or_grouping(
    order: random.Random, n_parts: int
) -> None:
    occurrences = words_with_blocks(2, 80)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(wordforms, "MAX_PAIRS", 50)
        expected = forms_of(occurrences)
        shuffled = occurrences.copy()
        order.shuffle(shuffled)
        parts = [forms_of(shuffled[p::n_parts]) for p in range(n_parts)]
        result = WordForms.total(parts[: n_parts // 2 + 1])
        result = WordForms.total([result, *parts[n_parts // 2 + 1 :]])
    assert result.threshold == expected.threshold
    for name in ("keys", "occurrences", "kept", "single"):
        assert getattr(result, name).tolist() == getattr(expected, name).tolist()


def test_the_mean_of_a_sample_is_unbiased(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 200 sets of words, the error of a sample of one in four is 0 within four errors."""
    monkeypatch.setattr(wordforms, "MAX_PAIRS", 60)
    errors = []
    for seed in range(200):
        occurrences = words_with_blocks(seed, 120)
        forms = forms_of(occurrences)
        assert forms.is_sampled
        sampled = forms.mean_over_forms(forms.kept, n_blocks=4)[0]
        errors.append(float(sampled) - mean_by_hand(occurrences))
    standard_error = statistics.stdev(errors) / len(errors) ** 0.5
    assert 0.001 < standard_error < 0.01
    assert abs(statistics.mean(errors)) < 4 * standard_error


def test_hashes_leave_room_for_the_block_and_for_the_sign() -> None:
    hashes = [hash_word(f"word {i}".encode()) for i in range(1000)]
    assert len(set(hashes)) == 1000
    assert all(0 <= h < 2**57 for h in hashes)
    assert max(hashes) > 2**56, "all bits are used"


def test_split_words_add_up_and_keep_the_most_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordforms, "MAX_SPLIT_WORDS", 2)
    first = SplitWords({("low", (b"lo", b"w")): 3, ("new", (b"n", b"ew")): 2})
    second = SplitWords({("new", (b"n", b"ew")): 2, ("old", (b"o", b"ld")): 1})
    together = SplitWords.total([first, second])
    assert together.most_frequent(5) == [
        (("new", (b"n", b"ew")), 4),
        (("low", (b"lo", b"w")), 3),
    ]
    assert together.most_frequent(1) == [(("new", (b"n", b"ew")), 4)]

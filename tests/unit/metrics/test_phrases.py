"""Entries of several words, and tokens times types."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.unit.metrics.studied import context_without_study, evidence_of, value
from tokeval.core.metric import Context, Folds
from tokeval.core.segmentation import segment
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import Undefined
from tokeval.loaders.baselines import CharacterTokenizer
from tokeval.metrics.phrases import multiword_tokens, series, tokens_times_types

ENTRIES = (
    b"<s s>",
    b"a",
    b" of the",
    b"it's",
    b"x = y",
    "今日 は".encode(),
    b"",
    None,
    b"\xff\xfe\xfd",
)


def context_of_entries(entries: tuple[bytes | None, ...], special: frozenset[int]) -> Context:
    """A context of a vocabulary alone."""
    return Context(evidence_of(), Vocabulary(entries, special=special))


@pytest.mark.case(golden=["multiword_tokens"])
def test_two_of_six_entries_hold_two_words() -> None:
    # ` of the` and `x = y`; the special one and the empty one do not count, Japanese never does.
    folds = multiword_tokens(context_of_entries(ENTRIES, frozenset({0})))
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [2 / 6]
    assert folds.no_interval == "a constant of the tokenizer"


@pytest.mark.case(oracle=["multiword_tokens"])
def test_entries_one_by_one() -> None:
    entries = tuple(f"{a}{b}{c}".encode() for a in "a1 -" for b in " .,'" for c in "zé 9")
    found = sum(len(segment([entry.decode()]).words) > 1 for entry in entries)
    assert 0 < found < len(entries)
    context = context_of_entries(entries, frozenset())
    assert value(multiword_tokens, context) == found / len(entries)


@pytest.mark.case(undefined=["multiword_tokens"])
def test_a_vocabulary_of_special_tokens_has_no_share() -> None:
    found = multiword_tokens(context_of_entries((b"<s>", None), frozenset({0})))
    assert found == Undefined("the vocabulary has no entries but special ones")


def test_characters_are_no_phrases() -> None:
    context = Context(evidence_of(), CharacterTokenizer().vocabulary)
    assert value(multiword_tokens, context) == 0


@pytest.mark.case(golden=["tokens_times_types"])
def test_five_tokens_of_three_types() -> None:
    folds = tokens_times_types(context_without_study(evidence_of([[1, 1, 2], [1, 3]])))
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [5 * 3, 2 * 2, 3 * 2]
    assert folds.no_interval


@pytest.mark.case(oracle=["tokens_times_types"])
def test_the_product_is_that_of_a_recount() -> None:
    blocks = [np.random.default_rng(b).integers(0, 30, 40).tolist() for b in range(5)]
    folds = tokens_times_types(context_without_study(evidence_of(blocks, blocks)))
    assert isinstance(folds, Folds)
    for found, left_out in zip(folds.values, [None, *range(5)], strict=True):
        rest = [t for b, block in enumerate(blocks) if b != left_out for t in block]
        assert found == len(rest) * len(set(rest))


@pytest.mark.case(undefined=["tokens_times_types"])
def test_without_tokens_there_is_no_product() -> None:
    found = tokens_times_types(context_without_study(evidence_of()))
    assert found == Undefined("the slice has no tokens")


def test_the_curve_is_tokens_times_the_types_of_an_average_part() -> None:
    evidence = evidence_of([[1, 1, 2], [3]], bytes=[30, 10])
    (curve,) = series("t", context_without_study(evidence))
    assert curve.x == (10, 20, 30, 40)  # bytes of one, two, three and four tokens
    pairs = [len({a, b}) for a, b in combinations_of([1, 1, 2, 3], 2)]
    triples = [len({*three}) for three in combinations_of([1, 1, 2, 3], 3)]
    expected = [1, 2 * np.mean(pairs), 3 * np.mean(triples), 4 * 3]
    assert curve.y == pytest.approx(expected)


def test_a_single_token_has_no_curve() -> None:
    assert series("t", context_without_study(evidence_of([[1], []], bytes=[3, 0]))) == []


def combinations_of(tokens: list[int], n: int) -> list[tuple[int, ...]]:
    """All ways to take n of the tokens."""
    return list(itertools.combinations(tokens, n))

"""Huffman's code, against a heap that merges one pair at a time."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.counted import counted
from tokeval.core.distributions import shannon_entropy
from tokeval.core.huffman import huffman_length, huffman_lengths

COUNTS = st.lists(st.integers(1, 10) | st.integers(1, 10**6), min_size=1, max_size=60)


def merged_one_by_one(counts: list[int]) -> float:
    """The mean length, as textbooks compute it."""
    heap, bits = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        pair = heapq.heappop(heap) + heapq.heappop(heap)
        bits += pair
        heapq.heappush(heap, pair)
    return bits / sum(counts)


@given(COUNTS)
def test_batches_merge_what_a_heap_merges(counts: list[int]) -> None:
    assert huffman_length(np.array(counts)) == pytest.approx(merged_one_by_one(counts), abs=1e-12)


@given(COUNTS)
def test_the_length_is_within_a_bit_of_the_entropy(counts: list[int]) -> None:
    entropy = shannon_entropy(np.array(counts))
    assert entropy - 1e-9 <= huffman_length(np.array(counts)) < entropy + 1


@pytest.mark.parametrize(("n_types", "bits"), [(1, 0), (2, 1), (256, 8), (3, 5 / 3), (5, 12 / 5)])
def test_even_counts(n_types: int, bits: float) -> None:
    assert huffman_length(np.full(n_types, 7)) == pytest.approx(bits)


def test_powers_of_two_take_their_logarithms() -> None:
    counts = 2 ** np.arange(30)
    # The last two share the longest word.
    lengths = np.minimum(30 - np.arange(30), 29)
    assert huffman_length(counts) == pytest.approx(float(counts @ lengths) / counts.sum())


def test_each_fold_is_the_code_without_a_block() -> None:
    table = np.random.default_rng(2).integers(0, 9, size=(5, 20))
    found = huffman_lengths(counted(table))
    for block in range(5):
        rest = np.delete(table, block, axis=0).sum(axis=0)
        assert found[1 + block] == pytest.approx(merged_one_by_one(rest[rest > 0].tolist()))
    assert np.isnan(huffman_lengths(counted([[1, 2]]))[1])

"""The kernels merge as the textbook does: again and again the best pair, the leftmost of equals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tokeval.pretokenization.bpe_rules import BpeRules
from tokeval.pretokenization.merging_kernels import LONG_PIECE, merged, scratch

# Pairs of ids below 8, from which ids 8 and up are made; few ranks, so that many are equal.
MERGES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 3)), min_size=1, max_size=9
)


def textbook(ids: list[int], merges: dict[tuple[int, int], tuple[int, int]]) -> list[int]:
    """The ids left when no two neighbours merge."""
    while True:
        found = [(merges[pair][0], i) for i, pair in enumerate(pairwise(ids)) if pair in merges]
        if not found:
            return ids
        _, at = min(found)
        ids = [*ids[:at], merges[ids[at], ids[at + 1]][1], *ids[at + 2 :]]


def kernel_ids(text: bytes, rules: BpeRules) -> list[int]:
    room = scratch(len(text) + 1)
    n = merged(np.frombuffer(text, np.uint8), 0, len(text), rules.merging(), room)
    return room.ids[:n].tolist()


def rules_of(merges: list[tuple[int, int, int]], **settings: object) -> BpeRules:
    entries = [(left, right, rank, 8 + m) for m, (left, right, rank) in enumerate(merges)]
    symbols = {ord("a") + i: i for i in range(8)}
    table = np.array(entries, np.int64)
    return BpeRules(symbols=symbols, of_bytes=True, merges=table, **settings)  # type: ignore[arg-type]


@given(merges=MERGES, signs=st.lists(st.integers(0, 7), max_size=40), repeats=st.integers(1, 9))
@example(merges=[(0, 0, 0), (8, 8, 0), (9, 9, 0)], signs=[0] * 30, repeats=9)
@settings(max_examples=300)
def test_short_and_long_pieces_merge_as_in_the_textbook(
    merges: list[tuple[int, int, int]], signs: list[int], repeats: int
) -> None:
    signs = signs * repeats
    by_pair = {(left, right): (rank, 8 + m) for m, (left, right, rank) in enumerate(merges)}
    text = bytes(ord("a") + sign for sign in signs)
    assert kernel_ids(text, rules_of(merges)) == textbook(signs, by_pair)


@pytest.mark.parametrize("n", [LONG_PIECE - 1, LONG_PIECE, LONG_PIECE + 1])
def test_both_ways_agree_where_they_meet(n: int) -> None:
    merges = [(0, 1, 2), (1, 0, 1), (8, 9, 0), (9, 9, 0)]
    by_pair = {(left, right): (rank, 8 + m) for m, (left, right, rank) in enumerate(merges)}
    signs = [(i * i) % 3 % 2 for i in range(n)]
    text = bytes(ord("a") + sign for sign in signs)
    assert kernel_ids(text, rules_of(merges)) == textbook(signs, by_pair)


@pytest.mark.parametrize(
    ("unknown", "fuses", "expected"),
    [
        (-1, False, [0, 1]),
        (7, False, [0, 7, 7, 1, 7]),
        (7, True, [0, 7, 1, 7]),
    ],
)
def test_symbols_without_an_id(unknown: int, fuses: bool, expected: list[int]) -> None:
    assert kernel_ids(b"a\x00\x00b\x00", rules_of([(5, 5, 0)], unknown=unknown, fuses=fuses)) == (
        expected
    )


def test_characters_of_one_to_four_bytes_and_their_fallback() -> None:
    signs = ["a", "\xe9", "\u20ac", "\U0001f600"]
    known = {ord(sign): 300 + i for i, sign in enumerate(signs)}
    no_merges = np.empty((0, 4), np.int64)
    byte_ids = tuple(range(256))
    rules = BpeRules(symbols=known, of_bytes=False, merges=no_merges, byte_ids=byte_ids)
    assert kernel_ids("".join(signs).encode(), rules) == [300, 301, 302, 303]
    for stranger in ("b", "\xe8", "\u20ad", "\U0001f601", "\U0010ffff"):
        assert kernel_ids(stranger.encode(), rules) == list(stranger.encode())


def test_a_piece_of_a_million_symbols_takes_no_square_time() -> None:
    merges = [(0, 0, 0), (8, 8, 1), (9, 9, 2), (1, 0, 3)]
    ids = kernel_ids(b"a" * 1_000_001, rules_of(merges))
    assert ids == [10] * 125_000 + [0]

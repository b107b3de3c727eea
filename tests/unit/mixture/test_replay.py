"""The replay against hand-computed counts, a recount from scratch and a trainer."""

import json
from collections import Counter

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from tokeval.errors import TokevalError
from tokeval.mixture import replay_reference
from tokeval.mixture.history import PairChanges, pair_counts
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.replay import replay, replay_tracked
from tokeval.mixture.word_table import N_BLOCKS, WordTable

REPLAYS = pytest.mark.parametrize("replay", [replay, replay_reference.replay])


def word_table(counts: dict[str, int]) -> WordTable:
    """Words that occur in the first block only."""
    words = {word.encode(): n for word, n in counts.items()}
    by_block = np.zeros((len(words), N_BLOCKS), dtype=np.int64)
    by_block[:, 0] = [words[word] for word in sorted(words)]
    return WordTable(tuple(sorted(words)), by_block, np.zeros(N_BLOCKS, dtype=np.int64))


def merge_list(initial: str, *joined: tuple[str, str], starts_from: str = "bytes") -> MergeList:
    symbols = [character.encode() for character in initial]
    pairs = []
    for left, right in joined:
        pairs.append((symbols.index(left.encode()), symbols.index(right.encode())))
        if (result := (left + right).encode()) not in symbols:
            symbols.append(result)
    results = [symbols.index(symbols[left] + symbols[right]) for left, right in pairs]
    return MergeList(
        tuple(symbols),
        len(initial),
        np.array(pairs, dtype=np.int32).reshape(-1, 2),
        np.array(results, dtype=np.int32),
        starts_from,  # type: ignore[arg-type]
    )


def counts(changes: PairChanges, merges: MergeList, step: int) -> dict[tuple[str, str], int]:
    """All counts at a step that are not 0, by the text of the symbols."""
    found = pair_counts(changes, changes.keys, np.full(len(changes.keys), step))
    spelled = [symbol.decode() for symbol in merges.symbols]
    return {
        (spelled[key >> 32], spelled[key & 0xFFFFFFFF]): count
        for key, count in zip(changes.keys.tolist(), found.tolist(), strict=True)
        if count
    }


@REPLAYS
def test_counts_follow_the_merges(replay):
    table = word_table({"aab": 3, "ab": 2, "b": 7})
    merges = merge_list("ab", ("a", "b"), ("a", "ab"))
    changes = replay(table, merges, n_steps=2)
    assert changes.n_pairs_initially == 8
    assert counts(changes, merges, 0) == {("a", "a"): 3, ("a", "b"): 5}
    assert counts(changes, merges, 1) == {("a", "ab"): 3}
    assert counts(changes, merges, 2) == {}


@REPLAYS
def test_runs_are_counted_by_neighbours_and_merged_from_the_left(replay):
    merges = merge_list("ab", ("a", "a"), ("aa", "aa"))
    changes = replay(word_table({"aaaaab": 1}), merges, n_steps=2)
    assert counts(changes, merges, 0) == {("a", "a"): 4, ("a", "b"): 1}
    assert counts(changes, merges, 1) == {("aa", "aa"): 1, ("aa", "a"): 1, ("a", "b"): 1}
    assert counts(changes, merges, 2) == {("aaaa", "a"): 1, ("a", "b"): 1}


@REPLAYS
def test_two_steps_may_make_the_same_symbol(replay):
    merges = merge_list("abcx", ("a", "b"), ("ab", "c"), ("b", "c"), ("a", "bc"), ("abc", "x"))
    assert merges.results[1] == merges.results[3]
    changes = replay(word_table({"abcx": 2, "bcx": 1}), merges, n_steps=5)
    assert counts(changes, merges, 4) == {("abc", "x"): 2, ("bc", "x"): 1}
    assert counts(changes, merges, 5) == {("bc", "x"): 1}


@REPLAYS
def test_what_is_no_initial_symbol_stands_between_pairs(replay):
    merges = merge_list("aé", ("a", "é"), starts_from="characters")
    changes = replay(word_table({"aéxéa€aé": 1}), merges, n_steps=1)
    assert counts(changes, merges, 0) == {("a", "é"): 2, ("é", "a"): 1}
    assert counts(changes, merges, 1) == {("é", "a"): 1}
    by_byte = merge_list("ab")
    assert counts(replay(word_table({"abxb": 1}), by_byte, n_steps=0), by_byte, 0) == {
        ("a", "b"): 1
    }


@REPLAYS
def test_changes_are_kept_in_their_canonical_order(replay):
    merges = merge_list("ab", ("a", "b"), ("ab", "ab"))
    changes = replay(word_table({"abab": 1, "aab": 2}), merges, n_steps=2)
    a, b, ab = range(3)
    expected = [(a, a), (a, b), (a, ab), (b, a), (ab, ab)]
    assert changes.keys.tolist() == [left << 32 | right for left, right in expected]
    assert changes.starts.tolist() == [0, 2, 4, 5, 7, 9]
    assert changes.steps.tolist() == [0, 1, 0, 1, 1, 0, 1, 1, 2]
    assert changes.deltas.tolist() == [2, -2, 4, -4, 2, 1, -1, 1, -1]
    assert (changes.steps.dtype, changes.deltas.dtype) == (np.int32, np.int32)


@REPLAYS
def test_a_block_is_left_out_with_the_words_that_only_it_has(replay):
    by_block = np.zeros((2, N_BLOCKS), dtype=np.int64)
    by_block[0, :2] = 3, 4
    by_block[1, 1] = 9
    table = WordTable((b"ab", b"ba"), by_block, np.zeros(N_BLOCKS, dtype=np.int64))
    merges = merge_list("ab", ("b", "a"))
    changes = replay(table, merges, n_steps=1, block=1)
    assert changes.n_pairs_initially == 3
    assert changes.keys.tolist() == [1]
    assert counts(changes, merges, 1) == {("a", "b"): 3}


@REPLAYS
def test_nothing_to_replay(replay):
    merges = merge_list("ab", ("a", "b"))
    for table in (word_table({}), word_table({"": 5, "a": 1}), word_table({"ab": 0})):
        changes = replay(table, merges, n_steps=1)
        assert changes.n_pairs_initially == 0
        assert changes.starts.tolist() == [0]
        assert len(changes.keys) == len(changes.steps) == len(changes.deltas) == 0


def test_counts_beyond_32_bits_are_exact():
    merges = merge_list("ab", ("a", "b"))
    changes = replay(word_table({"ab": 2**33}), merges, n_steps=1)
    assert changes.deltas.tolist() == [2**33, -(2**33)]


def test_more_merges_than_there_are_is_an_error():
    with pytest.raises(TokevalError, match="2 merges were asked for, but the tokenizer has 1"):
        replay(word_table({"ab": 1}), merge_list("ab", ("a", "b")), n_steps=2)


@pytest.mark.parametrize("text", ["a" * 10_000, "ab" * 5_000, "aab" * 3_333])
def test_long_words(text):
    merges = merge_list(
        "ab", ("a", "a"), ("a", "b"), ("aa", "b"), ("aa", "aa"), ("aaaa", "aaaa"), ("ab", "ab")
    )
    table = word_table({text: 2})
    assert_same(replay(table, merges, n_steps=6), replay_reference.replay(table, merges, n_steps=6))


def test_tracked_pairs_have_the_counts_of_each_block():
    by_block = np.zeros((2, N_BLOCKS), dtype=np.int64)
    by_block[0, :2] = 3, 4
    by_block[1, 1] = 9
    table = WordTable((b"aab", b"ba"), by_block, np.zeros(N_BLOCKS, dtype=np.int64))
    merges = merge_list("ab", ("a", "b"), ("a", "ab"))
    aa, ab, a_ab, b_ab = 0, 1, 2, 1 << 32 | 2
    tracked = replay_tracked(table, merges, np.array([b_ab, a_ab, aa, aa]), n_steps=2)
    assert tracked.keys.tolist() == [aa, a_ab, b_ab]
    assert tracked.starts.tolist() == [0, 2, 4, 4]
    assert tracked.n_pairs_initially[:3].tolist() == [6, 17, 0]
    found = tracked.counts(np.array([aa, aa, a_ab, a_ab, b_ab]), np.array([0, 1, 1, 2, 2]))
    assert found[:, :2].tolist() == [[3, 4], [0, 0], [3, 4], [0, 0], [0, 0]]
    assert not found[:, 2:].any()
    with pytest.raises(KeyError):
        tracked.counts(np.array([ab]), np.array([0]))


def trained(words: Counter[str], n_tokens: int) -> MergeList:
    """What the trainer of `tokenizers` learns from words whose letters are single bytes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=n_tokens, show_progress=False, special_tokens=[])
    tokenizer.train_from_iterator([" ".join(words.elements())], trainer)
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    return merge_list("".join(sorted(set("".join(words)))), *merges)


def test_every_merge_of_a_trainer_is_a_most_frequent_pair():
    rng = np.random.default_rng(5)
    stems = ["".join(rng.choice(list("aabcde"), rng.integers(1, 9))) for _ in range(120)]
    words = Counter("".join(rng.choice(stems, rng.integers(1, 4))) for _ in range(3000))
    merges = trained(words, 400)
    assert len(merges) > 350
    changes = replay(word_table(words), merges, n_steps=len(merges))
    for step in range(len(merges)):
        left, right = merges.pairs[step].tolist()
        found = pair_counts(changes, changes.keys, np.full(len(changes.keys), step))
        winner = changes.keys.tolist().index(left << 32 | right)
        assert found[winner] == found.max() > 0


def assert_same(left: PairChanges, right: PairChanges) -> None:
    for name in ("keys", "starts", "steps", "deltas"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), strict=True)
    assert left.n_pairs_initially == right.n_pairs_initially

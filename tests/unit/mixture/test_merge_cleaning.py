"""Recovered merges against those of textbook BPE training, whatever a file makes of them."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.errors import TokevalError
from tokeval.mixture.merge_cleaning import clean, order_of_training, recover

LETTERS = frozenset({b"a", b"b", b"c", b" ", b"\t"})


def characters(token: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in token]


def joined(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    """A word after a merge, from left to right."""
    done: list[bytes] = []
    place = 0
    while place < len(word):
        if tuple(word[place : place + 2]) == pair:
            done.append(word[place] + word[place + 1])
            place += 2
        else:
            done.append(word[place])
            place += 1
    return done


def train(words: dict[str, int], n_merges: int) -> list[tuple[bytes, bytes]]:
    """Textbook BPE training: the most frequent pair, again and again."""
    spelled = [(characters(word.encode()), n) for word, n in words.items()]
    merges = []
    for _ in range(n_merges):
        counts: Counter[tuple[bytes, bytes]] = Counter()
        for word, n in spelled:
            for pair in pairwise(word):
                counts[pair] += n
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        spelled = [(joined(word, best), n) for word, n in spelled]
    return merges


def every_cut(merges: list[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """What a conversion lists: all ways to cut each token into two tokens, in order."""
    tokens = [left + right for left, right in merges]
    known = LETTERS | set(tokens)
    return tuple(
        (token[:cut], token[cut:])
        for token in tokens
        for cut in range(1, len(token))
        if token[:cut] in known and token[cut:] in known
    )


def cleaned(merges, ids=None):
    return clean(tuple(merges), split=characters, initial=LETTERS, ids=ids or {}, source="a.json")


WORDS = st.dictionaries(
    st.text("abc ", min_size=2, max_size=9), st.integers(1, 20), min_size=1, max_size=8
)


@given(WORDS)
def test_training_is_recovered_from_the_order_of_its_tokens(words):
    merges = train(words, 12)
    order = [left + right for left, right in merges]
    assert recover(order, split=characters, initial=LETTERS) == merges


@given(WORDS)
def test_training_is_recovered_from_every_way_to_cut_its_tokens(words):
    merges = train(words, 12)
    listed = every_cut(merges)
    assert cleaned(listed).pairs == merges
    assert bool(cleaned(listed).notes) == (len(listed) > len(merges))


@given(WORDS)
def test_a_trained_list_is_taken_as_it_stands(words):
    merges = train(words, 12)
    assert cleaned(merges) == type(cleaned(merges))(merges)


def test_a_token_whose_parts_never_meet_is_left_out_with_what_is_made_of_it():
    # With `bc` first, `abc` is a + bc, never ab + c; `cab` needs `ab`, which comes too late.
    order = [b"bc", b"cab", b"cabc", b"ab", b"abc"]
    assert recover(order, split=characters, initial=LETTERS) == [
        (b"b", b"c"), (b"a", b"b"), (b"a", b"bc"),
    ]  # fmt: skip


def test_what_is_no_initial_symbol_makes_no_token():
    assert recover([b"az", b"ab"], split=characters, initial=LETTERS) == [(b"a", b"b")]


def test_a_few_tokens_out_of_order_are_left_out_and_counted():
    words = [f"{x}{y}".encode() for x in "abc" for y in "abc"]
    merges = [(word[:1], word[1:]) for word in words]
    further = [(left, right) for left in words for right in words][:60]
    late = (words[0] * 3, b"c")
    of_late = (late[0] + late[1], b"ab")
    result = cleaned([late, *merges, *further, of_late])
    assert result.pairs == merges + further
    assert result.notes[-1].startswith("2 tokens, the first is 'aaaaaac', cannot be made")


@pytest.mark.parametrize("redundant", [False, True])
def test_an_order_that_is_not_that_of_a_training_is_refused(redundant):
    merges = [(b"ab", b"c"), (b"a", b"b"), (b"abc", b"a")]
    if redundant:
        merges.append((b"a", b"bca"))
    with pytest.raises(TokevalError) as caught:
        cleaned(merges)
    assert "a.json: merge 0 joins 'ab' and 'c', but 'ab' is made only by merge 1" in str(
        caught.value
    )
    assert "does not look like a trained order" in str(caught.value)


def test_a_part_that_no_merge_makes_is_said():
    with pytest.raises(TokevalError, match="the merges before it do not make both parts"):
        cleaned([(b"a", b"b"), (b"cc", b"a")])


def test_runs_of_white_space_at_the_end_are_put_back_by_id():
    ids = {b"  ": 3, b"ab": 4, b"    ": 5, b"abc": 6}
    order, notes = order_of_training([b"ab", b"abc", b"  ", b"    "], ids)
    assert order == [b"  ", b"ab", b"    ", b"abc"]
    assert notes == [
        "2 runs of white space stand at the end of the list, though their ids say that training "
        "made them earlier: they were put back by id."
    ]
    merges = [(b"a", b"b"), (b"ab", b"c"), (b" ", b" "), (b"  ", b"  ")]
    assert cleaned(merges, ids).pairs == [merges[2], merges[0], merges[3], merges[1]]


@pytest.mark.parametrize(
    "ids",
    [
        {b"  ": 9, b"ab": 4, b"    ": 10, b"abc": 6},  # last by id too
        {b"  ": 1, b"ab": 6, b"    ": 2, b"abc": 4},  # the others are not in the order of ids
        {b"ab": 4, b"abc": 6},  # no ids known
    ],
)
def test_ids_that_say_nothing_else_leave_the_order(ids):
    results = [b"ab", b"abc", b"  ", b"    "]
    assert order_of_training(results, ids) == (results, [])


def test_a_run_amid_other_tokens_stays_where_it_is():
    ids = {b"  ": 1, b"ab": 2, b"abc": 3}
    results = [b"ab", b"  ", b"abc"]
    assert order_of_training(results, ids) == (results, [])


def ladder(character: bytes, longest: int) -> list[tuple[bytes, bytes]]:
    """All ways to make all runs of a character up to a length, the longest run first."""
    return [
        (character * cut, character * (n - cut))
        for n in range(longest, 1, -1)
        for cut in range(1, n)
    ]


def test_runs_put_in_by_hand_stand_first_and_are_made_of_shorter_ones():
    result = cleaned([*ladder(b" ", 9), (b"a", b"b"), (b" ", b"ab")])
    assert result.inserted == {b" " * n for n in range(2, 10)}
    assert [left + right for left, right in result.pairs[:8]] == [b" " * n for n in range(2, 10)]
    assert result.pairs[8:] == [(b"a", b"b"), (b" ", b"ab")]
    assert any("8 runs of white space (' ') were put in by hand" in note for note in result.notes)
    for length in range(2, 10):  # every run becomes one token
        word = characters(b" " * length)
        for pair in result.pairs:
            word = joined(word, pair)
        assert word == [b" " * length]


def test_runs_of_a_character_at_which_text_is_cut_are_left_out():
    merges = [*ladder(b"\n", 9), *ladder(b"\t", 9), (b"a", b"b")]
    result = cleaned(merges)
    assert result.inserted == {b"\t" * n for n in range(2, 10)}
    assert not any(b"\n" in left for left, _ in result.pairs)
    assert any("8 of them repeat an added token" in note for note in result.notes)

"""Runs put in by hand, published lists, and what words are made of."""

import pytest

from tokeval.mixture.merge_detection import (
    inserted_runs,
    is_character,
    known_list,
    prefix_digests,
    white_space_run,
)


def runs(*lengths: int, character: str = " ") -> list[bytes]:
    return [(character * n).encode() for n in lengths]


def test_lengths_up_or_down_by_ones_are_put_in_by_hand():
    assert inserted_runs([*runs(*range(2, 12)), b"in"]) == set(runs(*range(2, 12)))
    assert inserted_runs([b"in", *runs(*range(31, 1, -1))]) == set(runs(*range(2, 32)))


def test_ladders_of_several_characters_may_be_woven_into_each_other():
    woven = [
        run
        for n in range(31, 2, -1)
        for run in (*runs(n, character="\n"), *runs(n), *runs(n, character="\u3000"))
    ]
    found = inserted_runs([*woven, *runs(2), b" t", b"in"])
    assert found == {*woven, b"  "}


def test_one_other_token_between_two_rungs_does_not_break_a_ladder():
    ladder = runs(*range(2, 12), character="\t")
    assert inserted_runs([*ladder[:5], b" t", *ladder[5:]]) == set(ladder)
    assert inserted_runs([*ladder[:5], b" t", b"in", *ladder[5:]]) == frozenset()


def test_a_ladder_is_found_after_runs_that_are_none():
    assert inserted_runs(runs(16, 8, 4, *range(5, 13))) == set(runs(*range(4, 13)))
    assert inserted_runs(runs(4, 3, *range(4, 12))) == set(runs(*range(3, 12)))


@pytest.mark.parametrize(
    "lengths",
    [
        (2, 4, 8, 3, 7, 11, 16, 15, 5, 19, 23, 9, 32, 27, 13, 6),  # GPT-4o's first
        (2, 4, 8, 5, 16, 6, 12, 13, 10, 14, 3, 9, 7, 11, 15),  # Llama 2's
        (2, 3, 4, 5, 6, 7, 8),  # one rung short
    ],
)
def test_lengths_as_training_makes_them_are_no_ladder(lengths):
    assert inserted_runs(runs(*lengths)) == frozenset()


def test_rungs_far_apart_are_no_ladder():
    spread = [token for n in range(2, 20) for token in (*runs(n), b"x%d" % n, b"y%d" % n)]
    assert inserted_runs(spread) == frozenset()


def test_a_run_repeats_one_white_space_character():
    assert white_space_run("\u3000\u3000".encode()) == ("\u3000", 2)
    assert white_space_run(b"\r\n") is None
    assert white_space_run(b"--") is None
    assert white_space_run(b"\xe3\x80") is None


def test_a_character_is_one_code_point_in_whole_bytes():
    assert is_character("𝒳".encode())
    assert not is_character("e\u0301".encode())
    assert not is_character(b"\xe3\x80")


def test_a_digest_depends_on_bytes_cut_and_order():
    one = [(b"ab", b"c"), (b"d", b"e")]
    others = [[(b"a", b"bc"), (b"d", b"e")], one[::-1], [(b"ab", b"c"), (b"d", b"f")]]
    digests = [prefix_digests(pairs, {2})[2] for pairs in (one, *others)]
    assert len(set(digests)) == 4
    assert prefix_digests([*one, (b"x", b"y")], {2, 7}) == {2: digests[0]}


def test_an_unpublished_list_is_not_known():
    assert known_list([(b"a", b"b")] * 50_000) is None

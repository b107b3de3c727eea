"""The list of merges itself: what it counts, spells, and cuts off."""

import numpy as np
import pytest

from tokeval.mixture.merge_list import MergeList


def written(**options) -> MergeList:
    """`ab`, `abc`, `cd` and `abcd` over four letters."""
    return MergeList(
        symbols=(b"a", b"b", b"c", b"d", b"ab", b"abc", b"cd", b"abcd"),
        n_initial=4,
        pairs=np.array([[0, 1], [4, 2], [2, 3], [5, 3]], dtype=np.int32),
        results=np.array([4, 5, 6, 7], dtype=np.int32),
        starts_from="characters",
        **options,
    )


def test_all_merges_are_trained_unless_it_is_said():
    merges = written()
    assert merges.is_trained.tolist() == [True] * 4
    assert (len(merges), merges.n_trained) == (4, 4)
    assert merges.spelled(3) == (b"abc", b"d")


def test_flags_must_be_as_many_as_merges():
    with pytest.raises(ValueError, match="2 flags for 4 merges"):
        written(is_trained=np.array([True, False]))


def test_the_first_merges_keep_the_numbers_of_their_symbols():
    cut = written(notes=("said",)).first(2)
    assert cut.symbols == (b"a", b"b", b"c", b"d", b"ab", b"abc")
    assert [cut.spelled(step) for step in range(len(cut))] == [(b"a", b"b"), (b"ab", b"c")]
    assert (cut.n_initial, cut.starts_from, cut.notes) == (4, "characters", ("said",))


def test_the_first_trained_merges_come_with_those_before_them_that_are_not():
    merges = written(is_trained=np.array([False, True, False, True]))
    assert merges.n_trained == 2
    assert merges.first(1).is_trained.tolist() == [False, True]
    assert len(merges.first(2)) == 4


def test_none_and_too_many():
    merges = written()
    assert len(merges.first(0)) == 0
    assert merges.first(0).symbols == merges.symbols[:4]
    assert merges.first(4) is merges
    assert merges.first(1000) is merges

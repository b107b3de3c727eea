"""The rows of the linear program, against counts from scratch and hand-computed margins."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.mixture_histories import build
from tokeval.errors import TokevalError
from tokeval.mixture.program import build_program

# "ab" 3 times and "cd" once against "ab" once and "cd" 4 times and "ce" 5 times.
TWO = build([{"ab": 3, "cd": 1}, {"ab": 1, "cd": 4, "ce": 5}], [("a", "b"), ("c", "d")])
AB, CD, CE = (TWO.pairs.index(pair) for pair in (("a", "b"), ("c", "d"), ("c", "e")))


def test_margins_are_differences_of_frequencies_over_the_scale_of_the_step() -> None:
    program = build_program(TWO.history)
    # At step 0 ab has 3/4 and 1/10, cd 1/4 and 4/10; the mean frequency of ab is 17/40.
    assert_allclose(program.scales, [17 / 40, 13 / 40])
    margins = program.margins(np.array([0, 1]), np.array([CD, CE]))
    assert_allclose(margins * program.scales[:, None], [[2 / 4, -3 / 10], [1 / 4, -1 / 10]])


def test_merged_pairs_have_no_count_left() -> None:
    program = build_program(TWO.history)
    assert_allclose(program.margins(np.array([1]), np.array([AB])) * 13 / 40, [[1 / 4, 4 / 10]])


def test_winner_frequencies_are_mixed_and_infinite_without_rows() -> None:
    program = build_program(TWO.history, np.array([False, True]))
    assert_allclose(program.winner_frequencies(np.array([0.5, 0.5])), [np.inf, 13 / 40])
    assert_array_equal(program.has_rows, [False, True])


def test_merges_that_occur_nowhere_have_no_rows() -> None:
    case = build([{"ab": 3}, {"ab": 1}], [("x", "y"), ("a", "b"), ("a", "b")])
    assert_array_equal(case.history.winners, [-1, 0, 0])
    assert_array_equal(build_program(case.history).has_rows, [False, True, False])


def test_a_category_without_pairs_is_named() -> None:
    case = build([{"ab": 3}, {"a": 9}], [("a", "b")])
    with pytest.raises(TokevalError, match="category 1 has no pair"):
        build_program(case.history)


def test_a_tokenizer_whose_merges_occur_nowhere_is_refused() -> None:
    case = build([{"ab": 3}, {"cd": 1}], [("x", "y")])
    with pytest.raises(TokevalError, match="no merge of the tokenizer occurs"):
        build_program(case.history)

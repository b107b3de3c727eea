"""The edit distance against the table that defines it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.core.edit_distance import edit_distance

SEQUENCES = st.lists(st.integers(0, 3), max_size=80)


def by_table(a: list[int], b: list[int]) -> int:
    row = list(range(len(b) + 1))
    for i, symbol in enumerate(a, start=1):
        above, row = row, [i]
        for j, other in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (symbol != other)))
    return row[-1]


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("kitten", "sitting", 3),
        ("saturday", "sunday", 3),
        ("", "abc", 3),
        ("abc", "", 3),
        ("", "", 0),
        ("abc", "abc", 0),
        ("aXb", "ab", 1),
        ("ab", "ba", 2),
    ],
)
def test_known_distances(a: str, b: str, distance: int) -> None:
    assert edit_distance([*map(ord, a)], [*map(ord, b)]) == distance


@given(SEQUENCES, SEQUENCES)
def test_it_is_that_of_the_table(a: list[int], b: list[int]) -> None:
    assert edit_distance(a, b) == by_table(a, b)


@given(st.lists(st.integers(0, 30), min_size=60, max_size=150), st.data())
def test_long_sequences_with_few_changes(a: list[int], data: st.DataObject) -> None:
    b = list(a)
    for _ in range(data.draw(st.integers(0, 5))):
        b[data.draw(st.integers(0, len(b) - 1))] = -1
    assert edit_distance(a, b) == by_table(a, b)


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_it_is_a_metric(a: list[int], b: list[int], c: list[int]) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert (edit_distance(a, b) == 0) == (a == b)

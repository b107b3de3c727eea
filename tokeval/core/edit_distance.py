"""Edit distance: how many tokens must change to turn one sequence of ids into another."""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(a: Sequence[int], b: Sequence[int]) -> int:
    """The fewest insertions, deletions and replacements that turn one sequence into the other.

    Exact (Levenshtein 1966). A column of the table is held as two bit vectors of its steps, +1
    and −1, in Python's unbounded integers: Myers 1999, in the form of Hyyrö 2003.

    >>> edit_distance([5, 6, 7], [6, 7, 8])
    2
    """
    start, end_a, end_b = 0, len(a), len(b)
    while start < min(end_a, end_b) and a[start] == b[start]:
        start += 1
    while min(end_a, end_b) > start and a[end_a - 1] == b[end_b - 1]:
        end_a, end_b = end_a - 1, end_b - 1
    if start in (end_a, end_b):
        return end_a + end_b - 2 * start
    return _bit_parallel(a[start:end_a], b[start:end_b])


def _bit_parallel(a: Sequence[int], b: Sequence[int]) -> int:
    """The edit distance of two sequences that are not empty."""
    places: dict[int, int] = {}
    for i, symbol in enumerate(a):
        places[symbol] = places.get(symbol, 0) | (1 << i)
    everything = (1 << len(a)) - 1
    last = 1 << (len(a) - 1)
    up, down, distance = everything, 0, len(a)  # vertical steps of +1 and of −1
    for symbol in b:
        equal = places.get(symbol, 0)
        vertical = equal | down
        horizontal = (((equal & up) + up) ^ up) | equal
        right_up = down | (everything & ~(horizontal | up))
        right_down = up & horizontal
        distance += bool(right_up & last) - bool(right_down & last)
        right_up = (right_up << 1) | 1
        right_down <<= 1
        up = (right_down | ~(vertical | right_up)) & everything
        down = right_up & vertical & everything
    return distance

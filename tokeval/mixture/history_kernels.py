"""The compiled part of pair histories: sums of changes, and changes put side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import inlined, lean_kernel

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@lean_kernel
def add_until(
    starts: Int64s, steps: Int32s, deltas: Int64s, rows: Int64s, ends: Int64s, out: Int64s
) -> None:
    """Adds up, for each of some rows, the changes until a step, that one included.

    Args:
        starts: where the changes of each row begin, and the last end.
        steps: of each change.
        deltas: of each change, shape (n_changes, n_columns).
        rows: -1 stands for a pair that never occurs, shape (n,).
        ends: the last step that counts, shape (n,).
        out: what the sums are added to, shape (n, n_columns).
    """
    for index in range(len(rows)):
        row = rows[index]
        if row >= 0:
            for change in range(starts[row], starts[row + 1]):
                if steps[change] > ends[index]:
                    break
                for column in range(deltas.shape[1]):
                    out[index, column] += deltas[change, column]


@lean_kernel
def add_by_category_until(
    starts: Int64s,
    steps: Int32s,
    categories: NDArray[np.uint16],
    deltas: Int64s,
    rows: Int64s,
    ends: Int64s,
    out: Int64s,
) -> None:
    """`add_until` where each change is of one category; `out` has the shape (n, n_categories)."""
    for index in range(len(rows)):
        row = rows[index]
        if row >= 0:
            for change in range(starts[row], starts[row + 1]):
                if steps[change] > ends[index]:
                    break
                out[index, categories[change]] += deltas[change]


@lean_kernel
def arrange(
    rows: Int32s, cursors: Int64s, steps: Int32s, deltas: Int64s, out: tuple[Int32s, Int64s]
) -> None:
    """Puts changes, which come step after step, row after row into `out`.

    Args:
        rows: of each change.
        cursors: where each row begins; moved to where it ends.
        steps: of each change.
        deltas: of each change, shape (n_changes, n_columns).
        out: the same steps and deltas in order.
    """
    for change in range(len(rows)):
        target = cursors[rows[change]]
        cursors[rows[change]] += 1
        out[0][target] = steps[change]
        for column in range(deltas.shape[1]):
            out[1][target, column] = deltas[change, column]


@lean_kernel
def order_by_half(keys: Int64s, shift: int, cursors: Int32s, given: Int32s, out: Int32s) -> None:
    """Puts rows into the order of one half of their keys; those with equal halves stay in theirs.

    One pass of a radix sort. Ordering by the right half and then by the left one orders by key.

    Args:
        keys: left · 2**32 + right, not negative, shape (n,).
        shift: 0 for the right half, 32 for the left one.
        cursors: zeros, shape (1 + the highest half,); used up.
        given: rows in the order so far, shape (n,).
        out: the same rows in the new order.
    """
    for key in keys:
        cursors[(key >> shift) & 0xFFFFFFFF] += 1
    n_before = 0
    for half in range(len(cursors)):
        n_before, cursors[half] = n_before + cursors[half], n_before
    for row in given:
        half = (keys[row] >> shift) & 0xFFFFFFFF
        out[cursors[half]] = row
        cursors[half] += 1


@lean_kernel
def count_until(starts: Int64s, steps: Int32s, rows: Int64s, n_steps: int, out: Int64s) -> None:
    """Adds, row by row, how many changes come before a step; rows that are -1 are left out."""
    for pair in range(len(rows)):
        if rows[pair] >= 0:
            for change in range(starts[pair], starts[pair + 1]):
                if steps[change] >= n_steps:
                    break
                out[rows[pair]] += 1


@lean_kernel
def append_changes(
    starts: Int64s,
    changes: tuple[Int32s, Int64s],
    rows: Int64s,
    n_steps: int,
    category: int,
    cursors: Int64s,
    out: tuple[Int32s, NDArray[np.uint16], Int64s],
) -> None:
    """Writes the changes of one category, those that `count_until` counts, behind what is there.

    Args:
        starts: where the changes of each pair begin, and the last end.
        changes: steps and deltas.
        rows: where each pair goes, -1 where it is left out.
        n_steps: changes before this step are taken.
        category: its number.
        cursors: where the next change of each row goes; moved on.
        out: steps, categories and deltas.
    """
    for pair in range(len(rows)):
        if rows[pair] >= 0:
            for change in range(starts[pair], starts[pair + 1]):
                if changes[0][change] >= n_steps:
                    break
                target = cursors[rows[pair]]
                cursors[rows[pair]] += 1
                out[0][target] = changes[0][change]
                out[1][target] = category
                out[2][target] = changes[1][change]


@inlined
def _comes_before(step: int, category: int, other_step: int, other_category: int) -> bool:
    """Whether one change goes before another of the same row."""
    return step < other_step or (step == other_step and category < other_category)


@lean_kernel
def sort_rows(
    starts: Int64s, steps: Int32s, categories: NDArray[np.uint16], deltas: Int64s
) -> None:
    """Sorts the changes within each row by step, then by category.

    In place by Shell's method with Knuth's gaps: nearly all rows are short or sorted already.
    """
    for row in range(len(starts) - 1):
        begin, end = starts[row], starts[row + 1]
        gap = 1
        while 3 * gap < end - begin:
            gap = 3 * gap + 1
        while gap > 0:
            for change in range(begin + gap, end):
                step, category, delta = steps[change], categories[change], deltas[change]
                to = change
                while to - gap >= begin and _comes_before(
                    step, category, steps[to - gap], categories[to - gap]
                ):
                    steps[to] = steps[to - gap]
                    categories[to] = categories[to - gap]
                    deltas[to] = deltas[to - gap]
                    to -= gap
                steps[to], categories[to], deltas[to] = step, category, delta
            gap //= 3

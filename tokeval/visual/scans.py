"""Scan orders: ways to walk all cells of a grid, and what tokens cost along each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.code_lengths import TOO_FEW_SAMPLES, code_lengths, is_held_out, mean_folds
from tokeval.visual.dump import Layout, Samples

Integers = NDArray[np.int64]
Vector = tuple[int, int]

RANDOM_SEED = 20241105
"""The control walks every sample in the same random order, and in every run."""


def raster(n_rows: int, n_columns: int) -> Integers:
    """Cells row by row, each from left to right; cell (r, c) is number r · n_columns + c."""
    return np.arange(n_rows * n_columns, dtype=np.int64)


def column(n_rows: int, n_columns: int) -> Integers:
    """Cells column by column, each downwards."""
    return raster(n_rows, n_columns).reshape(n_rows, n_columns).T.reshape(-1)


def snake(n_rows: int, n_columns: int) -> Integers:
    """Cells row by row, every other row backwards.

    >>> snake(2, 3).tolist()
    [0, 1, 2, 5, 4, 3]
    """
    cells = raster(n_rows, n_columns).reshape(n_rows, n_columns).copy()
    cells[1::2] = cells[1::2, ::-1]
    return cells.reshape(-1)


def spiral_in(n_rows: int, n_columns: int) -> Integers:
    """Cells clockwise from the upper left corner, ring after ring inwards.

    >>> spiral_in(3, 3).tolist()
    [0, 1, 2, 5, 8, 7, 6, 3, 4]
    """
    rest = raster(n_rows, n_columns).reshape(n_rows, n_columns)
    edges = []
    while rest.size:
        edges.append(rest[0])
        rest = rest[1:].T[::-1]  # turned to the left: its right edge is now on top
    return np.concatenate(edges)


def spiral_out(n_rows: int, n_columns: int) -> Integers:
    """The inward spiral backwards: from the middle outwards."""
    return spiral_in(n_rows, n_columns)[::-1].copy()


def morton(n_rows: int, n_columns: int) -> Integers:
    """Cells by their Morton (1966) number: the bits of row and column, interleaved.

    On a grid whose sides are not one power of two, the numbers that fall outside are skipped.

    >>> morton(2, 4).tolist()
    [0, 1, 4, 5, 2, 3, 6, 7]
    """
    rows, columns = np.divmod(raster(n_rows, n_columns), n_columns)
    numbers = np.zeros(n_rows * n_columns, dtype=np.int64)
    for bit in range(max(n_rows, n_columns).bit_length()):
        numbers |= ((columns >> bit) & 1) << (2 * bit) | ((rows >> bit) & 1) << (2 * bit + 1)
    return np.argsort(numbers)


def hilbert(n_rows: int, n_columns: int) -> Integers:
    """Cells along a Hilbert (1891) curve, generalized to any rectangle.

    Consecutive cells share an edge, except for at most one diagonal step where one side is odd and
    the other even. The rectangle is halved across when it is longer than 3/2 of its width, and
    otherwise cut into a turned half, a whole length and a turned half back, each piece again, with
    even sides where possible: the construction of Červený's `gilbert` (2018).

    >>> hilbert(2, 2).tolist()
    [0, 2, 3, 1]
    """
    if n_columns >= n_rows:
        cells = _curve((0, 0), (0, n_columns), (n_rows, 0))
    else:
        cells = _curve((0, 0), (n_rows, 0), (0, n_columns))
    walked = np.array(cells, dtype=np.int64)
    numbers: Integers = walked[:, 0] * n_columns + walked[:, 1]
    return numbers


def _curve(corner: Vector, along: Vector, across: Vector) -> list[Vector]:
    """Cells (row, column) of the rectangle that two vectors span, from one end of `along` on."""
    length, width = abs(sum(along)), abs(sum(across))
    if width == 1:
        return [_moved(corner, _unit(along), step) for step in range(length)]
    if length == 1:
        return [_moved(corner, _unit(across), step) for step in range(width)]
    if 2 * length > 3 * width:
        half = _half(along)
        rest = _moved(along, half, -1)
        return _curve(corner, half, across) + _curve(_moved(corner, half), rest, across)
    half = _half(across)
    rest = _moved(across, half, -1)
    last_of_half = _moved(half, _unit(across), -1)
    end = _moved(_moved(_moved(corner, along), _unit(along), -1), last_of_half)
    return [
        *_curve(corner, half, _half_floor(along)),
        *_curve(_moved(corner, half), along, rest),
        *_curve(end, _scaled(half, -1), _scaled(_moved(along, _half_floor(along), -1), -1)),
    ]


def _half(vector: Vector) -> Vector:
    """Half of a vector along an axis, one longer where that makes an odd half even."""
    half = _half_floor(vector)
    if abs(sum(half)) % 2 and abs(sum(vector)) > 2:
        return _moved(half, _unit(vector))
    return half


def _half_floor(vector: Vector) -> Vector:
    """Half of a vector along an axis, rounded to the smaller length."""
    return _scaled(_unit(vector), abs(sum(vector)) // 2)


def _unit(vector: Vector) -> Vector:
    """The vector of length 1 in the direction of one along an axis."""
    length = abs(sum(vector))
    return vector[0] // length, vector[1] // length


def _scaled(vector: Vector, factor: int) -> Vector:
    """The vector times a factor."""
    return vector[0] * factor, vector[1] * factor


def _moved(point: Vector, vector: Vector, times: int = 1) -> Vector:
    """The point moved by a vector, so many times."""
    return point[0] + times * vector[0], point[1] + times * vector[1]


def random_order(n_rows: int, n_columns: int) -> Integers:
    """Cells in one random order, a control: nothing is left of the neighbourhood."""
    return np.random.default_rng(RANDOM_SEED).permutation(n_rows * n_columns)


SCANS: dict[str, Callable[[int, int], Integers]] = {
    "raster": raster,
    "column": column,
    "snake": snake,
    "spiral_in": spiral_in,
    "spiral_out": spiral_out,
    "morton": morton,
    "hilbert": hilbert,
    "random": random_order,
}
"""Functions of rows and columns that return every cell number once, shape (rows · columns,)."""


def scan_bits(
    samples: Samples, layout: Layout, *, codebook_size: int
) -> dict[str, Folds] | Undefined:
    """Held-out bits per token given the token before it along each scan of `SCANS`.

    The code is that of `code_lengths` with one neighbour, learned from four of five samples; the
    first token of a walk has a symbol of its own before it. Frames of video are walked one by one.

    Args:
        samples: whole samples.
        layout: what their axes are; there must be one height and width.
        codebook_size: K.
    """
    if layout not in (Layout.NHW, Layout.NTHW) or samples.shape is None:
        return Undefined(f"scans need a height and a width; the layout is {layout.value}")
    n_rows, n_columns = samples.shape[-2:]
    walks = samples.tokens.reshape(-1, n_rows * n_columns)
    numbers = np.arange(samples.first, samples.first + samples.n_samples, dtype=np.int64)
    owners = np.repeat(numbers, int(np.prod(samples.shape)))
    held_out = is_held_out(owners)
    if held_out.all() or not held_out.any():
        return TOO_FEW_SAMPLES
    bits = {}
    for name, order_of in SCANS.items():
        ordered = walks[:, order_of(n_rows, n_columns)]
        before = np.full(ordered.shape, codebook_size, dtype=np.int64)
        before[:, 1:] = ordered[:, :-1]
        lengths = code_lengths(
            ordered.reshape(-1),
            [before.reshape(-1)],
            ~held_out,
            n_codes=codebook_size,
            n_symbols=codebook_size + 1,
        )
        bits[name] = mean_folds(lengths, owners[held_out])
    return bits

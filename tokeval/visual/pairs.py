"""Pairs of tokens inside single samples: which tokens stand beside which, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.document import Undefined
from tokeval.visual.dump import N_BLOCKS, Layout, Samples

Integers = NDArray[np.int64]

MAX_KEY = 2**62
"""Keys that join several codes stay below this, so that int64 holds them."""

DENSE_CELLS_PER_KEY = 4
"""A table of all keys with at most so many cells for each occurrence is filled, not sorted."""

DIRECTIONS: dict[Layout, dict[str, tuple[int, ...]]] = {
    Layout.NL: {"right": (1,)},
    Layout.NHW: {"right": (0, 1), "down": (1, 0), "diagonal": (1, 1)},
    Layout.NTHW: {
        "right": (0, 0, 1),
        "down": (0, 1, 0),
        "diagonal": (0, 1, 1),
        "time": (1, 0, 0),
    },
    Layout.NQL: {"right": (0, 1), "next_level": (1, 0)},
    Layout.NS: {"right": (0, 1), "down": (1, 0), "diagonal": (1, 1)},
}
"""Steps along the axes of a sample by their name in metric ids; inside a scale for `NS`.

Levels of a residual quantizer have different codes under the same numbers, and pairs of all levels
together also say which level they are of: `levels.level_samples` gives each level by itself."""

LAGS = (2, 4, 8)
"""Longer steps to the right (along the sequence) that are also looked at."""


@dataclass(frozen=True)
class Pairs:
    """Two symbols at each of n places, and which sample each place belongs to.

    Attributes:
        first: shape (n,), in [0, n_first).
        second: shape (n,), in [0, n_second).
        samples: number of the sample in its dump, shape (n,), int64.
        n_first: how many symbols can come first.
        n_second: how many can come second: K for tokens.
    """

    first: NDArray[Any]
    second: NDArray[Any]
    samples: Integers
    n_first: int
    n_second: int

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.first)

    def keys(self) -> Integers:
        """One number for each pair: first · n_second + second."""
        keys: Integers = self.first.astype(np.int64) * self.n_second + self.second
        return keys

    def of(self, chosen: NDArray[np.bool_]) -> Pairs:
        """The pairs at the chosen places."""
        return Pairs(
            self.first[chosen],
            self.second[chosen],
            self.samples[chosen],
            self.n_first,
            self.n_second,
        )


def grids(
    samples: Samples, layout: Layout, scales: Sequence[int] = ()
) -> list[NDArray[Any]] | Undefined:
    """The arrays of equal shape that samples consist of, each of shape (n_samples, *axes).

    One array, or for `NS` one of shape (n_samples, side, side) for each scale. Undefined where the
    samples differ in shape.
    """
    if samples.shape is None:
        return Undefined("the samples have different lengths, so they have no common axes")
    whole = samples.array()
    if layout is not Layout.NS:
        return [whole]
    ends = np.cumsum([side * side for side in scales]).tolist()
    return [
        whole[:, end - side * side : end].reshape(samples.n_samples, side, side)
        for side, end in zip(scales, ends, strict=True)
    ]


def directed_pairs(
    samples: Samples,
    layout: Layout,
    direction: str,
    *,
    codebook_size: int,
    scales: Sequence[int] = (),
) -> Pairs | Undefined:
    """Each token with its neighbour in a direction, or the reason why there is no such axis.

    Args:
        samples: whole samples.
        layout: what their axes are.
        direction: a name of `DIRECTIONS`, or `lag_2`, `lag_4`, ... to the right.
        codebook_size: K.
        scales: side lengths of the grids of an `NS` sample.
    """
    steps = DIRECTIONS[layout]
    if direction.startswith("lag_"):
        lag = int(direction.removeprefix("lag_"))
        offset = tuple(lag * step for step in steps["right"])
    elif direction in steps:
        offset = steps[direction]
    else:
        return Undefined(f"the layout {layout.value} has no axis for {direction!r}")
    return offset_pairs(samples, layout, offset, codebook_size=codebook_size, scales=scales)


def offset_pairs(
    samples: Samples,
    layout: Layout,
    offset: tuple[int, ...],
    *,
    codebook_size: int,
    scales: Sequence[int] = (),
) -> Pairs | Undefined:
    """Each token with the one at an offset inside the same sample (and scale).

    Undefined where no sample is so large.

    Args:
        samples: whole samples.
        layout: what their axes are.
        offset: a step along each axis; steps may be negative.
        codebook_size: K.
        scales: side lengths of the grids of an `NS` sample.
    """
    if samples.shape is None and len(offset) == 1:
        return _ragged_pairs(samples, abs(offset[0]), codebook_size)
    arrays = grids(samples, layout, scales)
    if isinstance(arrays, Undefined):
        return arrays
    numbers = np.arange(samples.first, samples.first + samples.n_samples, dtype=np.int64)
    firsts, seconds, owners = [], [], []
    for array in arrays:
        first, second = _shifted(array, offset)
        firsts.append(first.reshape(-1))
        seconds.append(second.reshape(-1))
        owners.append(np.repeat(numbers, first.size // max(len(numbers), 1)))
    pairs = Pairs(
        np.concatenate(firsts),
        np.concatenate(seconds),
        np.concatenate(owners),
        codebook_size,
        codebook_size,
    )
    return pairs if len(pairs) else _too_small(offset)


def _shifted(array: NDArray[Any], offset: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The part of an array that has a partner at the offset, and the partners."""
    near: list[slice] = [slice(None)]
    far: list[slice] = [slice(None)]
    for step, size in zip(offset, array.shape[1:], strict=True):
        length = max(size - abs(step), 0)
        near.append(slice(max(-step, 0), max(-step, 0) + length))
        far.append(slice(max(step, 0), max(step, 0) + length))
    return array[tuple(near)], array[tuple(far)]


def _ragged_pairs(samples: Samples, lag: int, codebook_size: int) -> Pairs | Undefined:
    """The pairs at a lag of sequences of different lengths."""
    owners = token_samples(samples)
    inside = owners[lag:] == owners[:-lag] if lag < len(owners) else np.empty(0, np.bool_)
    if not inside.any():
        return _too_small((lag,))
    first = samples.tokens[: len(inside)][inside]
    second = samples.tokens[lag:][inside]
    return Pairs(first, second, owners[lag:][inside], codebook_size, codebook_size)


def _too_small(offset: tuple[int, ...]) -> Undefined:
    """The reason why there are no pairs at an offset."""
    return Undefined(f"no sample has two tokens at the offset {offset}")


def token_samples(samples: Samples) -> Integers:
    """The number in the dump of the sample of each token, shape (n_tokens,)."""
    numbers = np.arange(samples.first, samples.first + samples.n_samples, dtype=np.int64)
    return np.repeat(numbers, np.diff(samples.starts))


def type_counts(keys: NDArray[Any], samples: Integers) -> TypeCounts:
    """Counts of keys by the block of the samples that they occur in (sample number mod 64).

    The same as `TypeCounts.of`, by one sort of key and block together: it takes a quarter of the
    time where almost all keys are distinct.

    Args:
        keys: non-negative, shape (n,), at least one.
        samples: number of the sample of each key, shape (n,).
    """
    blocks = samples % N_BLOCKS
    n_blocks = int(blocks.max()) + 1
    wide, names = keys.astype(np.int64), None
    if int(wide.max()) > MAX_KEY // N_BLOCKS:
        names, wide = np.unique(wide, return_inverse=True)
    joined, counts = _counted(wide * n_blocks + blocks)
    of_pair, pair_blocks = np.divmod(joined, n_blocks)
    is_first = np.concatenate(([True], of_pair[1:] != of_pair[:-1]))
    starts = np.flatnonzero(is_first)
    types = of_pair[starts] if names is None else names[of_pair[starts]]
    pair_types = np.cumsum(is_first) - 1
    # There are few blocks: of 16 bits, they are sorted by counting.
    order = np.argsort(pair_blocks.astype(np.uint16), kind="stable")
    return TypeCounts(
        n_blocks,
        types,
        np.add.reduceat(counts, starts),
        pair_blocks[order],
        pair_types[order],
        counts[order],
    )


def _counted(keys: Integers) -> tuple[Integers, Integers]:
    """The distinct keys, ascending, with how often each occurs."""
    if int(keys.max()) < DENSE_CELLS_PER_KEY * len(keys):
        table = np.bincount(keys)
        found = np.flatnonzero(table)
        return found, table[found]
    return np.unique(keys, return_counts=True)

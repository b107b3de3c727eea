"""A dump of codes in an array, the samples first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tokeval.errors import UsageError
from tokeval.visual.dump import Dump, Layout
from tokeval.visual.memory_dump import MemoryDump

_BY_AXES = {2: (Layout.NL, Layout.NS), 3: (Layout.NHW, Layout.NQL), 4: (Layout.NTHW,)}


def dump_of_array(
    codes: Any,
    *,
    name: str,
    layout: Layout | None,
    codebook_size: int | None,
    scales: Sequence[int] = (),
) -> Dump:
    """The dump of an array of whole numbers in [0, codebook_size).

    Args:
        codes: shape (n_samples, ...), any integer dtype.
        name: the label in tables.
        layout: what the axes are; `None` where their number tells.
        codebook_size: K.
        scales: side lengths of the grids of an `NS` sample.

    Raises:
        UsageError: the size is missing, the axes are those of no layout or of several, or a code
            is outside the codebook.
    """
    tokens = np.asarray(codes)
    if not np.issubdtype(tokens.dtype, np.integer) or tokens.size == 0:
        raise UsageError(
            f"{name}: codes are whole numbers, and this is {tokens.size} of {tokens.dtype}",
            "give an array of integers, the samples first",
        )
    axes = _layout(name, tokens.ndim, layout, scales)
    length = tokens[0].size
    if (axes is Layout.NS) != bool(scales) or (scales and sum(s * s for s in scales) != length):
        raise UsageError(
            f"{name}: scales {tuple(scales)} do not make {length} codes of layout {axes.value}",
            "give the side lengths of the grids of layout NS",
        )
    largest, smallest = int(tokens.max()), int(tokens.min())
    if codebook_size is None:
        raise UsageError(
            f"{name}: how many codes there can be is not known; the largest is {largest}",
            "give codebook_size",
        )
    if smallest < 0 or largest >= codebook_size:
        raise UsageError(
            f"{name}: codes go from {smallest} to {largest}, the codebook from 0 to "
            f"{codebook_size - 1}",
            "give the codebook_size of the model",
        )
    starts = np.arange(len(tokens) + 1, dtype=np.int64) * length
    return MemoryDump(
        name=name,
        source="an array in memory",
        layout=axes,
        codebook_size=codebook_size,
        tokens=tokens.reshape(-1),
        starts=starts,
        shape=tokens.shape[1:],
        scales=tuple(scales),
    )


def _layout(name: str, n_axes: int, layout: Layout | None, scales: Sequence[int]) -> Layout:
    """The layout, which has so many axes."""
    possible = _BY_AXES.get(n_axes, ())
    if layout is None and n_axes == 2:
        layout = Layout.NS if scales else Layout.NL
    elif layout is None and len(possible) == 1:
        layout = possible[0]
    if layout is None and possible:
        raise UsageError(
            f"{name}: {n_axes} axes are grids or levels",
            f"give layout {' or '.join(one.value for one in possible)}",
        )
    if layout not in possible:
        wanted = layout.value if layout is not None else "no layout"
        raise UsageError(f"{name}: {n_axes} axes are not those of {wanted}", "reshape the array")
    return layout

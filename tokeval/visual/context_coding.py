"""Context coding: what tokens of held-out images cost, given their neighbours, by counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.code_lengths import TOO_FEW_SAMPLES, chain_code_lengths, is_held_out, mean_folds
from tokeval.visual.dump import Layout, Samples
from tokeval.visual.pairs import DIRECTIONS, grids, token_samples

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

NEIGHBOURS = {"left": "right", "up": "down", "time": "time"}
"""A context is the token from which the direction leads to the coded one."""

CONTEXTS = ("none", "left", "up", "left_up", "time", "left_up_time")


@dataclass(frozen=True)
class ContextCoding:
    """Held-out bits per token under each context that the layout has.

    Attributes:
        bits: by name of the context.
        best: the name of the cheapest one.
        n_training: tokens that taught the code.
        n_held_out: tokens that were coded; the same for every context.
    """

    bits: dict[str, Folds]
    best: str
    n_training: int
    n_held_out: int


def context_coding(
    samples: Samples, layout: Layout, *, codebook_size: int, scales: Sequence[int] = ()
) -> ContextCoding | Undefined:
    """Bits per token of held-out samples under every context of `CONTEXTS` that the layout has.

    The code is that of `code_lengths`, learned from four of five samples. A neighbour outside the
    sample is a symbol of its own, so that every context codes the same tokens. Of several
    neighbours, the one with the least conditional entropy in the training part stays longest.

    Args:
        samples: whole samples.
        layout: what their axes are.
        codebook_size: K.
        scales: side lengths of the grids of an `NS` sample.
    """
    codes, neighbours, owners = neighbourhood(samples, layout, codebook_size, scales)
    held_out = is_held_out(owners)
    if held_out.all() or not held_out.any():
        return TOO_FEW_SAMPLES
    ranked = _ranked(codes, neighbours, ~held_out, codebook_size)
    found: dict[str, Folds] = {}
    for chain in _chains(ranked):
        lengths = chain_code_lengths(
            codes,
            [neighbours[name] for name in chain],
            ~held_out,
            n_codes=codebook_size,
            n_symbols=codebook_size + 1,
        )
        for n_used, bits_of_each in enumerate(lengths):
            folds = mean_folds(bits_of_each, owners[held_out])
            found[_context_name(chain[:n_used])] = folds
    bits = {name: found[name] for name in CONTEXTS if name in found}
    best = min(bits, key=lambda name: float(bits[name].values[0]))
    n_held_out = int(held_out.sum())
    return ContextCoding(bits, best, len(codes) - n_held_out, n_held_out)


def neighbourhood(
    samples: Samples, layout: Layout, codebook_size: int, scales: Sequence[int] = ()
) -> tuple[NDArray[Any], dict[str, Integers], Integers]:
    """All tokens, their neighbours by name of `NEIGHBOURS`, and the sample of each.

    All of shape (n,). K stands for a neighbour outside the sample.
    """
    arrays = grids(samples, layout, scales)
    if isinstance(arrays, Undefined):
        owners = token_samples(samples)
        left = np.full(len(owners), codebook_size, dtype=np.int64)
        left[1:] = np.where(owners[1:] == owners[:-1], samples.tokens[:-1], codebook_size)
        return samples.tokens, {"left": left}, owners
    numbers = np.arange(samples.first, samples.first + samples.n_samples, dtype=np.int64)
    owners = np.concatenate([np.repeat(numbers, array[0].size) for array in arrays])
    codes = np.concatenate([array.reshape(-1) for array in arrays])
    neighbours = {
        name: np.concatenate([_before(array, step, codebook_size) for array in arrays])
        for name, direction in NEIGHBOURS.items()
        if (step := DIRECTIONS[layout].get(direction)) is not None
    }
    return codes, neighbours, owners


def _before(array: NDArray[Any], step: tuple[int, ...], edge: int) -> Integers:
    """The token one step before each along the axis of the step, `edge` outside; flat."""
    axis = step.index(1) + 1
    before = np.full(array.shape, edge, dtype=np.int64)
    target = [slice(None)] * array.ndim
    source = [slice(None)] * array.ndim
    target[axis], source[axis] = slice(1, None), slice(None, -1)
    before[tuple(target)] = array[tuple(source)]
    return before.reshape(-1)


def _ranked(
    codes: NDArray[Any], neighbours: dict[str, Integers], teaches: Booleans, n_codes: int
) -> list[str]:
    """Names of the neighbours, the one that says most about the codes that teach first."""
    if len(neighbours) < 2:
        return list(neighbours)
    uncertainty = {}
    for name, context in neighbours.items():
        keys = context[teaches] * n_codes + codes[teaches]
        joint = np.unique(keys, return_counts=True)[1]
        single = np.bincount(context[teaches])
        uncertainty[name] = _log_sum(single) - _log_sum(joint)
    return sorted(uncertainty, key=lambda name: (uncertainty[name], name))


def _log_sum(counts: Integers) -> float:
    """Σ c log2 c over positive counts."""
    positive = counts[counts > 0].astype(np.float64)
    return float(positive @ np.log2(positive))


def _chains(ranked: Sequence[str]) -> list[tuple[str, ...]]:
    """Sequences of neighbours, each but the first adding one, whose beginnings are all contexts.

    >>> _chains(["up", "left"])
    [('up', 'left'), ('left',)]
    """
    chains = [tuple(ranked), *((name,) for name in ranked[1:])]
    spatial = tuple(name for name in ranked if name != "time")
    return chains if spatial == chains[0][: len(spatial)] else [*chains, spatial]


def _context_name(neighbours: Sequence[str]) -> str:
    """The name of a context in `CONTEXTS`, if it is one of them."""
    return "_".join(name for name in NEIGHBOURS if name in neighbours) or "none"

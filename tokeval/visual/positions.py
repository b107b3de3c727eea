"""Where tokens stand: entropy by position, and how long a prefix tells samples apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.document import Undefined
from tokeval.visual.dependence import Estimate, mutual_information
from tokeval.visual.dump import Samples
from tokeval.visual.pairs import Pairs, token_samples

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class PositionEntropies:
    """The entropy of the tokens of all samples at each position.

    Attributes:
        entropies: bits by Miller and Madow, shape of a sample, or (longest,) for sequences.
        used: distinct codes at each position, the same shape.
        n_samples: samples that have the position, the same shape; below 10 for each used code, the
            entropy is a lower bound.
        coverage: 1 − codes seen once / samples, the same shape (Good 1953).
    """

    entropies: Array
    used: Integers
    n_samples: Integers
    coverage: Array


def entropy_by_position(samples: Samples, codebook_size: int) -> PositionEntropies | Undefined:
    """H of the tokens at each position in bits: −Σ p log2 p + (V − 1) / (2n ln 2).

    n samples have the position and V codes occur there; Miller 1955. For grids it is the spatial
    entropy map. Undefined for a single sample, which has one token at each.
    """
    if samples.n_samples < 2:
        return Undefined("one sample says nothing of the spread of tokens at a position")
    positions = _positions(samples)
    n_positions = int(positions.max()) + 1
    keys = positions * codebook_size + samples.tokens
    distinct, counts = np.unique(keys, return_counts=True)
    place = distinct // codebook_size
    n = np.bincount(positions, minlength=n_positions)
    used = np.bincount(place, minlength=n_positions)
    once = np.bincount(place[counts == 1], minlength=n_positions)
    weighted = np.bincount(place, weights=counts * np.log2(counts), minlength=n_positions)
    entropies = np.log2(n) - weighted / n + (used - 1) / (2 * n * math.log(2))
    shape = samples.shape or (n_positions,)
    return PositionEntropies(
        entropies.reshape(shape),
        used.reshape(shape),
        n.reshape(shape),
        (1 - once / n).reshape(shape),
    )


def position_information(samples: Samples, codebook_size: int) -> Estimate:
    """I(position; token) in bits: how much tokens differ from position to position.

    A point or a bracket, see `mutual_information`. 0 where every position draws from the same
    codes; log2 of the number of positions where none shares a code with another.
    """
    positions = _positions(samples)
    n_positions = int(positions.max()) + 1
    if n_positions < 2:
        return Undefined("samples have one position")
    owners = token_samples(samples)
    return mutual_information(Pairs(positions, samples.tokens, owners, n_positions, codebook_size))


def _positions(samples: Samples) -> Integers:
    """The place of each token in its sample, shape (n_tokens,)."""
    sizes = np.diff(samples.starts)
    return np.arange(len(samples.tokens)) - np.repeat(samples.starts[:-1], sizes)


@dataclass(frozen=True)
class PrefixUniqueness:
    """How many samples their first t tokens tell from all others.

    Attributes:
        shares: share of samples whose prefix of length t no other sample has, for t = 1, 2, ...
            until all are unique, or no token is left; shape (n_lengths,).
        enough: t* = ⌈log2 N / log2 K⌉, the length at which K codes could tell N samples apart.
        n_samples: N.
    """

    shares: Array
    enough: int
    n_samples: int


def prefix_uniqueness(samples: Samples, codebook_size: int) -> PrefixUniqueness | Undefined:
    """Share of samples that are unique by their first t tokens, for t = 1, 2, ...

    A sample shorter than t takes part with all it has, and differs from longer ones. Exact
    duplicates are never unique, so that the share need not reach 1.

    Args:
        samples: whole samples; sequences, or grids row by row.
        codebook_size: K.
    """
    if samples.n_samples < 2:
        return Undefined("a single sample is unique without any token")
    if codebook_size < 2:
        return Undefined("one code tells no samples apart")
    n_samples = samples.n_samples
    shared = np.arange(n_samples)
    groups = np.zeros(n_samples, dtype=np.int64)
    shares = []
    for t in range(int(np.diff(samples.starts).max())):
        at = samples.starts[shared] + t
        is_there = at < samples.starts[shared + 1]
        tokens = np.full(len(shared), codebook_size, dtype=np.int64)
        tokens[is_there] = samples.tokens[at[is_there]]
        keys = groups * (codebook_size + 1) + tokens
        _, groups, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        # Groups of several stay, unless all their samples have ended: those are duplicates.
        stays = sizes[groups] > 1
        n_ended = int((stays & ~is_there).sum())
        shared, groups = shared[stays], groups[stays]
        shares.append(1 - len(shared) / n_samples)
        if len(shared) == 0 or n_ended == len(shared):
            break
    return PrefixUniqueness(np.array(shares), _enough(n_samples, codebook_size), n_samples)


def _enough(n_samples: int, codebook_size: int) -> int:
    """The least t with codebook_size^t ≥ n_samples, in whole numbers."""
    length, reached = 0, 1
    while reached < n_samples:
        length, reached = length + 1, reached * codebook_size
    return length

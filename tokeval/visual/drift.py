"""Drift between two dumps: how far their codes moved, and whether by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.code_lengths import ratio_folds
from tokeval.visual.dump import N_BLOCKS, Samples
from tokeval.visual.pairs import token_samples

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

N_PERMUTATIONS = 199
PERMUTATION_SEED = 7

_AT_ONCE = 2**22
"""Cells of the tables of counts that are made at once."""


@dataclass(frozen=True)
class Drift:
    """How far the codes of one dump are from those of another.

    Attributes:
        divergence: Jensen–Shannon divergence of their frequencies in bits, 0 to 1.
        chance: its mean when samples of the two are swapped at random: what equal dumps of this
            size reach.
        p: share of permutations at least as far apart, the observed one included.
        n_permutations: how many were made beside the observed one.
        n_samples: samples of each dump that were compared.
        n_tokens: tokens of each in turn.
    """

    divergence: Folds
    chance: float
    p: float
    n_permutations: int
    n_samples: int
    n_tokens: tuple[int, int]


def drift(before: Samples, after: Samples, codebook_size: int) -> Drift | Undefined:
    """Jensen–Shannon divergence of the codes of equally many samples, with a permutation p-value.

    JS = H((P + Q)/2) − (H(P) + H(Q))/2 in bits (Lin 1991), of plug-in frequencies: not 0 by chance
    even for equal sources, hence `chance`. Where one dump has more samples, evenly spread ones are
    taken. Each permutation swaps sample i of the one with sample i of the other, or not, with equal
    chances: exact where the two share a source, and sharp where sample i is the same image in both.
    p = (1 + permutations as far apart) / (1 + permutations) (Phipson and Smyth 2010).

    Args:
        before: whole samples of the one dump.
        after: whole samples of the other, of the same shape.
        codebook_size: K of both.
    """
    if before.shape != after.shape:
        return Undefined(
            f"samples have the shapes {before.shape} and {after.shape}; frequencies are compared"
            " at equal numbers of tokens"
        )
    n_samples = min(before.n_samples, after.n_samples)
    one, two = _spread(before, n_samples), _spread(after, n_samples)
    blocks = _block_counts(one, codebook_size), _block_counts(two, codebook_size)
    wholes = blocks[0].sum(axis=0), blocks[1].sum(axis=0)
    observed = float(jensen_shannon(*wholes))
    n_blocks = len(blocks[0])
    left_out = [
        float(jensen_shannon(wholes[0] - blocks[0][block], wholes[1] - blocks[1][block]))
        for block in range(n_blocks if n_blocks > 1 else 0)
    ]
    permuted = _permuted(one, two, codebook_size)
    # Equal counts give equal divergences up to rounding.
    n_far = int((permuted >= observed - 1e-12).sum())
    return Drift(
        divergence=Folds(np.array([observed, *left_out])),
        chance=float(permuted.mean()),
        p=(1 + n_far) / (1 + len(permuted)),
        n_permutations=len(permuted),
        n_samples=n_samples,
        n_tokens=(len(one.tokens), len(two.tokens)),
    )


def changed_share(before: Samples, after: Samples) -> Folds | Undefined:
    """Share of tokens that differ, where sample i of both dumps is the same image.

    Undefined where the samples are not of equal numbers and lengths.
    """
    if not np.array_equal(before.starts, after.starts):
        return Undefined("the dumps do not have samples of equal numbers and lengths")
    blocks = token_samples(before) % N_BLOCKS
    differs = (before.tokens != after.tokens).astype(np.float64)
    return ratio_folds(
        np.bincount(blocks, weights=differs, minlength=N_BLOCKS),
        np.bincount(blocks, minlength=N_BLOCKS),
    )


def jensen_shannon(first: NDArray[Any], second: NDArray[Any]) -> Array:
    """The Jensen–Shannon divergence in bits of counts along the last axis; at least 0.

    >>> jensen_shannon(np.array([1, 0]), np.array([0, 3])).item()
    1.0
    """
    p = first / first.sum(axis=-1, keepdims=True)
    q = second / second.sum(axis=-1, keepdims=True)
    divergence: Array = _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2
    return np.maximum(divergence, 0.0)


def _entropy(shares: Array) -> Array:
    """−Σ p log2 p along the last axis."""
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    result: Array = -(shares * logs).sum(axis=-1)
    return result


def _spread(samples: Samples, n_samples: int) -> Samples:
    """So many samples, evenly spread, numbered anew from 0."""
    chosen = np.arange(n_samples) * samples.n_samples // n_samples
    starts, ends = samples.starts[chosen], samples.starts[chosen + 1]
    is_chosen = np.zeros(samples.n_samples, dtype=np.bool_)
    is_chosen[chosen] = True
    tokens = samples.tokens[np.repeat(is_chosen, np.diff(samples.starts))]
    return Samples(0, tokens, np.concatenate(([0], np.cumsum(ends - starts))), samples.shape)


def _block_counts(samples: Samples, codebook_size: int) -> Integers:
    """Occurrences of each code by block, shape (n_blocks, K)."""
    n_blocks = min(N_BLOCKS, samples.n_samples)
    keys = (token_samples(samples) % N_BLOCKS) * codebook_size + samples.tokens
    return np.bincount(keys, minlength=n_blocks * codebook_size).reshape(n_blocks, codebook_size)


def _permuted(one: Samples, two: Samples, codebook_size: int) -> Array:
    """Divergences after swapping samples of the same number at random, shape (N_PERMUTATIONS,).

    A swap moves the difference of the two samples' counts from one side to the other.
    """
    from scipy.sparse import csr_array  # slow to import

    shape = (one.n_samples, codebook_size)
    counts = [
        csr_array((np.ones(len(part.tokens)), part.tokens.astype(np.int64), part.starts), shape)
        for part in (one, two)
    ]
    for part in counts:
        part.sum_duplicates()
    difference = (counts[1] - counts[0]).T.tocsr()
    wholes = [np.asarray(part.sum(axis=0)).reshape(-1) for part in counts]
    generator = np.random.default_rng(PERMUTATION_SEED)
    swaps = generator.integers(0, 2, (one.n_samples, N_PERMUTATIONS)).astype(np.float64)
    step = max(_AT_ONCE // codebook_size, 1)
    found = []
    for begin in range(0, N_PERMUTATIONS, step):
        moved = (difference @ swaps[:, begin : begin + step]).T
        found.append(jensen_shannon(wholes[0] + moved, wholes[1] - moved))
    return np.concatenate(found)

"""Huffman codes: how many bits a token takes when frequent codes get short words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.spectra import Spectra, spectrum

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Weights = tuple[Integers, Integers]
"""Distinct weights, ascending, and how many nodes have each."""


def huffman_lengths(types: TypeCounts) -> Array:
    """Mean bits per token of a Huffman code of the counts, in each fold; NaN without tokens."""
    spectra = Spectra.of(types)
    bits = [_code_bits(spectra.fold(fold)) for fold in range(spectra.n_folds)]
    n = spectra.n_tokens()
    return np.where(n > 0, np.array(bits) / np.maximum(n, 1), np.nan)


def huffman_length(counts: Integers) -> float:
    """Mean bits per token of a Huffman code of these counts, its table not counted; Huffman 1952.

    H ≤ length < H + 1. A single type needs no bits.

    Args:
        counts: shape (n_types,), in any order, not all 0.

    >>> huffman_length(np.array([4, 2, 1, 1]))
    1.75
    """
    return _code_bits(spectrum(counts)) / int(counts.sum())


def _code_bits(leaves: Weights) -> int:
    """Bits of all tokens together: the sum of the weights that merging makes.

    No pair weighs less than the two lightest nodes do, a + b; all nodes up to that weight are
    therefore merged in order at once. The lightest weight doubles in about two rounds.
    """
    merged: Weights = (leaves[0][:0], leaves[1][:0])
    bits = 0
    while int(leaves[1].sum() + merged[1].sum()) > 1:
        limit = _lightest_pair(leaves, merged)
        (light, leaves), (light_merged, merged) = _split(leaves, limit), _split(merged, limit)
        odd, (weights, n_nodes) = _pairs(_union(light, light_merged))
        bits += int(weights @ n_nodes)
        # All that is left outweighs the odd one, and no pair is lighter than an earlier pair.
        merged = (
            np.concatenate((odd, merged[0], weights)),
            np.concatenate((np.ones_like(odd), merged[1], n_nodes)),
        )
    return bits


def _lightest_pair(first: Weights, second: Weights) -> int:
    """The sum of the two lightest nodes."""
    weights, n_nodes = _union((first[0][:2], first[1][:2]), (second[0][:2], second[1][:2]))
    return int(weights[0] + weights[0 if n_nodes[0] > 1 else 1])


def _split(nodes: Weights, limit: int) -> tuple[Weights, Weights]:
    """The nodes up to a weight, and the others."""
    at = int(np.searchsorted(nodes[0], limit, side="right"))
    return (nodes[0][:at], nodes[1][:at]), (nodes[0][at:], nodes[1][at:])


def _union(first: Weights, second: Weights) -> Weights:
    """The nodes of both by weight; a weight of both is listed twice."""
    weights = np.concatenate((first[0], second[0]))
    order = np.argsort(weights, kind="stable")
    return weights[order], np.concatenate((first[1], second[1]))[order]


def _pairs(nodes: Weights) -> tuple[Integers, Weights]:
    """The weight of the last node where it is left without a partner, and the sums of pairs.

    Nodes 0 and 1, 2 and 3, … are paired: equal ones, but for a node that ends a weight and the
    first of the next.
    """
    weights, n_nodes = nodes
    starts = np.cumsum(n_nodes) - n_nodes
    is_joined = starts % 2 == 1
    n_inside = (n_nodes - is_joined) // 2
    before = np.concatenate((weights[:1], weights[:-1]))
    sums = np.stack((before + weights, 2 * weights), axis=1).ravel()
    n_sums = np.stack((is_joined.astype(np.int64), n_inside), axis=1).ravel()
    odd = weights[-1:] if int(n_nodes.sum()) % 2 else weights[:0]
    return odd, (sums[n_sums > 0], n_sums[n_sums > 0])

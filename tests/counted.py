"""Type counts of given tables and of simulated laws, for tests of statistics of counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.sparse_counts import SparseCounts

Integers = NDArray[np.int64]


def counted(table: list[list[int]] | Integers) -> TypeCounts:
    """Type counts of a table of occurrences, shape (n_blocks, n_types)."""
    counts = np.asarray(table, dtype=np.int64)
    blocks, types = np.nonzero(counts)
    return TypeCounts.of(SparseCounts.of(blocks, types, counts[blocks, types]), len(counts))


def zipf(s: float, support: int, q: float = 0) -> NDArray[np.float64]:
    """The probabilities of P(r) ∝ (r + q)^−s, r = 1 to support."""
    p = (np.arange(1.0, support + 1) + q) ** -s
    return p / p.sum()


def drawn(p: NDArray[np.float64], n_tokens: int, *, seed: int, n_blocks: int = 64) -> TypeCounts:
    """Independent tokens, equally many in each block."""
    rng = np.random.default_rng(seed)
    return counted(rng.multinomial(n_tokens // n_blocks, p, size=n_blocks))


def simon_process(alpha: float, n_tokens: int, *, seed: int) -> Integers:
    """Tokens of Simon's process: new with probability alpha, else a copy of an earlier token.

    Each copy points to a token before it; pointers are followed until all rest on a first one.
    """
    rng = np.random.default_rng(seed)
    places = np.arange(n_tokens)
    source = (rng.random(n_tokens) * places).astype(np.int64)
    is_new = rng.random(n_tokens) < alpha
    is_new[0] = True
    source[is_new] = places[is_new]
    while (source[source] != source).any():
        source = source[source]
    return source

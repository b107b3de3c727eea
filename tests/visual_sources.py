"""Sources of visual tokens whose statistics are known in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.visual.dependence import Bracket
from tokeval.visual.dump import Samples


def samples_of(array: NDArray[Any], first: int = 0) -> Samples:
    """Samples of one shape, the first axis counting them."""
    size = int(np.prod(array.shape[1:]))
    starts = np.arange(len(array) + 1, dtype=np.int64) * size
    return Samples(first, np.ascontiguousarray(array).reshape(-1), starts, array.shape[1:])


def ragged(sequences: Sequence[Sequence[int]]) -> Samples:
    """Sequences of different lengths."""
    starts = np.cumsum([0, *map(len, sequences)]).astype(np.int64)
    tokens = np.array([token for sequence in sequences for token in sequence], dtype=np.uint16)
    return Samples(0, tokens, starts, None)


def zipf(n_codes: int, exponent: float) -> NDArray[np.float64]:
    """Probabilities proportional to rank^−exponent."""
    weights = np.arange(1, n_codes + 1) ** -exponent
    return weights / weights.sum()


def sticky(
    probabilities: NDArray[np.float64],
    stay: float,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Sequences that repeat the last code with probability `stay`, or else draw a fresh one."""
    fresh = rng.choice(len(probabilities), size=shape, p=probabilities)
    draws = rng.random(shape) >= stay
    draws[:, 0] = True
    last_draw = np.maximum.accumulate(np.where(draws, np.arange(shape[1]), 0), axis=1)
    return np.take_along_axis(fresh, last_draw, axis=1)


def sticky_entropy(probabilities: NDArray[np.float64], stay: float) -> float:
    """H(X₂ | X₁) of the sticky source in bits, row by row of its transition matrix."""
    total = 0.0
    for code, share in enumerate(probabilities):
        row = (1 - stay) * probabilities
        row[code] += stay
        total -= share * float(row @ np.log2(row))
    return total


def is_nothing(estimate: object, below: float = 0.02) -> bool:
    """Whether an estimate of information is a bracket around 0, and a narrow one."""
    if not isinstance(estimate, Bracket):
        return False
    low, high = estimate.low.values[0], estimate.high.values[0]
    return bool(-below < low <= 0 <= high < below)


def entropy_of(probabilities: NDArray[np.float64]) -> float:
    """−Σ p log2 p."""
    return float(-(probabilities @ np.log2(probabilities)))

"""The moving average of how often each code is used, as tokenizers keep it in training."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.visual.dump import Dump, Samples

STEP_TOKENS = 65_536
N_STEPS = 1024
DECAY = 0.99
LARGEST_AVERAGE = 2**24
"""Codes of all parts together, 128 MB; there is no average beyond that."""


class MovingAverage:
    """Shares of codes, averaged over steps of about 65,536 tokens of whole samples.

    u₁ = p₁, uₜ = 0.99·uₜ₋₁ + 0.01·pₜ, where p are the shares of the codes in a step. It begins at
    most 1,024 steps before the end, after which the steps before would weigh less than 4·10⁻⁵.
    Samples of different lengths weigh by their tokens, also the average itself.
    """

    def __init__(self, codebook_size: int, *, n_samples: int, n_tokens: int) -> None:
        self._step_samples = max(1, round(STEP_TOKENS * n_samples / n_tokens))
        self._last_step = (n_samples - 1) // self._step_samples
        self._first_step = max(0, self._last_step - N_STEPS + 1)
        self._sums = np.zeros(codebook_size, dtype=np.float64)

    @classmethod
    def of(cls, dump: Dump, n_parts: int) -> MovingAverage | None:
        """The average for one of the parts of a dump, `None` where the codebook is too large."""
        if dump.codebook_size * n_parts > LARGEST_AVERAGE:
            return None
        return cls(dump.codebook_size, n_samples=dump.n_samples, n_tokens=dump.n_tokens)

    def add(self, samples: Samples, columns: slice) -> None:
        """Takes the next samples; of those with one shape, the tokens in these columns."""
        begin = max(0, self._first_step * self._step_samples - samples.first)
        mean_length = max(1, len(samples.tokens) // samples.n_samples)
        stretch = max(1, max(STEP_TOKENS, 2 * len(self._sums)) // mean_length)
        for at in range(begin, samples.n_samples, stretch):
            end = min(at + stretch, samples.n_samples)
            if samples.shape is None:
                tokens = samples.tokens[samples.starts[at] : samples.starts[end]]
                lengths = np.diff(samples.starts[at : end + 1])
            else:
                rows = samples.tokens.reshape(samples.n_samples, -1)[at:end, columns]
                tokens, lengths = rows.ravel(), np.full(end - at, rows.shape[1])
            self._add(tokens, np.repeat(self._weights(samples.first + at, end - at), lengths))

    def _add(self, tokens: NDArray[Any], weights: NDArray[np.float64]) -> None:
        self._sums += np.bincount(tokens, weights, minlength=len(self._sums))

    def _weights(self, first: int, n_samples: int) -> NDArray[np.float64]:
        """What a token of each of some consecutive samples weighs at the end."""
        steps = np.arange(first, first + n_samples) // self._step_samples
        weights = DECAY ** (self._last_step - steps).astype(np.float64)
        weights[steps > self._first_step] *= 1 - DECAY
        return weights

    def shares(self) -> NDArray[np.float64]:
        """The average of each code, shape (codebook_size,); they sum to 1."""
        shares: NDArray[np.float64] = self._sums / self._sums.sum()
        return shares

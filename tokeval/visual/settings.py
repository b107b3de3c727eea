"""What a user may choose about the statistics of a dump."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tokeval.errors import UsageError

MIN_SAMPLE = 1000


@dataclass(frozen=True)
class Settings:
    """The user's choices.

    Attributes:
        sample_tokens: pairs, context coding, n-grams and compressors see about so many tokens, in
            whole samples, evenly spread; counts of single codes are always of all.
        scan_tokens: scan orders, that read the sample eight times, see at most so many.
        search_tokens: merges and the map of offsets, dozens of times as long, see at most so many.
        reach: the largest offset of the map.
        factors: how many values each dimension of a product code has; empty where there are none.
        rate: tokens per second, of all levels together; `None` where it is not known.
    """

    sample_tokens: int = 10_000_000
    scan_tokens: int = 1_000_000
    search_tokens: int = 200_000
    reach: int = 4
    factors: tuple[int, ...] = ()
    rate: float | None = None

    def __post_init__(self) -> None:
        if self.sample_tokens < MIN_SAMPLE:
            raise UsageError(
                f"--sample {self.sample_tokens} is too few tokens",
                f"give at least {MIN_SAMPLE}; the default is 10000000",
            )
        if self.rate is not None and not 0 < self.rate < math.inf:
            raise UsageError(
                f"--rate {self.rate:g} is no number of tokens per second", "give a positive number"
            )

"""General compressors on a stated sample of tokens: what off-the-shelf codes make of them."""

from __future__ import annotations

import lzma
from dataclasses import dataclass

import numpy as np

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.dump import Samples

MAX_TOKENS = 10_000_000
"""Compressors see at most so many tokens: whole samples from the first on."""

ZSTD_LEVEL = 9
LZMA_PRESET = 0

_ONE_RUN = "a compressor runs once, over the whole sample"


@dataclass(frozen=True)
class Compression:
    """What compressors need for the tokens of a sample.

    Attributes:
        bits: bits per token, by name of the compressor: `zstd`, `lzma`.
        fixed_bits: ⌈log2 K⌉, what a token takes by itself.
        bytes_per_token: 1, 2, 4 or 8: how tokens were written for the compressors.
        n_tokens: tokens of the sample.
        n_samples: samples in it.
    """

    bits: dict[str, Folds]
    fixed_bits: int
    bytes_per_token: int
    n_tokens: int
    n_samples: int


def compression(samples: Samples, codebook_size: int) -> Compression | Undefined:
    """Bits per token of zstd (level 9) and lzma (preset 0) on at most 10M tokens.

    Tokens are written one after the other in the smallest little-endian unsigned integer of 1, 2,
    4 or 8 bytes that holds K − 1. bits = 8 · compressed bytes / tokens, headers included. Matches
    may reach into earlier samples, so that duplicates are cheap. They are upper bounds on the
    entropy rate, not estimates of it.
    """
    import zstandard  # not needed by the other statistics

    ends = samples.starts[1:]
    n_samples = max(int(np.searchsorted(ends, MAX_TOKENS, side="right")), 1)
    n_tokens = min(int(ends[min(n_samples, samples.n_samples) - 1]), MAX_TOKENS)
    if n_tokens == 0:
        return Undefined("the sample has no tokens")
    width = next(size for size in (1, 2, 4, 8) if codebook_size <= 2 ** (8 * size))
    written = samples.tokens[:n_tokens].astype(f"<u{width}").tobytes()
    sizes = {
        "zstd": len(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(written)),
        "lzma": len(lzma.compress(written, preset=LZMA_PRESET)),
    }
    bits = {name: Folds.constant(8 * size / n_tokens, _ONE_RUN) for name, size in sizes.items()}
    fixed_bits = (codebook_size - 1).bit_length()
    return Compression(bits, fixed_bits, width, n_tokens, min(n_samples, samples.n_samples))

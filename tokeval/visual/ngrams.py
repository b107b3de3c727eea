"""N-grams of tokens inside single samples: how many there are, and how even."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core import distributions
from tokeval.core.evidence import TypeCounts
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.dump import Samples
from tokeval.visual.pairs import MAX_KEY, token_samples, type_counts

Integers = NDArray[np.int64]

LONGEST_NGRAM = 4


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of one length.

    Attributes:
        n: tokens in each.
        types: counts by distinct n-gram and block, ready for Zipf fits; the keys are arbitrary.
        n_types: distinct n-grams.
        hapax: share of the distinct n-grams that occur once.
        entropy: plug-in, in bits of a whole n-gram: a lower bound where most occur once.
    """

    n: int
    types: TypeCounts
    n_types: Folds
    hapax: Folds
    entropy: Folds


def ngrams(samples: Samples, n: int, codebook_size: int) -> Ngrams | Undefined:
    """Counts of n consecutive tokens of one sample, in the order in which they are stored.

    Grids are read row by row, as an autoregressive model reads them, and n-grams run on from one
    row to the next; none runs from one sample to the next. hapax = n-grams seen once / distinct;
    entropy = −Σ p log2 p of relative frequencies. Chan et al. 2024 (arXiv 2411.05001), section 3.

    Args:
        samples: whole samples.
        n: 1 to 4.
        codebook_size: K.
    """
    keys, owners = _ngram_keys(samples, n, codebook_size)
    if len(keys) == 0:
        return Undefined(f"no sample has {n} tokens")
    types = type_counts(keys, owners)
    n_types = distributions.n_types(types)
    once = distributions.sum_over_types(types, lambda c: (c == 1).astype(np.float64))
    return Ngrams(
        n=n,
        types=types,
        n_types=Folds(n_types),
        hapax=Folds(once / np.maximum(n_types, 1)),
        entropy=Folds(distributions.entropy(types)),
    )


def _ngram_keys(samples: Samples, n: int, codebook_size: int) -> tuple[Integers, Integers]:
    """A number for each n-gram, equal for equal ones, and the sample it lies in."""
    owners = token_samples(samples)
    n_starts = max(len(owners) - n + 1, 0)
    keys, n_keys = samples.tokens.astype(np.int64), codebook_size
    for length in range(2, n + 1):
        if n_keys * codebook_size > MAX_KEY:
            distinct, keys = np.unique(keys, return_inverse=True)
            n_keys = len(distinct)
        keys = keys[:-1] * codebook_size + samples.tokens[length - 1 :]
        n_keys *= codebook_size
    inside = owners[:n_starts] == owners[n - 1 :]
    return keys[inside], owners[:n_starts][inside]

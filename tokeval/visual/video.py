"""Video: how often tokens stay from one frame to the next, and what the changes cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.code_lengths import mean_folds
from tokeval.visual.dependence import Estimate, conditional_entropy
from tokeval.visual.dump import Layout, Samples
from tokeval.visual.pairs import Pairs, directed_pairs


@dataclass(frozen=True)
class Repetition:
    """How tokens of a place follow one another in time.

    Attributes:
        repetition: P(x_t = x_{t−1}).
        entropy: H(x_t | x_{t−1}) in bits.
        changed_entropy: H of a token given the one before it at the same place, after every token
            equal to the one before it was removed.
    """

    repetition: Folds
    entropy: Estimate
    changed_entropy: Estimate


def repetition(samples: Samples, layout: Layout, codebook_size: int) -> Repetition | Undefined:
    """Repetition between frames, and entropies given the frame before; see `conditional_entropy`.

    P(x_t = x_{t−1}) over all places and frames but the first. Removal of repeats leaves the
    changes: pairs of different consecutive tokens of a place, whose first is what the run before
    the change consisted of. Constant video has 0 bits before, and no changes.

    Args:
        samples: whole samples.
        layout: what their axes are; there must be a time.
        codebook_size: K.
    """
    pairs = directed_pairs(samples, layout, "time", codebook_size=codebook_size)
    if isinstance(pairs, Undefined):
        return pairs
    repeats = pairs.first == pairs.second
    changed = _conditional(pairs, ~repeats)
    share = mean_folds(repeats.astype(np.float64), pairs.samples)
    return Repetition(share, conditional_entropy(pairs), changed)


def _conditional(pairs: Pairs, chosen: NDArray[np.bool_]) -> Estimate:
    """H(second | first) of the chosen pairs, if there are any."""
    if not chosen.any():
        return Undefined("no token ever changes from one frame to the next")
    return conditional_entropy(pairs.of(chosen))

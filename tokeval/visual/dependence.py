"""Dependence of tokens on their neighbours: mutual information, a point only where it is honest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tokeval.core.distributions import entropy as plug_in
from tokeval.core.distributions import shannon_entropy
from tokeval.core.entropy_estimators import chao_wang_jost
from tokeval.core.evidence import TypeCounts
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.code_lengths import TOO_FEW_SAMPLES, code_lengths, is_held_out
from tokeval.visual.dump import N_BLOCKS, Layout, Samples
from tokeval.visual.pairs import DIRECTIONS, LAGS, Pairs, directed_pairs, offset_pairs, type_counts

Array = NDArray[np.float64]

MIN_PAIRS_PER_DISTINCT = 10
"""With fewer pairs for each distinct one, plug-in information is mostly bias."""


@dataclass(frozen=True)
class Bracket:
    """What the truth lies between, where no point estimate is honest.

    Attributes:
        low: the lower bound.
        high: the upper bound.
        n_pairs: pairs that were looked at.
        n_distinct: distinct ones among them.
    """

    low: Folds
    high: Folds
    n_pairs: int
    n_distinct: int


Estimate = Folds | Bracket | Undefined


@dataclass(frozen=True)
class _Counts:
    """Counts of first symbols, second symbols and both together, by block."""

    first: TypeCounts
    second: TypeCounts
    joint: TypeCounts

    @staticmethod
    def of(pairs: Pairs) -> _Counts:
        """The three counts of pairs."""
        return _Counts(
            type_counts(pairs.first, pairs.samples),
            type_counts(pairs.second, pairs.samples),
            type_counts(pairs.keys(), pairs.samples),
        )

    @property
    def n_distinct(self) -> int:
        """How many distinct pairs there are."""
        return len(self.joint.types)

    @property
    def has_constant(self) -> bool:
        """Whether one of the two never varies, and so says nothing of the other."""
        return len(self.first.types) == 1 or len(self.second.types) == 1

    def has_enough(self, n_pairs: int) -> bool:
        """Whether a point estimate is honest."""
        return n_pairs >= MIN_PAIRS_PER_DISTINCT * self.n_distinct


def mutual_information(pairs: Pairs) -> Estimate:
    """I(first; second) in bits: a point where pairs ≥ 10 · distinct pairs, otherwise a bracket.

    Point: H(X) + H(Y) − H(X, Y), each by Chao, Wang and Jost (2013). It has a bias of some
    hundredths of a bit yet, so that it is given only if held-out samples bear out that there is a
    dependence: if the low end of the bracket is above 0. Where one symbol never varies, it is 0.

    Bracket: the high end is the same of plug-in entropies, which chance inflates (4.8 bits for 10⁷
    pairs of 16,384 independent even codes). The low end is H(Y) − cross-entropy of Y given X on
    held-out samples: no code can be shorter than H(Y | X). There H is the plug-in entropy of the
    same held-out symbols, below that of any code that ignores X. Where there are too few samples
    to hold any out, the ratio alone decides, and without enough pairs it is undefined.
    """
    counts = _Counts.of(pairs)
    bracket = _information_bracket(pairs, counts)
    if counts.has_enough(len(pairs)) and (counts.has_constant or not holds_0(bracket)):
        return Folds(_information(counts, chao_wang_jost))
    return bracket


def holds_0(bracket: Bracket | Undefined) -> bool:
    """Whether held-out samples do not bear out any dependence."""
    return isinstance(bracket, Bracket) and float(bracket.low.values[0]) <= 0


def information_bracket(pairs: Pairs) -> Bracket | Undefined:
    """The bracket of `mutual_information`, whether or not there could be a point."""
    return _information_bracket(pairs, _Counts.of(pairs))


def _information_bracket(pairs: Pairs, counts: _Counts) -> Bracket | Undefined:
    """From H − held-out cross-entropy to plug-in information."""
    coded = _held_out(pairs)
    if isinstance(coded, Undefined):
        return coded
    low = Folds(coded.entropy - coded.cross_entropy)
    # Of independent counts, rounding may leave a little less than 0.
    high = Folds(np.maximum(_information(counts, plug_in), 0.0))
    return Bracket(low, high, len(pairs), counts.n_distinct)


def conditional_entropy(pairs: Pairs) -> Estimate:
    """H(second | first) in bits: a point where pairs ≥ 10 · distinct pairs, otherwise a bracket.

    Point: H(X, Y) − H(X), each by Chao, Wang and Jost (2013). Bracket: from the same of plug-in
    entropies, which is too low, to the held-out cross-entropy of Y given X, which is too high.
    """
    counts = _Counts.of(pairs)
    if counts.has_enough(len(pairs)):
        return Folds(chao_wang_jost(counts.joint) - chao_wang_jost(counts.first))
    coded = _held_out(pairs)
    if isinstance(coded, Undefined):
        return coded
    low = Folds(plug_in(counts.joint) - plug_in(counts.first))
    return Bracket(low, Folds(coded.cross_entropy), len(pairs), counts.n_distinct)


def _information(counts: _Counts, entropy: Callable[[TypeCounts], Array]) -> Array:
    """H(X) + H(Y) − H(X, Y) with an estimator of entropy, in every fold."""
    result: Array = entropy(counts.first) + entropy(counts.second) - entropy(counts.joint)
    return result


@dataclass(frozen=True)
class _HeldOut:
    """Plug-in entropy and cross-entropy of the held-out second symbols, in every fold."""

    entropy: Array
    cross_entropy: Array


def _held_out(pairs: Pairs) -> _HeldOut | Undefined:
    """Bits of the second symbols of held-out samples, with and without the first ones.

    Folds leave out one block of the held-out samples; the code stays the same.
    """
    held_out = is_held_out(pairs.samples)
    if held_out.all() or not held_out.any():
        return TOO_FEW_SAMPLES
    lengths = code_lengths(
        pairs.second,
        [pairs.first],
        ~held_out,
        n_codes=pairs.n_second,
        n_symbols=pairs.n_first,
    )
    codes = pairs.second[held_out].astype(np.int64)
    blocks = pairs.samples[held_out] % N_BLOCKS
    chosen = [np.ones(len(codes), dtype=np.bool_)]
    present = np.unique(blocks)
    if len(present) > 1:
        chosen += [blocks != block for block in present]
    return _HeldOut(
        np.array([shannon_entropy(np.bincount(codes[rest])) for rest in chosen]),
        np.array([lengths[rest].mean() for rest in chosen]),
    )


def dependences(
    samples: Samples, layout: Layout, *, codebook_size: int, scales: Sequence[int] = ()
) -> dict[str, Estimate]:
    """I(token; neighbour) in bits for every direction of the layout and lags of 2, 4 and 8.

    Args:
        samples: whole samples.
        layout: what their axes are.
        codebook_size: K.
        scales: side lengths of the grids of an `NS` sample.

    Returns:
        by name of `DIRECTIONS`, then `lag_2`, `lag_4`, `lag_8` to the right; see
        `mutual_information`.
    """
    names = [*DIRECTIONS[layout], *(f"lag_{lag}" for lag in LAGS)]
    result: dict[str, Estimate] = {}
    for name in names:
        pairs = directed_pairs(samples, layout, name, codebook_size=codebook_size, scales=scales)
        result[name] = pairs if isinstance(pairs, Undefined) else mutual_information(pairs)
    return result


@dataclass(frozen=True)
class OffsetMap:
    """I(token; token at an offset) over offsets, for a heat map.

    Attributes:
        rows: offsets down, ascending, shape (n_rows,).
        columns: offsets to the right, ascending, shape (n_columns,).
        low: bits, shape (n_rows, n_columns); NaN at offsets that no sample is large enough for,
            and at (0, 0), where a token is compared with itself.
        high: the same for the upper end; equal to `low` where there is a point estimate.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    low: Array
    high: Array


def offset_map(
    samples: Samples,
    layout: Layout,
    *,
    reach: int,
    codebook_size: int,
    scales: Sequence[int] = (),
) -> OffsetMap | Undefined:
    """I(token; token at an offset) in bits for all offsets up to `reach` rows and columns.

    Each is that of `mutual_information`, and the same at (r, c) as at (−r, −c). For video, the
    offsets are inside a frame. It costs 2 · reach · (reach + 1) estimates: give it a few hundred
    thousand tokens.

    Args:
        samples: whole samples.
        layout: what their axes are.
        reach: the largest offset, at least 1.
        codebook_size: K.
        scales: side lengths of the grids of an `NS` sample.
    """
    if "down" not in DIRECTIONS[layout]:
        return Undefined(f"the layout {layout.value} has no rows and columns")
    before = (0,) * (len(DIRECTIONS[layout]["down"]) - 2)
    axis = np.arange(-reach, reach + 1)
    low = np.full((len(axis), len(axis)), np.nan)
    high = low.copy()
    for row, column in product(range(reach + 1), range(-reach, reach + 1)):
        if (row, column) <= (0, 0):
            continue
        offset = (*before, row, column)
        pairs = offset_pairs(samples, layout, offset, codebook_size=codebook_size, scales=scales)
        found = pairs if isinstance(pairs, Undefined) else mutual_information(pairs)
        if isinstance(found, Undefined):
            continue
        ends = (found.low, found.high) if isinstance(found, Bracket) else (found, found)
        for sign in (1, -1):
            place = reach + sign * row, reach + sign * column
            low[place], high[place] = (float(end.values[0]) for end in ends)
    return OffsetMap(axis, axis.copy(), low, high)

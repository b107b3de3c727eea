"""Held-out code lengths of symbols in context: interpolated absolute discounting over K codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.held_out import absolute_discount
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.dump import N_BLOCKS
from tokeval.visual.pairs import MAX_KEY

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

SAMPLES_PER_HELD_OUT = 5
"""One sample of every five is coded, and the other four teach."""

TOO_FEW_SAMPLES = Undefined(
    f"held-out coding needs {SAMPLES_PER_HELD_OUT} samples: four to learn from and one to code"
)

LEAST_EXPECTED = 0.05
"""A pair that its shorter context predicts at least so often is kept only if it differs from that;
of rarer ones, the discounts decide."""

IN_CACHE = 2**17
"""Among so few keys, searches are fast in any order."""


def is_held_out(numbers: Integers) -> Booleans:
    """Whether samples are held out: one of every five consecutive ones, picked by a hash.

    The pick does not depend on how many samples there are, nor does it follow a period, as classes
    that take turns in a dump do. The hash is the finalizer of SplitMix64 (Steele, Lea and Flood
    2014).

    Args:
        numbers: of samples in their dump, shape (n,), int64.
    """
    groups, places = np.divmod(numbers, SAMPLES_PER_HELD_OUT)
    mixed = groups.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    chosen: Booleans = (mixed % np.uint64(SAMPLES_PER_HELD_OUT)).astype(np.int64) == places
    return chosen


@dataclass(frozen=True)
class _Level:
    """What the training part says of codes y in contexts h, which consist of equally many symbols.

    Attributes:
        keys: h · n_codes + y of the pairs that occur, ascending.
        direct: their counts, less the discounts.
        contexts: h that occur, ascending.
        totals: codes that follow each.
        freed: sum of the discounts in each.
        renamed: what the longer contexts h' · n_symbols + s call h' is a place in this; `None`
            where it is h' itself.
    """

    keys: Integers
    direct: Array
    contexts: Integers
    totals: Integers
    freed: Array
    renamed: Integers | None = None


def code_lengths(
    codes: NDArray[Any],
    neighbours: Sequence[NDArray[Any]],
    teaches: Booleans,
    *,
    n_codes: int,
    n_symbols: int,
) -> Array:
    """−log2 P of each held-out code given all its neighbours; the last of `chain_code_lengths`."""
    chain = chain_code_lengths(codes, neighbours, teaches, n_codes=n_codes, n_symbols=n_symbols)
    return chain[-1]


def chain_code_lengths(
    codes: NDArray[Any],
    neighbours: Sequence[NDArray[Any]],
    teaches: Booleans,
    *,
    n_codes: int,
    n_symbols: int,
) -> list[Array]:
    """−log2 P of held-out codes given none, one, two ... neighbours, by absolute discounting.

    P(y | h) = (c(hy) − D(hy)) / c(h) + Σ_z D(hz) / c(h) · P(y | h'), where h' lacks the last of
    the neighbours in h; P(y | h) = P(y | h') where h was not seen; after the empty context, P is
    1 / n_codes. 0 ≤ D(hy) ≤ c(hy), so P sums to 1 over all codes in every context. D(hy) is
    `discounts_by_count` (Ney, Essen and Kneser 1994; Chen and Goodman 1999), or the whole count
    where that does not differ from what h' predicts (see `_is_redundant`).

    Args:
        codes: shape (n,), in [0, n_codes).
        neighbours: the symbols that precede each code, in [0, n_symbols), shape (n,) each, the
            most telling first; none for the frequencies of codes alone.
        teaches: which codes are counted, shape (n,); the others are coded. Some of each.
        n_codes: K.
        n_symbols: how many symbols a neighbour can be, such as K and one for the edge.

    Returns:
        shape (number of held-out codes,) for no neighbour, for the first, for the first two, ...
    """
    taught = codes[teaches].astype(np.int64)
    coded = codes[~teaches].astype(np.int64)
    context, coded_context = np.zeros_like(taught), np.zeros_like(coded)
    levels: list[_Level] = []
    bits: list[Array] = []
    probabilities = np.full(len(coded), 1 / n_codes)
    for neighbour in (None, *neighbours):
        if neighbour is not None:
            symbols = neighbour.astype(np.int64)
            if (int(context.max()) + 1) * n_symbols * n_codes > MAX_KEY:
                levels[-1], context, coded_context = _rename(levels[-1], context, coded_context)
            context = context * n_symbols + symbols[teaches]
            coded_context = coded_context * n_symbols + symbols[~teaches]
        levels.append(_level(context * n_codes + taught, levels, n_codes, n_symbols))
        keys = coded_context * n_codes + coded
        probabilities = _interpolated(levels[-1], keys, probabilities, n_codes)
        bits.append(-np.log2(probabilities))
    return bits


def _rename(
    level: _Level, context: Integers, coded_context: Integers
) -> tuple[_Level, Integers, Integers]:
    """The level and both contexts with small numbers; a context that teaches nothing gets its own.

    All contexts that were not seen share the last number: longer ones are not seen either.
    """
    renamed = np.append(level.contexts, -1)
    place, is_seen = _places(level.contexts, coded_context)
    names = np.searchsorted(level.contexts, context)
    new = _Level(level.keys, level.direct, level.contexts, level.totals, level.freed, renamed)
    return new, names, np.where(is_seen, place, len(level.contexts))


def _level(keys: Integers, shorter: Sequence[_Level], n_codes: int, n_symbols: int) -> _Level:
    """The counts and discounts of keys h · n_codes + y that teach."""
    pairs, counts = np.unique(keys, return_counts=True)
    of_pair = pairs // n_codes
    starts = np.flatnonzero(np.concatenate(([True], of_pair[1:] != of_pair[:-1])))
    totals = np.add.reduceat(counts, starts)
    discounts = discounts_by_count(counts)[np.minimum(counts, 3)]
    if shorter:
        lower = _lower(pairs, shorter, n_codes, n_symbols)
        redundant = _is_redundant(counts, lower, starts, totals)
        discounts = np.where(redundant, counts, discounts)
    freed = np.add.reduceat(discounts, starts)
    return _Level(pairs, counts - discounts, of_pair[starts], totals, freed)


def _lower(pairs: Integers, shorter: Sequence[_Level], n_codes: int, n_symbols: int) -> Array:
    """P(y | h') of pairs h · n_codes + y."""
    context, codes = np.divmod(pairs, n_codes)
    contexts = []
    for level in reversed(shorter):
        context = context // n_symbols
        if level.renamed is not None:
            context = level.renamed[context]
        contexts.append(context)
    probabilities = np.full(len(pairs), 1 / n_codes)
    for level, context in zip(shorter, reversed(contexts), strict=True):
        # Pairs ascend, and so do their contexts: these searches are near to each other already.
        probabilities = _mixed(level, context * n_codes + codes, probabilities, n_codes)
    return probabilities


def _is_redundant(counts: Integers, lower: Array, starts: Integers, totals: Integers) -> Booleans:
    """Whether the shorter context predicts a count c(hy) well enough without its own parameter.

    It predicts e = γ c(h) P(y | h'). A count that differs is kept: c ln(c/e) − (c − e), the log
    likelihood ratio of Poisson, above ln(1 + c(h)) / 2, the price of a parameter (Schwarz 1978).
    First γ is 1 and only counts above e are kept; the probability that they leave then gives γ =
    Σ_dropped c(hz) / c(h) / (1 − Σ_kept P(z | h')), the weight of h' beside them. Without this, a
    token that repeats or else is drawn afresh costs up to 0.1 bit more than its entropy.
    """
    of_pair = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(counts))))
    price = np.log1p(totals)[of_pair] / 2
    expected = totals[of_pair] * lower
    kept = (counts > expected) & (_deviance(counts, expected) > price)
    dropped = np.add.reduceat(np.where(kept, 0, counts), starts) / totals
    free = 1 - np.add.reduceat(np.where(kept, lower, 0.0), starts)
    # Sums of almost 1 leave rounding only; nothing is then expected of the shorter context.
    weight = np.where(free > 1e-9, dropped / np.maximum(free, 1e-9), 0.0)
    expected *= weight[of_pair]
    kept |= _deviance(counts, np.maximum(expected, 1e-200)) > price
    redundant: Booleans = ~kept & (expected >= LEAST_EXPECTED)
    return redundant


def _deviance(counts: Integers, expected: Array) -> Array:
    """The log likelihood ratio c ln(c/e) − (c − e) of positive counts and expectations."""
    result: Array = counts * np.log(counts / expected) - (counts - expected)
    return result


def _interpolated(level: _Level, keys: Integers, lower: Array, n_codes: int) -> Array:
    """P(y | h) of keys h · n_codes + y, given P(y | h')."""
    if len(level.keys) <= IN_CACHE:
        return _mixed(level, keys, lower, n_codes)
    order = np.argsort(keys)  # neighbouring searches hit the same memory
    result = np.empty_like(lower)
    result[order] = _mixed(level, keys[order], lower[order], n_codes)
    return result


def _mixed(level: _Level, keys: Integers, lower: Array, n_codes: int) -> Array:
    """The same, with a search for each key where it stands."""
    pair, is_pair = _places(level.keys, keys)
    context, is_context = _places(level.contexts, keys // n_codes)
    direct = np.where(is_pair, level.direct[pair], 0.0)
    mixed = (direct + level.freed[context] * lower) / level.totals[context]
    return np.where(is_context, mixed, lower)


def _places(sorted_keys: Integers, wanted: Integers) -> tuple[Integers, Booleans]:
    """Where wanted keys are among sorted ones, and whether they are there."""
    places = np.minimum(np.searchsorted(sorted_keys, wanted), len(sorted_keys) - 1)
    return places, sorted_keys[places] == wanted


def discounts_by_count(counts: Integers) -> Array:
    """What is taken from a count of 0, 1, 2 and of 3 or more, shape (4,).

    D_1 = Y = n_1 / (n_1 + 2 n_2), D_r = r − (r + 1) Y n_{r+1} / n_r (Chen and Goodman 1999, eq.
    26), where n_r is the number of types seen r times. Y is kept off 0 and 1, and D_{r−1} ≤ D_r ≤
    r, so that some probability is always left for what was not seen.
    """
    y = absolute_discount(counts)
    seen = np.bincount(np.minimum(counts, 5), minlength=6)
    discounts = [0.0, y]
    for r in (2, 3):
        ratio = seen[r + 1] / seen[r] if seen[r] else 1.0
        discounts.append(float(np.clip(r - (r + 1) * y * ratio, discounts[-1], r)))
    return np.array(discounts)


def mean_folds(values: Array, samples: Integers) -> Folds:
    """The mean of values, with every block that has any left out in turn.

    Args:
        values: shape (n,), at least one.
        samples: number of the sample of each value, shape (n,).
    """
    blocks = samples % N_BLOCKS
    return ratio_folds(
        np.bincount(blocks, weights=values, minlength=N_BLOCKS),
        np.bincount(blocks, minlength=N_BLOCKS),
    )


def ratio_folds(numerators: NDArray[Any], denominators: NDArray[Any]) -> Folds:
    """Σ numerators / Σ denominators, with every block that has a denominator left out in turn.

    Args:
        numerators: by block, shape (n_blocks,).
        denominators: by block, at least one positive.
    """
    has_any = denominators > 0
    above, below = numerators[has_any], denominators[has_any]
    whole = above.sum() / below.sum()
    if len(below) == 1:
        return Folds(np.array([whole]))
    return Folds(np.concatenate(([whole], (above.sum() - above) / (below.sum() - below))))

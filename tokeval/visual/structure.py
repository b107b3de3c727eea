"""Granularity and nesting of token sequences: byte-pair merges that are learned on other images."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.visual.code_lengths import TOO_FEW_SAMPLES, code_lengths, is_held_out, ratio_folds
from tokeval.visual.dump import N_BLOCKS, Samples
from tokeval.visual.pairs import token_samples

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

N_MERGES = 256

MIN_PAIR_COUNT = 2
"""A pair that the training part has only once is no unit."""


@dataclass(frozen=True)
class Granularity:
    """What byte-pair merges, learned from four of five samples, make of the held-out ones.

    Attributes:
        n_merges: merges that were learned.
        tokens_per_unit: mean length of the units, in tokens.
        length_gain: 1 − units / tokens.
        bits_before: held-out bits per token, coded by frequency one by one.
        bits_after: held-out bits per token, coded by frequency of units.
        hierarchy_gain: bits per token that merges of merged units save over as many merges of
            single tokens; a proxy for grammar, not a grammar: mere long runs have it too.
        unit_lengths: held-out units by their length in tokens, shape (longest + 1,), int64.
    """

    n_merges: int
    tokens_per_unit: Folds
    length_gain: Folds
    bits_before: Folds
    bits_after: Folds
    hierarchy_gain: Folds
    unit_lengths: Integers


@dataclass(frozen=True)
class Units:
    """Samples as sequences of units.

    Attributes:
        units: shape (n_units,); a code, or n_codes + the number of a merge.
        samples: number of the sample of each.
        lengths: tokens in each.
        merges: pairs of units in the order in which they were merged.
    """

    units: Integers
    samples: Integers
    lengths: Integers
    merges: tuple[tuple[int, int], ...]


def granularity(
    samples: Samples, *, codebook_size: int, n_merges: int = N_MERGES
) -> Granularity | Undefined:
    """Length and bits of byte-pair units, learned from four of five samples, on the held-out ones.

    Each merge joins the most frequent pair of neighbouring units of the training part (Gage 1994),
    the pair with the lowest numbers where several are. Samples are read in stored order; no unit
    spans two. Bits are those of `code_lengths` without context over K + merges units. For the
    hierarchy gain, the same number of merges is learned with single tokens as parts only.

    Args:
        samples: whole samples; a merge costs a pass over them, so some hundred thousand tokens.
        codebook_size: K.
        n_merges: how many merges are learned at most.
    """
    owners = token_samples(samples)
    held_out = is_held_out(owners)
    if held_out.all() or not held_out.any():
        return TOO_FEW_SAMPLES
    tokens = samples.tokens.astype(np.int64)
    n_units = codebook_size + n_merges
    nested = byte_pair_units(tokens, owners, codebook_size, n_merges, n_mergeable=n_units)
    flat = byte_pair_units(
        tokens, owners, codebook_size, len(nested.merges), n_mergeable=codebook_size
    )
    n_tokens = _by_block(np.ones(len(tokens)), owners)
    n_held_units = _by_block(np.ones(len(nested.units)), nested.samples)
    bits_nested = _bits_by_block(nested.units, nested.samples, n_units)
    bits_flat = _bits_by_block(flat.units, flat.samples, n_units)
    bits_before = _bits_by_block(tokens, owners, codebook_size)
    return Granularity(
        n_merges=len(nested.merges),
        tokens_per_unit=ratio_folds(n_tokens, n_held_units),
        length_gain=ratio_folds(n_tokens - n_held_units, n_tokens),
        bits_before=ratio_folds(bits_before, n_tokens),
        bits_after=ratio_folds(bits_nested, n_tokens),
        hierarchy_gain=ratio_folds(bits_flat - bits_nested, n_tokens),
        unit_lengths=np.bincount(nested.lengths[is_held_out(nested.samples)]),
    )


def _by_block(values: NDArray[Any], owners: Integers) -> NDArray[np.float64]:
    """Sums of values of held-out samples by block, shape (N_BLOCKS,)."""
    held_out = is_held_out(owners)
    return np.bincount(
        owners[held_out] % N_BLOCKS, weights=values[held_out], minlength=N_BLOCKS
    ).astype(np.float64)


def _bits_by_block(units: Integers, owners: Integers, n_units: int) -> NDArray[np.float64]:
    """Bits of all held-out units by block, coded by their frequency in the training part."""
    held_out = is_held_out(owners)
    bits = np.zeros(len(units))
    bits[held_out] = code_lengths(units, (), ~held_out, n_codes=n_units, n_symbols=1)
    return _by_block(bits, owners)


def byte_pair_units(
    tokens: Integers, owners: Integers, n_codes: int, n_merges: int, *, n_mergeable: int
) -> Units:
    """The samples after at most so many merges of the pair most frequent in the training part.

    Args:
        tokens: of all samples, one after the other, int64.
        owners: number of the sample of each token, ascending.
        n_codes: K.
        n_merges: how many merges; fewer where no pair occurs twice.
        n_mergeable: units of lower numbers may be parts: `n_codes` for single tokens only.
    """
    state = _Merging(tokens, owners, n_codes + n_merges, n_mergeable)
    merges: list[tuple[int, int]] = []
    while len(merges) < n_merges and (pair := state.most_frequent()) is not None:
        state.merge(*pair, name=n_codes + len(merges))
        merges.append(pair)
    return Units(state.units, state.samples, state.lengths, tuple(merges))


class _Merging:
    """Units, and how often each pair of neighbours occurs in the training part."""

    def __init__(self, tokens: Integers, owners: Integers, n_units: int, n_mergeable: int) -> None:
        self.units, self.samples = tokens, owners
        self.lengths = np.ones_like(tokens)
        self._n_units, self._n_mergeable = n_units, n_mergeable
        self._teaches = ~is_held_out(owners)
        self._counts: dict[int, int] = {}
        self._heap: list[tuple[int, int]] = []
        everywhere = np.ones(max(len(tokens) - 1, 0), dtype=np.bool_)
        self._add(self._pairs(everywhere), 1)

    def most_frequent(self) -> tuple[int, int] | None:
        """The most frequent pair, unless none occurs twice."""
        while self._heap:
            count, key = self._heap[0]
            if -count == self._counts.get(key, 0):
                pair = divmod(key, self._n_units)
                return pair if -count >= MIN_PAIR_COUNT else None
            heapq.heappop(self._heap)  # counted again since it was pushed
        return None

    def merge(self, first: int, second: int, *, name: int) -> None:
        """Joins the pair wherever it occurs in a sample, from left to right."""
        starts = self._occurrences(first, second)
        is_part = np.zeros(len(self.units), dtype=np.bool_)
        is_part[starts] = is_part[starts + 1] = True
        self._add(self._pairs(is_part[:-1] | is_part[1:]), -1)
        units, lengths = self.units.copy(), self.lengths.copy()
        units[starts] = name
        lengths[starts] += lengths[starts + 1]
        stays = np.ones(len(units), dtype=np.bool_)
        stays[starts + 1] = False
        self.units, self.lengths = units[stays], lengths[stays]
        self.samples, self._teaches = self.samples[stays], self._teaches[stays]
        is_new = self.units == name
        self._add(self._pairs(is_new[:-1] | is_new[1:]), 1)

    def _occurrences(self, first: int, second: int) -> Integers:
        """Where the pair begins; of overlapping ones, every other from the left."""
        same = self.samples[1:] == self.samples[:-1]
        found = np.flatnonzero((self.units[:-1] == first) & (self.units[1:] == second) & same)
        if first != second or len(found) == 0:
            return found
        begins_run = np.concatenate(([True], np.diff(found) != 1))
        run_starts = found[begins_run][np.cumsum(begins_run) - 1]
        every_other: Integers = found[(found - run_starts) % 2 == 0]
        return every_other

    def _pairs(self, where: Booleans) -> Integers:
        """Keys of the mergeable training pairs that begin at the given places."""
        first, second = self.units[:-1], self.units[1:]
        counted = where & self._teaches[:-1] & (self.samples[1:] == self.samples[:-1])
        counted &= (first < self._n_mergeable) & (second < self._n_mergeable)
        keys: Integers = first[counted] * self._n_units + second[counted]
        return keys

    def _add(self, keys: Integers, sign: int) -> None:
        """Counts pairs up or down."""
        distinct, counts = np.unique(keys, return_counts=True)
        for key, count in zip(distinct.tolist(), counts.tolist(), strict=True):
            now = self._counts.get(key, 0) + sign * count
            self._counts[key] = now
            if now >= MIN_PAIR_COUNT:
                heapq.heappush(self._heap, (-now, key))

"""Attribution: every token of a text falls to one stretch of it, so that sums are exact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tokeval.compare.unit_tokens import Forms, StretchTable
from tokeval.core.alignment import ranges
from tokeval.core.corpus import Slice, chunks
from tokeval.core.features import Ragged
from tokeval.core.pretokens import Cut
from tokeval.core.tokenizer import Tokenizer

Advance = Callable[[int, str], None]
BEFORE, AFTER = 0, 1
SIDES = (BEFORE, AFTER)
OCCURRENCES = 2
"""Columns of what is counted by form: tokens before, tokens after, occurrences."""

BothCuts = tuple[bytes, bytes]
"""How both tokenizers cut a stretch: the bytes of the int32 ids before, and of those after."""

MIN_CANDIDATES = 512
CANDIDATES_PER_NAME = 4


@dataclass
class Tally:
    """What the tokens of two tokenizers on some text fall to.

    Attributes:
        by_form: tokens before, tokens after and occurrences of each form, shape (n_forms, 3).
        without_text: tokens that stand for no byte, before and after.
        ids: how often each id occurs, before and after.
        n_texts: number of texts.
        cuts: for the forms that differ most, how often they are cut in each way.
    """

    by_form: NDArray[np.int64]
    without_text: NDArray[np.int64]
    ids: list[NDArray[np.int64]]
    n_texts: int = 0
    cuts: dict[int, Counter[BothCuts]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def empty(cls, tokenizers: Sequence[Tokenizer]) -> Tally:
        """Nothing counted yet."""
        sizes = [len(tokenizer.vocabulary.token_bytes) for tokenizer in tokenizers]
        return cls(
            np.zeros((0, 3), dtype=np.int64),
            np.zeros(2, dtype=np.int64),
            [np.zeros(size, dtype=np.int64) for size in sizes],
        )

    @property
    def n_tokens(self) -> NDArray[np.int64]:
        """Tokens before and after, special ones around the texts left out, shape (2,)."""
        total: NDArray[np.int64] = self.by_form[:, SIDES].sum(axis=0) + self.without_text
        return total

    def fold(self, table: StretchTable, counts: NDArray[np.int64], *, n_candidates: int) -> None:
        """Adds units that occur so often, and the cuts of what differs most so far."""
        n_units = len(table.stretch_forms.lengths)
        counts = np.pad(counts, (0, n_units - len(counts)))
        forms = table.stretch_forms.flat
        by_stretch = np.repeat(counts, table.stretch_forms.lengths)
        grown = np.zeros((len(table.forms), 3), dtype=np.int64)
        grown[: len(self.by_form)] = self.by_form
        np.add.at(grown[:, OCCURRENCES], forms, by_stretch)
        for side, tokens in zip(SIDES, table.tokens, strict=True):
            lengths = tokens.by_stretch.lengths
            np.add.at(grown[:, side], forms, by_stretch * lengths)
            np.add.at(self.ids[side], tokens.by_stretch.flat, np.repeat(by_stretch, lengths))
            n_empty = tokens.without_text.lengths
            self.without_text[side] += int(counts @ n_empty)
            np.add.at(self.ids[side], tokens.without_text.flat, np.repeat(counts, n_empty))
        self.by_form = grown
        self._add_cuts(table, by_stretch, n_candidates)

    def _add_cuts(
        self, table: StretchTable, by_stretch: NDArray[np.int64], n_candidates: int
    ) -> None:
        """Adds how the forms are cut that differ most so far."""
        size = np.abs(self.by_form[:, AFTER] - self.by_form[:, BEFORE])
        largest = np.argsort(-size, kind="stable")[:n_candidates]
        is_candidate = np.zeros(len(size), dtype=np.bool_)
        is_candidate[largest[size[largest] > 0]] = True
        forms = table.stretch_forms.flat
        chosen = np.flatnonzero(is_candidate[forms] & (by_stretch > 0))
        numbers, weights = forms[chosen].tolist(), by_stretch[chosen].tolist()
        both = [_ids_of(tokens.by_stretch, chosen) for tokens in table.tokens]
        for form, weight, before, after in zip(numbers, weights, *both, strict=True):
            self.cuts[form][before, after] += weight

    def telling_cuts(self, form: int) -> tuple[list[int], list[int]]:
        """The ids of the two cuts of a form that contribute most to its difference.

        That is the pair that occurs often and whose lengths differ much; the more frequent of two
        alike, then the first in order.
        """
        change = self.by_form[form, AFTER] - self.by_form[form, BEFORE]
        sign = 1 if change > 0 else -1
        known = self.cuts.get(form)
        if not known:
            return [], []

        def order(pair: BothCuts) -> tuple[int, int, BothCuts]:
            n = known[pair]
            return -sign * n * (len(pair[AFTER]) - len(pair[BEFORE])), -n, pair

        before, after = (np.frombuffer(cut, dtype=np.int32) for cut in min(known, key=order))
        return before.tolist(), after.tolist()


def _ids_of(tokens: Ragged, chosen: NDArray[np.int64]) -> list[bytes]:
    """The bytes of the int32 ids of the chosen stretches."""
    lengths = tokens.lengths[chosen]
    flat = tokens.flat[ranges(tokens.starts[chosen], lengths)].astype(np.int32).tobytes()
    ends = (4 * np.cumsum(lengths)).tolist()
    return [flat[start:end] for start, end in zip([0, *ends], ends, strict=False)]


class Attributor:
    """Attributes the tokens of two tokenizers, slice by slice.

    Args:
        tokenizers: before and after, each with the cut that was proved for it on this corpus.
        n_names: how many words are to be named in each slice.
        max_forms: distinct stretches that have names.
    """

    def __init__(
        self, tokenizers: Sequence[tuple[Tokenizer, Cut]], *, n_names: int, max_forms: int
    ) -> None:
        self._tokenizers = list(tokenizers)
        self._n_candidates = max(MIN_CANDIDATES, CANDIDATES_PER_NAME * n_names)
        self.forms = Forms(max_forms)
        self.whole = self._empty()
        self._table = StretchTable(self._tokenizers, self.forms)
        self._whole_counts = np.zeros(0, dtype=np.int64)

    def slices(
        self, parts: Sequence[Slice], advance: Advance | None = None
    ) -> Iterator[tuple[str, Tally]]:
        """Each slice with its tally; when all are through, `whole` is complete."""
        for part in parts:
            yield part.name, self._slice(part, advance)
        self._fold(self.whole, self._whole_counts)

    def _slice(self, part: Slice, advance: Advance | None) -> Tally:
        """The tally of one slice."""
        tally = self._empty()
        counts = np.zeros(0, dtype=np.int64)
        for chunk in chunks(part):
            if self._table.is_full:
                self._fold(tally, counts)
                self._fold(self.whole, self._whole_counts)
                self._table = StretchTable(self._tokenizers, self.forms)
                counts = self._whole_counts = np.zeros(0, dtype=np.int64)
            found = self._table.count(chunk)
            counts = _sum(counts, found)
            self._whole_counts = _sum(self._whole_counts, found)
            n_texts = sum(map(len, chunk.documents))
            tally.n_texts += n_texts
            self.whole.n_texts += n_texts
            if advance is not None:
                size = sum(len(text.encode()) for doc in chunk.documents for text in doc)
                advance(size, part.name)
        self._fold(tally, counts)
        return tally

    def _fold(self, tally: Tally, counts: NDArray[np.int64]) -> None:
        """Adds what was counted with the present table."""
        tally.fold(self._table, counts, n_candidates=self._n_candidates)

    def _empty(self) -> Tally:
        return Tally.empty([tokenizer for tokenizer, _ in self._tokenizers])


def _sum(shorter: NDArray[np.int64], longer: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sum of counts of a table that has grown in between."""
    total = longer.astype(np.int64)
    total[: len(shorter)] += shorter
    return total

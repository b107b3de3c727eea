"""The stretches of each distinct unit, and the tokens of two tokenizers that fall to each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tokeval.compare.stretches import Stretches, find_stretches, space_bytes
from tokeval.core.alignment import batch_spans
from tokeval.core.corpus import Chunk
from tokeval.core.features import BATCH_CHARACTERS, MAX_CHARACTERS, MAX_UNITS, Ragged
from tokeval.core.pretokens import Cut
from tokeval.core.segmentation import Segments, segment
from tokeval.core.tokenizer import Tokenizer
from tokeval.core.unit_table import UnitTable

MAX_FORMS = 1 << 20
"""Distinct stretches that have names; later ones are counted by class only."""


class Forms:
    """Numbers for distinct stretches, first come first numbered.

    Attributes:
        texts: text of each form, `None` for the stretches of a class that have no name.
        classes: class of each form.
    """

    def __init__(self, max_forms: int = MAX_FORMS) -> None:
        self.texts: list[str | None] = []
        self.classes: list[int] = []
        self.is_full = False
        self._max_forms = max_forms
        self._numbers: dict[tuple[str | None, int], int] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def number(self, texts: Sequence[str], classes: Sequence[int]) -> NDArray[np.int64]:
        """The number of each stretch."""
        numbers = map(self._number, zip(texts, classes, strict=True))
        return np.fromiter(numbers, np.int64, len(texts))

    def _number(self, key: tuple[str | None, int]) -> int:
        number = self._numbers.get(key)
        if number is not None:
            return number
        if key[0] is not None and len(self.texts) >= self._max_forms:
            self.is_full = True
            return self._number((None, key[1]))
        self.texts.append(key[0])
        self.classes.append(key[1])
        number = self._numbers[key] = len(self.texts) - 1
        return number


class UnitTokens:
    """The tokens of each unit for one tokenizer.

    Attributes:
        tokenizer, cut: what encodes, and how its units are made.
        by_stretch: ids of the tokens of each stretch, in the order of the units' stretches.
        without_text: ids of the tokens of each unit that stand for no byte.
    """

    def __init__(self, tokenizer: Tokenizer, cut: Cut) -> None:
        self.tokenizer = tokenizer
        self.cut = cut
        self.by_stretch = Ragged(np.int32)
        self.without_text = Ragged(np.int32)

    def extend(
        self,
        units: Sequence[str],
        is_first: Sequence[int],
        segments: Segments,
        *,
        stretches: Stretches,
        is_space: NDArray[np.bool_],
    ) -> None:
        """Takes in the tokens of new units.

        A token falls to the stretch that holds its last byte which is not white space, or to the
        white space that it is.
        """
        encoded, spans = batch_spans(self.tokenizer, units, is_first, segments, cut=self.cut)
        is_empty = spans[:, 1] <= spans[:, 0]
        unit_of_token = np.repeat(np.arange(len(units)), np.diff(encoded.offsets))
        n_empty = np.bincount(unit_of_token[is_empty], minlength=len(units))
        self.without_text.append(encoded.ids[is_empty], n_empty)
        ids, spans = encoded.ids[~is_empty], spans[~is_empty]
        last_text = np.maximum.accumulate(np.where(is_space, -1, np.arange(len(is_space))))
        place = last_text[spans[:, 1] - 1] if len(spans) else np.empty(0, np.int64)
        place = np.where(place >= spans[:, 0], place, spans[:, 0])
        at = np.searchsorted(stretches.byte_starts, place, side="right") - 1
        owner = stretches.numbers[at]
        order = np.argsort(owner, kind="stable")
        self.by_stretch.append(ids[order], np.bincount(owner, minlength=len(stretches.texts)))


class StretchTable:
    """Distinct units with their stretches and the tokens of both tokenizers.

    Attributes:
        table: the distinct units.
        stretch_forms: form of each stretch, by unit.
        tokens: before and after.
        counts: how often each unit occurs in what is being counted, shape (n_units,).
    """

    def __init__(self, tokenizers: Sequence[tuple[Tokenizer, Cut]], forms: Forms) -> None:
        cuts = [cut for _, cut in tokenizers]
        # One whole text is one unit for both as soon as one of them must not be cut.
        cuts_at_spaces = Cut.TEXT not in cuts
        added = {text for tokenizer, _ in tokenizers for text in tokenizer.added_texts}
        self.table = UnitTable(cuts_at_spaces=cuts_at_spaces, added_texts=sorted(added))
        self.forms = forms
        self.stretch_forms = Ragged(np.int64)
        self.tokens = [
            UnitTokens(tokenizer, cut if cuts_at_spaces else Cut.TEXT)
            for tokenizer, cut in tokenizers
        ]

    @property
    def is_full(self) -> bool:
        """Whether the table should be begun anew, to bound memory."""
        return len(self.table) > MAX_UNITS or self.table.n_characters > MAX_CHARACTERS

    def count(self, chunk: Chunk) -> NDArray[np.int64]:
        """How often each unit of the table occurs in a chunk, shape (n_units,)."""
        texts = [text for document in chunk.documents for text in document]
        units = self.table.number(texts)
        begin = len(self.stretch_forms.lengths)
        while begin < len(self.table):
            end, size = begin + 1, len(self.table.units[begin])
            while end < len(self.table) and size < BATCH_CHARACTERS:
                size += len(self.table.units[end]) + 1
                end += 1
            self._extend(begin, end)
            begin = end
        return np.bincount(units.numbers, minlength=len(self.table))

    def _extend(self, begin: int, end: int) -> None:
        """Finds the stretches and the tokens of units begin to end."""
        units = self.table.units[begin:end]
        is_first = [int(first) for first in self.table.is_first[begin:end]]
        segments = segment(units)
        stretches = find_stretches(units, is_first, segments)
        is_space = space_bytes(units, segments)
        numbers = self.forms.number(stretches.texts, stretches.classes.tolist())
        self.stretch_forms.append(numbers, np.bincount(stretches.units, minlength=len(units)))
        for tokens in self.tokens:
            tokens.extend(units, is_first, segments, stretches=stretches, is_space=is_space)

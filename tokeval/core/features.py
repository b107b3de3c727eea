"""What is known of each distinct unit, computed once: its words and characters, and its tokens."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import UNIT_COLUMNS, align
from tokeval.core.byte_table import ByteTable, decoded
from tokeval.core.pretokens import Cut
from tokeval.core.segmentation import Segments, segment
from tokeval.core.tokenizer import BatchEncoder, Tokenizer
from tokeval.core.unit_table import UnitTable
from tokeval.core.wordforms import hash_words

MAX_UNITS = 3 << 16
MAX_CHARACTERS = 1 << 24
BATCH_CHARACTERS = 1 << 17

TEXT_FEATURES = (
    "characters",
    "bytes",
    "graphemes",
    "words",
    "letters",
    "spaceless_letters",
    "newlines",
)


class Growing:
    """An array that grows at its end; memory doubles when it is full."""

    def __init__(self, dtype: Any, n_columns: int | None = None) -> None:
        shape = 1024 if n_columns is None else (1024, n_columns)
        self._array = np.zeros(shape, dtype=dtype)
        self._length = 0

    @property
    def array(self) -> NDArray[Any]:
        """What has been appended, a view."""
        return self._array[: self._length]

    def append(self, rows: NDArray[Any]) -> None:
        """Adds rows at the end."""
        needed = self._length + len(rows)
        if needed > len(self._array):
            shape = (max(needed, 2 * len(self._array)), *self._array.shape[1:])
            larger = np.zeros(shape, dtype=self._array.dtype)
            larger[: self._length] = self.array
            self._array = larger
        self._array[self._length : needed] = rows
        self._length = needed


class Ragged:
    """Lists of different lengths, flat, that grow at the end."""

    def __init__(self, dtype: Any) -> None:
        self._flat = Growing(dtype)
        self._starts = Growing(np.int64)
        self._lengths = Growing(np.int64)

    @property
    def flat(self) -> NDArray[Any]:
        """All items, list after list."""
        return self._flat.array

    @property
    def starts(self) -> NDArray[np.int64]:
        """First item of each list."""
        return self._starts.array

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each list."""
        return self._lengths.array

    def append(self, flat: NDArray[Any], lengths: NDArray[np.int64]) -> None:
        """Adds lists at the end."""
        begin = len(self.flat)
        self._flat.append(flat)
        self._starts.append(begin + np.cumsum(lengths) - lengths)
        self._lengths.append(lengths)


class TokenFeatures:
    """The tokens of each unit for one tokenizer.

    Attributes:
        tokenizer, cut: whose tokens they are, and how its units are made.
        encoder: what gives the ids: the tokenizer itself, or what gives the same.
        counts: by unit, columns UNIT_COLUMNS.
        ids: token ids by unit.
        tokens_in_word, is_whole: by word, in the order of the units' words.
        is_single: by word form, whether the word alone is one token.
    """

    def __init__(self, tokenizer: Tokenizer, cut: Cut, encoder: BatchEncoder | None = None) -> None:
        self.tokenizer = tokenizer
        self.cut = cut
        self.encoder = encoder or tokenizer
        self.counts = Growing(np.int32, len(UNIT_COLUMNS))
        self.ids = Ragged(np.int32)
        self.tokens_in_word = Growing(np.int32)
        self.is_whole = Growing(np.bool_)
        self.is_single = Growing(np.bool_)
        self._spellings = _spellings(tokenizer)

    def extend(
        self,
        units: Sequence[str],
        is_first: Sequence[int],
        segments: Segments,
        *,
        new_forms: NewForms,
    ) -> None:
        """Takes in new units and new word forms."""
        aligned = align(
            self.tokenizer, units, is_first, segments, cut=self.cut, encoder=self.encoder
        )
        self.counts.append(aligned.counts)
        self.ids.append(aligned.encoded.ids, np.diff(aligned.encoded.offsets))
        self.tokens_in_word.append(aligned.tokens_in_word)
        self.is_whole.append(aligned.is_whole)
        is_lossy = aligned.counts[:, UNIT_COLUMNS.index("lossy_texts")] > 0
        self.is_single.append(self._are_single(new_forms, may_change=is_lossy[new_forms.units]))

    def _are_single(self, forms: NewForms, *, may_change: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether each word is one known token when it is encoded alone.

        A word that the tokenizer does not change can only be one token if some token spells it,
        with or without a space before it; other words need no encoding.

        Args:
            forms: words.
            may_change: whether the tokenizer changed the unit that each word was first met in.
        """
        is_spelled = self._spellings.find(forms.pool, forms.starts[:-1], forms.starts[1:]) >= 0
        if getattr(self.tokenizer, "whole_texts_only", False):
            return is_spelled
        is_single = np.zeros(len(forms.texts), dtype=np.bool_)
        chosen = np.flatnonzero(is_spelled | may_change)
        alone = self.encoder.encode_batch([forms.texts[f] for f in chosen.tolist()])
        is_one = np.diff(alone.offsets) == 1
        unknown = self.tokenizer.vocabulary.unknown_id
        if unknown is not None and len(alone.ids):
            first = alone.ids[np.minimum(alone.offsets[:-1], len(alone.ids) - 1)]
            is_one &= first != unknown
        is_single[chosen] = is_one
        return is_single


def _spellings(tokenizer: Tokenizer) -> ByteTable:
    """The bytes of all tokens, with and without the space that they begin with."""
    pool, starts = tokenizer.vocabulary.pool
    begins, ends = starts[:-1], starts[1:]
    is_token = np.array([token is not None for token in tokenizer.vocabulary.token_bytes], np.bool_)
    begins, ends = begins[is_token], ends[is_token]
    after_space = (ends > begins) & (np.append(pool, 0)[begins] == ord(" "))
    begins = np.concatenate((begins, begins[after_space] + 1))
    ends = np.concatenate((ends, ends[after_space]))
    table = ByteTable()
    table.number(pool, begins, ends, np.zeros(len(begins), np.uint8))
    return table


class NewForms(NamedTuple):
    """Words that were met for the first time.

    Attributes:
        texts: the words.
        pool: their bytes, and others.
        starts: where each begins in the pool, and the last one ends.
        units: number of the unit that each was first met in, among those of its batch.
    """

    texts: Sequence[str]
    pool: NDArray[np.uint8]
    starts: NDArray[np.int64]
    units: NDArray[np.int64]


class UnitFeatures:
    """A table of units with their text features and the token features of several tokenizers.

    Attributes:
        table: the distinct units.
        text: by unit, columns TEXT_FEATURES.
        word_forms: number of the word form of each word, by unit.
        word_spans: [start, end) bytes of each word in its unit.
        forms: the distinct words.
        form_hashes: by word form.
        tokens: one for each tokenizer.
    """

    def __init__(
        self,
        tokenizers: Sequence[tuple[Tokenizer, Cut, BatchEncoder | None]],
        *,
        cuts_at_spaces: bool,
    ) -> None:
        added = {text for tokenizer, _, _ in tokenizers for text in tokenizer.added_texts}
        self.table = UnitTable(cuts_at_spaces=cuts_at_spaces, added_texts=sorted(added))
        self.text = Growing(np.int32, len(TEXT_FEATURES))
        self.word_forms = Ragged(np.int32)
        self.word_spans = Growing(np.int32, 2)
        self.forms: list[str] = []
        self.form_hashes = Growing(np.int64)
        self.tokens = [TokenFeatures(*counted) for counted in tokenizers]
        self._form_table = ByteTable()

    @property
    def is_full(self) -> bool:
        """Whether the table should be begun anew, to bound memory."""
        # Of the memory of a unit, what one tokenizer knows of it is about a third.
        n_units = max(MAX_UNITS, 6 * MAX_UNITS // (2 + len(self.tokens)))
        return len(self.table) > n_units or self.table.n_characters > MAX_CHARACTERS

    def extend(self) -> None:
        """Computes the features of units that were added to the table since the last call."""
        begin = len(self.text.array)
        lengths = map(len, itertools.islice(self.table.units, begin, None))
        sizes = np.cumsum(np.fromiter(lengths, np.int64, len(self.table) - begin) + 1)
        done = 0
        while done < len(sizes):
            least = sizes[done - 1] if done else 0
            end = min(int(np.searchsorted(sizes, least + BATCH_CHARACTERS)) + 1, len(sizes))
            self._extend(begin + done, begin + end)
            done = end

    def _extend(self, begin: int, end: int) -> None:
        """Computes the features of units begin to end."""
        units = self.table.units[begin:end]
        segments = segment(units)
        unit_bytes = segments.byte_at[segments.text_starts]
        newlines = np.flatnonzero(segments.utf8 == ord("\n"))
        n_words = np.bincount(segments.word_texts, minlength=len(units))
        columns = (
            segments.n_characters,
            segments.n_bytes,
            segments.n_graphemes,
            n_words,
            segments.n_letters,
            segments.n_spaceless_letters,
            np.bincount(
                np.searchsorted(unit_bytes, newlines, side="right") - 1, minlength=len(units)
            ),
        )
        self.text.append(np.stack(columns, axis=1))
        self.word_spans.append(segments.words - unit_bytes[segments.word_texts][:, None])
        numbers, new_forms = self._number_words(segments)
        self.word_forms.append(numbers, n_words)
        is_first = self.table.is_first[begin:end]
        for features in self.tokens:
            features.extend(units, is_first, segments, new_forms=new_forms)

    def _number_words(self, segments: Segments) -> tuple[NDArray[np.int64], NewForms]:
        """The word form of each word, and the forms that were new and are added."""
        starts, ends = np.ascontiguousarray(segments.words.T)
        table, n_known = self._form_table, len(self._form_table)
        numbers = table.number(segments.utf8, starts, ends, np.zeros(len(starts), np.uint8))
        n_new = len(table) - n_known
        places = table.starts[n_known:]
        new_texts = decoded(table.pool, places) if n_new else []
        self.forms += new_texts
        self.form_hashes.append(hash_words(table.pool, places))
        units = np.empty(n_new, np.int64)
        is_new = numbers >= n_known
        # The last one to be written is the first one met.
        units[numbers[is_new][::-1] - n_known] = segments.word_texts[is_new][::-1]
        return numbers, NewForms(new_texts, table.pool, places, units)

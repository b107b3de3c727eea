"""What is known of each distinct unit, computed once: its words and characters, and its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import UNIT_COLUMNS, align
from tokeval.core.pretokens import Cut, UnitTable
from tokeval.core.segmentation import SEPARATOR, Segments, segment
from tokeval.core.tokenizer import Tokenizer
from tokeval.core.wordforms import hash_word

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
        tokenizer, cut: what encodes, and how its units are made.
        counts: by unit, columns UNIT_COLUMNS.
        ids: token ids by unit.
        tokens_in_word, is_whole: by word, in the order of the units' words.
        is_single: by word form, whether the word alone is one token.
    """

    def __init__(self, tokenizer: Tokenizer, cut: Cut) -> None:
        self.tokenizer = tokenizer
        self.cut = cut
        self.counts = Growing(np.int32, len(UNIT_COLUMNS))
        self.ids = Ragged(np.int32)
        self.tokens_in_word = Growing(np.int32)
        self.is_whole = Growing(np.bool_)
        self.is_single = Growing(np.bool_)
        self._spellings = frozenset(tokenizer.vocabulary.token_bytes)

    def extend(
        self,
        units: Sequence[str],
        is_first: Sequence[int],
        segments: Segments,
        *,
        new_forms: Sequence[str],
    ) -> None:
        """Takes in new units and new word forms."""
        aligned = align(self.tokenizer, units, is_first, segments, cut=self.cut)
        self.counts.append(aligned.counts)
        self.ids.append(aligned.encoded.ids, np.diff(aligned.encoded.offsets))
        self.tokens_in_word.append(aligned.tokens_in_word)
        self.is_whole.append(aligned.is_whole)
        lost = bool(aligned.counts[:, UNIT_COLUMNS.index("lossy_texts")].any())
        self.is_single.append(self._are_single(new_forms, may_change=lost))

    def _are_single(self, forms: Sequence[str], *, may_change: bool) -> NDArray[np.bool_]:
        """Whether each word is one known token when it is encoded alone.

        A word that the tokenizer does not change can only be one token if some token spells it,
        with or without a space before it; other words need no encoding.

        Args:
            forms: words.
            may_change: whether the tokenizer changed a unit that these words come from.
        """
        if getattr(self.tokenizer, "whole_texts_only", False):
            return np.array([self._is_spelled(form.encode()) for form in forms], dtype=np.bool_)
        is_single = np.zeros(len(forms), dtype=np.bool_)
        chosen = [
            f for f, form in enumerate(forms) if may_change or self._is_spelled(form.encode())
        ]
        alone = self.tokenizer.encode_batch([forms[f] for f in chosen])
        is_one = np.diff(alone.offsets) == 1
        unknown = self.tokenizer.vocabulary.unknown_id
        if unknown is not None and len(alone.ids):
            first = alone.ids[np.minimum(alone.offsets[:-1], len(alone.ids) - 1)]
            is_one &= first != unknown
        is_single[chosen] = is_one
        return is_single

    def _is_spelled(self, form: bytes) -> bool:
        """Whether some token is the word, or a space and the word."""
        return form in self._spellings or b" " + form in self._spellings


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
        self, tokenizers: Sequence[tuple[Tokenizer, Cut]], *, cuts_at_spaces: bool
    ) -> None:
        added = {text for tokenizer, _ in tokenizers for text in tokenizer.added_texts}
        self.table = UnitTable(cuts_at_spaces=cuts_at_spaces, added_texts=sorted(added))
        self.text = Growing(np.int32, len(TEXT_FEATURES))
        self.word_forms = Ragged(np.int32)
        self.word_spans = Growing(np.int32, 2)
        self.forms: list[str] = []
        self.form_hashes = Growing(np.int64)
        self.tokens = [TokenFeatures(tokenizer, cut) for tokenizer, cut in tokenizers]
        self._form_numbers = _FormNumbers(self.forms)

    @property
    def is_full(self) -> bool:
        """Whether the table should be begun anew, to bound memory."""
        return len(self.table) > MAX_UNITS or self.table.n_characters > MAX_CHARACTERS

    def extend(self) -> None:
        """Computes the features of units that were added to the table since the last call."""
        begin = len(self.text.array)
        while begin < len(self.table):
            end = begin + 1
            size = len(self.table.units[begin])
            while end < len(self.table) and size < BATCH_CHARACTERS:
                size += len(self.table.units[end]) + 1
                end += 1
            self._extend(begin, end)
            begin = end

    def _extend(self, begin: int, end: int) -> None:
        """Computes the features of units begin to end."""
        units = self.table.units[begin:end]
        segments = segment(units)
        newlines = np.fromiter((unit.count("\n") for unit in units), np.int64, len(units))
        n_words = np.bincount(segments.word_texts, minlength=len(units))
        self.text.append(
            np.stack(
                [
                    segments.n_characters,
                    segments.n_bytes,
                    segments.n_graphemes,
                    n_words,
                    segments.n_letters,
                    segments.n_spaceless_letters,
                    newlines,
                ],
                axis=1,
            )
        )
        starts = segments.byte_at[segments.text_starts[segments.word_texts]]
        self.word_spans.append(segments.words - starts[:, None])
        n_forms = len(self.forms)
        self.word_forms.append(self._number_words(units, segments), n_words)
        new_forms = self.forms[n_forms:]
        hashes = (hash_word(form.encode()) for form in new_forms)
        self.form_hashes.append(np.fromiter(hashes, np.int64, len(new_forms)))
        for features in self.tokens:
            features.extend(units, self.table.is_first[begin:end], segments, new_forms=new_forms)

    def _number_words(self, units: Sequence[str], segments: Segments) -> NDArray[np.int64]:
        """The word form of each word, new forms added."""
        batch = SEPARATOR.join(units)
        starts, ends = segments.word_characters.T.tolist()
        words = [batch[start:end] for start, end in zip(starts, ends, strict=True)]
        numbers = map(self._form_numbers.__getitem__, words)
        return np.fromiter(numbers, np.int64, len(words))


class _FormNumbers(dict[str, int]):
    """Number by word, new words appended to a list."""

    def __init__(self, forms: list[str]) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self._forms)
        self._forms.append(word)
        return number

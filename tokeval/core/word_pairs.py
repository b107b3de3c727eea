"""The words of a chunk: how often each form occurs by block, and how its tokens cut it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import UNIT_COLUMNS, ranges
from tokeval.core.evidence import TOKENS_PER_WORD_BINS
from tokeval.core.features import TEXT_FEATURES, TokenFeatures, UnitFeatures
from tokeval.core.occurrences import Occurrences
from tokeval.core.wordforms import BLOCK_BITS, MAX_SPLIT_WORDS, SplitWords, WordForms

_LOSSY = UNIT_COLUMNS.index("lossy_texts")


class WordPairs:
    """The words of a chunk, one entry for each word of each pair of block and unit."""

    def __init__(self, features: UnitFeatures, occurrences: Occurrences) -> None:
        lengths = features.word_forms.lengths[occurrences.pair_units]
        self._places = ranges(features.word_forms.starts[occurrences.pair_units], lengths)
        self._pairs = np.repeat(np.arange(len(lengths)), lengths)
        self._weights = occurrences.pair_counts[self._pairs]
        self._forms = features.word_forms.flat[self._places].astype(np.int64)
        keys = (features.form_hashes.array[self._forms] << BLOCK_BITS) | occurrences.pair_blocks[
            self._pairs
        ]
        self._keys, self._key_of = np.unique(keys, return_inverse=True)
        self._occurrences = occurrences
        self._features = features

    def _by_key(self, weights: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sums of weights by word form and block."""
        sums = np.bincount(self._key_of, weights=weights, minlength=len(self._keys))
        return sums.astype(np.int64)

    def forms(self, tokens: TokenFeatures) -> WordForms:
        """Occurrences of each word, and those that are kept whole."""
        counts = WordForms(
            self._keys,
            self._by_key(self._weights),
            self._by_key(self._weights * tokens.is_whole.array[self._places]),
            self._by_key(self._weights * tokens.is_single.array[self._forms]),
        )
        return WordForms.total([counts])

    def tokens_per_word(self, tokens: TokenFeatures) -> NDArray[np.int64]:
        """Words by number of tokens."""
        n_tokens = np.minimum(tokens.tokens_in_word.array[self._places], TOKENS_PER_WORD_BINS - 1)
        histogram = np.bincount(n_tokens, weights=self._weights, minlength=TOKENS_PER_WORD_BINS)
        return histogram.astype(np.int64)

    def split_words(self, tokens: TokenFeatures) -> SplitWords:
        """The most frequent words of two tokens or more, each way of cutting them by itself."""
        is_split = tokens.tokens_in_word.array[self._places] >= 2
        # Each place is a word of a unit: the same word in another unit may be cut otherwise.
        _, first, place_of = np.unique(
            self._places[is_split], return_index=True, return_inverse=True
        )
        n = np.bincount(place_of, weights=self._weights[is_split]).astype(np.int64)
        places_kept = np.flatnonzero(is_split)[first]
        order = self._most_frequent(n, self._forms[places_kept])
        chosen = places_kept[order]
        counts: dict[tuple[str, tuple[bytes, ...]], int] = {}
        for count, place in zip(n[order].tolist(), chosen.tolist(), strict=True):
            word = self._features.forms[self._forms[place]]
            split = (word, self._pieces(tokens, place))
            counts[split] = counts.get(split, 0) + count
        return SplitWords(counts)

    def _most_frequent(self, n: NDArray[np.int64], forms: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places with the largest counts; ties by the hash of the word, none cut in two.

        The hash, unlike the number of a place, does not depend on what was counted before.
        """
        hashes = self._features.form_hashes.array[forms]
        order: NDArray[np.int64] = np.lexsort((hashes, -n))
        if len(order) <= MAX_SPLIT_WORDS:
            return order
        last = order[MAX_SPLIT_WORDS - 1]
        is_kept = (n > n[last]) | ((n == n[last]) & (hashes <= hashes[last]))
        return np.extract(is_kept[order], order)

    def _pieces(self, tokens: TokenFeatures, place: int) -> tuple[bytes, ...]:
        """The tokens that overlap a word; all tokens of its unit where bytes were lost."""
        pair = self._pairs[place]
        unit = self._occurrences.pair_units[pair]
        begin = tokens.ids.starts[unit]
        ids = tokens.ids.flat[begin : begin + tokens.ids.lengths[unit]]
        vocabulary = tokens.tokenizer.vocabulary
        pieces = [vocabulary.token_bytes[i] or b"" for i in ids]
        if tokens.counts.array[unit, _LOSSY]:
            return tuple(pieces)
        ends = np.cumsum(vocabulary.n_bytes[ids])
        n_before = ends[-1] - self._features.text.array[unit, TEXT_FEATURES.index("bytes")]
        start, end = self._features.word_spans.array[self._places[place]] + n_before
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(ends, end, side="left")) + 1
        return tuple(pieces[first:last])

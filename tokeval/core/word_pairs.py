"""The words of a chunk: how often each form occurs by block, and how its tokens cut it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import UNIT_COLUMNS, ranges
from tokeval.core.counting_kernels import count_marked_words, look_at_words, number_keys
from tokeval.core.evidence import TOKENS_PER_WORD_BINS
from tokeval.core.features import TEXT_FEATURES, TokenFeatures, UnitFeatures
from tokeval.core.occurrences import Occurrences
from tokeval.core.wordforms import BLOCK_BITS, MAX_SPLIT_WORDS, SplitWords, WordForms

_LOSSY = UNIT_COLUMNS.index("lossy_texts")


class WordPairs:
    """The words of a chunk, one entry for each word of each pair of block and unit."""

    def __init__(self, features: UnitFeatures, occurrences: Occurrences) -> None:
        words = features.word_forms
        n_words = int(words.lengths[occurrences.pair_units].sum())
        last_block, last_key = np.full((2, len(features.forms)), -1, np.int64)
        self._key_of, forms, blocks, n = np.empty((4, n_words), np.int64)
        n_keys = number_keys(
            occurrences.pair_blocks, occurrences.pair_units, occurrences.pair_counts, words.flat,
            words.starts, words.lengths, last_block, last_key, self._key_of, forms, blocks, n,
        )  # fmt: skip
        keys = (features.form_hashes.array[forms[:n_keys]] << BLOCK_BITS) | blocks[:n_keys]
        self._order = np.argsort(keys)
        self._keys, self._key_forms = keys[self._order], forms[:n_keys][self._order]
        self._n = n[:n_keys][self._order]
        self._occurrences = occurrences
        self._features = features

    def forms(self, tokens: TokenFeatures) -> WordForms:
        """Occurrences of each word, and those that are kept whole."""
        words, occurrences = self._features.word_forms, self._occurrences
        kept = np.zeros(len(self._keys), np.int64)
        count_marked_words(
            occurrences.pair_units, occurrences.pair_counts, words.starts, words.lengths,
            tokens.is_whole.array, self._key_of, kept,
        )  # fmt: skip
        single = self._n * tokens.is_single.array[self._key_forms]
        return WordForms.total([WordForms(self._keys, self._n, kept[self._order], single)])

    def tokens_per_word(self, tokens: TokenFeatures) -> tuple[NDArray[np.int64], SplitWords]:
        """Words by number of tokens, and the most frequent words of two tokens or more.

        Each way of cutting a word counts by itself.
        """
        units, n_occurrences = self._occurrences.distinct
        words = self._features.word_forms
        histogram = np.zeros(TOKENS_PER_WORD_BINS, np.int64)
        split = np.empty((3, int(words.lengths[units].sum())), np.int64)
        n_split = look_at_words(
            units, n_occurrences, words.starts, words.lengths, tokens.tokens_in_word.array,
            histogram, *split,
        )  # fmt: skip
        return histogram, self._split_words(tokens, *split[:, :n_split])

    def _split_words(
        self,
        tokens: TokenFeatures,
        places: NDArray[np.int64],
        units: NDArray[np.int64],
        n: NDArray[np.int64],
    ) -> SplitWords:
        """The most frequent of some words.

        Args:
            tokens: that cut them.
            places: of each word in the table.
            units: that holds it.
            n: how often it occurs.
        """
        if len(n) > MAX_SPLIT_WORDS:
            last = len(n) - MAX_SPLIT_WORDS
            often = n >= np.partition(n, last)[last]
            places, units, n = places[often], units[often], n[often]
        forms = self._features.word_forms.flat[places]
        order = self._most_frequent(n, forms)
        counts: dict[tuple[str, tuple[bytes, ...]], int] = {}
        pieces = self._pieces(tokens, places[order], units[order])
        for count, form, cut in zip(n[order].tolist(), forms[order].tolist(), pieces, strict=True):
            split = (self._features.forms[form], cut)
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

    def _pieces(
        self, tokens: TokenFeatures, places: NDArray[np.int64], units: NDArray[np.int64]
    ) -> list[tuple[bytes, ...]]:
        """The tokens that overlap each word; all tokens of its unit where bytes were lost."""
        starts, lengths = tokens.ids.starts[units], tokens.ids.lengths[units]
        ids = tokens.ids.flat[ranges(starts, lengths)]
        firsts = np.cumsum(lengths) - lengths
        n_bytes = np.concatenate(([0], np.cumsum(tokens.tokenizer.vocabulary.n_bytes[ids])))
        n_before = n_bytes[firsts + lengths] - n_bytes[firsts]
        n_before -= self._features.text.array[units, TEXT_FEATURES.index("bytes")]
        begins = (n_bytes[firsts] + n_before)[:, None] + self._features.word_spans.array[places]
        # The bytes of all units lie one after the other, so that one search serves all.
        first = np.searchsorted(n_bytes[1:], begins[:, 0], side="right")
        last = np.searchsorted(n_bytes[1:], begins[:, 1], side="left") + 1
        is_lossy = tokens.counts.array[units, _LOSSY] > 0
        first = np.where(is_lossy, firsts, first)
        last = np.where(is_lossy, firsts + lengths, np.minimum(last, firsts + lengths))
        table = tokens.tokenizer.vocabulary.token_bytes
        spelled = [table[i] or b"" for i in ids.tolist()]
        return [tuple(spelled[a:b]) for a, b in zip(first.tolist(), last.tolist(), strict=True)]

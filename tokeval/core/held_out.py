"""Held-out codes: what text costs under token statistics that were learned from other text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, Vocabulary

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

N_SPLITS = 5
"""Document d is held out in split d mod 5: 80% teach, 20% are coded, and each document is once."""

N_BYTE_SYMBOLS = 257
"""The bytes, and the end of a spelling."""


@dataclass(frozen=True)
class Events:
    """Texts as one stream of symbols, each text followed by the end symbol.

    Attributes:
        symbols: shape (n_tokens + n_texts,); numbers of the distinct ids, `end` after each text.
        contexts: the symbol before each, `end` before the first of a text.
        texts: the text of each event.
        end: the end symbol, which is also the number of distinct ids.
        spelled: bytes of all distinct ids, one after the other.
        spelled_by: the symbol that each of these bytes belongs to.
    """

    symbols: Integers
    contexts: Integers
    texts: Integers
    end: int
    spelled: Integers
    spelled_by: Integers

    @staticmethod
    def of(encoded: Encoded, vocabulary: Vocabulary) -> Events:
        """The events of encoded texts."""
        ids, index = np.unique(encoded.ids, return_inverse=True)
        end = len(ids)
        symbols = np.insert(index.astype(np.int64), encoded.offsets[1:], end)
        n_events = np.diff(encoded.offsets) + 1
        spellings = [vocabulary.token_bytes[i] or b"" for i in ids.tolist()]
        lengths = np.fromiter(map(len, spellings), np.int64, end)
        return Events(
            symbols=symbols,
            contexts=np.concatenate(([end], symbols[:-1])),
            texts=np.repeat(np.arange(len(n_events)), n_events),
            end=end,
            spelled=np.frombuffer(b"".join(spellings), dtype=np.uint8).astype(np.int64),
            spelled_by=np.repeat(np.arange(end), lengths),
        )


Coder = Callable[[Events, NDArray[np.bool_]], Array]


def held_out_bits(events: Events, splits: Integers, coder: Coder) -> Array:
    """Bits of each text, its end included, under what the texts of the other splits teach.

    Args:
        events: of all texts.
        splits: the split in which each text is held out, shape (n_texts,).
        coder: `unigram_bits` or `bigram_bits`.

    Returns:
        shape (n_texts,).
    """
    of_event = splits[events.texts]
    bits = np.zeros(len(splits))
    for split in np.unique(splits):
        held_out = of_event == split
        costs = coder(events, ~held_out)[held_out]
        bits += np.bincount(events.texts[held_out], weights=costs, minlength=len(splits))
    return bits


def unigram_bits(events: Events, teaches: NDArray[np.bool_]) -> Array:
    """−log2 P of each event under the unigram frequencies of some of them; see `symbol_bits`."""
    bits: Array = symbol_bits(events, teaches)[events.symbols]
    return bits


def symbol_bits(events: Events, teaches: NDArray[np.bool_]) -> Array:
    """−log2 P of each symbol by absolute discounting; a symbol that was not seen is spelled.

    P(t) = (c(t) − D) / N where c(t) > 0. The mass D · T / N that this leaves (T: types seen) is
    the escape to a spelling: bytes and an end, each with (n + 1/2) / (Σn + 257/2) where n counts
    the spellings of the T types, once each. So the code words of seen symbols and of all spellings
    have probabilities that sum to exactly 1. Ney, Essen and Kneser 1994; Krichevsky and Trofimov
    1981 for the bytes.

    Args:
        events: of all texts.
        teaches: which events are counted, shape (n_events,); at least one.

    Returns:
        shape (end + 1,).
    """
    counts = np.bincount(events.symbols[teaches], minlength=events.end + 1)
    is_seen = counts > 0
    n_seen, total = int(is_seen.sum()), int(counts.sum())
    discount = absolute_discount(counts[is_seen])
    escape = -np.log2(discount * n_seen / total)
    bits: Array = escape + _spelling_bits(events, is_seen)
    bits[is_seen] = -np.log2((counts[is_seen] - discount) / total)
    return bits


def bigram_bits(events: Events, teaches: NDArray[np.bool_]) -> Array:
    """−log2 P of each event given the one before it, by interpolated absolute discounting.

    P(t | h) = max(c(h t) − D, 0) / c(h) + D · T(h) / c(h) · P(t), with P(t) of `symbol_bits` and
    T(h) the types seen after h; P(t) alone where h was not seen. The codes of every context sum
    to 1, as those of the unigrams do.

    Args:
        events: of all texts.
        teaches: which events are counted, shape (n_events,); at least one.

    Returns:
        shape (n_events,).
    """
    lower = symbol_bits(events, teaches)[events.symbols]
    n_symbols = events.end + 1
    keys = events.contexts * n_symbols + events.symbols
    pairs, pair_counts = np.unique(keys[teaches], return_counts=True)
    discount = absolute_discount(pair_counts)
    in_context = np.bincount(events.contexts[teaches], minlength=n_symbols)[events.contexts]
    types = np.bincount(pairs // n_symbols, minlength=n_symbols)[events.contexts]
    place = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
    count = np.where(pairs[place] == keys, pair_counts[place], 0)
    # In an unseen context there is nothing to interpolate with: weight 1 for the unigrams.
    total = np.maximum(in_context, 1)
    weight = np.where(in_context > 0, discount * types / total, 1.0)
    direct = np.maximum(count - discount, 0.0) / total
    with np.errstate(divide="ignore"):
        # Logarithms are added, so that a long spelling does not underflow to probability 0.
        bits: Array = -np.logaddexp2(np.log2(direct), np.log2(weight) - lower)
    return bits


def absolute_discount(counts: Integers) -> float:
    """D = (n₁ + 1/2) / (n₁ + 2 n₂ + 1) from the types seen once (n₁) and twice (n₂); in (0, 1).

    The estimate of Ney, Essen and Kneser 1994, n₁ / (n₁ + 2 n₂), kept off 0 and 1.

    >>> absolute_discount(np.array([1, 1, 2, 7]))
    0.5
    """
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    return (once + 0.5) / (once + 2 * twice + 1)


def _spelling_bits(events: Events, is_seen: NDArray[np.bool_]) -> Array:
    """Bits of the bytes of each symbol and of their end, by the spellings of the seen ones."""
    counts = np.zeros(N_BYTE_SYMBOLS)
    known = is_seen[events.spelled_by]
    counts[:256] = np.bincount(events.spelled[known], minlength=256)
    counts[256] = is_seen[: events.end].sum()
    bits = -np.log2((counts + 0.5) / (counts.sum() + N_BYTE_SYMBOLS / 2))
    spelled = np.bincount(events.spelled_by, weights=bits[events.spelled], minlength=events.end + 1)
    total: Array = spelled + bits[256]
    return total

"""Held-out codes against a slow dictionary twin, hand-made values and the sum of their words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.core import held_out
from tokeval.core.held_out import Events
from tokeval.core.tokenizer import Encoded, Vocabulary

SPELLINGS = (b"a", b"b", b"ab", b"", b"ccc", b"\xff")
VOCABULARY = Vocabulary(SPELLINGS)
END = "end"
Symbol = int | str
TEXTS = st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=2, max_size=8)


def events_of(texts: Sequence[Sequence[int]], vocabulary: Vocabulary = VOCABULARY) -> Events:
    """The events of texts given as ids."""
    return Events.of(Encoded.from_lists(texts), vocabulary)


class Twin:
    """The same codes, one symbol at a time, from counters of the training texts."""

    def __init__(
        self, texts: Sequence[Sequence[int]], spellings: Sequence[bytes | None] = SPELLINGS
    ) -> None:
        self.spellings = spellings
        streams = [[*text, END] for text in texts]
        self.unigrams = Counter(symbol for stream in streams for symbol in stream)
        self.pairs = Counter(
            pair for stream in streams for pair in zip([END, *stream], stream, strict=False)
        )
        self.bytes: Counter[Symbol] = Counter()
        for symbol in self.unigrams:
            if not isinstance(symbol, str):
                self.bytes.update(self.spelled(symbol))

    def spelled(self, symbol: int) -> list[Symbol]:
        return [*(self.spellings[symbol] or b""), END]

    def bits(self, text: Sequence[int]) -> tuple[float, float]:
        """Unigram and bigram bits of a text and its end."""
        stream: list[Symbol] = [*text, END]
        pairs = zip([END, *stream], stream, strict=False)
        one = -sum(math.log2(self.unigram(symbol)) for symbol in stream)
        return one, -sum(math.log2(self.bigram(context, symbol)) for context, symbol in pairs)

    @staticmethod
    def discount(counts: Counter[object]) -> float:
        once = sum(1 for n in counts.values() if n == 1)
        twice = sum(1 for n in counts.values() if n == 2)
        return (once + 0.5) / (once + 2 * twice + 1)

    def unigram(self, symbol: Symbol) -> float:
        d, n = self.discount(Counter(self.unigrams)), sum(self.unigrams.values())
        if symbol in self.unigrams:
            return (self.unigrams[symbol] - d) / n
        assert not isinstance(symbol, str)
        p = d * len(self.unigrams) / n
        for byte in self.spelled(symbol):
            p *= (self.bytes[byte] + 0.5) / (sum(self.bytes.values()) + 128.5)
        return p

    def bigram(self, context: Symbol, symbol: Symbol) -> float:
        following = {pair[1]: n for pair, n in self.pairs.items() if pair[0] == context}
        if not following:
            return self.unigram(symbol)
        d, n = self.discount(Counter(self.pairs)), sum(following.values())
        direct = max(following.get(symbol, 0) - d, 0) / n
        return direct + d * len(following) / n * self.unigram(symbol)


@given(TEXTS)
def test_both_codes_are_those_of_the_twin(texts: list[list[int]]) -> None:
    splits = np.arange(len(texts)) % 2
    unigrams = held_out.held_out_bits(events_of(texts), splits, held_out.unigram_bits)
    bigrams = held_out.held_out_bits(events_of(texts), splits, held_out.bigram_bits)
    for t, text in enumerate(texts):
        twin = Twin([other for o, other in enumerate(texts) if o % 2 != t % 2])
        one, two = twin.bits(text)
        assert unigrams[t] == pytest.approx(one, abs=1e-9)
        assert bigrams[t] == pytest.approx(two, abs=1e-9)


def single_bytes() -> Vocabulary:
    """Ids 0 to 255 are the bytes, 256 is empty, 257 to 259 are longer tokens."""
    spellings = [*(bytes([b]) for b in range(256)), b"", b"the", b"cat", b"sat"]
    return Vocabulary(tuple(spellings))


def total_probability(bits: dict[int, float], seen: set[int], end_bits: float) -> float:
    """What the words of a code sum to, from the bits of the end, of seen ids and of spellings.

    All spellings of one byte have together 1 − P(end of spelling) of the probability of the empty
    one, which tells the escape from the spelling.
    """
    empty = 2 ** -bits[256]
    unseen_bytes = sum(2 ** -bits[b] for b in range(256))
    escape = empty / (1 - unseen_bytes / empty)
    return 2**-end_bits + sum(2 ** -bits[t] for t in seen) + escape


def test_the_words_of_the_unigram_code_sum_to_one() -> None:
    taught = [[257, 258], [257, 259, 257]]
    texts = [*taught, *([i] for i in range(260))]
    events = events_of(texts, single_bytes())
    bits = held_out.symbol_bits(events, events.texts < 2)
    by_id = {i: float(bits[i]) for i in range(260)}
    assert total_probability(by_id, {257, 258, 259}, float(bits[events.end])) == pytest.approx(1)


def test_the_words_of_the_bigram_code_sum_to_one_in_every_context() -> None:
    taught = [[257, 258], [257, 259, 257], [257]]
    for context in (257, 258, 7):
        texts = [*taught, [context], *([context, i] for i in range(260))]
        events = events_of(texts, single_bytes())
        bits = held_out.bigram_bits(events, events.texts < 3)
        second = np.searchsorted(events.texts, np.arange(len(texts))) + 1
        by_text = bits[second].tolist()
        by_id = {i: by_text[i + 4] for i in range(260)}
        total = total_probability(by_id, {257, 258, 259}, by_text[3])
        assert total == pytest.approx(1), context


def test_a_text_is_coded_without_looking_at_it() -> None:
    splits = np.array([0, 1, 0, 1])
    first = events_of([[0, 1], [0, 2], [1], [2, 2, 0]])
    second = events_of([[0, 1], [0, 2], [5, 4, 4], [2, 2, 0]])
    for coder in (held_out.unigram_bits, held_out.bigram_bits):
        before = held_out.held_out_bits(first, splits, coder)
        after = held_out.held_out_bits(second, splits, coder)
        assert before[0] == pytest.approx(after[0])
        assert before[1] != pytest.approx(after[1])


def test_a_long_unseen_token_costs_many_bits_and_not_infinitely_many() -> None:
    vocabulary = Vocabulary((b"a", b"x" * 5000))
    events = events_of([[0, 0], [1]], vocabulary)
    for coder in (held_out.unigram_bits, held_out.bigram_bits):
        bits = held_out.held_out_bits(events, np.array([0, 1]), coder)
        assert 5000 < bits[1] < 100_000


@given(st.lists(st.integers(1, 4), max_size=9))
def test_the_discount_leaves_something_of_every_count(counts: list[int]) -> None:
    assert 0 < held_out.absolute_discount(np.array(counts, dtype=np.int64)) < 1

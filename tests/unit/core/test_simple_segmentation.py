"""The rule for simple characters against ICU: every one of them, and random texts."""

from __future__ import annotations

from functools import cache

import icu
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokeval.core.segmentation import SEPARATOR, segment
from tokeval.core.simple_segmentation import are_simple, kinds_of_characters


@cache
def simple_characters() -> list[str]:
    """All simple characters; of the thousands that nothing is assigned to, some."""
    codes = np.arange(0x110000, dtype=np.uint32)
    places = np.arange(len(codes))
    found = np.flatnonzero(are_simple(codes, places, places + 1))
    unassigned = icu.UnicodeSet("[[:Cn:][:Co:]]")
    return [chr(c) for c in found.tolist() if c % 97 == 0 or not unassigned.contains(chr(c))]


def assert_as_icu(texts: list[str]) -> None:
    """Fails where words or clusters of the batch are not those of ICU's iterators."""
    batch = SEPARATOR.join(texts)
    segments = segment(texts)
    at = np.cumsum([0, *(1 + (ord(c) > 0xFFFF) for c in batch)])
    root = icu.Locale.getRoot()
    ends = []
    for make in (icu.BreakIterator.createWordInstance, icu.BreakIterator.createCharacterInstance):
        iterator = make(root)
        iterator.setText(batch)
        ends.append([0, *np.searchsorted(at, np.fromiter(iterator, np.int64)).tolist()])
    counted = (kinds_of_characters()[[ord(c) for c in batch]] & 8) > 0
    words = [[a, b] for a, b in zip(ends[0][:-1], ends[0][1:], strict=True) if counted[a:b].any()]
    assert segments.word_characters.tolist() == words
    assert segments.graphemes.tolist() == segments.byte_at[ends[1][:-1]].tolist()


def test_most_of_the_alphabets_are_simple_and_marks_are_not() -> None:
    simple = set(simple_characters())
    assert simple.issuperset("aZ09éßşЖω_.,:;'\"\r\n\t ①½€")
    assert simple.isdisjoint("\u0301\u200d漢かカ한กא\u0600\u00ad\U0001f1f9\u2060")


@pytest.mark.parametrize("context", ["a{}a{}1{}1", "{}{}'{}_{}.{}\r{}\n"])
def test_every_simple_character_in_its_places(context: str) -> None:
    assert_as_icu([context.replace("{}", character) for character in simple_characters()])


MIDDLES = st.sampled_from("a1_é'’.,:;·\u202f\uff0e\r\n \"½٣")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.text(MIDDLES, max_size=10)
        | st.lists(
            MIDDLES | st.deferred(lambda: st.sampled_from(simple_characters())), max_size=8
        ).map("".join)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
        min_size=1,
        max_size=8,
    )
)
def test_random_texts(texts: list[str]) -> None:
    assert_as_icu(texts)

"""Words, clusters and letters of batches, against ICU called text by text."""

from __future__ import annotations

import unicodedata

import icu
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tokeval.core.segmentation import Segments, segment

HOSTILE = [
    "",
    " ",
    "don't stop, x_y 3.14 1,000.50 a.b",
    "日本語の文章と漢字、カタカナ",
    "ภาษาไทยไม่มีช่องว่าง",
    "नमस्ते दुनिया",
    "👩‍👩‍👧 🇹🇷🇩🇪🇫 👍🏽",
    "e\u0301\u0301 \u0301",
    "\u0600",
    "1",
    "a\r\nb\rc\n",
    "\u2028",
    "a\u2028b\u2029c",
    "\u200d",
    "Ⅻ ½ ² ٣ 𝟙",
    "\U0010ffff\U00010000",
    "각\u11a8",
]
CHARACTERS = st.one_of(
    st.sampled_from("aé1 .',_\r\n\u2028\u0301\u0600\u200d👍🏽🇹🇷日ก्नक각\u11a8½"),
    st.characters(exclude_categories=["Cs"]),
)


def boundaries(iterator: icu.BreakIterator, text: str) -> list[str]:
    """The segments of one text, cut out of its UTF-16 by ICU's own positions."""
    utf16 = text.encode("utf-16-le")
    iterator.setText(icu.UnicodeString(text))
    ends = list(iterator)
    return [
        utf16[2 * a : 2 * b].decode("utf-16-le")
        for a, b in zip([0, *ends][:-1], ends, strict=True)
    ]  # fmt: skip


def words(text: str) -> list[str]:
    """Segments of one text with a letter or number by ICU's general categories."""
    found = boundaries(icu.BreakIterator.createWordInstance(icu.Locale.getRoot()), text)
    members = icu.UnicodeSet("[[:L:][:N:]]")
    return [piece for piece in found if any(members.contains(c) for c in piece)]


def graphemes(text: str) -> list[str]:
    return boundaries(icu.BreakIterator.createCharacterInstance(icu.Locale.getRoot()), text)


def words_of(segments: Segments, texts: list[str]) -> list[list[str]]:
    """The words of each text, read through the byte positions of the batch."""
    utf8 = "\u2028".join(texts).encode()
    found: list[list[str]] = [[] for _ in texts]
    for t, (start, end) in zip(segments.word_texts, segments.words, strict=True):
        found[t].append(utf8[start:end].decode())
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text(CHARACTERS, max_size=12), min_size=1, max_size=6))
@example(texts=HOSTILE)
def test_a_batch_is_segmented_as_its_texts_are_alone(texts: list[str]) -> None:
    segments = segment(texts)
    assert words_of(segments, texts) == [words(text) for text in texts]
    assert segments.n_graphemes.tolist() == [len(graphemes(text)) for text in texts]
    assert segments.n_characters.tolist() == [len(text) for text in texts]
    assert segments.n_bytes.tolist() == [len(text.encode()) for text in texts]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text(CHARACTERS, max_size=12), min_size=1, max_size=6))
@example(texts=HOSTILE)
def test_clusters_begin_where_icu_begins_them(texts: list[str]) -> None:
    segments = segment(texts)
    starts = segments.byte_at[segments.text_starts]
    for t, text in enumerate(texts):
        ends = np.cumsum([0, *(len(cluster.encode()) for cluster in graphemes(text))])
        within = (segments.graphemes >= starts[t]) & (
            segments.graphemes < segments.byte_at[segments.text_ends[t]]
        )
        assert (segments.graphemes[within] - starts[t]).tolist() == ends[:-1].tolist()


def test_positions_in_characters_and_bytes_name_the_same_words() -> None:
    batch = "\u2028".join(HOSTILE)
    segments = segment(HOSTILE)
    by_character = [batch[a:b] for a, b in segments.word_characters]
    by_byte = [batch.encode()[a:b].decode() for a, b in segments.words]
    assert by_character == by_byte
    assert len(by_byte) > 20


def test_letters_are_those_of_the_general_category() -> None:
    """Against Python's own tables, on characters as old as both."""
    texts = ["a1 é日ก½Ⅻ_ñ", "नि", "", "...", "가나다 abc"]
    expected = [sum(unicodedata.category(c)[0] == "L" for c in text) for text in texts]
    assert segment(texts).n_letters.tolist() == expected


@pytest.mark.parametrize(
    ("text", "n_spaceless"),
    [
        ("abc жы", 0), ("漢字かな", 4), ("カa", 1), ("ไทย", 3), ("ລາວ", 3), ("ខ្មែរ", 3), ("မြန်", 2),
        ("한국어", 0), ("नमस्ते", 0), ("、。", 0),
    ],
)  # fmt: skip
def test_letters_of_scripts_without_spaces(text: str, n_spaceless: int) -> None:
    """Marks are no letters; Korean is written with spaces."""
    assert segment([text]).n_spaceless_letters.tolist() == [n_spaceless]

"""How tokens lie over words and characters: a slow twin in plain Python, and hand cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import icu
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import toy_tokenizers as toy
from tokeval.core.alignment import UNIT_COLUMNS, Alignment, align, byte_spans
from tokeval.core.pretokens import Cut
from tokeval.core.segmentation import segment
from tokeval.core.tokenizer import (
    Encoded,
    EncodedSpans,
    Merges,
    Pretokenization,
    Tokenizer,
    Vocabulary,
)
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object

TRAINING = [
    "the lowest of the newer and the wider, 123 times",
    "don't say it's low",
    "Über naïve coöp, bir varmış bir yokmuş",
] * 4
UNKNOWN = b"?"


@dataclass
class FixedTokenizer:
    """Cuts each known text into the given pieces; the piece `?` is the unknown token.

    `spans` gives, for a text with unknown tokens, the characters of each piece.
    """

    cuts: dict[str, Sequence[bytes]]
    spans: dict[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    name: str = "fixed"
    source: str = "test"
    fingerprint: str = ""
    loader: str = "test"
    model: str = "fixed"
    merges: Merges | None = None
    pretokenization: Pretokenization | None = None
    added_texts: tuple[str, ...] = ()
    keeps_whitespace: bool = True
    bos_id: int | None = None
    eos_id: int | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        pieces = dict.fromkeys(piece for cut in self.cuts.values() for piece in cut)
        self._numbers = {piece: i + 1 for i, piece in enumerate(p for p in pieces if p != UNKNOWN)}
        self._numbers[UNKNOWN] = 0
        known = sorted((i, piece) for piece, i in self._numbers.items() if i)
        self.vocabulary = Vocabulary((b"", *(piece for _, piece in known)), unknown_id=0)

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        return Encoded.from_lists([[self._numbers[p] for p in self.cuts[t]] for t in texts])

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        encoded = self.encode_batch(texts)
        spans = [span for text in texts for span in self.spans[text]]
        return EncodedSpans(encoded.ids, encoded.offsets, np.array(spans, dtype=np.int64))

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        return text


def laid(
    text: str, pieces: Sequence[bytes], spans: Sequence[tuple[int, int]] = ()
) -> tuple[dict[str, int], Alignment]:
    """The counts of one text cut into pieces, by column, and the alignment."""
    tokenizer: Tokenizer = FixedTokenizer({text: pieces}, {text: spans})
    alignment = align(tokenizer, [text], [True], segment([text]), cut=Cut.TEXT)
    return dict(zip(UNIT_COLUMNS, alignment.counts[0].tolist(), strict=True)), alignment


def test_whole_and_continued_words_by_hand() -> None:
    """`the` whole, ` cat` whole with its space, ` sat` in two; the full stop is in no word."""
    counts, alignment = laid("the cat sat.", [b"the", b" cat", b" s", b"at", b"."])
    assert alignment.tokens_in_word.tolist() == [1, 1, 2]
    assert alignment.is_whole.tolist() == [True, True, False]
    assert counts == {
        "tokens": 5,
        "word_tokens": 4,
        "superword_tokens": 0,
        "continued_words": 1,
        "whole_words": 2,
        "split_characters": 0,
        "split_graphemes": 0,
        "broken_texts": 0,
        "lossy_texts": 0,
    }


@pytest.mark.parametrize(
    ("text", "pieces", "whole"),
    [
        ("a cat", [b"a", b" cat"], [True, True]),
        ("a cat", [b"a", b" ", b"cat"], [True, True]),
        ("a cat", [b"a ", b"cat"], [False, True]),
        ("a  cat", [b"a", b"  cat"], [True, False]),
        ("a\tcat", [b"a", b"\tcat"], [True, False]),
        ("a cat.", [b"a", b" cat."], [True, False]),
        ("(cat)", [b"(cat", b")"], [False]),
        ("a cat", [b"a c", b"at"], [False, False]),
        ("cat", [b" cat"], [True]),
        ("don't", [b"don", b"'t"], [False]),
    ],
)
def test_a_token_keeps_a_word_with_at_most_the_space_before(
    text: str, pieces: list[bytes], whole: list[bool]
) -> None:
    _, alignment = laid(text, pieces)
    assert alignment.is_whole.tolist() == whole


def test_a_token_over_two_words_counts_in_both_and_keeps_none() -> None:
    counts, alignment = laid("of the day", [b"of the", b" day"])
    assert alignment.tokens_in_word.tolist() == [1, 1, 1]
    assert alignment.is_whole.tolist() == [False, False, True]
    assert (counts["word_tokens"], counts["superword_tokens"]) == (2, 1)
    assert (counts["continued_words"], counts["whole_words"]) == (0, 1)


def test_an_unknown_token_keeps_no_word() -> None:
    """It does overlap the word, and its text is neither spelled nor restored."""
    counts, alignment = laid("a cat", [b"a", b" ", UNKNOWN], [(0, 1), (1, 2), (2, 5)])
    assert alignment.tokens_in_word.tolist() == [1, 1]
    assert alignment.is_whole.tolist() == [True, False]
    assert (counts["lossy_texts"], counts["broken_texts"], counts["word_tokens"]) == (1, 1, 2)


def test_a_character_cut_inside_is_counted_once_however_often_it_is_cut() -> None:
    smile = "\N{GRINNING FACE}".encode()
    counts, _ = laid("é\N{GRINNING FACE}", [b"\xc3", b"\xa9", *(bytes([b]) for b in smile)])
    assert (counts["split_characters"], counts["split_graphemes"]) == (2, 2)


def test_a_cluster_cut_between_its_characters_splits_no_character() -> None:
    counts, _ = laid("xe\u0301y", [b"xe", "\u0301y".encode()])
    assert (counts["split_characters"], counts["split_graphemes"]) == (0, 1)


def test_a_token_over_a_whole_cluster_and_half_of_the_next_splits_one() -> None:
    """CR LF is one cluster; a cut between them splits it."""
    counts, _ = laid("a\r\nb", [b"a\r", b"\nb"])
    assert (counts["split_characters"], counts["split_graphemes"]) == (0, 1)


# The twin: positions by brute force over every byte and every token, one text at a time.


def icu_segments(kind: str, text: str) -> list[tuple[int, int]]:
    """[start, end) characters of ICU's segments, through its own string type."""
    root = icu.Locale.getRoot()
    make = {"word": icu.BreakIterator.createWordInstance}.get(
        kind, icu.BreakIterator.createCharacterInstance
    )
    iterator = make(root)
    ustring = icu.UnicodeString(text)
    iterator.setText(ustring)
    utf16 = [0]
    for character in text:
        utf16.append(utf16[-1] + (2 if ord(character) > 0xFFFF else 1))
    ends = [utf16.index(end) for end in iterator]
    return list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []


def is_word(segment_text: str) -> bool:
    """Whether ICU says that some character is a letter or a number."""
    categories = {
        icu.UCharCategory.UPPERCASE_LETTER, icu.UCharCategory.LOWERCASE_LETTER,
        icu.UCharCategory.TITLECASE_LETTER, icu.UCharCategory.MODIFIER_LETTER,
        icu.UCharCategory.OTHER_LETTER, icu.UCharCategory.DECIMAL_DIGIT_NUMBER,
        icu.UCharCategory.LETTER_NUMBER, icu.UCharCategory.OTHER_NUMBER,
    }  # fmt: skip
    return any(icu.Char.charType(character) in categories for character in segment_text)


def token_byte_spans(tokenizer: Tokenizer, text: str) -> tuple[list[int], list[range], bool]:
    """Ids, bytes of the text under each token, and whether the tokens spell the text."""
    spanned = tokenizer.encode_with_spans([text])
    ids = spanned.ids.tolist()
    pieces = [tokenizer.vocabulary.token_bytes[i] or b"" for i in ids]
    joined, utf8 = b"".join(pieces), text.encode()
    if joined in (utf8, b" " + utf8):
        end = -(len(joined) - len(utf8))
        spans = []
        for piece in pieces:
            spans.append(range(max(end, 0), max(end + len(piece), 0)))
            end += len(piece)
        return ids, spans, True
    at = [len(text[:i].encode()) for i in range(len(text) + 1)]
    return ids, [range(at[a], at[b]) for a, b in spanned.spans.tolist()], False


def twin(tokenizer: Tokenizer, text: str) -> tuple[dict[str, int], list[int], list[bool]]:
    """What `align` counts, by definition and slowly."""
    at = [len(text[:i].encode()) for i in range(len(text) + 1)]
    ids, spans, spelled = token_byte_spans(tokenizer, text)
    words = [
        range(at[a], at[b]) for a, b in icu_segments("word", text) if is_word(text[a:b])
    ]  # fmt: skip
    under = [[set(span) & set(word) != set() for word in words] for span in spans]
    per_word = [sum(row[w] for row in under) for w in range(len(words))]
    whole = []
    for w, word in enumerate(words):
        covering = [t for t, row in enumerate(under) if row[w]]
        allowed = [word]
        if word.start and text.encode()[word.start - 1] == ord(" "):
            allowed.append(range(word.start - 1, word.stop))
        whole.append(
            len(covering) == 1
            and spans[covering[0]] in allowed
            and ids[covering[0]] != tokenizer.vocabulary.unknown_id
        )
    starts = {span.start for span in spans}
    cut = set()
    for c, (first, last) in enumerate(pairwise(at)):
        n_covering = sum(bool(set(span) & set(range(first, last))) for span in spans)
        if starts & set(range(first + 1, last)) or (not spelled and n_covering >= 2):
            cut.add(c)
    clusters = [
        (a, b)
        for a, b in icu_segments("character", text)
        if starts & set(range(at[a] + 1, at[b])) or cut & set(range(a, b))
    ]
    counts = {
        "tokens": len(ids),
        "word_tokens": sum(any(row) for row in under),
        "superword_tokens": sum(sum(row) >= 2 for row in under),
        "continued_words": sum(n >= 2 for n in per_word),
        "whole_words": sum(whole),
        "split_characters": len(cut),
        "split_graphemes": len(clusters),
        "lossy_texts": int(not spelled),
    }
    return counts, per_word, whole


@cache
def tokenizer_of(kind: str) -> Tokenizer:
    if kind == "bytes":
        return ByteTokenizer()
    if kind == "characters":
        return CharacterTokenizer()
    return adapt_tokenizers_object(getattr(toy, kind)(TRAINING), name=kind, source="test")


KINDS = (
    "byte_level_bpe",
    "sentencepiece_bpe",
    "lowercase_wordpiece",
    "unigram",
    "word_level",
    "bytes",
)
HOSTILE = [
    "", " ", "the lowest of the newer", "  the  day ", "don't it's", "THE Über naïve coöp Ünder",
    "👩‍👩‍👧 the 🇹🇷🇩🇪 👍🏽", "xe\u0301\u0301 \u0301", "\u0600 1 \u0600a", "a\r\nb\n\nthe",
    "日本語 the ภาษา नमस्ते", "x_y 3.14 1,000 Ⅻ ½ ²", "\x00 the\x01 \ufeff", "the\u2028low\u2029new",
]  # fmt: skip
PIECES = st.sampled_from(
    [
        *"aeTo.,' \n1éşж日न",
        "the",
        " low",
        "er ",
        "e\u0301",
        "\u094d",
        "👍",
        "🏽",
        "\u200d",
        "\u0600",
    ]
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.lists(PIECES, max_size=12).map("".join), min_size=1, max_size=5))
@example(texts=HOSTILE)
def test_alignment_equals_its_slow_twin(kind: str, texts: list[str]) -> None:
    tokenizer = tokenizer_of(kind)
    alignment = align(tokenizer, texts, [True] * len(texts), segment(texts), cut=Cut.TEXT)
    per_word: list[int] = []
    whole: list[bool] = []
    for t, text in enumerate(texts):
        counts, in_words, kept = twin(tokenizer, text)
        found = dict(zip(UNIT_COLUMNS, alignment.counts[t].tolist(), strict=True))
        del found["broken_texts"]
        assert found == counts, text
        per_word += in_words
        whole += kept
    assert alignment.tokens_in_word.tolist() == per_word
    assert alignment.is_whole.tolist() == whole


@pytest.mark.parametrize("kind", KINDS)
def test_byte_spans_equal_the_twin(kind: str) -> None:
    tokenizer = tokenizer_of(kind)
    encoded, spans = byte_spans(tokenizer, HOSTILE)
    expected = [token_byte_spans(tokenizer, text) for text in HOSTILE]
    assert encoded.ids.tolist() == [i for ids, _, _ in expected for i in ids]
    assert spans.tolist() == [
        [span.start, span.stop] for _, of_text, _ in expected for span in of_text
    ]


def test_declared_normalisation_is_lossy_but_not_broken() -> None:
    """The WordPiece lowercases: the text is not spelled, and yet nothing is broken."""
    tokenizer = tokenizer_of("lowercase_wordpiece")
    texts = ["The low", "the low", "the \N{SNOWMAN}"]
    alignment = align(tokenizer, texts, [True] * 3, segment(texts), cut=Cut.TEXT)
    columns = [UNIT_COLUMNS.index("broken_texts"), UNIT_COLUMNS.index("lossy_texts")]
    assert alignment.counts[:, columns].tolist() == [[0, 1], [0, 1], [1, 1]]

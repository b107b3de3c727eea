"""Pre-tokens are those that the tokenizer's own library gives before its model."""

import json
import pickle
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from tests import toy_tokenizers as toy
from tokeval.core.tokenizer import Tokenizer as AnyTokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.ranked_bpe import RankedDefinition, RankedTokenizer
from tokeval.loaders.tiktoken_files import PATTERNS
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.pretokenization.pretokenizing import pretokenizer_of
from tokeval.pretokenization.scanners_normal import Prepended, Replaced, Steps, line_form, same

TEXTS = (
    "Hello world, it's 2024.  Two  spaces\n\n and\tlines \r\n",
    " leading and trailing ",
    "e\u0301te\u0301 \u00c5ngstr\u00f6m \ufb01 \u2460 \U0001f600\u0301 \U000113c2\U000113b8",
    "\u4e2d\u6587abc \u65e5\u672c\u30fb\u30ab 12345 \u0e44\u0e17\u0e22\u0e01",
    "\u2581mark \u2581\u2581 a\u2581b",
    "   ",
    "a<0x41>b </w> ## \u0120x",
    "",
)
BYTE_OF = {
    character: byte
    for byte, character in zip(
        [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
        + [b for b in range(256) if not (0x21 <= b < 0x7F or 0xA1 <= b < 0xAD or b >= 0xAE)],
        [chr(b) for b in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))]
        + [chr(256 + i) for i in range(68)],
        strict=True,
    )
}


def by_the_library(library: Tokenizer, text: str, *, byte_level: bool) -> list[bytes]:
    """The pieces before the model, read by GPT-2's table of bytes, or with a space for the mark."""
    normal = library.normalizer.normalize_str(text) if library.normalizer else text
    pieces = [piece for piece, _ in library.pre_tokenizer.pre_tokenize_str(normal)]
    if byte_level:
        return [bytes(BYTE_OF[character] for character in piece) for piece in pieces]
    return [piece.replace("\u2581", " ").encode() for piece in pieces]


def front(pre_tokenizer: Any, normalizer: Any = None) -> Tokenizer:
    library = Tokenizer.from_str(toy.byte_level_bpe(["some text"]).to_str())
    library.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        library.normalizer = normalizer
    return library


def splits(*patterns: str, behavior: str = "isolated", invert: bool = False) -> Any:
    parts = [pre_tokenizers.Split(Regex(p), behavior, invert=invert) for p in patterns]
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([*parts, last])


BYTE_LEVEL = pre_tokenizers.ByteLevel
FRONTS = {
    "gpt2": (front(BYTE_LEVEL(add_prefix_space=False)), True),
    "gpt2 prefix": (front(BYTE_LEVEL(add_prefix_space=True)), True),
    "gpt2 nfc": (front(BYTE_LEVEL(add_prefix_space=False), normalizers.NFC()), True),
    "gpt2 nfkc": (front(BYTE_LEVEL(add_prefix_space=False), normalizers.NFKC()), True),
    "gpt2 replace": (
        front(
            BYTE_LEVEL(add_prefix_space=False),
            normalizers.Sequence([normalizers.Replace("l", "L\u0301"), normalizers.NFC()]),
        ),
        True,
    ),
    "llama3": (front(splits(PATTERNS["llama3"])), True),
    "o200k removed": (front(splits(PATTERNS["o200k"], behavior="removed", invert=True)), True),
    "digits first": (
        front(pre_tokenizers.Sequence([pre_tokenizers.Digits(True), BYTE_LEVEL(False)])),
        False,
    ),
    "llama3 merged": (front(splits(PATTERNS["llama3"], behavior="merged_with_next")), False),
    "matches removed": (front(splits(PATTERNS["llama3"], behavior="removed")), False),
    "unknown": (front(splits(r"\w+|\W")), False),
    "prefix to each": (
        front(
            pre_tokenizers.Sequence(
                [pre_tokenizers.Split(Regex(r"\d"), "isolated"), BYTE_LEVEL(True)]
            )
        ),
        False,
    ),
}


@pytest.mark.parametrize("name", FRONTS)
def test_is_the_library_for_byte_level_fronts(name: str) -> None:
    library, is_fast = FRONTS[name]
    tokenizer = adapt_tokenizers_object(library, name=name, source="test")
    pretokenizer = pretokenizer_of(tokenizer)
    for text in TEXTS:
        expected = by_the_library(library, text, byte_level=True)
        assert pretokenizer.pretokens(text) == expected, repr(text)
    assert pretokenizer.is_fast == is_fast
    assert is_fast != any("No scanner" in note for note in pretokenizer.notes)


@pytest.mark.parametrize("scheme", ["always", "first", "never"])
def test_is_the_library_for_metaspace(scheme: str) -> None:
    library = toy.unigram(["the cat sat on the mat with the hat"] * 9, prepend_scheme=scheme)
    pretokenizer = pretokenizer_of(adapt_tokenizers_object(library, name="t5", source="test"))
    assert pretokenizer.is_fast
    for text in TEXTS:
        assert pretokenizer.pretokens(text) == by_the_library(library, text, byte_level=False)


def test_words_without_a_pre_tokenizer_begin_at_spaces_and_end_with_lines() -> None:
    library = toy.sentencepiece_bpe(["one two three four"] * 30, vocab_size=300)
    tokenizer = adapt_tokenizers_object(library, name="llama", source="test")
    pretokenizer = pretokenizer_of(tokenizer)
    assert pretokenizer.pretokens("one two\n\nthree") == [b" one", b" two", b" three"]
    assert any("no pre-tokenizer" in note for note in pretokenizer.notes)
    assert any("line" in note for note in pretokenizer.notes)


def test_lines_normalised_at_once_are_those_normalised_alone() -> None:
    library = toy.sentencepiece_bpe(["one two three four"] * 30, vocab_size=300)
    pretokenizer = pretokenizer_of(adapt_tokenizers_object(library, name="llama", source="test"))
    assert line_form(pretokenizer.normalize) is not None
    texts = ["\n", "", "a b\n\n c\r\n", *TEXTS, "x\u2028y\x0bz\n\u2581 \n"]
    lines = [line for text in texts for line in text.split("\n")]
    alone = [library.normalizer.normalize_str(line).replace("\u2581", " ") for line in lines]
    data, _ = pretokenizer.cut(texts)
    assert data.tobytes() == "".join(alone).encode()
    assert [piece for text in texts for piece in pretokenizer.pretokens(text)] == (
        [piece for line in lines for piece in pretokenizer.pretokens(line)]
    )


@given(st.text(st.sampled_from("ab \n\n\n\r"), max_size=20), st.sampled_from("a \u2581"))
def test_a_string_before_each_line(text: str, before: str) -> None:
    lines = [before + line if line else "" for line in text.split("\n")]
    form = line_form(Prepended(before))
    assert form is not None
    assert form(text) == "\n".join(lines)


def test_what_may_reach_over_a_line_end_is_not_done_at_once() -> None:
    assert line_form(Replaced("a", "\n")) is None
    assert line_form(Steps((Prepended("x"), Replaced("a\n", "b")))) is None
    assert line_form(Prepended("\n")) is None
    assert line_form(same) is None


def test_a_split_at_spaces_that_the_normaliser_has_replaced_cuts_nothing() -> None:
    """Gemma has such a one."""
    definition = json.loads(toy.sentencepiece_bpe(["one two three four"] * 30).to_str())
    definition["pre_tokenizer"] = {
        "type": "Split",
        "pattern": {"String": " "},
        "behavior": "MergedWithPrevious",
        "invert": False,
    }
    library = Tokenizer.from_str(json.dumps(definition))
    pretokenizer = pretokenizer_of(adapt_tokenizers_object(library, name="gemma", source="test"))
    assert pretokenizer.pretokens("one two") == [b" one", b" two"]


def ranked(pattern: str, *, nfc: bool = False) -> RankedTokenizer:
    ranks = {bytes([byte]): byte for byte in range(256)}
    return RankedTokenizer(RankedDefinition(ranks, pattern, nfc=nfc), name="r", source="test")


def test_ranks_are_cut_by_their_pattern_with_and_without_a_scanner() -> None:
    fast = pretokenizer_of(ranked(PATTERNS["llama3"]))
    slow = pretokenizer_of(ranked("(?:" + PATTERNS["llama3"] + ")"))
    assert (fast.is_fast, slow.is_fast) == (True, False)
    assert "regex" in slow.notes[0]
    for text in TEXTS:
        assert fast.pretokens(text) == slow.pretokens(text)
        assert b"".join(fast.pretokens(text)) == text.encode()


def test_ranks_in_nfc_are_composed_first() -> None:
    assert pretokenizer_of(ranked(PATTERNS["qwen"], nfc=True)).pretokens("e\u0301 x") == (
        ["\u00e9".encode(), b" x"]
    )


def test_several_texts_are_cut_apart() -> None:
    pretokenizer = pretokenizer_of(ranked(PATTERNS["gpt2"]))
    data, ends = pretokenizer.cut(["a  ", "", "  b", "c"])
    pieces = [data[i:j].tobytes() for i, j in pairwise([0, *ends.tolist()])]
    assert pieces == [b"a", b"  ", b" ", b" b", b"c"]


def test_it_goes_to_other_processes() -> None:
    for library, _ in FRONTS.values():
        made = pretokenizer_of(adapt_tokenizers_object(library, name="x", source="test"))
        again = pickle.loads(pickle.dumps(made))  # noqa: S301 - made here
        assert again.pretokens(TEXTS[2]) == made.pretokens(TEXTS[2])


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(TokevalError, match="lone surrogate"):
        pretokenizer_of(ranked(PATTERNS["gpt2"])).pretokens("a\ud800")


def test_a_tokenizer_that_does_not_say_how_it_cuts_is_refused() -> None:
    mute = cast("AnyTokenizer", SimpleNamespace(source="mute.py", pretokenization=None))
    with pytest.raises(TokevalError, match=r"mute\.py does not say"):
        pretokenizer_of(mute)


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("e\u0301\u0323\u1100\u1161\n a")))
@settings(max_examples=200)
def test_fast_nfc_is_that_of_the_library(text: str) -> None:
    pretokenizer = pretokenizer_of(NFC_TOKENIZER)
    assert pretokenizer.normalize(text) == normalizers.NFC().normalize_str(text)


NFC_TOKENIZER = adapt_tokenizers_object(FRONTS["gpt2 nfc"][0], name="nfc", source="test")

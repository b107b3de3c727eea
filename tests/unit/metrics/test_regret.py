"""Segmentation regret: published, by hand, against every segmentation there is, undefined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from tests import toy_tokenizers
from tests.unit.metrics.studied import context_of, flores, sample_of, value
from tokeval.core.study import Subject, Tally
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.loaders.json_encoding import JsonTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics import regret
from tokeval.metrics.regret import Lexis, fewest_tokens, segmentation_regret

TEXTS = [f"unbelievable cats sat {n} times on unlikely mats" for n in range(12)]
PIECES = st.text(st.sampled_from("ab"), max_size=8).map(str.encode)


def greedy() -> Tokenizer:
    """A BPE whose first merge spoils `abc`: a, b, c, ab, bc, abc by (a bc); `ab` comes first."""
    letters = {letter: i for i, letter in enumerate("abc ")}
    vocabulary = letters | {"ab": 4, "bc": 5, "abc": 6}
    model = tokenizers.models.BPE(vocabulary, [("a", "b"), ("b", "c"), ("a", "bc")])
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = tokenizers.pre_tokenizers.Split(" ", "isolated")
    return adapt_tokenizers_object(library, name="greedy", source="greedy")


def segmentations(piece: bytes, tokens: frozenset[bytes]) -> Iterator[int]:
    """The number of tokens of every segmentation of a piece."""
    if not piece:
        yield 0
    for end in range(1, len(piece) + 1):
        if piece[:end] in tokens:
            yield from (1 + rest for rest in segmentations(piece[end:], tokens))


@pytest.mark.case(golden=["segmentation_regret"])
def test_a_first_merge_that_spoils_a_word_by_hand() -> None:
    # `abc` is ab + c where abc would do; `bc` is one: 2 + 1 + 1 tokens for 1 + 1 + 1.
    tokenizer = greedy()
    assert tokenizer.encode_batch(["abc bc"]).ids.tolist() == [4, 2, 3, 5]
    context = context_of(tokenizer, sample_of(["abc bc"]), regret.STUDY)
    assert value(segmentation_regret, context) == pytest.approx(4 / 3 - 1)


@pytest.mark.case(golden=["segmentation_regret"])
@pytest.mark.parametrize(
    ("language", "published"), [("en", 0.004), ("de", 0.032), ("fi", 0.048), ("hi", 0.0)]
)
def test_published_regret_of_gpt_neox(
    gpt_neox: Tokenizer, shared: Path, language: str, published: float
) -> None:
    sample = sample_of(flores(shared, language), language)
    context = context_of(gpt_neox, sample, regret.STUDY)
    assert value(segmentation_regret, context) == pytest.approx(published, abs=0.0005)
    assert context.tallies[regret.STUDY.name].columns["tokens"].sum() == len(
        gpt_neox.encode_batch(sample.texts).ids
    )


@pytest.fixture(scope="module")
def gpt_neox(shared: Path) -> Tokenizer:
    return load_tokenizer(str(shared / "data" / "tokenizers" / "dolly-v2-12b.json"))


@given(PIECES, st.sets(PIECES.filter(bool), max_size=8))
def test_fewest_is_the_least_of_all_segmentations(piece: bytes, tokens: set[bytes]) -> None:
    lexis = Lexis.of(Vocabulary(tuple(sorted(tokens))))
    assert fewest_tokens(piece, lexis) == min(segmentations(piece, lexis.tokens), default=None)


@pytest.mark.case(oracle=["segmentation_regret"])
@pytest.mark.parametrize("kind", ["byte_level_bpe", "sentencepiece_bpe", "unigram"])
def test_the_regret_of_small_tokenizers_is_that_of_all_segmentations(kind: str) -> None:
    library = getattr(toy_tokenizers, kind)(TEXTS, vocab_size=340)
    tokenizer = adapt_tokenizers_object(library, name=kind, source=kind)
    tokens = Lexis.of(tokenizer.vocabulary).tokens
    n_tokens = n_fewest = 0
    for text in TEXTS:
        n_tokens += len(tokenizer.encode_batch([text]).ids)
        words = tokenizer.normalize(text).replace(" ", "\0 ").lstrip("\0").split("\0")
        n_fewest += sum(min(segmentations(word.encode(), tokens)) for word in words)
    context = context_of(tokenizer, sample_of(TEXTS), regret.STUDY)
    assert value(segmentation_regret, context) == pytest.approx(n_tokens / n_fewest - 1)


@pytest.mark.case(undefined=["segmentation_regret"])
def test_where_the_fewest_tokens_are_not_defined() -> None:
    pieces = adapt_tokenizers_object(
        toy_tokenizers.lowercase_wordpiece(TEXTS), name="pieces", source="pieces"
    )
    phrases = tokenizers.Tokenizer(
        tokenizers.models.BPE({"a": 0, " ": 1, "a ": 2, "a a": 3}, [("a", " "), ("a ", "a")])
    )
    superword = adapt_tokenizers_object(phrases, name="superword", source="superword")
    for tokenizer, texts, reason in (
        (pieces, TEXTS, "WordPiece"),
        (superword, ["a a"], "go across spaces"),
        (CharacterTokenizer(), TEXTS, "more than 1,000,000 entries"),
        (greedy(), ["xyz"], "no sampled text is spelled"),
        (greedy(), [""], "no sampled text is spelled"),
    ):
        found = segmentation_regret(context_of(tokenizer, sample_of(texts), regret.STUDY))
        assert isinstance(found, Undefined)
        assert reason in found.reason


def test_bytes_leave_nothing_to_regret() -> None:
    context = context_of(ByteTokenizer(), sample_of(TEXTS), regret.STUDY)
    assert value(segmentation_regret, context) == 0


def test_texts_that_are_not_spelled_are_left_out_by_block() -> None:
    tally = regret.measure(Subject(greedy(), sample_of(["abc", "xyz", "bc bc"])))
    assert isinstance(tally, Tally)
    assert {name: column.tolist() for name, column in tally.columns.items()} == {
        "tokens": [2, 0, 3],
        "fewest": [1, 0, 3],
    }
    assert np.issubdtype(tally.columns["tokens"].dtype, np.integer)


def test_special_tokens_are_no_way_to_spell_a_text() -> None:
    vocabulary = Vocabulary((b"<s>", b"<", b"s", b">"), special=frozenset({0}))
    assert fewest_tokens(b"<s>", Lexis.of(vocabulary)) == 3


def test_tokens_across_what_the_definition_says_leave_nothing_to_compare() -> None:
    tokenizer = greedy()
    assert isinstance(tokenizer, JsonTokenizer)
    assert tokenizer.pretokenization is not None
    wrong = replace(tokenizer.pretokenization, patterns=("b",))
    crossing = replace(tokenizer, pretokenization=wrong)
    found = regret.measure(Subject(crossing, sample_of(["abc bc"])))
    assert isinstance(found, Undefined)
    assert "keep inside the pre-tokens" in found.reason

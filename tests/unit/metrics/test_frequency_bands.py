"""Frequent and rare words, and text without some of it: by hand, one by one, undefined."""

from __future__ import annotations

import unicodedata
from collections import Counter

import numpy as np
import pytest
import tokenizers

from tests import toy_tokenizers
from tests.unit.metrics.studied import context_of, evidence_of, sample_of, value
from tokeval.core.metric import Folds
from tokeval.core.segmentation import segment
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics import frequency_bands
from tokeval.metrics.frequency_bands import (
    STUDY,
    Words,
    fertility_frequent,
    fertility_rare,
    punctuation_token_share,
    stopword_token_share,
)

METRICS = [
    "fertility_frequent",
    "fertility_rare",
    "punctuation_token_share",
    "stopword_token_share",
]
TEXTS = ["The cat, the dog: it's the end!", "A dog saw the zebra (an okapi)...", "the end"]


def toy() -> Tokenizer:
    """A byte-level tokenizer of the texts."""
    library = toy_tokenizers.byte_level_bpe(TEXTS * 3, vocab_size=264)
    return adapt_tokenizers_object(library, name="toy", source="toy")


@pytest.mark.case(golden=["fertility_frequent", "fertility_rare"])
def test_bytes_of_frequent_and_of_rare_words_by_hand() -> None:
    # Of 16 words `the` is five, `dog` and `end` two each: it takes all three to make half. The
    # bytes of a word are its letters; the spaces are tokens of their own.
    context = context_of(ByteTokenizer(), sample_of(TEXTS), STUDY)
    folds = fertility_frequent(context)
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [3, 3, 3, 3]
    tally = context.tallies[STUDY.name]
    assert not isinstance(tally, Undefined)
    assert tally.columns["frequent_words"].tolist() == [5, 2, 2]
    # cat, it's; a, saw, zebra, an, okapi
    assert tally.columns["rare_words"].tolist() == [2, 5, 0]
    assert value(fertility_rare, context) == (3 + 4 + 1 + 3 + 5 + 2 + 5) / 7


@pytest.mark.case(golden=["punctuation_token_share", "stopword_token_share"])
def test_bytes_saved_by_hand() -> None:
    # `it's` keeps its apostrophe: it is inside a word.
    words = Words.of(TEXTS)
    assert words.without_punctuation() == [
        "The cat the dog it's the end",
        "A dog saw the zebra an okapi",
        "the end",
    ]
    context = context_of(ByteTokenizer(), sample_of(TEXTS), STUDY)
    assert value(punctuation_token_share, context) == 8 / sum(map(len, TEXTS))
    # All 11 forms are among the 50 most frequent, with the spaces before them.
    assert words.without_stopwords() == [",:!", " ()...", ""]
    assert value(stopword_token_share, context) == 1 - 9 / sum(map(len, TEXTS))


@pytest.mark.case(oracle=["fertility_frequent", "fertility_rare"])
def test_tokens_of_words_are_those_counted_character_by_character() -> None:
    tokenizer = toy()
    shares: dict[str, list[float]] = {}
    for text in TEXTS:
        words = segment([text]).words.tolist()
        in_word = [0.0] * len(words)
        end = 0
        for token in tokenizer.encode_batch([text]).ids.tolist():
            start, end = end, end + len(tokenizer.vocabulary.token_bytes[token] or b"")
            under = [
                w for w, (a, b) in enumerate(words) if set(range(a, b)) & set(range(start, end))
            ]
            for w in under:
                in_word[w] += 1 / len(under)
        for (a, b), n in zip(words, in_word, strict=True):
            shares.setdefault(text[a:b].casefold(), []).append(n)
    counts = Counter({form: len(each) for form, each in shares.items()})
    rare = [n for form, each in shares.items() if counts[form] == 1 for n in each]
    frequent = shares["the"] + shares["dog"] + shares["end"]
    assert len({*frequent}) > 1
    context = context_of(tokenizer, sample_of(TEXTS), STUDY)
    assert value(fertility_rare, context) == pytest.approx(sum(rare) / len(rare))
    assert value(fertility_frequent, context) == pytest.approx(sum(frequent) / len(frequent))


@pytest.mark.case(oracle=["punctuation_token_share", "stopword_token_share"])
def test_what_is_saved_is_what_the_shorter_texts_do_not_need() -> None:
    texts = [f"Well, {'no' * n} - yes; one: {n}!" for n in range(1, 60)]
    tokenizer = toy()
    context = context_of(tokenizer, sample_of(texts), STUDY)
    n_tokens = len(tokenizer.encode_batch(texts).ids)
    bare = [
        "".join(c for c in text if not unicodedata.category(c).startswith("P")) for text in texts
    ]
    expected = 1 - len(tokenizer.encode_batch(bare).ids) / n_tokens
    assert value(punctuation_token_share, context) == pytest.approx(expected)
    # Well, yes and one in each; 47 more forms in the order of Unicode: numbers before `no`.
    numbers = sorted(str(n) for n in range(1, 60))[:47]
    left = [
        f", {'no' * n} -;:" + ("" if str(n) in numbers else f" {n}") + "!" for n in range(1, 60)
    ]
    expected = 1 - len(tokenizer.encode_batch(left).ids) / n_tokens
    assert value(stopword_token_share, context) == pytest.approx(expected)


def test_a_token_over_two_words_counts_half_in_each() -> None:
    model = tokenizers.models.WordLevel({"[UNK]": 0, "in the": 1, " end": 2}, unk_token="[UNK]")  # noqa: S106
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex("in the"), "isolated")
    tokenizer = adapt_tokenizers_object(library, name="phrases", source="phrases")
    assert Words.of(["in the end"]).tokens_in(tokenizer).tolist() == [0.5, 0.5, 1]


@pytest.mark.case(undefined=METRICS)
def test_without_text_there_is_no_share() -> None:
    context = context_of(toy(), sample_of(["", ""]), STUDY)
    for metric in frequency_bands.METRICS:
        assert metric.compute(context) == Undefined("there is no text")


@pytest.mark.case(undefined=["fertility_frequent", "fertility_rare", "stopword_token_share"])
def test_words_of_scripts_without_spaces_are_undefined() -> None:
    evidence = evidence_of(letters=(9, 1), spaceless_letters=(9, 0))
    context = context_of(toy(), sample_of(["今日は天気"]), STUDY, evidence=evidence)
    for compute in (fertility_frequent, fertility_rare, stopword_token_share):
        found = compute(context)
        assert isinstance(found, Undefined)
        assert "without spaces" in found.reason
    assert not isinstance(punctuation_token_share(context), Undefined)


def test_a_band_without_words_is_undefined() -> None:
    once = context_of(toy(), sample_of(["one two"]), STUDY)
    assert isinstance(fertility_frequent(once), Undefined)
    twice = context_of(toy(), sample_of(["one one"]), STUDY)
    assert isinstance(fertility_rare(twice), Undefined)
    signs = context_of(toy(), sample_of(["... !!!"]), STUDY)
    assert isinstance(fertility_rare(signs), Undefined)
    assert value(stopword_token_share, signs) == 0


def test_the_bars_are_bands_of_occurrences() -> None:
    context = context_of(ByteTokenizer(), sample_of(TEXTS), STUDY)
    (bars,) = frequency_bands.series("bytes", context)
    assert bars.x == ("1", "2–3", "4–7")
    assert bars.y == pytest.approx((23 / 7, 3, 3))
    assert np.isfinite(bars.y).all()

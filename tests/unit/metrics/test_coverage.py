"""Coverage: letters and words of a language in a small vocabulary, by hand and recounted slowly."""

import random
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import icu
import pytest

from tests.unit.metrics.studied import evidence_of, value
from tokeval.core.metric import Context
from tokeval.core.resources import Lexicon, Resources
from tokeval.core.study import Sample, Study, Subject, Tally, pool_tallies
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.metrics import coverage

BY_ID = {metric.info.id: metric for metric in coverage.METRICS}
LEXICONS = Resources(
    lexicons={
        "sw": Lexicon("given", frozenset({"watu", "na"}), frozenset({"wa"})),
        "tr": Lexicon("given", frozenset({"ılık", "iyi"}), frozenset()),
    }
)
SWAHILI = "abcdefghijklmnoprstuvwyz"

# <s> is special, <0x62> is declared to be a byte: neither is the letter b.
TOKENS = (
    b"<s>", b"b", b"a", b" a", b" k", b" z ", b"A", b"q", b"watu", b" Watu", b"na", b" na watu",
    b"  ", b"wat1", b"\xff", b"xyz", b"m\n", None, b" NA",
)  # fmt: skip
VOCABULARY = Vocabulary(TOKENS, frozenset({0}), frozenset({1, 14}))


def tallied(
    vocabulary: Vocabulary,
    study: Study,
    name: str = "sw",
    *,
    resources: Resources = LEXICONS,
    labels: Mapping[str, str] | None = None,
) -> Tally | Undefined:
    tokenizer: Any = SimpleNamespace(vocabulary=vocabulary)
    sample = Sample(name, (), labels or {})
    return study.measure(Subject(cast(Tokenizer, tokenizer), sample, resources))


def context(metric_id: str, tally: Tally | Undefined) -> Context:
    study = BY_ID[metric_id].study
    assert study is not None
    return Context(evidence_of(), VOCABULARY, tallies={study.name: tally})


def measured(metric_id: str, vocabulary: Vocabulary, name: str = "sw", **labels: str) -> float:
    study = BY_ID[metric_id].study
    assert study is not None
    found = context(metric_id, tallied(vocabulary, study, name, labels=labels))
    return value(BY_ID[metric_id].compute, found)


BY_HAND = {
    # a, k; not z with a space behind it, nor A, nor m with a line end
    "exemplar_coverage": 2 / 24,
    # a, _a, _k, _z_, A, watu, _Watu, na, m, _NA
    "exemplar_tokens": 10 / 18,
    # watu, _Watu, na, _NA
    "lexicon_tokens": 4 / 18,
}


@pytest.mark.case(golden=[*BY_HAND])
@pytest.mark.parametrize("metric_id", BY_HAND)
def test_swahili_counted_by_hand(metric_id: str) -> None:
    assert "".join(sorted(coverage.exemplar_letters("sw"))) == SWAHILI
    assert measured(metric_id, VOCABULARY) == pytest.approx(BY_HAND[metric_id])
    assert measured(metric_id, VOCABULARY, "mine", bcp47="sw") == BY_HAND[metric_id]
    assert measured(metric_id, VOCABULARY, "mine", bcp47="sw-TZ") == BY_HAND[metric_id]
    assert {*BY_HAND} == {*BY_ID}


def test_turkish_words_are_lowered_as_turkish_ones() -> None:
    tokens = Vocabulary((b"ILIK", " İYİ".encode(), b"IYI"))
    assert measured("lexicon_tokens", tokens, "tr") == pytest.approx(2 / 3)
    assert measured("exemplar_tokens", tokens, "tr") == 1


def slow(vocabulary: Vocabulary, tag: str, words: frozenset[str]) -> dict[str, float]:
    """The three shares, token by token and letter by letter."""
    pattern = icu.LocaleData(tag).getExemplarSet()
    letters = {char for member in pattern for char in member}
    texts = []
    for i, token in enumerate(vocabulary.token_bytes):
        if i in vocabulary.special or i in vocabulary.byte_tokens:
            continue
        try:
            texts.append((token or b"").decode())
        except UnicodeDecodeError:
            continue
    wide = letters | {char.upper() for char in letters} | {char.lower() for char in letters}
    held = sum(1 for token in vocabulary.token_bytes if token is not None)
    spelled = [text for text in texts if text.strip() and all(c in wide for c in text.strip())]
    return {
        "exemplar_coverage": sum(any(t in (c, " " + c) for t in texts) for c in letters)
        / len(letters),
        "exemplar_tokens": len(spelled) / held,
        "lexicon_tokens": sum(text.strip().lower() in words for text in texts) / held,
    }


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize("tag", ["sw", "de", "ru", "hi"])
def test_random_vocabularies_agree_with_a_slow_recount(tag: str) -> None:
    draw = random.Random(tag)  # noqa: S311 - a test, not a secret
    signs = [*"abcdeABxyßäдЖыकमे  1.\t"]
    texts = {"".join(draw.choices(signs, k=draw.randint(1, 4))) for _ in range(2000)}
    tokens = [text.encode() for text in sorted(texts)] + [b"\xe0\xa4", b"", None]
    vocabulary = Vocabulary(tuple(tokens), frozenset({0, 7}), frozenset({3}))
    words = frozenset(text.strip().lower() for text in sorted(texts)[::5] if text.strip().isalpha())
    resources = Resources(lexicons={tag: Lexicon("random", words, frozenset())})
    expected = slow(vocabulary, tag, words)
    for metric_id, metric in BY_ID.items():
        assert metric.study is not None
        found = context(metric_id, tallied(vocabulary, metric.study, tag, resources=resources))
        assert value(metric.compute, found) == pytest.approx(expected[metric_id]), metric_id
        assert 0 < expected[metric_id] < 1


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_languages_without_letters_or_lexicon_are_undefined(metric_id: str) -> None:
    metric = BY_ID[metric_id]
    assert metric.study is not None
    cases: list[tuple[str, dict[str, str]]] = [
        ("english", {}),  # ICU would answer with the letters of the default locale
        ("mine", {}), ("xx", {}), ("und", {}), ("a b!", {}), ("", {}),
        ("sw", {"domain": "code"}), ("sw", {"bcp47": "tlh"}),
    ]  # fmt: skip
    for name, labels in cases:
        tally = tallied(VOCABULARY, metric.study, name, labels=labels)
        assert isinstance(tally, Undefined), name
        assert metric.compute(context(metric_id, tally)) == tally
    empty = tallied(Vocabulary(()), metric.study)
    if metric_id == "exemplar_coverage":
        assert value(metric.compute, context(metric_id, empty)) == 0
    else:
        assert isinstance(metric.compute(context(metric_id, empty)), Undefined)


def test_the_whole_corpus_sums_over_its_languages() -> None:
    parts = [tallied(VOCABULARY, coverage.LETTERS, tag) for tag in ("sw", "xx", "ru")]
    whole = context("exemplar_coverage", pool_tallies(parts))
    n_russian = len(coverage.exemplar_letters("ru"))
    assert value(coverage.exemplar_coverage, whole) == pytest.approx(2 / (24 + n_russian))
    assert value(coverage.exemplar_tokens, whole) == pytest.approx(10 / 36)


def test_baselines_are_as_the_readings_say() -> None:
    by_tag = {"sw": (1, 1), "ru": (0, 1)}
    for tag, (of_bytes, of_characters) in by_tag.items():
        letters = coverage.exemplar_letters(tag)
        assert coverage.n_single(letters, ByteTokenizer().vocabulary) == of_bytes * len(letters)
        n_single = coverage.n_single(letters, CharacterTokenizer().vocabulary)
        assert n_single == of_characters * len(letters)


def test_letters_of_several_characters_count_as_these() -> None:
    assert coverage.exemplar_letters("sk") >= {"c", "h", "ž"}
    assert all(len(letter) == 1 for letter in coverage.exemplar_letters("sk"))
    assert "ћ" in coverage.exemplar_letters("sr")
    assert "ć" in coverage.exemplar_letters("sr-Latn")


def test_the_default_locale_of_the_machine_is_never_asked() -> None:
    before = icu.Locale.getDefault()
    found = []
    try:
        for default in ("ru", "en"):
            icu.Locale.setDefault(icu.Locale(default))
            tags = ("sw", "sw-Cyrl", "ru-Latn", "en-Deva", "tlh", "ru-Cyrl", "sw-ZZ", "zh-Hans")
            found.append([len(coverage.exemplar_letters(tag)) for tag in tags])
    finally:
        icu.Locale.setDefault(before)
    assert found[0] == found[1]
    assert found[0][:-1] == [24, 0, 0, 0, 0, 33, 24]
    assert found[0][-1] > 2000

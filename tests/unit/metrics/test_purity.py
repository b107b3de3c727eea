"""Purity: a text counted by hand, a slow recount, and the warning about tokenizers of words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests import toy_tokenizers as toy
from tests.merge_tokenizers import byte_bpe, one_block_each, words
from tests.unit.metrics.studied import evidence_of
from tokeval.core.metric import Context, Folds
from tokeval.core.resources import Lexicon, Resources
from tokeval.core.study import Sample, Subject, Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import CharacterTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics import purity
from tokeval.metrics.purity import PURITY, alphabetic_surface

BY_ID = {metric.info.id: metric for metric in purity.METRICS}
# _ev ler _kitap | _ev de _k a le m _ 1 2
MERGED = byte_bpe([" ev", "ler", "de", " kitap"])
TEXTS = [" evler kitap", " evde kalem 12"]
LEXICON = Lexicon("list", frozenset({"ev", "kitap"}), frozenset({"ev", "ler", "de"}))


def context(
    tokenizer: Tokenizer,
    texts: Sequence[str],
    lexicons: Mapping[str, Lexicon],
    *,
    name: str = "tr",
) -> Context:
    encoded = [tokenizer.encode_batch([text]).ids.tolist() for text in texts]
    resources = Resources(lexicons=lexicons)
    found = PURITY.measure(Subject(tokenizer, one_block_each(texts, name=name), resources))
    return Context(
        evidence_of(encoded, encoded),
        tokenizer.vocabulary,
        tallies={"purity": found},
        resources=resources,
    )


def folds(metric_id: str, found: Context) -> list[float]:
    measured = BY_ID[metric_id].compute(found)
    assert isinstance(measured, Folds)
    values: list[float] = measured.values.tolist()
    return values


BY_HAND = {
    # whole, without the first text, without the second
    "lexicon_share_types": [4 / 5, 2 / 3, 3 / 3],
    "lexicon_share_occurrences": [5 / 6, 2 / 3, 3 / 3],
    "pure_share_types": [3 / 5, 2 / 3, 2 / 3],
    "pure_share_occurrences": [4 / 6, 2 / 3, 2 / 3],
}


@pytest.mark.case(golden=[*BY_HAND])
@pytest.mark.parametrize("metric_id", BY_HAND)
def test_two_texts_counted_by_hand(metric_id: str) -> None:
    assert set(BY_HAND) == set(BY_ID)
    found = folds(metric_id, context(MERGED, TEXTS, {"tr": LEXICON}))
    assert found == pytest.approx(BY_HAND[metric_id])


TURKISH = [
    "Isparta'da İki ışık vardı, ısı arttı.",
    "IŞIK ve ısı; iki ev, evler, evlerde 12 kişi!",
    "Kışın ılık evde iki kişi ışık açtı",
    "VE İKİ KİŞİ",
]
SMALL = Lexicon(
    "small",
    frozenset({"iki", "ışık", "ısı", "ev", "evler", "kişi", "ve"}),
    frozenset({"ev", "ler", "de", "da", "ışık", "ısı", "iki", "tı"}),
)


def slow(tokenizer: Tokenizer, texts: Sequence[str], left_out: int | None) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for i, text in enumerate(texts):
        for token in tokenizer.encode_batch([text]).ids.tolist() if i != left_out else []:
            raw = tokenizer.vocabulary.token_bytes[token]
            if token in tokenizer.vocabulary.special or raw is None:
                continue
            surface = raw.decode(errors="replace")
            surface = surface[1:] if surface.startswith(" ") else surface
            surface = surface.translate({ord("I"): "ı", ord("İ"): "i"}).lower()
            if surface.isalpha() and len(surface) > 1:
                counts[surface] += 1
    valid = {s for s in counts if s in SMALL.words or s in SMALL.morphemes}
    pure = {s for s in counts if s in SMALL.morphemes}
    return {
        "lexicon_share_types": len(valid) / len(counts),
        "lexicon_share_occurrences": sum(counts[s] for s in valid) / counts.total(),
        "pure_share_types": len(pure) / len(counts),
        "pure_share_occurrences": sum(counts[s] for s in pure) / counts.total(),
    }


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize(
    "tokenizer",
    [
        words(TURKISH),
        *(
            adapt_tokenizers_object(trained, name="toy", source="test")
            for trained in (
                toy.byte_level_bpe(TURKISH * 3, vocab_size=320),
                toy.sentencepiece_bpe(TURKISH * 3, vocab_size=320),
                toy.unigram(TURKISH, vocab_size=70),
            )
        ),
    ],
    ids=["words", "byte level", "sentencepiece", "unigram"],
)
def test_a_slow_recount_in_every_fold(tokenizer: Tokenizer) -> None:
    found = context(tokenizer, TURKISH, {"tr": SMALL})
    expected = [slow(tokenizer, TURKISH, left_out) for left_out in (None, 0, 1, 2, 3)]
    for metric_id in BY_ID:
        assert folds(metric_id, found) == pytest.approx([e[metric_id] for e in expected])


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_reasons_for_no_number(metric_id: str) -> None:
    compute = BY_ID[metric_id].compute
    whole = context(MERGED, TEXTS, {"tr": LEXICON})
    without = context(MERGED, TEXTS, {"tr": LEXICON}, name="en")
    assert compute(without) == Undefined("there is no lexicon for 'en' (--lexicon en[=FILE])")
    several = replace(whole, group={"tr": whole.evidence, "en": whole.evidence})
    assert compute(several) == Undefined("a lexicon is of one language: see the single slices")
    letters = context(CharacterTokenizer(), TEXTS, {"tr": LEXICON})
    assert compute(letters) == Undefined("the slice has no alphabetic tokens")


def test_a_list_of_words_has_no_purity() -> None:
    found = context(MERGED, TEXTS, {"tr": Lexicon("only.txt", frozenset({"ev"}), frozenset())})
    assert folds("lexicon_share_types", found)[0] == pytest.approx(1 / 5)
    for metric_id in ("pure_share_types", "pure_share_occurrences"):
        reason = Undefined("the lexicon 'only.txt' names no roots or suffixes")
        assert BY_ID[metric_id].compute(found) == reason
    assert PURITY.measure(Subject(MERGED)) == Undefined("there is no text")


@pytest.mark.parametrize(
    ("token", "language", "surface"),
    [
        (" Ev", "tr", "ev"),
        ("  ev", "tr", None),
        (" ISI", "tr", "ısı"),
        (" ISI", "en", "isi"),
        ("İki", "tr", "iki"),
        ("a", "tr", None),
        ("é", "fr", None),
        ("e\u0301", "fr", None),
        ("की", "hi", "की"),
        ("ी\u0902", "hi", None),
        ("ev1", "tr", None),
        ("ev'", "tr", None),
        ("", "tr", None),
    ],
)
def test_alphabetic_surfaces(token: str, language: str, surface: str | None) -> None:
    assert alphabetic_surface(token.encode(), language) == surface


def test_pieces_of_characters_are_no_surface() -> None:
    assert alphabetic_surface("ış".encode()[:3], "tr") is None


MANY = [" ".join(f"{a}{b}ev" for a in "abcdefg" for b in "klmn")]


def findings(tokenizer: Tokenizer, texts: Sequence[str] = MANY) -> list[str]:
    sample = Sample("tr", tuple((text,) for text in texts))
    tally = PURITY.measure(Subject(tokenizer, sample, Resources(lexicons={"tr": LEXICON})))
    assert isinstance(tally, Tally)
    return [finding.code for finding in tally.findings]


def test_a_tokenizer_of_words_gets_the_warning() -> None:
    assert findings(words(MANY)) == ["purity-word-level"]
    assert findings(words(["seen"]), MANY) == ["purity-word-level"]
    for tokenizer in (CharacterTokenizer(), byte_bpe(["ev"])):
        assert findings(tokenizer) == []


def test_a_few_words_prove_nothing() -> None:
    assert findings(words(["bir iki"]), ["bir iki"]) == []

"""Terms: small lists counted by hand, a slow recount, and where terms are found."""

import re
from typing import cast

import pytest

from tests.merge_tokenizers import byte_bpe, one_block_each, words
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.resources import GoldWord, Resources
from tokeval.core.study import Sample, Subject
from tokeval.core.term_search import find_terms, index_terms
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.metrics import terms

BY_ID = {metric.info.id: metric for metric in terms.METRICS}
MERGED = byte_bpe([" ab", "cd"])
TERMS = ("ab", "cd", "xyz")
MANY = (*TERMS, *(f"rare{i}" for i in range(1000)))
TEXTS = ["ab cd", "xyz xyz!", "xyzw ab"]
GOLD = {"en": (GoldWord("xyz", ("x", "yz")), GoldWord("other", ("oth", "er")))}
GAINS = [metric_id for metric_id in BY_ID if metric_id.startswith("term_gain")]


def context(tokenizer: Tokenizer, resources: Resources, *samples: Sample) -> Context:
    subject = Subject(tokenizer, resources=resources, samples=samples)
    tallies = {study.name: study.measure(subject) for study in (terms.TERMS, terms.GAINS)}
    return Context(cast(Evidence, None), tokenizer.vocabulary, tallies=tallies, resources=resources)


def value(metric_id: str, tokenizer: Tokenizer, resources: Resources) -> float:
    whole = context(tokenizer, resources, one_block_each(TEXTS))
    folds = BY_ID[metric_id].compute(whole)
    assert isinstance(folds, Folds)
    return float(folds.values[0])


BY_HAND = {
    # after `a `: _ab | cd | x y z
    "tokens_per_term": 5 / 3,
    "terms_kept_whole": 2 / 3,
    "terms_split_inside_morphemes": 1 / 2,
    # a b _ cd | x y z _ x y z ! | x y z w _ab
    "tokens_per_term_in_text": (2 + 1 + 3 + 3 + 1) / 5,
}


@pytest.mark.case(golden=[*BY_HAND])
@pytest.mark.parametrize("metric_id", BY_HAND)
def test_three_terms_counted_by_hand(metric_id: str) -> None:
    found = value(metric_id, MERGED, Resources(terms=TERMS, gold=GOLD))
    assert found == pytest.approx(BY_HAND[metric_id])


@pytest.mark.case(golden=GAINS)
@pytest.mark.parametrize("metric_id", GAINS)
def test_gains_counted_by_hand(metric_id: str) -> None:
    # `xyz` saves two tokens twice, `ab` one token once, of 17
    assert value(metric_id, MERGED, Resources(terms=MANY)) == pytest.approx(5 / 17)


def test_the_most_useful_terms_come_first() -> None:
    whole = context(MERGED, Resources(terms=MANY), one_block_each(TEXTS))
    (figure,) = terms.series("merged", whole)
    assert figure.x == (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    assert figure.y[:3] == pytest.approx((4 / 17, 5 / 17, 5 / 17))


def test_a_token_that_holds_more_than_the_term_stays() -> None:
    tokenizer = byte_bpe(["z!", "?x", " xy"])
    for text, saved in [("xyz!", 1), ("?xyz", 1), ("?xyz!", 0), ("a xyz", 1), ("xyz", 2)]:
        resources = Resources(terms=("xyz",))
        tally = terms.measure_gains(
            Subject(tokenizer, resources=resources, samples=(one_block_each([text]),))
        )
        assert not isinstance(tally, Undefined)
        assert tally.sums("saved_1")[0] == saved, text


LONG = [
    "The heart attack was severe; a heart attack or cardiac arrest follows.",
    "Cardiac arrest, heart, hearts and attack. cardiac arrest",
    "arrhythmia? arrhythmia! pre-arrhythmia",
]
CLINICAL = (
    *("heart", "heart attack", "cardiac arrest", "arrhythmia", "attack", "severe", "arrest"),
    *("stroke", "follows", "unused"),
)


def recount(tokenizer: Tokenizer) -> dict[str, float]:
    longest_first = sorted(CLINICAL, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")
    saved = dict.fromkeys(CLINICAL, 0)
    n_tokens = uses = touching = 0
    for text in LONG:
        spans = tokenizer.encode_with_spans([text]).spans.tolist()
        n_tokens += len(spans)
        for found in pattern.finditer(text):
            start, end = found.span()
            under = [(s, e) for s, e in spans if s < end and e > start]
            others = [(s, e) for s, e in under if text[s:e].lstrip(" ") not in found[0]]
            uses += 1
            touching += len(under)
            saved[found[0]] += max(len(under) - 1 - len(others), 0)
    alone = [tokenizer.encode_with_spans([f"a {term}"]).spans.tolist() for term in CLINICAL]
    pieces = [[span for span in spans if span[1] > 2] for spans in alone]
    expected = {
        "tokens_per_term": sum(map(len, pieces)) / len(CLINICAL),
        "terms_kept_whole": sum(len(p) == 1 for p in pieces) / len(CLINICAL),
        "tokens_per_term_in_text": touching / uses,
        "term_gain_10": sum(saved.values()) / n_tokens,
    }
    inner = [s - 2 for s, _ in pieces[CLINICAL.index("stroke")] if s > 2]
    return expected | {
        "terms_split_inside_morphemes": sum(cut not in (3,) for cut in inner) / len(inner)
    }


@pytest.mark.case(oracle=[*BY_HAND, "term_gain_10"])
@pytest.mark.parametrize(
    "tokenizer", [ByteTokenizer(), byte_bpe([" heart", " car", "attack", "rhy", "est,", " str"])]
)
def test_a_slow_recount(tokenizer: Tokenizer) -> None:
    gold = {"en": (GoldWord("stroke", ("str", "oke")),)}
    whole = context(tokenizer, Resources(terms=CLINICAL, gold=gold), one_block_each(LONG))
    found = {}
    for metric_id in (*BY_HAND, "term_gain_10"):
        folds = BY_ID[metric_id].compute(whole)
        assert isinstance(folds, Folds)
        found[metric_id] = float(folds.values[0])
    assert found == pytest.approx(recount(tokenizer))


@pytest.mark.case(oracle=["term_gain_100", "term_gain_1000"])
@pytest.mark.parametrize("k", [100, 1000])
def test_gains_are_the_tokens_of_the_k_best_replaced_by_one(k: int) -> None:
    listed = [f"w{i:04}" for i in range(1000)]
    texts = [" ".join(listed[:n]) for n in range(0, 1000, 50)]
    resources = Resources(terms=tuple(listed))
    whole = context(ByteTokenizer(), resources, one_block_each(texts))
    folds = BY_ID[f"term_gain_{k}"].compute(whole)
    assert isinstance(folds, Folds)
    best = sorted(sum(text.split().count(term) for text in texts) for term in listed)[-k:]
    # each is five bytes, of which adding the term leaves one token
    assert folds.values[0] == pytest.approx(sum(best) * 4 / sum(map(len, texts)))


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_no_terms(metric_id: str) -> None:
    found = BY_ID[metric_id].compute(context(MERGED, Resources(), one_block_each(TEXTS)))
    assert found == Undefined("no terms were given (--terms FILE)")


def test_too_few_terms_no_gold_and_no_text() -> None:
    whole = context(MERGED, Resources(terms=TERMS), one_block_each(["nothing"]))
    reasons = {
        "term_gain_10": "only 3 terms were given",
        "terms_split_inside_morphemes": ("there are no cut terms with gold (--gold TAG=FILE)"),
        "tokens_per_term_in_text": "the slice has no occurrences of the terms",
    }
    for metric_id, reason in reasons.items():
        assert BY_ID[metric_id].compute(whole) == Undefined(reason)
    assert terms.series("merged", whole) == []
    without_text = context(MERGED, Resources(terms=TERMS))
    assert BY_ID["term_gain_10"].compute(without_text) == Undefined("there is no text")


def test_an_unknown_term_is_not_kept_whole() -> None:
    assert value("terms_kept_whole", words(["a ab"]), Resources(terms=("ab", "xyz"))) == 1 / 2


def test_leaving_a_block_out_is_counting_without_it() -> None:
    whole = context(MERGED, Resources(terms=TERMS), one_block_each(TEXTS))
    folds = BY_ID["tokens_per_term_in_text"].compute(whole)
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [2, 7 / 3, 4 / 3, 9 / 4]


@pytest.mark.parametrize(
    ("text", "listed", "found"),
    [
        ("heart attacks", ("heart attack", "heart"), ["heart"]),
        ("heart attack", ("heart", "heart attack"), ["heart attack"]),
        ("Heart", ("heart",), []),
        ("sweetheart heart-lung", ("heart",), ["heart"]),
        ("我用计算机学习", ("计算机", "学习", "计算"), ["计算机", "学习"]),
        ("हृदय हृदयों", ("हृदय",), ["हृदय"]),
        ("use C++ or C#", ("C++", "C#", "C"), ["C++", "C#"]),
        ("β-blocker", ("β-blocker",), ["β-blocker"]),
        ("", ("a",), []),
    ],
)
def test_where_terms_are_found(text: str, listed: tuple[str, ...], found: list[str]) -> None:
    hits = list(find_terms(text, index_terms(listed)))
    assert [term for term, _, _ in hits] == found
    assert all(text[start:end] == term for term, start, end in hits)

"""Boundary F1 beyond chance: by hand, by enumeration, and 0 for what has no skill."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.merge_tokenizers import byte_bpe, words
from tests.unit.metrics.studied import context_of, value
from tokeval.core.metric import Context, Folds
from tokeval.core.resources import GoldWord, Resources
from tokeval.core.study import Sample, Subject, Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.metrics.boundary_chance import STUDY, boundary_f1_chance, counts_of_word

METRIC = ["boundary_f1_chance"]
TURKISH = Sample("mine", (("any text",),), {"bcp47": "tr"})
# ev lerde | kitap | gels in, each after a space
MERGED = byte_bpe([" ev", "lerde", " kitap", " gels", "in"])
GOLD = (
    GoldWord("evlerde", ("ev", "ler", "de")),
    GoldWord("kitap", ("kitap",)),
    GoldWord("gelsin", ("gel", "sin")),
)


def context(tokenizer: Tokenizer, gold: Sequence[GoldWord]) -> Context:
    tally = STUDY.measure(Subject(tokenizer, TURKISH, Resources(gold={"tr": tuple(gold)})))
    assert isinstance(tally, Tally)
    return context_of(tokenizer, TURKISH, STUDY, tally=tally)


@pytest.mark.case(golden=METRIC)
def test_three_words_counted_by_hand() -> None:
    # Hits 1, 0, 0; expected 1·2/6, 0·0/4, 1·1/5; means of boundaries 3/2, 0, 1.
    folds = boundary_f1_chance(context(MERGED, GOLD))
    assert isinstance(folds, Folds)
    hits, expected, mean = 1, Fraction(1, 3) + Fraction(1, 5), Fraction(5, 2)
    assert folds.values[0] == pytest.approx(float((hits - expected) / (mean - expected)))
    # Without the first word, and without the one that has no boundary at all.
    assert folds.values[1] == pytest.approx(-0.2 / (1 - 0.2))
    assert folds.values[2] == pytest.approx(folds.values[0])


@pytest.mark.case(oracle=METRIC)
@given(st.data())
def test_expected_hits_are_the_mean_over_all_ways_to_cut_as_often(data: st.DataObject) -> None:
    word = data.draw(st.text("aéが", min_size=2, max_size=6))
    places = [len(word[:k].encode()) for k in range(1, len(word))]
    gold = tuple(data.draw(st.sets(st.sampled_from(places)).map(sorted)))
    cuts = frozenset(data.draw(st.sets(st.sampled_from(places))))
    found = counts_of_word(word, gold, cuts)
    ways = list(combinations(places, len(cuts)))
    hits = [len(set(way) & set(gold)) for way in ways]
    assert found["expected"] == pytest.approx(sum(hits) / len(ways))
    assert found["hits"] == len(cuts & set(gold))
    assert found["mean"] == (len(cuts) + len(gold)) / 2
    assert found["expected"] <= found["mean"] + 1e-12
    # From −1 to 1, in sums over words too.
    assert abs(found["hits"] - found["expected"]) <= found["mean"] - found["expected"] + 1e-12


ACCENTED = (GoldWord("çalışıyor", ("çalış", "ıyor")), GoldWord("evde", ("ev", "de")))


@pytest.mark.parametrize("tokenizer", [CharacterTokenizer(), ByteTokenizer()])
def test_cutting_everywhere_is_no_skill(tokenizer: Tokenizer) -> None:
    assert value(boundary_f1_chance, context(tokenizer, ACCENTED)) == 0


def test_cutting_nowhere_is_no_skill() -> None:
    whole = words([word.word for word in ACCENTED])
    assert value(boundary_f1_chance, context(whole, ACCENTED)) == 0


def test_all_boundaries_agree() -> None:
    tokenizer = byte_bpe([" ev", "de"])
    assert value(boundary_f1_chance, context(tokenizer, ACCENTED[1:])) == 1


def test_avoiding_the_boundary_is_worse_than_chance() -> None:
    tokenizer = byte_bpe([" e", "vde"])
    assert value(boundary_f1_chance, context(tokenizer, ACCENTED[1:])) == pytest.approx(-0.5)


@pytest.mark.case(undefined=METRIC)
def test_nothing_to_judge() -> None:
    everywhere = Undefined("the gold words and their tokens have boundaries nowhere, or everywhere")
    assert boundary_f1_chance(context(words(["ev"]), [GoldWord("ev", ("ev",))])) == everywhere
    letters = [GoldWord("ev", ("e", "v")), GoldWord("abc", ("a", "b", "c"))]
    assert boundary_f1_chance(context(CharacterTokenizer(), letters)) == everywhere
    reason = (
        "there are no gold segmentations for 'tr' "
        "(--gold tr=FILE, with lines `word<TAB>morpheme morpheme`)"
    )
    assert STUDY.measure(Subject(MERGED, TURKISH)) == Undefined(reason)
    assert STUDY.measure(Subject(MERGED)) == Undefined("there is no text")

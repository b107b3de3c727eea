"""Morpheme boundaries: a list counted by hand, a slow recount, and degenerate tokenizers."""

from typing import cast

import numpy as np
import pytest

from tests import toy_tokenizers as toy
from tests.merge_tokenizers import byte_bpe, words
from tests.unit.metrics.studied import context_of
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.resources import GoldWord, Resources
from tokeval.core.study import Sample, Subject, Tally, pool_tallies
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics import morphology
from tokeval.metrics.gold_words import language_in
from tokeval.metrics.morphology import MORPHOLOGY

BY_ID = {metric.info.id: metric for metric in morphology.METRICS}
GOLD = (
    GoldWord("evlerde", ("ev", "ler", "de"), 3),
    GoldWord("kitap", ("kitap",), 5),
    GoldWord("gelsin", ("gel", "sin")),
)
TURKISH = Sample("mine", (("any text",),), {"bcp47": "tr"})
# ev lerde | kitap | gels in
MERGED = byte_bpe(["ev", "lerde", "kitap", "gels", "in"])
LONG = (
    GoldWord("çalışıyorlar", ("çalış", "ıyor", "lar"), 7),
    GoldWord("evlerimizde", ("ev", "ler", "imiz", "de"), 2),
    GoldWord("gözlükçü", ("göz", "lük", "çü")),
    GoldWord("masa", ("masa",), 4),
    GoldWord("kitaplar", ("kitap", "lar")),
    GoldWord("yollar", ("yol", "lar")),
)


def tally_of(tokenizer: Tokenizer, gold: tuple[GoldWord, ...], sample: Sample = TURKISH) -> Tally:
    tally = MORPHOLOGY.measure(Subject(tokenizer, sample, Resources(gold={"tr": gold})))
    assert isinstance(tally, Tally)
    return tally


def context(tokenizer: Tokenizer, gold: tuple[GoldWord, ...]) -> Context:
    return context_of(tokenizer, TURKISH, MORPHOLOGY, tally=tally_of(tokenizer, gold))


def values(tokenizer: Tokenizer, gold: tuple[GoldWord, ...]) -> dict[str, float]:
    found = {}
    for metric_id, metric in BY_ID.items():
        folds = metric.compute(context(tokenizer, gold))
        if isinstance(folds, Folds):
            found[metric_id] = float(folds.values[0])
    return found


BY_HAND = {
    "boundary_precision": 1 / 2,
    "boundary_recall": 1 / 3,
    "boundary_f1": 2 * 1 / (2 + 3),
    "boundary_f1_macro": (2 / 3 + 0) / 2,
    "single_token_words": 1 / 3,
    "morphscore_v1": 1 / 2,
    "morphscore_v2_recall": (3 * 1 / 2 + 0) / 4,
    "morphscore_v2_precision": (3 * 1 + 0) / 4,
    "over_segmentation": 1 / 3,
    "under_segmentation": 2 / 3,
}


@pytest.mark.case(golden=[*BY_HAND])
def test_three_words_counted_by_hand() -> None:
    assert set(BY_HAND) == set(BY_ID)
    assert values(MERGED, GOLD) == pytest.approx(BY_HAND)


def test_words_stand_after_a_space_but_alone_for_morphscore() -> None:
    found = values(byte_bpe([" evlerde"]), GOLD[:1])
    assert found["single_token_words"] == 1
    assert found["boundary_recall"] == 0
    assert found["morphscore_v1"] == found["morphscore_v2_recall"] == 1
    assert found["morphscore_v2_precision"] == pytest.approx(2 / 6)


def slow(tokenizer: Tokenizer, gold: tuple[GoldWord, ...]) -> dict[str, float]:
    def cuts(text: str, start: int) -> set[int]:
        spans = tokenizer.encode_with_spans([text]).spans.tolist()
        return {s - start for s, e in spans if e > s > start}

    hits = n_cuts = n_gold = whole = 0
    f1, v1, v2 = [], [], []
    for entry in gold:
        inside = {len("".join(entry.morphemes[:i])) for i in range(1, len(entry.morphemes))}
        found = cuts(f" {entry.word}", 1)
        hits += len([cut for cut in found if cut in inside])
        n_cuts += len(found)
        n_gold += len(inside)
        whole += not found
        if found or inside:
            precision = len(found & inside) / len(found) if found else 0
            recall = len(found & inside) / len(inside) if inside else 0
            both = precision + recall
            f1.append(2 * precision * recall / both if both else 0)
        bare = cuts(entry.word, 0)
        if bare and inside:
            v1.append(min(inside) in bare)
            recall, precision = len(bare & inside) / len(inside), len(bare & inside) / len(bare)
            v2.append((entry.frequency, recall, precision))
    precision, recall = hits / n_cuts, hits / n_gold
    weights = [weight for weight, _, _ in v2]
    return {
        "boundary_precision": precision,
        "boundary_recall": recall,
        "boundary_f1": 2 * precision * recall / (precision + recall),
        "boundary_f1_macro": float(np.mean(f1)),
        "single_token_words": whole / len(gold),
        "morphscore_v1": float(np.mean(v1)),
        "morphscore_v2_recall": float(np.average([r for _, r, _ in v2], weights=weights)),
        "morphscore_v2_precision": float(np.average([p for _, _, p in v2], weights=weights)),
        "over_segmentation": (n_cuts - hits) / len(gold),
        "under_segmentation": (n_gold - hits) / len(gold),
    }


TEXTS = ["evlerde kitaplar masa göz gözlük yolda çalışıyor evlerimizde", "masa kitap evler yollar"]


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize(
    "tokenizer",
    [
        CharacterTokenizer(),
        adapt_tokenizers_object(toy.unigram(TEXTS, vocab_size=60), name="u", source="test"),
        adapt_tokenizers_object(
            toy.sentencepiece_bpe(TEXTS * 3, vocab_size=300), name="s", source="test"
        ),
    ],
    ids=["characters", "unigram", "sentencepiece"],
)
def test_a_slow_recount(tokenizer: Tokenizer) -> None:
    assert values(tokenizer, LONG) == pytest.approx(slow(tokenizer, LONG))


@pytest.mark.parametrize("tokenizer", [CharacterTokenizer(), ByteTokenizer()])
def test_characters_and_bytes_find_all_boundaries_with_low_precision(tokenizer: Tokenizer) -> None:
    found = values(tokenizer, LONG)
    for best in ("boundary_recall", "morphscore_v1", "morphscore_v2_recall"):
        assert found[best] == 1
    assert found["under_segmentation"] == found["single_token_words"] == 0
    assert found["boundary_precision"] < 0.4


def test_whole_words_have_no_precision_and_no_recall() -> None:
    tokenizer = words([word.word for word in LONG])
    found = values(tokenizer, LONG)
    assert found["single_token_words"] == 1
    for worst in ("boundary_recall", "boundary_f1", "boundary_f1_macro", "over_segmentation"):
        assert found[worst] == 0
    assert found["under_segmentation"] == pytest.approx(9 / 6)
    left_out = {metric_id for metric_id in BY_ID if metric_id not in found}
    assert left_out == {
        *("boundary_precision", "morphscore_v1"),
        *("morphscore_v2_recall", "morphscore_v2_precision"),
    }


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_no_gold_list(metric_id: str) -> None:
    reason = Undefined(
        "there are no gold segmentations for 'en' "
        "(--gold en=FILE, with lines `word<TAB>morpheme morpheme`)"
    )
    subject = Subject(MERGED, Sample("en", ()), Resources(gold={"tr": GOLD}))
    found = {"morphology": MORPHOLOGY.measure(subject)}
    empty = Context(cast(Evidence, None), MERGED.vocabulary, tallies=found)
    assert BY_ID[metric_id].compute(empty) == reason
    assert morphology.series("merged", empty) == []


def test_reasons_within_a_list() -> None:
    monomorphemic = context(MERGED, GOLD[1:2])
    reasons = {
        "boundary_precision": "the gold list has no word that is cut",
        "boundary_recall": "the gold list has no morpheme boundaries",
        "boundary_f1_macro": "the gold list has no word with a boundary",
        "morphscore_v1": "the gold list has no word that is cut and has a morpheme boundary",
    }
    for metric_id, reason in reasons.items():
        assert BY_ID[metric_id].compute(monomorphemic) == Undefined(reason)
    assert MORPHOLOGY.measure(Subject(MERGED)) == Undefined("there is no text")


@pytest.mark.parametrize(
    ("name", "labels", "found"),
    [
        ("mine", {"bcp47": "tr"}, "tr"),
        ("mine", {"bcp47": "tr-TR"}, "tr"),
        ("mine", {"bcp47": "pt-BR"}, "pt-BR"),
        ("tr", {}, "tr"),
        ("TR", {}, "tr"),
        ("tr_TR", {}, "tr"),
        ("tr", {"bcp47": "en"}, None),
        ("turbo", {}, None),
        ("code/python", {}, None),
    ],
)
def test_the_language_of_a_slice(name: str, labels: dict[str, str], found: str | None) -> None:
    assert language_in(Sample(name, (), labels), {"tr": 1, "pt-BR": 2}) == found


def test_words_are_dealt_into_blocks() -> None:
    many = tuple(GoldWord(f"ev{i:03}ler", (f"ev{i:03}", "ler")) for i in range(100))
    tally = tally_of(MERGED, many)
    assert tally.n_blocks == 64
    assert tally.columns["words"].tolist() == [2] * 36 + [1] * 28
    without = tuple(word for i, word in enumerate(many) if i % 64 != 7)
    assert tally.sums("cuts")[8] == tally_of(MERGED, without).sums("cuts")[0]
    assert tally_of(MERGED, GOLD).n_blocks == 3


def test_the_whole_corpus_adds_languages_up() -> None:
    pooled = pool_tallies([tally_of(MERGED, GOLD), tally_of(MERGED, LONG), Undefined("no list")])
    assert isinstance(pooled, Tally)
    assert pooled.sums("words")[0] == 9
    assert pooled.n_blocks == 3


def test_the_figure_shows_precision_recall_and_f1() -> None:
    (figure,) = morphology.series("merged", context(MERGED, GOLD))
    assert figure.kind == "bars"
    assert dict(zip(figure.x, figure.y, strict=True)) == pytest.approx(
        {"precision": 1 / 2, "recall": 1 / 3, "F1": 2 / 5}
    )
    assert morphology.series("words", context(words(["kitap"]), GOLD[1:2])) == []

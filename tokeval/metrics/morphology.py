"""Morphology: how token boundaries inside words meet the boundaries of their morphemes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, ratio
from tokeval.core.study import Study, Subject, Tally
from tokeval.document import Series, Undefined
from tokeval.metrics.entries import Entries
from tokeval.metrics.gold_words import cuts_inside, gold_boundaries, gold_words

FAMILY = "morphology"

MAX_BLOCKS = 64


def measure_morphology(subject: Subject) -> Tally | Undefined:
    """Token and morpheme boundaries of the gold words of the slice's language, not of its text.

    Word i is in block i mod min(64, n). Words stand after a space; for MorphScore they stand
    alone, as published.
    """
    words = gold_words(subject)
    if isinstance(words, Undefined):
        return words
    spelled = [word.word for word in words]
    rows = [
        _in_text(set(boundaries), cuts) | _alone(boundaries, bare, frequency=word.frequency)
        for word, boundaries, cuts, bare in zip(
            words,
            gold_boundaries(words),
            cuts_inside(subject.tokenizer, spelled, before=" "),
            cuts_inside(subject.tokenizer, spelled),
            strict=True,
        )
    ]
    by_word = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Tally(len(words), by_word).regrouped(min(MAX_BLOCKS, len(words)))


def _in_text(gold: set[int], cuts: frozenset[int]) -> dict[str, int | float]:
    """Counts of one word that stands after a space."""
    hits, either = len(gold & cuts), len(gold) + len(cuts)
    return {
        "words": 1,
        "uncut": int(not cuts),
        "gold": len(gold),
        "cuts": len(cuts),
        "hits": hits,
        "either": either,
        "extra": len(cuts) - hits,
        "missed": len(gold) - hits,
        "judged": int(either > 0),
        "f1": 2 * hits / either if either else 0.0,
    }


def _alone(
    gold: tuple[int, ...], cuts: frozenset[int], *, frequency: int
) -> dict[str, int | float]:
    """What MorphScore counts of one word that stands alone; nothing where either has no cut."""
    counts = bool(gold and cuts)
    hits = len(cuts.intersection(gold))
    return {
        "items": int(counts),
        "first_hits": int(counts and gold[0] in cuts),
        "weight": frequency if counts else 0,
        "weighted_recall": frequency * hits / len(gold) if counts else 0.0,
        "weighted_precision": frequency * hits / len(cuts) if counts else 0.0,
    }


MORPHOLOGY = Study("morphology", measure_morphology)


def _quotient(
    numerator: str, denominator: str, what: str, *, factor: int = 1
) -> Callable[[Context], Folds | Undefined]:
    """A metric that divides two columns."""

    def compute(context: Context) -> Folds | Undefined:
        tally = context.tally(MORPHOLOGY)
        if isinstance(tally, Undefined):
            return tally
        if tally.sums(denominator)[0] == 0:
            return Undefined(f"the gold list has no {what}")
        return ratio(factor * tally.sums(numerator), tally.sums(denominator), what)

    return compute


def series(name: str, whole: Context) -> list[Series]:
    """The figure of one tokenizer: precision, recall and F1 over all gold words."""
    tally = whole.tally(MORPHOLOGY)
    if isinstance(tally, Undefined):
        return []
    hits, cuts, gold = (int(tally.sums(column)[0]) for column in ("hits", "cuts", "gold"))
    if not cuts or not gold:
        return []
    return [
        Series(
            id="morpheme_boundaries",
            title="Token boundaries and morpheme boundaries",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="",
            y_label="share of boundaries",
            x=("precision", "recall", "F1"),
            y=(hits / cuts, hits / gold, 2 * hits / (cuts + gold)),
            kind="bars",
            family=FAMILY,
            reading="Precision: cuts that fall where morphemes meet. Recall: places where "
            "morphemes meet that are cut. Characters have recall 1 at low precision.",
        )
    ]


ENTRIES = Entries(FAMILY, MORPHOLOGY, parameters=("gold", "sample"))

_BOUNDARIES = "tokeval; boundary evaluation as in Creutz and Lindén 2004 and Morpho Challenge"
_V1 = "MorphScore, Arnett and Bergen 2024, arXiv 2411.14198"
_V2 = "after MorphScore 2, Arnett, Hudspeth and O'Connor 2025, arXiv 2507.06378"
_ALONE = "the word stands alone, without special tokens; words of one token do not count"

METRICS = (
    ENTRIES.entry(
        "boundary_precision",
        _quotient("hits", "cuts", "word that is cut"),
        title="Boundary precision",
        formula="Σ token boundaries inside gold words that are morpheme boundaries / Σ token "
        "boundaries inside gold words; each word stands after a space; positions are bytes",
        direction="higher",
        source=_BOUNDARIES,
        reading="How often a cut inside a word falls where morphemes meet. A word of one token "
        "has no cut and does not count, so a tokenizer that seldom cuts may read high.",
    ),
    ENTRIES.entry(
        "boundary_recall",
        _quotient("hits", "gold", "morpheme boundaries"),
        title="Boundary recall",
        formula="Σ morpheme boundaries of gold words that are token boundaries / Σ morpheme "
        "boundaries; words of one token count, with all their boundaries missed",
        direction="higher",
        source=_BOUNDARIES,
        reading="How many of the places where morphemes meet are cut. Bytes and characters cut "
        "everywhere and rank best with 1: read it with precision.",
    ),
    ENTRIES.entry(
        "boundary_f1",
        _quotient("hits", "either", "boundaries", factor=2),
        title="Boundary F1",
        formula="2 Σ hits / (Σ token boundaries inside gold words + Σ morpheme boundaries), over "
        "all words at once; words of one token count, with their boundaries missed",
        direction="higher",
        source=_BOUNDARIES,
        reading="Precision and recall in one number. Bytes and characters may rank best, before "
        "vocabularies that cut worse than chance: read it with boundary F1 beyond chance.",
    ),
    ENTRIES.entry(
        "boundary_f1_macro",
        _quotient("f1", "judged", "word with a boundary"),
        title="Boundary F1 by word",
        formula="mean over gold words of 2 hits / (token boundaries + morpheme boundaries); a "
        "word with neither is left out, a word of one token with several morphemes counts 0",
        direction="higher",
        source=_BOUNDARIES,
        reading="As boundary F1, but each word weighs the same. Characters may rank best here too.",
    ),
    ENTRIES.entry(
        "single_token_words",
        _quotient("uncut", "words", "words"),
        title="Gold words kept as one token",
        formula="gold words without a token boundary inside / gold words; an unknown token counts "
        "as one",
        direction="none",
        source=_BOUNDARIES,
        reading="These words cannot be cut rightly or wrongly: the larger the share, the less the "
        "boundary metrics say about the tokenizer. 1 for a tokenizer of whole words.",
    ),
    ENTRIES.entry(
        "morphscore_v1",
        _quotient("first_hits", "items", "word that is cut and has a morpheme boundary"),
        title="MorphScore 1",
        formula="gold words whose first morpheme boundary is a token boundary / gold words with a "
        f"morpheme boundary; {_ALONE}",
        source=f"{_V1}; its lists mark one boundary of each word, here the first one counts",
        direction="higher",
        reading="Recall only: further cuts cost nothing, so that bytes and characters rank best "
        "with 1. The published scores come from other word lists and must not be compared.",
    ),
    ENTRIES.entry(
        "morphscore_v2_recall",
        _quotient("weighted_recall", "weight", "word that is cut and has a morpheme boundary"),
        title="MorphScore 2 recall",
        formula="Σ frequency · (share of the word's morpheme boundaries that are token "
        f"boundaries) / Σ frequency, over gold words with a morpheme boundary; {_ALONE}",
        source=_V2,
        direction="higher",
        reading="Frequent words weigh more where the gold list says how often they occur. Bytes "
        "and characters rank best with 1: read it with its precision.",
    ),
    ENTRIES.entry(
        "morphscore_v2_precision",
        _quotient("weighted_precision", "weight", "word that is cut and has a morpheme boundary"),
        title="MorphScore 2 precision",
        formula="Σ frequency · (share of the word's token boundaries that are morpheme "
        f"boundaries) / Σ frequency, over gold words with a morpheme boundary; {_ALONE}",
        source=_V2,
        direction="higher",
        reading="Low when words are cut into more pieces than they have morphemes. Words kept "
        "whole do not count.",
    ),
    ENTRIES.entry(
        "over_segmentation",
        _quotient("extra", "words", "words"),
        title="Over-segmentation",
        formula="Σ token boundaries inside gold words that are no morpheme boundary / gold words",
        direction="lower",
        unit="boundaries/word",
        source=_BOUNDARIES,
        reading="Cuts inside morphemes, per word. A tokenizer of whole words ranks best with 0, "
        "bytes read highest: read it with under-segmentation.",
    ),
    ENTRIES.entry(
        "under_segmentation",
        _quotient("missed", "words", "words"),
        title="Under-segmentation",
        formula="Σ morpheme boundaries of gold words that are no token boundary / gold words",
        direction="lower",
        unit="boundaries/word",
        source=_BOUNDARIES,
        reading="Places where morphemes meet that are not cut, per word. Bytes and characters "
        "rank best with 0: read it with over-segmentation.",
    ),
)

"""Chance: how far token boundaries meet morpheme boundaries better than cuts at random would."""

from __future__ import annotations

import numpy as np

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.core.study import Study, Subject, Tally
from tokeval.document import MetricInfo, Undefined
from tokeval.metrics.gold_words import cuts_inside, gold_boundaries, gold_words
from tokeval.metrics.morphology import FAMILY, MAX_BLOCKS


def counts_of_word(word: str, gold: tuple[int, ...], cuts: frozenset[int]) -> dict[str, float]:
    """Hits, expected hits and the mean of gold and token boundaries of one word.

    Expected are the hits of as many cuts at random places between characters: cuts · gold / places,
    the mean of the hypergeometric distribution. A cut inside a character is at none of the places.

    >>> counts_of_word("evde", (2,), frozenset({2, 3}))["expected"]
    0.6666666666666666
    """
    places = set(np.cumsum([len(character.encode()) for character in word[:-1]]).tolist())
    n_placed = len(cuts & places)
    return {
        "hits": len(cuts.intersection(gold)),
        "expected": n_placed * len(gold) / len(places) if places else 0.0,
        "mean": (len(cuts) + len(gold)) / 2,
    }


def measure(subject: Subject) -> Tally | Undefined:
    """What `counts_of_word` says of the gold words of the slice's language, after a space.

    Word i is in block i mod min(64, n), as for the other metrics of boundaries.
    """
    words = gold_words(subject)
    if isinstance(words, Undefined):
        return words
    spelled = [word.word for word in words]
    cuts = cuts_inside(subject.tokenizer, spelled, before=" ")
    rows = list(map(counts_of_word, spelled, gold_boundaries(words), cuts))
    columns = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}
    return Tally(len(words), columns).regrouped(min(MAX_BLOCKS, len(words)))


STUDY = Study("boundary_chance", measure)


def boundary_f1_chance(context: Context) -> Folds | Undefined:
    """Σ (hits − expected hits) / Σ (mean of gold and token boundaries − expected hits)."""
    tally = context.tally(STUDY)
    if isinstance(tally, Undefined):
        return tally
    hits, expected, mean = (tally.sums(column) for column in ("hits", "expected", "mean"))
    # Where every place of every word is cut and gold, sums of quotients may leave a rest.
    room = np.where(np.isclose(mean, expected, rtol=1e-12), 0.0, mean - expected)
    if not room[0]:
        return Undefined("the gold words and their tokens have boundaries nowhere, or everywhere")
    return ratio(hits - expected, room, "boundaries")


METRICS = (
    Metric(
        MetricInfo(
            id="boundary_f1_chance",
            title="Boundary F1 beyond chance",
            family=FAMILY,
            unit="ratio",
            direction="higher",
            formula="(Σ hits − Σ e) / (Σ (token boundaries + morpheme boundaries) / 2 − Σ e), e = "
            "token boundaries between characters · morpheme boundaries / places between "
            "characters, of each gold word after a space",
            source="F1 corrected for chance as in Albatineh, Niewiadomska-Bugaj and Mihalko 2006 "
            "(Cohen's kappa), with the chance of each word",
            docs="docs/metrics.md#boundary_f1_chance",
            reading="1: all boundaries agree; 0: cuts fall as if at random, as those of bytes and "
            "characters do and the missing ones of whole words. Below 0 the tokenizer avoids the "
            "places where morphemes meet, which plain F1 hides: there, characters beat it.",
            lower_bound=-1,
            upper_bound=1,
        ),
        boundary_f1_chance,
        parameters=("gold", "sample"),
        study=STUDY,
    ),
)

"""Robustness: how much the tokens change when a text is changed in ways that readers forgive."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tokeval.core.edit_distance import edit_distance
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric, ratio
from tokeval.core.perturbations import PERTURBATIONS, excerpts, id_lists, perturb
from tokeval.core.study import Study, Subject, Tally
from tokeval.document import MetricInfo, Series, Undefined

FAMILY = "robustness"

N_CHARACTERS = 6_000
"""How much of a slice is changed."""

COLUMNS = ("before", "after", "edits", "longest")
"""Tokens before and after a change, the edit distance, and the larger number of tokens."""

SHORT_TITLES = {
    "typo": "typos",
    "upper": "UPPER",
    "lower": "lower",
    "accents": "no accents",
    "nfd": "NFD",
    "nfc": "NFC",
    "spaces": "two spaces",
    "homoglyphs": "homoglyphs",
    "styled": "bold",
    "latex": "LaTeX",
}


def measure(subject: Subject) -> Tally | Undefined:
    """Tokens and edit distances by kind of change, of the texts that it changes."""
    if subject.sample is None:
        return Undefined("there is no text")
    texts, blocks = excerpts(subject.sample, N_CHARACTERS)
    changed = [
        (kind, t, other)
        for kind in PERTURBATIONS
        for t, text in enumerate(texts)
        if (other := perturb(kind, text)) != text
    ]
    forms = [*texts, *(other for _, _, other in changed)]
    ids = id_lists(subject.tokenizer.encode_batch(forms))
    columns = {
        f"{kind}_{column}": np.zeros(subject.sample.n_blocks, dtype=np.int64)
        for kind in PERTURBATIONS
        for column in COLUMNS
    }
    for (kind, t, _), after in zip(changed, ids[len(texts) :], strict=True):
        before = ids[t]
        lengths = (len(before), len(after))
        counts = (*lengths, edit_distance(before, after), max(lengths))
        for column, count in zip(COLUMNS, counts, strict=True):
            columns[f"{kind}_{column}"][blocks[t]] += count
    return Tally(subject.sample.n_blocks, columns)


STUDY = Study("robustness", measure)


def _change_of_tokens(kind: str) -> Callable[[Context], Folds | Undefined]:
    """(Σ tokens after − Σ tokens before) / Σ tokens before."""

    def compute(context: Context) -> Folds | Undefined:
        tally = context.tally(STUDY)
        if isinstance(tally, Undefined):
            return tally
        before = tally.sums(f"{kind}_before")
        return ratio(tally.sums(f"{kind}_after") - before, before, _what(kind))

    return compute


def _edits(kind: str) -> Callable[[Context], Folds | Undefined]:
    """Σ edit distance / Σ the larger number of tokens."""

    def compute(context: Context) -> Folds | Undefined:
        tally = context.tally(STUDY)
        if isinstance(tally, Undefined):
            return tally
        return ratio(tally.sums(f"{kind}_edits"), tally.sums(f"{kind}_longest"), _what(kind))

    return compute


def _what(kind: str) -> str:
    """What there is none of, where a metric is undefined."""
    return f"tokens of texts that {PERTURBATIONS[kind].title} would change"


def series(name: str, whole: Context) -> list[Series]:
    """The figure of one tokenizer: the edit distance by kind of change."""
    tally = whole.tally(STUDY)
    if isinstance(tally, Undefined):
        return []
    found = {
        kind: float(tally.sums(f"{kind}_edits")[0] / tally.sums(f"{kind}_longest")[0])
        for kind in PERTURBATIONS
        if tally.sums(f"{kind}_longest")[0]
    }
    if not found:
        return []
    return [
        Series(
            id="robustness",
            title="How much of the token sequence a small change of the text rewrites",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="change of the text",
            y_label="edit distance / tokens",
            x=tuple(SHORT_TITLES[kind] for kind in found),
            y=tuple(found.values()),
            kind="heat",
            family=FAMILY,
            reading="0: the tokens stay as they are; 1: not one of them stays. Only texts that the "
            "change alters count. A tokenizer that normalises reads 0 where it undoes the change, "
            "and has lost the difference for the model too.",
        )
    ]


def _tokens_metric(kind: str) -> Metric:
    """The entry for the change in the number of tokens."""
    perturbation = PERTURBATIONS[kind]
    return Metric(
        MetricInfo(
            id=f"robustness_{kind}_tokens",
            title=f"Change of tokens by {perturbation.title}",
            family=FAMILY,
            unit="ratio",
            direction="none",
            formula="(Σ tokens after − Σ tokens before) / Σ tokens before, of the texts that "
            f"change: {perturbation.description}",
            source="tokeval; kinds of change after Chai et al. 2024, arXiv 2406.11687",
            docs=f"docs/metrics.md#robustness_{kind}_tokens",
            reading="0: the changed text costs as much as the original; 0.5: half as much again. "
            "Below 0, the original was the dearer one. Bytes and characters stay near 0.",
            lower_bound=-1,
        ),
        _change_of_tokens(kind),
        parameters=("sample",),
        study=STUDY,
    )


def _edit_metric(kind: str) -> Metric:
    """The entry for the edit distance between the two sequences of tokens."""
    perturbation = PERTURBATIONS[kind]
    return Metric(
        MetricInfo(
            id=f"robustness_{kind}_edit",
            title=f"Tokens rewritten by {perturbation.title}",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="Σ edit distance between the ids before and after / Σ the larger number of "
            f"tokens, of the texts that change: {perturbation.description}",
            source="Levenshtein distance of ids; tokeval",
            docs=f"docs/metrics.md#robustness_{kind}_edit",
            reading="0: the same tokens; 1: none is left in place. Bytes and characters rank best, "
            "for they change only where the text does. A tokenizer that normalises the change "
            "away reads 0, and so may one for which both texts are unknown.",
            lower_bound=0,
            upper_bound=1,
        ),
        _edits(kind),
        parameters=("sample",),
        study=STUDY,
    )


METRICS = tuple(make(kind) for kind in PERTURBATIONS for make in (_tokens_metric, _edit_metric))

"""Class figures: the pictures of what vocabularies and the tokens of a text are made of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import WHOLE_CORPUS, Context
from tokeval.core.token_kinds import (
    CATEGORIES,
    MIXED_SCRIPTS,
    NO_SCRIPT,
    Identity,
    TokenClasses,
    script_name,
    token_classes,
)
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import Series

FAMILY = "vocabulary"
MAX_SCRIPTS = 16

_TITLES = {
    "tokens": "Classes of the vocabulary",
    "occurrences": "Classes of the tokens of the text",
}
_OF = {"tokens": "the vocabulary", "occurrences": "the tokens of the text"}
_READ_CLASSES = {
    "tokens": "What the vocabulary is spent on, in shares of its tokens. Tokens after a space "
    "begin words; where they are many, fewer are left for the inside of words.",
    "occurrences": "What the tokens of the text are, the same classes as for the vocabulary. A "
    "class that is large there and small here takes room that this text does not use.",
}


def series(name: str, whole: Context) -> list[Series]:
    """What the vocabulary and the tokens of the text are made of, and in which scripts."""
    if not len(whole.vocabulary):
        return []
    classes = token_classes(Identity(whole.vocabulary))
    weights = {"tokens": (classes.category != CATEGORIES.index("none")).astype(np.int64)}
    counts = whole.evidence.token_counts
    if len(counts.types):
        n_ids = len(classes.category)
        weights["occurrences"] = np.bincount(counts.types, counts.counts, n_ids).astype(np.int64)
    scripts = _shown_scripts({**whole.peers, name: whole.vocabulary})
    found = []
    for kind, by_id in weights.items():
        found.append(_composition(name, classes, by_id=by_id, kind=kind))
        found.append(_by_script(name, classes, by_id=by_id, kind=kind, scripts=scripts))
    return found


def _composition(
    name: str, classes: TokenClasses, *, by_id: NDArray[np.int64], kind: str
) -> Series:
    """Shares of the vocabulary, or of the tokens of the text, by category and position."""
    n_kinds = len(CATEGORIES) - 1
    places = classes.category.astype(np.int64) + n_kinds * classes.is_initial
    held = classes.category < n_kinds
    sums = np.bincount(places[held], by_id[held], 2 * n_kinds)
    labels = [*CATEGORIES[:n_kinds], *(f"{label} after a space" for label in CATEGORIES[:n_kinds])]
    # Only these can have a space before them.
    n_spaced = CATEGORIES.index("mixed") + 1
    spaceless = CATEGORIES.index("white space")
    shown = [
        place
        for category in range(n_kinds)
        for place in (category + n_kinds, category)
        if place < n_kinds or (category < n_spaced and category != spaceless)
    ]
    return Series(
        id=f"{kind}_by_class",
        title=_TITLES[kind],
        tokenizer=name,
        slice=WHOLE_CORPUS,
        x_label="class of token",
        y_label=f"share of {_OF[kind]}",
        x=tuple(labels[place] for place in shown),
        y=tuple((sums[shown] / sums.sum()).tolist()),
        kind="stack",
        family=FAMILY,
        reading=_READ_CLASSES[kind],
    )


def _by_script(
    name: str,
    classes: TokenClasses,
    *,
    by_id: NDArray[np.int64],
    kind: str,
    scripts: tuple[int, ...],
) -> Series:
    """Shares of the tokens with letters by script."""
    shares = _script_shares(classes, by_id)
    return Series(
        id=f"{kind}_by_script",
        title=f"Scripts of {_OF[kind]}",
        tokenizer=name,
        slice=WHOLE_CORPUS,
        x_label="script of the letters",
        y_label="share of tokens with letters",
        x=tuple(_script_label(number) for number in scripts),
        y=tuple(shares.get(number, 0.0) for number in scripts),
        kind="heat",
        family=FAMILY,
        reading="Of the tokens that hold letters, the share in each script, for the scripts that "
        "have the most tokens in the vocabularies compared. `mixed` is letters of several "
        "scripts in one token.",
    )


def _script_shares(classes: TokenClasses, by_id: NDArray[np.int64]) -> Mapping[int, float]:
    """The share of each script among the tokens with letters."""
    lettered = classes.script != NO_SCRIPT
    numbers, places = np.unique(classes.script[lettered], return_inverse=True)
    sums = np.bincount(places, by_id[lettered], len(numbers))
    total = max(sums.sum(), 1)
    return dict(zip(numbers.tolist(), (sums / total).tolist(), strict=True))


def _shown_scripts(peers: Mapping[str, Vocabulary]) -> tuple[int, ...]:
    """The scripts of the heat map, the same for all tokenizers: those with the largest shares."""
    sums: dict[int, float] = {}
    for vocabulary in peers.values():
        classes = token_classes(Identity(vocabulary))
        ones = np.ones(len(classes.script), dtype=np.int64)
        for number, share in _script_shares(classes, ones).items():
            sums[number] = sums.get(number, 0.0) + share
    ordered = sorted(sums, key=lambda number: (-sums[number], _script_label(number)))
    return tuple(ordered[:MAX_SCRIPTS])


def _script_label(number: int) -> str:
    """The name of a script on the axis."""
    return "mixed" if number == MIXED_SCRIPTS else script_name(number, long=True)

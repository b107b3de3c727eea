"""Gold words: which there are for a slice, where their morphemes begin, and where tokens cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tokeval.core.alignment import byte_spans
from tokeval.core.resources import GoldWord
from tokeval.core.study import Sample, Subject
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined

Boundaries = list[frozenset[int]]
"""Of each word: byte positions inside it, its two ends excluded."""


def language_in(sample: Sample, known: Mapping[str, object]) -> str | None:
    """The tag under which something is known for the language of a slice; `None` where nothing is.

    The language is the label `bcp47`, else the name of the slice; the whole tag is looked for
    first, then its first part.

    >>> language_in(Sample("mine", (), {"bcp47": "tr-TR"}), {"tr": 1})
    'tr'
    """
    tag = sample.labels.get("bcp47", sample.slice)
    candidates = (tag, tag.lower(), tag.replace("_", "-").split("-")[0].lower())
    return next((candidate for candidate in candidates if candidate in known), None)


def cuts_inside(tokenizer: Tokenizer, words: Sequence[str], *, before: str = "") -> Boundaries:
    """Where tokens begin inside each word, which is encoded behind `before`."""
    encoded, spans = byte_spans(tokenizer, [before + word for word in words])
    text = np.repeat(np.arange(len(words)), np.diff(encoded.offsets))
    start = len(before.encode())
    ends = np.array([start + len(word.encode()) for word in words], dtype=np.int64)
    inside = (spans[:, 1] > spans[:, 0]) & (spans[:, 0] > start) & (spans[:, 0] < ends[text])
    found: list[set[int]] = [set() for _ in words]
    places = (spans[inside, 0] - start).tolist()
    for number, place in zip(text[inside].tolist(), places, strict=True):
        found[number].add(place)
    return [frozenset(cuts) for cuts in found]


def gold_boundaries(words: Sequence[GoldWord]) -> list[tuple[int, ...]]:
    """Where the morphemes of each word but the first begin, in bytes, ascending.

    >>> gold_boundaries([GoldWord("evlerde", ("ev", "ler", "de"))])
    [(2, 5)]
    """
    lengths = [[len(morpheme.encode()) for morpheme in word.morphemes[:-1]] for word in words]
    return [tuple(np.cumsum(row, dtype=np.int64).tolist()) for row in lengths]


def gold_words(subject: Subject) -> tuple[GoldWord, ...] | Undefined:
    """The gold segmentations of the language of a slice, or why there are none."""
    if subject.sample is None:
        return Undefined("there is no text")
    gold = subject.resources.gold
    language = language_in(subject.sample, gold)
    words = gold[language] if language is not None else ()
    tag = subject.sample.labels.get("bcp47", subject.sample.slice)
    return words or Undefined(
        f"there are no gold segmentations for {tag!r} "
        f"(--gold {tag}=FILE, with lines `word<TAB>morpheme morpheme`)"
    )

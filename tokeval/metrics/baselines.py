"""Baselines: bytes, characters and words of the same text, beside metrics that they put in place.

They are counted from the text itself. Words have no vocabulary but those that occur, so that none
of them is unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tokeval.core.character_sets import character_table
from tokeval.core.corpus import Slice, chunks
from tokeval.core.evidence import TOKENS_PER_WORD_BINS, Evidence, pool
from tokeval.core.metric import WHOLE_CORPUS, Context, Metric
from tokeval.core.segmentation import SEPARATOR, segment
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.study import Tally
from tokeval.core.tokenizer import Vocabulary
from tokeval.core.wordforms import SplitWords, WordForms
from tokeval.document import TokenizerInfo, Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.metrics.evaluate import Measurement

MAX_WORDS = 2**20
"""Most distinct words that are told apart."""

NAMES = {"byte": "(bytes)", "character": "(characters)", "word": "(words)"}
"""By unit; no tokenizer is called so by chance."""


@dataclass(frozen=True)
class Baseline:
    """A baseline on every slice.

    Attributes:
        unit: what a token is: `byte`, `character` or `word`.
        vocabulary: the bytes of its ids.
        evidence: by slice; token counts alone are filled.
        is_complete: whether every word got an id.
    """

    unit: str
    vocabulary: Vocabulary
    evidence: Mapping[str, Evidence]
    is_complete: bool = True

    @property
    def fingerprint(self) -> str:
        """sha256 of what it is; of bytes and characters that of the tokenizer."""
        return _fingerprint(self.unit)

    def judged_by(self, metric: Metric) -> Metric:
        """The metric, undefined where some words have no id."""
        if self.is_complete:
            return metric
        reason = Undefined(f"the text has more than {MAX_WORDS:,} distinct words")
        return replace(metric, compute=lambda _: reason)


def baseline_name(unit: str, taken: Collection[str]) -> str:
    """What tables call a baseline: a name that no tokenizer has."""
    name = NAMES[unit]
    while name in taken:
        name += "*"
    return name


def baseline_infos(
    metrics: Sequence[Metric], tokenizers: Collection[str]
) -> dict[str, TokenizerInfo]:
    """What the document says of the baselines by name; nothing where no metric has them."""
    if not any(metric.beside_baselines for metric in metrics):
        return {}
    sizes = {
        "byte": len(ByteTokenizer().vocabulary),
        "character": len(CharacterTokenizer().vocabulary),
        "word": MAX_WORDS,
    }
    note = "a baseline beside some metrics, counted from the text; it was not given as a tokenizer"
    return {
        baseline_name(unit, tokenizers): TokenizerInfo(
            fingerprint=_fingerprint(unit),
            loader="tokeval",
            source=f"baseline:{unit}",
            model=unit.capitalize(),
            vocab_size=size,
            notes=(note,),
        )
        for unit, size in sizes.items()
    }


def _fingerprint(unit: str) -> str:
    return hashlib.sha256(f"baseline:{unit}".encode()).hexdigest()


@dataclass
class _Words:
    """Ids of words and of the characters between them, in the order of their first occurrence."""

    ids: dict[str, int] = field(default_factory=dict)
    is_complete: bool = True

    def of(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Text and id of every word, and of every other character that is not white space."""
        segments = segment(texts)
        batch = SEPARATOR.join(texts)
        spans = segments.word_characters.tolist()
        codes = np.frombuffer(batch.encode("utf-32-le"), dtype=np.uint32)
        between = ~character_table("[:White_Space:]")[codes]
        for a, b in spans:
            between[a:b] = False
        places = np.flatnonzero(between)
        others = np.searchsorted(segments.text_starts, places, side="right") - 1
        spelled = [*(batch[a:b] for a, b in spans), *(batch[at] for at in places.tolist())]
        ids = np.fromiter(map(self._id, spelled), np.int64, len(spelled))
        known = ids >= 0
        return np.concatenate((segments.word_texts, others))[known], ids[known]

    def _id(self, spelled: str) -> int:
        """The id of a word, −1 when there are too many."""
        if spelled not in self.ids and len(self.ids) >= MAX_WORDS:
            self.is_complete = False
            return -1
        return self.ids.setdefault(spelled, len(self.ids))


Units = Callable[[Sequence[str]], tuple[NDArray[np.int64], NDArray[np.int64]]]
"""From texts to the text and the id of every unit."""


def count_baselines(measurement: Measurement) -> tuple[Baseline, ...]:
    """The three baselines on the slices of a measurement, in the same blocks.

    Every slice is read once more.
    """
    words = _Words()
    units: dict[str, Units] = {"byte": _bytes, "character": _characters, "word": words.of}
    measured = next(iter(measurement.evidence.values()))
    found: dict[str, dict[str, Evidence]] = {unit: {} for unit in units}
    for part in measurement.slices:
        counts = _count(part, units)
        for unit, of_slice in found.items():
            of_slice[part.name] = _evidence(counts[unit], measured[part.name].n_blocks)
    vocabulary = Vocabulary(tuple(word.encode() for word in words.ids))
    return (
        Baseline("byte", ByteTokenizer().vocabulary, found["byte"]),
        Baseline("character", CharacterTokenizer().vocabulary, found["character"]),
        Baseline("word", vocabulary, found["word"], words.is_complete),
    )


def baseline_contexts(
    measurement: Measurement, contexts: Mapping[str, Mapping[str, Context]]
) -> list[tuple[Baseline, dict[str, Context]]]:
    """What metrics may look at of each baseline: its counts on each slice and on all of them.

    What studies say of the text is taken from the first tokenizer for which they say anything.

    Args:
        measurement: of the tokenizers.
        contexts: of the tokenizers, by name and slice.
    """
    found = []
    for baseline in count_baselines(measurement):
        evidence = {**baseline.evidence, WHOLE_CORPUS: pool(list(baseline.evidence.values()))}
        places = {}
        for place, of_place in evidence.items():
            known = [by_place[place] for by_place in contexts.values()]
            tallies = dict(known[0].tallies)
            for context in reversed(known):
                tallies |= {n: t for n, t in context.tallies.items() if isinstance(t, Tally)}
            places[place] = replace(
                known[0],
                evidence=of_place,
                vocabulary=baseline.vocabulary,
                tallies=tallies,
                name=baseline_name(baseline.unit, contexts),
            )
        found.append((baseline, places))
    return found


def _count(part: Slice, units: Mapping[str, Units]) -> dict[str, SparseCounts]:
    """How often each unit occurs in each block of a slice."""
    counts: dict[str, list[SparseCounts]] = {unit: [] for unit in units}
    for chunk in chunks(part):
        texts = [text for document in chunk.documents for text in document]
        sizes = [len(document) for document in chunk.documents]
        blocks = np.repeat(np.array(chunk.blocks, dtype=np.int64), sizes)
        for unit, cut in units.items():
            of_text, ids = cut(texts)
            counts[unit].append(SparseCounts.of(blocks[of_text], ids))
    return {unit: SparseCounts.total(parts) for unit, parts in counts.items()}


def _bytes(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Text and value of every byte."""
    return _flat([np.frombuffer(text.encode(), dtype=np.uint8) for text in texts])


def _characters(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Text and code point of every character."""
    return _flat([np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32) for text in texts])


def _flat(
    by_text: Sequence[NDArray[np.uint8] | NDArray[np.uint32]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Text and id of every unit, from the ids of each text."""
    lengths = [len(ids) for ids in by_text]
    return np.repeat(np.arange(len(by_text)), lengths), np.concatenate(by_text).astype(np.int64)


def _evidence(counts: SparseCounts, n_blocks: int) -> Evidence:
    """Evidence of token counts alone."""
    return Evidence(
        n_blocks=n_blocks,
        totals={},
        token_counts=counts,
        text_lengths=SparseCounts(),
        tokens_per_word=np.zeros(TOKENS_PER_WORD_BINS, dtype=np.int64),
        word_forms=WordForms(*np.empty((4, 0), dtype=np.int64)),
        split_words=SplitWords(),
    )

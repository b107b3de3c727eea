"""Frequency: what frequent and rare words cost, and what leaving some text out would save."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import byte_spans, ranges
from tokeval.core.character_sets import character_table
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric, ratio
from tokeval.core.segmentation import SEPARATOR, Segments, segment
from tokeval.core.study import Sample, Study, Subject, Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import MetricInfo, Series, Undefined
from tokeval.metrics.entries import tally_ratio
from tokeval.metrics.words import words_are_undefined

FAMILY = "words"

N_STOPWORDS = 50
OCCURRENCES = (1, 2, 4, 8, 16)
"""Least occurrences of a word in each band of the figure."""

_PUNCTUATION = "[:P:]"


@dataclass(frozen=True)
class Words:
    """The words of some texts and how frequent they are there.

    Attributes:
        texts: the texts.
        segments: of the texts.
        forms: number of the form of each word, case folded; the most frequent form is 0.
        counts: occurrences by form, descending.
    """

    texts: Sequence[str]
    segments: Segments
    forms: NDArray[np.int64]
    counts: NDArray[np.int64]

    @staticmethod
    def of(texts: Sequence[str]) -> Words:
        """The words of texts; equally frequent forms in the order of Unicode."""
        segments = segment(texts)
        batch = SEPARATOR.join(texts)
        spelled = [batch[a:b].casefold() for a, b in segments.word_characters.tolist()]
        counted = sorted(Counter(spelled).items(), key=lambda item: (-item[1], item[0]))
        numbers = {form: number for number, (form, _) in enumerate(counted)}
        forms = np.fromiter(map(numbers.__getitem__, spelled), np.int64, len(spelled))
        return Words(texts, segments, forms, np.array([n for _, n in counted], dtype=np.int64))

    @property
    def occurrences(self) -> NDArray[np.int64]:
        """How often the form of each word occurs, shape (n_words,)."""
        return self.counts[self.forms]

    @property
    def is_frequent(self) -> NDArray[np.bool_]:
        """Whether each word is of the fewest forms that make half of all words, and occurs twice.

        Shape (n_words,).
        """
        before = np.cumsum(self.counts) - self.counts
        frequent = (2 * before < self.counts.sum()) & (self.counts > 1)
        of_words: NDArray[np.bool_] = frequent[self.forms]
        return of_words

    def tokens_in(self, tokenizer: Tokenizer) -> NDArray[np.float64]:
        """Tokens of each word; a token over k words counts 1/k in each. Shape (n_words,)."""
        encoded, spans = byte_spans(tokenizer, self.texts)
        starts = self.segments.byte_at[self.segments.text_starts]
        spans = spans + np.repeat(starts, np.diff(encoded.offsets))[:, None]
        words = self.segments.words
        first = np.searchsorted(words[:, 1], spans[:, 0], side="right")
        last = np.searchsorted(words[:, 0], spans[:, 1], side="left")
        n_words = np.where(spans[:, 1] > spans[:, 0], np.maximum(last - first, 0), 0)
        shares = np.repeat(1 / np.maximum(n_words, 1), n_words)
        in_words: NDArray[Any] = np.bincount(ranges(first, n_words), shares, len(words))
        return in_words

    @cached_property
    def codes(self) -> NDArray[np.uint32]:
        """The characters of the joined texts."""
        return np.frombuffer(SEPARATOR.join(self.texts).encode("utf-32-le"), dtype=np.uint32)

    def without_punctuation(self) -> list[str]:
        """The texts without characters of general category P, those inside words excepted."""
        dropped = character_table(_PUNCTUATION)[self.codes]
        words = self.segments.word_characters
        dropped[ranges(words[:, 0], words[:, 1] - words[:, 0])] = False
        return self._without(dropped)

    def without_stopwords(self) -> list[str]:
        """The texts without the 50 most frequent forms, each with the space before it."""
        words = self.segments.word_characters[self.forms < N_STOPWORDS]
        before = np.maximum(words[:, 0] - 1, 0)
        starts = np.where(self.codes[before] == ord(" "), before, words[:, 0])
        dropped = np.zeros(len(self.codes), dtype=np.bool_)
        dropped[ranges(starts, words[:, 1] - starts)] = True
        return self._without(dropped)

    def _without(self, dropped: NDArray[np.bool_]) -> list[str]:
        """The texts without some characters of the batch."""
        bounds = zip(
            self.segments.text_starts.tolist(), self.segments.text_ends.tolist(), strict=True
        )
        return [self.codes[a:b][~dropped[a:b]].tobytes().decode("utf-32-le") for a, b in bounds]


def measure(subject: Subject) -> Tally | Undefined:
    """Words and their tokens by frequency, and tokens of the texts whole and without parts."""
    sample, tokenizer = subject.sample, subject.tokenizer
    if sample is None or not any(sample.texts):
        return Undefined("there is no text")
    words = Words.of(sample.texts)
    columns = _bands(words, words.tokens_in(tokenizer), sample)
    versions = {
        "tokens": sample.texts,
        "tokens_without_punctuation": words.without_punctuation(),
        "tokens_without_stopwords": words.without_stopwords(),
    }
    for name, texts in versions.items():
        lengths = np.diff(tokenizer.encode_batch(texts).offsets)
        columns[name] = np.bincount(sample.text_blocks, lengths, sample.n_blocks)
    return Tally(sample.n_blocks, columns)


def _bands(words: Words, tokens: NDArray[np.float64], sample: Sample) -> dict[str, NDArray[Any]]:
    """Words and tokens in them by block: the frequent, the rare, and each band of the figure."""
    occurrences = words.occurrences
    chosen = {"frequent": words.is_frequent, "rare": occurrences == 1}
    for least, most in zip(OCCURRENCES, (*OCCURRENCES[1:], np.inf), strict=True):
        chosen[f"from_{least}"] = (occurrences >= least) & (occurrences < most)
    blocks = sample.text_blocks[words.segments.word_texts]
    columns: dict[str, NDArray[Any]] = {}
    for band, members in chosen.items():
        columns[f"{band}_words"] = np.bincount(blocks, members, sample.n_blocks)
        columns[f"{band}_tokens"] = np.bincount(blocks, members * tokens, sample.n_blocks)
    return columns


STUDY = Study("frequency_bands", measure)


def fertility_frequent(context: Context) -> Folds | Undefined:
    """Σ tokens of frequent words / Σ frequent words."""
    return _of_band(context, "frequent", "words that occur more than once in the sample")


def fertility_rare(context: Context) -> Folds | Undefined:
    """Σ tokens of words that occur once / Σ these words."""
    return _of_band(context, "rare", "words that occur only once in the sample")


def _of_band(context: Context, band: str, what: str) -> Folds | Undefined:
    """Σ tokens / Σ words of a band."""
    columns = (f"{band}_tokens", f"{band}_words")
    return words_are_undefined(context) or tally_ratio(context, STUDY, columns, what=what)


def punctuation_token_share(context: Context) -> Folds | Undefined:
    """1 − Σ tokens without punctuation / Σ tokens."""
    return _saved(context, "tokens_without_punctuation")


def stopword_token_share(context: Context) -> Folds | Undefined:
    """1 − Σ tokens without the most frequent words / Σ tokens."""
    return words_are_undefined(context) or _saved(context, "tokens_without_stopwords")


def _saved(context: Context, column: str) -> Folds | Undefined:
    """The share of the tokens that a shorter version of the texts saves."""
    tally = context.tally(STUDY)
    if isinstance(tally, Undefined):
        return tally
    tokens = tally.sums("tokens")
    return ratio(tokens - tally.sums(column), tokens, "tokens")


def series(name: str, whole: Context) -> list[Series]:
    """Tokens per word by how often the word occurs."""
    tally = whole.tally(STUDY)
    if isinstance(tally, Undefined) or words_are_undefined(whole):
        return []
    labels, y = [], []
    for least, following in zip(OCCURRENCES, (*OCCURRENCES[1:], None), strict=True):
        n_words = tally.sums(f"from_{least}_words")[0]
        if n_words:
            last = f"–{following - 1}" if following else "+"
            labels.append("1" if following == 2 else f"{least}{last}")
            y.append(float(tally.sums(f"from_{least}_tokens")[0] / n_words))
    return [
        Series(
            id="fertility_by_frequency",
            title="Tokens per word by frequency of the word",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="occurrences of the word in the sample of its slice",
            y_label="tokens per word",
            x=tuple(labels),
            y=tuple(y),
            kind="bars",
            family=FAMILY,
            reading="The left bars are rare words. Where they stand far above the right ones, "
            "names and special terms are what the tokenizer cuts into pieces.",
        )
    ]


METRICS = (
    Metric(
        MetricInfo(
            id="fertility_frequent",
            title="Fertility of frequent words",
            family=FAMILY,
            unit="tokens/word",
            direction="lower",
            formula="Σ tokens in frequent words / Σ frequent words: the fewest forms, case folded, "
            "that make half of the words of the sample; a token over k words counts 1/k in each",
            source="tokeval; words by UAX #29, frequencies those of the sample",
            docs="docs/metrics.md#fertility_frequent",
            reading="What the words cost that make up half of the text. A word tokenizer wins this "
            "metric by definition.",
            lower_bound=0,
        ),
        fertility_frequent,
        parameters=("words", "sample"),
        study=STUDY,
    ),
    Metric(
        MetricInfo(
            id="fertility_rare",
            title="Fertility of rare words",
            family=FAMILY,
            unit="tokens/word",
            direction="lower",
            formula="Σ tokens in words whose form, case folded, occurs once in the sample / Σ such "
            "words; a token over k words counts 1/k in each",
            source="tokeval; words by UAX #29",
            docs="docs/metrics.md#fertility_rare",
            reading="What rare words cost: names, terms, inflected forms. The smaller the sample, "
            "the more common words are among them. A word tokenizer wins this metric by "
            "definition.",
            lower_bound=0,
        ),
        fertility_rare,
        parameters=("words", "sample"),
        study=STUDY,
    ),
    Metric(
        MetricInfo(
            id="punctuation_token_share",
            title="Tokens saved without punctuation",
            family=FAMILY,
            unit="ratio",
            direction="none",
            formula="1 − Σ tokens of the text without punctuation outside words / Σ tokens",
            source="tokeval; general category P, words by UAX #29",
            docs="docs/metrics.md#punctuation_token_share",
            reading="How much shorter the text becomes when its punctuation is dropped. Below 0, "
            "tokens were lost that joined punctuation to text.",
            upper_bound=1,
        ),
        punctuation_token_share,
        parameters=("unicode", "sample"),
        study=STUDY,
    ),
    Metric(
        MetricInfo(
            id="stopword_token_share",
            title="Tokens saved without stopwords",
            family=FAMILY,
            unit="ratio",
            direction="none",
            formula=f"1 − Σ tokens of the text without its {N_STOPWORDS} most frequent word forms, "
            "case folded, and the spaces before them / Σ tokens",
            source="tokeval; no list of stopwords is used",
            docs="docs/metrics.md#stopword_token_share",
            reading="How much shorter the text becomes when its most frequent words are dropped. "
            "In a small sample, words of its subject are among them.",
            upper_bound=1,
        ),
        stopword_token_share,
        parameters=("words", "sample"),
        study=STUDY,
    ),
)

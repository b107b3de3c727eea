"""Series: the points of the figures that reports draw, for the whole corpus."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import Evidence
from tokeval.core.metric import WHOLE_CORPUS, Context
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Series
from tokeval.metrics import compression, fairness, information, words

MAX_POINTS = 60


def series(tokenizer: Tokenizer, whole: Context) -> list[Series]:
    """All series of one tokenizer.

    Args:
        tokenizer: what was measured.
        whole: its context on the whole corpus.
    """
    name = tokenizer.name
    evidence = whole.evidence
    found = [_tokens_per_line(name, evidence), _rank_frequency(name, evidence)]
    if words.words_are_undefined(whole) is None and evidence.tokens_per_word.sum():
        found.append(_tokens_per_word(name, evidence))
    if len(whole.group) > 1:
        found.append(_lorenz(name, whole.group))
    return found


def _tokens_per_word(name: str, evidence: Evidence) -> Series:
    """Share of the words by number of tokens that overlap them."""
    histogram = evidence.tokens_per_word
    last = int(np.flatnonzero(histogram)[-1])
    shares = histogram / histogram.sum()
    labels = [str(n) if n < len(histogram) - 1 else f"{n}+" for n in range(last + 1)]
    first = 0 if histogram[0] else 1
    return Series(
        id="tokens_per_word",
        title="Tokens per word",
        tokenizer=name,
        slice=WHOLE_CORPUS,
        x_label="tokens that overlap the word",
        y_label="share of words",
        x=tuple(labels[first:]),
        y=tuple(shares[first : last + 1].tolist()),
        family=words.FAMILY,
        reading="How many tokens a word becomes. Mass at 1 means words kept whole; a long tail "
        "means words in many small pieces.",
    )


def _tokens_per_line(name: str, evidence: Evidence) -> Series:
    """Share of the texts with at most so many tokens."""
    lengths, index = np.unique(evidence.text_lengths.types, return_inverse=True)
    counts = np.bincount(index, weights=evidence.text_lengths.counts)
    shares = np.cumsum(counts) / counts.sum()
    chosen = _thin(len(lengths))
    return Series(
        id="tokens_per_line_ecdf",
        title="Length of texts",
        tokenizer=name,
        slice=WHOLE_CORPUS,
        x_label="tokens in a text",
        y_label="share of texts at most so long",
        x=tuple(lengths[chosen].astype(float).tolist()),
        y=tuple(shares[chosen].tolist()),
        family=compression.FAMILY,
        reading="The share of texts that need at most so many tokens. A curve further to the left "
        "encodes the same texts in fewer tokens; read a context limit straight up.",
    )


def _rank_frequency(name: str, evidence: Evidence) -> Series:
    """Relative frequency of the token of each rank."""
    counts = np.sort(evidence.token_types.counts)[::-1]
    ranks = np.unique(np.geomspace(1, max(len(counts), 1), MAX_POINTS).astype(np.int64))
    ranks = ranks[ranks <= len(counts)]
    return Series(
        id="rank_frequency",
        title="Frequency by rank",
        tokenizer=name,
        slice=WHOLE_CORPUS,
        x_label="rank of the token",
        y_label="share of all tokens",
        x=tuple(ranks.astype(float).tolist()),
        y=tuple((counts[ranks - 1] / counts.sum()).tolist()),
        family=information.FAMILY,
        reading="How often tokens occur, the most frequent first, both axes logarithmic. A "
        "straight line is Zipf's law; an early drop means many rare tokens, hardly learned.",
    )


def _lorenz(name: str, group: Mapping[str, Evidence]) -> Series:
    """Share of the tokens that the cheapest slices take."""
    means = [part.sums("tokens")[0] / part.sums("lines")[0] for part in group.values()]
    x, y = fairness.lorenz_curve(np.array(means))
    return Series(
        id="lorenz",
        title="Lorenz curve of tokens per line",
        tokenizer=name,
        slice=WHOLE_CORPUS,
        x_label="share of slices, cheapest first",
        y_label="share of tokens per line",
        x=tuple(x),
        y=tuple(y),
        family=fairness.FAMILY,
        reading="Slices from the cheapest to the dearest, and the share of all tokens that they "
        "use up. On the diagonal every slice costs the same; the deeper the bow, the less equal.",
    )


def _thin(n: int) -> NDArray[np.int64]:
    """At most MAX_POINTS positions of n, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, MAX_POINTS)).round().astype(np.int64))

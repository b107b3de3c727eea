"""Batch merges: tokens that new tokens, made for each batch of texts, would save."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import byte_spans
from tokeval.core.corpus import count_blocks
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric, ratio
from tokeval.core.segmentation import SEPARATOR, segment
from tokeval.core.study import Study, Subject, Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import MetricInfo, Series, Undefined
from tokeval.metrics.words import words_are_undefined

FAMILY = "compression"

BATCH_TEXTS = 16
"""Consecutive texts of the sample that share their merges."""

N_MERGES = 50
"""Merges of a batch that the metric counts."""

STEPS = (1, 2, 5, 10, 20, N_MERGES, 100, 200)
"""Merges that the figure shows."""

Piece = tuple[int, ...]
Pair = tuple[int, int]


def merged(piece: Piece, pair: Pair, new: int) -> Piece:
    """The tokens of a piece after one merge, from left to right.

    >>> merged((7, 7, 7, 8), (7, 7), 9)
    (9, 7, 8)
    """
    tokens: list[int] = []
    at = 0
    while at < len(piece):
        if piece[at : at + 2] == pair:
            tokens.append(new)
            at += 2
        else:
            tokens.append(piece[at])
            at += 1
    return tuple(tokens)


def tokens_saved(pieces: Mapping[Piece, int], n_merges: int) -> list[int]:
    """Tokens that each merge saves, in order; fewer than asked for where no pair occurs twice.

    As byte-pair encoding is trained: the most frequent pair of adjacent tokens becomes one, the
    smallest ids first where several are as frequent; pairs are counted anew after each merge.

    Args:
        pieces: tokens that may be joined with one another, and how often they occur so.
        n_merges: the most merges.

    >>> tokens_saved({(1, 2, 3): 2, (1, 2): 1, (4, 5): 1}, 9)
    [3, 2]
    """
    spelled, occurrences = list(pieces), list(pieces.values())
    counts: Counter[Pair] = Counter()
    places: defaultdict[Pair, set[int]] = defaultdict(set)
    for number, (piece, n) in enumerate(pieces.items()):
        _count(piece, n, number, counts=counts, places=places)
    new = 1 + max((i for piece in pieces for i in piece), default=0)
    saved: list[int] = []
    while len(saved) < n_merges and counts:
        most = max(counts.values())
        if most < 2:
            break
        pair = min(pair for pair, n in counts.items() if n == most)
        saved.append(0)
        for number in places.pop(pair):
            piece, n = spelled[number], occurrences[number]
            shorter = merged(piece, pair, new)
            if shorter == piece:
                continue
            _count(piece, -n, number, counts=counts, places=places)
            _count(shorter, n, number, counts=counts, places=places)
            spelled[number] = shorter
            saved[-1] += n * (len(piece) - len(shorter))
        del counts[pair]
        new += 1
    return saved


def _count(
    piece: Piece,
    n: int,
    number: int,
    *,
    counts: Counter[Pair],
    places: defaultdict[Pair, set[int]],
) -> None:
    """Adds the pairs of a piece n times, takes them away where n is negative."""
    for pair in pairwise(piece):
        counts[pair] += n
        if n > 0:
            places[pair].add(number)


def joinable(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Counter[Piece]]:
    """Of each text: the runs of tokens that stand for parts of one word, and how often they occur.

    A word is taken with the space before it. Tokens that reach beyond it, stand between words or
    are unknown belong to no run.
    """
    segments = segment(texts)
    batch = SEPARATOR.join(texts).encode()
    spaced = np.frombuffer(b" " + batch, dtype=np.uint8)[segments.words[:, 0]] == ord(" ")
    starts, ends = segments.words[:, 0] - spaced, segments.words[:, 1]
    encoded, spans = byte_spans(tokenizer, texts)
    text_of = np.repeat(np.arange(len(texts)), np.diff(encoded.offsets))
    first, last = (spans + segments.byte_at[segments.text_starts][text_of][:, None]).T
    word = np.searchsorted(starts, first, side="right") - 1
    inside = (word >= 0) & (first < last) & (encoded.ids != tokenizer.vocabulary.unknown_id)
    inside[inside] &= last[inside] <= ends[word[inside]]
    found: list[Counter[Piece]] = [Counter() for _ in texts]
    runs = zip(encoded.ids.tolist(), word.tolist(), inside.tolist(), text_of.tolist(), strict=True)
    for (_, is_inside, text), run in groupby(runs, key=lambda token: token[1:]):
        if is_inside:
            found[text][tuple(token[0] for token in run)] += 1
    return found


def measure(subject: Subject) -> Tally | Undefined:
    """Tokens of each batch, and those that its first merges save; a batch is a jackknife block."""
    sample, tokenizer = subject.sample, subject.tokenizer
    if sample is None or not any(sample.texts):
        return Undefined("there is no text")
    texts = sample.texts
    tokens = np.diff(tokenizer.encode_batch(texts).offsets)
    pieces = joinable(tokenizer, texts)
    starts = range(0, len(texts), BATCH_TEXTS)
    columns: dict[str, NDArray[np.int64]] = {"tokens": np.add.reduceat(tokens, starts)}
    saved = np.zeros((len(starts), max(STEPS) + 1), dtype=np.int64)
    for number, start in enumerate(starts):
        batch: Counter[Piece] = sum(pieces[start : start + BATCH_TEXTS], Counter())
        steps = tokens_saved(batch, max(STEPS))
        saved[number, 1 : 1 + len(steps)] = steps
    for step, by_batch in zip(STEPS, saved.cumsum(axis=1)[:, STEPS].T, strict=True):
        columns[f"saved_{step}"] = by_batch
    return Tally(len(starts), columns).regrouped(count_blocks(len(starts)))


STUDY = Study("batch_merges", measure)


def batch_merge_share(context: Context) -> Folds | Undefined:
    """Σ tokens that the first merges of each batch save / Σ tokens."""
    tally = context.tally(STUDY)
    reason = words_are_undefined(context)
    if reason:
        return reason
    if isinstance(tally, Undefined):
        return tally
    return ratio(tally.sums(f"saved_{N_MERGES}"), tally.sums("tokens"), "tokens")


def series(name: str, whole: Context) -> list[Series]:
    """The share of the tokens that so many merges of each batch save."""
    tally = whole.tally(STUDY)
    if isinstance(tally, Undefined) or words_are_undefined(whole):
        return []
    tokens = int(tally.sums("tokens")[0])
    if not tokens:
        return []
    return [
        Series(
            id="batch_merges",
            title="Tokens saved by merges of a batch",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label=f"merges for every {BATCH_TEXTS} texts",
            y_label="share of tokens saved",
            x=(0.0, *map(float, STEPS)),
            y=(0.0, *(float(tally.sums(f"saved_{step}")[0] / tokens) for step in STEPS)),
            family=FAMILY,
            reading="How much shorter the text becomes when the most frequent pairs of tokens "
            "inside words are joined anew in every batch. A line that climbs fast is of a "
            "vocabulary that lacks words of this text; one that levels off has no more to join.",
        )
    ]


METRICS = (
    Metric(
        MetricInfo(
            id="batch_merge_share",
            title="Tokens saved by batch merges",
            family=FAMILY,
            unit="share",
            direction="none",
            formula=f"Σ tokens saved by the first {N_MERGES} merges of each batch of {BATCH_TEXTS} "
            "texts / Σ tokens; a merge joins the most frequent pair of adjacent tokens inside a "
            "word or the space before it, where it occurs twice",
            source="after Feher, Vulić and Minixhofer 2024, dynamic tokenization, "
            "arXiv 2411.18553; words by UAX #29 in place of pre-tokens",
            docs="docs/metrics.md#batch_merge_share",
            reading="What a tokenizer that adapts to each batch would gain. Much is saved where "
            "words are cut small, so bytes and characters read highest, and a tokenizer of words "
            "reads 0: it is room for improvement, not quality.",
            lower_bound=0,
            upper_bound=1,
        ),
        batch_merge_share,
        parameters=("words", "sample"),
        study=STUDY,
    ),
)

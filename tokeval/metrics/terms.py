"""Terms: how the terms of a domain are cut, and what adding them to the vocabulary would save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import byte_spans
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds
from tokeval.core.resources import GoldWord
from tokeval.core.study import Study, Subject, Tally
from tokeval.core.term_search import Occurrences, index_terms, locate_terms
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Series, Undefined
from tokeval.metrics.entries import Entries, tally_constant, tally_ratio

FAMILY = "terms"

NO_TERMS = Undefined("no terms were given (--terms FILE)")

BEFORE = "a "
"""What terms stand after when they are encoded one by one: most terms of a text follow a space."""

NUMBERS_OF_TERMS = (10, 100, 1000)
"""How many terms are added to the vocabulary."""

CURVE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""The same for the figure."""


def measure_terms(subject: Subject) -> Tally | Undefined:
    """Tokens of each term after a word and a space, and how their cuts meet gold morphemes."""
    terms = subject.resources.terms
    if not terms:
        return NO_TERMS
    texts = [BEFORE + term for term in terms]
    encoded, spans = byte_spans(subject.tokenizer, texts)
    starts = len(BEFORE)
    text = np.repeat(np.arange(len(texts)), np.diff(encoded.offsets))
    ends = np.array([len(text.encode()) for text in texts], dtype=np.int64)
    touches = (spans[:, 1] > starts) & (spans[:, 1] > spans[:, 0])
    n_tokens = np.bincount(text[touches], minlength=len(texts))
    covers = touches & (spans[:, 0] >= starts - 1) & (spans[:, 1] == ends[text])
    unknown = subject.tokenizer.vocabulary.unknown_id
    if unknown is not None:
        covers &= encoded.ids != unknown
    is_whole = (np.bincount(text[covers], minlength=len(texts)) == 1) & (n_tokens == 1)
    inner = touches & (spans[:, 0] > starts)
    cuts = list(zip(text[inner].tolist(), (spans[inner, 0] - starts).tolist(), strict=True))
    n_cuts, n_wrong = _count_gold(terms, cuts, subject.resources.gold)
    counts = {
        "terms": len(terms),
        "tokens": int(n_tokens.sum()),
        "whole": int(is_whole.sum()),
        "gold_cuts": n_cuts,
        "wrong_cuts": n_wrong,
    }
    return Tally(0, {name: np.array([count]) for name, count in counts.items()})


def _count_gold(
    terms: Sequence[str],
    cuts: Sequence[tuple[int, int]],
    gold: Mapping[str, Sequence[GoldWord]],
) -> tuple[int, int]:
    """Cuts of terms that have a gold segmentation, and those inside one of its morphemes."""
    boundaries: dict[str, set[int]] = {}
    for word in (word for words in gold.values() for word in words):
        ends = np.cumsum([len(morpheme.encode()) for morpheme in word.morphemes])
        boundaries.setdefault(word.word, set()).update(ends.tolist())
    judged = [(terms[t], cut) for t, cut in cuts if terms[t] in boundaries]
    return len(judged), sum(cut not in boundaries[term] for term, cut in judged)


def measure_gains(subject: Subject) -> Tally | Undefined:
    """Tokens of the terms in the samples, and tokens saved by the k terms that save the most.

    A term that is added to the vocabulary takes the place of the tokens that touch it, but for
    those that hold something else too, the space before it aside.
    """
    terms = subject.resources.terms
    if not terms:
        return NO_TERMS
    n_blocks = min((sample.n_blocks for sample in subject.samples), default=0)
    if not n_blocks:
        return Undefined("there is no text")
    index = index_terms(terms)
    number = {term: i for i, term in enumerate(terms)}
    saved = np.zeros((len(terms), n_blocks), dtype=np.int64)
    columns = {name: np.zeros(n_blocks, np.int64) for name in ("tokens", "uses", "use_tokens")}
    for sample in subject.samples:
        found = locate_terms(sample.texts, index, number)
        n_tokens, touching, savings = _weigh(subject.tokenizer, sample.texts, found)
        blocks = sample.text_blocks % n_blocks
        np.add.at(columns["tokens"], blocks, n_tokens)
        np.add.at(columns["uses"], blocks[found.texts], 1)
        np.add.at(columns["use_tokens"], blocks[found.texts], touching)
        np.add.at(saved, (found.terms, blocks[found.texts]), savings)
    best_first = np.argsort(-saved.sum(axis=1), kind="stable")
    cumulative = np.cumsum(saved[best_first], axis=0)
    for k in CURVE:
        columns[f"saved_{k}"] = cumulative[min(k, len(terms)) - 1]
    return Tally(n_blocks, columns)


def _weigh(
    tokenizer: Tokenizer, texts: Sequence[str], found: Occurrences
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Tokens of each text, tokens that touch each occurrence, and tokens that its term saves."""
    encoded, spans = byte_spans(tokenizer, texts)
    lengths = np.array([len(text.encode()) + 1 for text in texts], dtype=np.int64)
    bases = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    n_tokens = np.diff(encoded.offsets)
    spans = spans + np.repeat(bases, n_tokens)[:, None]
    utf8 = np.frombuffer(("\n".join(texts) + "\n").encode(), dtype=np.uint8)
    first = np.searchsorted(spans[:, 1], found.places[:, 0], side="right")
    last = np.searchsorted(spans[:, 0], found.places[:, 1], side="left")
    touching = np.maximum(last - first, 0)
    if not len(spans):
        return n_tokens, touching, touching
    starts = spans[np.minimum(first, len(spans) - 1), 0]
    holds_space = (starts == found.places[:, 0] - 1) & (utf8[starts] == ord(" "))
    sticks_out = (starts < found.places[:, 0]) & ~holds_space
    sticks_out_after = spans[np.maximum(last - 1, 0), 1] > found.places[:, 1]
    savings = touching - 1 - sticks_out - sticks_out_after
    return n_tokens, touching, np.maximum(savings, 0)


TERMS = Study("terms", measure_terms, scope="tokenizer")
GAINS = Study("term_gains", measure_gains, scope="tokenizer")
LISTED = Entries(FAMILY, TERMS, scope="corpus", parameters=("terms",))
CUT = Entries(FAMILY, TERMS, scope="corpus", parameters=("terms", "gold"))
USED = Entries(FAMILY, GAINS, scope="corpus", parameters=("terms", "sample"))


def _constant(
    numerator: str, denominator: str, what: str
) -> Callable[[Context], Folds | Undefined]:
    """A metric of the terms alone that divides two columns."""

    def compute(context: Context) -> Folds | Undefined:
        return tally_constant(
            context, TERMS, (numerator, denominator), nothing=f"there are no {what}"
        )

    return compute


def tokens_per_term_in_text(context: Context) -> Folds | Undefined:
    """Tokens that touch an occurrence of a term / occurrences."""
    columns = ("use_tokens", "uses")
    return tally_ratio(context, GAINS, columns, what="occurrences of the terms")


def _gain(k: int) -> Callable[[Context], Folds | Undefined]:
    """Tokens saved by the k terms that save the most / tokens."""

    def compute(context: Context) -> Folds | Undefined:
        found = tally_ratio(context, GAINS, (f"saved_{k}", "tokens"), what="tokens")
        n_terms = len(context.resources.terms)
        if isinstance(found, Folds) and n_terms < k:
            return Undefined(f"only {n_terms} terms were given")
        return found

    return compute


def series(name: str, whole: Context) -> list[Series]:
    """The figure of one tokenizer: tokens saved by number of added terms."""
    tally = whole.tally(GAINS)
    if isinstance(tally, Undefined) or not tally.sums("uses")[0]:
        return []
    n_tokens, n_terms = int(tally.sums("tokens")[0]), len(whole.resources.terms)
    added = [k for k in CURVE if k <= n_terms]
    return [
        Series(
            id="term_gain",
            title="What adding terms to the vocabulary would save",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="terms added, the most useful first",
            y_label="share of tokens saved",
            x=tuple(map(float, added)),
            y=tuple(int(tally.sums(f"saved_{k}")[0]) / n_tokens for k in added),
            family=FAMILY,
            reading="Where the line is flat, further terms are rare in this text or one token "
            "already. Compare what is saved with the price of training as many new embeddings.",
        )
    ]


METRICS = (
    LISTED.entry(
        "tokens_per_term",
        _constant("tokens", "terms", "terms"),
        direction="lower",
        title="Tokens per term",
        formula="Σ tokens that touch a term that stands after a word and a space / terms",
        unit="tokens/term",
        reading="How far the vocabulary of the domain is cut up; every term counts once.",
    ),
    LISTED.entry(
        "terms_kept_whole",
        _constant("whole", "terms", "terms"),
        title="Terms kept whole",
        formula="terms that one token covers, alone or with the space before it / terms",
        direction="higher",
        reading="Terms that the model has a symbol of its own for. Terms of several words are "
        "seldom one token.",
    ),
    CUT.entry(
        "terms_split_inside_morphemes",
        _constant("wrong_cuts", "gold_cuts", "cut terms with gold (--gold TAG=FILE)"),
        direction="lower",
        title="Cuts of terms inside morphemes",
        formula="token boundaries inside terms that are no boundary of a gold segmentation of the "
        "term / token boundaries inside terms that have one",
        reading="At 0 terms are only cut where their parts meet. Terms kept whole do not count; "
        "bytes and characters read high.",
    ),
    USED.entry(
        "tokens_per_term_in_text",
        tokens_per_term_in_text,
        direction="lower",
        title="Tokens per term in the text",
        formula="Σ tokens that touch an occurrence of a term / occurrences in the samples; case "
        "counts",
        unit="tokens/term",
        reading="The same by use: frequent terms count as often as they stand in the text.",
    ),
    *(
        USED.entry(
            f"term_gain_{k}",
            _gain(k),
            title=f"Saved by adding {k} terms",
            formula=f"Σ tokens saved by the {k} terms that save the most / Σ tokens of the "
            "samples; an occurrence saves the tokens that touch it but one, and but those that "
            "hold more than the term and the space before it",
            direction="none",
            reading="What these new tokens would take off the text: the most that a larger "
            "vocabulary can give. Much for a tokenizer that cuts the terms up, bytes above all; "
            "nothing where they are whole already. The terms are chosen on the same text.",
        )
        for k in NUMBERS_OF_TERMS
    ),
)

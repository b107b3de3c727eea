"""Token classes: what a vocabulary and the tokens of a text are made of, as shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.core.token_kinds import (
    CASES,
    Identity,
    TokenClasses,
    n_written_in,
    script_numbers,
    token_classes,
)
from tokeval.document import MetricInfo, Undefined
from tokeval.metrics.class_figures import FAMILY, series

__all__ = ["FAMILY", "METRICS", "series"]

Chosen = Callable[[TokenClasses], NDArray[np.bool_]]
Computed = Callable[[Context], Folds | Undefined]

_WRITTEN_IN = {
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
    "Hans": ("Hani",),
    "Hant": ("Hani",),
}
"""Codes of ISO 15924 that stand for several scripts of Unicode, or for a part of one."""

_NO_TOKENS = Undefined("the vocabulary is empty")
_NO_SPACES = Undefined("no token holds a space, so which of them begin words cannot be told")


def _letters(classes: TokenClasses) -> NDArray[np.bool_]:
    return classes.in_category("letters")


def _digits(classes: TokenClasses) -> NDArray[np.bool_]:
    return classes.in_category("digits")


def _signs(classes: TokenClasses) -> NDArray[np.bool_]:
    return classes.in_category("punctuation", "symbols")


def _mixed(classes: TokenClasses) -> NDArray[np.bool_]:
    return classes.in_category("mixed")


def _partial(classes: TokenClasses) -> NDArray[np.bool_]:
    return classes.in_category("single byte", "part of a character")


def _initial(classes: TokenClasses) -> NDArray[np.bool_]:
    return classes.is_initial


def share_of_tokens(chosen: Chosen) -> Computed:
    """A function that computes which share of the vocabulary is in some classes."""

    def compute(context: Context) -> Folds | Undefined:
        if not len(context.vocabulary):
            return _NO_TOKENS
        found = chosen(_classes(context))
        return Folds.constant(int(found.sum()) / len(context.vocabulary))

    return compute


def share_of_occurrences(chosen: Chosen) -> Computed:
    """A function that computes which share of the tokens of a text is in some classes."""

    def compute(context: Context) -> Folds | Undefined:
        found = chosen(_classes(context))
        counts = context.evidence.token_counts
        n_blocks = context.evidence.n_blocks
        everything = np.bincount(counts.blocks, counts.counts, n_blocks)
        wanted = found[counts.types]
        some = np.bincount(counts.blocks[wanted], counts.counts[wanted], n_blocks)
        return ratio(_folds(some), _folds(everything), "tokens")

    return compute


def where_spaces_are_kept(compute: Computed) -> Computed:
    """The same function, undefined for vocabularies in which no token holds a space."""

    def guarded(context: Context) -> Folds | Undefined:
        if not len(context.vocabulary):
            return _NO_TOKENS
        classes = _classes(context)
        keeps = classes.is_initial.any() or classes.in_category("white space").any()
        return compute(context) if keeps else _NO_SPACES

    return guarded


def capital_tokens(context: Context) -> Folds | Undefined:
    """Tokens with a capital / tokens with a letter that has case."""
    case = _classes(context).case
    n_cased = int((case != CASES.index("none")).sum())
    if not n_cased:
        return Undefined("no token holds a letter that has upper and lower case")
    return Folds.constant(1 - int((case == CASES.index("lower")).sum()) / n_cased)


def script_tokens(context: Context) -> Folds | Undefined:
    """Tokens whose letters are all of the script of the slice / tokens of the vocabulary."""
    script = context.labels.get("script")
    if script is None:
        return Undefined("the slice has no label that says its script")
    if not len(context.vocabulary):
        return _NO_TOKENS
    numbers = script_numbers(_WRITTEN_IN.get(script, (script,)))
    if not numbers:
        return Undefined(f"Unicode has no script {script!r}")
    found = n_written_in(Identity(context.vocabulary), numbers)
    return Folds.constant(found / len(context.vocabulary))


def _classes(context: Context) -> TokenClasses:
    """The classes of the tokenizer's ids."""
    return token_classes(Identity(context.vocabulary))


def _folds(by_block: NDArray[Any]) -> NDArray[Any]:
    """The sum over all blocks, then without each block, shape (1 + n_blocks,)."""
    return np.concatenate(([by_block.sum()], by_block.sum() - by_block))


def _entry(metric_id: str, compute: Computed, *, title: str, formula: str, reading: str) -> Metric:
    """The catalogue entry of a share; what the vocabulary alone decides is of the whole corpus."""
    of_slices = compute is script_tokens or metric_id.endswith("_occurrences")
    info = MetricInfo(
        id=metric_id,
        title=title,
        family=FAMILY,
        unit="share",
        direction="none",
        formula=formula,
        source="after Chelombitko et al. 2024 (Qtok), arXiv 2410.12989; Unicode properties by ICU",
        docs=f"docs/metrics.md#{metric_id}",
        reading=reading,
        lower_bound=0,
        upper_bound=1,
    )
    return Metric(info, compute, scope="slice" if of_slices else "corpus", parameters=("unicode",))


_OF_ALL = " / tokens of the vocabulary"
_OF_TEXT = " / tokens of the text"
_SPACED = "tokens that begin with white space and hold something else"

METRICS = (
    _entry(
        "word_initial_tokens",
        where_spaces_are_kept(share_of_tokens(_initial)),
        title="Word-initial tokens",
        formula=_SPACED + _OF_ALL,
        reading="How much of the vocabulary can only begin a word. The same string with and "
        "without the space takes two places.",
    ),
    _entry(
        "word_initial_occurrences",
        where_spaces_are_kept(share_of_occurrences(_initial)),
        title="Word-initial occurrences",
        formula=_SPACED + _OF_TEXT,
        reading="How many of the tokens begin a word. The rest goes on inside words, or is signs. "
        "A vocabulary of whole words comes near 1, single bytes have 0.",
    ),
    _entry(
        "letter_tokens",
        share_of_tokens(_letters),
        title="Tokens of letters",
        formula="tokens of letters and combining marks, white space around them aside" + _OF_ALL,
        reading="How much of the vocabulary is words and parts of words.",
    ),
    _entry(
        "letter_occurrences",
        share_of_occurrences(_letters),
        title="Occurrences of letters",
        formula="tokens of letters and combining marks, white space around them aside" + _OF_TEXT,
        reading="How much of the text's tokens is words and parts of words. More of them may also "
        "mean words in smaller pieces.",
    ),
    _entry(
        "digit_tokens",
        share_of_tokens(_digits),
        title="Tokens of digits",
        formula="tokens of digits and other numerals, white space around them aside" + _OF_ALL,
        reading="How much of the vocabulary is numbers. Near 0 where digits are kept apart.",
    ),
    _entry(
        "sign_tokens",
        share_of_tokens(_signs),
        title="Tokens of signs",
        formula="tokens of either punctuation or symbols alone" + _OF_ALL,
        reading="How much of the vocabulary is punctuation and symbols. Vocabularies for program "
        "code have more.",
    ),
    _entry(
        "sign_occurrences",
        share_of_occurrences(_signs),
        title="Occurrences of signs",
        formula="tokens of either punctuation or symbols alone" + _OF_TEXT,
        reading="How much of the text's tokens is punctuation and symbols.",
    ),
    _entry(
        "mixed_tokens",
        share_of_tokens(_mixed),
        title="Mixed tokens",
        formula="tokens of letters with digits, punctuation or symbols, or any two of these"
        + _OF_ALL,
        reading="Tokens that join what a reader keeps apart, such as a word with a full stop.",
    ),
    _entry(
        "partial_tokens",
        share_of_tokens(_partial),
        title="Parts of characters",
        formula="single bytes for byte fallback, and tokens that are not UTF-8 by themselves"
        + _OF_ALL,
        reading="How much of the vocabulary makes text only together with other tokens. 256 of "
        "them are the price for spelling anything.",
    ),
    _entry(
        "partial_occurrences",
        share_of_occurrences(_partial),
        title="Occurrences of parts of characters",
        formula="single bytes for byte fallback, and tokens that are not UTF-8 by themselves"
        + _OF_TEXT,
        reading="How much of the text is spelled below the level of characters. High for scripts "
        "that the vocabulary neglects.",
    ),
    _entry(
        "capital_tokens",
        capital_tokens,
        title="Tokens with capitals",
        formula="tokens with a capital letter / tokens with a letter that has case",
        reading="How much of the room for words goes into `The` and `THE` beside `the`. 0 for "
        "vocabularies of lower-cased text.",
    ),
    _entry(
        "script_tokens",
        script_tokens,
        title="Tokens in the script of the slice",
        formula="tokens whose letters are all of the slice's script" + _OF_ALL,
        reading="How much of the vocabulary serves the script at all. Languages that share a "
        "script share these tokens.",
    ),
)

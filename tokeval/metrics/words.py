"""Words: how many are kept as one token, measured where they stand in the text."""

from __future__ import annotations

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.document import MetricInfo, Undefined

FAMILY = "words"

MAX_SPACELESS_SHARE = 0.05


def words_are_undefined(context: Context) -> Undefined | None:
    """The reason why the slice has no reliable words, `None` when it has.

    Chinese, Japanese, Thai, Lao, Khmer and Burmese are written without spaces between words; where
    more than 5% of the letters are theirs, words are only what a dictionary makes of them.
    """
    evidence = context.evidence
    letters = int(evidence.sums("letters")[0])
    spaceless = int(evidence.sums("spaceless_letters")[0])
    if context.parameters.words == "icu-dictionary" or not letters:
        return None
    share = spaceless / letters
    if share <= MAX_SPACELESS_SHARE:
        return None
    return Undefined(
        f"{share:.0%} of the letters are of scripts written without spaces between words; "
        "--words icu-dictionary accepts ICU's dictionary segmentation"
    )


def strr_occurrences(context: Context) -> Folds | Undefined:
    """Words kept whole / words, by occurrence."""
    return _per_word(context, "whole_words")


def continued_words(context: Context) -> Folds | Undefined:
    """Words that at least two tokens overlap / words."""
    return _per_word(context, "continued_words")


def superword_share(context: Context) -> Folds | Undefined:
    """Tokens over at least two words / tokens over at least one."""
    reason = words_are_undefined(context)
    evidence = context.evidence
    return reason or ratio(
        evidence.sums("superword_tokens"), evidence.sums("word_tokens"), "tokens in words"
    )


def strr_types(context: Context) -> Folds | Undefined:
    """Mean over distinct words of the share of occurrences that are kept whole."""
    reason = words_are_undefined(context)
    forms = context.evidence.word_forms
    if len(forms.keys) == 0:
        return reason or Undefined("the slice has no words")
    return reason or Folds(forms.mean_over_forms(forms.kept, context.evidence.n_blocks))


def strr_published(context: Context) -> Folds | Undefined:
    """Share of distinct words that are one token when they are encoded alone."""
    reason = words_are_undefined(context)
    forms = context.evidence.word_forms
    if len(forms.keys) == 0:
        return reason or Undefined("the slice has no words")
    return reason or Folds(forms.mean_over_forms(forms.single, context.evidence.n_blocks))


def _per_word(context: Context, column: str) -> Folds | Undefined:
    """Σ column / Σ words."""
    reason = words_are_undefined(context)
    return reason or ratio(context.evidence.sums(column), context.evidence.sums("words"), "words")


METRICS = (
    Metric(
        MetricInfo(
            id="strr_types",
            title="Words kept whole, by type",
            family=FAMILY,
            unit="share",
            direction="higher",
            formula="mean over distinct words of (occurrences kept whole / occurrences)",
            source="single-token retention rate, arXiv 2510.09947, here in context",
            docs="docs/metrics.md#strr_types",
            reading="Each distinct word counts once, so rare words weigh as much as frequent ones. "
            "A word is whole when one token covers exactly it, or it and the space before it. "
            "Exact up to 262,144 pairs of word and block; beyond, a uniform sample of the words.",
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        strr_types,
        parameters=("words",),
    ),
    Metric(
        MetricInfo(
            id="strr_occurrences",
            title="Words kept whole, by occurrence",
            family=FAMILY,
            unit="share",
            direction="higher",
            formula="Σ words kept whole / Σ words",
            source="single-token retention rate, arXiv 2510.09947, here in context",
            docs="docs/metrics.md#strr_occurrences",
            reading="How often a word in running text is one token. Won by a word tokenizer by "
            "definition. An unknown token keeps no word.",
            lower_bound=0,
            upper_bound=1,
        ),
        strr_occurrences,
        parameters=("words",),
    ),
    Metric(
        MetricInfo(
            id="strr_published",
            title="Words kept whole when encoded alone",
            family=FAMILY,
            unit="share",
            direction="higher",
            formula="distinct words that encode alone to one token / distinct words",
            source="single-token retention rate as published, arXiv 2510.09947",
            docs="docs/metrics.md#strr_published",
            reading="For comparison with published tables only: alone, a word lacks the space "
            "before it, and many vocabularies hold words only with that space.",
            lower_bound=0,
            upper_bound=1,
            support_dependent=True,
        ),
        strr_published,
        parameters=("words",),
    ),
    Metric(
        MetricInfo(
            id="continued_words",
            title="Continued words",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="Σ words that at least two tokens overlap / Σ words",
            source="Rust et al. 2021, arXiv 2012.15613",
            docs="docs/metrics.md#continued_words",
            reading="How often a word in running text is cut in two or more.",
            lower_bound=0,
            upper_bound=1,
        ),
        continued_words,
        parameters=("words",),
    ),
    Metric(
        MetricInfo(
            id="superword_share",
            title="Tokens over several words",
            family=FAMILY,
            unit="share",
            direction="none",
            formula="Σ tokens that overlap at least two words / Σ tokens that overlap a word",
            source="tokeval; superword tokens as in Liu et al. 2025, arXiv 2503.13423",
            docs="docs/metrics.md#superword_share",
            reading="Tokens that span words, as SuperBPE and some SentencePiece vocabularies have. "
            "They lower fertility and keep no word whole.",
            lower_bound=0,
            upper_bound=1,
        ),
        superword_share,
        parameters=("words",),
    ),
)

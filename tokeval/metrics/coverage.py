"""Coverage: how much of a vocabulary serves a language, by its letters and by its words."""

from __future__ import annotations

from functools import cache, lru_cache

import icu
import numpy as np
from numpy.typing import NDArray

from tokeval.core.character_sets import character_table
from tokeval.core.metric import Context, Folds, Metric
from tokeval.core.study import Sample, Study, Subject, Tally
from tokeval.core.token_kinds import Identity, token_texts
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import MetricInfo, Undefined
from tokeval.metrics.gold_words import language_in

FAMILY = "vocabulary"

_MARK = "[:White_Space:]"


def exemplar_letters(tag: str) -> frozenset[str]:
    """The letters and marks that CLDR lists for writing a language, mostly in lower case.

    Letters that CLDR writes as several characters (Slovak `ch`) count as these characters. Empty
    where there is no list; ICU itself would then give the letters of the machine's own language.

    >>> "".join(sorted(exemplar_letters("sw")))
    'abcdefghijklmnoprstuvwyz'
    """
    try:
        locale = icu.Locale.forLanguageTag(tag.replace("_", "-"))
    except icu.ICUError:
        return frozenset()
    if not locale.getLanguage() or _written(locale) not in _known():
        return frozenset()
    locale.minimizeSubtags()
    members = icu.LocaleData(locale.getName()).getExemplarSet()
    is_letter = character_table("[[:L:][:M:]]")
    return frozenset(char for member in members for char in member if is_letter[ord(char)])


def _written(locale: icu.Locale) -> tuple[str, str]:
    """The language and the script of a locale, the likely one where it names none."""
    full = icu.Locale(locale.getName())
    full.addLikelySubtags()
    return full.getLanguage(), full.getScript()


@cache
def _known() -> frozenset[tuple[str, str]]:
    """The languages, with scripts, that ICU has data of."""
    return frozenset(map(_written, icu.Locale.getAvailableLocales().values()))


def n_single(letters: frozenset[str], vocabulary: Vocabulary) -> int:
    """How many letters are a token by themselves, or with a space before them.

    Special tokens and the bytes of a byte fallback do not count.
    """
    table = _single_characters(Identity(vocabulary))
    return int(table[[ord(letter) for letter in letters]].sum())


@lru_cache(maxsize=16)
def _single_characters(key: Identity) -> NDArray[np.bool_]:
    """Whether each code point is a token, alone or behind a space, shape (0x110000,)."""
    texts = token_texts(key)
    lengths = np.diff(np.append(texts.starts, len(texts.codes)))
    spaced = (lengths == 2) & (texts.codes[texts.starts] == ord(" "))
    ends = texts.starts + lengths - 1
    table = np.zeros(0x110000, dtype=np.bool_)
    table[texts.codes[ends[(lengths == 1) | spaced]]] = True
    return table


def n_spelled(letters: frozenset[str], vocabulary: Vocabulary) -> int:
    """How many tokens are spelled in the letters, in any case, white space around them aside.

    A token of white space alone is not.
    """
    texts = token_texts(Identity(vocabulary))
    either_case = {char for letter in letters for char in (letter, letter.upper(), letter.lower())}
    allowed = np.zeros(0x110000, dtype=np.bool_)
    allowed[[ord(char) for char in either_case if len(char) == 1]] = True
    space = character_table(_MARK)[texts.codes]
    n_foreign = texts.counted(~allowed[texts.codes] & ~space)
    n_letters = texts.counted(~space)
    n_words = texts.counted(_word_starts(space, texts.starts))
    return int(((n_foreign == 0) & (n_letters > 0) & (n_words == 1)).sum())


def _word_starts(space: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each character is no white space, and begins its text or follows white space."""
    after_space = np.concatenate(([True], space[:-1])) if len(space) else space.copy()
    after_space[starts] = True
    return ~space & after_space


def measure_letters(subject: Subject) -> Tally | Undefined:
    """The letters of the language of a slice, and the tokens that they are or spell."""
    if subject.sample is None:
        return Undefined("there is no slice whose language could be covered")
    tag = _tag(subject.sample)
    letters = exemplar_letters(tag) if tag else frozenset()
    if not letters:
        return Undefined(f"CLDR lists no letters for the language of {subject.sample.slice!r}")
    vocabulary = subject.tokenizer.vocabulary
    return _constants(
        letters=len(letters),
        single=n_single(letters, vocabulary),
        tokens=len(vocabulary),
        spelled=n_spelled(letters, vocabulary),
    )


def measure_lexicon(subject: Subject) -> Tally | Undefined:
    """The tokens of a vocabulary, and those that are words of the language of a slice."""
    sample, lexicons = subject.sample, subject.resources.lexicons
    tag = language_in(sample, lexicons) if sample is not None and _tag(sample) else None
    if tag is None:
        return Undefined("there is no lexicon for the language of the slice")
    surfaces = lower_surfaces(subject.tokenizer.vocabulary, tag)
    words = lexicons[tag].words
    return _constants(
        tokens=len(subject.tokenizer.vocabulary),
        words=sum(surface in words for surface in surfaces),
    )


def lower_surfaces(vocabulary: Vocabulary, tag: str) -> list[str]:
    """The text of each token that is text, in lower case by the rules of a language.

    White space around it is left out.
    """
    tokens = vocabulary.token_bytes
    ids = token_texts(Identity(vocabulary)).ids.tolist()
    stripped = [" ".join((tokens[i] or b"").decode().split()) for i in ids]
    lowered = icu.UnicodeString("\n".join(stripped)).toLower(icu.Locale(tag.replace("-", "_")))
    return str(lowered).split("\n")


def _tag(sample: Sample) -> str | None:
    """The language of a slice: its label, else its name; `None` for program code."""
    if sample.labels.get("domain") == "code":
        return None
    return sample.labels.get("bcp47", sample.slice)


def _constants(**values: int) -> Tally:
    """A tally of constants of a tokenizer and a language."""
    columns = {name: np.array([value], dtype=np.int64) for name, value in values.items()}
    return Tally(0, columns)


LETTERS = Study("exemplar_letters", measure_letters)
LEXICON = Study("lexicon_coverage", measure_lexicon)


def _share(context: Context, study: Study, *, part: str, whole: str) -> Folds | Undefined:
    """The quotient of two constants; of the whole corpus, that of their sums over its slices."""
    tally = context.tally(study)
    if isinstance(tally, Undefined):
        return tally
    total = int(tally.sums(whole)[0])
    if not total:
        return Undefined(f"there are no {whole}")
    reason = "a constant of the tokenizer and the language"
    return Folds.constant(int(tally.sums(part)[0]) / total, reason)


def exemplar_coverage(context: Context) -> Folds | Undefined:
    """Letters of the language that are one token / letters of the language."""
    return _share(context, LETTERS, part="single", whole="letters")


def exemplar_tokens(context: Context) -> Folds | Undefined:
    """Tokens spelled in the letters of the language / tokens of the vocabulary."""
    return _share(context, LETTERS, part="spelled", whole="tokens")


def lexicon_tokens(context: Context) -> Folds | Undefined:
    """Tokens that are words of the language / tokens of the vocabulary."""
    return _share(context, LEXICON, part="words", whole="tokens")


METRICS = (
    Metric(
        MetricInfo(
            id="exemplar_coverage",
            title="Letters of the language with a token",
            family=FAMILY,
            unit="share",
            direction="higher",
            formula="letters of the language that are one token, with or without a space before "
            "them / letters of the language",
            source="CLDR exemplar characters (standard set, letters and marks) through ICU",
            docs="docs/metrics.md#exemplar_coverage",
            reading="Below 1, the language has letters that are always spelled in bytes. Chinese "
            "and Korean have thousands of letters. A vocabulary of single characters reaches 1; "
            "one of single bytes has the letters of ASCII only.",
            lower_bound=0,
            upper_bound=1,
        ),
        exemplar_coverage,
        parameters=("unicode",),
        study=LETTERS,
    ),
    Metric(
        MetricInfo(
            id="exemplar_tokens",
            title="Tokens in the letters of the language",
            family=FAMILY,
            unit="share",
            direction="none",
            formula="tokens of nothing but letters of the language, in either case, white space "
            "around them aside / tokens of the vocabulary",
            source="CLDR exemplar characters (standard set, letters and marks) through ICU",
            docs="docs/metrics.md#exemplar_tokens",
            reading="An upper bound for what the language can use of the vocabulary. Languages "
            "that are written alike share these tokens, so English text lends them to all that "
            "have its letters. For the whole corpus it is the mean over the slices.",
            lower_bound=0,
            upper_bound=1,
        ),
        exemplar_tokens,
        parameters=("unicode",),
        study=LETTERS,
    ),
    Metric(
        MetricInfo(
            id="lexicon_tokens",
            title="Tokens that are words of the language",
            family=FAMILY,
            unit="share",
            direction="none",
            formula="tokens that are, in lower case and white space around them aside, a word of "
            "the lexicon / tokens of the vocabulary",
            source="tokeval; the lexicon is that of the language, given or installed",
            docs="docs/metrics.md#lexicon_tokens",
            reading="How much of the vocabulary is whole words of the language. `The`, ` the` and "
            "`the` are three such tokens. A vocabulary of whole words comes near 1.",
            lower_bound=0,
            upper_bound=1,
        ),
        lexicon_tokens,
        parameters=("lexicon",),
        study=LEXICON,
    ),
)

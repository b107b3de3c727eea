"""Purity: how many tokens are words, roots or suffixes of the language, by a lexicon."""
# ruff: noqa: RUF002 - Turkish has an i without a dot

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import TypeCounts
from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.core.resources import Lexicon
from tokeval.core.study import Study, Subject, Tally
from tokeval.document import Finding, MetricInfo, Undefined
from tokeval.loaders.lexicons import LibraryLexicon, classify, fold_case
from tokeval.metrics.gold_words import cuts_inside, language_in
from tokeval.metrics.morphology import FAMILY

WORD_LEVEL = "purity-word-level"
"""Code of the finding about a tokenizer that keeps nearly every word whole."""

MIN_WHOLE_SHARE = 0.98
"""From this share of distinct words kept whole on, a tokenizer is one of words."""

MIN_WORDS = 20
"""With fewer distinct words in the sample nothing is concluded."""

N_EXAMPLES = 5

SHARES = ("lexicon", "pure")

_COLUMN = "words of "
"""Before the language, in the name of the only column of a tally."""


@dataclass(frozen=True)
class Surfaces:
    """Distinct surfaces of the tokens of a text, and where they occur.

    Attributes:
        surfaces: shape (n_surfaces,).
        n_blocks: number of jackknife blocks.
        pair_surfaces, pair_blocks, pair_counts: shape (n_pairs,); the index of a surface, a block,
            and how often the surface occurs there; pairs are distinct.
    """

    surfaces: tuple[str, ...]
    n_blocks: int
    pair_surfaces: NDArray[np.int64]
    pair_blocks: NDArray[np.int64]
    pair_counts: NDArray[np.int64]

    def select(self, is_wanted: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Which surfaces are wanted, shape (n_surfaces,)."""
        return np.fromiter(map(is_wanted, self.surfaces), np.bool_, len(self.surfaces))

    def occurrences(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Occurrences of the wanted surfaces in every fold, shape (1 + n_blocks,)."""
        kept = wanted[self.pair_surfaces]
        by_block = np.zeros(self.n_blocks, dtype=np.int64)
        np.add.at(by_block, self.pair_blocks[kept], self.pair_counts[kept])
        return np.concatenate(([by_block.sum()], by_block.sum() - by_block))

    def types(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Wanted surfaces that occur in every fold, shape (1 + n_blocks,).

        Without a block, the surfaces that occur in no other are gone.
        """
        n_in_blocks = np.bincount(self.pair_surfaces, minlength=len(self.surfaces))
        only_here = wanted[self.pair_surfaces] & (n_in_blocks[self.pair_surfaces] == 1)
        lost = np.bincount(self.pair_blocks[only_here], minlength=self.n_blocks)
        whole = np.count_nonzero(wanted & (n_in_blocks > 0))
        folds: NDArray[np.int64] = np.concatenate(([whole], whole - lost))
        return folds


def count_surfaces(context: Context, surface_of: Callable[[bytes], str | None]) -> Surfaces:
    """The surfaces of all tokens of the text but special and unknown ones.

    Args:
        context: whose token counts are looked at.
        surface_of: the surface of a token's bytes; `None` leaves the token out.
    """
    types, vocabulary = context.evidence.token_types, context.vocabulary
    left_out = vocabulary.special | {vocabulary.unknown_id}
    numbers: dict[str, int] = {}
    number_of = np.full(len(types.types), -1, dtype=np.int64)
    for place, token in enumerate(types.types.tolist()):
        spelled = None if token in left_out else vocabulary.token_bytes[token]
        surface = None if spelled is None else surface_of(spelled)
        if surface is not None:
            number_of[place] = numbers.setdefault(surface, len(numbers))
    of_pair = number_of[types.pair_types]
    kept = of_pair >= 0
    n_blocks = max(types.n_blocks, 1)
    keys, index = np.unique(of_pair[kept] * n_blocks + types.pair_blocks[kept], return_inverse=True)
    counts = np.zeros(len(keys), dtype=np.int64)
    np.add.at(counts, index, types.pair_counts[kept])
    return Surfaces(tuple(numbers), types.n_blocks, keys // n_blocks, keys % n_blocks, counts)


def alphabetic_surface(token: bytes, language: str) -> str | None:
    """The token without the space before it and in lower case; `None` where it is no letters.

    Letters and their marks only, at least two characters in NFC, the first one a letter.

    >>> alphabetic_surface(" Işık".encode(), "tr"), alphabetic_surface(b" a", "tr")
    ('ışık', None)
    """
    try:
        surface = fold_case(token.decode().removeprefix(" "), language)
    except UnicodeDecodeError:
        return None
    kinds = [unicodedata.category(character)[0] for character in surface]
    return surface if len(kinds) > 1 and kinds[0] == "L" and set(kinds) <= {"L", "M"} else None


def measure_purity(subject: Subject) -> Tally | Undefined:
    """Distinct words of the sample, under the language whose lexicon judges the slice.

    A finding says when the tokenizer keeps nearly all of them whole.
    """
    sample = subject.sample
    if sample is None:
        return Undefined("there is no text")
    language = language_in(sample, subject.resources.lexicons)
    if language is None:
        tag = sample.labels.get("bcp47", sample.slice)
        return Undefined(f"there is no lexicon for {tag!r} (--lexicon {tag}[=FILE])")
    spaced = (piece for text in sample.texts for piece in text.split())
    words = list(dict.fromkeys(word for word in spaced if word.isalpha() and len(word) > 1))
    cuts = cuts_inside(subject.tokenizer, words, before=" ")
    whole = [word for word, places in zip(words, cuts, strict=True) if not places]
    findings = []
    if len(words) >= MIN_WORDS and len(whole) >= MIN_WHOLE_SHARE * len(words):
        findings.append(_word_level(subject.tokenizer.name, whole, len(words)))
    columns = {_COLUMN + language: np.array([len(words)])}
    return Tally(0, columns, tuple(findings))


def _word_level(name: str, whole: list[str], n_words: int) -> Finding:
    """That the tokenizer is one of words."""
    return Finding(
        WORD_LEVEL,
        "warning",
        name,
        f"keeps {len(whole):,} of {n_words:,} distinct words whole: nearly every token is a word, "
        "so lexicon and pure shares are high without any morphology",
        n=len(whole),
        examples=tuple(whole[:N_EXAMPLES]),
    )


PURITY = Study("purity", measure_purity)


def _counts(context: Context, language: str, lexicon: Lexicon) -> dict[str, NDArray[np.float64]]:
    """Surfaces and occurrences in every fold: all, those in the lexicon, and its morphemes."""

    def count(_: TypeCounts) -> NDArray[np.float64]:
        found = count_surfaces(context, lambda token: alphabetic_surface(token, language))
        known = classify(lexicon, found.surfaces)
        pure = found.select(known.morphemes.__contains__)
        rows = (np.ones_like(pure), pure | found.select(known.words.__contains__), pure)
        counts = [found.types(row) for row in rows] + [found.occurrences(row) for row in rows]
        return np.array(counts, dtype=np.float64)

    key = f"purity in {language} by {lexicon.name}"
    names = (f"{which} {by}" for by in ("types", "occurrences") for which in ("all", *SHARES))
    return dict(zip(names, context.evidence.token_types.remember(key, count), strict=True))


def _share(which: str, by: str) -> Callable[[Context], Folds | Undefined]:
    """A share of the alphabetic surfaces, or of their occurrences."""

    def compute(context: Context) -> Folds | Undefined:
        tally = context.tally(PURITY)
        if isinstance(tally, Undefined):
            return tally
        if len(context.group) > 1:
            return Undefined("a lexicon is of one language: see the single slices")
        language = next(iter(tally.columns)).removeprefix(_COLUMN)
        lexicon = context.resources.lexicons[language]
        if which == "pure" and not (isinstance(lexicon, LibraryLexicon) or lexicon.morphemes):
            return Undefined(f"the lexicon {lexicon.name!r} names no roots or suffixes")
        counts = _counts(context, language, lexicon)
        return ratio(counts[f"{which} {by}"], counts[f"all {by}"], "alphabetic tokens")

    return compute


_SURFACES = (
    "alphabetic tokens: letters only, two or more, without the space before them, lower-cased by "
    "the rule of the language"
)
_TURKISH = "%TR and %Pure of Bayram et al. 2025, arXiv 2502.07057, for any language"


def _metric(which: str, by: str, *, title: str, share: str, reading: str) -> Metric:
    """An entry of the catalogue."""
    metric_id = f"{which}_share_{by}"
    unit = "distinct surfaces" if by == "types" else "occurrences"
    return Metric(
        MetricInfo(
            id=metric_id,
            title=title,
            family=FAMILY,
            unit="share",
            direction="none",
            formula=f"{unit} that are {share} / {unit} of {_SURFACES}",
            source=_TURKISH,
            docs=f"docs/metrics.md#{metric_id}",
            reading=reading,
            lower_bound=0,
            upper_bound=1,
            support_dependent=by == "types",
        ),
        _share(which, by),
        parameters=("lexicon",),
        study=PURITY,
        beside_baselines=True,
    )


METRICS = (
    _metric(
        "lexicon",
        "types",
        title="Token surfaces in the lexicon",
        share="a word, root or suffix of the lexicon",
        reading="How many of the vocabulary's pieces that the text uses mean something by "
        "themselves. A tokenizer of whole words ranks best, and among real ones the share hardly "
        "tells them apart: it is no measure of quality alone.",
    ),
    _metric(
        "lexicon",
        "occurrences",
        title="Tokens in the lexicon",
        share="a word, root or suffix of the lexicon",
        reading="The same by use. A tokenizer of whole words ranks best. One that spells nearly "
        "everything in single letters, which do not count, may be judged by a handful of tokens.",
    ),
    _metric(
        "pure",
        "types",
        title="Token surfaces that are one morpheme",
        share="one root or one suffix of the lexicon",
        reading="Surfaces that are not just words but cannot be parted further. Small vocabularies "
        "of short pieces tend to read high, and large ones low, for they hold inflected words.",
    ),
    _metric(
        "pure",
        "occurrences",
        title="Tokens that are one morpheme",
        share="one root or one suffix of the lexicon",
        reading="The same by use. Tokenizers close to single characters rank best, since the "
        "short pieces that remain to them happen to be suffixes; next come tokenizers of words, "
        "since frequent words are roots.",
    ),
)

"""Turkish: %TR and %Pure as Bayram et al. 2025 define them, over distinct token surfaces."""
# ruff: noqa: RUF002 - Turkish has an i without a dot

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.core.resources import Lexicon
from tokeval.document import MetricInfo, Undefined
from tokeval.loaders.lexicons import classify, fold_case
from tokeval.metrics.morphology import FAMILY
from tokeval.metrics.purity import Surfaces, count_surfaces

LANGUAGE = "tr"
SOURCE = "Bayram et al. 2025, arXiv 2502.07057, as their code computes it"


def published_surface(token: bytes) -> str:
    r"""The token decoded by itself, without white space around it, in Turkish lower case.

    Bytes that are no UTF-8 become U+FFFD, so that all pieces of characters are few surfaces.

    >>> published_surface(b" ISI"), published_surface(b"\xc4")
    ('ısı', '�')
    """
    return fold_case(token.decode(errors="replace").strip(), LANGUAGE)


def _surfaces(context: Context) -> tuple[Surfaces, Lexicon] | Undefined:
    """The distinct surfaces of the text's tokens, and the Turkish lexicon that judges them."""
    lexicon = context.resources.lexicons.get(LANGUAGE)
    if lexicon is None:
        return Undefined("there is no Turkish lexicon (--lexicon tr[=FILE])")
    found = count_surfaces(context, published_surface)
    return found, classify(lexicon, found.surfaces)


def compat_tr_unique_tokens(context: Context) -> Folds | Undefined:
    """Distinct surfaces, whatever they are."""
    found = count_surfaces(context, published_surface)
    everything = np.ones(len(found.surfaces), dtype=np.bool_)
    folds = found.types(everything)
    if folds[0] == 0:
        return Undefined("the slice has no tokens")
    return Folds(np.where(folds > 0, folds, np.nan), "a total of this text, not an estimate")


def compat_tr_share(context: Context) -> Folds | Undefined:
    """Distinct surfaces that are in the list / distinct surfaces."""
    return _share(context, lambda lexicon: lexicon.words | lexicon.morphemes)


def compat_tr_pure_share(context: Context) -> Folds | Undefined:
    """Distinct surfaces that are a root or a suffix / distinct surfaces."""
    return _share(context, lambda lexicon: lexicon.morphemes)


def _share(context: Context, wanted: Callable[[Lexicon], frozenset[str]]) -> Folds | Undefined:
    """The share of distinct surfaces that are wanted."""
    judged = _surfaces(context)
    if isinstance(judged, Undefined):
        return judged
    found, lexicon = judged
    in_list = found.select(wanted(lexicon).__contains__)
    return ratio(found.types(in_list), found.types(np.ones_like(in_list)), "tokens")


def _info(metric_id: str, *, title: str, formula: str, reading: str, unit: str) -> MetricInfo:
    """What a reader must know about one of the three."""
    return MetricInfo(
        id=metric_id,
        title=title,
        family=FAMILY,
        unit=unit,
        direction="none",
        formula=formula,
        source=SOURCE,
        docs=f"docs/metrics.md#{metric_id}",
        reading=reading,
        lower_bound=0,
        upper_bound=1 if unit == "share" else None,
        support_dependent=True,
    )


METRICS = (
    Metric(
        _info(
            "compat_tr_unique_tokens",
            title="Unique tokens (Turkish paper)",
            formula="distinct surfaces of the text's tokens, each decoded by itself, without white "
            "space around it, in Turkish lower case; punctuation, digits and pieces included",
            unit="surfaces",
            reading="Grows with the text and with the vocabulary; a character tokenizer has fewest "
            "and one of words most.",
        ),
        compat_tr_unique_tokens,
        beside_baselines=True,
    ),
    Metric(
        _info(
            "compat_tr_share",
            title="%TR (Turkish paper)",
            formula="distinct surfaces that are a word, root or suffix of the Turkish list / "
            "distinct surfaces",
            unit="share",
            reading="As published, on the list that you give in place of a web analyser, so the "
            "numbers are not those of the paper's table. It hardly tells tokenizers apart, and one "
            "of whole words ranks best.",
        ),
        compat_tr_share,
        parameters=("lexicon",),
        beside_baselines=True,
    ),
    Metric(
        _info(
            "compat_tr_pure_share",
            title="%Pure (Turkish paper)",
            formula="distinct surfaces that are a root or suffix of the Turkish list / distinct "
            "surfaces",
            unit="share",
            reading="As published, but with the roots of the list where the paper takes those that "
            "its analyser returned. Character tokenizers may rank high, since letters can be "
            "suffixes.",
        ),
        compat_tr_pure_share,
        parameters=("lexicon",),
        beside_baselines=True,
    ),
)

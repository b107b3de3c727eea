"""Decomposition: which part of a premium is due to script, to pre-tokenizer and to vocabulary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric, ratio
from tokeval.core.study import Study, Subject, Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import MetricInfo, Series, Undefined

FAMILY = "fairness"

_MARK = "▁"


def measure(subject: Subject) -> Tally | Undefined:
    """Tokens, pre-tokens and bytes of the sample."""
    sample = subject.sample
    if sample is None:
        return Undefined("there is no text")
    pieces = pretokens(subject.tokenizer, sample.texts)
    if isinstance(pieces, Undefined):
        return pieces
    weights = {
        "tokens": np.diff(subject.tokenizer.encode_batch(sample.texts).offsets),
        "pretokens": np.array([len(of_text) for of_text in pieces], dtype=np.int64),
        "bytes": np.array([len(text.encode()) for text in sample.texts], dtype=np.int64),
    }
    blocks, n_blocks = sample.text_blocks, sample.n_blocks
    # Sums of integer weights are exact in float64 below 2**53.
    columns = {
        name: np.bincount(blocks, weight, n_blocks).astype(np.int64)
        for name, weight in weights.items()
    }
    return Tally(n_blocks, columns)


def pretokens(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[str]] | Undefined:
    """The pre-tokens of each text: its normalised form, cut where the tokenizer's definition says.

    An added token that stands in a text is a pre-token of its own. Joined, the pre-tokens are the
    normalised text; where the tokenizer drops white space, those of white space alone are left
    out.

    Args:
        tokenizer: undefined for one without a pre-tokenizer that is known as patterns.
        texts: original texts.
    """
    cutting = tokenizer.pretokenization
    if cutting is None or not cutting.patterns:
        return Undefined("the tokenizer has no pre-tokenizer, or none that is known as patterns")
    cutter = _cutter(cutting.patterns)
    found = []
    for pieces in cut_out_added(tokenizer, texts):
        cut: list[str] = []
        for p, piece in enumerate(pieces):
            if p % 2:
                cut.append(piece)
            elif piece:
                normal = tokenizer.normalize(piece)
                cut.extend(part for part, _ in cutter.pre_tokenize_str(normal))
        found.append(cut if tokenizer.keeps_whitespace else [c for c in cut if not c.isspace()])
    return found


def cut_out_added(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[str]]:
    """Each text cut at the added tokens in it: text, added token, text, ..., text; may be empty.

    The first added token wins, then the longest, as in the libraries.
    """
    joined = "\0".join(texts)
    present = [added for added in tokenizer.added_texts if added in joined]
    if not present:
        return [[text] for text in texts]
    longest_first = sorted(present, key=lambda added: (-len(added), added))
    cut = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
    return [cut.split(text) for text in texts]


@lru_cache(maxsize=32)
def _cutter(patterns: tuple[str, ...]) -> Any:
    """A pre-tokenizer of `tokenizers` that cuts by the patterns, each match a piece of its own.

    Joined token bytes have a space for `▁`, and so has the normalised text that is cut.
    """
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern.replace(_MARK, " ")), "isolated")
            for pattern in patterns
        ]
    )


STUDY = Study("pretokens", measure)


def premium_bytes(context: Context) -> Folds | Undefined:
    """Bytes / bytes of the reference slice."""
    return _quotient(context, "bytes", None)


def premium_pretokens(context: Context) -> Folds | Undefined:
    """Pre-tokens per byte / those of the reference slice."""
    return _quotient(context, "pretokens", "bytes")


def premium_merges(context: Context) -> Folds | Undefined:
    """Tokens per pre-token / those of the reference slice."""
    return _quotient(context, "tokens", "pretokens")


def _quotient(context: Context, numerator: str, denominator: str | None) -> Folds | Undefined:
    """(n / d of the slice) / (n / d of the reference) in every fold; d is 1 when it is `None`."""
    if not context.reference_tallies:
        return Undefined("the slice is not part of line-parallel text (--parallel declares it)")
    own = context.tally(STUDY)
    reference = context.reference_tallies.get(STUDY.name, Undefined("the study was not made"))
    if isinstance(own, Undefined):
        return own
    if isinstance(reference, Undefined):
        return Undefined(f"of the reference slice: {reference.reason}")
    if own.n_blocks != reference.n_blocks:
        return Undefined("the slice and its reference do not share their blocks")
    above, below = own.sums(numerator), reference.sums(numerator)
    if denominator is not None:
        above = above * reference.sums(denominator)
        below = below * own.sums(denominator)
    return ratio(above, below, f"{numerator} in the slice or its reference")


FACTORS = {
    "bytes": premium_bytes,
    "pre-tokens per byte": premium_pretokens,
    "tokens per pre-token": premium_merges,
}


def slice_series(name: str, by_slice: Mapping[str, Context]) -> list[Series]:
    """The three factors of every slice's premium as logarithms, which add up to the premium's."""
    logs: dict[str, tuple[float, ...]] = {}
    for part, context in by_slice.items():
        if part == context.reference_name:
            continue
        factors = [factor(context) for factor in FACTORS.values()]
        known = [f.values[0] for f in factors if isinstance(f, Folds) and f.values[0] > 0]
        if len(known) == len(FACTORS):
            logs[part] = tuple(np.log2(known).tolist())
    if not logs:
        return []
    return [
        Series(
            id="premium_factors",
            title="What a premium is made of",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="slice",
            y_label="log2 of the factor",
            x=tuple(logs),
            y=tuple(row[number] for row in logs.values()),
            kind="layers",
            family=FAMILY,
            reading="Each step to the right doubles the tokens of the reference slice; parts to "
            "the left of 0 take away. The parts of a bar add up to the premium, where the dot is. "
            "Bytes are the script's share and the same for every tokenizer, pre-tokens are the "
            "pre-tokenizer's, and tokens per pre-token the vocabulary's.",
            layer=factor,
        )
        for number, factor in enumerate(FACTORS)
    ]


_PRODUCT = (
    " Bytes × pre-tokens per byte × tokens per pre-token is exactly the premium of the sampled "
    "lines. On `all`, and on groups such as `script:Latn`, the slices together stand beside as "
    "many copies of the reference, as for the premium."
)


def _info(metric_id: str, *, title: str, formula: str, reading: str) -> MetricInfo:
    """What the three factors have in common."""
    return MetricInfo(
        id=metric_id,
        title=title,
        family=FAMILY,
        unit="ratio",
        direction="lower" if metric_id == "premium_merges" else "none",
        formula=formula,
        source="tokeval; an exact factorisation of the premium of Petrov et al. 2023, "
        "arXiv 2305.15425",
        docs=f"docs/metrics.md#{metric_id}",
        reading=reading + _PRODUCT,
        lower_bound=0,
    )


METRICS = (
    Metric(
        _info(
            "premium_bytes",
            title="Premium by bytes",
            formula="Σ bytes / Σ bytes of the reference slice, over aligned lines",
            reading="The part of a premium that the script and the language bring along: it is the "
            "premium of a tokenizer of bytes, and the same for every tokenizer.",
        ),
        premium_bytes,
        parameters=("reference", "sample"),
        over_group=True,
        study=STUDY,
    ),
    Metric(
        _info(
            "premium_pretokens",
            title="Premium by pre-tokenizer",
            formula="(Σ pre-tokens / Σ bytes) / (the same of the reference slice)",
            reading="The part of a premium that is the pre-tokenizer's: above 1, it cuts the "
            "slice's bytes into more pieces than those of the reference, which no vocabulary can "
            "mend. Long pieces (below 1) are no gain by themselves.",
        ),
        premium_pretokens,
        parameters=("reference", "sample"),
        over_group=True,
        study=STUDY,
    ),
    Metric(
        _info(
            "premium_merges",
            title="Premium by vocabulary",
            formula="(Σ tokens / Σ pre-tokens) / (the same of the reference slice)",
            reading="The part of a premium that is the vocabulary's: how many more tokens it needs "
            "for a pre-token than in the reference.",
        ),
        premium_merges,
        parameters=("reference", "sample"),
        over_group=True,
        study=STUDY,
    ),
)

"""Signatures: everything that a number depends on, in one line beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import tokeval
from tokeval.core.metric import Context, Metric
from tokeval.core.resources import Resources
from tokeval.core.segmentation import UNICODE_VERSION, WORD_RULE
from tokeval.core.study import READ_CHARACTERS, SAMPLE_CHARACTERS
from tokeval.metrics.evaluate import Measurement
from tokeval.metrics.frames import Frame


def hashed_slices(frame: Frame, metric: Metric, name: str, context: Context) -> list[str]:
    """The slices whose text a cell depends on, the reference of a group included."""
    if name in frame.measurement.corpus:
        return [name]
    if metric.over_group and context.group:
        extra = [context.reference_name] if context.reference_name else []
        return [*context.group, *extra]
    return list(frame.measurement.corpus)


def signature(frame: Frame, metric: Metric, *, made_by: str, slices: Sequence[str]) -> str:
    """Everything that changes the number: metric, rules, tokenizer, corpus, version."""
    parameters = frame.parameters
    rule = "icu-dictionary" if parameters.words == "icu-dictionary" else "uax29"
    texts = {
        "words": f"words:{WORD_RULE.replace('uax29', rule)}",
        "unicode": f"unicode:{UNICODE_VERSION}",
        "alpha": f"alpha:{parameters.alpha:g}",
        "reference": "ref:" + "+".join(frame.references.values()),
        "baseline": f"baseline:{frame.baseline}",
        "max_length": f"length:{parameters.max_length}",
        "price": f"price:{parameters.price}",
        "sample": f"sample:{SAMPLE_CHARACTERS}/{READ_CHARACTERS}",
        "gold": f"gold:{_hash_of(frame.resources, 'gold')}",
        "lexicon": f"lexicon:{_hash_of(frame.resources, 'lexicon')}",
        "terms": f"terms:{_hash_of(frame.resources, 'terms')}",
        "logged_ids": f"ids:{_hash_of(frame.resources, 'logged_ids')}",
    }
    return "|".join(
        [
            metric.info.id,
            *(texts[name] for name in metric.parameters),
            "agg:micro",
            made_by,
            f"special:{'+'.join(parameters.special) or 'no'}",
            f"corpus:{_corpus_hash(frame.measurement, slices)[:8]}",
            f"v:{tokeval.__version__}",
        ]
    )


def _hash_of(resources: Resources, kind: str) -> str:
    """Eight hex digits for all resources of a kind: `no` when there are none."""
    known = {name: value for name, value in resources.hashes.items() if name.startswith(kind)}
    if not known:
        return "no"
    joined = "".join(f"{name}\0{known[name]}\0" for name in sorted(known))
    return hashlib.sha256(joined.encode()).hexdigest()[:8]


def _corpus_hash(measurement: Measurement, slices: Sequence[str]) -> str:
    """The hash of a slice, or of the names and hashes of several."""
    if len(slices) == 1:
        return measurement.corpus[slices[0]]
    joined = "".join(f"{name}\0{measurement.corpus[name]}\0" for name in slices)
    return hashlib.sha256(joined.encode()).hexdigest()

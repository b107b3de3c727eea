"""Sentences to look at: short texts of a corpus on which two tokenizers differ most."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from tokeval.core.corpus import Slice
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import MetricsResult, Sample
from tokeval.metrics.samples import MAX_SAMPLE_CHARACTERS, MAX_SAMPLES, cut_samples

MAX_LOOKED_AT = 512


def differing_samples(tokenizers: Sequence[Tokenizer], slices: Sequence[Slice]) -> list[Sample]:
    """For each of the first MAX_SAMPLES slices, the short text whose token numbers differ most.

    Among the first MAX_LOOKED_AT texts; the first of several alike, and the beginning of the
    first text where none is short.
    """
    chosen = []
    for part in slices[:MAX_SAMPLES]:
        stream = (text for document in part.documents() for text in document)
        head = list(itertools.islice(stream, MAX_LOOKED_AT))
        short = [text for text in head if text.strip() and len(text) <= MAX_SAMPLE_CHARACTERS]
        if short:
            counts = [np.diff(tokenizer.encode_batch(short).offsets) for tokenizer in tokenizers]
            chosen.append((part.name, short[int(np.argmax(np.abs(counts[1] - counts[0])))]))
        elif head:
            chosen.append((part.name, head[0][:MAX_SAMPLE_CHARACTERS]))
    return cut_samples(tokenizers, chosen)


def common_samples(
    before: MetricsResult, after: MetricsResult, names: tuple[str, str], labels: tuple[str, str]
) -> list[Sample]:
    """The samples that two documents have of the same texts, under new names.

    Args:
        before: what the one document measured.
        after: what the other one measured.
        names: of the tokenizers in the documents.
        labels: of the tokenizers in the comparison.
    """
    theirs = {(sample.slice, sample.text): sample.tokens for sample in after.samples}
    found = []
    for sample in before.samples:
        other = theirs.get((sample.slice, sample.text), {})
        if names[0] in sample.tokens and names[1] in other:
            tokens = {labels[0]: sample.tokens[names[0]], labels[1]: other[names[1]]}
            found.append(Sample(sample.slice, sample.text, tokens))
    return found

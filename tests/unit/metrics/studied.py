"""Contexts for tests of metrics with a study: a sample is made, studied and looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from tokeval.core.evidence import (
    TEXT_COLUMNS,
    TOKEN_COLUMNS,
    TOKENS_PER_WORD_BINS,
    Evidence,
)
from tokeval.core.metric import Context, Folds, Parameters
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.study import Sample, Study, Subject, Tally
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.core.wordforms import SplitWords, WordForms
from tokeval.document import Undefined


def sample_of(texts: Sequence[str], name: str = "en") -> Sample:
    """A sample in which every text is a document."""
    return Sample(name, tuple((text,) for text in texts))


def evidence_of(
    ids: Sequence[Sequence[int]] = ((), ()),
    lengths: Sequence[Sequence[int]] = ((), ()),
    **totals: Sequence[int],
) -> Evidence:
    """Evidence from token ids and text lengths by block, and totals by column."""
    n_blocks = len(ids)
    return Evidence(
        n_blocks=n_blocks,
        totals={
            column: np.array(totals.get(column, [0] * n_blocks), dtype=np.int64)
            for column in (*TEXT_COLUMNS, *TOKEN_COLUMNS)
        },
        token_counts=_sparse(ids),
        text_lengths=_sparse(lengths),
        tokens_per_word=np.zeros(TOKENS_PER_WORD_BINS, dtype=np.int64),
        word_forms=WordForms(*np.empty((4, 0), dtype=np.int64)),
        split_words=SplitWords(),
    )


def _sparse(by_block: Sequence[Sequence[int]]) -> SparseCounts:
    """Counts of what each block holds."""
    blocks = np.repeat(np.arange(len(by_block)), [len(types) for types in by_block])
    return SparseCounts.of(blocks, np.array([t for types in by_block for t in types], np.int64))


def context_of(
    tokenizer: Tokenizer,
    sample: Sample,
    study: Study,
    *,
    reference: Sample | None = None,
    tally: Tally | None = None,
    evidence: Evidence | None = None,
) -> Context:
    """The context of a slice whose sample a study looked at, or for which it gave a tally."""
    found = tally or study.measure(Subject(tokenizer, sample))
    of_reference = {}
    if reference is not None:
        of_reference = {study.name: study.measure(Subject(tokenizer, reference))}
    return Context(
        evidence or evidence_of(),
        tokenizer.vocabulary,
        tallies={study.name: found},
        reference_tallies=of_reference,
    )


def context_without_study(
    evidence: Evidence, n_vocabulary: int = 10, *, max_length: int | None = None
) -> Context:
    """A context of evidence alone, with so many entries in the vocabulary."""
    vocabulary = Vocabulary(tuple(bytes([i % 256]) for i in range(n_vocabulary)))
    return Context(evidence, vocabulary, Parameters(max_length=max_length))


def value(compute: Callable[[Context], Folds | Undefined], context: Context) -> float:
    """The number of a metric that must be defined."""
    folds = compute(context)
    assert not isinstance(folds, Undefined), folds.reason
    return float(folds.values[0])


@cache
def flores(shared: Path, language: str) -> tuple[str, ...]:
    """The sentences of a language, without the line ends."""
    path = shared / "data" / "flores" / f"{language}.txt"
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))

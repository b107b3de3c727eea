"""What simpler methods answer, to stand beside the mixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tokeval.document import MixtureBaseline
from tokeval.mixture.baselines import (
    encoding_efficiency,
    shares_by_efficiency,
    token_classification,
    uniform,
)
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.reference_tokenizers import learn_from_mixtures, reference_bytes_per_token
from tokeval.mixture.token_counting import bytes_per_token, count_tokens
from tokeval.mixture.word_table import WordTable

SEED = 0
"""Of the mixtures from which encoding efficiency is learnt."""


def simple_answers(
    tables: Mapping[str, WordTable], merges: MergeList, rows: Mapping[str, Sequence[int]]
) -> list[MixtureBaseline]:
    """Equal shares, and token classification on all merges.

    Args:
        tables: by category.
        merges: the whole list.
        rows: the rows of the answer, with the numbers of the categories that each adds up.
    """
    counts = np.array([count_tokens(table, merges) for table in tables.values()])
    n_bytes = np.array([table.n_bytes.sum() for table in tables.values()])
    answers = (uniform(len(tables)), token_classification(counts, n_bytes))
    return [_grouped(answer, rows) for answer in answers]


def efficiency_answer(
    tables: Mapping[str, WordTable], explained: MergeList, rows: Mapping[str, Sequence[int]]
) -> MixtureBaseline:
    """Token encoding efficiency on the merges that are explained.

    Trains a reference tokenizer on each category, with as many merges, and some on random mixtures
    of them, from which it is learnt what efficiency says of shares.

    Args:
        tables: by category, each with a pair of symbols.
        explained: the merges; those past them would take far more text to train references for.
        rows: as for `simple_answers`.
    """
    known = list(tables.values())
    reference = reference_bytes_per_token(known, explained)
    model = learn_from_mixtures(known, explained, reference=reference, seed=SEED)
    reached = [bytes_per_token(table, count_tokens(table, explained)) for table in known]
    efficiencies = encoding_efficiency(reached, reference.tolist())
    return _grouped(shares_by_efficiency(efficiencies, model), rows)


def _grouped(answer: MixtureBaseline, rows: Mapping[str, Sequence[int]]) -> MixtureBaseline:
    """A baseline's shares, those of a group added up."""
    shares = []
    for members in rows.values():
        parts = [answer.shares[i] for i in members]
        known = [part for part in parts if part is not None]
        shares.append(sum(known) if len(known) == len(parts) else None)
    return MixtureBaseline(answer.name, tuple(shares))

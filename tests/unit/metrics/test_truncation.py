"""The share of tokens that a limited context cuts off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.metrics.studied import context_without_study, evidence_of, value
from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.metrics.truncation import truncated_share


@pytest.mark.case(golden=["truncated_share"])
def test_three_texts_by_hand() -> None:
    # Lengths 2, 7 and 5; with L = 4 three and one tokens of 14 are lost.
    evidence = evidence_of(([], []), ([2, 7], [5]))
    folds = truncated_share(context_without_study(evidence, max_length=4))
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [4 / 14, 1 / 5, 3 / 9]


@pytest.mark.case(oracle=["truncated_share"])
@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(1, 60))
def test_cutting_the_texts_loses_as_much(lengths: list[int], limit: int) -> None:
    context = context_without_study(evidence_of([[]], [lengths]), max_length=limit)
    texts = ["x" * n for n in lengths]
    if not any(texts):
        assert isinstance(truncated_share(context), Undefined)
        return
    kept = sum(len(text[:limit]) for text in texts)
    assert value(truncated_share, context) == pytest.approx(1 - kept / sum(lengths))


@pytest.mark.case(undefined=["truncated_share"])
def test_without_a_limit_or_without_tokens_there_is_no_share() -> None:
    found = truncated_share(context_without_study(evidence_of(([],), ([3],))))
    assert isinstance(found, Undefined)
    assert "--max-length" in found.reason
    empty = truncated_share(context_without_study(evidence_of(([],), ([0],)), max_length=3))
    assert isinstance(empty, Undefined)
    assert "tokens" in empty.reason

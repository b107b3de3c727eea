"""Properties of the linear program: what must not change the optimum, and what bounds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.mixture_histories import Case, build, train
from tokeval.mixture.estimate import estimate
from tokeval.mixture.history import History
from tokeval.mixture.pulp_model import solve_whole_program

PATIENT = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

WORDS = ("ab", "abc", "bc", "bcd", "cab", "aaaa", "dab", "dd", "acbd", "bbca")
TABLES = st.lists(st.integers(0, 30), min_size=len(WORDS), max_size=len(WORDS)).filter(any)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Tables of two or three categories, under the merges of another table."""
    tables = draw(st.lists(TABLES, min_size=2, max_size=3))
    other = [count + 1 for count in draw(TABLES)]
    merges = train(dict(zip(WORDS, other, strict=True)), draw(st.integers(1, 10)))
    # Every category has a pair of the first merge, so that there is a row.
    tables = [dict(zip(WORDS, table, strict=True)) for table in tables]
    return build([{**table, "".join(merges[0]): 1} for table in tables], merges)


def reordered(history: History, order: list[int]) -> History:
    """The history with its categories in another order."""
    place = np.argsort(order).astype(np.uint16)[history.categories]
    pairs = np.repeat(np.arange(len(history.keys)), np.diff(history.starts))
    rows = np.lexsort((place, history.steps, pairs))
    return replace(
        history,
        names=tuple(history.names[i] for i in order),
        steps=history.steps[rows],
        categories=place[rows],
        deltas=history.deltas[rows],
        n_pairs_initially=history.n_pairs_initially[order],
    )


@PATIENT
@given(cases())
def test_the_lazy_optimum_is_the_whole_optimum(case: Case) -> None:
    found, whole = estimate(case.history), solve_whole_program(case.history)
    assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-9)
    assert found.shares.sum() == pytest.approx(1)
    assert (found.shares >= 0).all()
    assert (found.step_slacks >= 0).all()


@PATIENT
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_categories_does_not_matter(case: Case, random: object) -> None:
    order = list(range(len(case.history.names)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found, other = estimate(case.history), estimate(reordered(case.history, order))
    assert found.objective == pytest.approx(other.objective, rel=1e-6, abs=1e-9)


@PATIENT
@given(cases(), st.integers(2, 1000))
def test_more_text_of_the_same_kind_changes_nothing(case: Case, factor: int) -> None:
    history = case.history
    larger = replace(
        history,
        deltas=history.deltas * factor,
        n_pairs_initially=history.n_pairs_initially * factor,
    )
    found, other = estimate(history), estimate(larger)
    assert found.objective == pytest.approx(other.objective, rel=1e-6, abs=1e-9)


@PATIENT
@given(TABLES.filter(lambda table: sum(table) > 1), st.integers(1, 10))
def test_what_a_tokenizer_was_trained_on_violates_nothing(table: list[int], n_merges: int) -> None:
    words = dict(zip(WORDS, table, strict=True))
    case = build([words], train(words, n_merges))
    found = estimate(case.history)
    assert found.objective == 0
    assert_allclose(found.shares, [1.0])

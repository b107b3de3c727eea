from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tokeval.core.multiple_tests import holm
from tokeval.probe.paired_tests import mcnemar_p


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_binomial_test_of_scipy(only_a: int, only_b: int) -> None:
    n = only_a + only_b
    expected = stats.binomtest(only_a, n, 0.5).pvalue if n else 1.0
    assert mcnemar_p(only_a, only_b) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_many_strings_does_not_overflow() -> None:
    assert mcnemar_p(1500, 1500) == 1.0
    assert 0 <= mcnemar_p(0, 3000) < 1e-300


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_is_bonferroni_under_closed_testing(p_values: list[float]) -> None:
    """A p stands if Bonferroni rejects every set of hypotheses that it is in."""
    places = range(len(p_values))
    expected = [
        max(
            min(1.0, size * min(p_values[j] for j in chosen))
            for size in range(1, len(p_values) + 1)
            for chosen in combinations(places, size)
            if place in chosen
        )
        for place in places
    ]
    assert holm(p_values) == pytest.approx(expected)

"""Correlations against scipy, brute force and hand-computed cases."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tokeval.core import correlation
from tokeval.core.correlation import Coefficient, Pair, correlate_all, pearson, permutation_p
from tokeval.document import Undefined

X = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
Y = np.array([2.0, 1.0, 4.0, 3.0, 7.0, 5.0])


def columns(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three columns that go together somewhat."""
    random = np.random.default_rng(seed)
    z = random.normal(size=n)
    return z + random.normal(size=n), z + random.normal(size=n), z


def test_a_hand_computed_case() -> None:
    # Deviations (−1, 0, 1) and (−1, 1, 0): 1 / √(2 · 2); of 3! orders all have |r| ≥ 1/2.
    x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])
    assert pearson(x, y) == pytest.approx(0.5)
    assert permutation_p(x, y) == 1.0
    # The straight order and its reverse are the only ones with |r| = 1.
    assert permutation_p(x, 2 * x) == pytest.approx(2 / 6)
    assert permutation_p(X, -X) == pytest.approx(2 / math.factorial(6))


@pytest.mark.parametrize("seed", range(5))
def test_coefficients_and_exact_p_are_those_of_scipy(seed: int) -> None:
    x, y, _ = columns(6, seed)
    (found,) = correlate_all([Pair("x", "y", x, y)])
    for ours, statistic in ((found.pearson, stats.pearsonr), (found.spearman, stats.spearmanr)):
        assert isinstance(ours, Coefficient)
        assert ours.value == pytest.approx(statistic(x, y).statistic)
        theirs = stats.permutation_test(
            (x,),
            lambda a, s=statistic: abs(s(a, y).statistic),
            permutation_type="pairings",
            alternative="greater",
            n_resamples=np.inf,
            vectorized=False,
        )
        assert ours.p == pytest.approx(theirs.pvalue)
        assert ours.p_holm == ours.p
    assert found.test == "all 720 orders"


def test_ties_share_the_mean_rank() -> None:
    x, y = np.array([1.0, 1, 2, 2, 3, 9]), np.array([5.0, 5, 5, 6, 7, 7])
    (found,) = correlate_all([Pair("x", "y", x, y)])
    assert isinstance(found.spearman, Coefficient)
    assert found.spearman.value == pytest.approx(stats.spearmanr(x, y).statistic)
    ranks = stats.rankdata(x), stats.rankdata(y)
    orders = itertools.permutations(ranks[1])
    far = [abs(stats.pearsonr(ranks[0], o)[0]) >= found.spearman.value - 1e-9 for o in orders]
    assert found.spearman.p == pytest.approx(sum(far) / len(far))


def test_ten_rows_are_drawn_and_give_the_same_p_again() -> None:
    x, y, _ = columns(10, 5)
    (found,) = correlate_all([Pair("x", "y", x, y)])
    assert isinstance(found.pearson, Coefficient)
    assert found.test == "199,999 random orders"
    # Under normal columns the permutation p is close to that of Student's t.
    assert found.pearson.p == pytest.approx(stats.pearsonr(x, y).pvalue, abs=0.02)
    assert 0.02 < found.pearson.p < 0.5
    assert correlate_all([Pair("x", "y", x, y)]) == [found]
    assert permutation_p(x, x) > 0


def test_partial_correlation_is_that_of_residuals_and_of_the_formula() -> None:
    x, y, z = columns(8, 1)
    r_xy, r_xz, r_yz = (np.corrcoef(a, b)[0, 1] for a, b in ((x, y), (x, z), (y, z)))
    formula = (r_xy - r_xz * r_yz) / math.sqrt((1 - r_xz**2) * (1 - r_yz**2))
    assert pearson(x, y, [z]) == pytest.approx(formula)
    assert pearson(x, y, [1e6 + 1e-3 * z]) == pytest.approx(formula)
    two = [z, x * y]
    design = np.column_stack([np.ones(8), *two])
    left = [c - design @ np.linalg.lstsq(design, c, rcond=None)[0] for c in (x, y)]
    assert pearson(x, y, two) == pytest.approx(np.corrcoef(*left)[0, 1])
    (found,) = correlate_all([Pair("x", "y", x, y, (("z", z),))])
    assert found.test == "all 40,320 orders of the residuals, approximate"
    assert found.controls == ("z",)


def test_the_p_of_a_partial_correlation_is_that_of_freedman_and_lane() -> None:
    x, y, z = columns(5, 2)
    design = np.column_stack([np.ones(5), z])

    def residuals(column: np.ndarray) -> np.ndarray:
        return column - design @ np.linalg.lstsq(design, column, rcond=None)[0]

    fitted, left = y - residuals(y), residuals(y)
    observed = abs(np.corrcoef(residuals(x), left)[0, 1])
    orders = itertools.permutations(range(5))
    again = [np.corrcoef(residuals(x), residuals(fitted + left[list(o)]))[0, 1] for o in orders]
    expected = np.mean([abs(r) >= observed - 1e-9 for r in again])
    assert permutation_p(x, y, [z]) == pytest.approx(expected)


def test_holm_corrects_for_every_pair_that_was_looked_at() -> None:
    x, y, z = columns(7, 4)
    pairs = [Pair("x", "y", x, y), Pair("z", "y", z, y), Pair("c", "y", np.ones(7), y)]
    found = correlate_all(pairs)
    p = [item.pearson.p for item in found[:2] if isinstance(item.pearson, Coefficient)]
    holm = [item.pearson.p_holm for item in found[:2] if isinstance(item.pearson, Coefficient)]
    low, high = sorted(p)
    assert sorted(holm) == pytest.approx([min(1, 2 * low), max(high, min(1, 2 * low))])
    assert isinstance(found[2].pearson, Undefined)


def test_a_column_that_does_not_vary_is_undefined() -> None:
    assert pearson(X, np.full(6, 0.1)) == Undefined("a column does not vary")
    assert pearson(X, Y, [2 * X + 1]) == Undefined("the controls explain all of a column")
    assert isinstance(pearson(X[:2], Y[:2]), Undefined)
    assert isinstance(pearson(X[:3], Y[:3], [Y[:3]]), Undefined)
    (found,) = correlate_all([Pair("x", "y", X, np.ones(6))])
    assert (found.lowest, found.highest, found.verdict) == (None, None, "undefined")
    (empty,) = correlate_all([Pair("x", "y", X[:0], Y[:0])])
    assert isinstance(empty.pearson, Undefined)


def test_four_rows_are_no_evidence_and_five_may_be() -> None:
    verdicts = [correlate_all([Pair("x", "y", X[:n], X[:n])])[0].verdict for n in (4, 5, 6)]
    assert verdicts == ["too few: no evidence", "beyond chance", "beyond chance"]
    (chance,) = correlate_all([Pair("x", "y", X, np.array([3.0, 1, 4, 1, 5, 2]))])
    assert chance.verdict == "may be chance"


def test_one_row_that_makes_the_correlation_shows_in_the_range() -> None:
    x, y = np.array([0.0, 1, 0, 1, 10]), np.array([0.0, 0, 1, 1, 10])
    (found,) = correlate_all([Pair("x", "y", x, y)])
    assert isinstance(found.pearson, Coefficient)
    assert found.pearson.value > 0.98
    assert found.lowest == pytest.approx(0.0)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=3, max_size=6),
    st.floats(0.5, 9),
    st.floats(-9, 9),
)
def test_scale_and_place_change_nothing(
    rows: list[tuple[float, float]], scale: float, place: float
) -> None:
    x, y = (np.round(np.array(column), 3) for column in zip(*rows, strict=True))
    before, after = pearson(x, y), pearson(scale * x + place, y)
    if isinstance(before, Undefined):
        assert isinstance(after, Undefined)
    else:
        assert after == pytest.approx(before)
        assert -1 <= before <= 1
        assert permutation_p(x, y) == permutation_p(y, x)


def test_the_limit_of_exact_counting_is_where_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = permutation_p(X, Y)
    monkeypatch.setattr(correlation, "MAX_EXACT", 5)
    assert permutation_p(X, Y) == pytest.approx(exact, abs=0.005)
    assert permutation_p(X, Y) != exact

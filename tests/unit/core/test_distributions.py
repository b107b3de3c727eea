"""Entropies, types and ranks of counts, against SciPy, closed forms and counting anew."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tokeval.core import distributions
from tokeval.core.evidence import TypeCounts
from tokeval.core.sparse_counts import SparseCounts

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

COUNTS = st.lists(st.integers(1, 1000), min_size=1, max_size=30)
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=60)


def types_of(pairs: list[tuple[int, int]], n_blocks: int = 4) -> TypeCounts:
    """Type counts of (block, type) occurrences."""
    blocks, types = np.array(pairs, dtype=np.int64).T
    return TypeCounts.of(SparseCounts.of(blocks, types), n_blocks)


def types_with(counts: list[int]) -> TypeCounts:
    """Type counts with the given counts, in one block."""
    n = len(counts)
    sparse = SparseCounts.of(np.zeros(n, np.int64), np.arange(n), np.array(counts))
    return TypeCounts.of(sparse, n_blocks=1)


@PATIENT
@given(COUNTS)
def test_shannon_entropy_is_scipys(counts: list[int]) -> None:
    expected = float(scipy.stats.entropy(counts, base=2))
    assert distributions.entropy(types_with(counts))[0] == pytest.approx(expected, abs=1e-9)
    assert distributions.shannon_entropy(np.array(counts)) == pytest.approx(expected, abs=1e-9)


@PATIENT
@given(COUNTS, st.sampled_from([0.5, 2.0, 2.5, 3.0, 10.0]))
def test_renyi_entropy_by_definition(counts: list[int], alpha: float) -> None:
    total = sum(counts)
    power_sum = math.fsum((count / total) ** alpha for count in counts)
    expected = math.log2(power_sum) / (1 - alpha)
    assert distributions.renyi(types_with(counts), alpha)[0] == pytest.approx(expected, abs=1e-9)
    assert distributions.renyi_entropy(np.array(counts), alpha) == pytest.approx(expected, abs=1e-9)


@PATIENT
@given(COUNTS)
def test_renyi_entropy_falls_with_its_order_and_meets_shannons(counts: list[int]) -> None:
    types = types_with(counts)
    values = [distributions.renyi(types, alpha)[0] for alpha in (0.5, 0.999999, 1.0, 1.000001, 2.0)]
    assert all(after <= before + 1e-6 for before, after in pairwise(values))
    assert values[1] == pytest.approx(values[2], abs=1e-4)
    assert values[3] == pytest.approx(values[2], abs=1e-4)
    assert distributions.renyi(types, 1.0)[0] == distributions.entropy(types)[0]


def test_uniform_counts_have_the_logarithm_of_their_number_at_every_order() -> None:
    types = types_with([7] * 32)
    for alpha in (0.5, 1.0, 2.5, 50.0):
        assert distributions.renyi(types, alpha)[0] == pytest.approx(5.0, abs=1e-12)


def test_a_geometric_distribution() -> None:
    """Counts 2^k … 2, 1, 1: entropy 2 − 2^(1 − k) bits."""
    counts = [2**k for k in range(19, -1, -1)] + [1]
    expected = 2 - 2.0 ** (1 - 20)
    assert distributions.entropy(types_with(counts))[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("alpha", [2.5, 40.0, 300.0])
def test_large_counts_and_orders_do_not_overflow(alpha: float) -> None:
    """Two types of 10**15: one bit."""
    types = types_with([10**15, 10**15])
    assert distributions.renyi(types, alpha)[0] == pytest.approx(1.0, abs=1e-9)


def test_the_average_rank_by_hand() -> None:
    """Counts 5, 3, 2: (5·1 + 3·2 + 2·3) / 10."""
    assert distributions.average_rank(types_with([3, 5, 2]))[0] == pytest.approx(1.7)


def counted_anew(pairs: list[tuple[int, int]], block: int | None) -> NDArray[np.int64]:
    """Counts of the types outside a block, positive ones, from the largest."""
    kept = [kind for b, kind in pairs if b != block]
    return np.array(sorted((kept.count(kind) for kind in set(kept)), reverse=True), dtype=np.int64)


@PATIENT
@given(PAIRS)
def test_every_fold_is_computed_as_if_the_block_had_not_been_there(
    pairs: list[tuple[int, int]],
) -> None:
    types = types_of(pairs)
    folds = {
        "tokens": distributions.n_tokens(types),
        "types": distributions.n_types(types),
        "entropy": distributions.entropy(types),
        "renyi": distributions.renyi(types, 2.5),
        "rank": distributions.average_rank(types),
    }
    for fold, block in enumerate([None, 0, 1, 2, 3]):
        counts = counted_anew(pairs, block)
        if len(counts):
            p = counts / counts.sum()
            expected = {
                "entropy": scipy.stats.entropy(counts, base=2),
                "renyi": math.log2((p**2.5).sum()) / -1.5,
                "rank": sum(i * n for i, n in enumerate(counts, start=1)) / counts.sum(),
            }
        else:
            expected = dict.fromkeys(("entropy", "renyi", "rank"), math.nan)
        expected |= {"tokens": counts.sum(), "types": len(counts)}
        for name, value in expected.items():
            assert folds[name][fold] == pytest.approx(value, abs=1e-9, nan_ok=True), (name, block)


@PATIENT
@given(PAIRS)
def test_the_counts_without_a_block(pairs: list[tuple[int, int]]) -> None:
    types = types_of(pairs)
    for block in range(4):
        expected = [
            sum(1 for b, kind in pairs if kind == t and b != block) for t in types.types.tolist()
        ]
        assert types.without_block(block).tolist() == expected


def test_nothing_at_all_has_no_entropy() -> None:
    types = TypeCounts.of(SparseCounts(), n_blocks=2)
    for values in (
        distributions.entropy(types),
        distributions.renyi(types, 2.5),
        distributions.average_rank(types),
    ):
        assert np.isnan(values).all()
        assert values.shape == (3,)
    assert distributions.n_types(types).tolist() == [0, 0, 0]

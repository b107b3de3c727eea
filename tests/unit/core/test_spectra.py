"""Spectra of folds, against counting anew."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.counted import counted
from tokeval.core.spectra import Spectra, spectrum

TABLES = st.integers(1, 5).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 6), min_size=n, max_size=n), min_size=1, max_size=5
    ).filter(lambda rows: any(map(any, rows)))
)


@given(TABLES)
def test_every_fold_is_counted_anew(table: list[list[int]]) -> None:
    spectra = Spectra.of(counted(table))
    rows = np.array(table)
    folds = [rows.sum(axis=0)] + [np.delete(rows, g, axis=0).sum(axis=0) for g in range(len(rows))]
    for index, counts in enumerate(folds):
        values, n_types = spectra.fold(index)
        expected = Counter(c for c in counts.tolist() if c)
        assert dict(zip(values.tolist(), n_types.tolist(), strict=True)) == expected
    assert spectra.n_tokens().tolist() == [f.sum() for f in folds]
    assert spectra.n_used().tolist() == [(f > 0).sum() for f in folds]
    assert spectra.n_with(2).tolist() == [(f == 2).sum() for f in folds]


def test_rare_and_very_frequent_counts_are_in_one_order() -> None:
    counts = np.array([5, 0, 70_000, 4096, 5, 4095, 70_000, 1])
    values, n_types = spectrum(counts)
    assert values.tolist() == [1, 5, 4095, 4096, 70_000]
    assert n_types.tolist() == [1, 2, 1, 1, 2]

"""The six definitions of codebook usage, by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.counted import counted, drawn, zipf
from tokeval.core.evidence import TypeCounts
from tokeval.core.metric import Folds, estimate
from tokeval.core.rarefaction import expected_types
from tokeval.document import Undefined
from tokeval.visual.usage import usage_definitions


@dataclass(frozen=True)
class Codes:
    """What was counted of a made-up dump."""

    codebook_size: int = 8
    types: TypeCounts = field(default_factory=lambda: counted([[0, 3, 0, 1], [1, 3, 0, 0]]))
    largest_id: int = 3
    n_recent: int = 6
    n_recent_codes: int = 2
    averages: NDArray[np.float64] | None = field(
        default_factory=lambda: np.array([0.01, 0.98, 0.009])
    )


def value(found: Folds | Undefined) -> float:
    """The number of all blocks."""
    assert isinstance(found, Folds), found
    return float(found.values[0])


def test_the_definitions_disagree_as_they_should() -> None:
    found = usage_definitions(Codes(), rarefied_tokens=2)
    assert value(found["usage"]) == 3 / 8
    assert value(found["usage_recent"]) == 2 / 8
    assert value(found["usage_average_above_even"]) == 1 / 8
    assert value(found["usage_average_above_margin"]) == 2 / 8  # the margin is 0.08 / 8 = 0.01
    assert value(found["usage_of_largest_id"]) == 3 / 4
    assert isinstance(found["usage_over_levels"], Undefined)


def test_an_average_at_the_even_share_is_not_above_it() -> None:
    found = usage_definitions(Codes(averages=np.array([0.125, 0.126, 0.749])))
    assert value(found["usage_average_above_even"]) == 2 / 8


def test_levels_add_up() -> None:
    other = Codes(types=counted([[2, 0, 0, 0], [1, 0, 0, 0]]))
    found = usage_definitions(Codes(), [Codes(), other])["usage_over_levels"]
    assert isinstance(found, Folds)
    # Without the first block codes 0 and 1 are left of the first level, and 0 of the second.
    assert found.values.tolist() == [4 / 16, 3 / 16, 3 / 16]


def test_what_depends_on_order_has_no_interval_and_says_why() -> None:
    found = usage_definitions(Codes())
    for name in ("usage_recent", "usage_average_above_even", "usage_average_above_margin"):
        folds = found[name]
        assert isinstance(folds, Folds)
        assert "order" in (estimate(folds).stderr_reason or "")


def test_the_largest_id_is_that_of_each_fold() -> None:
    found = usage_definitions(Codes())["usage_of_largest_id"]
    assert isinstance(found, Folds)
    assert found.values == pytest.approx([3 / 4, 2 / 2, 2 / 4])


def test_a_codebook_too_large_for_averages() -> None:
    found = usage_definitions(Codes(averages=None))
    assert isinstance(found["usage_average_above_even"], Undefined)
    assert isinstance(found["usage_average_above_margin"], Undefined)


def test_rarefied_codes_are_expected_at_equal_tokens() -> None:
    codes = Codes(codebook_size=500, types=drawn(zipf(1.0, 500), 6400, seed=1))
    found = usage_definitions(codes, rarefied_tokens=1000)["used_codes_rarefied"]
    assert value(found) == pytest.approx(
        expected_types(codes.types.counts, np.array([1000]))[0], rel=1e-12
    )
    few = usage_definitions(codes)["used_codes_rarefied"]
    assert isinstance(few, Undefined)
    assert "6400 tokens" in few.reason


def test_the_bound_is_at_most_the_codebook() -> None:
    codes = Codes(codebook_size=40, types=counted([[1] * 30, [0] * 30]))
    assert value(usage_definitions(codes)["used_codes_chao1"]) == 40

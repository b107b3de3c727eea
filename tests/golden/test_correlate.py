"""The published correlation of %TR with MMLU, over four models and over all rows of its table."""

from pathlib import Path

import numpy as np
import pytest

from tokeval.core.correlation import Coefficient, Correlation, Pair, correlate_all
from tokeval.loaders.score_tables import read_score_table

PUBLISHED_MODELS = ("gemma-2", "llama-3.1", "Qwen2.5", "aya-expanse")


def with_mmlu(shared: Path, column: str, models: tuple[str, ...] = ()) -> Correlation:
    """The correlation of a column of Bayram et al. 2025 with MMLU."""
    table = read_score_table(str(shared / "reference" / "turkish.csv"))
    names = models or table.tokenizers
    x, y = (np.array([table.column(key)[name] for name in names]) for key in (column, "mmlu"))
    return correlate_all([Pair(column, "mmlu", x, y)])[0]


@pytest.mark.parametrize(
    ("column", "expected"), [("tr_percent", 0.10), ("unique_tokens", 0.89), ("tokens", -0.79)]
)
def test_over_the_eight_rows(shared: Path, column: str, expected: float) -> None:
    found = with_mmlu(shared, column)
    assert isinstance(found.pearson, Coefficient)
    assert found.n == 8
    assert found.pearson.value == pytest.approx(expected, abs=0.005)
    assert found.test == "all 40,320 orders"


def test_over_the_four_models_that_the_claim_rests_on(shared: Path) -> None:
    found = with_mmlu(shared, "tr_percent", PUBLISHED_MODELS)
    assert isinstance(found.pearson, Coefficient)
    assert found.pearson.value == pytest.approx(0.90, abs=0.005)
    assert found.pearson.p == pytest.approx(3 / 24)
    assert found.verdict == "too few: no evidence"

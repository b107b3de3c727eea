"""Frames: a row for each number of every analysis, and nothing that is missing as 0."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.sample_mixture import mixture_report
from tests.sample_probe import sample_report as probe_report
from tests.sample_report import sample_report
from tests.sample_visual import sample_results, visual_report
from tokeval.document import (
    ComparisonResult,
    Difference,
    GateResult,
    Measured,
    MetricInfo,
    Provenance,
    Report,
    RuleOutcome,
    Undefined,
    metrics_results,
    mixture_results,
    probe_results,
    visual_results,
)
from tokeval.document.frames import COLUMNS
from tokeval.document.notebook import number, text

INFO = MetricInfo(
    "fertility", "Fertility", "compression", "tokens/word", "lower", "f", "s", "d", "r."
)


def report_of(*results: ComparisonResult | GateResult) -> Report:
    """A document with these results and next to nothing else."""
    return Report(Provenance("0", (), "", {}, {}, {}, {}), results)


def comparison() -> ComparisonResult:
    """A difference with an interval, and one that is undefined."""
    interval = Measured(0.5, 20, 0.1, 0.3, 0.7)
    one = Difference(
        "fertility", "tr", Measured(2.0, 20), Measured(2.5, 20), interval,
        Measured(0.25, 20, 0.05, 0.15, 0.35), "worse", "fertility|tok:b", 0.001, 0.002,
    )  # fmt: skip
    nothing = Undefined("no words")
    two = Difference(
        "fertility", "zh", nothing, nothing, nothing, nothing, "undefined", "fertility|tok:b"
    )
    return ComparisonResult("a", "b", (INFO,), (one, two))


def gate() -> GateResult:
    """A rule that failed on a cell, and one that matched none."""
    failed = RuleOutcome(
        1, "fertility <= 2", "fertility", "fail", "error", True, "2.5 is above 2", "b", "tr",
        Measured(2.5, 20), Measured(2.0, 20), Measured(0.25, 20, 0.05, 0.15, 0.35), "2", 4,
    )  # fmt: skip
    missing = RuleOutcome(2, "parity", "parity", "missing", "error", True, "no cell matches")
    return GateResult("fail", (failed, missing))


def test_every_cell_of_metrics_has_its_row() -> None:
    report = sample_report()
    frame = report.to_frame()
    (result,) = metrics_results(report)
    assert list(frame.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert len(frame) == len(result.cells)
    infos = {info.id: info for info in result.metrics}
    labels = {part.name: part.labels for part in result.slices}
    for cell, (_, row) in zip(result.cells, frame.iterrows(), strict=True):
        assert (row["metric"], row["tokenizer"], row["slice"]) == (
            cell.metric, cell.tokenizer, cell.slice,
        )  # fmt: skip
        assert row["unit"] == infos[cell.metric].unit
        assert row["direction"] == infos[cell.metric].direction
        for name, label in labels.get(cell.slice, {}).items():
            assert row[f"slice_{name}"] == label
        if isinstance(cell.value, Undefined):
            assert math.isnan(row["value"])
            assert pd.isna(row["n_blocks"])
            assert row["reason"] == cell.value.reason
            continue
        assert row["value"] == cell.value.value
        assert row["n_blocks"] == cell.value.n_blocks
        if cell.value.stderr is None:
            assert math.isnan(row["stderr"])
            assert math.isnan(row["low"])
            assert row["reason"] == cell.value.stderr_reason
        else:
            assert (row["stderr"], row["low"], row["high"]) == (
                cell.value.stderr, cell.value.low, cell.value.high,
            )  # fmt: skip


def test_shares_of_a_mixture_add_up_and_have_the_fit_beside_them() -> None:
    report = mixture_report()
    (result,) = mixture_results(report)
    frame = report.to_frame()
    shares = frame[frame["metric"] == "share"]
    assert list(shares["slice"]) == [category.name for category in result.categories]
    assert list(shares["value"]) == [category.share for category in result.categories]
    fit = frame[frame["metric"] == "zero_count_merges"]
    assert list(fit["value"]) == [result.fit.zero_count_merges]
    assert set(frame["outcome"].dropna()) == {result.fit.verdict}


def test_visual_cells_have_the_dump_as_tokenizer() -> None:
    report = visual_report(*sample_results())
    results = visual_results(report)
    frame = report.to_frame()
    assert list(frame["tokenizer"]) == [one.dump for one in results for _ in one.cells]
    assert list(frame["metric"]) == [cell.metric for one in results for cell in one.cells]


def test_probe_cells_have_probe_and_model(tmp_path: Path) -> None:
    report = probe_report(tmp_path)
    results = probe_results(report)
    frame = report.to_frame()
    assert list(frame["probe"]) == [one.probe for one in results for _ in one.cells]
    models = [one.model or None for one in results for _ in one.cells]
    assert [None if pd.isna(one) else one for one in frame["model"]] == models


def test_a_comparison_has_four_rows_for_a_pair() -> None:
    frame = report_of(comparison()).to_frame()
    assert list(frame["statistic"]) == ["before", "after", "difference", "relative"] * 2
    first = frame[frame["slice"] == "tr"].set_index("statistic")
    assert first.loc["difference", "value"] == 0.5
    assert (first.loc["relative", "low"], first.loc["relative", "high"]) == (0.15, 0.35)
    assert pd.isna(first.loc["relative", "unit"])
    assert first.loc["difference", "unit"] == "tokens/word"
    assert set(first["compared_with"]) == {"a"}
    assert set(first["p_holm"]) == {0.002}
    second = frame[frame["slice"] == "zh"]
    assert second["value"].isna().all()
    assert set(second["reason"]) == {"no words"}


def test_a_gate_has_a_row_for_each_number_and_each_rule_without() -> None:
    frame = report_of(gate()).to_frame()
    assert list(frame["statistic"]) == ["value", "baseline", "change", "value"]
    assert list(frame["value"])[:3] == [2.5, 2.0, 0.25]
    assert math.isnan(frame["value"].iloc[3])
    assert frame["reason"].iloc[3] == "no cell matches"
    assert list(frame["outcome"]) == ["fail", "fail", "fail", "missing"]
    assert list(frame["rule"]) == [1, 1, 1, 2]


def test_kinds_that_are_not_there_have_no_columns() -> None:
    columns = set(sample_report().to_frame().columns)
    assert not columns & {"model", "p_value", "rule", "compared_with"}


def test_several_results_are_one_frame() -> None:
    frame = report_of(comparison(), gate()).to_frame()
    assert list(frame["type"]) == ["comparison"] * 8 + ["gate"] * 4
    assert frame["n_blocks"].dtype == "Int64"
    assert frame["value"].dtype == "float64"


def test_a_report_without_rows_is_an_empty_frame() -> None:
    frame = report_of().to_frame()
    assert len(frame) == 0
    assert list(frame.columns) == list(COLUMNS)


def test_without_pandas_there_is_one_clear_line() -> None:
    script = (
        "import sys; sys.modules['pandas'] = None\n"
        "from tests.sample_report import sample_report\n"
        "from tokeval.errors import UsageError\n"
        "try: sample_report().to_frame()\n"
        "except UsageError as error: sys.stdout.write(str(error))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.stdout == "to_frame needs pandas (pip install 'tokeval[frames]')"


def test_numbers_are_written_for_readers() -> None:
    assert number(1.93456) == "1.935"
    assert number(128000.0) == "128,000"
    assert number(-0.5) == "−0.5"
    assert number(0.0) == "0"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert('x')</script>", "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;"),
        ("a\u202eb", "a\\u202eb"),
        ("\x00\ud800", "\\x00\\ud800"),
        ("ağ漢", "ağ漢"),
        ("x" * 100, "x" * 71 + "…"),
    ],
)
def test_texts_are_harmless_and_visible(written: str, shown: str) -> None:
    assert text(written) == f"<bdi>{shown}</bdi>"

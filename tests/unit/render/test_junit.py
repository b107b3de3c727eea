"""JUnit XML: what passes, fails and is skipped, and hostile texts in every format."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tests.hostile_report import VISIBLE, hostile_report
from tests.sample_mixture import mixture_report
from tests.small_reports import NOWHERE, known
from tokeval.document import (
    Cell,
    ComparisonResult,
    Difference,
    Finding,
    GateResult,
    MetricInfo,
    MetricsResult,
    Report,
    RuleOutcome,
    Undefined,
)
from tokeval.render.csv_table import FORMULA_STARTS, render_csv
from tokeval.render.junit import render_junit
from tokeval.render.markdown import render_markdown

SHARE = MetricInfo("unk_rate", "Unknown", "integrity", "share", "lower", "", "", "", "")


def cases(report: Report) -> list[tuple[str, str, str]]:
    """Group, name and outcome of every case."""
    root = ElementTree.fromstring(render_junit(report))  # noqa: S314 our own
    found = []
    for suite in root:
        outcomes = [child.tag for case in suite for child in case]
        assert int(suite.get("tests", "")) == len(suite)
        assert int(suite.get("failures", "")) == outcomes.count("failure")
        assert int(suite.get("skipped", "")) == outcomes.count("skipped")
        for case in suite:
            (child,) = case
            said = child.get("message") or child.text or ""
            found.append((case.get("classname", ""), case.get("name", ""), f"{child.tag}: {said}"))
    return found


def test_numbers_pass_undefined_ones_are_skipped_and_errors_fail() -> None:
    result = MetricsResult(
        metrics=(SHARE,),
        slices=(),
        cells=(
            Cell("unk_rate", "a", "tr", known(0.25), "s"),
            Cell("unk_rate", "a", "th", Undefined("no unknown token"), "s"),
        ),
        findings=(
            Finding("gap", "error", "a", "ids are missing", 3),
            Finding("odd", "warning", "a", "one is odd"),
        ),
    )
    assert cases(Report(NOWHERE, (result,))) == [
        ("metrics.a", "unk_rate on tr", "system-out: 25.0 ± 2.0%"),
        ("metrics.a", "unk_rate on th", "skipped: no unknown token"),
        ("findings.a", "error gap", "failure: ids are missing (3 of them)"),
        ("findings.a", "warning odd", "system-out: one is odd"),
    ]


@pytest.mark.parametrize(("verdict", "tag"), [("good", "system-out"), ("misfit", "failure")])
def test_a_mixture_fails_where_its_categories_do_not_fit(verdict: str, tag: str) -> None:
    found = {name: outcome for _, name, outcome in cases(mixture_report(verdict=verdict))}
    assert found["fit"].startswith(f"{tag}: {verdict}")


def test_rules_and_differences_have_cases() -> None:
    gate = GateResult(
        "fail",
        (
            RuleOutcome(1, "min 5", "m", "fail", "error", failed=True, message="is 4", slice="tr"),
            RuleOutcome(2, "max 5", "m", "missing", "warning", failed=False, message="no cell"),
            RuleOutcome(3, "max 9", "m", "pass", "error", failed=False, message="is 4"),
        ),
    )
    value = known(1.0)
    difference = Difference("unk_rate", "tr", value, value, known(-0.1), value, "better", "s")
    comparison = ComparisonResult("a", "b", (SHARE,), (difference,))
    assert cases(Report(NOWHERE, (gate, comparison))) == [
        ("gate.m", "rule 1: min 5 on tr", "failure: is 4"),
        ("gate.m", "rule 2: max 5", "skipped: no cell"),
        ("gate.m", "rule 3: max 9", "system-out: is 4"),
        ("comparison.a and b", "unk_rate on tr", "system-out: better: −10.0 ± 2.0%"),
    ]


def test_a_hostile_vocabulary_is_well_formed_and_visible() -> None:
    text = render_junit(hostile_report())
    text.encode("utf-8")
    shown = " ".join(part for case in cases(hostile_report()) for part in case)
    for part in VISIBLE:
        assert part in shown, part
    assert "]]>" in shown
    assert "]]>" not in text


def test_a_hostile_vocabulary_does_nothing_in_a_spreadsheet() -> None:
    text = render_csv(hostile_report())
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    fields = {field for row in rows for field in row}
    assert "'=cmd|'/c calc'!A0" in fields
    for field in fields:
        if field[:1] and field[:1] in FORMULA_STARTS:
            float(field)  # of what begins like a formula only numbers are left


def test_a_hostile_vocabulary_does_nothing_in_markdown() -> None:
    text = render_markdown(hostile_report())
    text.encode("utf-8")
    prose = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert "<script>" not in prose
    assert "<img" not in prose
    assert "&lt;script&gt;" in prose
    assert "@team" not in prose
    assert not re.search(r"[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "⟨U+202E⟩" in text


def test_each_limit_of_a_rule_is_a_case_of_its_own_name() -> None:
    one = RuleOutcome(1, "fertility: min 1, max 3", "fertility", "pass", "error", False, "fine")
    outcomes = [replace(one, limit=limit) for limit in ("min 1", "max 3", "max 3")]
    document = Report(NOWHERE, (GateResult("pass", tuple(outcomes)),))
    names = [name for _, name, _ in cases(document)]
    assert [name.removeprefix("rule 1: fertility: min 1, max 3") for name in names] == [
        ": min 1", ": max 3", ": max 3 (2)",
    ]  # fmt: skip

"""The result of a gate for people and programs: hostile names stay inert, formats stay valid."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec.structs import replace
from rich.console import Console

from tests.small_reports import NOWHERE
from tokeval.document import GateResult, Measured, Report, RuleOutcome, Undefined
from tokeval.render.gate_github import render_github
from tokeval.render.gate_html import GateView
from tokeval.render.gate_markdown import render_gate_markdown
from tokeval.render.gate_sarif import render_sarif
from tokeval.render.gate_terminal import print_gate
from tokeval.render.junit import render_junit
from tokeval.render.visible import inert

HOSTILE = "]]><script>alert(1)</script>\x00\x1b[31m\n::error::x\r% a:b,c |\ud800\u202e"
CHANGE = Measured(0.041, 20, 0.004, 0.033, 0.049)


def outcome(status: str = "pass", **more: Any) -> RuleOutcome:
    """An outcome on Turkish, with numbers before and now."""
    fields: dict[str, Any] = {
        "rule": 1, "text": "fertility: max_regression 2%", "metric": "fertility",
        "status": status, "severity": "error", "failed": status == "fail",
        "message": "fertility of toy on tr went up", "tokenizer": "toy", "slice": "tr",
        "value": Measured(2.01, 20), "baseline": Measured(1.93, 20), "change": CHANGE,
        "limit": "max_regression 2%", "line": 3, "relative": True,
    }  # fmt: skip
    return RuleOutcome(**fields | more)


FAILED = GateResult(
    "fail",
    (
        outcome(),
        outcome("warning", rule=2, severity="warning", line=9),
        outcome("not_significant", rule=3, line=12),
        outcome("fail"),
        outcome("missing", rule=4, line=0, value=None, baseline=None, change=None, failed=True),
        outcome("undefined", rule=5, value=Undefined("no words"), change=None, ignored=True),
    ),
    "tokeval.toml",
    "base.json",
    ("measured by another version",),
)
PASSED = GateResult("pass", (outcome(),), "tokeval.toml")
HOSTILE_RESULT = GateResult(
    "fail",
    (
        outcome("fail", text=HOSTILE, message=HOSTILE, tokenizer=HOSTILE, slice=HOSTILE,
                metric=HOSTILE, limit=HOSTILE),
    ),
    HOSTILE,
    HOSTILE,
    (HOSTILE,),
)  # fmt: skip


def parsed(text: str) -> ElementTree.Element:
    """A text as XML, which it must be."""
    return ElementTree.fromstring(text)  # noqa: S314 our own output


def printed(result: GateResult, width: int = 100) -> str:
    """What a terminal shows."""
    out = io.StringIO()
    print_gate(result, Console(file=out, width=width))
    return out.getvalue()


def test_the_terminal_says_the_verdict_then_the_reasons_then_the_numbers() -> None:
    text = printed(FAILED)
    lines = text.splitlines()
    assert lines[0] == "Gate failed: 2 of 6 checks failed, 1 warning, 2 to look at"
    assert lines[1] == "Rules of tokeval.toml, baseline base.json"
    assert "fail: fertility of toy on tr went up" in text
    assert "1.930" in text
    assert "+4.10 ± 0.80%" in text
    assert printed(PASSED).startswith("Gate passed: 1 check\n")


def test_a_narrow_terminal_shows_all_of_a_name() -> None:
    assert max(map(len, printed(FAILED, width=40).splitlines())) <= 40


def test_annotations_are_one_command_for_each_outcome_that_is_not_a_pass() -> None:
    assert render_github(FAILED).splitlines() == [
        "::error file=tokeval.toml,line=3,title=tokeval gate%3A fertility::"
        "fertility of toy on tr went up",
        "::error title=tokeval gate%3A fertility::fertility of toy on tr went up",
        "::warning file=tokeval.toml,line=9,title=tokeval gate%3A fertility::"
        "fertility of toy on tr went up",
        "::notice file=tokeval.toml,line=12,title=tokeval gate%3A fertility::"
        "fertility of toy on tr went up",
        "::notice file=tokeval.toml,line=3,title=tokeval gate%3A fertility::"
        "fertility of toy on tr went up",
    ]
    assert render_github(PASSED) == ""
    assert "file=sub/r.toml," in render_github(FAILED, rules_file="sub/r.toml")


def test_a_hostile_name_cannot_be_a_command_of_its_own() -> None:
    (line,) = render_github(HOSTILE_RESULT).splitlines()
    properties, _, message = line.removeprefix("::error ").partition("::")
    found = dict(one.split("=", 1) for one in properties.split(","))
    assert set(found) == {"file", "line", "title"}
    assert "%" not in message.replace("%25", "")
    decoded = message.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert decoded == inert(HOSTILE)


def test_markdown_has_the_reasons_and_a_folded_table() -> None:
    text = render_gate_markdown(FAILED)
    assert text.startswith("## Gate failed: 2 of 6 checks failed, 1 warning, 2 to look at\n")
    assert "- ❌ **fail**: fertility of toy on tr went up" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 6
    assert {row.count("|") for row in rows} == {8}


def test_markdown_shows_hostile_names_as_text() -> None:
    text = render_gate_markdown(HOSTILE_RESULT)
    assert "<script" not in text
    assert not set(text) & {"\x00", "\x1b", "\r", "\u202e", "\ud800"}
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {8}
    text.encode("utf-8")


def test_a_summary_stays_below_a_megabyte() -> None:
    many = replace(FAILED, rules=FAILED.rules * 500)
    assert len(render_gate_markdown(many).encode()) < 2**20
    assert "… and " in render_gate_markdown(many)
    assert len(render_github(many).splitlines()) == 50


def test_junit_fails_what_failed() -> None:
    tree = parsed(render_junit(Report(NOWHERE, (FAILED,))))
    (suite,) = tree
    assert (suite.get("tests"), suite.get("failures")) == ("6", "2")
    hostile = parsed(render_junit(Report(NOWHERE, (HOSTILE_RESULT,))))
    (failure,) = hostile.iter("failure")
    assert failure.get("message") == inert(HOSTILE)


LEVELS = {"none", "note", "warning", "error"}


def check_sarif(log: Any) -> None:
    """The parts that the standard requires, with its types (sections 3.13, 3.14, 3.19, 3.27)."""
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert isinstance(driver["name"], str)
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in LEVELS
        for location in result["locations"]:
            if "physicalLocation" in location:
                assert location["physicalLocation"]["region"]["startLine"] >= 1
                uri = location["physicalLocation"]["artifactLocation"]["uri"]
                assert uri.isascii()
                assert not set(uri) & set('<>" \\^`{|}')


@pytest.mark.parametrize("result", [FAILED, PASSED, HOSTILE_RESULT], ids=["f", "p", "h"])
def test_sarif_is_as_the_standard_says(result: GateResult) -> None:
    text = render_sarif(result)
    text.encode("utf-8")
    check_sarif(json.loads(text))


def test_sarif_has_a_result_for_each_outcome_that_is_not_a_pass() -> None:
    (run,) = json.loads(render_sarif(FAILED))["runs"]
    assert [one["level"] for one in run["results"]] == ["error", "error", "warning", "note", "note"]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == [
        f"tokeval-gate-{number}" for number in range(1, 6)
    ]
    assert json.loads(render_sarif(PASSED))["runs"][0]["results"] == []


def test_the_fingerprint_of_a_result_does_not_depend_on_its_numbers() -> None:
    def marks(result: GateResult) -> list[str]:
        (run,) = json.loads(render_sarif(result))["runs"]
        return [one["partialFingerprints"]["tokevalGate/v1"] for one in run["results"]]

    first = GateResult("fail", (outcome("fail"),))
    again = GateResult("fail", (outcome("fail", value=Measured(9.0, 20), message="x", line=40),))
    other = GateResult("fail", (outcome("fail", slice="en"),))
    assert marks(first) == marks(again) != marks(other)


def section(result: GateResult) -> str:
    """The section of a page."""
    environment = Environment(
        loader=PackageLoader("tokeval.render", "templates/report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: inert(value) if type(value) is str else value,
    )
    environment.filters["markup"] = Markup
    template = environment.from_string(
        '{% import "macros.html" as m with context %}{% include "gate.html" %}'
    )
    return template.render(gate=GateView(result, 1))


@pytest.mark.parametrize("result", [FAILED, PASSED, HOSTILE_RESULT], ids=["f", "p", "h"])
def test_the_section_of_a_page_is_well_formed_and_inert(result: GateResult) -> None:
    page = section(result)
    tree = parsed(page)
    assert [one.tag for one in tree.iter() if one.tag in ("script", "img")] == []
    rows = list(tree.iter("tr"))
    assert len(rows) == 1 + len(result.rules)
    assert len({len(row) for row in rows}) == 1
    anchors = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(set(anchors)) == len(anchors)


def test_pages_of_two_gates_have_ids_of_their_own() -> None:
    assert GateView(PASSED, 1).prefix != GateView(PASSED, 2).prefix

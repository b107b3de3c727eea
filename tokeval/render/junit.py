"""A report as JUnit XML, which build servers list: one test case for each number and finding.

A number that is measured passes, with the number as output; one that is undefined is skipped,
with the reason. A finding of severity `error` fails, others pass. A mixture that its categories
do not fit fails, and so does a rule of a gate that failed. A difference that a comparison found
passes, whatever it is: what is a regression, only rules can say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from tokeval.document import (
    ComparisonResult,
    Finding,
    GateResult,
    MetricInfo,
    MetricsResult,
    MixtureResult,
    ProbeResult,
    Report,
    Result,
    Value,
    VisualResult,
)
from tokeval.document.parts import Undefined
from tokeval.render.numbers import format_value
from tokeval.render.probe_view import subject
from tokeval.render.visible import inert

MISSING = frozenset(("missing", "undefined"))
"""Outcomes of a rule for want of a number."""


@dataclass(frozen=True)
class TestCase:
    """A number, a finding or a rule.

    Attributes:
        group: what it belongs to: analysis, then tokenizer.
        name: what it is.
        output: what is said of it where it passes.
        failure: why it failed, empty when it did not.
        skipped: why there is no number, empty when there is one.
    """

    group: str
    name: str
    output: str = ""
    failure: str = ""
    skipped: str = ""


def render_junit(report: Report) -> str:
    """The report as JUnit XML: a test suite for each result, in the document's order.

    Times are absent, since nothing is timed. Texts of users are escaped and inert: no character
    that XML forbids is in it.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="tokeval">']
    for number, result in enumerate(report.results, 1):
        lines += _suite(f"{number} {_title(result)}", list(_cases(result)))
    return "\n".join([*lines, "</testsuites>", ""])


def _suite(name: str, cases: Iterable[TestCase]) -> Iterator[str]:
    """The lines of a test suite."""
    found = _told_apart(cases)
    counts = {
        "tests": len(found),
        "failures": sum(bool(one.failure) for one in found),
        "errors": 0,
        "skipped": sum(bool(one.skipped) for one in found),
    }
    numbers = " ".join(f'{key}="{count}"' for key, count in counts.items())
    yield f"  <testsuite name={_attribute(name)} {numbers}>"
    for one in found:
        yield from _case(one)
    yield "  </testsuite>"


def _told_apart(cases: Iterable[TestCase]) -> list[TestCase]:
    """The cases, each with a name of its own: build servers show one of several alike."""
    found, taken = [], set()
    for one in cases:
        name, n = one.name, 1
        while (one.group, name) in taken:
            n += 1
            name = f"{one.name} ({n})"
        taken.add((one.group, name))
        found.append(replace(one, name=name))
    return found


def _case(case: TestCase) -> Iterator[str]:
    """The lines of a test case."""
    head = f"    <testcase classname={_attribute(case.group)} name={_attribute(case.name)}"
    if case.failure:
        said = f"<failure message={_attribute(case.failure)}/>"
    elif case.skipped:
        said = f"<skipped message={_attribute(case.skipped)}/>"
    else:
        said = f"<system-out>{escape(inert(case.output))}</system-out>"
    yield f"{head}>{said}</testcase>"


def _attribute(text: str) -> str:
    """A text as an attribute in quotes."""
    return quoteattr(inert(text))


def _title(result: Result) -> str:
    """What a result is of."""
    if isinstance(result, ComparisonResult):
        return f"comparison of {result.before} and {result.after}"
    if isinstance(result, MixtureResult):
        return f"mixture of {result.tokenizer}"
    if isinstance(result, VisualResult):
        return f"visual tokens of {result.dump}"
    if isinstance(result, ProbeResult):
        return f"{result.probe} of {subject(result)}"
    return "metrics" if isinstance(result, MetricsResult) else "gate"


def _cases(result: Result) -> Iterator[TestCase]:
    """The test cases of a result."""
    if isinstance(result, GateResult):
        yield from _rules(result)
    elif isinstance(result, ComparisonResult):
        yield from _differences(result)
    else:
        yield from _numbers(result)
        yield from map(_finding, result.findings)


def _numbers(
    result: MetricsResult | MixtureResult | VisualResult | ProbeResult,
) -> Iterator[TestCase]:
    """A case for each number of an analysis."""
    if isinstance(result, MixtureResult):
        yield from _shares(result)
        return
    infos = {info.id: info for info in result.metrics}
    if isinstance(result, MetricsResult):
        for cell in result.cells:
            group = f"metrics.{cell.tokenizer}"
            yield _number(group, cell.metric, cell.slice, cell.value, infos.get(cell.metric))
        return
    group = (
        f"visual.{result.dump}"
        if isinstance(result, VisualResult)
        else f"{result.probe}.{subject(result)}"
    )
    for one in result.cells:
        yield _number(group, one.metric, one.slice, one.value, infos.get(one.metric))


def _number(group: str, metric: str, part: str, value: Value, info: MetricInfo | None) -> TestCase:
    """A number that passes, or is skipped with the reason."""
    name = f"{metric} on {part}"
    if isinstance(value, Undefined):
        return TestCase(group, name, skipped=value.reason or "undefined")
    return TestCase(group, name, str(format_value(value, info.unit if info else "")))


def _shares(result: MixtureResult) -> Iterator[TestCase]:
    """The shares of categories, then whether they fit."""
    group = f"mixture.{result.tokenizer}"
    for one in result.categories:
        yield TestCase(group, f"share of {one.name}", f"{one.share!r}")
    said = " ".join((result.fit.verdict, *result.fit.reasons))
    failed = result.fit.verdict == "misfit"
    yield TestCase(group, "fit", said, failure=said if failed else "")


def _finding(finding: Finding) -> TestCase:
    """A finding, which fails when it is an error."""
    message = finding.message if finding.n == 1 else f"{finding.message} ({finding.n} of them)"
    failed = finding.severity == "error"
    return TestCase(
        f"findings.{finding.tokenizer}",
        f"{finding.severity} {finding.code}",
        message,
        failure=message if failed else "",
    )


def _rules(result: GateResult) -> Iterator[TestCase]:
    """The rules of a gate; those that found no number and do not fail are skipped."""
    for one in result.rules:
        where = " ".join(part for part in (one.tokenizer, one.slice) if part)
        skipped = one.message if one.status in MISSING and not one.failed else ""
        # A rule of several limits is a check for each.
        several = (
            bool(one.limit) and one.limit in one.text and not one.text.endswith(f": {one.limit}")
        )
        limit = f": {one.limit}" if several else ""
        yield TestCase(
            f"gate.{one.metric}",
            f"rule {one.rule}: {one.text}{f' on {where}' if where else ''}{limit}",
            one.message,
            failure=one.message if one.failed else "",
            skipped=skipped,
        )


def _differences(result: ComparisonResult) -> Iterator[TestCase]:
    """The differences of a comparison."""
    infos = {info.id: info for info in result.metrics}
    group = f"comparison.{result.before} and {result.after}"
    for one in result.differences:
        case = _number(group, one.metric, one.slice, one.difference, infos.get(one.metric))
        yield case if case.skipped else TestCase(group, case.name, f"{one.outcome}: {case.output}")

"""Families and findings on a page: each in its place, complete, and inert."""

import re

import msgspec
import pytest

from tests.sample_report import sample_report
from tokeval.document import Finding, Report, Undefined, metrics_results
from tokeval.render.families import READINGS
from tokeval.render.findings import finding_counts, finding_line, ordered, shown_example
from tokeval.render.html import render_html


def with_result(**changes: object) -> Report:
    """The sample report with other fields in its result."""
    report = sample_report()
    (result,) = metrics_results(report)
    return msgspec.structs.replace(report, results=(msgspec.structs.replace(result, **changes),))


def section(report: Report, name: str) -> str:
    """The markup of one section of a report's page."""
    page = render_html(report)
    return page[page.index(f'<section aria-labelledby="{name}"') :].partition("</section>")[0]


def test_families_come_in_the_order_of_the_metrics() -> None:
    families = re.findall(r'<h2 id="family-([^"]*)"', render_html(sample_report()))
    assert families == [
        "compression", "words", "information", "integrity", "fairness", "vocabulary",
        "morphology", "numbers", "code", "terms", "robustness", "a.20.3cplugin.3e.27s.20family",
    ]  # fmt: skip
    assert set(families[:-1]) == set(READINGS)


def test_a_family_has_its_meaning_its_figures_and_its_numbers_on_the_whole_corpus() -> None:
    words = section(sample_report(), "family-words")
    assert READINGS["words"] in words
    assert "<h3>Tokens per word, all</h3>" in words
    assert len(re.findall(r"<b>[^<]*</b>", words)) == 2 * 6
    # 6 ÷ 4.61 on `all`; the standard error has two digits at four decimals
    assert re.findall(r"<b>([^<]*)</b>", words)[0] == "1.3015"
    assert "Bytes per token" not in words


def test_an_unknown_family_gets_a_section_that_points_to_the_glossary() -> None:
    odd = section(sample_report(), "family-a.20.3cplugin.3e.27s.20family")
    assert "A &lt;plugin&gt;&#39;s family" in odd
    assert "the glossary says what each of them means" in odd


def test_a_family_of_figures_alone_has_a_section_and_one_without_anything_has_none() -> None:
    (result,) = metrics_results(sample_report())
    (series, *_) = (one for one in result.series if one.family == "words")
    cells = tuple(cell for cell in result.cells if cell.metric == "bytes_per_token")
    lone = msgspec.structs.replace(series, family="lone")
    report = with_result(cells=cells, series=(lone,))
    assert re.findall(r'<h2 id="family-([^"]*)"', render_html(report)) == ["compression", "lone"]
    assert "The figures of a plugin" in section(report, "family-lone")


def test_figures_without_a_family_stay_among_the_general_ones() -> None:
    assert re.findall("<h3>([^<]*)</h3>", section(sample_report(), "figures")) == [
        "Ranking by bytes per token on all",
        "Lorenz curve, all",
    ]


def test_undefined_numbers_of_a_family_have_their_reasons_below() -> None:
    (result,) = metrics_results(sample_report())
    cells = tuple(
        msgspec.structs.replace(cell, value=Undefined("no <gold> words"))
        if (cell.metric, cell.tokenizer, cell.slice) == ("boundary_f1", "gpt-4o", "all")
        else cell
        for cell in result.cells
    )
    part = section(with_result(cells=cells), "family-morphology")
    assert 'title="no &lt;gold&gt; words">—<span class="vh"> undefined</span>' in part
    assert "Boundary F1 (gpt-4o): no &lt;gold&gt; words" in part


def test_findings_are_grouped_by_severity_then_tokenizer() -> None:
    part = section(sample_report(), "findings")
    heads = re.findall(r'<h3>(\w+) <span>(\d+)</span></h3>|class="who"><bdi>([^<]*)', part)
    shown = [title or name for title, _, name in heads]
    assert shown[:5] == ["Errors", "gpt-4o", "not measured", "Warnings", "gpt-4o"]
    assert shown[-2] == "Notes"
    assert [n for _, n, _ in heads if n] == ["2", "6", "1"]
    assert "<code>tokeval explain CODE</code>" in part
    assert "<code>&lt;E&gt;</code>" in part


def test_examples_of_findings_are_seen_and_inert() -> None:
    part = section(sample_report(), "findings")
    assert "1,234×" in part
    assert "<i><s> </s>token<s> </s>0</i>" in part
    assert "<i>⟨E2 82⟩</i>" in part
    assert "<i>∅</i>" in part
    assert "4 more" in part
    assert "&lt;img<s> </s>src=x" in part
    assert "⟨U+202E⟩evil" in part


def test_more_findings_than_a_page_has_room_for_are_counted() -> None:
    many = [Finding("N1", "note", "gpt-4o", f"number {k}") for k in range(1000)]
    part = section(with_result(findings=tuple(many)), "findings")
    assert "700 more are in the document" in part
    assert part.count("<code>N1</code>") == 300


def test_a_document_without_findings_has_no_section_for_them() -> None:
    assert 'id="findings"' not in render_html(with_result(findings=()))


def test_the_gravest_come_first_in_the_order_of_the_tokenizers() -> None:
    findings = [
        Finding("c", "note", "x", ""), Finding("b", "error", "x", ""),
        Finding("d", "error", "unheard of", ""), Finding("a", "error", "y", ""),
    ]  # fmt: skip
    assert [one.code for one in ordered(findings, ("y", "x"))] == ["a", "b", "d", "c"]
    assert finding_counts(findings) == "3 errors, 1 note"
    assert finding_counts([]) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a b", "a␣b"),
        ("⟨U+202E⟩\u202e", "⟨U+202E⟩⟨U+202E⟩"),
        ("⟨x⟩", "⟨U+27E8⟩x⟨U+27E9⟩"),
        ("x" * 81, "x" * 80 + "…"),
        ("\ud800", "⟨ED A0 80⟩"),
    ],
)
def test_an_example_shows_everything_in_it(text: str, shown: str) -> None:
    assert shown_example(text) == shown


def test_a_finding_is_one_inert_line() -> None:
    line = finding_line(Finding("E\n1", "error", "a\x1b", "m\nn" + "x" * 5000, 1200))
    assert line.startswith("error   E⟨U+000A⟩1 a⟨U+001B⟩: m⟨U+000A⟩n")
    assert line.endswith("x (1,200)")
    assert len(line) < 500

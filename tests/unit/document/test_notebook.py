"""What a notebook shows: the numbers that are in the document, and nothing that acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.sample_mixture import mixture_report
from tests.sample_probe import sample_report as probe_report
from tests.sample_report import sample_report
from tests.sample_visual import sample_results, visual_report
from tests.unit.document.test_frames import comparison, gate, report_of
from tokeval.document import Report, metrics_results, probe_results
from tokeval.document.notebook import number

TAGS = {
    "bdi", "caption", "code", "div", "em", "li", "p", "small", "strong", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"class", "scope", "style"}


class Page(HTMLParser):
    """The tags, attributes and texts of a fragment; every tag must be closed in order."""

    def __init__(self, fragment: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.texts: list[str] = []
        self.feed(fragment)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"a declaration: {decl}")


def every_report(folder: Path) -> list[Report]:
    """A document of each analysis, with hostile names and texts."""
    return [
        sample_report(),
        sample_report(n_tokenizers=12, n_slices=100),
        mixture_report(with_metrics=True),
        visual_report(*sample_results()),
        probe_report(folder, warnings=["<b>a warning</b>"]),
        report_of(comparison(), gate()),
        report_of(),
    ]


def test_nothing_acts_and_everything_is_closed(tmp_path: Path) -> None:
    for report in every_report(tmp_path):
        fragment = report._repr_html_()
        page = Page(fragment)
        assert page.tags <= TAGS
        assert page.attributes <= ATTRIBUTES
        assert (
            re.findall(r"colou?r|background|url\(", "".join(re.findall(r"<[^>]*>", fragment))) == []
        )
        assert all(letter.isprintable() for letter in fragment)
        assert 'class="tokeval-report tex2jax_ignore mathjax_ignore"' in fragment
        assert len(fragment) < 60_000
        assert fragment == report._repr_html_()


def test_the_numbers_of_the_whole_corpus_are_in_the_table() -> None:
    report = sample_report()
    (result,) = metrics_results(report)
    table = Page(report._repr_html_()).tables[0]
    names = list(report.provenance.tokenizers)
    whole = {
        (cell.metric, cell.tokenizer): cell.value for cell in result.cells if cell.slice == "all"
    }
    n_seen = 0
    for head, *cells in table[1:]:
        metric = head.split(" ")[0]
        for name, cell in zip(names, cells, strict=False):
            value = whole.get((metric, name))
            if value is None or not hasattr(value, "value"):
                continue
            expected = number(value.value)
            if value.low is not None:
                expected += f" [{number(value.low)}, {number(value.high)}]"
            assert cell == expected
            n_seen += 1
    assert n_seen > 10


def test_a_large_report_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokeval.document.notebook.MOST_COLUMNS", 9)
    monkeypatch.setattr("tokeval.document.notebook.MOST_ROWS", 5)
    report = sample_report(n_tokenizers=12, n_slices=3)
    fragment = report._repr_html_()
    table = Page(fragment).tables[0]
    (result,) = metrics_results(report)
    n_metrics = len({cell.metric for cell in result.cells if cell.slice == "all"})
    n_subjects = len({cell.tokenizer for cell in result.cells if cell.slice == "all"})
    assert len(table) == 6
    assert all(len(row) == 10 for row in table)
    assert f"{n_metrics - 5} more metrics, {n_subjects - 9} more columns: " in fragment


def test_a_comparison_and_a_gate_are_read_at_a_glance() -> None:
    page = Page(report_of(comparison(), gate())._repr_html_())
    pair, rules = page.tables
    assert pair[1] == ["fertility ↓", "tr", "2", "2.5", "0.5 [0.3, 0.7]", "worse"]
    assert pair[2] == ["fertility ↓", "zh", "no words", "no words", "no words", "undefined"]
    assert rules[1] == ["fertility", "fail", "2.5 is above 2"]
    assert "Gate: fail, 2 of 2 failed" in page.texts


def test_every_probe_has_its_table(tmp_path: Path) -> None:
    report = probe_report(tmp_path)
    page = Page(report._repr_html_())
    probes = dict.fromkeys(result.probe for result in probe_results(report))
    captions = [told for told in page.texts if told.startswith("Probe ")]
    assert [told.split()[1] for told in captions] == list(probes)

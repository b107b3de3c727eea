"""Probes in every format: hostile names stay text, numbers agree, published rows are named."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from tests.sample_probe import HOSTILE, sample_report
from tokeval.document import Measured, ProbeResult, Report, Series, Undefined, probe_results
from tokeval.document.probe import NumberCut, ProbeCell, PublishedFigure
from tokeval.errors import TokevalError
from tokeval.probe.report import probe_report
from tokeval.render.csv_table import render_csv
from tokeval.render.html import render_html
from tokeval.render.markdown import render_markdown
from tokeval.render.probe_terminal import render_probes
from tokeval.render.probe_view import condition_words, probe_groups


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return sample_report(tmp_path_factory.getbasetemp(), warnings=("<i>beware</i>",))


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return render_html(report)


class Texts(HTMLParser):
    """The tags, ids and links of a page, and its texts by tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value and value.startswith("#"):
                self.links.append(value[1:])


def of(*results: ProbeResult) -> Report:
    return probe_report(results, created="2026-01-02T03:04:05Z")


def small(name: str, probe: str = "count", **fields: object) -> ProbeResult:
    cells = (ProbeCell("counting_exact_match", Measured(0.25, 8, low=0.07, high=0.59),
                       "letters:ab/length:10-20/prompt:direct/format:pure"),)  # fmt: skip
    made = ProbeResult(probe=probe, metrics=(), cells=cells, model=name)  # type: ignore[arg-type]
    return replace(made, **fields)


def test_lines_fit_the_terminal_and_hold_every_probe(report: Report) -> None:
    text = render_probes(report, width=80)
    assert max(map(cell_len, text.splitlines())) <= 80
    for group in probe_groups(report):
        if group.probe not in ("count", "arithmetic"):
            assert group.title in text
    assert "gpt-4o-mini, published" in text
    assert "\u202e" not in text
    assert "Warning: <i>beware</i>" in text


def test_csv_has_every_number_once(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(report))))
    cells = [(result, cell) for result in probe_results(report) for cell in result.cells]
    assert len(rows) == len(cells)
    for row, (result, cell) in zip(rows, cells, strict=True):
        assert (row["metric"], row["slice"]) == (cell.metric, cell.slice)
        assert row["tokenizer"].lstrip("'") == (result.model or result.tokenizer)
        if isinstance(cell.value, Undefined):
            assert row["undefined_reason"] == cell.value.reason
        else:
            assert float(row["value"]) == cell.value.value


def test_a_page_is_sound_and_inert(page: str) -> None:
    read = Texts(page)
    assert len(read.ids) == len(set(read.ids))
    assert set(read.links) <= set(read.ids)
    assert HOSTILE not in page
    assert "\u202e" not in page
    assert "<i>beware" not in page
    assert "<message>" not in page
    assert read.tags.count("script") == 1


def test_a_page_has_what_a_reader_looks_for(page: str) -> None:
    for text in (
        "The same numbers, cut by each tokenizer",
        "Errors of counts, by format",
        "Predicted alignment and measured accuracy",
        "Right digits by place",
        "published: Zhang, Cao and You 2024",
        "published: Singh and Strouse 2024",
        "best constant answer",
        "Questions that <bdi>model-two</bdi> got wrong",
        "Provenance: how to make these numbers again",
    ):
        assert text in page
    assert page.count("Provenance: how") == 1


def test_markdown_has_sentences_findings_and_tables(report: Report) -> None:
    text = render_markdown(report)
    assert "numbers are cut digit by digit" in text
    assert "published" in text
    assert HOSTILE not in text


def test_equal_documents_give_equal_pages(report: Report, page: str) -> None:
    assert render_html(report) == page


def test_results_of_one_name_are_told_apart() -> None:
    groups = probe_groups(of(small("m"), small("m"), small("m", "arithmetic")))
    assert [group.names for group in groups] == [("m", "m (2)"), ("m",)]
    line = Series("id", "t", "m", "all", "x", "y", (1.0,), (2.0,))
    second = probe_groups(of(small("m"), small("m", series=(line,))))[0].results[1]
    assert second.series[0].tokenizer == "m (2)"


def test_a_published_condition_that_was_not_asked_stands_alone() -> None:
    figure = PublishedFigure("counting_exact_match",
                             "letters:ab/length:30-40/prompt:supervised/format:pure", "gpt", 0.02,
                             "Someone 2024")  # fmt: skip
    text = render_probes(of(small("mine", published=(figure,))), width=80)
    lines = text.splitlines()
    asked = next(
        at for at, line in enumerate(lines) if "10–20 letters" in line and "mine" not in line
    )
    alone = next(at for at, line in enumerate(lines) if line.startswith("a in ab, 30–40 letters"))
    assert "mine" in lines[asked + 1]
    assert "25.0% [7 to 59]" in lines[asked + 1]
    assert "gpt, published" in lines[alone + 1]
    assert "2.0%" in lines[alone + 1]


def test_spaces_and_markup_in_pieces_are_seen_as_they_are() -> None:
    cut = NumberCut("1 <2", ("1", " <", "2"))
    page = render_html(of(small("m", "numeracy", cuts=(cut,))))
    assert "<i>1</i><i><s> </s>&lt;</i><i>2</i>" in page


def test_an_empty_result_is_said_to_be_empty() -> None:
    empty = of(ProbeResult(probe="numeracy", metrics=(), cells=(), tokenizer="t"))
    for text in (render_probes(empty), render_markdown(empty), render_html(empty)):
        assert "t: nothing was measured." in text


def test_differences_of_training_are_told_apart() -> None:
    parts = [f"seed:{seed}/spelling:{kind}" for seed in (0, 1) for kind in ("seen", "unseen")]
    against = "against:counting-ab-10-20-characters"
    cells = tuple(
        ProbeCell("training_difference", Measured(0.1, 8), f"{part}/{against}") for part in parts
    )
    result = ProbeResult(probe="train", metrics=(), cells=cells, model="counting-ab-10-20-bpe")
    text = render_probes(of(result), width=80)
    for part in parts:
        assert f"difference {part} " in text


def test_a_gap_that_is_not_closed_has_no_share() -> None:
    cells = (ProbeCell("markov_gap_closed", Measured(-0.0003, 1), "symbols:01"),)
    result = ProbeResult(probe="markov", metrics=(), cells=cells, tokenizer="t")
    assert "single tokens close nothing of the gap." in render_probes(of(result))


def test_intervals_that_do_not_fit_are_refused() -> None:
    bad = Series("id", "t", "m", "all", "x", "y", ("a",), (2.0,), kind="bars", low=(1.0,))
    with pytest.raises(TokevalError, match="intervals"):
        render_html(of(small("m", series=(bad,))))


def test_intervals_are_drawn() -> None:
    def drawn(**ends: tuple[float, ...]) -> str:
        one = Series("id", "t", "m", "all", "x", "y", ("a", "b"), (0.2, 0.4), kind="bars", **ends)  # type: ignore[arg-type]
        return render_html(of(small("m", series=(one,))))

    plain, with_ends = drawn(), drawn(low=(0.1, 0.3), high=(0.3, 0.5))
    assert with_ends.count("<path") > plain.count("<path")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("letters:ez/length:30-40/prompt:steps", "e in ez, 30–40 letters, steps"),
        ("letters:ez/length:30-40/prompt:steps/strings:matched",
         "e in ez, 30–40 letters, steps, strings matched"),
        ("task:addition/lengths:7+8=9", "sums 7 + 8 = 9 digits"),
        ("task:addition/lengths:mismatch", "longer sums"),
        ("task:addition", "sums"),
        ("task:multiplication-5x1", "products of 5 × 1 digits"),
        ("task:counting-ab-10-20", "a in ab, 10–20 letters"),
        ("of another version", "of another version"),
    ],
)  # fmt: skip
def test_conditions_in_words(part: str, words: str) -> None:
    assert condition_words(part) == words

"""A comparison in every format: the same numbers, why, and hostile names inert."""

import csv
import io
import json

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from tests.sample_comparison import HOSTILE, comparison_report, sample_comparison
from tests.small_reports import printed
from tests.unit.render.test_html import TAGS, Page
from tokeval.document import Difference, Explanation, Measured, Report, dump, load
from tokeval.render.comparison_csv import COLUMNS
from tokeval.render.comparison_html import ComparisonView
from tokeval.render.comparison_view import (
    cause,
    differing,
    headline,
    main_rows,
    outcome_counts,
    rows,
)
from tokeval.render.csv_table import render_csv
from tokeval.render.html import _environment
from tokeval.render.markdown import render_markdown

ACTING = "\u202e\x1b\x00"


def section(report: Report) -> str:
    """The part of a page that is about the comparison."""
    views = [
        ComparisonView(report, result, number) for number, result in enumerate(report.results, 1)
    ]
    template = (
        '{% import "macros.html" as m with context %}{% set shows_provenance = false %}'
        '{% for comparison in views %}{% include "comparison.html" %}{% endfor %}'
    )
    return _environment().from_string(template).render(views=views, report=report)


def test_the_document_is_read_back_as_it_was(tmp_path) -> None:
    place = tmp_path / "c.json"
    place.write_bytes(dump(replace_surrogates(comparison_report())))
    assert load(place) == replace_surrogates(comparison_report())
    raw = json.loads(place.read_bytes())["results"][0]
    assert raw["type"] == "comparison"


def replace_surrogates(report: Report) -> Report:
    """The report with a word that JSON can hold."""
    (result,) = report.results
    one = result.explanations[0]
    words = tuple(
        replace(part, name="word", pieces_after=tuple("wo" for _ in part.pieces_after))
        for part in one.contributions
    )
    changed = replace(result, explanations=(replace(one, contributions=words),))
    return replace(report, results=(changed,))


def test_the_headline_says_the_change_in_tokens() -> None:
    result = sample_comparison()
    assert headline(replace(result, after="new")) == (
        "new needs 12% more tokens than old: 9 instead of 8."
    )
    swapped = [
        replace(one, before=one.after, after=one.before) if one.metric == "tokens" else one
        for one in result.differences
    ]
    fewer = replace(result, after="new", differences=tuple(swapped))
    assert headline(fewer) == "new needs 11% fewer tokens than old: 8 instead of 9."
    without = replace(result, after="new", differences=(result.differences[0],), transfer=None)
    assert headline(without) == "new against old: 1 better of 1 cell."


def test_outcomes_are_counted_worst_first() -> None:
    counted = outcome_counts(sample_comparison())
    assert counted == "1 worse, 1 better, 1 undecided, 1 same, 1 undefined of 5 cells"


def test_rows_say_numbers_and_why_there_are_none() -> None:
    found = {(row.one.metric, row.one.slice): row for row in rows(sample_comparison())}
    best = found["bytes_per_token", "all"]
    assert (best.before, best.after, best.relative, best.p) == ("4.000", "4.250", "+6.2%", "<0.001")
    assert best.change == "+0.250 ± 0.020"
    assert found["bytes_per_token", HOSTILE].p == "0.042"
    total = found["tokens", "all"]
    assert (total.outcome, total.reason) == ("no interval", f"a total {HOSTILE}")
    gone = found["fertility", "tr"]
    assert (gone.after, gone.change, gone.relative, gone.p) == ("—",) * 4
    assert gone.reason == "no words"


def test_the_main_rows_are_all_text_and_the_decided_slices() -> None:
    places = [(row.one.metric, row.one.slice) for row in main_rows(sample_comparison())]
    assert places == [("bytes_per_token", "all"), ("tokens", "all"), ("bytes_per_token", HOSTILE)]


def test_a_cause_adds_up_in_words() -> None:
    assert cause(sample_comparison().explanations[0]) == (
        "+1 tokens (8 to 9): 2 added by what is cut finer, 1 saved by what is cut coarser. "
        "2 named words make +1, 100% of it."
    )
    assert cause(Explanation("all", 8, 8, 0, (), ())) == "0 tokens (8 to 8)."


def test_spans_differ_where_the_other_one_has_none_like_them() -> None:
    (sample,) = sample_comparison().samples
    n = len(sample.text.encode())
    assert differing(sample, "old", HOSTILE) == ({(1, n)}, {(1, 3), (3, n)})


@pytest.mark.parametrize("width", [40, 80, 160])
def test_the_terminal_has_everything_and_nothing_acts(width: int) -> None:
    text = printed(comparison_report(), width)
    assert not [sign for sign in ACTING if sign in text]
    assert max(map(cell_len, text.splitlines())) <= width
    squeezed = "".join(text.split())
    numbers = {40: ("+6.2%",), 80: ("+6.2%", "+0.250±0.020"), 160: ("+0.250±0.020", "<0.001")}
    for said in (*numbers[width], "worse", "Why:all", "neighbour", "⟨E282⟩",
                 "Whatcarriesover", "50(25%)", "8ormore:20", "awarning"):  # fmt: skip
        assert said in squeezed.replace("a<warning>", "awarning"), said
    assert "«" in text


def test_markdown_has_everything_and_nothing_acts() -> None:
    text = render_markdown(comparison_report())
    assert not [sign for sign in ACTING if sign in text]
    assert "<script" not in text
    for said in ("**better**", "**worse**", "12% more tokens", "#### What carries over",
                 "a &lt;warning&gt;", "line breaks and indentation", "nsl is left"):  # fmt: skip
        assert said in text
    lines = [line for line in text.splitlines() if line.startswith("|")]
    widths = {line.count("|") for line in lines}
    assert widths <= {4 + 1, 5 + 1, 8 + 1}


def test_csv_has_a_row_for_every_number() -> None:
    table = list(csv.DictReader(io.StringIO(render_csv(comparison_report()))))
    assert set(table[0]) == set(COLUMNS)
    kinds = [row["kind"] for row in table]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "metric": 5, "word": 2, "rest": 1, "class": 2, "transfer": 10 + 2 + 2,
    }  # fmt: skip
    first = table[0]
    assert float(first["difference"]) == 0.25
    assert (first["p_holm"], first["outcome"]) == ("2e-09", "better")
    assert not any(row[column].startswith("=") for row in table for column in row)
    word = table[5]
    assert (word["pieces_before"], word["value_after"], word["difference"]) == ("", "3", "2")
    assert word["pieces_after"].startswith("⟨E2 82⟩│")


def test_the_page_shows_it_inert_with_captions_and_unique_ids() -> None:
    text = section(comparison_report())
    assert not [sign for sign in ACTING if sign in text]
    assert "<script" not in text
    assert "<b>|" not in text
    page = Page(text)
    assert page.unbalanced == []
    assert {tag for tag, _ in page.elements} <= TAGS
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert ids
    assert len(ids) == len(set(ids))
    assert text.count("<table") == text.count("<caption")
    for said in (
        "better",
        "+0.250 ± 0.020",
        "What carries over",
        "Where the difference",
        'class="d"',
    ):
        assert said in text


def test_two_comparisons_are_told_apart() -> None:
    report = comparison_report()
    both = replace(report, results=(*report.results, *report.results))
    text = section(both)
    assert "(1 of 2)" in text
    assert "(2 of 2)" in text


def test_little_is_no_trouble() -> None:
    """One difference and nothing else."""
    result = sample_comparison()
    one: Difference = result.differences[0]
    assert isinstance(one.before, Measured)
    bare = replace(
        result, differences=(one,), explanations=(), transfer=None, samples=(), warnings=()
    )
    report = replace(comparison_report(), results=(bare,))
    assert "better" in section(report)
    assert "better" in render_markdown(report)
    assert "better" in printed(report)

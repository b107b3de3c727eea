"""Baselines in reports: beside the metrics that have them, and in no count, ranking or title."""

import csv
import io
import json
import re

import pytest
from msgspec.structs import replace

from tests.small_reports import BASELINES, F1, PURE, printed
from tests.small_reports import report_with_baselines as report
from tokeval.document import MetricsResult, Report, Undefined
from tokeval.render.baselines import baselines_beside
from tokeval.render.csv_table import render_csv
from tokeval.render.html import render_html
from tokeval.render.markdown import render_markdown
from tokeval.render.summary import tokenizer_names
from tokeval.render.tables import metric_table, slice_table


def result_of(one: Report) -> MetricsResult:
    (result,) = one.results
    assert isinstance(result, MetricsResult)
    return result


def section(page: str, name: str) -> str:
    return page[page.index(f'<section aria-labelledby="{name}"') :].partition("</section>")[0]


def table_of(page: str, name: str) -> str:
    return page[page.index(f'id="{name}"') :].partition("</table>")[0]


def grid_of(page: str) -> str:
    (grid,) = re.findall(r"<script[^>]*data-grid[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    assert isinstance(grid, str)
    return grid


def test_baselines_are_no_tokenizers() -> None:
    assert tokenizer_names(result_of(report())) == ("a", "b")
    assert "2 tokenizers, 2 slices, 3 metrics" in printed(report())
    assert "<title>tokeval: a and b on 2 slices</title>" in render_html(report())


@pytest.mark.parametrize("render", [printed, render_markdown])
def test_tables_of_other_metrics_are_without_them(render: object) -> None:
    text = render(report())  # type: ignore[operator]  # one of the two above
    assert "bytes/token" in text
    assert not any(name in text for name in BASELINES)


def test_a_metric_by_slice_has_its_baselines_last_and_unmarked() -> None:
    table = slice_table(result_of(report(metrics=(PURE,))))
    assert table is not None
    assert table.rows == ("a", "b", *BASELINES)
    assert [row[0].short for row in table.entries] == ["20.0%", "30.0%", "90.0%", "—"]
    assert [row[0].mark for row in table.entries] == ["", "best", "", ""]
    assert table.notes == ("too many words",)
    assert "(bytes)" in printed(report(metrics=(PURE,)))
    assert "(bytes)" in render_markdown(report(metrics=(PURE,)))


def test_a_table_of_metrics_that_all_have_baselines_has_them() -> None:
    table = metric_table(result_of(report(metrics=(PURE,))))
    assert table is not None
    assert table.columns == ("a", "b", *BASELINES)
    mixed = metric_table(result_of(report(metrics=(PURE, F1))))
    assert mixed is not None
    assert mixed.columns == ("a", "b")


def test_baselines_without_any_number_stand_nowhere() -> None:
    silent = report(of_bytes=Undefined("no list"), metrics=(PURE,))
    assert baselines_beside(result_of(silent), {"pure"}, {"all"}) == ()
    assert not any(name in printed(silent) for name in BASELINES)


def test_baselines_are_beside_their_own_metrics_and_slices_only() -> None:
    result = result_of(report())
    assert baselines_beside(result, {"pure", "f1"}, {"all"}) == BASELINES
    assert baselines_beside(result, {"f1", "bytes_per_token"}, {"all"}) == ()
    assert baselines_beside(result, {"pure"}, {"de"}) == ()


def test_the_family_of_their_metric_shows_them_and_leaves_other_rows_empty() -> None:
    part = section(render_html(report()), "family-morphology")
    heads = re.findall(r'<th scope="col" class="n"><bdi>([^<]*)</bdi>(<small>[^<]*)?', part)
    assert heads == [
        ("a", ""), ("b", ""), ("(bytes)", "<small>baseline"), ("(words)", "<small>baseline"),
    ]  # fmt: skip
    pure, f1 = re.findall(r"<tr><th scope=\"row\">.*?</tr>", part, flags=re.DOTALL)
    assert re.findall(r'<td class="([^"]*)"[^>]*>(?:<b>)?([^<]*)', pure) == [
        ("n", "20.0%"), ("n best", "30.0%"), ("n", "90.0%"), ("n u", "—"),
    ]  # fmt: skip
    assert re.findall(r'<td class="([^"]*)"[^>]*>(?:<b>)?([^<]*)', f1) == [
        ("n best", "60.0%"), ("n", "50.0%"), ("n", ""), ("n", ""),
    ]  # fmt: skip
    assert "Undefined here: 1, with reasons" in part
    assert "Pure tokens ((words)): too many words" in part


def test_the_rest_of_the_page_is_without_them() -> None:
    page = render_html(report())
    others = page.replace(section(page, "family-morphology"), "")
    others = others.replace(table_of(page, "by-slice"), "").replace(grid_of(page), "")
    signatures = re.findall(r"<caption><span>Signatures.*?</table>", others, flags=re.DOTALL)
    assert len(signatures) == 1
    assert not any(name in others.replace(signatures[0], "") for name in BASELINES)


def heads_and_cells(table: str) -> tuple[list[str], list[list[str]]]:
    """The headings that are shown, and the numbers of each row below them; reasons as `—`."""
    shown = r"<{0} (?:scope=\"col\" )?class=\"n[^\"]*\"(?! hidden)[^>]*>(.*?)</{0}>"
    head, *rows = re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL)
    names = re.findall(shown.format("th"), head, flags=re.DOTALL)
    return [re.sub(r"<[^>]*>", "", name) for name in names], [
        [re.sub(r"<small>.*|<[^>]*>| undefined", "", cell).strip() for cell in cells]
        for cells in (re.findall(shown.format("td"), row, flags=re.DOTALL) for row in rows)
    ]


def test_the_table_of_a_metric_by_slice_has_its_baselines_last() -> None:
    page = render_html(report(metrics=(PURE, F1)))
    heads, rows = heads_and_cells(table_of(page, "by-slice"))
    assert heads == ["a", "b", "(bytes)baseline", "(words)baseline"]
    assert rows == [["20.0%", "30.0%", "90.0%", "—"]] * 3
    assert "all ((words)); tr ((words)); en ((words)): too many words" in page
    heads, _ = heads_and_cells(table_of(page, "by-metric"))
    assert heads == ["a", "b"]


def test_a_metric_without_baselines_hides_their_columns() -> None:
    heads, rows = heads_and_cells(table_of(render_html(report()), "by-slice"))
    assert heads == ["a", "b"]
    assert rows == [["4.000", "3.000"]] * 3


def test_the_script_gets_the_baselines_of_the_metrics_that_have_them() -> None:
    grid = json.loads(grid_of(render_html(report())))
    assert grid["tokenizers"] == ["a", "b"]
    assert {len(row) for row in grid["cells"]} == {3 * 2}
    assert grid["baselines"] == [*BASELINES]
    too_many = grid["reasons"].index("too many words")
    assert grid["beside"] == {"1": [["90.0%±2.0%", too_many]] * 3}
    silent = json.loads(grid_of(render_html(report(of_bytes=Undefined("no list")))))
    assert (silent["baselines"], silent["beside"]) == ([], {})


def test_a_slice_on_which_a_baseline_has_no_cell_is_left_blank() -> None:
    one = report(metrics=(PURE,))
    result = result_of(one)
    cells = tuple(c for c in result.cells if (c.tokenizer, c.slice) != ("(bytes)", "tr"))
    page = render_html(replace(one, results=(replace(result, cells=cells),)))
    _, rows = heads_and_cells(table_of(page, "by-slice"))
    assert rows[1] == ["20.0%", "30.0%", "", "—"]
    assert json.loads(grid_of(page))["beside"]["0"][1] == [None, 0]


def test_the_rows_of_a_csv_have_them() -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(report()))))
    assert {row["metric"] for row in rows if row["tokenizer"] in BASELINES} == {"pure"}

"""Baselines in reports: beside the metrics that have them, and in no count, ranking or title."""

import csv
import io
import json
import re

import pytest
from rich.console import Console

from tokeval.document import (
    Cell,
    Measured,
    MetricInfo,
    MetricsResult,
    Provenance,
    Ranking,
    RankingEntry,
    Report,
    SliceInfo,
    TokenizerInfo,
    Undefined,
    Value,
)
from tokeval.render.baselines import baselines_beside
from tokeval.render.csv_table import render_csv
from tokeval.render.html import render_html
from tokeval.render.markdown import render_markdown
from tokeval.render.summary import tokenizer_names
from tokeval.render.tables import metric_table, slice_table
from tokeval.render.terminal import print_report

BASELINES = ("(bytes)", "(words)")
LENGTH = MetricInfo(
    "bytes_per_token", "Bytes per token", "compression", "bytes/token", "higher", "", "", "", ""
)
PURE = MetricInfo("pure", "Pure tokens", "morphology", "share", "higher", "", "", "", "")
F1 = MetricInfo("f1", "Boundary F1", "morphology", "share", "higher", "", "", "", "")
NO_WORDS = Undefined("too many words")


def cells(metric: MetricInfo, part: str, **values: float) -> list[Cell]:
    return [
        Cell(metric.id, name, part, Measured(value, 64, 0.01, value - 0.02, value + 0.02), "s")
        for name, value in values.items()
    ]


def beside(part: str, of_bytes: Value, of_words: Value = NO_WORDS) -> list[Cell]:
    return [
        Cell("pure", name, part, value, "s")
        for name, value in zip(BASELINES, (of_bytes, of_words), strict=True)
    ]


def report(
    of_bytes: Value = Measured(0.9, 64, 0.01, 0.88, 0.92),  # noqa: B008 frozen
    metrics: tuple[MetricInfo, ...] = (LENGTH, PURE, F1),
) -> Report:
    """Two tokenizers on two slices, with baselines beside `pure` that are better than both."""
    found = [
        cell
        for part in ("all", "tr", "en")
        for cell in (
            *cells(LENGTH, part, a=4.0, b=3.0),
            *cells(PURE, part, a=0.2, b=0.3),
            *beside(part, of_bytes),
            *cells(F1, part, a=0.6, b=0.5),
        )
    ]
    ids = {metric.id for metric in metrics}
    entries = (RankingEntry("a", 4.0), RankingEntry("b", 3.0, Measured(1.0, 64, 0.1, 0.8, 1.2)))
    result = MetricsResult(
        metrics,
        tuple(SliceInfo(part, {}, "line", 1, 1, 1, 1, 1, 1) for part in ("tr", "en")),
        tuple(cell for cell in found if cell.metric in ids),
        (Ranking("bytes_per_token", "all", entries),) if LENGTH in metrics else (),
        baselines=BASELINES,
    )
    infos = {name: TokenizerInfo("0" * 64, "l", "s", "BPE", 256) for name in ("a", "b", *BASELINES)}
    return Report(Provenance("0.1.0", (), "", {}, infos, {}, {}), (result,))


def result_of(one: Report) -> MetricsResult:
    (result,) = one.results
    assert isinstance(result, MetricsResult)
    return result


def printed(one: Report) -> str:
    out = io.StringIO()
    print_report(one, Console(file=out, width=100))
    return out.getvalue()


def section(page: str, name: str) -> str:
    return page[page.index(f'<section aria-labelledby="{name}"') :].partition("</section>")[0]


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
    signatures = re.findall(r"<caption><span>Signatures.*?</table>", others, flags=re.DOTALL)
    assert len(signatures) == 1
    assert not any(name in others.replace(signatures[0], "") for name in BASELINES)
    (grid,) = re.findall(r"<script[^>]*data-grid[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    assert json.loads(grid)["tokenizers"] == ["a", "b"]
    assert {len(row) for row in json.loads(grid)["cells"]} == {3 * 2}


def test_the_rows_of_a_csv_have_them() -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(report()))))
    assert {row["metric"] for row in rows if row["tokenizer"] in BASELINES} == {"pure"}

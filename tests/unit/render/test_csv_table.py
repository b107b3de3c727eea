"""CSV as another program reads it: every cell, exact numbers, no formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sample_report import sample_report
from tokeval.document import (
    Cell,
    Measured,
    MetricInfo,
    MetricsResult,
    Provenance,
    Report,
    Undefined,
    metrics_results,
)
from tokeval.render.csv_table import COLUMNS, FORMULA_STARTS, inert_field, render_csv

INFO = MetricInfo("m", "M", "f", "share", "lower", "", "", "", "")
NOWHERE = Provenance("0.1.0", (), "", {}, {}, {}, {})


def report(*cells: Cell) -> Report:
    return Report(NOWHERE, (MetricsResult((INFO,), (), cells),))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_measured_and_an_undefined_cell_by_hand() -> None:
    text = render_csv(
        report(
            Cell("m", "a", "all", Measured(0.1, 64, 0.01, 0.08, 0.12), "sig"),
            Cell("m", "b", "th", Undefined("no words, sorry"), "sig"),
            Cell("m", "c", "all", Measured(-3.0, 4, stderr_reason="4 blocks"), "sig"),
        )
    )
    assert text == (
        "metric,tokenizer,slice,value,stderr,low,high,n_blocks,undefined_reason,unit,direction,"
        "signature\r\n"
        "m,a,all,0.1,0.01,0.08,0.12,64,,share,lower,sig\r\n"
        'm,b,th,,,,,,"no words, sorry",share,lower,sig\r\n'
        "m,c,all,-3.0,,,,4,,share,lower,sig\r\n"
    )


def test_every_cell_of_a_report_comes_back_with_the_same_number() -> None:
    whole = sample_report()
    read = rows(render_csv(whole))
    cells = metrics_results(whole)[0].cells
    assert len(read) == len(cells)
    for row, cell in zip(read, cells, strict=True):
        assert tuple(row) == COLUMNS
        if isinstance(cell.value, Measured):
            assert float(row["value"]) == cell.value.value
            assert row["undefined_reason"] == ""
        else:
            assert (row["value"], row["undefined_reason"]) == ("", cell.value.reason)


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''@x"],
)
def test_names_that_begin_like_formulas_are_neutralised(name: str) -> None:
    (row,) = rows(render_csv(report(Cell("m", name, name, Undefined(name), name))))
    for column in ("tokenizer", "slice", "undefined_reason", "signature"):
        assert row[column] == f"'{name}"


def test_quotes_commas_and_newlines_are_quoted() -> None:
    name = 'a "b", c\r\nd\ne'
    (row,) = rows(render_csv(report(Cell("m", name, "all", Undefined("x"), "s"))))
    assert row["tokenizer"] == name


@given(st.text(st.sampled_from("'=+-@\t ab")))
def test_neutralising_can_be_undone_and_leaves_no_formula(text: str) -> None:
    field = inert_field(text)
    assert field[:1] not in set(FORMULA_STARTS)
    neutralised = field.startswith("'") and field.lstrip("'")[:1] in set(FORMULA_STARTS)
    assert (field[1:] if neutralised else field) == text

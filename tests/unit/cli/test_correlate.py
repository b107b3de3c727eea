"""`correlate`: tables read and joined, wrong ones refused, numbers shown whole."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.sample_report import sample_report
from tokeval.cli.correlate import correlate
from tokeval.document import Measured, dump, metrics_results
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.score_tables import read_score_table
from tokeval.render.csv_table import render_csv

METRICS = """\
# made by hand
tokenizer,maker,fertility,gini
a,X,1.5,0.1
b,Y,1.7,0.2
c,Z,1.9,
d,X,2.4,0.3
e,Y,2.2,0.35
f,Z,2.6,0.5
only-here,X,9,9
"""
SCORES = "gini-like\tname\taccuracy\n1\te\t40\n2\tb\t55\n3\tc\t50\n4\td\t30\n9\ta\t60\n5\tf\t20\n"


@pytest.fixture
def tables(tmp_path: Path) -> list[str]:
    """A CSV of metrics and a TSV of scores, with rows in another order."""
    paths = [tmp_path / "metrics.csv", tmp_path / "scores.tsv"]
    paths[0].write_text(METRICS, encoding="utf-8")
    paths[1].write_text(SCORES, encoding="utf-8")
    return [str(path) for path in paths]


def run(*arguments: str, columns: int = 80) -> str:
    """What the command prints; errors are raised."""
    app = typer.Typer()
    app.command()(correlate)
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": str(columns)})
    if result.exception:
        raise result.exception
    return result.output


def test_rows_are_joined_by_name_and_missing_ones_left_out(tables: list[str]) -> None:
    found = json.loads(run(*tables, "--score", "accuracy", "--json", "-"))["correlations"]
    by_metric = {item["metric"]: item for item in found}
    assert {name: item["n"] for name, item in by_metric.items()} == {"fertility": 6, "gini": 5}
    # By name, accuracy falls whenever fertility rises: 1.5, 1.7, 1.9, 2.2, 2.4, 2.6.
    expected = np.corrcoef([1.5, 1.7, 1.9, 2.2, 2.4, 2.6], [60, 55, 50, 40, 30, 20])[0, 1]
    assert by_metric["fertility"]["pearson"]["value"] == pytest.approx(expected)
    assert by_metric["fertility"]["spearman"]["value"] == pytest.approx(-1)


def test_the_table_shows_whole_numbers_in_eighty_columns(tables: list[str]) -> None:
    output = " ".join(run(*tables).split())
    assert "…" not in output
    assert "-0.99" in output
    assert "with accuracy" in output
    assert "with gini-like" in output
    assert "corrected for 4 pairs (Holm)" in output
    assert "all 720 orders; all 120 orders" in output


def test_few_tokenizers_are_called_no_evidence(tables: list[str]) -> None:
    few = [word for name in "abcd" for word in ("--tokenizer", name)]
    output = run(*tables, "-m", "fertility", "--score", "accuracy", *few)
    assert "too few" in output
    assert "Fewer than 5 tokenizers show nothing" in output


def test_a_control_is_held_fixed_and_not_correlated(tables: list[str]) -> None:
    output = run(*tables, "--control", "gini", "--score", "accuracy", "--json", "-")
    (found,) = json.loads(output)["correlations"]
    assert (found["metric"], found["controls"], found["n"]) == ("fertility", ["gini"], 5)
    assert "Held fixed: gini." in run(*tables, "--control", "gini")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "fertilty"], "did you mean 'fertility'"),
        (["--metric", "maker"], "'maker' of .* holds 'X', no number"),
        (["--control", "size"], "no column of numbers 'size'"),
        (["--tokenizer", "only-here"], "not in both tables"),
        (["--metric", "gini", "--control", "gini"], "give 0 pairs"),
    ],
)
def test_what_is_not_there_is_named(tables: list[str], options: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(*tables, *options)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no table"),
        ("tokenizer,x\na,1\na,2\n", "line 3 names 'a' again"),
        ("tokenizer,x\n,1\n", "line 2 has no tokenizer's name"),
        ("tokenizer,x\na,1,2\n", "line 2 has 3 fields; the heading has 2"),
        ("tokenizer,x,x\na,1,2\n", "two columns 'x'"),
    ],
)
def test_damaged_tables_are_refused_with_their_line(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TokevalError, match=message):
        read_score_table(str(path))


def test_tables_without_a_common_tokenizer(tables: list[str], tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("tokenizer,x\nzzz,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no tokenizer in common"):
        run(tables[0], str(other))


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"tokenizer,x\n\xff,1\n")
    with pytest.raises(TokevalError, match="not UTF-8 at byte 12"):
        read_score_table(str(path))
    with pytest.raises(TokevalError, match="no such file"):
        read_score_table(str(tmp_path / "none.csv"))


def test_numbers_that_are_not_finite_are_text(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("tokenizer,x,y\na,nan,1\nb,2,inf\nc,2,3\n", encoding="utf-8")
    assert read_score_table(str(path)).columns == {}


def test_a_document_and_its_csv_give_the_same_table(tmp_path: Path) -> None:
    report = sample_report()
    (tmp_path / "report.json").write_bytes(dump(report))
    (tmp_path / "report.csv").write_bytes(render_csv(report).encode())
    cells = [cell for result in metrics_results(report) for cell in result.cells]
    part = next(cell.slice for cell in cells if isinstance(cell.value, Measured))
    from_json = read_score_table(str(tmp_path / "report.json"), part=part)
    from_csv = read_score_table(str(tmp_path / "report.csv"), part=part)
    assert from_json.columns == from_csv.columns
    cell = next(c for c in cells if c.slice == part and isinstance(c.value, Measured))
    assert isinstance(cell.value, Measured)
    assert from_json.column(cell.metric)[cell.tokenizer] == cell.value.value
    for file in ("report.json", "report.csv"):
        with pytest.raises(UsageError, match="no slice 'xx'"):
            read_score_table(str(tmp_path / file), part="xx")


def test_an_output_that_is_an_input_is_refused(tables: list[str]) -> None:
    with pytest.raises(UsageError, match="overwrite the input"):
        run(*tables, "--json", tables[0])


def test_a_pair_of_one_table_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("name,x,y,z\na,1,2,3\nb,2,4,1\nc,3,5,9\nd,4,4,2\ne,5,6,7\n", encoding="utf-8")
    found = json.loads(run(str(path), str(path), "--json", "-"))["correlations"]
    pairs = [frozenset((item["metric"], item["score"])) for item in found]
    assert len(pairs) == len(set(pairs)) == 3
    smallest = min(found, key=lambda item: item["pearson"]["p"])["pearson"]
    assert smallest["p_holm"] == pytest.approx(3 * smallest["p"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tokenizer;a\nx;1\n", "one column, 'tokenizer;a'"),
        ("tokenizer,a\nx,1\ny,NA\n", "'a' of .* holds 'NA', no number"),
    ],
)
def test_tables_of_another_form_say_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TokevalError, match=message):
        read_score_table(str(path)).column("a")

"""`tokeval report` as it is typed: every format, every refusal, nothing measured."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tests.sample_mixture import mixture_report
from tests.sample_report import sample_report
from tests.small_reports import report_with_baselines
from tokeval.cli.app import run
from tokeval.document import Measured, dump, load, metrics_results


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metrics.json").write_bytes(dump(report_with_baselines()))
    (tmp_path / "mixture.json").write_bytes(dump(mixture_report()))
    return tmp_path


def test_every_format_is_written_of_all_documents(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    formats = {"--html": "r.html", "--md": "r.md", "--csv": "r.csv", "--junit": "r.xml"}
    written = [part for pair in formats.items() for part in pair]
    assert run(["report", "metrics.json", "mixture.json", *written]) == 0
    assert capsys.readouterr().out.splitlines() == [f"wrote {one}" for one in formats.values()]
    assert "Provenance of <bdi>mixture.json" in (folder / "r.html").read_text("utf-8")
    assert "bytes/token" in (folder / "r.md").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO((folder / "r.csv").read_text("utf-8"))))
    assert {row["metric"] for row in rows} == {"bytes_per_token", "pure", "f1", "mixture_share"}
    suites = ElementTree.fromstring((folder / "r.xml").read_text("utf-8"))  # noqa: S314 our own
    assert next(suite.get("name") for suite in suites) == "1 metrics"


def test_without_a_file_the_terminal_gets_a_summary_and_a_hint(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "metrics.json"]) == 0
    shown = capsys.readouterr().out
    assert "a is best by bytes per token" in shown
    assert "--html report.html" in shown


def test_a_format_on_stdout_is_alone_there(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["report", "metrics.json", "--csv", "-"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"metric,tokenizer,slice,")


def test_one_document_renders_as_the_command_that_measured_it(folder: Path) -> None:
    from tokeval.render.html import render_html

    assert run(["report", "metrics.json", "--html", "r.html", "-q"]) == 0
    assert (folder / "r.html").read_text("utf-8") == render_html(load(folder / "metrics.json"))


def test_the_joint_document_can_be_kept_and_rendered_again(folder: Path) -> None:
    assert run(["report", "metrics.json", "mixture.json", "--json", "j.json", "-q"]) == 0
    assert list(load(folder / "j.json").provenance.runs) == ["metrics.json", "mixture.json"]
    assert run(["report", "j.json", "--html", "j.html", "-q"]) == 0


def test_twice_the_same_bytes(folder: Path) -> None:
    for name in ("1", "2"):
        names = [f"{option}={name}.{option}" for option in ("--html", "--md", "--csv", "--junit")]
        assert run(["report", "metrics.json", "mixture.json", "-q", *names]) == 0
    for option in ("--html", "--md", "--csv", "--junit"):
        first, second = ((folder / f"{name}.{option}").read_bytes() for name in "12")
        assert first == second


def test_a_document_that_is_given_twice_is_there_once(folder: Path) -> None:
    assert run(["report", "metrics.json", "metrics.json", "--json", "j.json", "-q"]) == 0
    assert load(folder / "j.json") == load(folder / "metrics.json")


def test_documents_that_contradict_each_other_exit_4(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_with_baselines()
    (result,) = metrics_results(report)
    first, *rest = result.cells
    assert isinstance(first.value, Measured)
    other = replace(first, value=replace(first.value, value=9.0))
    changed = replace(report, results=(replace(result, cells=(other, *rest)),))
    (folder / "other.json").write_bytes(dump(changed))
    assert run(["report", "metrics.json", "other.json"]) == 4
    assert capsys.readouterr().err.splitlines() == [
        "tokeval: metrics.json and other.json contradict each other: bytes_per_token of a on all "
        "is 4.0 and 9.0 (measure both with one version of tokeval, or leave one of them out)"
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Missing argument"),
        (["none.json"], 3, "cannot read none.json"),
        (["."], 3, "cannot read ."),
        (["text.json"], 3, "text.json is not JSON"),
        (["metrics.json", "text.json"], 3, "text.json is not JSON"),
        (["model.json"], 3, "is not a tokeval document"),
        (["metrics.json", "--json", "metrics.json"], 2, "would overwrite the input"),
        (["metrics.json", "--html", "no/r.html"], 3, "cannot write no/r.html: there is no folder"),
        (["metrics.json", "--html", "r", "--md", "r"], 2, "both write r"),
    ],
)
def test_what_cannot_be_rendered_is_told_in_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    (folder / "text.json").write_text("hello", encoding="utf-8")
    (folder / "model.json").write_text('{"model": {"type": "BPE"}}', encoding="utf-8")
    assert run(["report", *arguments]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_nothing_that_measures_is_imported(folder: Path) -> None:
    (folder / "sample.json").write_bytes(dump(sample_report()))
    code = (
        "import sys; from tokeval.cli.app import run;"
        "assert run(['report', 'sample.json', '--html', 'r.html', '--csv', 'r.csv', '-q']) == 0;"
        "print([name for name in sys.modules if name.startswith(('tokeval.core', 'tokeval.metrics',"
        " 'tokeval.loaders', 'tokeval.mixture', 'tokeval.visual', 'tokeval.probe'))"
        " or name in ('tokenizers', 'pyarrow', 'icu')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

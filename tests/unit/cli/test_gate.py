"""`tokeval gate` on documents of given numbers: baselines, build servers, names of files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.gate.runs import blocks, cell, report
from tokeval.cli.app import run
from tokeval.document import dump

HOSTILE = "toy " + "x" * 50 + " ::error file=a::b ##[error]c"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run, its baseline and no build server around."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for name, middle in (("run", 2.0), ("baseline", 3.0)):
        document = report(cell("fertility", "tr", blocks(middle), tokenizer=HOSTILE))
        Path(f"{name}.json").write_bytes(dump(document))
    return tmp_path


def rules(text: str) -> None:
    """Writes the rules."""
    Path("rules.toml").write_text(text)


def gate(*options: str) -> int:
    """The exit code of the command."""
    return run(["gate", "run.json", "--rules", "rules.toml", *options])


def test_a_run_of_which_nothing_was_checked_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    rules("[[gate]]\nmetric = 'fertility'\nwhere = {slice = 'de'}\nmax = 9\non_missing = 'ignore'")
    kept = Path("baseline.json").read_bytes()
    assert gate("--baseline", "baseline.json", "--write-baseline") == 0
    assert Path("baseline.json").read_bytes() == kept
    assert "kept the baseline baseline.json: nothing was checked" in capsys.readouterr().err


def test_a_baseline_is_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    rules("[[gate]]\nmetric = 'fertility'\nmax = 9")
    assert gate("--baseline", "-", "--write-baseline") == 2
    assert "--baseline is stdout" in capsys.readouterr().err


def test_a_name_that_wraps_to_a_command_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules("[[gate]]\nmetric = 'fertility'\nmax = 1")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert gate() == 1
    lines = capsys.readouterr().out.splitlines()
    mark = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
    assert mark
    end = lines.index(f"::{mark[1]}::")
    # Behind the table there are our own commands only.
    assert [line.partition(" ")[0] for line in lines[end + 1 :]] == ["::error"]
    assert lines[end + 1].count("##[") == 1


@pytest.mark.parametrize(
    "words", [["gate", "init", "run.json", "-o", "a" * 300], ["compare", "run.json", "a" * 300]]
)
def test_a_name_that_no_file_can_have_is_told_in_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_document_without_cells_is_nothing_to_compare(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("empty.json").write_bytes(dump(report()))
    assert run(["compare", "run.json", "empty.json"]) == 5
    assert "empty.json holds no number of any tokenizer" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["1" * 5000, "[" * 3000 + "]" * 3000])
def test_a_configuration_that_cannot_be_read_is_told_in_one_line(
    said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tokeval.toml").write_text(f"x = {said}\n[[gate]]\nmetric = 'fertility'\nmax = 9\n")
    assert run(["gate", "run.json"]) == 2
    assert "to be read" in capsys.readouterr().err

"""`tokeval gate` in a git repository: a baseline, a worse tokenizer, and all that may be wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.e2e.gate_repository import LINES, git, make_repository, train
from tokeval.cli.app import run
from tokeval.document import gate_results, load

GATE = ["gate", "run.json", "--baseline", "baseline.json"]
METRICS = ["-m", "bytes_per_token", "-m", "unk_rate"]


def measure(*options: str) -> None:
    """Measures the tokenizer of the repository."""
    corpus = ["--corpus", "tr=texts/tr.txt", "--unit", "line"]
    arguments = ["metrics", "tokenizer.json", *corpus, "--quiet", "--json", "run.json"]
    assert run([*arguments, *(options or METRICS)]) == 0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a committed baseline, to be copied."""
    folder = tmp_path_factory.mktemp("gate") / "repository"
    folder.mkdir()
    make_repository(folder)
    with pytest.MonkeyPatch.context() as patch:
        without_build_server(patch)
        patch.chdir(folder)
        measure()
        assert run([*GATE, "--write-baseline"]) == 0
    assert (folder / "baseline.json").read_bytes() == (folder / "run.json").read_bytes()
    git(folder, "add", "baseline.json")
    git(folder, "commit", "-qm", "Baseline")
    return folder


@pytest.fixture
def repository(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a committed baseline, in which the test runs."""
    without_build_server(monkeypatch)
    folder = tmp_path / "repository"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    return folder


def without_build_server(patch: pytest.MonkeyPatch) -> None:
    """Unsets what build servers set."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        patch.delenv(name, raising=False)


@pytest.mark.parametrize("change", ["fewer merges", "another half"])
def test_a_worse_tokenizer_fails_and_github_is_told(
    repository: Path,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = LINES if change == "fewer merges" else LINES[::2]
    train(repository, lines, vocab_size=600 if change == "fewer merges" else 700)
    measure()
    summary = repository / "summary.md"
    summary.write_text("from another step\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository.parent))
    capsys.readouterr()
    outputs = ["--junit", "gate.xml", "--sarif", "gate.sarif", "--json", "gate.json"]
    assert run([*GATE, *outputs]) == 1
    printed = capsys.readouterr().out
    annotations = [line for line in printed.splitlines() if line.startswith(("::error", "::w"))]
    assert len(annotations) == 1
    assert annotations[0].startswith("::error file=repository/tokeval.toml,line=1,title=")
    assert "bytes_per_token of repository on tr went from" in annotations[0]
    assert "beyond the 2%25 allowed" in annotations[0]
    written = summary.read_text(encoding="utf-8")
    assert written.startswith("from another step\n## Gate failed: 1 of 3 checks failed\n")
    failures = list(ElementTree.parse(repository / "gate.xml").iter("failure"))  # noqa: S314 ours
    assert [one.get("message", "")[:15] for one in failures] == ["bytes_per_token"]
    sarif = json.loads((repository / "gate.sarif").read_text(encoding="utf-8"))
    (finding,) = sarif["runs"][0]["results"]
    place = finding["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "repository/tokeval.toml"
    (result,) = gate_results(load(repository / "gate.json"))
    assert (result.verdict, result.baseline_source) == ("fail", "baseline.json")


def test_a_run_that_fails_does_not_become_the_baseline(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (repository / "baseline.json").read_bytes()
    train(repository, LINES, vocab_size=600)
    measure()
    assert run([*GATE, "--write-baseline"]) == 1
    assert (repository / "baseline.json").read_bytes() == before
    assert "kept the baseline" in capsys.readouterr().err
    (repository / "baseline.json").unlink()
    assert run([*GATE, "--write-baseline"]) == 0
    assert (repository / "baseline.json").read_bytes() != before


def test_a_better_tokenizer_passes_and_may_become_the_baseline(repository: Path) -> None:
    train(repository, LINES, vocab_size=900)
    measure()
    assert run(GATE) == 0
    assert run([*GATE, "--write-baseline"]) == 0
    assert (repository / "baseline.json").read_bytes() == (repository / "run.json").read_bytes()


def test_another_text_is_not_compared(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = repository / "texts" / "tr.txt"
    text.write_text("".join([*LINES[:-1], "Bambaşka bir satır.\n"]), encoding="utf-8")
    measure()
    assert run(GATE) == 4
    said = capsys.readouterr().err
    old, new = (
        load(repository / name).provenance.corpus["tr"][:16]
        for name in ("baseline.json", "run.json")
    )
    assert f"the text of tr has corpus:{old} before and corpus:{new} now" in said


def test_other_settings_are_not_compared(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (repository / "run.json").read_text(encoding="utf-8")
    (repository / "run.json").write_text(document.replace("special:no", "special:bos"))
    assert run(GATE) == 4
    assert "special:no before and special:bos now" in capsys.readouterr().err


def test_a_rule_that_matches_nothing_fails(repository: Path) -> None:
    rules = '[[gate]]\nmetric = "bytes_per_token"\nwhere = { slice = "th" }\nmin = 1\n'
    (repository / "tokeval.toml").write_text(rules, encoding="utf-8")
    assert run(["gate", "run.json"]) == 1


def test_a_metric_that_is_no_longer_measured_fails(repository: Path) -> None:
    measure("-m", "unk_rate")
    assert run(GATE) == 1


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("", "there are no rules in tokeval.toml (write some from a run with `tokeval gate init"),
        ("[[gate]]\nmetric = 'bytes_per_tokn'\nmin = 1",
         "tokeval.toml:1: there is no metric 'bytes_per_tokn' (did you mean bytes_per_token?)"),
        ("[[gate]]\nmetric = 'unk_rate'\nmax_regresion = 1",
         "tokeval.toml:3: there is no key 'max_regresion' in a rule (did you mean max_reg"),
        ("[[gate]]\nmetric = 'unk_rate'\nmax_regression = 1",
         "tokeval.toml:1: `unk_rate: max_regression 1` needs a baseline, and there is none "
         "(give --baseline FILE, and write that file with --write-baseline)"),
    ],
)  # fmt: skip
def test_mistakes_end_with_two_and_one_line(
    repository: Path, rules: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "rules.toml").write_text(rules, encoding="utf-8")
    capsys.readouterr()
    assert run(["gate", "run.json", "--rules", "rules.toml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said.replace("tokeval.toml", "rules.toml", 1) in lines[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--baseline", "none.json"], "add"),
        (["--write-baseline"], "--baseline FILE"),
        (["--format", "xml"], "choose table, github, junit, sarif, json, md"),
        (["--format", "json", "--format", "table"], "cannot share stdout"),
        (["--format", "junit", "--sarif", "-"], "cannot share stdout"),
        (["--json", "run.json"], "would overwrite the input"),
        (["--junit", "x", "--sarif", "x"], "both write x"),
        (["--rules", "none.toml"], "cannot read the rules none.toml"),
    ],
)
def test_wrong_options_end_with_two(
    repository: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["gate", "run.json", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_every_format_is_whole_on_stdout(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stdout(form: str) -> str:
        capsys.readouterr()
        assert run([*GATE, "--format", form]) == 0
        return capsys.readouterr().out

    assert json.loads(stdout("json"))["results"][0]["verdict"] == "pass"
    assert json.loads(stdout("sarif"))["version"] == "2.1.0"
    assert ElementTree.fromstring(stdout("junit")).tag == "testsuites"  # noqa: S314 ours
    assert stdout("md").startswith("## Gate passed: 3 checks")
    assert stdout("github") == ""
    assert stdout("table").startswith("Gate passed: 3 checks")


def test_rules_are_found_above_and_in_pyproject(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (repository / "tokeval.toml").read_text(encoding="utf-8")
    (repository / "tokeval.toml").unlink()
    project = rules.replace("[[gate]]", "[[tool.tokeval.gate]]")
    (repository / "pyproject.toml").write_text("[project]\nname = 'x'\n" + project)
    monkeypatch.chdir(repository / "texts")
    assert run(["gate", "../run.json", "--baseline", "../baseline.json"]) == 0


def test_options_may_stand_beside_the_rules(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = '[gate-options]\nbaseline = "baseline.json"\nformat = ["md"]\n'
    with (repository / "tokeval.toml").open("a", encoding="utf-8") as file:
        file.write(options)
    assert run(["gate", "run.json"]) == 0
    assert capsys.readouterr().out.startswith("## Gate passed: 3 checks")


def test_a_first_baseline_is_written_although_bounds_fail(repository: Path) -> None:
    rules = '[[gate]]\nmetric = "bytes_per_token"\nmin = 99\nmax_regression = 0\n'
    (repository / "tokeval.toml").write_text(rules, encoding="utf-8")
    assert run(["gate", "run.json", "--baseline", "new.json", "--write-baseline"]) == 1
    assert (repository / "new.json").read_bytes() == (repository / "run.json").read_bytes()


def test_starting_rules_pass_and_are_not_written_over(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["gate", "init", "run.json", "-o", "start.toml"]) == 0
    assert run(["gate", "run.json", "--rules", "start.toml"]) == 0
    assert run(["gate", "init", "run.json", "-o", "start.toml"]) == 2
    assert "start.toml is there already" in capsys.readouterr().err
    assert run(["gate", "init", "run.json", "--metric", "unk_rate", "--regressions"]) == 0
    assert capsys.readouterr().out.count("[[gate]]") == 1


def test_a_document_of_another_kind_or_none_is_told(repository: Path) -> None:
    (repository / "other.json").write_text("{}", encoding="utf-8")
    assert run(["gate", "other.json"]) == 3
    assert run(["gate", "nothing.json"]) == 3


def test_the_verdict_is_the_exit_code_of_the_process(repository: Path) -> None:
    train(repository, LINES, vocab_size=600)
    measure()
    main = "from tokeval.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", main, *GATE], cwd=repository, env=os.environ,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("Gate failed: 1 of 3 checks failed")

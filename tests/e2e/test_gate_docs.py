"""What docs/gate.md, action.yml and the pre-commit hooks say is done as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.gate_repository import LINES, make_repository, train
from tokeval.cli.gate_outputs import FORMATS
from tokeval.gate.reading import rules_of_text
from tokeval.gate.rules import KEYS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
BASH = shutil.which("bash")
METRICS = {"TOKEVAL_METRICS_METRIC": "bytes_per_token lossless"}
"""Settings that make measuring quick."""


def section(heading: str) -> str:
    """What stands below a heading."""
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def code(text: str, language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as the page has it, its introduction done: rules are written, and a baseline."""
    folder = tmp_path_factory.mktemp("docs") / "repository"
    folder.mkdir()
    make_repository(folder)
    (folder / "tokeval.toml").unlink()
    (script,) = code(PAGE.split("\n## ", 1)[0], "bash")
    done = shell(script, folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "baseline.json").exists()
    assert (folder / "gate.xml").exists()
    return folder


@pytest.fixture
def repository(first: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(first, tmp_path / "repository")
    return tmp_path / "repository"


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script as build servers run it, with `tokeval` and `python` those of the tests."""
    if BASH is None:
        pytest.skip("there is no bash")
    bin_ = folder.parent / "bin"
    bin_.mkdir(exist_ok=True)
    for name, arguments in (
        ("tokeval", "-c 'from tokeval.cli.app import main; main()'"),
        ("python", ""),
    ):
        (bin_ / name).write_text(f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n')
        (bin_ / name).chmod(0o755)
    known = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    environment = {
        **known,
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "COLUMNS": "100",
        **METRICS,
        **variables,
    }
    return subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def without_installing(commands: list[str]) -> list[str]:
    """The commands but the one that installs what is tested."""
    kept = [one for one in commands if not one.startswith("python -m pip install")]
    assert len(kept) == len(commands) - 1
    return kept


def github_commands() -> list[str]:
    """The commands of the GitHub workflow."""
    workflow, _ = code(section("GitHub"), "yaml")
    steps = yaml.safe_load(workflow)["jobs"]["gate"]["steps"]
    return without_installing([step["run"] for step in steps if "run" in step])


def gitlab_commands() -> list[str]:
    """The commands of the GitLab job."""
    (job,) = code(section("GitLab"), "yaml")
    found: list[str] = yaml.safe_load(job)["tokenizer"]["script"]
    return without_installing(found)


@pytest.mark.parametrize("server", ["github", "gitlab"])
def test_the_snippets_fail_where_the_tokenizer_is_worse(repository: Path, server: str) -> None:
    commands = github_commands() if server == "github" else gitlab_commands()
    summary = repository / "summary.md"
    variables = (
        {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        if server == "github"
        else {}
    )
    train(repository, LINES[::2], vocab_size=400)
    done = shell("\n".join(commands), repository, **variables)
    assert done.returncode == 1, done.stderr
    assert "Gate failed" in done.stdout
    assert (repository / "gate.xml").read_text(encoding="utf-8").count("<failure ") >= 1
    if server == "github":
        assert "\n::error file=tokeval.toml,line=" in done.stdout
        assert summary.read_text(encoding="utf-8").count("## Gate failed") == 1
    else:
        assert "::error" not in done.stdout


def action_inputs(**given: str) -> dict[str, str]:
    """The inputs of the action, those not given by their defaults."""
    described = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert set(given) <= set(described)
    missing = [name for name, one in described.items() if one.get("required")]
    assert set(missing) <= set(given)
    return {name: given.get(name, one.get("default", "")) for name, one in described.items()}


def run_action(folder: Path, inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The steps of the action but the first, which installs."""
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    for step in steps[1:]:
        assert "${{" not in step["run"]
        variables = {
            name: inputs[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]]  # type: ignore[index] # it fits
            for name, value in step["env"].items()
        }
        done = shell(step["run"], folder, GITHUB_ACTIONS="true", **variables)
        if done.returncode:
            break
    return done


def test_the_action_does_what_the_page_says(repository: Path) -> None:
    _, step = code(section("GitHub"), "yaml")
    (used,) = yaml.safe_load(step)
    inputs = action_inputs(**used["with"])
    train(repository, LINES[::2], vocab_size=400)
    done = run_action(repository, inputs)
    assert done.returncode == 1, done.stderr
    assert "::error file=tokeval.toml" in done.stdout
    assert (repository / "tokeval-gate.sarif").exists()


def test_inputs_of_the_action_are_no_commands(repository: Path) -> None:
    hostile = 'tokenizer.json"; touch broken; echo "$(touch broken)'
    done = run_action(repository, action_inputs(tokenizers=hostile, corpora="tr=texts/tr.txt"))
    assert done.returncode != 0
    assert not (repository / "broken").exists()


def test_the_pre_commit_hooks_run_as_configured(repository: Path) -> None:
    hooks: list[Any] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    entries = {hook["id"]: hook["entry"] for hook in hooks}
    assert not any(hook["pass_filenames"] for hook in hooks)
    (block,) = code(section("pre-commit"), "yaml")
    (configured,) = yaml.safe_load(block)["repos"]
    assert [hook["id"] for hook in configured["hooks"]] == list(entries)
    for hook in configured["hooks"]:
        done = shell(" ".join([entries[hook["id"]], *hook["args"]]), repository)
        assert done.returncode == 0, done.stderr
        assert re.search(hook["files"], "tokenizer.json")


def test_the_example_in_python_is_a_test(repository: Path) -> None:
    (example,) = code(section("In Python"), "python")
    (repository / "test_example.py").write_text(example, encoding="utf-8")
    done = shell("python -m pytest -q -p no:cacheprovider test_example.py", repository)
    assert done.returncode == 0, done.stdout


def test_the_example_of_rules_is_valid() -> None:
    (example,) = code(section("Rules"), "toml")
    rules = rules_of_text(example).rules
    assert [rule.name for rule in rules] == ["bytes_per_token", "fertility", "ids"]


def test_every_key_format_and_exit_code_is_documented() -> None:
    rules = section("Rules")
    assert [key for key in KEYS if f"`{key}" not in rules] == []
    assert [one for one in FORMATS if f"`{one}`" not in section("Output")] == []
    assert re.findall(r"^\| (\d) \|", section("Output"), flags=re.MULTILINE) == list("012345")

"""The Python API as users see it: quick to import, typed, documented, and run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tokeval
from tests.contract.test_imports import heavy_after

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "quickstart.py"

TYPED = """
from pathlib import Path
import tokeval
import tokeval.gate.verdict
from tokeval.compare.report import Settings
from tokeval.gate.rules import Rules

def judged(path: Path, rules: Rules) -> str:
    report: tokeval.Report = tokeval.load(path)
    parts: list[tokeval.Slice] = tokeval.read_corpus({"en": ["a"], "tr": path})
    tokenizer: tokeval.Tokenizer = tokeval.load_tokenizer("x.json")
    other: tokeval.Report = tokeval.evaluate([tokenizer, path], parts)
    both: tokeval.Report = tokeval.compare(tokenizer, "y.json", parts, settings=Settings(explain=3))
    tokeval.compare(report, other)
    return both.provenance.tokeval + tokeval.gate(report, rules, path).verdict
"""
WRONG = {
    "tokeval.evaluate(5)": "arg-type",
    "tokeval.run_probe('nonsense', 'x')": "arg-type",
    "tokeval.gate()": "call-arg",
    "tokeval.compare(1)": "arg-type",
    "tokeval.load('x').nothing": "attr-defined",
    "tokeval.nothing": "attr-defined",
}


def checked(*files: Path) -> str:
    """What mypy --strict says of scripts, with the settings and the cache of the project."""
    finished = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode in (0, 1), finished.stderr
    return finished.stdout


def test_scripts_are_checked_in_full(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right_script.py", tmp_path / "wrong_script.py"
    right.write_text(TYPED, encoding="utf-8")
    wrong.write_text("import tokeval\n" + "\n".join(WRONG) + "\n", encoding="utf-8")
    said = checked(right, wrong, EXAMPLE)
    found = re.findall(r"wrong_script\.py:(\d+): error: .*\[([a-z-]+)\]", said)
    assert found == [(str(line), code) for line, code in enumerate(WRONG.values(), start=2)]
    ours = [
        line for line in said.splitlines() if re.search(r"(right_script|quickstart)\.py:", line)
    ]
    assert ours == []


def test_the_example_runs() -> None:
    finished = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert "most bytes per token on en: english" in finished.stdout
    assert "most bytes per token on tr: both" in finished.stdout
    assert finished.stdout.splitlines()[-1] == "absent/tokenizer.json: no such file or directory"


def test_importing_loads_nothing_heavy() -> None:
    assert heavy_after("import tokeval; dir(tokeval); tokeval.evaluate; tokeval.gate") == []


@pytest.mark.parametrize("name", ["compare", "gate"])
@pytest.mark.parametrize(
    "before",
    [
        "import tokeval",
        "import tokeval; tokeval.{name}",
        "import tokeval.{name}",
        "import tokeval.{name}.{inner}",
        "from tokeval import {name}",
    ],
)
def test_packages_are_functions_in_any_order(name: str, before: str) -> None:
    inner = {"compare": "report", "gate": "rules"}[name]
    first = before.format(name=name, inner=inner)
    script = (
        f"{first}\nimport tokeval\nfrom tokeval.{name} import {inner}\n"
        f"assert tokeval.{name}.{inner} is {inner}\n"
        f"try: tokeval.{name}('absent.json', [], None)\n"
        "except tokeval.TokevalError as error: print(error.message)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip()


def test_the_stub_and_the_module_offer_the_same() -> None:
    stub = (ROOT / "tokeval" / "__init__.pyi").read_text(encoding="utf-8")
    offered = set(re.findall(r"import \w+ as (\w+)", stub)) | {"CallableModule", "__version__"}
    names = {name for name in dir(tokeval) if not name.startswith("_")} | {"__version__"}
    assert offered <= names
    for name in offered:
        assert getattr(tokeval, name) is not None
    assert set(tokeval._PLACES) | {"compare", "gate"} <= offered  # type: ignore[attr-defined] # ours


def test_every_function_is_documented() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in (*tokeval._PLACES, "compare", "gate"):  # type: ignore[attr-defined] # ours
        if name[0].islower():
            assert f"`{name}(" in page or f", `{name}(" in page, name

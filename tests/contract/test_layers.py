"""Imports go down only, and every layer that pyproject.toml requires is there to be checked."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's run in a folder with a pyproject.toml, without its cache."""
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_package_keeps_every_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    n_contracts = len(settings["tool"]["importlinter"]["contracts"])
    finished = lint_imports(ROOT)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"Contracts: {n_contracts} kept, 0 broken." in finished.stdout


def test_every_package_is_in_a_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layered,) = (
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    named = set(re.findall(r"tokeval\.(\w+)", " ".join(layered["layers"])))
    entries = (ROOT / "tokeval").iterdir()
    present = {
        path.stem
        for path in entries
        if (path.is_dir() and any(path.glob("*.py"))) or path.suffix == ".py"
    }
    assert present - {"__init__"} <= named


def test_an_import_that_goes_up_is_found(tmp_path: Path) -> None:
    package = tmp_path / "tokeval"
    for name in ("cli", "core"):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "core" / "upward.py").write_text("import tokeval.cli\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "tokeval"\n'
        '[[tool.importlinter.contracts]]\nname = "down"\ntype = "layers"\n'
        'layers = ["tokeval.cli", "tokeval.core"]\n',
        encoding="utf-8",
    )
    finished = lint_imports(tmp_path)
    assert finished.returncode == 1
    assert "tokeval.core.upward -> tokeval.cli" in finished.stdout

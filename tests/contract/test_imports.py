"""Starting the command line stays quick: nothing heavy is imported before a command runs."""

import json
import subprocess
import sys

HEAVY = (
    "datasets",
    "icu",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sentencepiece",
    "tiktoken",
    "tokenizers",
    "torch",
    "transformers",
)


def heavy_after(statement: str) -> list[str]:
    """The heavy packages that a statement loads into a fresh interpreter."""
    script = (
        f"import json, sys\n{statement}\n"
        f"sys.stdout.write(json.dumps(sorted(set(sys.modules) & set({HEAVY!r}))))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return list(json.loads(finished.stdout))


def test_the_command_line_imports_nothing_heavy() -> None:
    assert heavy_after("import tokeval.cli.app") == []


def test_reading_a_document_imports_nothing_heavy() -> None:
    assert heavy_after("import tokeval.document") == []


def test_the_check_sees_what_is_loaded() -> None:
    assert {"numpy", "scipy"} <= set(heavy_after("import tokeval.core.correlation"))

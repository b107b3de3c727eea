"""Writes the example reports: `python reports/regenerate.py [FOLDER]`, the same bytes each time.

Everything comes from installed packages and bundled text. Commands run in the folder, with
tokenizers under names relative to it, so that no document holds a path of this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOMENT = "1767225600"
"""Seconds since 1970 that stand for now in every document: the first second of 2026."""

TOKENIZERS = "tokenizers"
COMMAND = "from tokeval.cli.app import main; main()"


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        tokenizers: the file of each, by `name=kind:`.
        metrics, mixture, probe: more arguments of these commands.
        visual: whether there are visual tokens too.
        mixed: `name=kind:` of the tokenizer whose training data are inferred.
    """

    tokenizers: Mapping[str, Path]
    mixed: str
    metrics: Sequence[str] = ("--family", "all")
    mixture: Sequence[str] = ("--merges", "300", "--no-influence", "--jobs", "2")
    probe: Sequence[str] = ()
    visual: bool = True


def packaged_plan() -> Plan:
    """The tokenizers that the packages of the `demo` extra ship."""
    from tokeval.loaders.packaged import packaged_arguments

    split = [argument.partition(":") for argument in packaged_arguments()]
    tokenizers = {f"{head}:": Path(path) for head, _, path in split}
    return Plan(tokenizers, next(name for name in tokenizers if name.startswith("deepseek")))


def regenerate(folder: Path, plan: Plan) -> None:
    """Writes every report of the plan into the folder, in place of those that are there."""
    places = _place_tokenizers(folder, plan)
    everyone = [f"{name}{place}" for name, place in places.items()]
    _run(folder, "metrics", "metrics", *everyone, *plan.metrics)
    _run(folder, "mixture", "mixture", f"{plan.mixed}{places[plan.mixed]}", *plan.mixture)
    _run(folder, "numeracy", "probe", "numeracy", *everyone, *plan.probe)
    names = ["metrics", "mixture", "numeracy"]
    if plan.visual:
        _tokeval(folder, "visual", "demo", "--out", "visual", "--quiet")
        names.insert(2, "visual")
    outputs = {"--html": "html", "--md": "md", "--csv": "csv", "--junit": "xml"}
    (folder / "joint").mkdir(exist_ok=True)
    written = [
        part for option, kind in outputs.items() for part in (option, f"joint/report.{kind}")
    ]
    _tokeval(folder, "report", *(f"{name}/report.json" for name in names), *written, "--quiet")


def _place_tokenizers(folder: Path, plan: Plan) -> dict[str, str]:
    """Copies the files of the tokenizers to where they have the same name on any machine."""
    target = folder / TOKENIZERS
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    places = {}
    for name, path in plan.tokenizers.items():
        copied = target / f"{name.partition('=')[0]}{''.join(path.suffixes[-1:])}"
        shutil.copyfile(path, copied)
        places[name] = copied.relative_to(folder).as_posix()
    return places


def _run(folder: Path, name: str, *arguments: str) -> None:
    """Runs a command that writes a document and its page."""
    (folder / name).mkdir(exist_ok=True)
    outputs = ("--json", f"{name}/report.json", "--html", f"{name}/report.html")
    _tokeval(folder, *arguments, *outputs, "--quiet")


def _tokeval(folder: Path, *arguments: str) -> None:
    """Runs `tokeval` in the folder at MOMENT; stops where it fails."""
    print("tokeval", *arguments, flush=True)  # noqa: T201 a script that says what it does
    subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT},
        check=True,
    )


if __name__ == "__main__":
    regenerate(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent), packaged_plan())

"""What `tokeval gate` puts out: on stdout, in files, and for GitHub Actions."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokeval.errors import TokevalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokeval.document import GateResult, Report

FORMATS = ("table", "github", "junit", "sarif", "json", "md")
WHOLE = ("junit", "sarif", "json")
"""Formats that must be all that stdout holds, or nothing can read them."""


def formats_of(asked: Sequence[str] | None, outputs: dict[str, Path]) -> list[str]:
    """What goes to stdout: what was asked for, else a table, and annotations where they are read.

    Raises:
        UsageError: there is no such format, or stdout would hold more than can be read.
    """
    formats = list(dict.fromkeys(asked or ()))
    for one in formats:
        if one not in FORMATS:
            raise UsageError(f"there is no format {one!r}", f"choose {', '.join(FORMATS)}")
    piped = [option for option, path in outputs.items() if str(path) == "-"]
    whole = [f"--format {one}" for one in formats if one in WHOLE] + [f"{one} -" for one in piped]
    others = [f"--format {one}" for one in formats if one not in WHOLE]
    if len(whole) > 1 or (whole and others):
        raise UsageError(
            f"{' and '.join([*whole, *others])} cannot share stdout",
            f"write all but one to files, such as --junit gate.xml; {whole[0]} stands alone",
        )
    if formats or piped:
        return formats
    return ["table", "github"] if _in_github() else ["table"]


def _in_github() -> bool:
    """Whether GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def tell(
    result: GateResult,
    report: Report,
    formats: Sequence[str],
    outputs: dict[str, Path],
    *,
    quiet: bool,
) -> None:
    """Writes the result wherever it was asked for, and the summary of a GitHub job."""
    from tokeval.cli.output import write_atomically

    for option, path in outputs.items():
        write_atomically(path, _rendered(option.removeprefix("--"), result, report))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if _in_github() and summary:
        from tokeval.render.gate_markdown import render_gate_markdown

        _append(Path(summary), render_gate_markdown(result))
    for one in formats:
        if one == "table" and not quiet:
            with _inert_in_github():
                _print_table(result, outputs)
        elif one != "table":
            write_atomically(Path("-"), _rendered(one, result, report))


def _print_table(result: GateResult, outputs: dict[str, Path]) -> None:
    """Prints the result as a table, and which files have it too."""
    from rich.console import Console

    from tokeval.render.gate_terminal import print_gate

    print_gate(result, Console())
    for path in outputs.values():
        typer.echo(f"wrote {path}")


@contextmanager
def _inert_in_github() -> Iterator[None]:
    """In GitHub Actions, nothing printed inside is a command: not even a name that wraps to one.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    if not _in_github():
        yield
        return
    mark = secrets.token_hex(16)
    typer.echo(f"::stop-commands::{mark}")
    yield
    typer.echo(f"::{mark}::")


def _rendered(format_: str, result: GateResult, report: Report) -> bytes | str:
    """The result in one of the formats that are text."""
    if format_ == "github":
        from tokeval.render.gate_github import render_github

        return render_github(result, rules_file=_from_workspace(result.rules_source))
    if format_ == "sarif":
        from tokeval.render.gate_sarif import render_sarif

        return render_sarif(result, rules_file=_from_workspace(result.rules_source))
    if format_ == "md":
        from tokeval.render.gate_markdown import render_gate_markdown

        return render_gate_markdown(result)
    from tokeval.document import dump

    document = _document(result, report)
    if format_ == "json":
        return dump(document)
    from tokeval.render.junit import render_junit

    return render_junit(document)


def _document(result: GateResult, report: Report) -> Report:
    """The result as a document: of the tokenizers and texts of the run, decided now."""
    import tokeval
    from tokeval.core.provenance import creation_time
    from tokeval.document import Provenance, Report

    run = report.provenance
    provenance = Provenance(
        tokeval=tokeval.__version__,
        argv=("tokeval", *sys.argv[1:]),
        created=creation_time(),
        parameters={},
        tokenizers=run.tokenizers,
        corpus=run.corpus,
        libraries={},
        warnings=result.warnings,
    )
    return Report(provenance, (result,))


def _from_workspace(source: str) -> str:
    """The file of the rules from the root of the checkout, as annotations need it."""
    root = os.environ.get("GITHUB_WORKSPACE")
    path = Path(source).absolute()
    if source and root and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return Path(source).as_posix() if source else ""


def _append(path: Path, text: str) -> None:
    """Adds to a file that other steps write to as well.

    Raises:
        TokevalError: it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text + "\n")
    except OSError as error:
        raise TokevalError(
            f"cannot write the summary of the job to {path}: {error.strerror}",
            "check or unset GITHUB_STEP_SUMMARY",
        ) from error

"""`tokeval report`: renders documents of any analysis; nothing is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tokeval.cli.options import Html, Json, Markdown, Quiet


def report(
    documents: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN.json...",
            help="Documents that tokeval wrote with --json, in the order of the report.",
            show_default=False,
        ),
    ],
    html: Html = None,
    md: Markdown = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write one row for each number.")
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write JUnit XML, one test for each number."),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Render documents of any analysis as one report.

    Metrics of the same text are put in one table with a joint ranking; what cannot be compared
    stays apart, with the reason. Without a file to write, the report goes to the terminal.
    """
    from tokeval.cli.metrics import show, write_outputs
    from tokeval.cli.output import check_outputs
    from tokeval.document import joined, load

    wanted = {"--html": html, "--md": md, "--csv": csv, "--junit": junit, "--json": json}
    outputs = {option: path for option, path in wanted.items() if path is not None}
    check_outputs(outputs, documents)
    joint = joined([(str(path), load(path)) for path in dict.fromkeys(documents)])
    write_outputs(joint, outputs)
    if quiet or any(str(path) == "-" for path in outputs.values()):
        return
    if not outputs:
        show(joint, outputs)
    for path in outputs.values():
        typer.echo(f"wrote {path}")

"""`tokeval corpora`: what the bundled corpora hold, and whether they are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from tokeval.core.corpus import Slice

app = typer.Typer(help="List, show and check the bundled corpora.", no_args_is_help=True)


@app.command("list")
def list_corpora() -> None:
    """List the bundled slices with their labels and sizes."""
    from rich.console import Console
    from rich.table import Table

    from tokeval.loaders.bundled import bundled_slices

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("slice", "language", "script", "family", "texts", "bytes"):
        table.add_column(heading, justify="right" if heading in ("texts", "bytes") else "left")
    for part in bundled_slices():
        texts = [text for document in part.documents() for text in document]
        size = sum(len(text.encode()) for text in texts)
        labels = [part.labels.get(label, "") for label in ("language", "script", "family")]
        table.add_row(part.name, *labels, f"{len(texts):,}", f"{size:,}")
    Console().print(table)


@app.command("show")
def show_corpus(
    name: Annotated[str, typer.Argument(help="Name of a bundled slice, such as tr or python.")],
) -> None:
    """Print the texts of a bundled slice."""
    for document in _named(name).documents():
        for text in document:
            typer.echo(text)


@app.command("check")
def check_corpora() -> None:
    """Check line counts, scripts, normalisation and characters of the bundled corpora."""
    from tokeval.loaders.bundled import bundled_slices, check_bundled

    problems = check_bundled()
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(int(ExitCode.FAILED))
    typer.echo(f"{len(bundled_slices())} slices, no problem found")


def _named(name: str) -> Slice:
    """The bundled slice of that name."""
    import difflib

    from tokeval.loaders.bundled import bundled_slices

    slices = {part.name: part for part in bundled_slices()}
    if name not in slices:
        near = difflib.get_close_matches(name, slices, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(slices)}"
        raise UsageError(f"there is no bundled slice {name!r}", hint)
    return slices[name]

"""`tokeval demo`: real tokenizers on the bundled corpora, with a report to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_OUT = Path("reports/demo")


def demo(
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where the report is written.")
    ] = DEFAULT_OUT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no tables.")] = False,
) -> None:
    """Measure the tokenizers of the `demo` extra on the bundled corpora and write a report."""
    from tokeval.cli.metrics import measured, show, write_outputs
    from tokeval.cli.output import check_outputs
    from tokeval.core.metric import Parameters
    from tokeval.loaders.bundled import bundled_slices
    from tokeval.loaders.packaged import packaged_arguments
    from tokeval.loaders.resources import read_resources
    from tokeval.loaders.tokenizers import load_tokenizers
    from tokeval.metrics.catalogue import EVERYTHING, choose_metrics, without_unasked

    loaded = load_tokenizers(packaged_arguments())
    make_folder(out)
    outputs = {"--json": out / "report.json", "--html": out / "report.html"}
    check_outputs(outputs)
    everything = choose_metrics(families=[EVERYTHING])
    resources = read_resources(needed=frozenset({"gold", "lexicon"}))
    asked = without_unasked(everything, Parameters(), resources)
    report = measured(
        loaded, bundled_slices(), Parameters(), metrics=asked, resources=resources, quiet=quiet
    )
    write_outputs(report, outputs)
    if not quiet:
        show(report, {})
    typer.echo(f"report: {(out / 'report.html').resolve()}")


def make_folder(folder: Path) -> None:
    """Creates a folder for outputs, its parents with it."""
    from tokeval.errors import TokevalError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TokevalError(
            f"cannot make the folder {folder}: {error.strerror}",
            "choose another one with --out FOLDER",
        ) from error

"""`tokeval compare`: what changes from one tokenizer to another, by how much, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tokeval.cli.completion import families, metric_ids
from tokeval.cli.options import (
    AllowDownload,
    Engine,
    Field,
    Html,
    Jobs,
    Json,
    Markdown,
    NoCache,
    Quiet,
    Scheduler,
    Unit,
    check_scheduler,
)
from tokeval.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.core.metric import Metric
    from tokeval.document import Report

NEEDS_BOTH = "--explain needs the tokenizers and the corpus; documents hold neither"


def compare(
    ctx: typer.Context,
    sides: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN.json [RUN.json] | TOKENIZER TOKENIZER",
            help="Two documents of `tokeval metrics --json`, or one of two tokenizers; or two "
            "tokenizers, which are then measured. First before, then after.",
            show_default=False,
        ),
    ],
    tokenizer: Annotated[
        list[str] | None,
        typer.Option(
            "--tokenizer",
            "-t",
            metavar="NAME",
            help="Which tokenizer of a document with several; twice for before and after.",
        ),
    ] = None,
    slice_: Annotated[
        list[str] | None,
        typer.Option(
            "--slice", metavar="NAME", help="Compare documents on this slice only; repeatable."
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric", "-m", autocompletion=metric_ids, help="Only this metric; repeatable."
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            "--family", "-f", autocompletion=families, help="Only this family, or all; repeatable."
        ),
    ] = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus",
            "-c",
            metavar="[NAME=]PATH",
            help="Text to compare tokenizers on: a file, folder, glob, URL, hf:DATASET or - for "
            "stdin; repeatable. The bundled corpora when absent.",
        ),
    ] = None,
    explain: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Name the N words of each slice that contribute most to the difference in "
            "tokens; 0: as many as make up 80% of it.",
        ),
    ] = None,
    parallel: Annotated[
        bool, typer.Option("--parallel", help="All slices translate each other line by line.")
    ] = False,
    unit: Unit = None,
    field: Field = None,
    words: Annotated[
        str, typer.Option(help="How words are found: uax29 or icu-dictionary.")
    ] = "uax29",
    special: Annotated[
        list[str] | None,
        typer.Option(help="Count this special token around each text: bos or eos; repeatable."),
    ] = None,
    json: Json = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write one row for each cell.")
    ] = None,
    md: Markdown = None,
    html: Html = None,
    engine: Engine = "auto",
    scheduler: Scheduler = None,
    no_cache: NoCache = False,
    jobs: Jobs = None,
    allow_download: AllowDownload = False,
    quiet: Quiet = False,
) -> None:
    """Say what changes from one tokenizer to another, by how much, and why.

    Differences are paired block by block, with 95% intervals and Holm's correction for the slices
    of each metric. Runs that differ in more than the tokenizer are refused (exit code 4).
    """
    from tokeval.cli.compare_inputs import are_documents
    from tokeval.cli.inputs import existing_targets
    from tokeval.cli.metrics import WORD_RULES, show, write_outputs
    from tokeval.cli.output import check_outputs

    wanted = {"--json": json, "--csv": csv, "--md": md, "--html": html}
    outputs = {option: path for option, path in wanted.items() if path is not None}
    check_scheduler(engine, scheduler)
    check_outputs(outputs, existing_targets([*sides, *(corpus or [])], outputs.values()))
    if words not in WORD_RULES:
        raise UsageError(f"there is no word rule {words!r}", f"choose {' or '.join(WORD_RULES)}")
    if are_documents(sides):
        if explain is not None:
            raise UsageError(NEEDS_BOTH, "tokeval compare TOKENIZER TOKENIZER --corpus PATH")
        _refuse_measuring(ctx)
        report = _of_documents(
            sides, tokenizer or (), slices=slice_ or (), metrics=metric or (), families=family or ()
        )
    else:
        if tokenizer or slice_:
            option = "--tokenizer" if tokenizer else "--slice"
            raise UsageError(
                f"{option} chooses from documents, and tokenizers are given",
                f"leave out {option}, or give documents of `tokeval metrics --json`",
            )
        report = _of_tokenizers(
            sides,
            corpus or (),
            metrics=_chosen(metric or (), family or ()),
            explain=explain,
            reading={"parallel": parallel, "unit": unit, "field": field},
            counting={"words": words, "special": tuple(special or ())},
            running={
                "engine": engine,
                "scheduler": scheduler,
                "jobs": jobs,
                "cached": not no_cache,
            },
            allow_download=allow_download,
            quiet=quiet,
        )
    write_outputs(report, outputs)
    if not quiet and not any(str(path) == "-" for path in outputs.values()):
        show(report, outputs)


def _refuse_measuring(ctx: typer.Context) -> None:
    """Raises where an option was typed that only says how tokenizers are measured."""
    measuring = "corpus parallel unit field words special engine scheduler jobs no_cache"
    for name in measuring.split():
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"{option} says how tokenizers are measured, and documents are given",
                f"leave out {option}, or give two tokenizers",
            )


def _of_documents(
    sides: Sequence[str],
    tokenizers: Sequence[str],
    *,
    slices: Sequence[str],
    metrics: Sequence[str],
    families: Sequence[str],
) -> Report:
    """The comparison of documents."""
    from tokeval.compare.report import compare_documents
    from tokeval.document import load

    wished = list(metrics)
    documents = [(side, load(Path(side))) for side in sides]
    if families:
        from tokeval.document import metrics_results

        of_family = [
            info.id
            for _, report in documents
            for result in metrics_results(report)
            for info in result.metrics
            if info.family in families or "all" in families
        ]
        if not of_family:
            raise UsageError(
                f"no metric of {' or '.join(families)} is in the documents",
                "see what they hold with `tokeval report RUN.json`",
            )
        wished += dict.fromkeys(of_family)
    return compare_documents(
        documents,
        tokenizers,
        metrics=wished,
        slices=slices,
        argv=["tokeval", *sys.argv[1:]],
    )


def _chosen(metrics: Sequence[str], families: Sequence[str]) -> Sequence[Metric] | None:
    """The metrics that were asked for; `None` for those of `tokeval metrics`."""
    from tokeval.core.metric import Parameters
    from tokeval.core.resources import Resources
    from tokeval.metrics.catalogue import EVERYTHING, choose_metrics, without_unasked

    if not metrics and not families:
        return None
    chosen = choose_metrics(metrics, families)
    if EVERYTHING in families:
        return without_unasked(chosen, Parameters(), Resources())
    return chosen


def _of_tokenizers(
    sides: Sequence[str],
    corpus: Sequence[str],
    *,
    metrics: Sequence[Metric] | None,
    explain: int | None,
    reading: dict[str, Any],
    counting: dict[str, Any],
    running: dict[str, Any],
    allow_download: bool,
    quiet: bool,
) -> Report:
    """The comparison of tokenizers, measured with progress on stderr."""
    from tokeval.cli.compare_inputs import both_loaded
    from tokeval.cli.progress import measuring
    from tokeval.compare.report import Settings, compare_tokenizers
    from tokeval.core.engine import choose_engine, prepare_processes, started
    from tokeval.core.metric import Parameters
    from tokeval.loaders.corpora import ReadOptions, check_parallel, read_corpus

    options = ReadOptions(**reading, allow_download=allow_download)
    slices = read_corpus(list(corpus), options)
    if reading["parallel"]:
        slices = check_parallel(slices)
    sizes = [part.n_bytes for part in slices]
    size = None if None in sizes else sum(n or 0 for n in sizes)
    engine = choose_engine(size) if running["engine"] == "auto" else str(running["engine"])
    if engine == "processes":
        prepare_processes()
    before, after = both_loaded(sides, allow_download=allow_download)
    settings = Settings(
        metrics=metrics,
        parameters=Parameters(**counting),
        explain=explain,
        engine=engine,
        cached=running["cached"],
        jobs=running["jobs"],
    )
    cluster = started(engine, scheduler=running["scheduler"], jobs=settings.jobs)
    with cluster, measuring(2 * size if size else None, quiet=quiet) as advance:
        return compare_tokenizers(
            before, after, slices, settings, advance=advance, argv=["tokeval", *sys.argv[1:]]
        )

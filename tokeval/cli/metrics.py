"""`tokeval metrics`: measures tokenizers on text and shows the numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.cli.caching import command_line, earlier, loaded
from tokeval.cli.completion import families, metric_ids
from tokeval.cli.options import (
    AllowDownload,
    Engine,
    ExactPath,
    Field,
    Html,
    Jobs,
    Json,
    Markdown,
    NoCache,
    Quiet,
    Scheduler,
    Tokenizers,
    Unit,
    check_scheduler,
)
from tokeval.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.core.corpus import Slice
    from tokeval.core.metric import Metric, Parameters
    from tokeval.core.resources import Resources
    from tokeval.document import Report

WORD_RULES = ("uax29", "icu-dictionary")
LISTS = {"--gold": "gold", "--lexicon": "lexicon", "--terms": "terms", "--ids": "logged_ids"}
"""Options that name lists, and the parameter of the metrics that look at them."""


def metrics(
    tokenizers: Tokenizers,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus",
            "-c",
            metavar="[NAME=]PATH",
            help="Text to measure on: a file, folder, glob, URL, hf:DATASET or - for stdin; "
            "repeatable. The bundled corpora when absent.",
        ),
    ] = None,
    parallel: Annotated[
        bool, typer.Option("--parallel", help="All slices translate each other line by line.")
    ] = False,
    unit: Unit = None,
    field: Field = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric", "-m", autocompletion=metric_ids, help="Only this metric; repeatable."
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            "--family",
            "-f",
            autocompletion=families,
            help="Only this family, or all; repeatable.",
        ),
    ] = None,
    compat: Annotated[
        list[str] | None,
        typer.Option("--compat", help="Another program's definitions: qtok or tr; repeatable."),
    ] = None,
    gold: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG=FILE", help="Gold segmentations of a language; repeatable."),
    ] = None,
    lexicon: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TAG[=FILE]",
            help="Words and morphemes of a language, of a list or an installed library; "
            "repeatable.",
        ),
    ] = None,
    terms: Annotated[
        str | None, typer.Option(metavar="PATH", help="Domain terms, one on each line.")
    ] = None,
    ids: Annotated[
        str | None, typer.Option(metavar="PATH", help="Logged ids: a JSON list on each line.")
    ] = None,
    words: Annotated[
        str, typer.Option(help="How words are found: uax29 or icu-dictionary.")
    ] = "uax29",
    special: Annotated[
        list[str] | None,
        typer.Option(help="Count this special token around each text: bos or eos; repeatable."),
    ] = None,
    alpha: Annotated[float, typer.Option(help="Order of the Rényi entropy.", min=0.0)] = 2.5,
    reference: Annotated[
        str | None, typer.Option(help="Slice that the premium divides by; English by default.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Tokenizer that NSL divides by; the first by default.")
    ] = None,
    max_length: Annotated[
        int | None,
        typer.Option(help="Context length for over_length_share and truncated_share.", min=1),
    ] = None,
    price: Annotated[float | None, typer.Option(help="Price of a million tokens.", min=0.0)] = None,
    json: Json = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write one row for each cell.")
    ] = None,
    md: Markdown = None,
    html: Html = None,
    engine: Engine = "auto",
    scheduler: Scheduler = None,
    jobs: Jobs = None,
    allow_download: AllowDownload = False,
    no_cache: NoCache = False,
    exact_path: ExactPath = False,
    quiet: Quiet = False,
) -> None:
    """Measure tokenizers on text, with intervals, beside each other.

    `tokeval metrics correlate` relates such numbers to scores of models.
    """
    from tokeval.cli.inputs import existing_targets
    from tokeval.cli.output import check_outputs
    from tokeval.core.engine import started
    from tokeval.core.metric import Parameters
    from tokeval.loaders.corpora import ReadOptions, check_parallel, read_corpus
    from tokeval.loaders.resources import read_resources
    from tokeval.metrics.catalogue import EVERYTHING, choose_metrics, without_unasked

    check_scheduler(engine, scheduler)
    wanted = {"--json": json, "--csv": csv, "--md": md, "--html": html}
    outputs = {option: path for option, path in wanted.items() if path is not None}
    lists = [request.partition("=")[2] for request in [*(gold or []), *(lexicon or [])]]
    given = [*tokenizers, *(corpus or []), *filter(None, (terms, ids, *lists))]
    check_outputs(outputs, existing_targets(given, outputs.values()))
    asked = metric or family or compat
    chosen = choose_metrics(metric or (), family or (), compat or ()) if asked else None
    lists_given = {"--gold": gold, "--lexicon": lexicon, "--terms": terms, "--ids": ids}
    _check_read([option for option, value in lists_given.items() if value], chosen)
    if words not in WORD_RULES:
        raise UsageError(f"there is no word rule {words!r}", f"choose {' or '.join(WORD_RULES)}")
    parameters = Parameters(
        alpha=alpha,
        words=words,
        special=tuple(special or ()),
        reference_slice=reference,
        baseline=baseline,
        max_length=max_length,
        price=price,
    )
    options = ReadOptions(unit=unit, field=field, parallel=parallel, allow_download=allow_download)
    slices = read_corpus(corpus or [], options)
    if parallel:
        slices = check_parallel(slices)
    resources = read_resources(
        gold=gold or (),
        lexicons=lexicon or (),
        terms=terms,
        logged_ids=ids,
        needed=frozenset(name for one in chosen or () for name in one.parameters),
    )
    if chosen is not None and EVERYTHING in (family or ()):
        chosen = without_unasked(chosen, parameters, resources)
    report = None
    cached = not (no_cache or exact_path)
    if cached and engine != "dask":
        report = earlier(tokenizers, slices, parameters, chosen, resources, exact_path=exact_path)
    if report is None:
        engine = _chosen_engine(engine, slices)
        with started(engine, scheduler=scheduler, jobs=jobs):
            report = measured(
                loaded(tokenizers, allow_download=allow_download, cached=cached),
                slices,
                parameters,
                metrics=chosen,
                resources=resources,
                engine=engine,
                jobs=jobs,
                quiet=quiet,
                cached=cached,
                exact_path=exact_path,
            )
    write_outputs(report, outputs)
    if not quiet and not any(str(path) == "-" for path in outputs.values()):
        show(report, outputs)


def _check_read(lists: Sequence[str], chosen: Sequence[Metric] | None) -> None:
    """Raises UsageError where a list is given that none of the metrics looks at."""
    from tokeval.metrics.catalogue import CATALOGUE, choose_metrics

    metrics = choose_metrics() if chosen is None else chosen
    for option in lists:
        name = LISTS[option]
        if any(name in metric.parameters for metric in metrics):
            continue
        families = [m.info.family for m in CATALOGUE.values() if name in m.parameters]
        raise UsageError(
            f"{option} is given, but no metric that was chosen looks at it",
            f"add --family {' or --family '.join(dict.fromkeys(families))}",
        )


def measured(
    tokenizers: Sequence[object],
    slices: Sequence[Slice],
    parameters: Parameters,
    *,
    metrics: Sequence[object] | None = None,
    resources: Resources | None = None,
    engine: str = "serial",
    jobs: int | None = None,
    quiet: bool = False,
    cached: bool = True,
    exact_path: bool = False,
) -> Report:
    """The report, with progress on stderr while it is made."""
    from tokeval.cli.progress import measuring
    from tokeval.metrics.report import evaluate

    with measuring(_total_bytes(slices), quiet=quiet) as advance:
        return evaluate(
            tokenizers,  # type: ignore[arg-type] # imported lazily: types are not at hand here
            slices,
            parameters,
            metrics=metrics,  # type: ignore[arg-type] # as above
            resources=resources,
            engine=engine,
            jobs=jobs,
            advance=advance,
            argv=command_line(),
            cached=cached,
            exact_path=exact_path,
        )


def _chosen_engine(engine: str, slices: Sequence[Slice]) -> str:
    """The engine that `auto` stands for; worker processes begin to start here."""
    from tokeval.core.engine import choose_engine, prepare_processes

    chosen = choose_engine(_total_bytes(slices)) if engine == "auto" else engine
    if chosen == "processes":
        prepare_processes()
    return chosen


def _total_bytes(slices: Sequence[Slice]) -> int | None:
    """Bytes of all slices; `None` when that of some slice is unknown."""
    sizes = [part.n_bytes for part in slices]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def write_outputs(report: Report, outputs: dict[str, Path]) -> None:
    """Writes every file that was asked for, each of them whole or not at all."""
    from tokeval.cli.output import write_atomically
    from tokeval.document import dump

    for option, path in outputs.items():
        if option == "--json":
            content: bytes | str = dump(report)
        elif option == "--csv":
            from tokeval.render.csv_table import render_csv

            content = render_csv(report)
        elif option == "--md":
            from tokeval.render.markdown import render_markdown

            content = render_markdown(report)
        elif option == "--junit":
            from tokeval.render.junit import render_junit

            content = render_junit(report)
        else:
            from tokeval.render.html import render_html

            content = render_html(report)
        write_atomically(path, content)


def show(report: Report, outputs: dict[str, Path]) -> None:
    """The tables in the terminal, then where the files are."""
    from rich.console import Console

    from tokeval.render.terminal import print_report

    console = Console()
    print_report(report, console)
    for path in outputs.values():
        console.print(f"wrote {path}", markup=False, highlight=False, soft_wrap=True)

"""`tokeval mixture`: infers what BPE tokenizers were trained on, and shows the shares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.cli.options import (
    AllowDownload,
    Categories,
    CategoryFolder,
    Engine,
    Field,
    Html,
    Intervals,
    Json,
    Markdown,
    Merges,
    Quiet,
    Scheduler,
    Tokenizers,
    Unit,
    check_scheduler,
)
from tokeval.errors import UsageError

METHODS = ("lp", "monotone")
EXTRA = ("highspy", "pulp", "regex")

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.mixture.categories import Category


def mixture(
    tokenizers: Tokenizers,
    category: Categories = None,
    categories: CategoryFolder = None,
    merges: Merges = 3000,
    skip_shared_with: Annotated[
        str | None,
        typer.Option(metavar="TOK", help="Make no claims on the merges shared with TOK."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Leave this category out; repeatable.")
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=A,B", help="Answer for these as one; repeatable."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(help="lp: linear program; monotone: falling frequencies, in a box around it."),
    ] = "lp",
    solver: Annotated[
        str | None,
        typer.Option(help="Write the whole program in PuLP for this solver; small cases only."),
    ] = None,
    intervals: Intervals = True,
    influence: Annotated[
        bool,
        typer.Option("--influence/--no-influence", help="Solve without each category as well."),
    ] = True,
    efficiency: Annotated[
        bool,
        typer.Option("--efficiency", help="Train tokenizers to compare with encoding efficiency."),
    ] = False,
    unit: Unit = None,
    field: Field = None,
    json: Json = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write one row for each category.")
    ] = None,
    md: Markdown = None,
    html: Html = None,
    engine: Engine = "auto",
    scheduler: Scheduler = None,
    jobs: Annotated[
        int | None,
        typer.Option(help="Worker processes and threads; all cores by default.", min=1),
    ] = None,
    allow_download: AllowDownload = False,
    quiet: Quiet = False,
) -> None:
    """Infer what BPE tokenizers were trained on, from the order of their merges.

    The answer is a share of each category's bytes, with an interval, and whether the categories
    explain the merges at all. `tokeval mixture simulate` tries the method on known mixtures.
    """
    from tokeval.cli.inputs import existing_targets
    from tokeval.cli.metrics import show, write_outputs
    from tokeval.cli.output import check_outputs
    from tokeval.cli.progress_stages import stages

    check_scheduler(engine, scheduler)
    require_extra()
    from tokeval.core.engine import started
    from tokeval.loaders.tokenizers import load_tokenizer, load_tokenizers
    from tokeval.mixture.report import Settings, evaluate

    wanted = {"--json": json, "--csv": csv, "--md": md, "--html": html}
    outputs = {option: path for option, path in wanted.items() if path is not None}
    given = [*tokenizers, *(category or []), *filter(None, (categories, skip_shared_with))]
    check_outputs(outputs, existing_targets(given, outputs.values()))
    if method not in METHODS:
        raise UsageError(f"there is no method {method!r}", f"choose {' or '.join(METHODS)}")
    settings = Settings(
        n_merges=merges,
        method="monotone" if method == "monotone" else "lp",
        solver=solver,
        intervals=intervals,
        influence=influence,
        efficiency=efficiency,
        jobs=jobs,
    )
    chosen = _categories(
        category or [],
        categories,
        unit=unit,
        field=field,
        engine=engine,
        jobs=jobs,
        allow_download=allow_download,
    )
    chosen = _kept_and_grouped(chosen, drop or [], group or [])
    loaded = load_tokenizers(tokenizers, allow_download=allow_download)
    shared = (
        load_tokenizer(skip_shared_with, allow_download=allow_download)
        if skip_shared_with
        else None
    )
    with started(engine, scheduler=scheduler, jobs=jobs), stages(quiet=quiet) as tell:
        report = evaluate(
            loaded,
            chosen,
            settings,
            skip_shared_with=shared,
            tell=tell,
            argv=["tokeval", *sys.argv[1:]],
        )
    write_outputs(report, outputs)
    if not quiet and not any(str(path) == "-" for path in outputs.values()):
        show(report, outputs)


def require_extra() -> None:
    """Raises a UsageError where the libraries of the extra are not installed."""
    from importlib.util import find_spec

    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"`tokeval mixture` needs {', '.join(missing)}", "pip install 'tokeval[mixture]'"
        )


def _categories(
    named: Sequence[str],
    folder: str | None,
    *,
    unit: str | None,
    field: str | None,
    engine: str,
    jobs: int | None,
    allow_download: bool,
) -> list[Category]:
    """The candidate categories that were asked for, or the built-in ones.

    Raises:
        UsageError: a category without a name.
    """
    from tokeval.loaders.corpora import ReadOptions, read_corpus
    from tokeval.mixture.categories import built_in_categories, category_of_slice

    options = ReadOptions(unit=unit, field=field, line_ends=True, allow_download=allow_download)
    for argument in named:
        if "=" not in argument:
            raise UsageError(f"--category {argument!r} has no name", f"write it as NAME={argument}")
    arguments = [*named, *([folder] if folder else [])]
    chosen = None if engine == "auto" else engine
    if not arguments:
        return built_in_categories(engine=chosen, jobs=jobs)
    slices = read_corpus(arguments, options)
    return [category_of_slice(part, engine=chosen, jobs=jobs) for part in slices]


def _kept_and_grouped(
    chosen: Sequence[Category], dropped: Sequence[str], groups: Sequence[str]
) -> list[Category]:
    """The categories without those that are dropped, with their groups.

    Raises:
        UsageError: a name that no category has, a group without members, a category twice.
    """
    from tokeval.mixture.categories import with_groups, without

    members: dict[str, list[str]] = {}
    for argument in groups:
        name, _, listed = argument.partition("=")
        parts = [part.strip() for part in listed.split(",") if part.strip()]
        if not name or not parts:
            raise UsageError(f"--group {argument!r} is no group", "write it as NAME=A,B")
        members.setdefault(name, []).extend(parts)
    return with_groups(without(chosen, dropped), members)

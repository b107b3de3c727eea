"""`tokeval cache`: what the cache holds, whether it is sound, and how to empty it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.core.cache import Entry

app = typer.Typer(help="Show, check and empty the cache of earlier results.", no_args_is_help=True)

NUMBA_NOTE = "numba keeps compiled code in {folder}; delete that folder to be rid of it"


@app.command("info")
def info() -> None:
    """Say where the cache is, how large it is, and what it holds."""
    from rich.console import Console
    from rich.table import Table

    from tokeval.core.cache import KINDS, cache_directory, entries, max_bytes

    directory = cache_directory()
    found = entries(directory)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("kind", "entries", "bytes", "what"):
        table.add_column(heading, justify="right" if heading in ("entries", "bytes") else "left")
    for kind, what in KINDS.items():
        of_kind = [entry for entry in found if entry.kind == kind]
        table.add_row(kind, f"{len(of_kind):,}", _size(of_kind), what)
    table.add_row("all", f"{len(found):,}", _size(found), f"at most {max_bytes():,} bytes")
    typer.echo(f"directory: {directory}")
    Console().print(table)
    typer.echo(NUMBA_NOTE.format(folder=directory / "numba"))


@app.command("clear")
def clear(
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only entries of this kind, as `info` names it; repeatable."),
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Keep the most recently used entries up to this size, such as 500MB.",
        ),
    ] = None,
) -> None:
    """Remove entries: all of them, those of a kind, or the least recently used ones."""
    from tokeval.core.cache import cache_directory, delete, entries, parse_size, trim

    if kind and max_size is not None:
        raise UsageError(
            "--max-size looks at all kinds together, and --kind at one", "give one of the two"
        )
    directory = cache_directory()
    if max_size is not None:
        gone = trim(directory, parse_size(max_size, "--max-size"))
    else:
        chosen = _known_kinds(kind or [])
        gone = delete([entry for entry in entries(directory) if entry.kind in chosen])
        trim(directory, sum(entry.n_bytes for entry in entries(directory)))
    typer.echo(f"removed {_n_entries(gone)}, {_size(gone)} bytes")


@app.command("verify")
def verify(
    delete: Annotated[bool, typer.Option("--delete", help="Remove the damaged entries.")] = False,
) -> None:
    """Check every entry against its checksum; exit with code 1 when one is damaged and stays.

    A damaged entry does no harm: it is never used, and is replaced when it is next needed.
    """
    from tokeval.core import cache

    found = cache.entries(cache.cache_directory())
    bad = cache.damaged(found)
    for entry in bad:
        typer.echo(str(entry.path))
    gone = cache.delete(bad) if delete else []
    typer.echo(
        f"{_n_entries(found)} checked, {len(bad):,} damaged"
        + (f", {len(gone):,} removed" if delete else "")
    )
    if len(gone) < len(bad):
        raise typer.Exit(int(ExitCode.FAILED))


def _known_kinds(kinds: Sequence[str]) -> Sequence[str]:
    """The kinds that were asked for, all where none was.

    Raises:
        UsageError: there is no such kind.
    """
    from tokeval.core.cache import KINDS

    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"there is no kind {kind!r}", f"choose from {', '.join(KINDS)}")
    return kinds or list(KINDS)


def _n_entries(found: Sequence[Entry]) -> str:
    """How many entries there are, in words."""
    return f"{len(found):,} {'entry' if len(found) == 1 else 'entries'}"


def _size(found: Sequence[Entry]) -> str:
    """The bytes of some entries."""
    return f"{sum(entry.n_bytes for entry in found):,}"

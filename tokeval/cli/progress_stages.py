"""Progress on stderr through the stages of an analysis; silent in pipes and CI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tokeval.cli.progress import can_rewrite_lines, shown


class Tell(Protocol):
    """Says which stage an analysis is in, and how much of it is done where that is known."""

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None:
        """Take the news; `total` is `None` where nobody knows it."""
        ...


@contextmanager
def stages(*, quiet: bool) -> Iterator[Tell]:
    """A line on stderr that names the stage for as long as the context lasts, then vanishes.

    Nothing is shown, and nothing imported, when stderr is not a terminal that can rewrite a line.
    """
    if quiet or not can_rewrite_lines():
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=16), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("starting", total=None)

        def tell(stage: str, done: int = 0, total: int | None = None) -> None:
            progress.update(task, description=shown(stage), completed=done, total=total)

        yield tell


def _ignore(stage: str, done: int = 0, total: int | None = None) -> None:
    """Nobody is watching."""

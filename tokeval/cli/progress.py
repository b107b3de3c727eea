"""Progress on stderr while text is measured: bytes, rate and time left; silent in pipes and CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress

DESCRIPTION_CELLS = 28


class Advance(Protocol):
    """Says that so many more bytes are done, and what is being worked on."""

    def __call__(self, n_bytes: int, description: str = "") -> None:
        """Add bytes; an empty description leaves the last one standing."""
        ...


@contextmanager
def measuring(total_bytes: int | None, *, quiet: bool) -> Iterator[Advance]:
    """A progress line on stderr for as long as the context lasts; it vanishes afterwards.

    Args:
        total_bytes: what there is to do; `None` when unknown: then no share and no time left.
        quiet: show nothing.

    Nothing is shown, and nothing imported, when stderr is not a terminal that can rewrite a line.
    """
    if quiet or not can_rewrite_lines():
        yield _ignore
        return
    with _line() as progress:
        task = progress.add_task("measuring", total=total_bytes or None)

        def advance(n_bytes: int, description: str = "") -> None:
            if description:
                progress.update(task, advance=n_bytes, description=shown(description))
            else:
                progress.update(task, advance=n_bytes)

        yield advance


def _ignore(n_bytes: int, description: str = "") -> None:
    """Nobody is watching."""


def can_rewrite_lines() -> bool:
    """Whether stderr is a terminal on which a line can be drawn again and again."""
    # A program without a console has no stderr at all.
    stream = sys.stderr
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def shown(description: str) -> str:
    """A description that cannot act on the terminal, short enough for one line."""
    from rich.markup import escape

    from tokeval.render.visible import shorten

    return escape(shorten(description, DESCRIPTION_CELLS))


def _line() -> Progress:
    """The progress line; what other code prints to stdout stays on stdout."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )

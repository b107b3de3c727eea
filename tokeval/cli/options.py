"""Arguments and options that several subcommands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from tokeval.errors import UsageError

Tokenizers = Annotated[
    list[str],
    typer.Argument(
        metavar="[NAME=]TOKENIZER...",
        help="A tokenizer.json, a folder, a .model, .tiktoken or tekken file, a "
        ".gguf, a hub id, or KIND:REST with KIND json, hf, tiktoken, spm, tekken, gguf, seg, py or "
        "that of a plugin.",
        show_default=False,
    ),
]
AllowDownload = Annotated[
    bool, typer.Option("--allow-download", help="Allow downloads from hubs and other machines.")
]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a self-contained HTML file."),
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the document.")]
Markdown = Annotated[
    Path | None, typer.Option("--md", metavar="FILE", help="Write Markdown for pull requests.")
]
Unit = Annotated[
    str | None,
    typer.Option(help="What is one document: lines, line, record or file.", metavar="UNIT"),
]
Field = Annotated[
    str | None, typer.Option(help="The text field of JSONL, CSV, Parquet and datasets.")
]
ENGINES = ("auto", "serial", "processes", "dask")


def _known_engine(engine: str) -> str:
    """The engine, if there is such a one."""
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}", f"choose {' or '.join(ENGINES)}")
    return engine


Engine = Annotated[
    str,
    typer.Option(
        callback=_known_engine,
        help="auto, serial, processes or dask; auto takes processes for large input.",
    ),
]
_HOST_AND_PORT = re.compile(
    r"(?:(?:tcp|tls|wss?|ucxx?)://)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})"
)


def _scheduler_address(address: str | None) -> str | None:
    """The address with its protocol, if it can be one."""
    if address is None:
        return None
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None or not 0 < int(found[1]) < 1 << 16:
        raise UsageError(
            f"--scheduler {address!r} is no address of a scheduler", "write it as tcp://HOST:PORT"
        )
    return address if "://" in address else f"tcp://{address}"


Scheduler = Annotated[
    str | None,
    typer.Option(
        callback=_scheduler_address,
        metavar="ADDRESS",
        help="Dask scheduler of --engine dask, as tcp://HOST:PORT; workers here without one.",
    ),
]


def check_scheduler(engine: str, scheduler: str | None) -> None:
    """Raises UsageError for a scheduler without its engine."""
    if scheduler is not None and engine != "dask":
        raise UsageError(
            f"--scheduler is given, but --engine {engine} asks nobody there", "add --engine dask"
        )


Jobs = Annotated[int | None, typer.Option(help="Worker processes; all cores by default.", min=1)]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Neither look up nor keep anything in the cache.")
]
ExactPath = Annotated[
    bool,
    typer.Option(
        "--exact-path", help="Let the tokenizers' own libraries encode everything, uncached."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no tables.")]
Categories = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        "-c",
        metavar="NAME=PATH",
        help="Text of one category: a file, folder, glob, URL or hf:DATASET; repeatable.",
    ),
]
CategoryFolder = Annotated[
    str | None,
    typer.Option(
        "--categories", metavar="DIR", help="One category for each file or subfolder of a folder."
    ),
]
Merges = Annotated[int, typer.Option(help="How many merges are explained.", min=1, metavar="T")]
Intervals = Annotated[
    bool, typer.Option("--intervals/--no-intervals", help="95% intervals by jackknife.")
]

"""Arguments and options that several subcommands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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

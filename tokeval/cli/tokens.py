"""`tokeval tokens`: how tokenizers cut a text, byte for byte."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tokeval.cli.options import AllowDownload, Html
from tokeval.errors import TokevalError, UsageError


def tokens(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]TOKENIZER... TEXT",
            help="One or more tokenizers, then the text; - reads it from stdin.",
            show_default=False,
        ),
    ],
    ids: Annotated[bool, typer.Option("--ids", help="Show the ids under the tokens.")] = False,
    html: Html = None,
    allow_download: AllowDownload = False,
) -> None:
    """Show how tokenizers cut a text, under each other."""
    from tokeval.cli.inputs import existing_targets
    from tokeval.cli.output import check_outputs, write_atomically
    from tokeval.loaders.tokenizers import load_tokenizers
    from tokeval.metrics.samples import cut_samples

    if len(arguments) < 2:
        raise UsageError("a tokenizer and a text are needed", "tokeval tokens TOKENIZER 'a text'")
    *names, text = arguments
    if html is not None:
        check_outputs({"--html": html}, existing_targets(names, [html]))
    loaded = load_tokenizers(names, allow_download=allow_download)
    text = _from_stdin() if text == "-" else text
    _check_encodable(text)
    sample = cut_samples(loaded, [("text", text)])[0]
    labels = [tokenizer.name for tokenizer in loaded]
    if html is not None:
        from tokeval.render.tokens import render_tokens_html

        write_atomically(html, render_tokens_html([sample], labels))
        if str(html) == "-":
            return
    from rich.console import Console

    from tokeval.render.tokens import render_tokens_terminal

    render_tokens_terminal(sample, labels, Console(), ids=ids)


def _from_stdin() -> str:
    """The text on standard input."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise TokevalError(
            f"stdin is not UTF-8 at byte {error.start}", "convert it with `iconv -t UTF-8`"
        ) from error


def _check_encodable(text: str) -> None:
    """Raises for an argument that was not valid UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the text is not valid Unicode at character {error.start}",
            "give it in UTF-8, or on stdin with -",
        ) from error

"""`tokeval visual`: statistics of dumps of discrete tokens, and the drift between two."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.cli.options import Html, Json, Markdown, Quiet
from tokeval.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.document import Report
    from tokeval.visual.memory_dump import MemoryDump
    from tokeval.visual.stored_dump import StoredDump

_NAMED = re.compile(r"^([^/=]+)=(.+)$", re.DOTALL)

LayoutName = Annotated[
    str | None,
    typer.Option(
        metavar="AXES",
        help="NL sequences, NHW grids, NTHW video, NQL residual levels, NS scales; left out where "
        "the shape allows one only.",
    ),
]
CodebookSize = Annotated[
    int | None, typer.Option(help="K: how many codes the tokenizer has.", metavar="K")
]
Scales = Annotated[
    str | None, typer.Option(metavar="1,4,9,...", help="Tokens of each scale, for layout NS.")
]
Dtype = Annotated[str | None, typer.Option(help="Of raw bytes: uint16, for example.")]
Shape = Annotated[str | None, typer.Option(metavar="-1,16,16", help="Of raw bytes, samples first.")]
Field = Annotated[
    str | None, typer.Option(help="Array, key or column of the ids; `tokens` by default.")
]
Sample = Annotated[
    int,
    typer.Option(metavar="N", help="Tokens, in whole samples, that costly statistics look at."),
]
Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write one row for each statistic.")
]


def visual(
    dumps: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]DUMP...",
            help="A .npy, .npz, .pt, .jsonl or .parquet file, raw bytes, or a pattern of shards.",
            show_default=False,
        ),
    ],
    layout: LayoutName = None,
    codebook_size: CodebookSize = None,
    name: Annotated[str | None, typer.Option(help="Label of a single dump.")] = None,
    scales: Scales = None,
    dtype: Dtype = None,
    shape: Shape = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE.npy", help="Class of each sample.")
    ] = None,
    field: Field = None,
    sample: Sample = 10_000_000,
    factors: Annotated[
        str | None,
        typer.Option(metavar="8,8,8,5,5,5", help="Values of each dimension of an FSQ codebook."),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Tokens per second, for bit rates.", metavar="R")
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]TOKENIZER",
            help="A text tokenizer to compare with, on --corpus; repeatable.",
        ),
    ] = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus",
            "-c",
            metavar="[NAME=]PATH",
            help="Text of the references; the bundled English prose when absent.",
        ),
    ] = None,
    json: Json = None,
    csv: Csv = None,
    md: Markdown = None,
    html: Html = None,
    quiet: Quiet = False,
) -> None:
    """Say how well a codebook is used and how language-like its tokens are.

    `tokeval visual encode` makes a dump of images; `compare` tells two dumps apart.
    """
    from tokeval.cli.progress_stages import stages

    inputs = [*dumps, *(reference or []), *(corpus or [])]
    outputs = _outputs(inputs, {"--json": json, "--csv": csv, "--md": md, "--html": html})
    if corpus and not reference:
        raise UsageError("--corpus is the text of a --reference", "name a --reference TOKENIZER")
    from tokeval.visual.evaluate import evaluate
    from tokeval.visual.settings import Settings

    settings = Settings(sample_tokens=sample, factors=_numbers(factors, "--factors"), rate=rate)
    named = _named(dumps, name)
    options = _Reading(layout, codebook_size, scales, dtype, shape, field)
    if labels is not None and len(named) > 1:
        raise UsageError("--labels belong to one dump", "give one dump, or leave --labels out")
    loaded = [options.read(label, path, labels) for label, path in named]
    texts = references(reference or [], corpus or [])
    with stages(quiet=quiet) as tell:
        report = evaluate(
            loaded, settings, tell=tell, references=texts, argv=["tokeval", *sys.argv[1:]]
        )
    deliver(report, outputs, quiet=quiet)


def compare(
    before: Annotated[str, typer.Argument(metavar="[NAME=]BEFORE", help="A dump.")],
    after: Annotated[str, typer.Argument(metavar="[NAME=]AFTER", help="Another one.")],
    layout: LayoutName = None,
    codebook_size: CodebookSize = None,
    scales: Scales = None,
    dtype: Dtype = None,
    shape: Shape = None,
    field: Field = None,
    sample: Sample = 10_000_000,
    json: Json = None,
    csv: Csv = None,
    md: Markdown = None,
    html: Html = None,
    quiet: Quiet = False,
) -> None:
    """Say how far the codes of one dump are from those of another, and whether by chance.

    Sample i of both should be the same image; then the share of changed ids is told as well.
    """
    given = [before, after]
    outputs = _outputs(given, {"--json": json, "--csv": csv, "--md": md, "--html": html})
    from tokeval.visual.evaluate import evaluate_drift
    from tokeval.visual.settings import Settings

    settings = Settings(sample_tokens=sample)
    options = _Reading(layout, codebook_size, scales, dtype, shape, field)
    one, two = (options.read(label, path, None) for label, path in _named(given, None))
    report = evaluate_drift(one, two, settings, argv=["tokeval", *sys.argv[1:]])
    deliver(report, outputs, quiet=quiet)


class _Reading:
    """How dumps are read."""

    def __init__(
        self,
        layout: str | None,
        codebook_size: int | None,
        scales: str | None,
        dtype: str | None,
        shape: str | None,
        field: str | None,
    ) -> None:
        from tokeval.visual.dump import Layout

        known = [one.value for one in Layout]
        if layout is not None and layout.upper() not in known:
            raise UsageError(f"there is no layout {layout!r}", f"choose one of {', '.join(known)}")
        self._layout = Layout(layout.upper()) if layout else None
        self._codebook_size = codebook_size
        self._scales = _numbers(scales, "--scales")
        self._shape = _numbers(shape, "--shape") or None
        self._dtype, self._field = dtype, field

    def read(self, name: str, path: str, labels: Path | None) -> StoredDump:
        """The dump at a path or pattern."""
        from tokeval.visual.reading import read_dump

        return read_dump(
            path,
            name=name,
            layout=self._layout,
            codebook_size=self._codebook_size,
            dtype=self._dtype,
            shape=self._shape,
            scales=self._scales,
            labels=labels,
            field=self._field,
        )


def references(tokenizers: Sequence[str], corpus: Sequence[str]) -> list[MemoryDump]:
    """The tokens of a text by each tokenizer; of the bundled English prose without a corpus."""
    if not tokenizers:
        return []
    from tokeval.loaders.bundled import bundled_slices
    from tokeval.loaders.corpora import read_corpus
    from tokeval.loaders.tokenizers import load_tokenizers
    from tokeval.visual.text_reference import text_dump

    english = [part for part in bundled_slices() if part.name == "en"]
    slices = read_corpus(corpus) if corpus else english
    return [text_dump(tokenizer, slices) for tokenizer in load_tokenizers(tokenizers)]


def _named(arguments: Sequence[str], name: str | None) -> list[tuple[str, str]]:
    """Name and path of each dump; of several files of one stem, later ones get a number.

    Raises:
        UsageError: `--name` with several dumps, or one name given twice.
    """
    if name is not None and len(arguments) > 1:
        raise UsageError("--name is for one dump", "write NAME=DUMP for each of several")
    named: list[tuple[str, str]] = []
    taken: set[str] = set()
    for argument in arguments:
        match = None if Path(argument).exists() else _NAMED.match(argument)
        label, path = match.groups() if match else (Path(argument).stem, argument)
        label = name or label
        if label in taken and match:
            raise UsageError(f"two dumps are named {label!r}", "give each another name")
        unique, number = label, 2
        while unique in taken:
            unique, number = f"{label} ({number})", number + 1
        taken.add(unique)
        named.append((unique, path))
    return named


def _numbers(written: str | None, option: str) -> tuple[int, ...]:
    """Whole numbers between commas.

    Raises:
        UsageError: something else.
    """
    if written is None:
        return ()
    try:
        return tuple(int(part) for part in written.split(","))
    except ValueError as error:
        raise UsageError(
            f"{option} {written!r} is no list of whole numbers", "write them as 1,4,9"
        ) from error


def _outputs(dumps: Sequence[str], wanted: dict[str, Path | None]) -> dict[str, Path]:
    """The files to write, checked before any work."""
    from tokeval.cli.inputs import existing_targets
    from tokeval.cli.output import check_outputs

    outputs = {option: path for option, path in wanted.items() if path is not None}
    check_outputs(outputs, existing_targets(dumps, outputs.values()))
    return outputs


def deliver(report: Report, outputs: dict[str, Path], *, quiet: bool) -> None:
    """Writes the files and, unless one goes to stdout, prints the summary."""
    from tokeval.cli.metrics import show, write_outputs

    write_outputs(report, outputs)
    if not quiet and not any(str(path) == "-" for path in outputs.values()):
        show(report, outputs)

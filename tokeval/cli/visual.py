"""`tokeval visual`: statistics of dumps of discrete tokens, and the drift between two."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.cli import visual_options as given
from tokeval.cli.options import (
    Engine,
    Html,
    Jobs,
    Json,
    Markdown,
    Quiet,
    Scheduler,
    check_scheduler,
)
from tokeval.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.document import Picture, Report
    from tokeval.visual.dump import Layout
    from tokeval.visual.memory_dump import MemoryDump
    from tokeval.visual.stored_dump import StoredDump

_NAMED = re.compile(r"^([^/=]+)=(.+)$", re.DOTALL)
MOST_CODES = 2**24
"""Counts and laws of every code, used or not, take some 150 bytes each."""


def visual(
    dumps: given.Dumps,
    layout: given.LayoutName = None,
    codebook_size: given.CodebookSize = None,
    name: given.Name = None,
    scales: given.Scales = None,
    dtype: given.Dtype = None,
    shape: given.Shape = None,
    labels: given.Labels = None,
    field: given.Field = None,
    sample: given.Sample = 10_000_000,
    images: given.ShownImages = None,
    factors: given.Factors = None,
    rate: given.Rate = None,
    reference: given.References = None,
    corpus: given.Corpus = None,
    json: Json = None,
    csv: given.Csv = None,
    md: Markdown = None,
    html: Html = None,
    engine: Engine = "auto",
    scheduler: Scheduler = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Say how well a codebook is used and how language-like its tokens are.

    `tokeval visual encode` makes a dump of images; `compare` tells two dumps apart.
    """
    from tokeval.cli.progress_stages import stages

    check_scheduler(engine, scheduler)
    inputs = [*dumps, *(reference or []), *(corpus or [])]
    outputs = _outputs(inputs, {"--json": json, "--csv": csv, "--md": md, "--html": html})
    if corpus and not reference:
        raise UsageError("--corpus is the text of a --reference", "name a --reference TOKENIZER")
    from tokeval.core.engine import started
    from tokeval.visual.evaluate import evaluate
    from tokeval.visual.settings import Settings

    settings = Settings(sample_tokens=sample, factors=_numbers(factors, "--factors"), rate=rate)
    named = _named(dumps, name)
    options = _Reading(layout, codebook_size, scales, dtype, shape, field)
    for option, value in {"--labels": labels, "--images": images}.items():
        if value is not None and len(named) > 1:
            raise UsageError(f"{option} belong to one dump", f"give one dump, or no {option}")
    loaded = [options.read(label, path, labels) for label, path in named]
    pictures = _pictures(loaded[0], images or [])
    texts = references(reference or [], corpus or [])
    with started(engine, scheduler=scheduler, jobs=jobs), stages(quiet=quiet) as tell:
        report = evaluate(
            loaded,
            settings,
            tell=tell,
            references=texts,
            argv=["tokeval", *sys.argv[1:]],
            engine=engine,
            jobs=jobs,
        )
    if pictures:
        from tokeval.visual.pictures import with_pictures

        report = with_pictures(report, loaded[0].name, pictures)
    deliver(report, outputs, quiet=quiet)


def compare(
    before: Annotated[str, typer.Argument(metavar="[NAME=]BEFORE", help="A dump.")],
    after: Annotated[str, typer.Argument(metavar="[NAME=]AFTER", help="Another one.")],
    layout: given.LayoutName = None,
    codebook_size: given.CodebookSize = None,
    scales: given.Scales = None,
    dtype: given.Dtype = None,
    shape: given.Shape = None,
    field: given.Field = None,
    sample: given.Sample = 10_000_000,
    json: Json = None,
    csv: given.Csv = None,
    md: Markdown = None,
    html: Html = None,
    quiet: Quiet = False,
) -> None:
    """Say how far the codes of one dump are from those of another, and whether by chance.

    Sample i of both should be the same image; then the share of changed ids is told as well.
    """
    both = [before, after]
    outputs = _outputs(both, {"--json": json, "--csv": csv, "--md": md, "--html": html})
    from tokeval.visual.evaluate import evaluate_drift
    from tokeval.visual.settings import Settings

    settings = Settings(sample_tokens=sample)
    options = _Reading(layout, codebook_size, scales, dtype, shape, field)
    one, two = (options.read(label, path, None) for label, path in _named(both, None))
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
        if codebook_size is not None and codebook_size > MOST_CODES:
            raise UsageError(
                f"a codebook of {codebook_size} codes is beyond the {MOST_CODES} that can be "
                "counted",
                "of a product of dimensions or bits, write each as a level and give --layout NQL",
            )
        self._layout = layout_named(layout)
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


def layout_named(name: str | None) -> Layout | None:
    """The layout of a name, `None` for none.

    Raises:
        UsageError: there is no such layout.
    """
    from tokeval.visual.dump import Layout

    known = [one.value for one in Layout]
    if name is not None and name.upper() not in known:
        raise UsageError(f"there is no layout {name!r}", f"choose one of {', '.join(known)}")
    return Layout(name.upper()) if name is not None else None


def _pictures(dump: StoredDump, images: Sequence[str]) -> tuple[Picture, ...]:
    """Some samples as the pictures that they were made of; none without images."""
    if not images:
        return ()
    from tokeval.cli.visual_encode import require_extra

    require_extra("--images", ("PIL",))
    from tokeval.visual.images import find_files, read_image
    from tokeval.visual.pictures import sample_pictures

    paths = find_files(images)
    return sample_pictures(dump, [path.name for path in paths], lambda row: read_image(paths[row]))


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

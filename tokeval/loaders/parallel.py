"""The check that slices are parallel: text i of each is a translation of text i of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tokeval.core.corpus import Slice
from tokeval.errors import TokevalError, UsageError

TEXT_NAMES = {"lines": "line", "line": "line", "record": "record", "file": "file"}


def check_parallel(slices: Sequence[Slice]) -> list[Slice]:
    """The slices, with their number of documents known, so that they share their blocks.

    Reads each of them once.

    Raises:
        UsageError: fewer than two slices.
        TokevalError: slices differ in their number of texts, or a text is empty.
    """
    if len(slices) < 2:
        given = f"only {slices[0].name!r} is" if slices else "none is"
        raise UsageError(f"parallel slices are at least two, but {given} given", "name another")
    counts: list[int] = []
    counted: list[Slice] = []
    blanks: list[tuple[int, Slice]] = []
    for part in slices:
        n_documents, count, blank = _survey(part)
        counted.append(replace(part, n_documents=n_documents))
        counts.append(count)
        if blank is not None:
            blanks.append((blank, part))
    for part, count in zip(slices, counts, strict=True):
        if count != counts[0]:
            first = slices[0]
            same_unit = "align them: line i of each must be the same sentence"
            raise TokevalError(
                f"slices {first.name!r} and {part.name!r} are not parallel: "
                f"{counts[0]} and {count} texts",
                same_unit
                if first.unit == part.unit
                else f"one is read by {first.unit}, the other by {part.unit}: set --unit line",
            )
    if blanks:
        index, part = min(blanks, key=lambda blank: blank[0])
        what = TEXT_NAMES.get(part.unit, "text")
        raise TokevalError(
            f"slice {part.name!r}: {what} {index + 1} of {part.source} is empty, "
            "but the slices are parallel",
            f"drop this {what} from every slice",
        )
    return counted


def _survey(part: Slice) -> tuple[int, int, int | None]:
    """The numbers of documents and texts of a slice, and the index of the first empty text."""
    n_documents = 0
    count = 0
    blank: int | None = None
    for document in part.documents():
        n_documents += 1
        if blank is None and "" in document:
            blank = count + document.index("")
        count += len(document)
    return n_documents, count, blank

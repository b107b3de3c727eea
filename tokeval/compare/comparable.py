"""What may be compared: signatures that differ in the tokenizer only, on the same text."""

from __future__ import annotations

from collections.abc import Mapping

from tokeval.compare.sides import Side
from tokeval.document import Cell
from tokeval.document.signatures import BASELINE, MADE_BY, signature_parts
from tokeval.errors import ExitCode, TokevalError

Cells = Mapping[tuple[str, str], Cell]
"""Cells of one side by metric and slice."""


def check_comparable(before: Side, after: Side, ours: Cells, theirs: Cells) -> list[str]:
    """Warnings about what differs and may: the version, and the baseline of some metrics.

    Raises:
        TokevalError: the text of a slice, or anything else in the signatures, is not the same
            (exit code 4).

    Cells that differ in the baseline are left out with a warning: two runs of one tokenizer each
    always do, and nothing else of them is amiss.
    """
    places = [place for place in ours if place in theirs]
    _check_text(before, after, {place[1] for place in places})
    versions: dict[tuple[str, str], None] = {}
    divided: dict[str, None] = {}
    for place in places:
        one, other = (signature_parts(cells[place].signature) for cells in (ours, theirs))
        differing = [name for name in {**one, **other} if one.get(name) != other.get(name)]
        refused = sorted(set(differing) - MADE_BY - {BASELINE})
        if refused:
            name = refused[0]
            raise _incomparable(
                before,
                after,
                f"the signature of {place[0]} on {place[1]!r}",
                f"{name}:{one.get(name, 'nothing')}",
                f"{name}:{other.get(name, 'nothing')}",
            )
        if "v" in differing:
            versions[one.get("v", "unknown"), other.get("v", "unknown")] = None
        if BASELINE in differing:
            divided[place[0]] = None
    return [
        *(f"measured by tokeval {one} before and {other} after" for one, other in versions),
        *(f"{metric} is left out: its baseline is another tokenizer" for metric in divided),
    ]


def has_other_baseline(ours: Cell, theirs: Cell) -> bool:
    """Whether two cells are divided by numbers of different tokenizers."""
    one, other = signature_parts(ours.signature), signature_parts(theirs.signature)
    return one.get(BASELINE) != other.get(BASELINE)


def check_equal_size(before: Side, after: Side, metric: str, name: str) -> None:
    """Raises where a metric that grows with the text was measured on another number of bytes."""
    sizes = []
    for side in (before, after):
        known = {part.name: part.n_bytes for part in side.result.slices}
        sizes.append(known.get(name, sum(known.values())))
    if sizes[0] != sizes[1]:
        raise _incomparable(
            before, after, f"{metric} on {name!r}, which grows with the text,",
            f"{sizes[0]} bytes", f"{sizes[1]} bytes",
        )  # fmt: skip


def _check_text(before: Side, after: Side, slices: set[str]) -> None:
    """Raises where the text of a slice is not the same on both sides."""
    ours, theirs = (side.report.provenance.corpus for side in (before, after))
    for name in ours:
        if name in slices and name in theirs and ours[name] != theirs[name]:
            raise _incomparable(
                before, after, f"the text of the slice {name!r}",
                f"corpus:{ours[name][:16]}", f"corpus:{theirs[name][:16]}",
            )  # fmt: skip


def _incomparable(before: Side, after: Side, what: str, one: str, other: str) -> TokevalError:
    """What is said of two sides that differ in more than the tokenizer."""
    slices = [[part.name for part in side.result.slices] for side in (before, after)]
    shared = [name for name in slices[0] if name in slices[1]]
    hint = "measure both with the same settings on the same text"
    if set(slices[0]) != set(slices[1]) and shared:
        hint = f"they have different slices; compare those of both: --slice {shared[0]}"
    return TokevalError(
        f"not comparable: {what} has {one} in {before.source} and {other} in {after.source}",
        hint,
        code=ExitCode.INCOMPARABLE,
    )

"""Frames: what all cells of a run have in common, its references and its baseline chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tokeval.core.metric import Parameters
from tokeval.core.resources import Resources
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import UsageError
from tokeval.metrics.evaluate import Measurement
from tokeval.metrics.studies import Studied

ENGLISH = ("en", "eng", "en-us", "en-gb", "eng_latn", "english")


@dataclass(frozen=True)
class Frame:
    """What the cells of a run have in common.

    Attributes:
        measurement: what was counted.
        parameters: the user's choices.
        references: reference slice of each parallel group.
        baseline: name of the tokenizer that NSL divides by.
        studied: what studies counted.
        resources: word lists and gold data.
    """

    measurement: Measurement
    parameters: Parameters
    references: Mapping[str, str]
    baseline: str
    studied: Studied = field(default_factory=Studied)
    resources: Resources = field(default_factory=Resources)


def frame(
    measurement: Measurement,
    parameters: Parameters,
    tokenizers: Sequence[Tokenizer],
    *,
    studied: Studied,
    resources: Resources,
) -> Frame:
    """The frame of a run, its references and its baseline chosen and checked.

    Raises:
        UsageError: the named reference slice or baseline tokenizer does not exist.
    """
    groups: dict[str, list[str]] = {}
    for part in measurement.slices:
        if part.parallel is not None:
            groups.setdefault(part.parallel, []).append(part.name)
    names = [tokenizer.name for tokenizer in tokenizers]
    wanted = parameters.reference_slice
    if wanted is not None and not any(wanted in members for members in groups.values()):
        raise UsageError(
            f"the reference slice {wanted!r} is not among the line-parallel slices",
            "name one of " + ", ".join(name for group in groups.values() for name in group)
            if groups
            else "declare the slices parallel with --parallel",
        )
    if parameters.baseline is not None and parameters.baseline not in names:
        raise UsageError(
            f"there is no tokenizer {parameters.baseline!r} to be the baseline",
            f"name one of {', '.join(names)}",
        )
    references = {group: _reference(members, wanted) for group, members in groups.items()}
    baseline = parameters.baseline or names[0]
    return Frame(measurement, parameters, references, baseline, studied, resources)


def _reference(members: Sequence[str], wanted: str | None) -> str:
    """The reference slice of a parallel group: the wanted one, English, or the first."""
    if wanted in members:
        return str(wanted)
    english = [name for name in members if name.lower() in ENGLISH]
    return english[0] if english else members[0]

"""The result of `tokeval probe`: how letters and digits are cut, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from tokeval.document.metrics import MetricInfo
from tokeval.document.parts import Finding, Series, Value

ProbeName = Literal["numeracy", "boundary", "markov", "count", "arithmetic", "train", "selftest"]


class ProbeCell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One number of a probe.

    Attributes:
        metric: its id.
        value: measured, or undefined with a reason.
        slice: `all`, or the condition in parts, such as `digits:7` or `letters:ez/length:30-40`.
        signature: everything that changes the number.
    """

    metric: str
    value: Value
    slice: str = "all"
    signature: str = ""


class NumberCut(msgspec.Struct, frozen=True):
    """A text and the pieces that a tokenizer cuts it into, for a picture of the cuts."""

    text: str
    pieces: tuple[str, ...]


class AskedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question that a model was asked, to be shown.

    Attributes:
        slice: the condition it belongs to.
        prompt: what was asked.
        expected: the right answer.
        answer: what the model wrote.
        parsed: the answer that was read in it; `None` where none could be read.
    """

    slice: str
    prompt: str
    expected: str
    answer: str
    parsed: str | None = None


class PublishedFigure(msgspec.Struct, frozen=True):
    """A number from the literature that stands beside ours, named as such."""

    metric: str
    slice: str
    model: str
    value: float
    source: str


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What asking a model took.

    Attributes:
        n_items: questions of the probe.
        n_asked: of these, asked in this run; the others were known from an earlier one.
        n_retries: requests that were made again.
        n_failed: questions that the model gave no answer to.
        prompt_tokens, completion_tokens: as the model counted them; `None` where it did not say.
        cost: in the unit of the given prices; `None` where none were given.
    """

    n_items: int
    n_asked: int
    n_retries: int = 0
    n_failed: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None


class ProbeResult(msgspec.Struct, frozen=True, tag="probe", omit_defaults=True):
    """What one probe found of one tokenizer or one model.

    Attributes:
        probe: which one.
        tokenizer: label of the tokenizer that was probed or that gave the covariates; empty when
            there was none.
        model: name of the model that was asked; empty for probes without one.
        settings: the choices that change the numbers.
        items_sha256: of the questions in order, hex; empty for probes without a model.
        items: some of the questions with their answers.
        published: figures from the literature for the same conditions.
    """

    probe: ProbeName
    metrics: tuple[MetricInfo, ...]
    cells: tuple[ProbeCell, ...]
    tokenizer: str = ""
    model: str = ""
    settings: dict[str, Any] = {}
    series: tuple[Series, ...] = ()
    findings: tuple[Finding, ...] = ()
    cuts: tuple[NumberCut, ...] = ()
    items_sha256: str = ""
    items: tuple[AskedItem, ...] = ()
    published: tuple[PublishedFigure, ...] = ()
    usage: Usage | None = None


def named_results(results: Iterable[ProbeResult]) -> list[tuple[str, ProbeResult]]:
    """Each result with what was probed: the model, else the tokenizer; later ones get a number.

    No two results of one probe have the same name.
    """
    taken: set[tuple[str, str]] = set()
    found = []
    for result in results:
        name = first = result.model or result.tokenizer
        number = 2
        while (result.probe, name) in taken:
            name, number = f"{first} ({number})", number + 1
        taken.add((result.probe, name))
        found.append((name, result))
    return found

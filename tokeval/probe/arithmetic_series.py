"""The figures of `tokeval probe arithmetic`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tokeval.document import Measured, ProbeCell, Series

FAMILY = "probe:arithmetic"

_TOGETHER = (
    "task:addition/lengths:match",
    "task:addition/lengths:mismatch",
    "task:multiplication/digits:all",
)
"""Conditions whose places are drawn."""

_KINDS = {
    "lengths:match/format:bare": "as long as the operands",
    "lengths:mismatch/format:bare": "longer",
    "lengths:all/format:separators": "with commas",
    "lengths:all/format:spaces": "with spaces",
}
"""Sums of which the alignment is known, in words."""


def arithmetic_series(model: str, tokenizer: str, cells: Sequence[ProbeCell]) -> Iterator[Series]:
    """Accuracy by lengths, right digits by place, and predicted alignment beside accuracy."""
    values = _measured(cells, "arithmetic_exact_match")
    yield from _sums(values)
    yield from _products(values)
    yield from _places(cells)
    yield from _alignment(model, tokenizer, cells)


def _sums(values: Mapping[str, Measured]) -> Iterator[Series]:
    """Right sums by their lengths, a group of bars for each format."""
    by_format: dict[str, dict[str, Measured]] = {}
    for part, value in values.items():
        found = re.fullmatch(r"task:addition/lengths:(\d+\+\d+=\d+)/format:(\w+)", part)
        if found:
            by_format.setdefault(found[2], {})[found[1]] = value
    for format_, own in by_format.items():
        yield Series(
            id="arithmetic_sums",
            title="Sums that are right",
            tokenizer=format_,
            slice="task:addition",
            x_label="digits of both operands and of the sum",
            y_label="share of answers that are right",
            x=tuple(own),
            y=tuple(value.value for value in own.values()),
            **_interval(own.values()),
            kind="bars",
            family=FAMILY,
            reading="The same sums in every format. Low bars where the sum is longer than both "
            "operands: the model computes with chunks that do not line up there.",
        )


def _products(values: Mapping[str, Measured]) -> Iterator[Series]:
    """Right products, a row for each length of the first factor."""
    rows: dict[str, dict[str, Measured]] = {}
    for part, value in values.items():
        found = re.fullmatch(r"task:multiplication/digits:(\d+)x(\d+)/format:bare", part)
        if found:
            rows.setdefault(found[1], {})[found[2]] = value
    for first, own in rows.items():
        yield Series(
            id="arithmetic_products",
            title="Products that are right",
            tokenizer=f"{first} digit{'s' * (first != '1')}",
            slice="task:multiplication",
            x_label="digits of the second factor",
            y_label="share of answers that are right",
            x=tuple(own),
            y=tuple(value.value for value in own.values()),
            kind="heat",
            family=FAMILY,
            reading="Each field is the share of products that are right; the digits of the first "
            "factor have the rows.",
        )


def _interval(values: Iterable[Measured]) -> dict[str, Any]:
    """The lower and upper ends of intervals of shares."""
    bounds = [(value.low, value.high) for value in values]
    return {
        "low": tuple(0.0 if low is None else low for low, _ in bounds),
        "high": tuple(1.0 if high is None else high for _, high in bounds),
    }


def _measured(cells: Sequence[ProbeCell], metric: str) -> dict[str, Measured]:
    """The measured values of a metric by slice."""
    return {
        cell.slice: cell.value
        for cell in cells
        if cell.metric == metric and isinstance(cell.value, Measured)
    }


def _places(cells: Sequence[ProbeCell]) -> Iterator[Series]:
    """Right digits by place from the units, over sums of a kind and all products, by format."""
    by_part: dict[str, dict[int, Measured]] = {}
    for part, value in _measured(cells, "arithmetic_place_accuracy").items():
        condition, place = part.rsplit("/place:", 1)
        by_part.setdefault(condition, {})[int(place)] = value
    for part, values in by_part.items():
        condition, format_ = part.rsplit("/format:", 1)
        if condition not in _TOGETHER:
            continue
        yield Series(
            id="arithmetic_places",
            title="Right digits by place",
            tokenizer=format_,
            slice=condition,
            x_label="place from the units",
            y_label="share of the answers that were read",
            x=tuple(values),
            y=tuple(value.value for value in values.values()),
            **_interval(values.values()),
            family=FAMILY,
            reading="1 is the units. A dip at one place shows where carries, or the edges of "
            "tokens, go wrong.",
        )


def _alignment(model: str, tokenizer: str, cells: Sequence[ProbeCell]) -> Iterator[Series]:
    """What the tokenizer lets expect of sums, and what the model gets right, side by side."""
    predicted = _measured(cells, "arithmetic_predicted_alignment")
    measured = _measured(cells, "arithmetic_exact_match")
    known = {
        part: name
        for part, name in ((f"task:addition/{kind}", name) for kind, name in _KINDS.items())
        if part in predicted and part in measured
    }
    for who, values in (
        (f"predicted by {tokenizer or 'the tokenizer'}", predicted),
        (f"measured of {model or 'the model'}", measured),
    ):
        if known:
            yield Series(
                id="arithmetic_alignment",
                title="Predicted alignment and measured accuracy",
                tokenizer=who,
                slice="task:addition",
                x_label="sums",
                y_label="share",
                x=tuple(known.values()),
                y=tuple(values[part].value for part in known),
                kind="bars",
                family=FAMILY,
                reading="Predicted: sums that are cut where their operands are. Where both bars "
                "fall together, the cuts are a likely cause; where only the first one falls, the "
                "model copes with them.",
            )

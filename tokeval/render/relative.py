"""How many tokens each tokenizer needs on each slice, relative to the fewest there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tokeval.document import Cell, MetricsResult, Undefined
from tokeval.render.numbers import format_number
from tokeval.render.summary import (
    MAIN_METRIC,
    NOT_MEASURED,
    CellKey,
    cells_by_key,
    slice_names,
    tokenizer_names,
)

LENGTH_METRICS = ("tokens_per_line", MAIN_METRIC)


@dataclass(frozen=True)
class RelativeTokens:
    """Tokens that each tokenizer needs on each slice, as a multiple of the fewest there.

    Attributes:
        metric: the metric that the multiples were computed from.
        tokenizers: rows. slices: columns.
        multiples: by (tokenizer, slice): a number ≥ 1 where the tokenizer may be ranked, or the
            reason why there is none. A tokenizer excluded on a slice has a reason, for it must
            not be the yardstick of the others.
    """

    metric: str
    tokenizers: tuple[str, ...]
    slices: tuple[str, ...]
    multiples: Mapping[tuple[str, str], float | Undefined]


def relative_tokens(result: MetricsResult) -> RelativeTokens | None:
    """Tokens by tokenizer and slice, as a multiple of the fewest on that slice.

    From tokens per line, else from bytes per token (inverted): on one slice both give the same
    multiples. `None` when neither is measured anywhere.
    """
    cells = cells_by_key(result)
    barred = {
        (one.tokenizer, ranking.slice): Undefined(one.reason)
        for ranking in result.rankings
        for one in ranking.excluded
    }
    for metric in LENGTH_METRICS:
        slices = tuple(
            name
            for name in slice_names(result)
            if any(key[0] == metric and key[2] == name for key in cells)
        )
        multiples: dict[tuple[str, str], float | Undefined] = {}
        names = tokenizer_names(result)
        for part in slices:
            multiples |= _multiples(metric, part, names=names, cells=cells, barred=barred)
        if any(isinstance(one, float) for one in multiples.values()):
            return RelativeTokens(metric, names, slices, multiples)
    return None


def _multiples(
    metric: str,
    part: str,
    *,
    names: tuple[str, ...],
    cells: Mapping[CellKey, Cell],
    barred: Mapping[tuple[str, str], Undefined],
) -> dict[tuple[str, str], float | Undefined]:
    """One slice's multiples of the fewest tokens, or reasons."""
    lengths: dict[str, float | Undefined] = {}
    for name in names:
        cell = cells.get((metric, name, part))
        value = cell.value if cell else NOT_MEASURED
        if isinstance(value, Undefined) or (name, part) in barred:
            lengths[name] = barred.get((name, part)) or Undefined(getattr(value, "reason", ""))
        elif value.value <= 0:
            lengths[name] = Undefined(f"{metric} is {format_number(value.value)}")
        else:
            lengths[name] = 1 / value.value if metric == MAIN_METRIC else value.value
    fewest = min((one for one in lengths.values() if isinstance(one, float)), default=1.0)
    return {
        (name, part): one / fewest if isinstance(one, float) else one
        for name, one in lengths.items()
    }

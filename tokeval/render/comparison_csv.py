"""Comparisons as rows of a table: one for each metric on each slice, word, class and fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokeval.document import (
    ClassContribution,
    ComparisonResult,
    Contribution,
    Measured,
    Value,
)
from tokeval.render.visible import BETWEEN, visible_piece

COLUMNS = (
    "kind",
    "before",
    "after",
    "slice",
    "name",
    "value_before",
    "value_after",
    "difference",
    "low",
    "high",
    "relative",
    "relative_low",
    "relative_high",
    "p_value",
    "p_holm",
    "n_blocks",
    "outcome",
    "reason",
    "unit",
    "direction",
    "text_class",
    "occurrences",
    "pieces_before",
    "pieces_after",
    "signature",
)
"""`kind` is `metric`, `word`, `rest` (a class without its named words), `class` or `transfer`."""

Field = str | float | None


def comparison_rows(results: Sequence[ComparisonResult]) -> Iterator[list[Field]]:
    """The fields of everything in the results, in the order of COLUMNS."""
    for result in results:
        sides: dict[str, Field] = {"before": result.before, "after": result.after}
        for row in (*_metric_rows(result), *_explanation_rows(result), *_transfer_rows(result)):
            yield [(sides | row).get(column) for column in COLUMNS]


def _metric_rows(result: ComparisonResult) -> Iterator[dict[str, Field]]:
    """A row for each difference."""
    known = {info.id: info for info in result.metrics}
    for one in result.differences:
        info = known.get(one.metric)
        change, relative = one.difference, one.relative
        row: dict[str, Field] = {
            "kind": "metric",
            "slice": one.slice,
            "name": one.metric,
            "value_before": _number(one.before),
            "value_after": _number(one.after),
            "difference": _number(change),
            "relative": _number(relative),
            "p_value": one.p_value,
            "p_holm": one.p_holm,
            "outcome": one.outcome,
            "unit": info.unit if info else None,
            "direction": info.direction if info else None,
            "signature": one.signature,
        }
        if isinstance(change, Measured):
            row |= {"low": change.low, "high": change.high, "n_blocks": change.n_blocks}
            row["reason"] = change.stderr_reason
        else:
            row["reason"] = change.reason
        if isinstance(relative, Measured):
            row |= {"relative_low": relative.low, "relative_high": relative.high}
        yield row


def _explanation_rows(result: ComparisonResult) -> Iterator[dict[str, Field]]:
    """A row for each word, for what is left of each class, and for each whole class."""
    for one in result.explanations:
        for part in one.contributions:
            row = _counts(one.slice, "word" if part.kind == "word" else "rest", part)
            row["name"] = part.name
            row["pieces_before"] = BETWEEN.join(map(visible_piece, part.pieces_before))
            row["pieces_after"] = BETWEEN.join(map(visible_piece, part.pieces_after))
            yield row
        for whole in one.classes:
            yield _counts(one.slice, "class", whole) | {"name": whole.text_class}


def _counts(part: str, kind: str, one: Contribution | ClassContribution) -> dict[str, Field]:
    """The counts of a contribution."""
    return {
        "kind": kind,
        "slice": part,
        "value_before": one.tokens_before,
        "value_after": one.tokens_after,
        "difference": one.difference,
        "unit": "tokens",
        "text_class": one.text_class,
        "occurrences": one.occurrences,
    }


def _transfer_rows(result: ComparisonResult) -> Iterator[dict[str, Field]]:
    """A row for each number of what carries over."""
    found = result.transfer
    if found is None:
        return
    facts: dict[str, Field] = {
        name: getattr(found, name)
        for name in found.__struct_fields__
        if name not in ("pieces", "lengths")
    }
    facts |= {f"pieces:{k}": n for k, n in sorted(found.pieces.items())}
    for name, value in facts.items():
        yield {"kind": "transfer", "name": name, "value_after": value}
    for one in found.lengths:
        yield {
            "kind": "transfer",
            "slice": one.slice,
            "name": "tokens",
            "value_before": one.tokens_before,
            "value_after": one.tokens_after,
            "difference": one.tokens_after - one.tokens_before,
            "relative": None if one.ratio is None else one.ratio - 1,
            "unit": "tokens",
        }


def _number(value: Value) -> float | None:
    return value.value if isinstance(value, Measured) else None

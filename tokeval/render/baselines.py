"""Baselines in tables: bytes, characters and words stand only where they have numbers."""

from __future__ import annotations

from collections.abc import Collection

from tokeval.document import Measured, MetricsResult


def baselines_beside(
    result: MetricsResult, metrics: Collection[str], slices: Collection[str]
) -> tuple[str, ...]:
    """The baselines that have a cell of one of the metrics on one of the slices.

    None of them where all those cells are undefined: they would put nothing in place.
    """
    found = [
        cell
        for cell in result.cells
        if cell.tokenizer in result.baselines and cell.metric in metrics and cell.slice in slices
    ]
    if not any(isinstance(cell.value, Measured) for cell in found):
        return ()
    names = {cell.tokenizer for cell in found}
    return tuple(name for name in result.baselines if name in names)

"""Families: what each family of metrics asks, its figures, and its numbers side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tokeval.document import MetricInfo, MetricsResult
from tokeval.render.baselines import baselines_beside
from tokeval.render.figures import Drawing
from tokeval.render.grid import Grid, GridCell, UndefinedGroup
from tokeval.render.summary import WHOLE_CORPUS

READINGS = {
    "compression": "How much text one token carries. Longer tokens make shorter sequences: more "
    "text fits a context, and the same text costs less to train on and to serve. A vocabulary of "
    "whole words would win here, so read these numbers beside those on words and robustness.",
    "words": "Whether words stay whole. A word in one token reaches the model as one unit; a word "
    "in many pieces costs more and has to be put together again.",
    "information": "How evenly the tokens are used. A few tokens that make up most of a text carry "
    "little information each; very rare ones are hardly learned. No single number of these says "
    "which tokenizer trains the better model.",
    "fairness": "Whether languages pay alike for the same content. Where one needs twice the "
    "tokens, its readers get half the context at twice the price.",
    "integrity": "Whether text survives. A tokenizer that drops, merges or alters characters loses "
    "something that no model can bring back.",
    "vocabulary": "What the vocabulary is spent on, and how much of it is used. An entry that "
    "never occurs still costs memory and stays untrained.",
    "morphology": "Whether tokens end where the parts of words do: stems, prefixes, endings. "
    "Boundaries that fit make it easier to carry meaning over to forms that were never seen.",
    "numbers": "How digits are cut. Numbers that are cut in regular groups are easier to compare "
    "and to calculate with than those whose cuts depend on which numbers were frequent.",
    "code": "How source code is cut: indentation, identifiers, operators. Code that takes many "
    "tokens leaves less of a program in view.",
    "terms": "How the words of a field are cut. Terms in many pieces mean that a field was rare in "
    "the text that the vocabulary was made from.",
    "robustness": "How much the tokens change when the text hardly does: a typing error, another "
    "case, a space. Where they change a lot, the model meets something else.",
}
"""One paragraph for each family that tokeval knows, for a reader who meets it first here."""


@dataclass(frozen=True)
class FamilyView:
    """The section of one family.

    Attributes:
        anchor: unique on the page. title: its name as a heading.
        reading: one paragraph in plain words.
        drawings: its figures.
        slice: the one that the numbers are of.
        baselines: names of those that have numbers of some of its metrics.
        rows: its metrics, each with a cell for each tokenizer, then for each baseline: `None`
            where a baseline lacks the metric.
        undefined: why cells are undefined; n_undefined: how many are.
    """

    anchor: str
    title: str
    reading: str
    drawings: tuple[Drawing, ...]
    slice: str
    baselines: tuple[str, ...]
    rows: tuple[tuple[MetricInfo, tuple[GridCell | None, ...]], ...]
    undefined: tuple[UndefinedGroup, ...]
    n_undefined: int


def family_views(
    result: MetricsResult, grid: Grid, drawings: Sequence[Drawing], *, prefix: str
) -> tuple[FamilyView, ...]:
    """The families that have cells or figures, in the order in which the document names them."""
    measured = {metric.family for metric in grid.metrics} | {one.family for one in drawings}
    named = [metric.family for metric in result.metrics] + [one.family for one in drawings]
    return tuple(
        _family_view(family, result, grid, drawings=drawings, prefix=prefix)
        for family in dict.fromkeys(named)
        if family and family in measured
    )


def _family_view(
    family: str, result: MetricsResult, grid: Grid, *, drawings: Sequence[Drawing], prefix: str
) -> FamilyView:
    """One family on the whole corpus, or else on the first slice."""
    part = next((one for one in grid.slices if one == WHOLE_CORPUS), "".join(grid.slices[:1]))
    metrics = [metric for metric in grid.metrics if metric.family == family and grid.slices]
    baselines = baselines_beside(result, {metric.id for metric in metrics}, {part})
    rows = tuple(
        (metric, (*grid.rows[metric.id, part], *grid.beside(metric, part, baselines)))
        for metric in metrics
    )
    return FamilyView(
        anchor=prefix + safe_anchor("family", family),
        title=family[:1].upper() + family[1:],
        reading=READINGS.get(family, _unknown(len(rows))),
        drawings=tuple(one for one in drawings if one.family == family),
        slice=part,
        baselines=baselines,
        rows=rows,
        undefined=grid.undefined([(metric.title, cells) for metric, cells in rows], baselines),
        n_undefined=sum(cell.undefined for _, cells in rows for cell in cells if cell),
    )


def _unknown(n_metrics: int) -> str:
    """What can be said of a family that a plugin brought along."""
    if not n_metrics:
        return "The figures of a plugin; each says how to read it."
    return "The metrics of a plugin; the glossary says what each of them means."


def safe_anchor(kind: str, name: str) -> str:
    """The part of a link that names something: letters, digits, `_` and `-` as they are.

    >>> safe_anchor("metric", "bytes_per_token"), safe_anchor("metric", "a b")
    ('metric-bytes_per_token', 'metric-a.20b')
    """
    safe = re.sub(r"[^A-Za-z0-9_-]", lambda found: f".{ord(found[0]):x}", name)
    return f"{kind}-{safe}"

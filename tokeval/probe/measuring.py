"""From counts to cells: shares and statistics of drawn numbers, with intervals and signatures."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import tokeval
from tokeval.core.metric import Folds, estimate
from tokeval.document import Direction, Measured, MetricInfo, Undefined
from tokeval.document.jackknife import MIN_BLOCKS, half_width
from tokeval.document.parts import Value
from tokeval.document.probe import ProbeCell, ProbeName
from tokeval.probe.proportions import proportion

Groups = Mapping[Any, int]
"""How many of the drawn texts are alike in what a statistic looks at."""


@dataclass(frozen=True)
class CellMaker:
    """Makes the cells of one probe of one subject.

    Attributes:
        subject: what was probed, as signatures say it: `tok:43a3ad46`.
        seed: of everything that is drawn.
    """

    subject: str
    seed: int

    def cell(self, metric: str, value: Value, *, items: int | str, part: str = "all") -> ProbeCell:
        """A cell; `items` is how many numbers or texts of a kind are drawn, or `all`."""
        settings = f"{self.subject}|items:{items}|seed:{self.seed}|v:{tokeval.__version__}"
        return ProbeCell(metric, value, part, f"{metric}|{settings}")


def metric_info(
    probe: ProbeName,
    metric_id: str,
    title: str,
    *,
    formula: str,
    reading: str,
    unit: str = "share",
    direction: Direction = "none",
    source: str = "tokeval",
) -> MetricInfo:
    """What a reader must know about a number of a probe, none of which is ever below 0.

    A share is at most 1.
    """
    return MetricInfo(
        id=metric_id,
        title=title,
        family=f"probe:{probe}",
        unit=unit,
        direction=direction,
        formula=formula,
        source=source,
        docs=f"docs/probe.md#{metric_id}",
        reading=reading,
        lower_bound=0,
        upper_bound=1 if unit == "share" else None,
    )


def drawn_share(n_hits: int, n: int, what: str) -> Value:
    """The share of hits among n independent draws, with its Wilson interval."""
    return proportion(n_hits, n, f"the tokenizer knows no {what}")


def whole_share(n_hits: int, n: int, what: str) -> Measured:
    """The share of hits among all n that there are."""
    return Measured(n_hits / n, n, stderr_reason=f"all {n:,} {what} are tried")


def statistic_of_groups(
    groups: Groups, statistic: Callable[[Groups], float], *, what: str, is_whole: bool
) -> Value:
    """A statistic of drawn texts, with a jackknife interval that leaves out one text at a time.

    Args:
        groups: the texts, counted by what the statistic looks at.
        statistic: of groups.
        what: the texts in words.
        is_whole: whether all texts that there are were tried, so that there is no interval.
    """
    n = sum(groups.values())
    if n == 0:
        return Undefined(f"the tokenizer knows no {what}")
    value = statistic(groups)
    if is_whole:
        return Measured(value, n, stderr_reason=f"all {n:,} {what} are tried")
    if len(groups) == 1:
        return Measured(value, n, stderr_reason=f"all {n:,} drawn {what} are alike")
    if n < MIN_BLOCKS:
        return Measured(value, n, stderr_reason=f"only {n} {what}; an interval needs {MIN_BLOCKS}")
    left_out = np.array([statistic(_without_one(groups, key)) for key in groups])
    weights = np.array(list(groups.values()))
    mean = np.average(left_out, weights=weights)
    stderr = float(np.sqrt((n - 1) / n * (weights * (left_out - mean) ** 2).sum()))
    half = half_width(stderr, n)
    return Measured(value, n, stderr, value - half, value + half)


def entropy_of_groups(groups: Groups) -> float:
    """The plug-in Shannon entropy in bits of the group that a text is in."""
    n = sum(groups.values())
    return sum(count / n * math.log2(n / count) for count in groups.values())


def _without_one(groups: Groups, key: Hashable) -> Groups:
    """The groups without one of the texts of a group."""
    rest = {**groups, key: groups[key] - 1}
    return {other: count for other, count in rest.items() if count}


def ratio_of_sums(numerators: Sequence[int], denominators: Sequence[int], what: str) -> Value:
    """Σ numerators / Σ denominators over drawn texts, by a jackknife over the texts."""
    above, below = np.array(numerators, dtype=np.int64), np.array(denominators, dtype=np.int64)
    n, whole = len(above), int(below.sum())
    if whole == 0:
        return Undefined(f"the tokenizer knows no {what}")
    value = float(above.sum() / whole)
    if (above * whole == below * above.sum()).all():
        return Measured(value, n, stderr_reason=f"all {n:,} drawn {what} are alike")
    left_out = (above.sum() - above) / np.maximum(whole - below, 1)
    return estimate(Folds(np.concatenate(([value], left_out))))

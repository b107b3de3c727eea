"""Entries: metrics of one study as the catalogue has them, what they have in common said once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.core.study import Study
from tokeval.document import Direction, MetricInfo, Undefined


@dataclass(frozen=True)
class Entries:
    """Makes the entries of the metrics of one study, none of which is ever below 0.

    Attributes:
        family: of all of them.
        study: what they are computed from.
        scope: `slice`, or `corpus` where a study looks at the tokenizer or at all slices.
        parameters: names of what changes their numbers, for the signature.
    """

    family: str
    study: Study
    scope: str = "slice"
    parameters: tuple[str, ...] = ()

    def entry(
        self,
        metric_id: str,
        compute: Callable[[Context], Folds | Undefined],
        *,
        title: str,
        formula: str,
        reading: str,
        unit: str = "share",
        direction: Direction = "none",
        source: str = "tokeval",
    ) -> Metric:
        """A metric of the study; a share is at most 1."""
        info = MetricInfo(
            id=metric_id,
            title=title,
            family=self.family,
            unit=unit,
            direction=direction,
            formula=formula,
            source=source,
            docs=f"docs/metrics.md#{metric_id}",
            reading=reading,
            lower_bound=0,
            upper_bound=1 if unit == "share" else None,
        )
        return Metric(info, compute, scope=self.scope, parameters=self.parameters, study=self.study)


def tally_ratio(
    context: Context, study: Study, columns: tuple[str, str], *, what: str
) -> Folds | Undefined:
    """The quotient of two columns of a study in every fold, as `ratio` gives it.

    Args:
        context: where the study was made.
        study: whose tally is looked at.
        columns: numerator and denominator.
        what: what the denominator counts, for the reason where there is none.
    """
    tally = context.tally(study)
    if isinstance(tally, Undefined):
        return tally
    numerator, denominator = columns
    return ratio(tally.sums(numerator), tally.sums(denominator), what)


def tally_count(
    context: Context, study: Study, column: str, *, uncounted: str = "nothing was counted"
) -> Folds | Undefined:
    """A count of a study of the tokenizer, a constant.

    Args:
        context: where the study was made.
        study: whose tally is looked at.
        column: of the tally.
        uncounted: the reason where the study had nothing to count, and left the column out.
    """
    tally = context.tally(study)
    if isinstance(tally, Undefined):
        return tally
    if column not in tally.columns:
        return Undefined(uncounted)
    return Folds.constant(float(tally.sums(column)[0]))


def tally_constant(
    context: Context,
    study: Study,
    columns: tuple[str, str],
    *,
    nothing: str,
    no_interval: str = "a constant of the tokenizer",
) -> Folds | Undefined:
    """The quotient of two columns of a study, without an interval.

    Args:
        context: where the study was made.
        study: whose tally is looked at.
        columns: numerator and denominator.
        nothing: the reason where the denominator is 0.
        no_interval: why there is no interval.
    """
    tally = context.tally(study)
    if isinstance(tally, Undefined):
        return tally
    above, below = (float(tally.sums(column)[0]) for column in columns)
    return Folds.constant(above / below, no_interval) if below else Undefined(nothing)

"""The catalogue: every metric by id, in the order in which reports show them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from tokeval.core.metric import Metric, Parameters
from tokeval.errors import UsageError
from tokeval.metrics import compression, fairness, information, integrity, vocabulary, words

OPTIONAL = {"max_length", "price"}
"""Parameters without a default: a metric that needs one is left out until it is given."""

FAMILIES: dict[str, tuple[Metric, ...]] = {
    module.FAMILY: module.METRICS
    for module in (compression, words, information, fairness, integrity, vocabulary)
}

CATALOGUE: dict[str, Metric] = {
    metric.info.id: metric for metrics in FAMILIES.values() for metric in metrics
}


def choose_metrics(ids: Sequence[str] = (), families: Sequence[str] = ()) -> list[Metric]:
    """The metrics of the given ids and families in catalogue order; all of them by default.

    Raises:
        UsageError: there is no such metric or family; the message suggests the nearest.
    """
    for family in families:
        _require(family, FAMILIES, what="family")
    for metric_id in ids:
        _require(metric_id, CATALOGUE, what="metric")
    if not ids and not families:
        return list(CATALOGUE.values())
    wanted = set(ids) | {m.info.id for family in families for m in FAMILIES[family]}
    return [metric for metric in CATALOGUE.values() if metric.info.id in wanted]


def _require(name: str, known: Mapping[str, object], *, what: str) -> None:
    """Raises with a suggestion when a name is not known."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
    raise UsageError(f"there is no {what} {name!r}", hint)


def without_unasked(metrics: Sequence[Metric], parameters: Parameters) -> list[Metric]:
    """The metrics without those that need a parameter which was not given."""
    return [
        metric
        for metric in metrics
        if all(getattr(parameters, name) is not None for name in OPTIONAL & {*metric.parameters})
    ]

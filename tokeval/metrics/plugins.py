"""Metrics of other distributions: entry points `tokeval.metrics`, each a tuple of metrics."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib.metadata import EntryPoint, entry_points

from tokeval.core.metric import Metric
from tokeval.errors import TokevalError
from tokeval.loaders.plugins import distribution, load_entry, remedy

GROUP = "tokeval.metrics"
ID = re.compile(r"[a-z][a-z0-9_]*")
SCOPES = ("slice", "corpus")


def plugin_metrics(taken: Collection[str] = ()) -> tuple[Metric, ...]:
    """The metrics of all installed plugins, by name of the entry point.

    Args:
        taken: ids of tokeval's own metrics.

    Raises:
        TokevalError: a plugin cannot be loaded, gives something else than metrics, or an id that
            is taken; one line with the name of the distribution.
    """
    found: list[Metric] = []
    owners: dict[str, str] = dict.fromkeys(taken, "tokeval itself")
    for entry in sorted(
        set(entry_points(group=GROUP)), key=lambda entry: (entry.name, entry.value)
    ):
        for metric in _metrics_of(entry):
            owner = owners.get(metric.info.id)
            if owner is not None:
                raise TokevalError(
                    f"{distribution(entry)}: {owner} has a metric {metric.info.id!r} already",
                    remedy(entry),
                )
            owners[metric.info.id] = distribution(entry)
            found.append(metric)
    return tuple(found)


def _metrics_of(entry: EntryPoint) -> tuple[Metric, ...]:
    """What an entry point gives, checked to be metrics that can be shown."""
    given = load_entry(entry)
    metrics = (given,) if isinstance(given, Metric) else given
    if not isinstance(metrics, (tuple, list)) or not all(isinstance(m, Metric) for m in metrics):
        raise TokevalError(
            f"{distribution(entry)}: {entry.value} is no tuple of tokeval.core.metric.Metric",
            remedy(entry),
        )
    for metric in metrics:
        if not ID.fullmatch(metric.info.id) or metric.scope not in SCOPES:
            raise TokevalError(
                f"{distribution(entry)}: the metric {metric.info.id!r} has a wrong id or scope",
                "ids are of a-z, 0-9 and _; scopes are slice and corpus",
            )
        _check_parameters(metric, entry)
    return tuple(metrics)


def _check_parameters(metric: Metric, entry: EntryPoint) -> None:
    """Raises for a parameter that the signature cannot spell."""
    from tokeval.metrics.docs import DEPENDS_ON  # it imports the catalogue, which asks this module

    unknown = set(metric.parameters) - DEPENDS_ON.keys()
    if unknown:
        raise TokevalError(
            f"{distribution(entry)}: the metric {metric.info.id!r} depends on "
            f"{', '.join(sorted(unknown))}, which tokeval does not know",
            f"choose from {', '.join(DEPENDS_ON)}",
        )

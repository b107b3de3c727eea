"""Metrics of other distributions: entry points `tokeval.metrics`, each a tuple of metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tokeval.core.metric import Folds, Metric
from tokeval.core.study import Tally
from tokeval.document import Undefined
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
    return tuple(_watched(metric, entry) for metric in metrics)


def _watched(metric: Metric, entry: EntryPoint) -> Metric:
    """The metric whose code is named with its distribution where it fails.

    A study of tokeval's own that it shares stays the same one, so that it is made once.
    """
    owner, mending = distribution(entry), remedy(entry)
    compute = _Watched(metric.compute, (Folds, Undefined), metric.info.id, owner, mending)
    study = metric.study
    if study is not None and not study.measure.__module__.startswith("tokeval."):
        named = f"the study {study.name}"
        study = replace(
            study, measure=_Watched(study.measure, (Tally, Undefined), named, owner, mending)
        )
    return replace(metric, compute=compute, study=study)


@dataclass(frozen=True)
class _Watched:
    """A function of a plugin; it can be sent to worker processes if the function can.

    Attributes:
        call: the function.
        kinds: what it may return.
        what: it computes, for the message.
        owner: its distribution, as messages name it.
        mending: what a user can do about it.
    """

    call: Callable[[Any], Any]
    kinds: tuple[type, ...]
    what: str
    owner: str
    mending: str

    def __call__(self, given: Any) -> Any:
        """What the function returns; TokevalError when it fails in any way or returns no result."""
        try:
            found = self.call(given)
        except TokevalError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            raise TokevalError(
                f"{self.owner}: {self.what} raised {type(error).__name__}: {reason}", self.mending
            ) from error
        if not isinstance(found, self.kinds):
            kinds = " or ".join(kind.__name__ for kind in self.kinds)
            raise TokevalError(
                f"{self.owner}: {self.what} gave a {type(found).__name__}, no {kinds}", self.mending
            )
        return found


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

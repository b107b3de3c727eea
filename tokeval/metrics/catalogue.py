"""The catalogue: every metric by id, in the order in which reports show them."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping, Sequence
from types import ModuleType

from tokeval.core.metric import WHOLE_CORPUS, Context, Metric, Parameters
from tokeval.core.resources import Resources
from tokeval.document import Series
from tokeval.errors import UsageError
from tokeval.metrics import (
    audit,
    batch_merges,
    boundary_chance,
    code,
    compression,
    coverage,
    decomposition,
    fairness,
    frequency_bands,
    growth,
    held_out,
    information,
    integrity,
    morphology,
    numbers,
    overlap,
    phrases,
    purity,
    qtok,
    reachability,
    regret,
    robustness,
    stability,
    terms,
    token_classes,
    truncation,
    turkish,
    vocabulary,
    words,
)
from tokeval.metrics.plugins import plugin_metrics

OPTIONAL = {"max_length", "price"}
"""Parameters without a default: a metric that needs one is left out until it is given."""

OPTIONAL_LISTS = {"terms": "terms", "logged_ids": "logged_ids", "lexicon": "lexicons"}
"""The same of what is read from files: the parameter, and its name among the resources."""

EVERYTHING = "all"
"""In place of a family: all of them."""

MODULES: tuple[ModuleType, ...] = (
    compression,
    truncation,
    regret,
    batch_merges,
    words,
    frequency_bands,
    phrases,
    information,
    growth,
    held_out,
    fairness,
    decomposition,
    integrity,
    audit,
    reachability,
    vocabulary,
    token_classes,
    coverage,
    overlap,
    morphology,
    boundary_chance,
    purity,
    numbers,
    code,
    robustness,
    stability,
    terms,
)
"""The rooms of the families; several modules may share one family."""

COMPATIBLE: dict[str, tuple[Metric, ...]] = {
    "qtok": qtok.METRICS,
    "tr": turkish.METRICS,
}
"""Other programs' definitions, computed only when they are asked for."""


def _by_family(extra: Sequence[Metric] = ()) -> dict[str, tuple[Metric, ...]]:
    """The metrics of all modules by family, those of plugins behind them."""
    found: dict[str, tuple[Metric, ...]] = {}
    for module in MODULES:
        found[module.FAMILY] = (*found.get(module.FAMILY, ()), *module.METRICS)
    for metric in extra:
        found[metric.info.family] = (*found.get(metric.info.family, ()), metric)
    return found


FAMILIES: dict[str, tuple[Metric, ...]] = _by_family()

CATALOGUE: dict[str, Metric] = {
    metric.info.id: metric
    for metrics in (*FAMILIES.values(), *COMPATIBLE.values())
    for metric in metrics
}


def choose_metrics(
    ids: Sequence[str] = (), families: Sequence[str] = (), compatible: Sequence[str] = ()
) -> list[Metric]:
    """The metrics of the given ids and families in catalogue order.

    By default all that are computed from the whole text; those with a study, which encode chosen
    texts, must be asked for by id or family (`all` stands for every family).

    Args:
        ids: of metrics.
        families: names of families, or `all`.
        compatible: names of other programs whose definitions are added: `qtok`, `tr`.

    Raises:
        UsageError: there is no such metric or family; the message suggests the nearest.
    """
    extra = plugin_metrics(CATALOGUE)
    known = CATALOGUE | {metric.info.id: metric for metric in extra}
    by_family = _by_family(extra)
    for family in families:
        _require(family, {EVERYTHING: (), **by_family}, what="family")
    for metric_id in ids:
        _require(metric_id, known, what="metric")
    for name in compatible:
        _require(name, COMPATIBLE, what="compatible definition")
    wanted = set(ids)
    for family, metrics in by_family.items():
        if family in families or EVERYTHING in families:
            wanted |= {metric.info.id for metric in metrics}
        elif not ids and not families and not compatible:
            wanted |= {metric.info.id for metric in metrics if metric.study is None}
    wanted |= {metric.info.id for name in compatible for metric in COMPATIBLE[name]}
    return [metric for metric in known.values() if metric.info.id in wanted]


def _require(name: str, known: Mapping[str, object], *, what: str) -> None:
    """Raises with a suggestion when a name is not known."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
    raise UsageError(f"there is no {what} {name!r}", hint)


def without_unasked(
    metrics: Sequence[Metric], parameters: Parameters, resources: Resources
) -> list[Metric]:
    """The metrics without those that need a parameter or a list which was not given."""
    absent = {name for name in OPTIONAL if getattr(parameters, name) is None}
    absent |= {name for name, kept in OPTIONAL_LISTS.items() if not getattr(resources, kept)}
    return [metric for metric in metrics if not absent & {*metric.parameters}]


def family_series(
    name: str, by_slice: Mapping[str, Context], metrics: Sequence[Metric]
) -> list[Series]:
    """The figures that the modules of the given metrics draw for one tokenizer.

    A module draws the whole corpus with `series`, slices beside one another with `slice_series`.

    Args:
        name: of the tokenizer.
        by_slice: its contexts, that of the whole corpus among them.
        metrics: those that were computed.
    """
    rooms = dict.fromkeys(metric.compute.__module__ for metric in metrics)
    found = []
    for room in map(importlib.import_module, rooms):
        if hasattr(room, "series"):
            found.extend(room.series(name, by_slice[WHOLE_CORPUS]))
        if hasattr(room, "slice_series"):
            slices = {part: one for part, one in by_slice.items() if part != WHOLE_CORPUS}
            found.extend(room.slice_series(name, slices))
    return found

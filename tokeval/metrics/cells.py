"""Cells: every metric of every tokenizer on every slice, with interval and signature."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tokeval.core.corpus import Slice
from tokeval.core.evidence import Evidence, pool
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric, estimate
from tokeval.core.study import Tally, pool_tallies
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.document import Cell, Undefined
from tokeval.metrics.baselines import baseline_contexts
from tokeval.metrics.frames import Frame
from tokeval.metrics.signatures import hashed_slices, signature
from tokeval.metrics.studies import Tallies

LEFT_OUT_DIGITS = 12
"""Significant digits of leave-one-out values: more than any paired difference needs."""

GROUP_LABELS = ("script", "family", "resource")

Computed = tuple[Cell, Folds | None]
"""A cell, with its folds when it is measured."""


@dataclass(frozen=True)
class _Task:
    """A cell that is to be computed.

    Attributes:
        metric: which number.
        place: its slice or group.
        context: what the metric may look at.
        signature: what the number depends on.
    """

    metric: Metric
    place: str
    context: Context
    signature: str


def cells(
    frame: Frame,
    tokenizers: Sequence[Tokenizer],
    metrics: Sequence[Metric],
    contexts: Mapping[str, Mapping[str, Context]],
) -> list[Computed]:
    """All cells with their folds, by metric, tokenizer and slice; undefined ones have none.

    Args:
        frame: what the cells have in common.
        tokenizers: what was measured.
        metrics: which numbers.
        contexts: by tokenizer, as `contexts` gives them.
    """
    groups = {tokenizer.name: _group_contexts(frame, tokenizer) for tokenizer in tokenizers}
    has_baselines = any(metric.beside_baselines for metric in metrics)
    beside = baseline_contexts(frame.measurement, contexts) if has_baselines else ()
    tasks: list[_Task] = []
    for metric in metrics:
        for tokenizer in tokenizers:
            places = dict(contexts[tokenizer.name])
            if metric.scope == "corpus":
                places = {WHOLE_CORPUS: places[WHOLE_CORPUS]}
            elif metric.over_group:
                places |= groups[tokenizer.name]
            made_by = f"tok:{tokenizer.fingerprint[:8]}|load:{tokenizer.loader}"
            tasks += _tasks(frame, metric, places, made_by=made_by)
        for baseline, places in beside if metric.beside_baselines else ():
            made_by = f"tok:{baseline.fingerprint[:8]}|load:tokeval"
            tasks += _tasks(frame, baseline.judged_by(metric), places, made_by=made_by)
    return _in_threads(tasks)


def _tasks(
    frame: Frame, metric: Metric, places: Mapping[str, Context], *, made_by: str
) -> Iterator[_Task]:
    """The cells of one metric and one tokenizer.

    Args:
        frame: what the cells have in common.
        metric: which number.
        places: its contexts by slice or group.
        made_by: tokenizer and loader, for the signature.
    """
    for place, context in places.items():
        slices = hashed_slices(frame, metric, place, context)
        yield _Task(
            metric, place, context, signature(frame, metric, made_by=made_by, slices=slices)
        )


def _in_threads(tasks: Sequence[_Task]) -> list[Computed]:
    """The computed cells, in the order of the tasks.

    Those of one context fall to one thread, for they share what its evidence remembers.
    """
    by_context: dict[int, list[int]] = {}
    for number, task in enumerate(tasks):
        by_context.setdefault(id(task.context), []).append(number)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(lambda numbers: [_cell(tasks[n]) for n in numbers], by_context.values())
        computed = itertools.chain.from_iterable(parts)
        numbers = itertools.chain.from_iterable(by_context.values())
        found = dict(zip(numbers, computed, strict=True))
    return [found[number] for number in range(len(tasks))]


def _cell(task: _Task) -> Computed:
    """One cell of the document, with its folds when it is measured."""
    of_metric, name = task.metric.info.id, task.context.name
    folds = task.metric.compute(task.context)
    if isinstance(folds, Folds) and not math.isfinite(folds.values[0]):
        folds = Undefined("the value is not a finite number with these parameters")
    if isinstance(folds, Undefined):
        return Cell(of_metric, name, task.place, folds, task.signature), None
    left_out = tuple(float(f"{value:.{LEFT_OUT_DIGITS}g}") for value in folds.values[1:].tolist())
    if not all(map(math.isfinite, left_out)):
        left_out = ()
    cell = Cell(of_metric, name, task.place, estimate(folds), task.signature, left_out)
    return cell, folds


def contexts(frame: Frame, tokenizers: Sequence[Tokenizer]) -> dict[str, dict[str, Context]]:
    """What metrics may look at, by tokenizer: each slice, and all of them together."""
    pooled = {
        tokenizer.name: pool(list(frame.measurement.evidence[tokenizer.name].values()))
        for tokenizer in tokenizers
    }
    peers = {tokenizer.name: tokenizer.vocabulary for tokenizer in tokenizers}
    return {
        tokenizer.name: _contexts(frame, tokenizer, pooled, peers=peers) for tokenizer in tokenizers
    }


def _contexts(
    frame: Frame,
    tokenizer: Tokenizer,
    pooled: Mapping[str, Evidence],
    *,
    peers: Mapping[str, Vocabulary],
) -> dict[str, Context]:
    """What metrics of one tokenizer may look at.

    Args:
        frame: what the cells have in common.
        tokenizer: what was measured.
        pooled: evidence on the whole corpus by tokenizer.
        peers: vocabularies of all tokenizers.
    """
    studied = frame.studied
    of_slices = frame.measurement.evidence[tokenizer.name]
    of_baseline = frame.measurement.evidence[frame.baseline]
    found = {}
    for part in frame.measurement.slices:
        reference = frame.references.get(part.parallel or "")
        found[part.name] = Context(
            evidence=of_slices[part.name],
            vocabulary=tokenizer.vocabulary,
            parameters=frame.parameters,
            reference=of_slices[reference] if reference else None,
            reference_name=reference or "",
            baseline=of_baseline[part.name],
            labels=part.labels,
            tallies=studied.of(tokenizer.name, part.name),
            reference_tallies=studied.of(tokenizer.name, reference) if reference else {},
            peers=peers,
            name=tokenizer.name,
            resources=frame.resources,
        )
    group, is_parallel = _compared_slices(frame)
    found[WHOLE_CORPUS] = Context(
        evidence=pooled[tokenizer.name],
        vocabulary=tokenizer.vocabulary,
        parameters=frame.parameters,
        baseline=pooled[frame.baseline],
        group={name: of_slices[name] for name in group},
        is_parallel=is_parallel,
        tallies=studied.of(tokenizer.name, WHOLE_CORPUS),
        peers=peers,
        name=tokenizer.name,
        resources=frame.resources,
    )
    return found


def _group_contexts(frame: Frame, tokenizer: Tokenizer) -> dict[str, Context]:
    """Line-parallel slices with an equal label, and all of them, beside copies of the reference.

    The reference slice itself is left out. The premium of such a pool is the mean premium of its
    slices. There is none over several parallel groups.
    """
    members: dict[str, list[Slice]] = {}
    for part in frame.measurement.slices:
        if part.parallel is None or part.name == frame.references[part.parallel]:
            continue
        members.setdefault(WHOLE_CORPUS, []).append(part)
        for label in GROUP_LABELS:
            if label in part.labels:
                members.setdefault(f"{label}:{part.labels[label]}", []).append(part)
    return {
        name: _group_context(frame, tokenizer, [part.name for part in parts], parts[0].parallel)
        for name, parts in members.items()
        if len({part.parallel for part in parts}) == 1
    }


def _group_context(
    frame: Frame, tokenizer: Tokenizer, parts: Sequence[str], parallel: str | None
) -> Context:
    """Some slices of a parallel group together, beside as many copies of their reference."""
    of_slices = frame.measurement.evidence[tokenizer.name]
    reference = frame.references[parallel or ""]
    tallies = [frame.studied.of(tokenizer.name, part) for part in parts]
    of_reference = frame.studied.of(tokenizer.name, reference)
    return Context(
        evidence=pool([of_slices[part] for part in parts]),
        vocabulary=tokenizer.vocabulary,
        parameters=frame.parameters,
        reference=pool([of_slices[reference]] * len(parts)),
        reference_name=reference,
        group={part: of_slices[part] for part in parts},
        is_parallel=True,
        tallies=_pooled(tallies),
        reference_tallies=_pooled([of_reference] * len(parts)),
        name=tokenizer.name,
        resources=frame.resources,
    )


def _pooled(tallies: Sequence[Tallies]) -> dict[str, Tally | Undefined]:
    """The sums of several slices by study, undefined where one of the slices is.

    Without that slice, the rest would be compared with copies of the reference for all of them.
    """
    found: dict[str, Tally | Undefined] = {}
    for study in tallies[0]:
        parts = [of_slice[study] for of_slice in tallies]
        undefined = [part for part in parts if isinstance(part, Undefined)]
        found[study] = undefined[0] if undefined else pool_tallies(parts)
    return found


def _compared_slices(frame: Frame) -> tuple[list[str], bool]:
    """The slices that inequality is measured over: the first parallel group, or all slices."""
    for group in frame.references:
        names = [part.name for part in frame.measurement.slices if part.parallel == group]
        if len(names) > 1:
            return names, True
    return [part.name for part in frame.measurement.slices], False

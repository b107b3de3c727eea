"""Metrics of several documents in one table: what may stand side by side, and joint rankings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from msgspec.structs import replace

from tokeval.document.jackknife import paired_cells
from tokeval.document.metrics import (
    Cell,
    Exclusion,
    MetricInfo,
    MetricsResult,
    Ranking,
    RankingEntry,
    Sample,
)
from tokeval.document.parts import Measured, Undefined
from tokeval.document.signatures import BASELINE, MADE_BY, signature_parts
from tokeval.errors import ExitCode, TokevalError

Place = tuple[str, str]
Key = tuple[str, str, str]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Part:
    """Metrics of one document.

    Attributes:
        name: of the document.
        result: what it measured.
        corpus: sha256 by slice, from its provenance.
    """

    name: str
    result: MetricsResult
    corpus: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def rules(self) -> dict[Place, dict[str, str]]:
        """The parts of the signature of any cell of a metric on a slice."""
        found: dict[Place, dict[str, str]] = {}
        for cell in self.result.cells:
            found.setdefault((cell.metric, cell.slice), signature_parts(cell.signature))
        return found

    @cached_property
    def formulas(self) -> dict[str, str]:
        """The formula of every metric."""
        return {info.id: info.formula for info in self.result.metrics}


def why_apart(first: Part, other: Part) -> str | None:
    """Why two results cannot be one table, in a clause; `None` when they can.

    They can when they have the same slices of the same text, and the signatures of what both
    measured differ in tokenizer, loader and version only, or in the baseline.
    """
    ours, theirs = ({part.name: part for part in one.result.slices} for one in (first, other))
    if set(ours) != set(theirs):
        odd = sorted(set(ours) ^ set(theirs))[0]
        return f"only one of them has the slice {odd!r}"
    for name, part in ours.items():
        digests = [one.corpus.get(name) for one in (first, other)]
        if digests[0] != digests[1] or part != theirs[name]:
            return f"the text of the slice {name!r} is not the same"
    for place, rules in first.rules.items():
        differing = _differing(rules, other.rules.get(place, rules)) - {BASELINE}
        if differing:
            name = sorted(differing)[0]
            pair = (rules, other.rules[place])
            ours_has, theirs_has = (f"{name}:{one.get(name, 'none')}" for one in pair)
            return (
                f"the signature of {place[0]} has {theirs_has} in {other.name} "
                f"and {ours_has} in {first.name}"
            )
    return None


def _differing(ours: Mapping[str, str], theirs: Mapping[str, str]) -> set[str]:
    """The names of the parts in which two signatures differ, other than MADE_BY."""
    return {name for name in {*ours, *theirs} - MADE_BY if ours.get(name) != theirs.get(name)}


def join_parts(parts: Sequence[Part]) -> tuple[MetricsResult, list[str]]:
    """One result with the cells of all, and notes on what could not be put side by side.

    Raises:
        TokevalError: two documents have different numbers for one cell.
    """
    first = parts[0]
    if len(parts) == 1:
        return first.result, []
    barred = {part.name: _barred(first, part) for part in parts[1:]}
    notes = [
        f"{name}: {metric} is left out of the joint table: {reason}"
        for name, reasons in barred.items()
        for metric, reason in reasons.items()
    ]
    cells = _joint_cells(parts, barred)
    results = [part.result for part in parts]
    metrics = {info.id: info for result in reversed(results) for info in result.metrics}
    order = _distinct(info.id for result in results for info in result.metrics)
    infos = tuple(metrics[id_] for id_ in order)
    baselines = _distinct(name for result in results for name in result.baselines)
    joint = replace(
        first.result,
        metrics=infos,
        cells=tuple(cells),
        rankings=tuple(_rankings(results, infos, cells, baselines)),
        series=_distinct(one for result in results for one in result.series),
        samples=tuple(_samples(results)),
        split_words=_distinct(one for result in results for one in result.split_words),
        findings=_distinct(one for result in results for one in result.findings),
        ids_sha256={name: ids for one in reversed(results) for name, ids in one.ids_sha256.items()},
        baselines=baselines,
    )
    return joint, notes


def _barred(first: Part, other: Part) -> dict[str, str]:
    """The metrics of the other document that mean something else there, with the reason."""
    reasons = {}
    for (metric, part), rules in other.rules.items():
        ours = first.rules.get((metric, part))
        if ours is not None and ours.get(BASELINE) != rules.get(BASELINE):
            reasons[metric] = (
                f"its baseline is {rules.get(BASELINE)} in {other.name} "
                f"and {ours.get(BASELINE)} in {first.name}"
            )
    for metric, formula in other.formulas.items():
        if first.formulas.get(metric, formula) != formula:
            reasons[metric] = f"its formula in {other.name} is not that in {first.name}"
    return reasons


def _joint_cells(parts: Sequence[Part], barred: Mapping[str, Mapping[str, str]]) -> list[Cell]:
    """The cells of all, each once; those of barred metrics are undefined.

    Raises:
        TokevalError: two documents have different numbers for one cell.
    """
    found: dict[Key, tuple[str, Cell]] = {}
    for part in parts:
        reasons = barred.get(part.name, {})
        for cell in part.result.cells:
            key = (cell.metric, cell.tokenizer, cell.slice)
            if cell.metric in reasons:
                reason = Undefined(reasons[cell.metric])
                found.setdefault(key, (part.name, replace(cell, value=reason, leave_one_out=())))
            elif key not in found:
                found[key] = (part.name, cell)
            else:
                _check_alike(found[key], (part.name, cell))
    return [cell for _, cell in found.values()]


def _check_alike(first: tuple[str, Cell], second: tuple[str, Cell]) -> None:
    """Raises a TokevalError where two documents have different values for one cell."""
    (name, ours), (other, theirs) = first, second
    if ours.value == theirs.value:
        return
    shown = [
        f"{one.value.value!r}" if isinstance(one.value, Measured) else "undefined"
        for one in (ours, theirs)
    ]
    raise TokevalError(
        f"{name} and {other} contradict each other: {ours.metric} of {ours.tokenizer} on "
        f"{ours.slice} is {shown[0]} and {shown[1]}",
        "measure both with one version of tokeval, or leave one of them out",
        code=ExitCode.INCOMPARABLE,
    )


def _rankings(
    results: Sequence[MetricsResult],
    infos: Sequence[MetricInfo],
    cells: Sequence[Cell],
    baselines: Sequence[str],
) -> Iterator[Ranking]:
    """Every ranking that some document has, of the tokenizers of all."""
    directions = {info.id: info.direction for info in infos}
    excluded: dict[Place, dict[str, Exclusion]] = {}
    for result in results:
        for ranking in result.rankings:
            known = excluded.setdefault((ranking.metric, ranking.slice), {})
            known.update({one.tokenizer: one for one in ranking.excluded})
    by_place: dict[Place, list[Cell]] = {}
    for cell in cells:
        if isinstance(cell.value, Measured) and cell.tokenizer not in baselines:
            by_place.setdefault((cell.metric, cell.slice), []).append(cell)
    for place, barred in excluded.items():
        chosen = [one for one in by_place.get(place, ()) if one.tokenizer not in barred]
        if directions.get(place[0], "none") != "none":
            entries = tuple(_entries(chosen, higher=directions[place[0]] == "higher"))
            yield Ranking(*place, entries, tuple(barred.values()))


def _entries(cells: Sequence[Cell], *, higher: bool) -> Iterator[RankingEntry]:
    """The tokenizers, best first, each with its paired difference from the best (worse > 0)."""
    numbers = [(one.value.value, one) for one in cells if isinstance(one.value, Measured)]
    numbers.sort(key=lambda pair: -pair[0] if higher else pair[0])
    for place, (value, cell) in enumerate(numbers):
        best = numbers[0][1]
        pair = (cell, best) if higher else (best, cell)
        yield RankingEntry(cell.tokenizer, value, paired_cells(*pair) if place else None)


def _samples(results: Sequence[MetricsResult]) -> Iterator[Sample]:
    """Every text once, cut by the tokenizers of all."""
    found: dict[tuple[str, str], Sample] = {}
    for result in results:
        for one in result.samples:
            known = found.get((one.slice, one.text), one)
            found[one.slice, one.text] = replace(known, tokens=known.tokens | one.tokens)
    yield from found.values()


def _distinct(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items in order, each once."""
    return tuple(dict.fromkeys(items))

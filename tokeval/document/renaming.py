"""Results in which tokenizers or dumps have other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from tokeval.document.comparison import ComparisonResult
from tokeval.document.gate import GateResult
from tokeval.document.metrics import MetricsResult, Ranking, Sample
from tokeval.document.mixture import MixtureResult
from tokeval.document.parts import Finding, Series
from tokeval.document.probe import ProbeResult
from tokeval.document.report import Result
from tokeval.document.visual import VisualResult

Names = Mapping[str, str]
Kind = TypeVar("Kind", bound=Result)
Struct = TypeVar("Struct", bound=msgspec.Struct)


def renamed(result: Kind, names: Names) -> Kind:
    """The result with other names, wherever it names a tokenizer or a dump.

    Names that are not in `names` stay.
    """
    if not names:
        return result
    return replace(result, **_changes(result, names))


def _changes(result: Result, names: Names) -> dict[str, object]:
    """The fields that change, by name."""
    if isinstance(result, MetricsResult):
        return _metrics(result, names)
    if isinstance(result, ComparisonResult):
        return {
            "before": names.get(result.before, result.before),
            "after": names.get(result.after, result.after),
            "samples": tuple(_sample(one, names) for one in result.samples),
        }
    if isinstance(result, GateResult):
        return {"rules": _each(result.rules, names)}
    subject = "dump" if isinstance(result, VisualResult) else "tokenizer"
    old = getattr(result, subject)
    return {subject: names.get(old, old), **_parts(result, names)}


def _metrics(result: MetricsResult, names: Names) -> dict[str, object]:
    """The fields of metrics."""
    return {
        "cells": _each(result.cells, names),
        "rankings": tuple(_ranking(one, names) for one in result.rankings),
        "samples": tuple(_sample(one, names) for one in result.samples),
        "split_words": _each(result.split_words, names),
        "ids_sha256": {names.get(name, name): ids for name, ids in result.ids_sha256.items()},
        **_parts(result, names),
    }


def _parts(
    result: MetricsResult | MixtureResult | VisualResult | ProbeResult, names: Names
) -> dict[str, tuple[Series, ...] | tuple[Finding, ...]]:
    """The fields that several analyses have."""
    return {"series": _each(result.series, names), "findings": _each(result.findings, names)}


def _ranking(ranking: Ranking, names: Names) -> Ranking:
    """A ranking of the same tokenizers."""
    return replace(
        ranking, entries=_each(ranking.entries, names), excluded=_each(ranking.excluded, names)
    )


def _sample(sample: Sample, names: Names) -> Sample:
    """A text, cut by the same tokenizers."""
    return replace(
        sample, tokens={names.get(name, name): cut for name, cut in sample.tokens.items()}
    )


def _each(structs: Iterable[Struct], names: Names) -> tuple[Struct, ...]:
    """Structs that have a field `tokenizer`."""
    return tuple(
        replace(one, tokenizer=names[one.tokenizer])  # type: ignore[attr-defined] # as it says
        if one.tokenizer in names  # type: ignore[attr-defined] # as above
        else one
        for one in structs
    )

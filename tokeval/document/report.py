"""A run as one document: its provenance and results; dump, load and JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tokeval.document.comparison import ComparisonResult
from tokeval.document.gate import GateResult
from tokeval.document.metrics import MetricsResult
from tokeval.document.mixture import MixtureResult
from tokeval.document.probe import ProbeResult
from tokeval.document.visual import VisualResult
from tokeval.errors import TokevalError

SCHEMA_VERSION = 1

Result = MetricsResult | MixtureResult | VisualResult | ProbeResult | ComparisonResult | GateResult


class TokenizerInfo(msgspec.Struct, frozen=True):
    """Which tokenizer it was: `fingerprint` is the sha256 of its canonical definition."""

    fingerprint: str
    loader: str
    source: str
    model: str
    vocab_size: int
    notes: tuple[str, ...] = ()


class Provenance(msgspec.Struct, frozen=True):
    """Everything that is needed to make the numbers again."""

    tokeval: str
    argv: tuple[str, ...]
    created: str
    parameters: dict[str, Any]
    tokenizers: dict[str, TokenizerInfo]
    corpus: dict[str, str]
    libraries: dict[str, str]
    warnings: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """A run: where its numbers come from, and the numbers."""

    provenance: Provenance
    results: tuple[Result, ...]
    schema: int = SCHEMA_VERSION


def dump(report: Report) -> bytes:
    """The document as UTF-8 JSON on one line, with a newline; equal reports give equal bytes."""
    return msgspec.json.encode(report) + b"\n"


def load(path: Path) -> Report:
    """The document at a path.

    Raises:
        TokevalError: the file is missing, is not JSON, or is not a document of a known schema.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TokevalError(f"cannot read {path}: {error.strerror}", "check the path") from error
    try:
        head = json.loads(raw)
    except ValueError as error:
        hint = "give a document that tokeval wrote with --json"
        raise TokevalError(f"{path} is not JSON: {error}", hint) from error
    version = head.get("schema") if isinstance(head, dict) else None
    if not isinstance(version, int):
        raise TokevalError(
            f"{path} is not a tokeval document: it has no `schema` number",
            "make one with `tokeval metrics ... --json FILE`",
        )
    if version > SCHEMA_VERSION:
        raise TokevalError(
            f"{path} has schema {version}; this tokeval reads up to {SCHEMA_VERSION}",
            "upgrade with `pip install -U tokeval`",
        )
    try:
        return msgspec.json.decode(raw, type=Report)
    except msgspec.ValidationError as error:
        hint = "write it again with this version of tokeval"
        raise TokevalError(f"{path} does not fit schema {version}: {error}", hint) from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return msgspec.json.schema(Report)


def metrics_results(report: Report) -> Sequence[MetricsResult]:
    """The results of `tokeval metrics` in a document, in order."""
    return [result for result in report.results if isinstance(result, MetricsResult)]


def mixture_results(report: Report) -> Sequence[MixtureResult]:
    """The results of `tokeval mixture` in a document, in order."""
    return [result for result in report.results if isinstance(result, MixtureResult)]


def visual_results(report: Report) -> Sequence[VisualResult]:
    """The results of `tokeval visual` in a document, in order."""
    return [result for result in report.results if isinstance(result, VisualResult)]


def probe_results(report: Report) -> Sequence[ProbeResult]:
    """The results of `tokeval probe` in a document, in order."""
    return [result for result in report.results if isinstance(result, ProbeResult)]


def comparison_results(report: Report) -> Sequence[ComparisonResult]:
    """The results of `tokeval compare` in a document, in order."""
    return [result for result in report.results if isinstance(result, ComparisonResult)]


def gate_results(report: Report) -> Sequence[GateResult]:
    """The results of `tokeval gate` in a document, in order."""
    return [result for result in report.results if isinstance(result, GateResult)]

"""A run as one document: its provenance and results; dump, load and JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tokeval.document.comparison import ComparisonResult
from tokeval.document.gate import GateResult
from tokeval.document.metrics import MetricsResult
from tokeval.document.migrations import migrated
from tokeval.document.mixture import MixtureResult
from tokeval.document.probe import ProbeResult
from tokeval.document.visual import VisualResult
from tokeval.errors import TokevalError

if TYPE_CHECKING:
    import pandas

SCHEMA_VERSION = 2

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
    """Everything that is needed to make the numbers again.

    `runs` is empty but for a joint document: then it holds the provenance of each document that
    was joined, by the name of its file, and `argv`, `parameters` and `libraries` are empty.
    """

    tokeval: str
    argv: tuple[str, ...]
    created: str
    parameters: dict[str, Any]
    tokenizers: dict[str, TokenizerInfo]
    corpus: dict[str, str]
    libraries: dict[str, str]
    warnings: tuple[str, ...] = ()
    runs: dict[str, Provenance] = {}


class Report(msgspec.Struct, frozen=True):
    """A run: where its numbers come from, and the numbers."""

    provenance: Provenance
    results: tuple[Result, ...]
    schema: int = SCHEMA_VERSION

    def to_frame(self) -> pandas.DataFrame:
        """A table of pandas with a row for each number; `tokeval.document.frames` says more."""
        from tokeval.document.frames import to_frame

        return to_frame(self)

    def _repr_html_(self) -> str:
        """What notebooks show."""
        from tokeval.document.notebook import notebook_html

        return notebook_html(self)


def dump(report: Report) -> bytes:
    """The document as UTF-8 JSON on one line, with a newline; equal reports give equal bytes."""
    # Read once, so that a whole number in the place of a float is written as it is when read again.
    canonical = msgspec.json.decode(msgspec.json.encode(report), type=Report)
    return msgspec.json.encode(canonical) + b"\n"


def load(path: Path) -> Report:
    """The document at a path; one of an older schema as the present one has it.

    Raises:
        TokevalError: the file is missing, is not JSON, or is not a document of a known schema.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TokevalError(f"cannot read {path}: {error.strerror}", "check the path") from error
    version = _version(path, raw)
    try:
        if version == SCHEMA_VERSION:
            return msgspec.json.decode(raw, type=Report)
    except msgspec.ValidationError as error:
        raise _misfit(path, version, error) from error
    except msgspec.DecodeError:
        pass  # escapes of unpaired surrogates, which JSON has and the faster reader refuses
    try:
        document = migrated(_parsed(path, raw), SCHEMA_VERSION)
        return msgspec.convert(document, Report, str_keys=True)
    except msgspec.ValidationError as error:
        raise _misfit(path, version, error) from error


def _version(path: Path, raw: bytes) -> int:
    """The schema number of a document.

    Raises:
        TokevalError: the bytes are no document, or one of a schema that is not known.
    """
    try:
        version = msgspec.json.decode(raw, type=_Head).schema
    except (msgspec.DecodeError, RecursionError):
        version = _parsed(path, raw).get("schema")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise TokevalError(
            f"{path} is not a tokeval document: it has no `schema` number",
            "make one with `tokeval metrics ... --json FILE`",
        )
    if version > SCHEMA_VERSION:
        raise TokevalError(
            f"{path} has schema {version}; this tokeval reads up to {SCHEMA_VERSION}",
            "upgrade with `pip install -U tokeval`",
        )
    return version


class _Head(msgspec.Struct):
    """What says that a file is a document."""

    schema: Any = None


def _parsed(path: Path, raw: bytes) -> dict[str, Any]:
    """The JSON object of a file.

    Raises:
        TokevalError: the bytes are not JSON; empty where they are JSON but no object.
    """
    hint = "give a document that tokeval wrote with --json"
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise TokevalError(f"{path} is not JSON: {said}", hint) from error
    return document if isinstance(document, dict) else {}


def _misfit(path: Path, version: int, error: msgspec.ValidationError) -> TokevalError:
    """What is said of a file whose schema is known but which does not follow it."""
    hint = "write it again with this version of tokeval"
    return TokevalError(f"{path} does not fit schema {version}: {error}", hint)


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

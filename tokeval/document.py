"""The result document: what a run measured, typed and versioned; renderers and gates read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from tokeval.errors import TokevalError

SCHEMA_VERSION = 1

Direction = Literal["higher", "lower", "none"]


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """A number, with its uncertainty or the reason why there is none.

    `low` and `high` are the 95% interval, value ± t(n_blocks − 1) · stderr; both are absent when
    `stderr` is absent, and `stderr_reason` then says why.
    """

    value: float
    n_blocks: int
    stderr: float | None = None
    low: float | None = None
    high: float | None = None
    stderr_reason: str | None = None


class Undefined(msgspec.Struct, frozen=True, tag="undefined"):
    """A number that does not exist here, with the reason."""

    reason: str


Value = Measured | Undefined


class MetricInfo(msgspec.Struct, frozen=True):
    """What a reader must know about a metric to read its numbers."""

    id: str
    title: str
    family: str
    unit: str
    direction: Direction
    formula: str
    source: str
    docs: str
    reading: str
    lower_bound: float | None = None
    upper_bound: float | None = None
    support_dependent: bool = False


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One metric of one tokenizer on one slice (`all` stands for the whole corpus).

    `leave_one_out[g]` is the value without block g. Cells of the same slice share their blocks,
    so differences between tokenizers can be paired block by block.
    """

    metric: str
    tokenizer: str
    slice: str
    value: Value
    signature: str
    leave_one_out: tuple[float, ...] = ()


class RankingEntry(msgspec.Struct, frozen=True):
    """A tokenizer's place. `behind_best` is its paired difference from the best one (worse > 0)."""

    tokenizer: str
    value: float
    behind_best: Value | None = None


class Exclusion(msgspec.Struct, frozen=True):
    """A tokenizer that is not ranked, with the reason."""

    tokenizer: str
    reason: str


class Ranking(msgspec.Struct, frozen=True):
    """Tokenizers on one slice by one metric, best first."""

    metric: str
    slice: str
    entries: tuple[RankingEntry, ...]
    excluded: tuple[Exclusion, ...] = ()


SeriesKind = Literal["line", "step", "bars", "stack", "heat", "layers"]


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """The points of one line, or the bars, of a figure. `x` holds numbers or category names.

    Series with the same id and slice are one figure, with a line, a group of bars, a stack or a
    row of a heat map for each tokenizer. `reading` says in plain words how to read it.

    `layers` are bars for one tokenizer, a figure for each: series that also share the tokenizer
    are the parts that add up to the bar of each x, and `layer` names the part.
    """

    id: str
    title: str
    tokenizer: str
    slice: str
    x_label: str
    y_label: str
    x: tuple[float | str, ...]
    y: tuple[float, ...]
    kind: SeriesKind = "line"
    family: str = ""
    reading: str = ""
    layer: str = ""


class TokenSpan(msgspec.Struct, frozen=True, array_like=True):
    """A token and the bytes [start, end) of the UTF-8 text that it stands for."""

    id: int
    start: int
    end: int


class Sample(msgspec.Struct, frozen=True):
    """A text of a slice, cut by each tokenizer."""

    slice: str
    text: str
    tokens: dict[str, tuple[TokenSpan, ...]]


class SplitWord(msgspec.Struct, frozen=True):
    """A frequent word that a tokenizer cuts: its pieces and how often it occurs so cut."""

    tokenizer: str
    slice: str
    word: str
    pieces: tuple[str, ...]
    occurrences: int


Severity = Literal["error", "warning", "note"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something about a tokenizer that its owner should know; `tokeval explain CODE` says more.

    `n` is how many tokens, texts or merges it concerns; `examples` shows some of them.
    """

    code: str
    severity: Severity
    tokenizer: str
    message: str
    n: int = 1
    examples: tuple[str, ...] = ()


class SliceInfo(msgspec.Struct, frozen=True):
    """What a slice holds, counted on the original text."""

    name: str
    labels: dict[str, str]
    unit: str
    n_documents: int
    n_texts: int
    n_lines: int
    n_words: int | None
    n_characters: int
    n_bytes: int


class MetricsResult(msgspec.Struct, frozen=True, tag="metrics"):
    """What `tokeval metrics` measured.

    `baselines` names those that have cells of some metrics only, to put these in place: bytes,
    characters and words of the same text. They are no tokenizers, and no ranking has them.
    """

    metrics: tuple[MetricInfo, ...]
    slices: tuple[SliceInfo, ...]
    cells: tuple[Cell, ...]
    rankings: tuple[Ranking, ...] = ()
    series: tuple[Series, ...] = ()
    samples: tuple[Sample, ...] = ()
    split_words: tuple[SplitWord, ...] = ()
    findings: tuple[Finding, ...] = ()
    ids_sha256: dict[str, dict[str, str]] = {}
    baselines: tuple[str, ...] = ()


WINNER_FREQUENCY = "winner_frequency"
WINNER_FIT = "winner_fit"
WINNER_MISFITS = "winner_misfits"
ZERO_COUNT_MERGES = "zero_count_merges"
"""Ids of the series of a mixture: by step, the frequency of the winners, its isotonic fit, the
winners far below it, and how many merges up to there occur in no category."""


class MixtureCategory(msgspec.Struct, frozen=True, omit_defaults=True):
    """The share of a category in the training data, in bytes, with its 95% interval.

    `low` and `high` are `None` where there is no interval; at share 0 only `high` is given.
    `share_of_pairs` is the share in initial pairs, which the linear program solves for.
    `without` is how far the other shares move (total variation, after renormalisation) when the
    category is left out. `rests_on` shows what pins the share most: what a merge makes, and the
    competitor that it must beat.
    """

    name: str
    share: float
    low: float | None
    high: float | None
    share_of_pairs: float
    n_bytes: int
    n_words: int
    group: str = ""
    without: float | None = None
    rests_on: tuple[tuple[str, str], ...] = ()


class MixtureFit(msgspec.Struct, frozen=True, omit_defaults=True):
    """How well the categories explain the merges.

    `zero_count_merges` is the share of the merges that no category contains, `residual_sd` the
    spread of the log frequency of the winners around its isotonic fit (`None` with fewer than two
    winners that occur), `objective` the sum of the
    violations per unit of pair frequency. `reasons` say in whole sentences what the verdict rests
    on, and `unexplained` spells tokens that no category explains.
    """

    zero_count_merges: float
    residual_sd: float | None
    objective: float
    verdict: Literal["good", "doubtful", "misfit"]
    reasons: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()


class MixtureBaseline(msgspec.Struct, frozen=True):
    """What a simpler method answers: shares in the order of the categories, `None` if it cannot."""

    name: str
    shares: tuple[float | None, ...]


class MixtureResult(msgspec.Struct, frozen=True, tag="mixture", omit_defaults=True):
    """What `tokeval mixture` inferred of one tokenizer."""

    tokenizer: str
    categories: tuple[MixtureCategory, ...]
    fit: MixtureFit
    method: Literal["lp", "monotone"]
    n_merges: int
    n_merges_in_list: int
    baselines: tuple[MixtureBaseline, ...] = ()
    series: tuple[Series, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    signature: str = ""


Result = MetricsResult | MixtureResult


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

"""The result of `tokeval metrics`: cells, rankings, samples of cut text."""

from __future__ import annotations

from typing import Literal

import msgspec

from tokeval.document.parts import Finding, Series, Value

Direction = Literal["higher", "lower", "none"]


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

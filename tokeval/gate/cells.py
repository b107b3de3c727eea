"""The numbers of a document that rules are about, of every analysis, with their labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from msgspec.structs import replace

from tokeval.document import (
    Cell,
    Measured,
    MetricInfo,
    MetricsResult,
    MixtureResult,
    ProbeResult,
    Report,
    SliceInfo,
    VisualResult,
    named_results,
)
from tokeval.document.report import probe_results

KNOWN_LABELS = (
    *("slice", "tokenizer", "script", "family", "resource", "language", "domain", "bcp47"),
    *("category", "dump", "probe", "model"),
)
"""Labels that a rule may name although no number of the document has them."""

SHARE = MetricInfo("share", "Share", "mixture", "share", "none", "", "", "", "")
NO_PAIRS = "it is not known block by block"

Key = tuple[str, str, str, str, int]
"""Analysis, metric, tokenizer, slice, and which one of these it is in the document."""


@dataclass(frozen=True)
class Number:
    """One number of a document.

    Attributes:
        key: what finds the same number in another document.
        cell: the number.
        info: of its metric.
        labels: what `where` looks at.
        texts: sha256 of the texts it is of, by slice; empty where its signature has them.
        named_only: a rule is about it only when it names the tokenizer.
    """

    key: Key
    cell: Cell
    info: MetricInfo
    labels: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    named_only: bool = False

    @property
    def analysis(self) -> str:
        """Which analysis it is of."""
        return self.key[0].partition(" ")[0]

    @property
    def is_measured(self) -> bool:
        """Whether there is a number."""
        return isinstance(self.cell.value, Measured)


def numbers(report: Report) -> dict[Key, Number]:
    """The numbers of a document by their keys, in its order."""
    found: dict[Key, Number] = {}
    for one in _numbers(report):
        at = 0
        while (key := (*one.key[:4], at)) in found:
            at += 1
        found[key] = one if at == one.key[4] else _with_key(one, key)
    return found


def renamed(found: Mapping[Key, Number], names: Mapping[str, str]) -> dict[Key, Number]:
    """The numbers with other names of tokenizers."""
    result = {}
    for key, one in found.items():
        name = names.get(key[2], key[2])
        changed = (key[0], key[1], name, *key[3:])
        labels = {**one.labels, "tokenizer": name}
        cell = replace(one.cell, tokenizer=name)
        result[changed] = Number(changed, cell, one.info, labels, one.texts, one.named_only)
    return result


def fits(where: Mapping[str, tuple[str, ...]], labels: Mapping[str, str]) -> bool:
    """Whether labels fit: each label of `where` is there and fits one of its patterns."""
    return all(
        label in labels and any(fnmatchcase(labels[label], pattern) for pattern in patterns)
        for label, patterns in where.items()
    )


def slice_labels(part: SliceInfo | None, *, name: str, tokenizer: str) -> dict[str, str]:
    """The labels of what was measured on a slice."""
    return {**(part.labels if part else {}), "slice": name, "tokenizer": tokenizer}


def _with_key(one: Number, key: Key) -> Number:
    return Number(key, one.cell, one.info, one.labels, one.texts, one.named_only)


def _numbers(report: Report) -> Iterator[Number]:
    """The numbers of every result."""
    corpus = report.provenance.corpus
    probes = iter(named_results(probe_results(report)))
    for result in report.results:
        if isinstance(result, MetricsResult):
            yield from _metrics(result, corpus)
        elif isinstance(result, VisualResult):
            yield from _visual(result)
        elif isinstance(result, MixtureResult):
            yield from _shares(result, corpus)
        elif isinstance(result, ProbeResult):
            name, _ = next(probes)
            yield from _probe(result, name)


def _metrics(result: MetricsResult, corpus: Mapping[str, str]) -> Iterator[Number]:
    """Metrics of tokenizers."""
    infos = {info.id: info for info in result.metrics}
    parts = {part.name: part for part in result.slices}
    for cell in result.cells:
        if cell.metric in infos:
            part = parts.get(cell.slice)
            texts = {cell.slice: corpus[cell.slice]} if part and cell.slice in corpus else {}
            yield Number(
                ("metrics", cell.metric, cell.tokenizer, cell.slice, 0),
                cell,
                infos[cell.metric],
                slice_labels(part, name=cell.slice, tokenizer=cell.tokenizer),
                texts,
                named_only=cell.tokenizer in result.baselines,
            )


def _visual(result: VisualResult) -> Iterator[Number]:
    """Statistics of a dump."""
    infos = {info.id: info for info in result.metrics}
    for one in result.cells:
        if one.metric in infos:
            labels = {
                **_parts(one.slice),
                "slice": one.slice,
                "tokenizer": result.dump,
                "dump": result.dump,
            }
            yield Number(
                ("visual", one.metric, result.dump, one.slice, 0),
                Cell(one.metric, result.dump, one.slice, one.value, one.signature),
                infos[one.metric],
                labels,
                named_only=result.is_reference,
            )


def _probe(result: ProbeResult, name: str) -> Iterator[Number]:
    """Numbers of a probe."""
    infos = {info.id: info for info in result.metrics}
    for one in result.cells:
        if one.metric in infos:
            labels = {**_parts(one.slice), "slice": one.slice, "tokenizer": name}
            labels |= {"probe": result.probe} | ({"model": result.model} if result.model else {})
            yield Number(
                (f"probe {result.probe}", one.metric, name, one.slice, 0),
                Cell(one.metric, name, one.slice, one.value, one.signature),
                infos[one.metric],
                labels,
            )


def _shares(result: MixtureResult, corpus: Mapping[str, str]) -> Iterator[Number]:
    """Shares of categories."""
    for one in result.categories:
        value = Measured(one.share, 0, low=one.low, high=one.high, stderr_reason=NO_PAIRS)
        labels = {"slice": one.name, "category": one.name, "tokenizer": result.tokenizer}
        yield Number(
            ("mixture", SHARE.id, result.tokenizer, one.name, 0),
            Cell(SHARE.id, result.tokenizer, one.name, value, result.signature),
            SHARE,
            labels,
            corpus,
        )


def _parts(condition: str) -> dict[str, str]:
    """The parts of a condition such as `letters:ez/length:30-40`, by name."""
    pairs = (part.partition(":") for part in condition.split("/"))
    return {name: value for name, sign, value in pairs if sign}

"""Small documents of metrics to compare: blocks as they are given, signatures to tamper with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tokeval.document import (
    Cell,
    Direction,
    MetricInfo,
    MetricsResult,
    Provenance,
    Report,
    Sample,
    SliceInfo,
    TokenizerInfo,
    TokenSpan,
)
from tokeval.document.jackknife import jackknifed


def info(metric: str, direction: Direction = "lower", *, support: bool = False) -> MetricInfo:
    """A metric of that id."""
    return MetricInfo(
        metric, metric.title(), "f", "tokens", direction, "x / y", "s", "d", "r",
        support_dependent=support,
    )  # fmt: skip


def mean_cell(
    metric: str, tokenizer: str, part: str, blocks: Sequence[float], **changed: str
) -> Cell:
    """The mean of some blocks; `changed` are parts of the signature."""
    numbers = np.array(blocks, dtype=np.float64)
    left_out = (numbers.sum() - numbers) / (len(numbers) - 1)
    parts = {"words": "w", "tok": tokenizer, "load": "l", "corpus": part, "v": "1"} | changed
    signature = "|".join([metric, *(f"{name}:{value}" for name, value in parts.items())])
    value = jackknifed(float(numbers.mean()), left_out)
    return Cell(metric, tokenizer, part, value, signature, tuple(left_out.tolist()))


def report(
    cells: Sequence[Cell],
    *,
    infos: Sequence[MetricInfo] = (),
    corpus: Mapping[str, str] | None = None,
    n_bytes: int = 100,
    baselines: tuple[str, ...] = (),
) -> Report:
    """A document with these cells."""
    names = list(dict.fromkeys(cell.tokenizer for cell in cells))
    slices = [name for name in dict.fromkeys(cell.slice for cell in cells) if name != "all"]
    known = {one.id: one for one in infos}
    metrics = dict.fromkeys(cell.metric for cell in cells)
    spans = (TokenSpan(1, 0, 2), TokenSpan(2, 2, 3))
    result = MetricsResult(
        metrics=tuple(known.get(metric, info(metric)) for metric in metrics),
        slices=tuple(SliceInfo(name, {}, "line", 1, 1, 1, 1, 1, n_bytes) for name in slices),
        cells=tuple(cells),
        samples=(Sample(slices[0], "abc", dict.fromkeys(names, spans)),) if slices else (),
        baselines=baselines,
    )
    tokenizers = {name: TokenizerInfo(f"print-{name}", "l", "s", "BPE", 10) for name in names}
    hashes = {name: f"sha-{name}" for name in slices} | dict(corpus or {})
    return Report(Provenance("1", (), "2020", {}, tokenizers, hashes, {}), (result,))

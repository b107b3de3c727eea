"""Runs for tests of gates: documents of given numbers, with blocks that pair."""

from __future__ import annotations

from collections.abc import Sequence

from tokeval.document import (
    Cell,
    Finding,
    Measured,
    MetricInfo,
    MetricsResult,
    Provenance,
    Report,
    SliceInfo,
    TokenizerInfo,
    Undefined,
    Value,
)
from tokeval.document.jackknife import jackknifed

DIRECTIONS = {
    "fertility": "lower",
    "bytes_per_token": "higher",
    "tokens": "none",
    "unk_rate": "lower",
    "lossless": "higher",
    "broken_merges": "lower",
    "ids_beyond_vocab_size": "lower",
    "vocab_size": "none",
    "signed": "higher",
}
LABELS = {
    "en": {"language": "English", "script": "Latn", "resource": "high"},
    "tr": {"language": "Turkish", "script": "Latn", "resource": "medium"},
    "ru": {"language": "Russian", "script": "Cyrl", "resource": "high"},
}
CONSTANT = "a constant of the tokenizer"


def info(metric: str) -> MetricInfo:
    """What a reader must know of a metric of these tests."""
    unit = "share" if metric in ("unk_rate", "lossless") else ""
    return MetricInfo(metric, metric, "f", unit, DIRECTIONS[metric], "", "", "", "")  # type: ignore[arg-type] # one of three words


def cell(
    metric: str,
    part: str,
    value: float | Sequence[float] | Value,
    *,
    tokenizer: str = "toy",
    signature: str = "",
) -> Cell:
    """A cell: of a constant, of the numbers of blocks (the value is their mean), or as it is."""
    signature = signature or f"{metric}|special:no|tok:aaaa|load:x|corpus:cccc|v:0.1.0"
    if isinstance(value, Measured | Undefined):
        return Cell(metric, tokenizer, part, value, signature)
    if isinstance(value, int | float):
        constant = Measured(float(value), 0, stderr_reason=CONSTANT)
        return Cell(metric, tokenizer, part, constant, signature)
    import numpy as np

    blocks = np.array(value, dtype=np.float64)
    left_out = (blocks.sum() - blocks) / (len(blocks) - 1)
    measured = jackknifed(float(blocks.mean()), left_out)
    return Cell(metric, tokenizer, part, measured, signature, tuple(left_out.tolist()))


def report(
    *cells: Cell,
    corpus: dict[str, str] | None = None,
    ids: dict[str, dict[str, str]] | None = None,
    findings: Sequence[Finding] = (),
    baselines: Sequence[str] = (),
) -> Report:
    """A document of `tokeval metrics`."""
    parts = [name for name in LABELS if any(one.slice == name for one in cells)]
    result = MetricsResult(
        metrics=tuple(info(name) for name in dict.fromkeys(one.metric for one in cells)),
        slices=tuple(
            SliceInfo(name, LABELS[name], "line", 20, 20, 20, 100, 500, 600) for name in parts
        ),
        cells=cells,
        findings=tuple(findings),
        ids_sha256=ids or {},
        baselines=tuple(baselines),
    )
    texts = {name: f"{name}-text" for name in parts} if corpus is None else corpus
    known = {
        name: TokenizerInfo("f" * 64, "x", f"{name}.json", "bpe", 500)
        for name in dict.fromkeys(one.tokenizer for one in cells)
    }
    return Report(Provenance("0.1.0", (), "", {}, known, texts, {}), (result,))


def blocks(base: float, *, n: int = 20, step: float = 0.01) -> list[float]:
    """Numbers of blocks around one, their mean."""
    return [base + step * (at - (n - 1) / 2) for at in range(n)]

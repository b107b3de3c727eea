"""Small reports for renderer tests: values, a report with baselines, and the terminal as text."""

from __future__ import annotations

import io

from msgspec.structs import replace
from rich.console import Console

from tokeval.document import (
    Cell,
    Measured,
    MetricInfo,
    MetricsResult,
    Provenance,
    Ranking,
    RankingEntry,
    Report,
    SliceInfo,
    TokenizerInfo,
    Undefined,
    Value,
)
from tokeval.render.terminal import print_report

NOWHERE = Provenance("0.1.0", (), "", {}, {}, {}, {})
BYTES_PER_TOKEN = MetricInfo(
    "bytes_per_token", "Bytes per token", "compression", "bytes/token", "higher", "", "", "", ""
)
BASELINES = ("(bytes)", "(words)")
PURE = MetricInfo("pure", "Pure tokens", "morphology", "share", "higher", "", "", "", "")
F1 = MetricInfo("f1", "Boundary F1", "morphology", "share", "higher", "", "", "", "")


def known(value: float, stderr: float = 0.01) -> Measured:
    """A value of 64 blocks, two standard errors either way."""
    return Measured(value, 64, stderr, value - 2 * stderr, value + 2 * stderr)


def printed(report: Report, width: int = 80, **console: object) -> str:
    """What a terminal of that width shows of a report; `console` are options of rich's."""
    out = io.StringIO()
    print_report(report, Console(file=out, width=width, **console))  # type: ignore[arg-type]  # keyword options as they are
    return out.getvalue()


def _cells(metric: MetricInfo, part: str, **values: float) -> list[Cell]:
    return [Cell(metric.id, name, part, known(value), "s") for name, value in values.items()]


def _beside(part: str, of_bytes: Value) -> list[Cell]:
    values = (of_bytes, Undefined("too many words"))
    return [
        Cell("pure", name, part, value, "s") for name, value in zip(BASELINES, values, strict=True)
    ]


def report_with_baselines(
    of_bytes: Value = known(0.9),  # noqa: B008 frozen
    metrics: tuple[MetricInfo, ...] = (BYTES_PER_TOKEN, PURE, F1),
) -> Report:
    """Two tokenizers on two slices, with baselines beside `pure` that are better than both."""
    found = [
        cell
        for part in ("all", "tr", "en")
        for cell in (
            *_cells(BYTES_PER_TOKEN, part, a=4.0, b=3.0),
            *_cells(PURE, part, a=0.2, b=0.3),
            *_beside(part, of_bytes),
            *_cells(F1, part, a=0.6, b=0.5),
        )
    ]
    ids = {metric.id for metric in metrics}
    entries = (RankingEntry("a", 4.0), RankingEntry("b", 3.0, Measured(1.0, 64, 0.1, 0.8, 1.2)))
    result = MetricsResult(
        metrics,
        tuple(SliceInfo(part, {}, "line", 1, 1, 1, 1, 1, 1) for part in ("tr", "en")),
        tuple(cell for cell in found if cell.metric in ids),
        (Ranking("bytes_per_token", "all", entries),) if BYTES_PER_TOKEN in metrics else (),
        baselines=BASELINES,
    )
    infos = {name: TokenizerInfo("0" * 64, "l", "s", "BPE", 256) for name in ("a", "b", *BASELINES)}
    return Report(replace(NOWHERE, tokenizers=infos), (result,))

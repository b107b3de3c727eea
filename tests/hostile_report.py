"""A document in which every name and text that a user can set is hostile."""

from __future__ import annotations

from msgspec.structs import replace

from tests.sample_mixture import mixture_report
from tests.small_reports import known
from tokeval.document import (
    Cell,
    Exclusion,
    Finding,
    GateResult,
    MetricInfo,
    MetricsResult,
    MixtureResult,
    NumberCut,
    ProbeCell,
    ProbeResult,
    Provenance,
    Ranking,
    RankingEntry,
    Report,
    RuleOutcome,
    Sample,
    Series,
    SliceInfo,
    SplitWord,
    TokenizerInfo,
    TokenSpan,
    Undefined,
)

NASTY = (
    "<script>window.pwned = 1</script>",
    "]]></script><img src=x onerror=window.pwned=1>",
    "\u202eevil\u2066 \u200bbidi",
    "nul\x00bell\x07esc\x1b[31m",
    "lone\ud800surrogate\udfff",
    "=cmd|'/c calc'!A0",
    "`code` | **bold** @team #1 $x$ <!-- --> ``` ]()",
    '" onmouseover="window.pwned=1',
)
"""Vocabulary that must be shown as it is and do nothing."""

VISIBLE = ("<script>window.pwned = 1</script>", "⟨U+202E⟩", "⟨U+0000⟩", "⟨U+001B⟩", "⟨U+D800⟩")
"""What a reader must be able to see of it."""


def hostile_report() -> Report:
    """Metrics, a mixture, a probe and a gate made of NASTY, with a name for each tokenizer."""
    names = NASTY[:2]
    info = TokenizerInfo("0" * 64, NASTY[3], NASTY[2], NASTY[4], 300, NASTY)
    provenance = Provenance(
        tokeval=NASTY[0],
        argv=("tokeval", *NASTY),
        created=NASTY[1],
        parameters={NASTY[0]: list(NASTY[:4])},
        tokenizers=dict.fromkeys(NASTY, info),
        corpus=dict.fromkeys(NASTY, "1" * 64),
        libraries={NASTY[1]: NASTY[0]},
        warnings=NASTY,
    )
    return Report(provenance, (_metrics(names), _mixture(), _probe(), _gate()))


def _metric(text: str) -> MetricInfo:
    return MetricInfo(text, text, text, text, "higher", text, text, text, text)


def _metrics(names: tuple[str, ...]) -> MetricsResult:
    cells = [
        Cell(metric, name, part, known(2.0 + number), NASTY[number])
        for number, name in enumerate(names)
        for metric in (*NASTY[:3], "bytes_per_token")
        for part in ("all", *NASTY)
    ]
    cells += [Cell(NASTY[3], name, "all", Undefined(NASTY[1]), NASTY[0]) for name in names]
    text = "".join(NASTY[:4])
    size = len(text.encode())
    sample = Sample(NASTY[0], text, {name: (TokenSpan(1, 0, size),) for name in names})
    ranking = Ranking(
        "bytes_per_token",
        "all",
        (RankingEntry(names[1], 3.0), RankingEntry(names[0], 2.0, known(1.0))),
        (Exclusion(NASTY[2], NASTY[0]),),
    )
    return MetricsResult(
        metrics=(*map(_metric, NASTY), _metric("bytes_per_token")),
        slices=tuple(
            SliceInfo(part, {NASTY[0]: NASTY[1]}, "line", 1, 1, 1, None, 1, 1) for part in NASTY
        ),
        cells=tuple(cells),
        rankings=(ranking,),
        series=tuple(
            Series("s", NASTY[0], name, NASTY[2], NASTY[3], NASTY[1], NASTY[:3], (1.0, 2.0, 3.0),
                   "bars", NASTY[0], NASTY[1])
            for name in names
        ),
        samples=(sample,),
        split_words=tuple(SplitWord(names[0], NASTY[1], one, NASTY, 3) for one in NASTY),
        findings=tuple(Finding(one, "error", names[0], one, 2, NASTY) for one in NASTY),
    )  # fmt: skip


def _mixture() -> MixtureResult:
    (result,) = mixture_report().results
    assert isinstance(result, MixtureResult)
    first, *rest = result.categories
    odd = replace(first, name=NASTY[0], rests_on=tuple(zip(NASTY, NASTY, strict=True)))
    fit = replace(result.fit, reasons=NASTY, unexplained=NASTY)
    return replace(
        result,
        tokenizer=NASTY[1],
        categories=(odd, *rest),
        fit=fit,
        notes=NASTY,
        signature=NASTY[0],
    )


def _probe() -> ProbeResult:
    metric = _metric("answer_alignment_match")
    cells = (ProbeCell(metric.id, known(0.5), NASTY[2], NASTY[1]),)
    cuts = tuple(NumberCut(one, NASTY) for one in NASTY)
    return ProbeResult("numeracy", (metric,), cells, NASTY[0], settings={NASTY[0]: 1}, cuts=cuts)


def _gate() -> GateResult:
    rules = tuple(
        RuleOutcome(number, text, text, "fail", "error", failed=True, message=text, slice=text)
        for number, text in enumerate(NASTY, 1)
    )
    return GateResult("fail", rules, NASTY[0], NASTY[1], NASTY)

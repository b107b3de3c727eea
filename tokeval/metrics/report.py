"""From counts to the document: cells, rankings, series, samples and where they come from."""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Sequence
from typing import Any

import tokeval
from tokeval.core.corpus import Slice
from tokeval.core.evidence import Evidence
from tokeval.core.metric import WHOLE_CORPUS, Folds, Metric, Parameters
from tokeval.core.provenance import creation_time, library_versions, tokenizer_info
from tokeval.core.resources import Resources
from tokeval.core.segmentation import UNICODE_VERSION, WORD_RULE
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import (
    Cell,
    MetricsResult,
    Provenance,
    Report,
    SliceInfo,
    TokenizerInfo,
    Undefined,
)
from tokeval.errors import ExitCode, TokevalError
from tokeval.metrics.baselines import baseline_infos
from tokeval.metrics.catalogue import CATALOGUE, choose_metrics, family_series, without_unasked
from tokeval.metrics.cells import cells, contexts
from tokeval.metrics.evaluate import Advance, Measurement, measure
from tokeval.metrics.frames import Frame, frame
from tokeval.metrics.rankings import rankings
from tokeval.metrics.samples import cut_samples, sample_texts, split_words
from tokeval.metrics.series import series
from tokeval.metrics.studies import make_studies

LIBRARIES = ("numpy", "scipy", "tokenizers", "tiktoken", "sentencepiece", "pyicu-wheels")


def evaluate(
    tokenizers: Sequence[Tokenizer],
    slices: Sequence[Slice],
    parameters: Parameters | None = None,
    *,
    metrics: Sequence[Metric] | None = None,
    resources: Resources | None = None,
    engine: str = "serial",
    jobs: int | None = None,
    advance: Advance | None = None,
    argv: Sequence[str] = (),
) -> Report:
    """Measures every tokenizer on every slice and returns the document.

    Args:
        tokenizers: with distinct names.
        slices: with distinct names, none of them `all`.
        parameters: the user's choices.
        metrics: which metrics; by default all without a study whose parameters are given.
        resources: word lists and gold data that some metrics need.
        engine: `serial` or `processes`.
        jobs: number of processes.
        advance: told of progress: bytes that were counted, and the slice.
        argv: the command line, for provenance.

    Raises:
        UsageError: a parameter names something that does not exist.
        TokevalError: a text cannot be read, or not one cell could be measured (exit code 5).
    """
    settings = parameters or Parameters()
    given = resources or Resources()
    chosen = list(metrics or without_unasked(choose_metrics(), settings, given))
    created = creation_time()
    # What only cells need is imported while worker processes count.
    threading.Thread(target=importlib.import_module, args=("scipy.special",), daemon=True).start()
    counted = measure(tokenizers, slices, settings, engine=engine, jobs=jobs, advance=advance)
    studied = make_studies(tokenizers, slices, chosen, resources=given, engine=engine, jobs=jobs)
    common = frame(counted, settings, tokenizers, studied=studied, resources=given)
    infos = {tokenizer.name: tokenizer_info(tokenizer) for tokenizer in tokenizers}
    beside = baseline_infos(chosen, infos)
    result = _result(common, tokenizers, chosen, baselines=tuple(beside))
    values = [cell.value for cell in result.cells if cell.tokenizer not in beside]
    reasons = [value.reason for value in values if isinstance(value, Undefined)]
    if len(reasons) == len(values):
        raise TokevalError(
            f"nothing was measured: {reasons[0] if reasons else 'no cell was asked for'}",
            "choose other metrics or another corpus",
            code=ExitCode.NOTHING_MEASURED,
        )
    return Report(_provenance(common, infos | beside, argv=argv, created=created), (result,))


def _result(
    common: Frame,
    tokenizers: Sequence[Tokenizer],
    chosen: Sequence[Metric],
    *,
    baselines: tuple[str, ...],
) -> MetricsResult:
    """Everything that was measured, beside which baselines."""
    measurement = common.measurement
    by_name = contexts(common, tokenizers)
    with_folds = cells(common, tokenizers, chosen, by_name)
    unknown = cells(common, tokenizers, [CATALOGUE["unk_rate"]], by_name)
    points = [
        line
        for tokenizer in tokenizers
        for line in (
            *series(tokenizer, by_name[tokenizer.name][WHOLE_CORPUS]),
            *family_series(tokenizer.name, by_name[tokenizer.name], chosen),
        )
    ]
    words = [
        word
        for tokenizer in tokenizers
        for part in measurement.slices
        for word in split_words(
            tokenizer.name, part.name, measurement.evidence[tokenizer.name][part.name]
        )
    ]
    return MetricsResult(
        metrics=tuple(metric.info for metric in chosen),
        slices=tuple(_slice_info(measurement, part) for part in measurement.slices),
        cells=tuple(cell for cell, _ in with_folds),
        rankings=tuple(rankings(with_folds, chosen, _unk_rates(unknown), baselines=baselines)),
        series=tuple(points),
        samples=tuple(cut_samples(tokenizers, sample_texts(measurement.slices))),
        split_words=tuple(words),
        findings=common.studied.findings,
        ids_sha256={
            name: {part: _ids_hash(evidence) for part, evidence in by_slice.items()}
            for name, by_slice in measurement.evidence.items()
        },
        baselines=baselines,
    )


def _unk_rates(
    unknown: Sequence[tuple[Cell, Folds | None]],
) -> dict[tuple[str, str], float]:
    """Share of unknown tokens by tokenizer and slice."""
    return {
        (cell.tokenizer, cell.slice): float(folds.values[0])
        for cell, folds in unknown
        if folds is not None
    }


def _ids_hash(evidence: Evidence) -> str:
    """sha256 of all ids of a slice, by chunk."""
    return hashlib.sha256(b"".join(evidence.digests)).hexdigest()


def _slice_info(measurement: Measurement, part: Slice) -> SliceInfo:
    """What the slice holds."""
    evidence = next(iter(measurement.evidence.values()))[part.name]
    totals = {column: int(evidence.sums(column)[0]) for column in evidence.totals}
    return SliceInfo(
        name=part.name,
        labels=dict(part.labels),
        unit=part.unit,
        n_documents=totals["documents"],
        n_texts=totals["texts"],
        n_lines=totals["lines"],
        n_words=totals["words"],
        n_characters=totals["characters"],
        n_bytes=totals["bytes"],
    )


def _provenance(
    common: Frame, infos: dict[str, TokenizerInfo], *, argv: Sequence[str], created: str
) -> Provenance:
    """Everything that is needed to make the numbers again."""
    settings = common.parameters
    parameters: dict[str, Any] = {
        "alpha": settings.alpha,
        "words": settings.words,
        "special": list(settings.special),
        "reference_slices": dict(common.references),
        "baseline": common.baseline,
        "max_length": settings.max_length,
        "price": settings.price,
        "word_rule": WORD_RULE,
        "unicode": UNICODE_VERSION,
        "resources": dict(common.resources.hashes),
        "units": {name: cut.value for name, cut in common.measurement.cuts.items()},
    }
    return Provenance(
        tokeval=tokeval.__version__,
        argv=tuple(argv),
        created=created,
        parameters=parameters,
        tokenizers=infos,
        corpus=dict(common.measurement.corpus),
        libraries=library_versions(LIBRARIES),
        warnings=tuple(_warnings(common.measurement)),
    )


def _warnings(measurement: Measurement) -> list[str]:
    """What a reader of the numbers should be warned of."""
    sampled = sorted(
        {
            part
            for by_slice in measurement.evidence.values()
            for part, evidence in by_slice.items()
            if evidence.word_forms.is_sampled
        }
    )
    if not sampled:
        return []
    return [
        "metrics by word type rest on a uniform sample of the distinct words in "
        + ", ".join(sampled)
    ]

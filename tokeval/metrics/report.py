"""From counts to the document: cells, rankings, series, samples and where they come from."""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Sequence
from typing import Any

import tokeval
from tokeval.core.cache import Cache, cache_directory, max_bytes, trim
from tokeval.core.corpus import Slice
from tokeval.core.engine import started
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
from tokeval.loaders.identities import Identity, identity
from tokeval.metrics.baselines import baseline_infos
from tokeval.metrics.catalogue import CATALOGUE, choose_metrics, family_series, without_unasked
from tokeval.metrics.cells import cells, contexts
from tokeval.metrics.evaluate import Advance, Measurement, measure
from tokeval.metrics.frames import Frame, frame
from tokeval.metrics.kept_results import keep_report, kept_report, read_back, result_key
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
    cached: bool = True,
    exact_path: bool = False,
) -> Report:
    """Measures every tokenizer on every slice and returns the document.

    The numbers are the same with and without the cache.

    Args:
        tokenizers: with distinct names.
        slices: with distinct names, none of them `all`.
        parameters: the user's choices.
        metrics: which metrics; by default all without a study whose parameters are given.
        resources: word lists and gold data that some metrics need.
        engine: `serial`, `processes` or `dask`.
        jobs: number of processes.
        advance: told of progress: bytes that were counted, and the slice.
        argv: the command line, for provenance.
        cached: whether earlier results and counts are looked up in the cache, and new ones kept.
        exact_path: whether the tokenizers' own libraries shall encode everything; the numbers are
            the same.

    Raises:
        UsageError: a parameter names something that does not exist.
        TokevalError: a text cannot be read, or not one cell could be measured (exit code 5).
    """
    settings = parameters or Parameters()
    given = resources or Resources()
    chosen = list(metrics or without_unasked(choose_metrics(), settings, given))
    created = creation_time()

    def key() -> str | None:
        found = [identity(tokenizer) for tokenizer in tokenizers]
        return result_key(
            found, slices, settings, metrics=chosen, resources=given, exact_path=exact_path
        )

    # A whole result is kept by the hash of all text, which nobody reads here for a cluster.
    results = Cache.of("results") if cached and engine != "dask" else None
    key_before = key() if results is not None else None
    earlier = kept_report(results, key_before, argv=argv, created=created)
    if earlier is not None:
        return earlier
    # What only cells need is imported while worker processes count.
    threading.Thread(target=importlib.import_module, args=("scipy.special",), daemon=True).start()
    with started(engine, jobs=jobs):
        counted = measure(
            tokenizers,
            slices,
            settings,
            engine=engine,
            jobs=jobs,
            advance=advance,
            cache=Cache.of("evidence") if cached else None,
            exact_path=exact_path,
        )
        studied = make_studies(
            tokenizers, slices, chosen, resources=given, engine=engine, jobs=jobs
        )
    common = frame(counted, settings, tokenizers, studied=studied, resources=given)
    report = read_back(_report(common, tokenizers, chosen, argv=argv, created=created))
    if results is not None:
        # A file that was written to meanwhile is not what the key stands for.
        keep_report(results, key_before if key() == key_before else None, report)
        trim(cache_directory(), max_bytes())
    return report


def earlier_report(
    identities: Sequence[Identity],
    slices: Sequence[Slice],
    parameters: Parameters,
    *,
    metrics: Sequence[Metric] | None = None,
    resources: Resources | None = None,
    exact_path: bool = False,
    argv: Sequence[str] = (),
) -> Report | None:
    """What `evaluate` would return, from the cache, with no tokenizer loaded.

    `None` where the cache does not hold it.
    """
    given = resources or Resources()
    chosen = list(metrics or without_unasked(choose_metrics(), parameters, given))
    key = result_key(
        identities, slices, parameters, metrics=chosen, resources=given, exact_path=exact_path
    )
    return kept_report(Cache.of("results"), key, argv=argv, created=creation_time())


def _report(
    common: Frame,
    tokenizers: Sequence[Tokenizer],
    chosen: Sequence[Metric],
    *,
    argv: Sequence[str],
    created: str,
) -> Report:
    """The document of what was counted.

    Raises:
        TokevalError: not one cell could be measured (exit code 5).
    """
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
        "paths": dict(common.measurement.paths),
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

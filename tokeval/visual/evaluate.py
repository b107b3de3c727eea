"""From dumps to the document: every statistic as a cell, figures, findings, where from."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import msgspec

import tokeval
from tokeval.core.metric import Folds, estimate
from tokeval.core.provenance import creation_time, library_versions
from tokeval.document import Measured, Provenance, Report, Undefined, Value
from tokeval.document.visual import DumpInfo, VisualCell, VisualResult
from tokeval.visual import measurements, sample_measurements
from tokeval.visual.catalogue import HIGH, LOW, infos
from tokeval.visual.counting import count
from tokeval.visual.dependence import Bracket
from tokeval.visual.drift import Drift, changed_share, drift
from tokeval.visual.dump import N_BLOCKS, Dump, Samples
from tokeval.visual.figures import count_series, sample_series
from tokeval.visual.findings import findings
from tokeval.visual.measurements import Measurement
from tokeval.visual.settings import Settings
from tokeval.visual.stages import Stages, Tell, choose_engine

LIBRARIES = ("numpy", "scipy")


def evaluate(
    dumps: Sequence[Dump],
    settings: Settings,
    *,
    tell: Tell,
    references: Sequence[Dump] = (),
    argv: Sequence[str] = (),
    engine: str = "serial",
    jobs: int | None = None,
) -> Report:
    """The document: the statistics of each dump, the same for any number of processes.

    Args:
        dumps: with distinct names.
        settings: the user's choices.
        tell: told of progress.
        references: text to compare with, as sequences of tokens.
        argv: the command line, for provenance.
        engine: `serial`; `processes` or `dask`, each worker of which needs memory for the sample;
            `auto` for processes where they pay.
        jobs: number of worker processes; all cores when `None`.

    Raises:
        TokevalError: a token outside the codebook, with file and row.
        UsageError: factors or a rate that do not fit.
    """
    created = creation_time()
    results = [evaluate_dump(dump, settings, tell=tell, engine=engine, jobs=jobs) for dump in dumps]
    # Factors and rates are of the codes, not of the text.
    plain = replace(settings, factors=(), rate=None)
    results += [
        msgspec.structs.replace(evaluate_dump(text, plain, tell=tell), is_reference=True)
        for text in references
    ]
    corpus = {result.dump: result.info.sha256 for result in results}
    return _report(results, settings, created, argv, corpus)


def evaluate_dump(
    dump: Dump,
    settings: Settings,
    *,
    tell: Tell,
    engine: str = "serial",
    jobs: int | None = None,
) -> VisualResult:
    """Every statistic of one dump: single codes of all tokens, the others of a stated sample."""
    # One sample tells whether factors fit, before all are counted.
    list(sample_measurements.of_factors(dump, dump.sample(1), settings))
    chosen = choose_engine(dump, jobs) if engine == "auto" else engine
    tell(f"counting {dump.name}")
    counted = count(dump, engine=chosen, jobs=jobs)
    tell(f"{dump.name}: single codes")
    stages = Stages(dump, settings)
    measured = [
        *measurements.of_counts(counted),
        *sample_measurements.of_rate(dump, counted, settings),
        *stages.all(tell=tell, engine=chosen, jobs=jobs),
    ]
    cells = tuple(chain.from_iterable(_cells(one, dump, counted.sha256) for one in measured))
    tell(f"{dump.name}: figures")
    return VisualResult(
        dump=dump.name,
        info=_info(dump, counted.sha256),
        metrics=infos(cell.metric for cell in cells),
        cells=cells,
        series=(
            *count_series(dump, counted.whole, cells),
            *sample_series(dump, stages.short, settings),
        ),
        findings=tuple(findings(dump, counted, stages.samples, cells)),
    )


def evaluate_drift(
    before: Dump, after: Dump, settings: Settings, *, argv: Sequence[str] = ()
) -> Report:
    """The document: how far the codes of the second dump are from those of the first.

    Raises:
        TokevalError: a token outside the codebook, with file and row.
    """
    created = creation_time()
    one, two = (dump.sample(settings.sample_tokens) for dump in (before, after))
    found = drift(one, two, before.codebook_size)
    names = ("drift", "drift_chance", "drift_p")
    if isinstance(found, Drift):
        reason = f"of {found.n_permutations} permutations"
        values: tuple[Folds | Undefined, ...] = (
            found.divergence,
            Folds.constant(found.chance, reason),
            Folds.constant(found.p, reason),
        )
    else:
        values = (found, found, found)
    tokens = str(len(two.tokens))
    measured = [
        *(Measurement(*pair, tokens=tokens) for pair in zip(names, values, strict=True)),
        Measurement("changed_share", _changed(before, after, one, two), tokens=tokens),
    ]
    shas = [count(dump).sha256 for dump in (before, after)]
    cells = tuple(
        chain.from_iterable(_cells(one, after, "-".join(sha[:12] for sha in shas), whole=False)
                            for one in measured)
    )  # fmt: skip
    name = f"{after.name} against {before.name}"
    result = VisualResult(name, _info(after, shas[1]), infos(c.metric for c in cells), cells)
    corpus = {before.name: shas[0], after.name: shas[1]}
    return _report([result], settings, created, argv, corpus)


def _changed(before: Dump, after: Dump, one: Samples, two: Samples) -> Folds | Undefined:
    """Share of changed ids, where both dumps have the same samples."""
    if before.n_samples != after.n_samples:
        return Undefined("the dumps have different numbers of samples")
    return changed_share(one, two)


def _cells(
    measurement: Measurement, dump: Dump, sha256: str, *, whole: bool = True
) -> Iterator[VisualCell]:
    """The cell of a number, or those of both ends of a bracket and of the point it lacks."""
    found, metric = measurement.value, measurement.metric
    values: dict[str, Folds | Undefined]
    if isinstance(found, Bracket):
        values = {
            metric: measurements.point_reason(found),
            metric + LOW: found.low,
            metric + HIGH: found.high,
        }
    else:
        values = {metric: found}
    for name, value in values.items():
        signature = "|".join(
            (
                name,
                f"K:{dump.codebook_size}",
                "-".join((f"layout:{dump.layout.value}", *map(str, dump.scales))),
                f"blocks:{min(N_BLOCKS, dump.n_samples)}",
                f"tokens:{measurement.tokens}",
                *measurement.parameters,
                f"dump:{sha256[:16] if whole else sha256}",
                f"v:{tokeval.__version__}",
            )
        )
        # A name from a worker is another object, and is then written though it is the default.
        part = sys.intern(measurement.slice)
        yield VisualCell(name, _value(value), part, signature)


def _value(found: Folds | Undefined) -> Value:
    """The estimate with its interval; undefined where arithmetic gave no number."""
    if isinstance(found, Undefined):
        return found
    if found.values[0] != found.values[0] or abs(found.values[0]) == float("inf"):
        return Undefined("it has no finite value for these counts")
    value = estimate(found)
    if value.stderr_reason and value.stderr_reason.startswith("only "):
        blocks = f"{value.n_blocks} blocks of samples"
        return Measured(value.value, value.n_blocks, stderr_reason=f"only {blocks}; 10 are needed")
    return value


def _info(dump: Dump, sha256: str) -> DumpInfo:
    """What the dump holds."""
    return DumpInfo(
        source=dump.source,
        layout=dump.layout.value,
        codebook_size=dump.codebook_size,
        n_samples=dump.n_samples,
        n_tokens=dump.n_tokens,
        shape=dump.shape or (),
        sha256=sha256,
    )


def _report(
    results: Sequence[VisualResult],
    settings: Settings,
    created: str,
    argv: Sequence[str],
    corpus: dict[str, str],
) -> Report:
    """The results with where they come from."""
    provenance = Provenance(
        tokeval=tokeval.__version__,
        argv=tuple(argv),
        created=created,
        parameters={
            "sample": settings.sample_tokens,
            "scan_sample": settings.scan_tokens,
            "search_sample": settings.search_tokens,
            "factors": list(settings.factors),
            "rate": settings.rate,
            "blocks": N_BLOCKS,
        },
        tokenizers={},
        corpus=corpus,
        libraries=library_versions(LIBRARIES),
    )
    return Report(provenance, tuple(results))

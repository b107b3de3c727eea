"""From two documents, or two tokenizers and a corpus, to the document of their comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import tokeval
from tokeval.compare.attribution import Advance, Attributor, Tally
from tokeval.compare.diff_samples import common_samples, differing_samples
from tokeval.compare.explaining import MAX_NAMED, Explainer
from tokeval.compare.pairing import pair
from tokeval.compare.sides import Named, Side, choose_sides
from tokeval.compare.transferring import transfer
from tokeval.compare.unit_tokens import MAX_FORMS
from tokeval.core.corpus import Slice
from tokeval.core.metric import WHOLE_CORPUS, Metric, Parameters
from tokeval.core.pretokens import Cut
from tokeval.core.provenance import creation_time, library_versions
from tokeval.core.resources import Resources
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import ComparisonResult, Explanation, Provenance, Report, Transfer
from tokeval.document.jackknife import CONFIDENCE
from tokeval.errors import UsageError
from tokeval.metrics.report import evaluate

LIBRARIES = ("numpy", "scipy")


@dataclass(frozen=True)
class Settings:
    """What is measured when tokenizers are compared.

    Attributes:
        metrics: by default all that are computed from the whole text.
        parameters, resources: as for `tokeval metrics`.
        explain: how many words of each slice are named; 0 for as many as it takes to leave at
            most 20% of the difference; `None` for no explanation.
        engine, jobs: how the metrics are counted.
        cached: whether earlier counts are looked up in the cache, and new ones kept.
    """

    metrics: Sequence[Metric] | None = None
    parameters: Parameters = field(default_factory=Parameters)
    resources: Resources | None = None
    explain: int | None = None
    engine: str = "serial"
    jobs: int | None = None
    cached: bool = True


def compare_documents(
    documents: Sequence[Named],
    tokenizers: Sequence[str] = (),
    *,
    metrics: Sequence[str] = (),
    slices: Sequence[str] = (),
    argv: Sequence[str] = (),
) -> Report:
    """The comparison of what two documents, or two tokenizers of one, measured.

    Args:
        documents: one or two, with what they are called.
        tokenizers: names of the tokenizers, where a document has several.
        metrics: ids to compare; all when empty.
        slices: slices to compare; all when empty.
        argv: the command line, for provenance.

    Raises:
        UsageError: it is not clear which tokenizers are meant.
        TokevalError: the runs are not comparable (exit code 4).
    """
    before, after = choose_sides(documents, tokenizers)
    pairing = pair(before, after, metrics=metrics, slices=slices)
    samples = common_samples(
        before.result, after.result,
        (before.tokenizer, after.tokenizer), (before.label, after.label),
    )  # fmt: skip
    shown = [one for one in samples if not slices or one.slice in slices]
    result = ComparisonResult(
        before=before.label,
        after=after.label,
        metrics=pairing.metrics,
        differences=pairing.differences,
        samples=tuple(shown),
        warnings=(*_same_tokenizer(before, after), *pairing.warnings),
    )
    return Report(_joint_provenance(before, after, documents, argv), (result,))


def compare_tokenizers(
    before: Tokenizer,
    after: Tokenizer,
    slices: Sequence[Slice],
    settings: Settings | None = None,
    *,
    advance: Advance | None = None,
    argv: Sequence[str] = (),
) -> Report:
    """Measures two tokenizers on a corpus and compares them, with what carries over.

    Args:
        before: the tokenizer that is compared with.
        after: the other one, with another name.
        slices: with distinct names, none of them `all`.
        settings: what is measured.
        advance: told of progress; the text is read twice.
        argv: the command line, for provenance.

    Raises:
        UsageError: the two have one name, or a number of words is negative.
        TokevalError: as `tokeval.metrics.report.evaluate`.
    """
    chosen = settings or Settings()
    if before.name == after.name:
        raise UsageError(
            f"both tokenizers are named {before.name!r}", "give each a name of its own"
        )
    if chosen.explain is not None and not 0 <= chosen.explain <= MAX_NAMED:
        raise UsageError(
            f"--explain is {chosen.explain}",
            f"name 1 to {MAX_NAMED} words, or 0 for as many as it takes",
        )
    measured = evaluate(
        [before, after],
        slices,
        chosen.parameters,
        metrics=chosen.metrics,
        resources=chosen.resources,
        engine=chosen.engine,
        jobs=chosen.jobs,
        cached=chosen.cached,
        advance=advance,
        argv=argv,
    )
    sides = choose_sides([("the run", measured)], [before.name, after.name])
    pairing = pair(*sides)
    explanations, carried, notes = _attributed(
        (before, after), slices, chosen, report=measured, advance=advance
    )
    result = ComparisonResult(
        before=before.name,
        after=after.name,
        metrics=pairing.metrics,
        differences=pairing.differences,
        explanations=tuple(explanations),
        transfer=carried,
        samples=tuple(differing_samples([before, after], slices)),
        warnings=(*_same_tokenizer(*sides), *pairing.warnings, *notes),
    )
    return Report(measured.provenance, (result,))


def _attributed(
    tokenizers: tuple[Tokenizer, Tokenizer],
    slices: Sequence[Slice],
    settings: Settings,
    *,
    report: Report,
    advance: Advance | None,
) -> tuple[list[Explanation], Transfer, list[str]]:
    """The explanations that were asked for, what carries over, and what is to be said of both."""
    cuts = report.provenance.parameters["units"]
    n_special = len(settings.parameters.special)
    n_names = MAX_NAMED if settings.explain == 0 else settings.explain or 0
    attributor = Attributor(
        [(tokenizer, Cut(cuts[tokenizer.name])) for tokenizer in tokenizers],
        n_names=n_names,
        max_forms=MAX_FORMS,
    )
    explainer = Explainer(
        attributor.forms, tokenizers, (n_special, n_special), settings.explain or 0
    )
    explanations: list[Explanation] = []
    lengths: dict[str, tuple[int, int]] = {}

    def take(name: str, tally: Tally) -> None:
        before, after = (tally.n_tokens + n_special * tally.n_texts).tolist()
        lengths[name] = (before, after)
        if settings.explain is not None:
            explanations.append(explainer.explain(name, tally))

    for name, tally in attributor.slices(slices, advance):
        take(name, tally)
    take(WHOLE_CORPUS, attributor.whole)
    explanations.sort(key=lambda one: (one.slice != WHOLE_CORPUS, -abs(one.difference)))
    notes = []
    if attributor.forms.is_full and settings.explain is not None:
        notes.append(
            f"words first met after {MAX_FORMS:,} different ones are counted in their classes, "
            "and none of them is named"
        )
    carried = transfer(*tokenizers, whole=attributor.whole, lengths=lengths)
    return explanations, carried, notes


def _same_tokenizer(before: Side, after: Side) -> list[str]:
    """What is said where both sides are one tokenizer."""
    ours, theirs = before.info, after.info
    if ours is None or theirs is None or ours.fingerprint != theirs.fingerprint:
        return []
    return [f"both sides are the same tokenizer: fingerprint {ours.fingerprint[:8]}"]


def _joint_provenance(
    before: Side, after: Side, documents: Sequence[Named], argv: Sequence[str]
) -> Provenance:
    """Where both sides come from, each document with its own provenance."""
    infos = {side.label: side.info for side in (before, after)}
    runs = {source: report.provenance for source, report in documents}
    corpus = {
        name: digest
        for name, digest in before.report.provenance.corpus.items()
        if after.report.provenance.corpus.get(name) == digest
    }
    return Provenance(
        tokeval=tokeval.__version__,
        argv=tuple(argv),
        created=creation_time(),
        parameters={
            "before": {"document": before.source, "tokenizer": before.tokenizer},
            "after": {"document": after.source, "tokenizer": after.tokenizer},
            "confidence": CONFIDENCE,
        },
        tokenizers={label: info for label, info in infos.items() if info is not None},
        corpus=corpus,
        libraries=library_versions(LIBRARIES),
        warnings=tuple(
            dict.fromkeys(
                f"{source}: {warning}" for source, run in runs.items() for warning in run.warnings
            )
        ),
        runs=runs,
    )

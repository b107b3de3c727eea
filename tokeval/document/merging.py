"""Several documents as one: metrics of the same text in one table, all else side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from tokeval.document.joint_metrics import Part, join_parts, why_apart
from tokeval.document.metrics import MetricsResult
from tokeval.document.renaming import renamed
from tokeval.document.report import Provenance, Report, Result, TokenizerInfo
from tokeval.document.visual import VisualResult

Named = tuple[str, Report]
"""A document with the name that it is called by, such as that of its file."""

Item = TypeVar("Item")


def joined(documents: Sequence[Named]) -> Report:
    """One document that holds the results of all, in the order given; a single one as it is.

    Metrics whose signatures differ in the tokenizer only are in one result with joint rankings,
    paired by block. Where texts or rules differ results stay apart, and a warning says why.
    Tokenizers that differ but have one name get their fingerprint behind it. What two documents
    have alike is there once.

    Raises:
        TokevalError: no two numbers of the same signature may differ; exit code 4.
        ValueError: there are no documents.
    """
    if not documents:
        raise ValueError("no documents to join")
    if len(documents) == 1:
        return documents[0][1]
    distinct = _with_distinct_tokenizers(documents)
    groups: list[list[Part]] = []
    others: list[Result] = []
    seen: list[Result] = []  # as they were, before any got another name
    warnings: list[str] = []
    for name, report in distinct:
        for result in report.results:
            if isinstance(result, MetricsResult):
                warnings += _placed(groups, Part(name, result, report.provenance.corpus))
            elif result not in seen:
                seen.append(result)
                others.append(_with_own_name(result, others))
    merged = [join_parts(parts) for parts in groups]
    warnings += [note for _, notes in merged for note in notes]
    results = (*(result for result, _ in merged), *others)
    return Report(_joint_provenance(distinct, warnings), results)


def _placed(groups: list[list[Part]], part: Part) -> Iterator[str]:
    """Puts a result where it can be compared, or apart, and then says why."""
    reasons = []
    for parts in groups:
        reason = why_apart(parts[0], part)
        if reason is None:
            parts.append(part)
            return
        reasons.append(reason)
    groups.append([part])
    if reasons:
        yield f"{part.name} stays apart from {groups[0][0].name}: {reasons[0]}"


def _with_distinct_tokenizers(documents: Sequence[Named]) -> list[Named]:
    """The documents, in which one name stands for one tokenizer."""
    known: dict[str, list[TokenizerInfo]] = {}
    for _, report in documents:
        for name, info in report.provenance.tokenizers.items():
            found = known.setdefault(name, [])
            if not any(_is_same(info, other) for other in found):
                found.append(info)
    clashing = {name for name, infos in known.items() if len(infos) > 1}
    return [
        (source, _with_new_names(report, clashing, known)) if clashing else (source, report)
        for source, report in documents
    ]


def _is_same(one: TokenizerInfo, other: TokenizerInfo) -> bool:
    """Whether two descriptions are of one tokenizer, read by the same loader."""
    return (one.fingerprint, one.loader) == (other.fingerprint, other.loader)


def _with_new_names(
    report: Report, clashing: set[str], known: dict[str, list[TokenizerInfo]]
) -> Report:
    """The document with what tells tokenizers apart behind the names that several have."""
    tokenizers = report.provenance.tokenizers
    names = {
        name: f"{name} ({_mark(info, known[name])})"
        for name, info in tokenizers.items()
        if name in clashing
    }
    provenance = replace(
        report.provenance,
        tokenizers={names.get(name, name): info for name, info in tokenizers.items()},
    )
    results = tuple(renamed(result, names) for result in report.results)
    return Report(provenance, results, report.schema)


def _mark(info: TokenizerInfo, infos: Sequence[TokenizerInfo]) -> str:
    """What tells a tokenizer from others of its name: its fingerprint, else its loader too."""
    prints = [other.fingerprint for other in infos]
    mark = info.fingerprint[:8]
    return mark if prints.count(info.fingerprint) == 1 else f"{mark}, {info.loader}"


def _with_own_name(result: Result, others: Sequence[Result]) -> Result:
    """A result; a dump that has the name of another one with a number behind it."""
    if not isinstance(result, VisualResult):
        return result
    taken = {one.dump for one in others if isinstance(one, VisualResult)}
    name, number = result.dump, 2
    while name in taken:
        name, number = f"{result.dump} ({number})", number + 1
    return renamed(result, {result.dump: name})


def _joint_provenance(documents: Sequence[Named], warnings: Sequence[str]) -> Provenance:
    """What is common to all, and the provenance of each."""
    runs = {name: report.provenance for name, report in documents}
    said = [f"{name}: {warning}" for name, run in runs.items() for warning in run.warnings]
    corpus: dict[str, str] = {}
    tokenizers: dict[str, TokenizerInfo] = {}
    for run in runs.values():
        tokenizers.update(run.tokenizers)
        corpus = run.corpus | corpus
    return Provenance(
        tokeval=", ".join(_distinct([run.tokeval for run in runs.values()])),
        argv=(),
        created=max(run.created for run in runs.values()),
        parameters={},
        tokenizers=tokenizers,
        corpus=corpus,
        libraries={},
        warnings=tuple(_distinct([*warnings, *said])),
        runs=runs,
    )


def _distinct(items: Sequence[Item]) -> list[Item]:
    """The items in order, each once."""
    return list(dict.fromkeys(items))

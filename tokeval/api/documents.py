"""Documents as functions take them: `load`, `compare` and `gate`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tokeval.errors import UsageError

if TYPE_CHECKING:
    from tokeval.api.inputs import Corpus, TokenizerSource
    from tokeval.compare.report import Settings as CompareSettings
    from tokeval.document import GateResult, Report
    from tokeval.gate.rules import Rules

    DocumentSource: TypeAlias = Report | str | os.PathLike[str]


def load(path: str | os.PathLike[str]) -> Report:
    """The document at a path.

    Raises:
        TokevalError: the file is missing, is not JSON, or is not a document of a known schema.
    """
    from tokeval.document import load as load_document

    if not isinstance(path, str | os.PathLike) or "\0" in os.fspath(path):
        raise UsageError(f"{path!r} is no path", "give that of a document")
    return load_document(Path(path))


def compare(
    before: DocumentSource | TokenizerSource,
    after: DocumentSource | TokenizerSource | None = None,
    corpus: Corpus | None = None,
    *,
    tokenizers: Sequence[str] = (),
    metrics: Sequence[str] = (),
    slices: Sequence[str] = (),
    settings: CompareSettings | None = None,
) -> Report:
    """Paired differences of two runs, or of two tokenizers on a corpus: `tokeval compare`.

    Args:
        before: a document or its path; or a tokenizer, as `load_tokenizer` takes it.
        after: likewise; `None` where a document holds both tokenizers.
        corpus: of tokenizers, as `read_corpus` takes it.
        tokenizers: names in the documents, where one has several: that of both, or two.
        metrics: ids to compare; all that both have when empty.
        slices: of documents, those to compare; all when empty.
        settings: of tokenizers: what is measured, and how many words explain the difference.

    Raises:
        UsageError: it is not clear what is meant, or a choice belongs to the other kind.
        TokevalError: the runs are not comparable (exit code 4), or something cannot be read.
    """
    from tokeval.api.inputs import load_tokenizer, read_corpus
    from tokeval.compare.report import compare_documents, compare_tokenizers

    sides = [before] if after is None else [before, after]
    documents = [_is_document(one) for one in sides]
    if all(documents):
        _check_unused("documents", corpus=corpus, settings=settings)
        named = [_named(one, number) for number, one in enumerate(sides)]
        return compare_documents(named, tokenizers, metrics=metrics, slices=slices)
    if any(documents) or after is None:
        raise UsageError(
            "a comparison is of two documents or of two tokenizers", "give both sides as one kind"
        )
    _check_unused("tokenizers", tokenizers=tokenizers, slices=slices)
    one, two = (load_tokenizer(side) for side in (before, after))  # type: ignore[arg-type] # not documents
    return compare_tokenizers(one, two, read_corpus(corpus), _settings(settings, metrics))


def gate(
    report: DocumentSource,
    rules: Rules | str | os.PathLike[str] | Sequence[Mapping[str, Any]],
    baseline: DocumentSource | None = None,
) -> GateResult:
    """What rules say of a run: `tokeval gate`.

    Args:
        report: a document or its path.
        rules: a file of them, or tables as such a file holds them.
        baseline: the run that changes are held against.

    Raises:
        UsageError: there are no rules, a rule is malformed, or one needs a baseline.
        TokevalError: run and baseline are not comparable (exit code 4), or the run holds no number
            at all (exit code 5).
    """
    from tokeval.gate.verdict import gate as judge

    given = Path(rules) if isinstance(rules, str | os.PathLike) else rules
    if not isinstance(given, Iterable | Path) and not hasattr(given, "rules"):
        raise UsageError(f"rules are a {type(rules).__name__}", "give a file, or a list of tables")
    run = _report(report)
    before = None if baseline is None else _report(baseline)
    source = os.fspath(baseline) if isinstance(baseline, str | os.PathLike) else ""
    return judge(run, given, before, baseline_source=source)


def _report(given: DocumentSource) -> Report:
    """A document, or that at a path."""
    from tokeval.document import Report

    if isinstance(given, str | os.PathLike):
        return load(given)
    if not isinstance(given, Report):
        raise UsageError(f"a {type(given).__name__} is no document", "give a Report, or its path")
    return given


def _is_document(given: Any) -> bool:
    """Whether something is a document, or the path of one: JSON with `schema` and `results`."""
    from tokeval.document import Report

    if isinstance(given, Report):
        return True
    if not isinstance(given, str | os.PathLike) or not Path(given).is_file():
        return False
    try:
        head = json.loads(Path(given).read_bytes())
    except ValueError:
        return False
    return isinstance(head, dict) and {"schema", "results"} <= head.keys()


def _named(given: Any, number: int) -> tuple[str, Report]:
    """A document with what messages call it."""
    if isinstance(given, str | os.PathLike):
        return os.fspath(given), load(given)
    return f"the {('first', 'second')[number]} document", given


def _settings(settings: CompareSettings | None, metrics: Sequence[str]) -> CompareSettings | None:
    """The settings, with the metrics of these ids."""
    if not metrics:
        return settings
    from dataclasses import replace

    from tokeval.compare.report import Settings
    from tokeval.metrics.catalogue import choose_metrics

    return replace(settings or Settings(), metrics=choose_metrics(metrics))


def _check_unused(kind: str, **choices: Any) -> None:
    """Raises a UsageError for a choice that does not go with what is compared."""
    for name, value in choices.items():
        if value:
            raise UsageError(f"{name} does not go with {kind}", f"leave out {name}")

"""The two sides of a comparison: which tokenizer of which document is before, and which after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokeval.document import MetricsResult, Report, TokenizerInfo, metrics_results
from tokeval.errors import ExitCode, TokevalError, UsageError

Named = tuple[str, Report]
"""What a document is called in messages, and the document."""


@dataclass(frozen=True)
class Side:
    """One tokenizer of one document.

    Attributes:
        source: what the document is called.
        tokenizer: its name in the document.
        label: its name in the comparison.
        report: the document.
        result: the metrics of the document that measured it.
    """

    source: str
    tokenizer: str
    label: str
    report: Report
    result: MetricsResult

    @property
    def info(self) -> TokenizerInfo | None:
        """What the provenance knows about the tokenizer."""
        return self.report.provenance.tokenizers.get(self.tokenizer)


def choose_sides(documents: Sequence[Named], tokenizers: Sequence[str] = ()) -> tuple[Side, Side]:
    """The side before and the side after.

    Of two documents, the tokenizer of each; of one document, its two tokenizers in order. Where a
    document has more, `tokenizers` choose: one name for both documents, or first the name before
    and then the name after.

    Raises:
        UsageError: nobody can tell which tokenizers are meant, or both sides are the same one.
        TokevalError: a document holds no metrics (exit code 4).
    """
    if len(tokenizers) > 2:
        raise UsageError(
            f"{len(tokenizers)} tokenizers are named; a comparison has two",
            "give --tokenizer twice: the one before, then the one after",
        )
    if len(documents) == 1:
        source, report = documents[0]
        chosen = tuple(tokenizers) or measured_names(source, report)
        if len(chosen) != 2:
            raise UsageError(
                f"{source} has to give both sides, and {_named(chosen)} chosen",
                "give --tokenizer twice, or a second document; it measured "
                + ", ".join(map(repr, measured_names(source, report))),
            )
        pairs = [(source, report, name) for name in chosen]
    else:
        wished = [*tokenizers, *tokenizers] if len(tokenizers) == 1 else list(tokenizers)
        names = wished or ["", ""]
        pairs = [
            (source, report, _only_name(source, report, name))
            for (source, report), name in zip(documents, names, strict=True)
        ]
    if pairs[0][0] == pairs[1][0] and pairs[0][2] == pairs[1][2]:
        raise UsageError(
            f"both sides are the tokenizer {pairs[0][2]!r} of {pairs[0][0]}",
            "give two documents, or --tokenizer twice with different names",
        )
    return _side(pairs[0], pairs[1], "before"), _side(pairs[1], pairs[0], "after")


def measured_names(source: str, report: Report) -> tuple[str, ...]:
    """The tokenizers that a document has metrics of, baselines left out.

    Raises:
        TokevalError: it holds no metrics (exit code 4), or none of a tokenizer (exit code 5).
    """
    results = metrics_results(report)
    if not results:
        kinds = sorted({type(result).__name__.removesuffix("Result") for result in report.results})
        raise TokevalError(
            f"{source} holds no metrics to compare, but {', '.join(kinds).lower() or 'no result'}",
            "compare documents of `tokeval metrics ... --json FILE`",
            code=ExitCode.INCOMPARABLE,
        )
    names = dict.fromkeys(
        cell.tokenizer
        for result in results
        for cell in result.cells
        if cell.tokenizer not in result.baselines
    )
    if not names:
        raise TokevalError(
            f"{source} holds no number of any tokenizer",
            "compare documents of `tokeval metrics ... --json FILE`",
            code=ExitCode.NOTHING_MEASURED,
        )
    return tuple(names)


def _only_name(source: str, report: Report, wished: str) -> str:
    """The tokenizer of a document that is meant: the wished one, or the only one."""
    names = measured_names(source, report)
    if wished:
        if wished not in names:
            raise UsageError(
                f"{source} has no metrics of a tokenizer {wished!r}",
                f"it has those of {', '.join(map(repr, names))}",
            )
        return wished
    if len(names) != 1:
        raise UsageError(
            f"{source} has metrics of {len(names)} tokenizers",
            "choose with --tokenizer NAME: " + ", ".join(map(repr, names)),
        )
    return names[0]


def _side(own: tuple[str, Report, str], other: tuple[str, Report, str], role: str) -> Side:
    """A side with a label that the other one does not have."""
    source, report, name = own
    results = [
        result
        for result in metrics_results(report)
        if any(cell.tokenizer == name for cell in result.cells)
    ]
    if not results:
        _only_name(source, report, name)
    if len(results) > 1:
        raise UsageError(
            f"{source} has {len(results)} tables of metrics of {name!r}, on different text",
            "compare the documents that it was joined from",
        )
    label = f"{name} ({role})" if name == other[2] else name
    return Side(source, name, label, report, results[0])


def _named(names: Sequence[str]) -> str:
    """How many tokenizers are chosen, in words."""
    return f"{len(names)} tokenizer{' is' if len(names) == 1 else 's are'}"

"""Findings: what the owner of a tokenizer should know, the gravest first, by tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokeval.document import Finding, Severity
from tokeval.render.numbers import format_count
from tokeval.render.visible import inert, shorten, visible_piece

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
PLURALS: dict[Severity, str] = {"error": "Errors", "warning": "Warnings", "note": "Notes"}
MAX_FINDINGS = 300
MAX_EXAMPLES = 8
EXAMPLE_CHARACTERS = 80
MESSAGE_CELLS = 400


@dataclass(frozen=True)
class FindingRow:
    """A finding for a page: its code, what it says, and examples in which all can be seen."""

    code: str
    message: str
    n: int
    examples: tuple[str, ...]
    n_more_examples: int


@dataclass(frozen=True)
class FindingGroup:
    """The findings of one severity, by tokenizer; `n` counts those that are left out too."""

    severity: Severity
    title: str
    n: int
    by_tokenizer: tuple[tuple[str, tuple[FindingRow, ...]], ...]


def finding_groups(
    findings: Sequence[Finding], tokenizers: Sequence[str], *, most: int = MAX_FINDINGS
) -> tuple[tuple[FindingGroup, ...], int]:
    """The findings by severity, then by tokenizer, and how many are left out past `most`.

    Tokenizers come in the given order, those that it lacks after it.
    """
    groups = []
    room = most
    for severity in SEVERITIES:
        chosen = ordered([one for one in findings if one.severity == severity], tokenizers)
        by_tokenizer: dict[str, list[FindingRow]] = {}
        for one in chosen[:room]:
            by_tokenizer.setdefault(one.tokenizer, []).append(_row(one))
        room -= min(len(chosen), room)
        if chosen:
            rows = tuple((name, tuple(rows)) for name, rows in by_tokenizer.items())
            groups.append(FindingGroup(severity, PLURALS[severity], len(chosen), rows))
    return tuple(groups), max(len(findings) - most, 0)


def ordered(findings: Sequence[Finding], tokenizers: Sequence[str]) -> list[Finding]:
    """The findings by severity, then in the order of the tokenizers, then as they came."""
    places = {name: place for place, name in enumerate(tokenizers)}
    for one in findings:
        places.setdefault(one.tokenizer, len(places))
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), places[one.tokenizer]))


def _row(finding: Finding) -> FindingRow:
    """A finding as it is shown."""
    shown = tuple(map(shown_example, finding.examples[:MAX_EXAMPLES]))
    n_more = max(len(finding.examples) - MAX_EXAMPLES, 0)
    message = shorten(finding.message, MESSAGE_CELLS)
    return FindingRow(finding.code, message, finding.n, shown, n_more)


def shown_example(text: str) -> str:
    r"""An example in which everything can be seen, of a long one the beginning.

    >>> shown_example(" the\n"), shown_example("⟨E2 82⟩"), shown_example("")
    ('␣the↵', '⟨E2 82⟩', '∅')
    """
    cut = text[:EXAMPLE_CHARACTERS]
    return visible_piece(cut) + ("…" if len(cut) < len(text) else "") or "∅"


def finding_counts(findings: Sequence[Finding]) -> str:
    """How many there are of each severity: `2 errors, 1 warning, 3 notes`."""
    counts = {severity: 0 for severity in SEVERITIES}
    for one in findings:
        counts[one.severity] += 1
    return ", ".join(
        f"{format_count(n)} {severity}{'' if n == 1 else 's'}"
        for severity, n in counts.items()
        if n
    )


def finding_line(finding: Finding) -> str:
    """A finding in one inert line: `error TK01 gpt-4o: cannot round-trip (12)`."""
    number = f" ({format_count(finding.n)})" if finding.n != 1 else ""
    name = f"{finding.severity:<7} {finding.code} {finding.tokenizer}"
    return f"{inert(name)}: {shorten(finding.message, MESSAGE_CELLS)}{number}"

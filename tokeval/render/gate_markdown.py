"""The result of a gate as GitHub Markdown, for pull requests and the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokeval.document import GateResult
from tokeval.render.gate_view import Row, headline, noteworthy, rows, sources
from tokeval.render.markdown_text import prose
from tokeval.render.numbers import format_count
from tokeval.render.visible import shorten

MAX_MESSAGES = 100
MAX_ROWS = 200
"""GitHub takes a megabyte for the summary of a step; more rows than that nobody reads."""

CELLS = 400
SIGNS = {"error": "❌", "warning": "⚠️", "note": "ℹ️", "none": "✅"}  # noqa: RUF001 the sign is meant


def render_gate_markdown(result: GateResult) -> str:
    """The result as Markdown: the verdict, what failed and why, then all numbers, folded."""
    return "\n\n".join([f"## {prose(headline(result))}", *gate_blocks(result)]) + "\n"


def gate_blocks(result: GateResult) -> Iterator[str]:
    """The blocks below the heading."""
    if sources(result):
        yield prose(sources(result))
    if result.warnings:
        yield "\n".join(f"- Warning: {prose(one)}" for one in result.warnings)
    shown = rows(result)
    grave = noteworthy(shown)
    if grave:
        listed = [_message(row) for row in grave[:MAX_MESSAGES]]
        yield "\n".join([*listed, *_rest(len(grave) - MAX_MESSAGES)])
    if shown:
        yield f"<details><summary>All checks ({format_count(len(shown))})</summary>"
        yield "\n".join(_table(shown))
        yield "</details>"


def _message(row: Row) -> str:
    """An outcome with its reason, as an item of a list."""
    message = prose(shorten(row.outcome.message, CELLS))
    return f"- {SIGNS[row.level]} **{row.status}**: {message}"


def _table(shown: Sequence[Row]) -> Iterator[str]:
    """A row for each check."""
    yield "| rule | | of | before | now | change | limit |"
    yield "|--:|:--|:--|--:|--:|--:|:--|"
    for row in shown[:MAX_ROWS]:
        one = row.outcome
        name = " ".join(part for part in (one.metric, row.place) if part)
        cells = (
            str(one.rule),
            f"{SIGNS[row.level]} {row.status}",
            *(prose(shorten(part, CELLS)) for part in (name, row.baseline, row.now, row.change)),
            prose(one.limit),
        )
        yield f"| {' | '.join(cells)} |"
    for line in _rest(len(shown) - MAX_ROWS):
        yield f"\n{line}"


def _rest(n: int) -> list[str]:
    """How many are left out."""
    return [f"- … and {format_count(n)} more"] if n > 0 else []

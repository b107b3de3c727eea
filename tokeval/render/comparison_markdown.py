"""A comparison as GitHub Markdown: the change, what is worse or better, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokeval.document import ComparisonResult, Explanation
from tokeval.render.comparison_view import (
    NO_PIECES,
    cause,
    classes_of,
    cut,
    headline,
    length_rows,
    main_rows,
    outcome_counts,
    rests_of,
    signed_count,
    transfer_facts,
    words_of,
)
from tokeval.render.markdown_text import prose
from tokeval.render.numbers import format_count
from tokeval.render.visible import shorten, visible_piece

LONGEST_OPEN = 12
MAX_ROWS = 120
MAX_WORDS = 20
MAX_SLICES = 12
NAME_CELLS = 60
REASON_CELLS = 240
BOLD = {"worse": "**worse**", "better": "**better**"}


def comparison_blocks(result: ComparisonResult) -> Iterator[str]:
    """The blocks of one result, in the order of the terminal."""
    yield f"**{prose(headline(result))}**"
    yield f"{prose(outcome_counts(result))}; ± is half of a 95% interval, paired by block."
    for warning in result.warnings:
        yield f"> Warning: {prose(shorten(warning, REASON_CELLS))}"
    yield from _differences(result)
    if result.explanations:
        yield "#### Where the difference in tokens comes from"
    for one in result.explanations[:MAX_SLICES]:
        yield _explanation(one)
    if len(result.explanations) > MAX_SLICES:
        yield f"… and {len(result.explanations) - MAX_SLICES} more slices in the document."
    yield from _transfer(result)


def _differences(result: ComparisonResult) -> Iterator[str]:
    """All text and the decided slices, folded when they are many."""
    shown = main_rows(result)
    if not shown:
        return
    heads = ["metric", "slice", result.before, result.after, "difference", "relative", "p", ""]
    lines = [
        [
            prose(row.title),
            prose(shorten(row.one.slice, NAME_CELLS)),
            *map(_tight, (row.before, row.after, row.change, row.relative, row.p)),
            BOLD.get(row.outcome, row.outcome),
        ]
        for row in shown[:MAX_ROWS]
    ]
    title = f"Differences: all text, and the slices that differ ({format_count(len(shown))})"
    yield _folded(title, table(heads, lines, n_left=2), n_rows=len(lines))
    if len(shown) > MAX_ROWS:
        yield f"… and {format_count(len(shown) - MAX_ROWS)} more in the document."


def _explanation(one: Explanation) -> str:
    """The classes and the words of a slice."""
    parts = [f"**{prose(shorten(one.slice, NAME_CELLS))}**: {prose(cause(one))}"]
    classes = [
        [prose(part.text_class), *map(format_count, (part.tokens_before, part.tokens_after)),
         signed_count(part.difference)]
        for part in classes_of(one)
    ]  # fmt: skip
    parts.append(table(["class of text", "before", "after", "difference"], classes, n_left=1))
    words = words_of(one)
    rows = [
        [_code([visible_piece(word.name)]), format_count(word.occurrences), _code(
            cut(word.pieces_before)), _code(cut(word.pieces_after)), signed_count(word.difference)]
        for word in words[:MAX_WORDS]
    ]  # fmt: skip
    if rows:
        heads = ["word", "times", "before", "after", "difference"]
        parts.append(_folded("Words", table(heads, rows, n_left=1), n_rows=len(rows)))
    more = len(words) - len(rows)
    rest = [f"{prose(part.name)} {signed_count(part.difference)}" for part in rests_of(one)]
    rest = [f"{format_count(more)} more words in the document"] * (more > 0) + rest
    if rest and words:
        parts.append(f"The rest: {', '.join(rest)}.")
    return "\n\n".join(parts)


def _transfer(result: ComparisonResult) -> Iterator[str]:
    """What carries over."""
    if result.transfer is None:
        return
    yield "#### What carries over"
    yield "\n".join(f"- {prose(label)}: {prose(text)}" for label, text in transfer_facts(result))
    lines = [[prose(shorten(row[0], NAME_CELLS)), *row[1:]] for row in length_rows(result.transfer)]
    if lines:
        heads = ["slice", "tokens before", "tokens after", "change"]
        text = table(heads, lines[:MAX_ROWS], n_left=1)
        yield _folded("Tokens by slice", text, n_rows=len(lines))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, n_left: int) -> str:
    """A table whose first columns are to the left, and numbers to the right; cells are markup."""
    marks = [":--"] * n_left + ["--:"] * (len(heads) - n_left)
    lines = [[*map(prose, heads)], marks, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _folded(title: str, text: str, *, n_rows: int) -> str:
    """A table, folded when it is long."""
    if n_rows <= LONGEST_OPEN:
        return text
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _tight(text: str) -> str:
    """A number that is not broken over lines."""
    return prose(text).replace(" ", "\u00a0")


def _code(pieces: Sequence[str]) -> str:
    """Pieces as code, or that there are none."""
    if not pieces:
        return NO_PIECES
    return " ".join(f"<code>{prose(piece)}</code>" for piece in pieces)

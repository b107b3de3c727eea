"""A comparison on a terminal: the change, what is worse or better, why, and sentences cut twice."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from tokeval.document import ComparisonResult, Contribution, Explanation, Sample
from tokeval.render.comparison_view import (
    NO_PIECES,
    cause,
    classes_of,
    cut,
    differing,
    headline,
    length_rows,
    main_rows,
    outcome_counts,
    piece_counts,
    rests_of,
    rows,
    signed_count,
    transfer_facts,
    words_of,
)
from tokeval.render.numbers import format_count
from tokeval.render.printing import print_listed, print_title, rich_table
from tokeval.render.tokens import shown
from tokeval.render.visible import BETWEEN, inert, labels, pieces_and_gaps, shorten, visible_piece

STYLES = {"worse": "bold red", "better": "green", "different": "yellow"}
MAX_ROWS = 60
MAX_WORDS = 12
MAX_SLICES = 6
MAX_SAMPLES = 4
MAX_SHOWN_TOKENS = 120
NAME_CELLS = 28
HEAD_CELLS = 16
WORD_CELLS = 24
ROOM_FOR_WORDS = 72
_COLUMNS = (
    (100, "before"), (80, "after"), (64, "difference"), (0, "relative"), (100, "p (Holm)"),
)  # fmt: skip
"""The numbers of a row, each with the width of a terminal that has room for it."""

DIFFERS, DIFFERS_END = "«", "»"


def print_comparison(result: ComparisonResult, warnings: Sequence[str], console: Console) -> None:
    """Print one comparison in the width of the console."""
    console.print(Text(inert(headline(result)), "bold"))
    about = f"{outcome_counts(result)}; ± is half of a 95% interval, paired by block."
    console.print(Text(inert(about), "dim"))
    said = [f"Warning: {inert(warning)}" for warning in (*warnings, *result.warnings)]
    print_listed(said, console, style="yellow")
    names = labels((result.before, result.after), NAME_CELLS)
    _print_rows(result, names, console)
    for one in result.explanations[:MAX_SLICES]:
        _print_explanation(one, console)
    if len(result.explanations) > MAX_SLICES:
        more = len(result.explanations) - MAX_SLICES
        console.print(Text(f"… and {more} more slices; --json has all", "dim"))
    _print_transfer(result, console)
    _print_samples(result, names, console)


def _print_rows(result: ComparisonResult, names: dict[str, str], console: Console) -> None:
    """All text, and the slices that are decided."""
    chosen = main_rows(result)
    if not chosen:
        return
    print_title("Differences: all text, and the slices that differ", console)
    columns = [column for least, column in _COLUMNS if console.width >= least]
    table = rich_table()
    table.add_column("metric", overflow="fold")
    table.add_column("slice", overflow="fold")
    for column in columns:
        head = {"before": names[result.before], "after": names[result.after]}.get(column, column)
        table.add_column(Text(shorten(head, HEAD_CELLS)), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in chosen[:MAX_ROWS]:
        numbers = {
            "before": row.before, "after": row.after, "difference": row.change,
            "relative": row.relative, "p (Holm)": row.p,
        }  # fmt: skip
        table.add_row(
            Text(inert(row.title)),
            Text(shorten(row.one.slice, 16)),
            *(Text(numbers[column]) for column in columns),
            Text(row.outcome, STYLES.get(row.outcome, "dim")),
        )
    console.print(table)
    left = len(rows(result)) - min(len(chosen), MAX_ROWS)
    if left:
        console.print(Text(f"{format_count(left)} more cells; --csv and --json have all", "dim"))
    reasons = dict.fromkeys(
        f"{row.outcome}: {inert(row.reason)}" for row in chosen[:MAX_ROWS] if row.reason
    )
    print_listed(list(reasons), console)


def _print_explanation(one: Explanation, console: Console) -> None:
    """Where the difference of a slice comes from: classes, then words with both cuts."""
    print_title(f"Why: {one.slice}", console)
    console.print(Text(inert(cause(one))))
    table = rich_table()
    table.add_column("class of text")
    for head in ("times", "before", "after", "difference"):
        table.add_column(head, justify="right")
    for part in classes_of(one):
        counts = (part.occurrences, part.tokens_before, part.tokens_after)
        table.add_row(
            Text(inert(part.text_class)), *map(format_count, counts), signed_count(part.difference)
        )
    console.print(table)
    words = words_of(one)
    if not words:
        return
    _print_words(words[:MAX_WORDS], console)
    more = len(words) - MAX_WORDS
    rest = [f"{inert(part.name)} {signed_count(part.difference)}" for part in rests_of(one)]
    if more > 0:
        others = sum(word.difference for word in words[MAX_WORDS:])
        rest.insert(0, f"{format_count(more)} more named words {signed_count(others)}")
    if rest:
        console.print(Text(f"The rest: {', '.join(rest)}.", "dim"))


def _print_words(words: Sequence[Contribution], console: Console) -> None:
    """Words with both cuts: a table, or a line for each where that has no room."""
    if console.width < ROOM_FOR_WORDS:
        for word in words:
            line = Text(f"{signed_count(word.difference)} ", "bold")
            line.append(shorten(visible_piece(word.name), WORD_CELLS), "")
            for sign, pieces in ((": ", word.pieces_before), (" → ", word.pieces_after)):
                line.append(sign, "dim").append(_pieces(cut(pieces)))
            console.print(line, overflow="fold")
        return
    table = rich_table()
    table.add_column("word")
    for head in ("times", "before", "after", "difference"):
        table.add_column(head, justify="left" if head in ("before", "after") else "right")
    for word in words:
        table.add_row(
            Text(shorten(visible_piece(word.name), WORD_CELLS)),
            format_count(word.occurrences),
            _pieces(cut(word.pieces_before)),
            _pieces(cut(word.pieces_after)),
            signed_count(word.difference),
        )
    console.print(table)


def _pieces(pieces: Sequence[str]) -> Text:
    """The tokens of a word, or that it has none of its own."""
    if not pieces:
        return Text(NO_PIECES, "dim")
    return Text(shorten(BETWEEN.join(pieces), WORD_CELLS))


def _print_transfer(result: ComparisonResult, console: Console) -> None:
    """What carries over, and the change of each slice."""
    if result.transfer is None:
        return
    print_title("What carries over", console)
    for label, text in transfer_facts(result):
        console.print(Text(f"{inert(label)}: {text}"))
    counts = [f"{k}: {n}" for k, n in piece_counts(result.transfer)]
    if counts:
        console.print(Text(f"pieces of those to average: {', '.join(counts)}"))
    lines = length_rows(result.transfer)
    if not lines:
        return
    table = rich_table()
    table.add_column("tokens on")
    for head in ("before", "after", "change"):
        table.add_column(head, justify="right")
    for row in lines[:MAX_ROWS]:
        table.add_row(Text(shorten(row[0], NAME_CELLS)), *row[1:])
    console.print(table)


def _print_samples(result: ComparisonResult, names: dict[str, str], console: Console) -> None:
    """Sentences as both cut them, the tokens that the other does not have between marks."""
    samples = result.samples[:MAX_SAMPLES]
    if not samples:
        return
    print_title("Cut by both", console)
    sign = f"{DIFFERS} {DIFFERS_END} a token that the other one does not have"
    console.print(Text(sign, "dim"))
    for sample in samples:
        console.print(Text(shorten(sample.slice, NAME_CELLS), "italic"))
        both = differing(sample, result.before, result.after)
        for name, own in zip((result.before, result.after), both, strict=True):
            n_tokens = len(sample.tokens.get(name, ()))
            console.print(Text(f"{names[name]}  {format_count(n_tokens)} tokens", "bold"))
            console.print(_marked(sample, name, own), overflow="fold", soft_wrap=False)


def _marked(sample: Sample, name: str, own: set[tuple[int, int]]) -> Text:
    """The tokens of a text with borders, its own ones between marks."""
    pieces = pieces_and_gaps(sample.text, sample.tokens.get(name, ()))
    text = Text()
    for number, piece in enumerate(pieces[:MAX_SHOWN_TOKENS]):
        text.append(BETWEEN if number else "", "dim")
        if piece.id is not None and (piece.start, piece.end) in own:
            text.append(f"{DIFFERS}{shown(piece)}{DIFFERS_END}", "bold yellow")
        else:
            text.append(shown(piece))
    return text.append("…" if len(pieces) > MAX_SHOWN_TOKENS else "")

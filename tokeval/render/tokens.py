"""How tokenizers cut a text: the tokens one by one, for a terminal and as a web page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokeval.document import Sample
from tokeval.errors import UsageError
from tokeval.render.numbers import format_count, format_number
from tokeval.render.visible import (
    AGAIN,
    BETWEEN,
    EMPTY,
    GAP_CLOSE,
    GAP_OPEN,
    NEWLINE,
    OPEN,
    Piece,
    inert,
    labels,
    pieces_and_gaps,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

NAME_CELLS = 40
ANSI_STYLES = ("black on cyan", "black on yellow")
RGB_STYLES = ("#10202a on #9fd3f2", "#2a2210 on #f2d694")
GAP_STYLE = "dim strike"


@dataclass(frozen=True)
class Cutting:
    """One tokenizer's tokens of one text.

    Attributes:
        name: the tokenizer's label, short and inert.
        pieces: its tokens in order, and the bytes between them that no token stands for.
        n_tokens: how many tokens; gaps are none.
        bytes_per_token: as written; `—` when there is no token.
        fewest: no other tokenizer shown needs fewer tokens.
    """

    name: str
    pieces: tuple[Piece, ...]
    n_tokens: int
    bytes_per_token: str
    fewest: bool

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids in order."""
        return tuple(piece.id for piece in self.pieces if piece.id is not None)


def cuttings(sample: Sample, names: Sequence[str]) -> tuple[Cutting, ...]:
    """What each named tokenizer makes of the text, in the order of the names.

    Raises:
        UsageError: the sample holds no tokens of a named tokenizer.
        TokevalError: a token's bytes do not lie within the text.
    """
    for name in names:
        if name not in sample.tokens:
            raise UsageError(
                f"the sample {inert(sample.slice)!r} holds no tokens of {inert(name)!r}",
                f"it holds those of {', '.join(map(inert, sample.tokens)) or 'no tokenizer'}",
            )
    n_bytes = len(sample.text.encode("utf-8", "surrogatepass"))
    fewest = min((len(sample.tokens[name]) for name in names), default=0)
    several = len(set(names)) > 1
    return tuple(
        Cutting(
            name=label,
            pieces=tuple(pieces_and_gaps(sample.text, sample.tokens[name])),
            n_tokens=(n_tokens := len(sample.tokens[name])),
            bytes_per_token=format_number(n_bytes / n_tokens) if n_tokens else "—",
            fewest=several and n_tokens == fewest,
        )
        for name, label in labels(names, NAME_CELLS).items()
    )


def shown(piece: Piece) -> str:
    """A piece with the signs that say what it is when colours cannot: `∅`, `↺é`, `⟦␣⟧`."""
    if piece.kind == "empty":
        return EMPTY
    if piece.kind == "gap":
        return f"{GAP_OPEN}{piece.shown}{GAP_CLOSE}"
    return AGAIN + piece.shown if piece.overlaps else piece.shown


def legend(shown_pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Explanations of the signs that occur in these pieces."""
    text = "".join(shown(piece) for piece in shown_pieces)
    notes = [f"{EMPTY} stands for no bytes"] if EMPTY in text else []
    if AGAIN in text:
        notes.append(f"{AGAIN} repeats bytes of an earlier token")
    if GAP_OPEN in text:
        notes.append(f"{GAP_OPEN} {GAP_CLOSE} bytes without a token")
    if any(piece.kind == "bytes" for piece in shown_pieces):
        notes.append("⟨E2 82⟩ bytes of a part of a character")
    if f"{OPEN}U+" in text:
        notes.append("⟨U+202E⟩ a character that cannot be seen, or one of the signs used here")
    return tuple(notes)


def render_tokens_terminal(
    sample: Sample, names: Sequence[str], console: Console, *, ids: bool = False
) -> None:
    """Print the tokens of a text, one tokenizer under the other.

    Tokens have alternating backgrounds; without colour `│` stands between them.

    Args:
        sample: the text and its tokens.
        names: which tokenizers, in this order.
        console: where to print; its width is kept.
        ids: also print the token ids, coloured like their tokens.

    Raises:
        UsageError, TokevalError: as `cuttings`.
    """
    from rich.text import Text

    rows = cuttings(sample, names)
    console.print(Text(_size(sample), "dim"))
    width = max((len(format_count(row.n_tokens)) for row in rows), default=0)
    for row in rows:
        console.print()
        console.print(_heading(row, width))
        for line in _lines(_coloured(row, console), console):
            console.print(line, no_wrap=True, overflow="crop", crop=False)
        if ids:
            for line in _lines(_coloured_ids(row, console), console):
                console.print(line, no_wrap=True, overflow="crop", crop=False)
    notes = legend([piece for row in rows for piece in row.pieces])
    if notes:
        console.print()
    for note in notes:
        console.print(Text(note, "dim"))


def render_tokens_html(samples: Sequence[Sample], names: Sequence[str] | None = None) -> str:
    """One self-contained page with the tokens of each text; without names, of every tokenizer.

    Raises:
        UsageError, TokevalError: as `cuttings`.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("tokeval.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [
        (sample, cuttings(sample, list(sample.tokens) if names is None else names))
        for sample in samples
    ]
    notes = legend([piece for _, rows in sections for row in rows for piece in row.pieces])
    return environment.get_template("tokens.html").render(
        sections=sections, legend=notes, shown=shown, inert=inert, size=_size, newline=NEWLINE
    )


def _size(sample: Sample) -> str:
    """How long a text is."""
    n_bytes = len(sample.text.encode("utf-8", "surrogatepass"))
    return f"{format_count(n_bytes)} bytes, {format_count(len(sample.text))} characters"


@dataclass(frozen=True)
class _Coloured:
    """A token as it is printed: its text, its style, and whether the line ends after it."""

    text: str
    style: str
    ends_line: bool


def _heading(row: Cutting, width: int) -> Text:
    """A tokenizer's name, its number of tokens, and bytes per token."""
    from rich.text import Text

    return Text.assemble(
        (row.name, "bold"),
        f"  {format_count(row.n_tokens):>{width}} tokens, {row.bytes_per_token} bytes/token",
        ("  ◀ fewest" if row.fewest else "", "green"),
    )


def _has_colour(console: Console) -> bool:
    return console.color_system is not None and not console.no_color


def _styles(console: Console) -> tuple[str, str]:
    """Two backgrounds that this terminal can tell apart; 16-colour terminals have their own."""
    return ANSI_STYLES if console.color_system in ("standard", "windows") else RGB_STYLES


def _coloured(row: Cutting, console: Console) -> Iterator[_Coloured]:
    """The pieces with alternating styles."""
    styles = _styles(console)
    number = 0
    for piece in row.pieces:
        style = GAP_STYLE if piece.kind == "gap" else styles[number % 2]
        style = f"{style} underline" if piece.overlaps else style
        yield _Coloured(shown(piece), style, piece.shown.endswith(NEWLINE))
        number += piece.kind != "gap"


def _coloured_ids(row: Cutting, console: Console) -> Iterator[_Coloured]:
    """The ids with the styles of their tokens."""
    styles = _styles(console)
    separator = " " if _has_colour(console) else ""
    for number, token_id in enumerate(row.ids):
        yield _Coloured(f"{separator}{token_id}{separator}", styles[number % 2], ends_line=False)


def _lines(tokens: Iterator[_Coloured], console: Console) -> Iterator[Text]:
    """Lines no wider than the console; only a token wider than a line is broken."""
    from rich.cells import cell_len, chop_cells
    from rich.text import Text

    width = max(console.width - 1, 1)
    colour = _has_colour(console)
    line, used = Text(), 0
    for token in tokens:
        border = "" if colour or not used else BETWEEN
        size = cell_len(token.text)
        if used and used + len(border) + size > width:
            yield line.append(border)
            line, used, border = Text(), 0, ""
        parts = chop_cells(token.text, width) if size > width else [token.text]
        for part in parts[:-1]:
            yield line.append(border).append(part, token.style if colour else None)
            line, border = Text(), ""
        line.append(border).append(parts[-1], token.style if colour else None)
        used = (used if len(parts) == 1 else 0) + len(border) + cell_len(parts[-1])
        if token.ends_line:
            yield line
            line, used = Text(), 0
    if used:
        yield line

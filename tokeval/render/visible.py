"""Text and bytes made visible and inert: no control character reaches a terminal or a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from tokeval.document import TokenSpan
from tokeval.errors import TokevalError

SPACE, NEWLINE, TAB, CARRIER = "␣", "↵", "→", "◌"
OPEN, CLOSE = "⟨", "⟩"
EMPTY = "∅"
GAP_OPEN, GAP_CLOSE = "⟦", "⟧"
AGAIN = "↺"
BETWEEN = "│"
"""What token views write: no bytes, bytes without a token, bytes shown again, token borders."""

_MARKS = {" ": SPACE, "\n": NEWLINE, "\t": TAB}
_RESERVED = frozenset(
    (*_MARKS.values(), CARRIER, OPEN, CLOSE, EMPTY, GAP_OPEN, GAP_CLOSE, AGAIN, BETWEEN)
)
_MAX_STACKED = 4
_LONG_NAME = 1000

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)
"""Characters that Unicode counts as marks, letters or symbols although they show nothing."""

_WRITTEN = re.compile("(⟨(?:[0-9A-F]{2}(?: [0-9A-F]{2})*|U[+][0-9A-F]{4,6})⟩)")
"""Bytes and code points as this notation writes them."""

_PLAIN = re.compile("[\x21-\x7e]*")

PieceKind = Literal["text", "bytes", "empty", "gap"]


@dataclass(frozen=True)
class Piece:
    """A token of a text, ready to be shown.

    Attributes:
        id: the token's id; `None` for a gap, text that no token stands for.
        start, end: its bytes [start, end) in the UTF-8 text.
        shown: its text as `visible` writes it; empty for a token that covers no bytes.
        kind: `text`; `bytes` when it begins or ends inside a character; `empty`, a token that
            covers no bytes, such as a beginning-of-sequence marker; `gap`.
        overlaps: it begins before the end of an earlier token, so its text is shown twice.
    """

    id: int | None
    start: int
    end: int
    shown: str
    kind: PieceKind
    overlaps: bool = False


def visible(data: bytes) -> str:
    r"""The bytes as text in which everything can be seen; different bytes, different text.

    Space, newline and tab become `␣`, `↵` and `→`. Bytes that are not UTF-8 are written in hex,
    `⟨E2 82⟩`; other white space, control, format (bidirectional) and blank characters, and the
    signs that this notation uses itself, by code point: `⟨U+202E⟩`. A combining mark without a
    letter before it stands on `◌`; past four in a row they are written by code point.

    >>> visible(b"a b\n"), visible("€".encode()[:2]), visible("x\u202ey".encode())
    ('a␣b↵', '⟨E2 82⟩', 'x⟨U+202E⟩y')
    """
    parts: list[str] = []
    for run, valid in _runs(data):
        if valid:
            parts.extend(_show(run.decode(), _MARKS, _RESERVED))
        else:
            parts.append(OPEN + run.hex(" ").upper() + CLOSE)
    return "".join(parts)


def visible_piece(text: str) -> str:
    r"""A text like `visible`, except that parts in its notation already stay as they are.

    Documents spell bytes and characters that way where JSON has no other.

    >>> visible_piece("⟨E2 82⟩ x"), visible_piece("⟨x⟩\u202e")
    ('⟨E2 82⟩␣x', '⟨U+27E8⟩x⟨U+27E9⟩⟨U+202E⟩')
    """
    return "".join(
        part if at % 2 else visible(part.encode("utf-8", "surrogatepass"))
        for at, part in enumerate(_WRITTEN.split(text))
    )


def inert(text: str) -> str:
    r"""A name or a sentence as one line that cannot act on a terminal or turn the text around it.

    Spaces stay; what else `visible` writes by code point is written so here too. Lone surrogates
    are written as `⟨U+D800⟩`.

    >>> inert("my model\x1b[31m\n")
    'my model⟨U+001B⟩[31m⟨U+000A⟩'
    """
    return "".join(_show(text, {" ": " "}, frozenset()))


def shorten(text: str, cells: int) -> str:
    """The text made inert and, when it takes more terminal cells than that, cut in the middle.

    >>> shorten("deepseek-ai/DeepSeek-V3-Base", 16)
    'deepseek…V3-Base'
    """
    shown = _inert_name(text)
    return shown if cell_len(shown) <= cells else _cut(shown, cells, sign="…")


def labels(names: Iterable[str], cells: int) -> dict[str, str]:
    """A short, inert label for each name, no two alike, in the order of the names.

    Names that would look alike get a number in the middle. A name without letters
    stands in quotes: `""`.

    >>> list(labels(["a-rather-long-name", "a-rather-wrong-name", ""], 10).values())
    ['a-rat…name', 'a-ra…2…ame', '""']
    """
    taken: dict[str, str] = {}
    for name in dict.fromkeys(names):
        label = shorten(name if name.strip(" ") else f'"{name}"', cells)
        number = 2
        while label in taken:
            label = _cut(_inert_name(name), cells, sign=f"…{number}…")
            number += 1
        taken[label] = name
    return {name: label for label, name in taken.items()}


def _inert_name(name: str) -> str:
    """A name made inert; of a very long one the ends, for each character may take twelve."""
    if len(name) > _LONG_NAME:
        name = f"{name[: _LONG_NAME // 2]}…{name[-_LONG_NAME // 2 :]}"
    return inert(name)


def _cut(shown: str, cells: int, *, sign: str) -> str:
    """The beginning and the end of a text around a sign, together at most that many cells."""
    room = max(cells - cell_len(sign), 0)
    return _head(shown, room - room // 2) + sign + _head(shown[::-1], room // 2)[::-1]


def _head(text: str, cells: int) -> str:
    """The longest beginning of a text that fits into so many terminal cells."""
    used = 0
    for position, character in enumerate(text):
        used += cell_len(character)
        if used > cells:
            return text[:position]
    return text


def pieces(text: str, spans: Sequence[TokenSpan]) -> list[Piece]:
    """One piece for each span, in their order.

    Raises:
        TokevalError: a span does not lie within the text.
    """
    data = text.encode("utf-8", "surrogatepass")
    shown: list[Piece] = []
    covered = 0
    for number, span in enumerate(spans):
        if not 0 <= span.start <= span.end <= len(data):
            raise TokevalError(
                f"token {number} (id {span.id}) stands for bytes {span.start} to {span.end} "
                f"of a text of {len(data)} bytes",
                "measure again with this version of tokeval: the document is damaged",
            )
        token = data[span.start : span.end]
        overlaps = span.start < covered and span.start < span.end
        shown.append(Piece(span.id, span.start, span.end, visible(token), _kind(token), overlaps))
        covered = max(covered, span.end)
    return shown


def pieces_and_gaps(text: str, spans: Sequence[TokenSpan]) -> list[Piece]:
    """The pieces of the spans, and between them the bytes that no token stands for.

    Joined without the overlapping ones they give every byte of the text, in order.

    Raises:
        TokevalError: a span does not lie within the text.
    """
    data = text.encode("utf-8", "surrogatepass")
    shown: list[Piece] = []
    covered = 0
    for piece in pieces(text, spans):
        if piece.start > covered:
            shown.append(_gap(data, covered, piece.start))
        shown.append(piece)
        covered = max(covered, piece.end)
    if covered < len(data):
        shown.append(_gap(data, covered, len(data)))
    return shown


def _gap(data: bytes, start: int, end: int) -> Piece:
    return Piece(None, start, end, visible(data[start:end]), "gap")


def _kind(token: bytes) -> PieceKind:
    if not token:
        return "empty"
    try:
        token.decode()
    except UnicodeDecodeError:
        return "bytes"
    return "text"


def _runs(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Stretches of the bytes, each with whether it is UTF-8; neighbours differ in that."""
    text = data.decode("utf-8", "surrogateescape")
    for match in re.finditer("[\udc80-\udcff]+|[^\udc80-\udcff]+", text):
        run = match.group()
        yield run.encode("utf-8", "surrogateescape"), not "\udc80" <= run[0] <= "\udcff"


def _show(text: str, marks: dict[str, str], reserved: frozenset[str]) -> Iterator[str]:
    """The characters of a text, each as it is shown."""
    if _PLAIN.fullmatch(text):
        yield text
        return
    stacked = 0
    based = False
    for character in text:
        if character in marks:
            yield marks[character]
            based = False
        elif character in reserved or _unseen(character):
            yield f"{OPEN}U+{ord(character):04X}{CLOSE}"
            based = False
        elif unicodedata.category(character) not in ("Mn", "Me", "Mc"):
            yield character
            based, stacked = True, 0
        elif not based:
            yield CARRIER + character
            based, stacked = True, 1
        elif stacked < _MAX_STACKED:
            yield character
            stacked += 1
        else:
            yield f"{OPEN}U+{ord(character):04X}{CLOSE}"


def _unseen(character: str) -> bool:
    """Whether it would show nothing, or act: white space, control, format, private, unassigned."""
    return not character.isprintable() or _BLANK.match(character) is not None

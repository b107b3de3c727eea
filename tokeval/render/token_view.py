"""Tokens as a page shows them: sample texts cut by each tokenizer, and badly split words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tokeval.document import MetricsResult, Sample, SplitWord
from tokeval.render.visible import (
    EMPTY,
    NEWLINE,
    SPACE,
    Piece,
    pieces_and_gaps,
    visible,
    visible_piece,
)

MAX_TOKENS_SHOWN = 300
MAX_TOKENS_ON_PAGE = 30_000
MAX_WORDS_ON_PAGE = 800
MAX_WORDS_OF_ONE = 10

_SPACE_MARK = Markup("<s> </s>")


@dataclass(frozen=True)
class CutRow:
    """One tokenizer's tokens of a text, as markup; `n_hidden` are left out at the end."""

    tokenizer: str
    n_tokens: int
    n_hidden: int
    markup: Markup


@dataclass(frozen=True)
class SampleView:
    """A text with its cuts.

    Attributes:
        slice: its name. slice_number: position in `TokenView.slices`.
        source: the text itself as markup, without marks for spaces.
        reference: the tokenizer that the others' tokens are compared with.
        rows: one for each tokenizer that the sample has tokens of.
    """

    slice: str
    slice_number: int
    source: Markup
    reference: str
    rows: tuple[CutRow, ...]


@dataclass(frozen=True)
class TokenView:
    """The samples that a page has room for, and how many more the document holds."""

    slices: tuple[str, ...]
    samples: tuple[SampleView, ...]
    n_left_out: int


@dataclass(frozen=True)
class WordView:
    """A badly split word; `markup` holds its pieces."""

    tokenizer: str
    slice: str
    word: Markup
    markup: Markup
    n_pieces: int
    occurrences: int


def text_markup(data: bytes) -> Markup:
    """Bytes as inert markup: a space is `<s> </s>`, a newline `↵` and a line break.

    >>> print(text_markup(b"a <b>"))
    a<s> </s>&lt;b&gt;
    """
    return marked(visible(data))


def piece_markup(text: str) -> Markup:
    """A piece of text as inert markup; what the document already spells in hex stays as it is."""
    return marked(visible_piece(text))


def marked(shown: str) -> Markup:
    """What `visible` wrote, escaped; its marks are never part of the text itself."""
    return Markup(  # noqa: S704 the argument has just been escaped
        escape(shown).replace(SPACE, _SPACE_MARK).replace(NEWLINE, f"{NEWLINE}\n")
    )


def plain_markup(text: str) -> Markup:
    """A text for reading: spaces as they are, everything that cannot be seen made visible."""
    shown = visible(text.encode("utf-8", "surrogatepass"))
    return escape(shown.replace(SPACE, " ").replace(NEWLINE, f"{NEWLINE}\n"))


def token_view(result: MetricsResult, tokenizers: Sequence[str]) -> TokenView:
    """As many samples as a page has room for: the first of every slice, then the second, ...

    Raises:
        TokevalError: a token's bytes do not lie within its text.
    """
    slices = tuple(dict.fromkeys(sample.slice for sample in result.samples))
    room = MAX_TOKENS_ON_PAGE
    chosen: list[tuple[int, int, Sample]] = []
    for order, sample in enumerate(_round_robin(result.samples)):
        size = sum(min(len(spans), MAX_TOKENS_SHOWN) for spans in sample.tokens.values())
        if size <= room:
            room -= size
            chosen.append((slices.index(sample.slice), order, sample))
    chosen.sort(key=lambda one: one[:2])
    views = tuple(_sample_view(sample, at, tokenizers) for at, _, sample in chosen)
    shown = tuple(part for at, part in enumerate(slices) if any(at == one[0] for one in chosen))
    views = tuple(
        SampleView(one.slice, shown.index(one.slice), one.source, one.reference, one.rows)
        for one in views
    )
    return TokenView(shown, views, len(result.samples) - len(views))


def _round_robin(samples: Sequence[Sample]) -> Iterator[Sample]:
    """The first sample of every slice, then the second of every slice, and so on."""
    seen: dict[str, int] = {}
    numbered = []
    for sample in samples:
        seen[sample.slice] = turn = seen.get(sample.slice, -1) + 1
        numbered.append((turn, sample))
    numbered.sort(key=lambda one: one[0])
    return (sample for _, sample in numbered)


def _sample_view(sample: Sample, number: int, tokenizers: Sequence[str]) -> SampleView:
    """A sample with a row for each tokenizer, in the order of the page."""
    names = [name for name in tokenizers if name in sample.tokens]
    names += [name for name in sample.tokens if name not in names]
    reference = names[0] if names else ""
    known = {(span.start, span.end) for span in sample.tokens.get(reference, ())}
    rows = []
    for name in names:
        pieces = pieces_and_gaps(sample.text, sample.tokens[name])
        shown = _first_tokens(pieces)
        n_tokens = len(sample.tokens[name])
        markup = Markup("").join(_piece(piece, known) for piece in shown)
        rows.append(CutRow(name, n_tokens, max(n_tokens - MAX_TOKENS_SHOWN, 0), markup))
    return SampleView(sample.slice, number, plain_markup(sample.text), reference, tuple(rows))


def _first_tokens(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces up to the last token that is shown."""
    n_tokens = 0
    for at, piece in enumerate(pieces):
        n_tokens += piece.id is not None
        if n_tokens > MAX_TOKENS_SHOWN:
            return pieces[:at]
    return pieces


def _piece(piece: Piece, known: set[tuple[int, int]]) -> Markup:
    """A token as `<i>`, a gap as `<u>`; classes say empty, overlapping, bytes, cut differently."""
    if piece.id is None:
        return Markup('<u title="no token">{}</u>').format(marked(piece.shown))
    classes = {
        "e": piece.kind == "empty",
        "o": piece.overlaps,
        "x": piece.kind == "bytes",
        "d": piece.kind != "empty" and (piece.start, piece.end) not in known,
    }
    names = " ".join(name for name, holds in classes.items() if holds)
    attribute = Markup(' class="{}"').format(names) if names else Markup("")
    shown = marked(piece.shown) if piece.kind != "empty" else EMPTY
    return Markup('<i{} title="id {}">{}</i>').format(attribute, piece.id, shown)


def word_views(result: MetricsResult) -> tuple[tuple[WordView, ...], int]:
    """The split words that a page has room for, and how many are left out.

    The same number for every tokenizer and slice, the document's first ones, at most ten; a word
    of a slice stands together for all tokenizers.
    """
    groups: dict[tuple[str, str], list[SplitWord]] = {}
    for word in result.split_words:
        groups.setdefault((word.slice, word.tokenizer), []).append(word)
    most = max(1, min(MAX_WORDS_OF_ONE, MAX_WORDS_ON_PAGE // max(len(groups), 1)))
    shown = [word for words in groups.values() for word in words[:most]][: 2 * MAX_WORDS_ON_PAGE]
    first: dict[str | tuple[str, str], int] = {}
    for place, word in enumerate(shown):
        first.setdefault(word.slice, place)
        first.setdefault((word.slice, word.word), place)
    shown.sort(key=lambda word: (first[word.slice], first[word.slice, word.word]))
    views = tuple(
        WordView(
            tokenizer=word.tokenizer,
            slice=word.slice,
            word=plain_markup(word.word),
            markup=Markup("").join(
                Markup("<i>{}</i>").format(piece_markup(piece)) for piece in word.pieces
            ),
            n_pieces=len(word.pieces),
            occurrences=word.occurrences,
        )
        for word in shown
    )
    return views, len(result.split_words) - len(views)

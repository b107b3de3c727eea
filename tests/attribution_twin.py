"""Attribution again, slowly and in plain Python: stretches by character, tokens one by one."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import icu

from tokeval.core.alignment import byte_spans
from tokeval.core.tokenizer import Tokenizer

WHITE_SPACE = icu.UnicodeSet("[:White_Space:]")
EMOJI = icu.UnicodeSet("[[:Emoji_Presentation:][:Regional_Indicator:][:Emoji_Modifier:]]")


def stretches(text: str) -> list[tuple[int, int]]:
    """[start, end) bytes of each stretch of a text."""
    kinds = kinds_of(text)
    found: list[tuple[int, int]] = []
    at = 0
    last: object = None
    for character, kind in zip(text, kinds, strict=True):
        size = len(character.encode())
        if found and kind == last:
            found[-1] = (found[-1][0], at + size)
        else:
            found.append((at, at + size))
        last = kind
        at += size
    return found


def kinds_of(text: str) -> list[object]:
    """For each character the number of its word, or the kind of what stands between words."""
    iterator = icu.BreakIterator.createWordInstance(icu.Locale.getRoot())
    iterator.setText(text)
    ends16, kinds, position = list(iterator), [], 0
    for character in text:
        segment = sum(end <= position for end in ends16)
        kinds.append(segment)
        position += len(character.encode("utf-16-le")) // 2
    words = {
        segment
        for character, segment in zip(text, kinds, strict=True)
        if unicodedata.category(character)[0] in "LN"
    }
    found: list[object] = []
    for character, segment in zip(text, kinds, strict=True):
        kind: object = segment if segment in words else between(character)
        if kind == "joining":
            carrier = found[-1] if found else "other"
            kind = "other" if isinstance(carrier, int) or carrier == "space" else carrier
        found.append(kind)
    return found


def between(character: str) -> str:
    """The kind of a character that is in no word."""
    if character in WHITE_SPACE:
        return "space"
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf":
        return "joining"
    if character in EMOJI:
        return "emoji"
    return {"P": "punctuation", "S": "symbol"}.get(category[0], "other")


Counts = dict[str | None, list[int]]
"""Tokens before, tokens after and occurrences by stretch; `None` has what covers no byte."""


def attributed(tokenizers: Sequence[Tokenizer], texts: Sequence[str]) -> Counts:
    """What falls to each stretch of some texts."""
    counts: Counts = defaultdict(lambda: [0, 0, 0])
    for text in texts:
        data = text.encode()
        places = stretches(text)
        for start, end in places:
            counts[data[start:end].decode()][2] += 1
        for side, tokenizer in enumerate(tokenizers):
            _, spans = byte_spans(tokenizer, [text])
            for start, end in spans.tolist():
                owner = _owner(text, places, start, end)
                stretch = None if owner is None else data[slice(*owner)].decode()
                counts[stretch][side] += 1
    return counts


def _owner(
    text: str, places: Sequence[tuple[int, int]], start: int, end: int
) -> tuple[int, int] | None:
    """The stretch of a token: that of its last byte that is not white space, else of its first."""
    if end <= start:
        return None
    is_space = [
        character in WHITE_SPACE for character in text for _ in range(len(character.encode()))
    ]
    solid = [at for at in range(start, end) if not is_space[at]]
    at = solid[-1] if solid else start
    return next(place for place in places if place[0] <= at < place[1])

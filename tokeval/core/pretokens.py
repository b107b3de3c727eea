"""Cutting text into units that a tokenizer encodes independently, so that each is encoded once.

A unit begins at a space that follows a character which is not white space, unless nothing but white
space is left: `a new day ` is cut into `a`, ` new`, ` day `. A tokenizer may be cut there when none
of its tokens spells a space after another character, since then no merge, lattice path or match can
cross the boundary; that the pieces around a boundary do not see each other is then proved on a
sample of the text, by equality.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

import numpy as np

from tokeval.core.tokenizer import BatchEncoder, Encoded, Tokenizer

_BOUNDARY = re.compile(r"(?<=\S)(?= \s*\S)")
_SPACE_AFTER_TEXT = re.compile(r"\S ")
_SPACE_INSIDE = re.compile(rb"[^ ] ")
_HOSTILE = (
    "a  b   c\td\t e\n f \n g\r\n h",
    "don't 'tis it's  we're",
    "x1 22 333 4444 (5) [6], 7.8 -9 $10",
    "été́ naïve \ufb01 ½ \uff11\uff12 Ⅻ",
    "日本語 テスト 中文 한국어 ไทย हिन्दी",
    "👩‍👩‍👧 🇹🇷🇩🇪 \u200d \u0301a \u00a0b \u3000c",
    " leading and trailing ",
)


class Cut(Enum):
    """How a text is cut into units for a tokenizer.

    TEXT: not at all; the unit is the whole text.
    SPACE: before spaces; each unit is encoded as it is.
    SPACE_STRIPPED: before spaces; the space that begins a unit is left out when it is encoded,
        because the tokenizer itself puts one before every text.
    """

    TEXT = "text"
    SPACE = "space"
    SPACE_STRIPPED = "space, stripped"


def cut_before_spaces(text: str) -> list[str]:
    """The units of a text; joined, they are the text.

    >>> cut_before_spaces("a  b c ")
    ['a', '  b', ' c ']
    """
    return _BOUNDARY.split(text)


def choose_cut(
    tokenizer: Tokenizer, sample: Sequence[str], encoder: BatchEncoder | None = None
) -> Cut:
    """The finest cut that leaves the ids of every sample text, and of hostile text, unchanged.

    Args:
        tokenizer: whose ids they are.
        sample: texts of the corpus that is to be measured.
        encoder: what will encode, where it is not the tokenizer itself.
    """
    if getattr(tokenizer, "whole_texts_only", False) or may_cross_a_space(tokenizer):
        return Cut.TEXT
    added_texts = AddedTexts(tokenizer.added_texts)
    # Hostile text refutes most cuts, and there is little of it.
    batches = [
        [text for text in texts if not added_texts.found_in(text)] for texts in (_HOSTILE, sample)
    ]
    encodes = encoder or tokenizer
    whole = [encodes.encode_batch(texts) for texts in batches]
    for cut in (Cut.SPACE, Cut.SPACE_STRIPPED):
        if all(
            _leaves_ids(encodes, cut, texts, encoded)
            for texts, encoded in zip(batches, whole, strict=True)
        ):
            return cut
    return Cut.TEXT


def _leaves_ids(encoder: BatchEncoder, cut: Cut, texts: Sequence[str], whole: Encoded) -> bool:
    """Whether texts that are encoded unit by unit have the ids that they have as a whole."""
    units = [cut_before_spaces(text) for text in texts]
    flat = [encoded_form(unit, cut, i == 0) for text in units for i, unit in enumerate(text)]
    pieces = encoder.encode_batch(flat)
    starts = np.cumsum([0, *map(len, units)])
    return np.array_equal(pieces.ids, whole.ids) and np.array_equal(
        pieces.offsets[starts], whole.offsets
    )


def may_cross_a_space(tokenizer: Tokenizer) -> bool:
    """Whether some token spells a space after another character, so that texts must stay whole.

    Special and added tokens do not count: a text that holds one stays whole anyway.
    """
    vocabulary = tokenizer.vocabulary
    added = {text.encode() for text in tokenizer.added_texts}
    return any(
        token
        and _SPACE_INSIDE.search(token)
        and _SPACE_AFTER_TEXT.search(token.decode("utf-8", "replace"))
        and token not in added
        and i not in vocabulary.special
        for i, token in enumerate(vocabulary.token_bytes)
    )


class AddedTexts:
    """The texts of added tokens, quick to look for in much text.

    Each text is filed under one of its characters, a rare one if it has any, so that most text is
    answered by having none of these characters. A text that holds another one is left out.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._by_sign: dict[str, list[str]] = {}
        known, sizes = set(texts), sorted({len(text) for text in texts})
        for text in texts:
            shorter = (
                text[start : start + size]
                for size in sizes
                if size < len(text)
                for start in range(len(text) - size + 1)
            )
            if any(part in known for part in shorter):
                continue
            rare = [c for c in text if not c.isascii()] or [c for c in text if not c.isalnum()]
            self._by_sign.setdefault(rare[0] if rare else text[:1], []).append(text)

    def found_in(self, text: str) -> list[str]:
        """Those of the texts that stand in a text."""
        return [
            added
            for sign, filed in self._by_sign.items()
            if sign in text
            for held in [_around(sign, text, max(map(len, filed))) if len(filed) > 2 else text]
            for added in filed
            if added in held and added in text
        ]


def _around(sign: str, text: str, length: int) -> str:
    """All that stands within a length of a sign, or the text where that would be no shorter."""
    places = [match.start() for match in re.finditer(re.escape(sign), text)]
    if 2 * length * len(places) >= len(text):
        return text
    return "".join(text[max(place - length, 0) : place + length] for place in places)


def encoded_form(unit: str, cut: Cut, is_first: int | bool) -> str:
    """What is given to the tokenizer for a unit.

    >>> encoded_form(" new", Cut.SPACE_STRIPPED, is_first=False)
    'new'
    """
    return unit[1:] if cut is Cut.SPACE_STRIPPED and not is_first else unit


def encoded_forms(units: Sequence[str], is_first: Sequence[int], cut: Cut) -> Sequence[str]:
    """What is given to the tokenizer for each unit."""
    if cut is not Cut.SPACE_STRIPPED:
        return units
    pairs = zip(units, bytes(is_first), strict=True)
    return [unit if first else unit[1:] for unit, first in pairs]

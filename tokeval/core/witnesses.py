"""Witnesses: texts in which a tokenizer emits a token, and the tokens for which there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

import numpy as np

from tokeval.core.completions import completions
from tokeval.core.tokenizer import Tokenizer, Vocabulary

LEFT = (
    "", "\n", "a", " ", "0", ".", "\x01", "A", "中", "  ", "é", "-", "(", "'", "\t", "ж", "\ue000",
)  # fmt: skip
RIGHT = ("", "a", " ", "\n", "0", ".", "\x01", "A", "中", "  x", "é", "s", "D", "t")
"""What is put before and behind a token; every pair of them is tried, the empty ones first."""

FRAMES = (("a", ""), (" ", ""), ("\n", ""), ("", "a"), ("0", " "), (".", "."), ("中", "中"))
"""What is put around a token with completed characters, after the completions alone."""

MAX_FRAMED = 96
"""How many completions are put in frames."""

MAX_NEIGHBOURS = 16
"""How many tokens that contain a token lend it what stands around it there."""

MAX_SINGLE = 200
"""How many tokens of one character are put before a token."""

BATCH = 16_384
_GAP = b"\xff\x00\xff"
_PAIRS = sorted(product(range(len(LEFT)), range(len(RIGHT))), key=sum)


@dataclass(frozen=True)
class Witnesses:
    """What a search for witnesses found.

    Attributes:
        texts: by id, a text whose tokens hold the id.
        unreached: ids that are in the tokens of none of the texts tried, in order.
        n_tried: texts tried in all.
    """

    texts: dict[int, str]
    unreached: tuple[int, ...]
    n_tried: int


def find_witnesses(tokenizer: Tokenizer, ids: Sequence[int]) -> Witnesses:
    """A text for every id that has one, by trying contexts on both sides of its token.

    Token i is reachable when texts c and d exist such that encode(c + bytes(i) + d) has i at that
    span. So an i anywhere in the tokens of any text is the proof, whichever token the text was
    made for. Cheap contexts come first; each round tries more of them, for what is not yet proved.

    Args:
        tokenizer: one that can encode any text.
        ids: what is to be reached.
    """
    vocabulary = tokenizer.vocabulary
    around = Surroundings(vocabulary)
    wanted = dict.fromkeys(ids)
    left = {i: candidates(vocabulary.token_bytes[i] or b"", around) for i in wanted}
    texts: dict[int, str] = {}
    n_tried = 0
    while left:
        n_each = max(1, BATCH // len(left))
        tried, left = _draw(left, n_each)
        n_tried += len(tried)
        for start in range(0, len(tried), BATCH):
            for i, text in _emitted(tokenizer, tried[start : start + BATCH]):
                if i in wanted and i not in texts:
                    texts[i] = text
                    left.pop(i, None)
    return Witnesses(texts, tuple(i for i in wanted if i not in texts), n_tried)


def _draw(
    streams: dict[int, Iterator[str]], n_each: int
) -> tuple[list[str], dict[int, Iterator[str]]]:
    """The next n texts of every stream, and the streams that are not at their end."""
    tried: list[str] = []
    going_on = {}
    for i, stream in streams.items():
        drawn = list(islice(stream, n_each))
        tried += drawn
        if len(drawn) == n_each:
            going_on[i] = stream
    return tried, going_on


def _emitted(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Every id that the texts are encoded to, with the first text that has it."""
    encoded = tokenizer.encode_batch(texts)
    ids, first = np.unique(encoded.ids, return_index=True)
    of_text = np.searchsorted(encoded.offsets, first, side="right") - 1
    for i, t in zip(ids.tolist(), of_text.tolist(), strict=True):
        yield i, texts[t]


def candidates(token: bytes, around: Surroundings) -> Iterator[str]:
    """Texts that hold the bytes of a token, the likeliest witnesses first; none where none can.

    >>> next(candidates(b"ab", Surroundings(Vocabulary(()))))
    'ab'
    """
    whole = _text(token)
    if whole is not None:
        yield from (LEFT[left] + whole + RIGHT[right] for left, right in _PAIRS)
        yield from (single + whole for single in around.singles)
    else:
        completed = [(before + token + behind).decode() for before, behind in completions(token)]
        yield from completed
        for left, right in FRAMES:
            yield from (left + text + right for text in completed[:MAX_FRAMED])
    yield from around.neighbours(token)


class Surroundings:
    """What the other tokens of a vocabulary suggest to put around a token."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    @cached_property
    def singles(self) -> tuple[str, ...]:
        """Some of the tokens that are one character, evenly spaced."""
        tokens = (_text(token) for token in self._vocabulary.token_bytes if token)
        found = list(dict.fromkeys(text for text in tokens if text is not None and len(text) == 1))
        return tuple(found[:: max(1, len(found) // MAX_SINGLE)])

    @cached_property
    def _joined(self) -> bytes:
        """All tokens, with bytes between them that no two tokens make together."""
        return _GAP.join(token for token in self._vocabulary.token_bytes if token)

    def neighbours(self, token: bytes) -> Iterator[str]:
        """Texts with what stands around a token inside longer tokens, whole and one-sided."""
        place = self._joined.find(token)
        n_found = 0
        while place >= 0 and n_found < MAX_NEIGHBOURS:
            start = self._joined.rfind(_GAP, 0, place)
            end = self._joined.find(_GAP, place)
            before = self._joined[start + len(_GAP) if start >= 0 else 0 : place]
            behind = self._joined[place + len(token) : end if end >= 0 else None]
            for left, right in ((before, b""), (b"", behind), (before[-1:], behind[:1])):
                text = _text(left + token + right)
                if (left or right) and text is not None:
                    n_found += 1
                    yield from (text, f"\n{text}", f"{text}\n", f"a{text}")
            place = self._joined.find(token, place + 1)


def _text(token: bytes) -> str | None:
    """The text that a token spells, `None` where it is not valid UTF-8 by itself."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return None

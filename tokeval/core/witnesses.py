"""Witnesses: texts in which a tokenizer emits a token, and the tokens for which there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from tokeval.core.completions import completions, paired, split_characters
from tokeval.core.tokenizer import Tokenizer, Vocabulary

LEFT = (
    "", "\n", "a", " ", "0", ".", "\x01", "A", "中", "  ", "é", "-", "(", "'", "\t", "ж", "\ue000",
)  # fmt: skip
RIGHT = ("", "a", " ", "\n", "0", ".", "\x01", "A", "中", "  x", "é", "s", "D", "t")
"""What is put before and behind a token: each alone, then every pair, line by line of a text."""

FRAMES = (("a", ""), (" ", ""), ("\n", ""), ("", "a"), ("0", " "), (".", "."), ("中", "中"))
"""What is put around a token with completed characters, after the completions alone."""

MAX_FRAMED = 96
"""How many completions are put in frames."""

MAX_NEIGHBOURS = 8
"""How many tokens that contain a token lend it what stands around it there."""

MAX_CHAINED = 4
"""How many completions of a token and its neighbours are tried."""

MAX_SINGLE = 128
"""How many tokens of one character are put before a token."""

SEPARATORS = ("\n", " ", "a", ".", "0", "")
"""What stands between the tokens of a text that holds many of them, one after the other."""

N_TOGETHER = 64
"""How many tokens such a text holds."""

BATCH = 16_384
_LINES = tuple((LEFT[1], *(f"{right}\n{left}" for left in LEFT[2:]), right) for right in RIGHT[1:])
"""What stands between copies of a token in a text with a line for each pair of contexts."""

_GAP = b"\xff\x00\xff"


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
    search = _Search(tokenizer, dict.fromkeys(ids))
    for separator in SEPARATORS:
        search.encode(_together(vocabulary, search.left, separator))
    around = Surroundings(vocabulary)
    streams = {i: candidates(vocabulary.token_bytes[i] or b"", around) for i in search.left}
    while streams:
        tried, streams = _draw(streams, max(1, BATCH // len(streams)))
        search.encode(tried)
        streams = {i: stream for i, stream in streams.items() if i not in search.texts}
    return Witnesses(search.texts, tuple(search.left), search.n_tried)


class _Search:
    """What has been tried so far, and what was found in it."""

    def __init__(self, tokenizer: Tokenizer, wanted: dict[int, None]) -> None:
        self._tokenizer = tokenizer
        self._wanted = wanted
        self.texts: dict[int, str] = {}
        self.n_tried = 0

    @property
    def left(self) -> list[int]:
        """The ids that no text has had, in the order asked for."""
        return [i for i in self._wanted if i not in self.texts]

    def encode(self, texts: Sequence[str]) -> None:
        """Encodes the texts and keeps the first that has each id."""
        self.n_tried += len(texts)
        for start in range(0, len(texts), BATCH):
            for i, text in _emitted(self._tokenizer, texts[start : start + BATCH]):
                if i in self._wanted:
                    self.texts.setdefault(i, text)


def _together(vocabulary: Vocabulary, ids: Sequence[int], separator: str) -> list[str]:
    """Texts of many tokens with the same separator around each; parts of characters left out."""
    tokens = [_text(vocabulary.token_bytes[i] or b"") for i in ids]
    whole = [token for token in tokens if token]
    groups = (whole[start : start + N_TOGETHER] for start in range(0, len(whole), N_TOGETHER))
    return [separator.join(["", *group, ""]) for group in groups]


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
        yield from (left + whole for left in LEFT)
        yield from (whole + right for right in RIGHT[1:])
        yield from (whole.join(between) for between in _LINES)
        yield from (whole.join(between) for between in around.singles)
    else:
        framed: list[str] = []
        for before, behind in completions(token):
            text = (before + token + behind).decode()
            framed += [text] if len(framed) < MAX_FRAMED else []
            yield text
        for left, right in FRAMES:
            yield from (left + text + right for text in framed)
        yield from around.beside(token)
    yield from around.neighbours(token)


class Surroundings:
    """What the other tokens of a vocabulary suggest to put around a token."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    @cached_property
    def singles(self) -> list[tuple[str, ...]]:
        """What stands between copies of a token in texts with a line for each character before it.

        The characters are tokens of their own, evenly spaced.
        """
        short = (token for token in self._vocabulary.token_bytes if token and len(token) <= 4)
        tokens = map(_text, short)
        found = list(dict.fromkeys(text for text in tokens if text is not None and len(text) == 1))
        spaced = found[:: max(1, len(found) // MAX_SINGLE)]
        groups = (spaced[start : start + 16] for start in range(0, len(spaced), 16))
        return [(first, *(f"\n{other}" for other in others), "") for first, *others in groups]

    @cached_property
    def _parts(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """The tokens that end inside a character, and those that begin inside one."""
        beyond = (token for token in self._vocabulary.token_bytes if token and not token.isascii())
        tokens = [token for token in beyond if _text(token) is None]
        split = [(token, split_characters(token) or (b"", b"", b"")) for token in tokens]
        ending = tuple(token for token, (_, _, tail) in split if tail)
        return ending, tuple(token for token, (head, _, _) in split if head)

    def beside(self, token: bytes) -> Iterator[str]:
        """Texts in which a token that begins or ends inside a character has a neighbour there.

        Whatever text emits it, the token next to it on that side is one of these. Each is tried,
        with a few characters that make it whole in turn.
        """
        head, _, tail = split_characters(token) or (b"", b"", b"")
        ending, beginning = self._parts
        before, behind = ending if head else (b"",), beginning if tail else (b"",)
        for left, right in paired(before, behind):
            if split_characters(left + token + right) is not None:
                joined = left + token + right
                for start, end in islice(completions(joined), MAX_CHAINED):
                    yield (start + joined + end).decode()

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
                    yield from (text, f"\n{text}\na{text}\n")
            place = self._joined.find(token, place + 1)


def _text(token: bytes) -> str | None:
    """The text that a token spells, `None` where it is not valid UTF-8 by itself."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return None

"""Completions: the bytes that make whole characters of a token that begins or ends inside one."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

MAX_BY_LENGTH = 1_000
"""How many characters of each UTF-8 length are tried to complete a part of one."""

MAX_PAIRS = 2_000
"""How many pairs of characters are tried around a token that lacks bytes on both sides."""

_LENGTHS = ((0x80, 0x800), (0x800, 0x1_0000), (0x1_0000, 0x11_0000))
"""The code points [low, high) of two, three and four bytes in UTF-8."""

_Item = TypeVar("_Item")

Completion = tuple[bytes, bytes]
"""What goes before a token and what goes behind it."""


def split_characters(token: bytes) -> tuple[bytes, bytes, bytes] | None:
    r"""The end of a character, whole characters, and the beginning of one, that make up the bytes.

    A piece from inside one character is all end. `None` where the bytes are in no UTF-8 at all.

    >>> split_characters("€a€".encode()[1:-1])
    (b'\x82\xac', b'a', b'\xe2\x82')
    >>> split_characters(b"\xc3\xc3") is None
    True
    """
    n_head = 0
    while n_head < len(token) and token[n_head] & 0xC0 == 0x80:
        n_head += 1
    head, rest = token[:n_head], token[n_head:]
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(rest)
    except UnicodeDecodeError:
        return None
    tail = decoder.getstate()[0]
    if n_head > 3 or (tail and not len(beginning_with(tail))):
        return None
    return head, rest[: len(rest) - len(tail)], tail


def completions(token: bytes) -> Iterator[Completion]:
    r"""What may stand around a token so that all characters are whole; rare scripts among it.

    One empty completion where nothing is missing, none where nothing helps. Of many characters,
    evenly spaced ones are taken, those of two, three and four bytes in turn.

    >>> list(completions(b"ab"))
    [(b'', b'')]
    >>> len(list(completions(b"\x80"))) > 1_000, list(completions(b"\xff"))
    (True, [])
    """
    parts = split_characters(token)
    if parts is None:
        return iter(())
    head, inside, tail = parts
    pairs = (
        (b"" if left is None else _utf8(left)[: -len(head)],
         b"" if right is None else _utf8(right)[len(tail) :])
        for left, right in paired(_before(head), _behind(tail))
    )  # fmt: skip
    if head and not inside and not tail:
        around = [_around(point, head) for point in spread(having_inside(head))]
        return iter(_in_turn([list(pairs), around]))
    return pairs


@lru_cache(maxsize=4096)
def _before(head: bytes) -> tuple[int | None, ...]:
    """Characters that the end of one may be of; `None` alone for no end."""
    return tuple(spread(ending_with(head))) if head else (None,)


@lru_cache(maxsize=4096)
def _behind(tail: bytes) -> tuple[int | None, ...]:
    """Characters that the beginning of one may be of; `None` alone for no beginning."""
    return tuple(spread(beginning_with(tail))) if tail else (None,)


def paired(before: Sequence[_Item], after: Sequence[_Item]) -> Iterator[tuple[_Item, _Item]]:
    """Pairs in which every member occurs; each later round shifts one side against the other."""
    n_pairs = min(len(before) * len(after), MAX_PAIRS)
    longer = max(len(before), len(after))
    for j in range(n_pairs):
        yield before[j % len(before)], after[(j + j // longer) % len(after)]


def _around(point: int, inside: bytes) -> Completion:
    """What a character has before and behind bytes from inside it."""
    encoded = _utf8(point)
    place = encoded.index(inside, 1)
    return encoded[:place], encoded[place + len(inside) :]


@lru_cache(maxsize=4096)
def ending_with(part: bytes) -> NDArray[np.int64]:
    """The code points whose UTF-8 ends with 1 to 3 continuation bytes and begins before them."""
    step, value = 64 ** len(part), _bits(part)
    points = np.arange(value, 0x11_0000, step)
    return _valid(points[points >= _LENGTHS[len(part) - 1][0]]) if len(part) <= 3 else points[:0]


@lru_cache(maxsize=4096)
def beginning_with(part: bytes) -> NDArray[np.int64]:
    """The code points whose UTF-8 begins with a lead byte and continuation bytes, and goes on."""
    lead = part[0]
    n_bytes = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if not 0xC2 <= lead <= 0xF4 or len(part) >= n_bytes:
        return np.empty(0, dtype=np.int64)
    low, high = _LENGTHS[n_bytes - 2]
    n_left = 64 ** (n_bytes - len(part))
    value = (lead & (0x7F >> n_bytes)) * 64 ** (len(part) - 1) + _bits(part[1:])
    points = np.arange(value * n_left, (value + 1) * n_left)
    return _valid(points[(points >= low) & (points < high)])


@lru_cache(maxsize=4096)
def having_inside(part: bytes) -> NDArray[np.int64]:
    """The code points whose UTF-8 has 1 or 2 continuation bytes before its last byte."""
    if len(part) > 2:
        return np.empty(0, dtype=np.int64)
    points = np.arange(_LENGTHS[len(part)][0], 0x11_0000)
    found = (points >> 6) % 64 ** len(part) == _bits(part)
    if len(part) == 1:
        found |= (points >= 0x1_0000) & ((points >> 12) % 64 == _bits(part))
    return _valid(points[found])


def spread(points: NDArray[np.int64]) -> list[int]:
    """At most MAX_BY_LENGTH code points of each UTF-8 length, these in turn, far jumps first."""
    groups = []
    for low, high in _LENGTHS:
        group = points[(points >= low) & (points < high)]
        n = min(len(group), MAX_BY_LENGTH)
        chosen = group[np.linspace(0, len(group) - 1, n).astype(np.int64)] if n else group
        jumps = (np.arange(n) * 0.618_033_988_75) % 1.0  # the golden ratio never clusters
        groups.append(chosen[np.argsort(jumps, kind="stable")].tolist())
    return _in_turn(groups)


def _in_turn(groups: Sequence[Sequence[_Item]]) -> list[_Item]:
    """One of each group, then a second of each, until all are used."""
    return [item for row in zip_longest(*groups) for item in row if item is not None]


def _bits(continuation: bytes) -> int:
    """The number that continuation bytes hold, six bits each."""
    value = 0
    for byte in continuation:
        value = value * 64 + (byte & 0x3F)
    return value


def _valid(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """The code points that are no surrogates."""
    return points[(points < 0xD800) | (points >= 0xE000)]


def _utf8(point: int) -> bytes:
    return chr(point).encode()

"""The pair that each token is merged from, where only ranks of whole tokens are stated."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel
from tokeval.pretokenization.piece_table import (
    PieceTable,
    find_piece,
    hash_piece,
    piece_number,
)
from tokeval.pretokenization.scanners_kernels import character_end

_NEVER = 1 << 62


class JoinedParts(NamedTuple):
    """Room for the parts of one token, and what their ranks are read from.

    Attributes:
        table: all tokens.
        ranks: by number, shape (n_tokens,), int64.
        borders: where parts begin, and the last one ends, in the pool, int64.
        joined: rank of each part with the next, int64.
    """

    table: PieceTable
    ranks: NDArray[Any]
    borders: NDArray[Any]
    joined: NDArray[Any]


@lean_kernel
def _token(start: int, end: int, table: PieceTable) -> int:
    """The number of the token that a span of the pool is, -1 where it is none."""
    return piece_number(
        find_piece(table.pool, start, end, hash_piece(table.pool, start, end), table), table
    )


@lean_kernel
def _join_ranks(i: int, parts: JoinedParts) -> None:
    """Notes the rank of what a part and the next one are, joined."""
    token = _token(parts.borders[i], parts.borders[i + 2], parts.table)
    parts.joined[i] = parts.ranks[token] if token >= 0 else _NEVER


@lean_kernel
def _join_best(n: int, parts: JoinedParts) -> bool:
    """Whether some two of n parts were joined: those of the lowest rank, the leftmost of equals."""
    at = 0
    for i in range(1, n - 1):
        if parts.joined[i] < parts.joined[at]:
            at = i
    if parts.joined[at] == _NEVER:
        return False
    for i in range(at + 1, n):
        parts.borders[i] = parts.borders[i + 1]
    for i in range(at + 1, n - 1):
        parts.joined[i - 1] = parts.joined[i]
    if at < n - 2:
        _join_ranks(at, parts)
    if at > 0:
        _join_ranks(at - 1, parts)
    return True


@lean_kernel
def last_pairs(parts: JoinedParts, of_characters: bool, pairs: NDArray[Any]) -> None:
    """Fills `pairs` with the numbers of the two tokens that each token is merged from, or -1.

    They are what is left when the neighbours whose joined text has the lowest rank, the leftmost
    of equals, are joined again and again until two are left. No other pair can make the token: as
    long as nothing is joined across its borders, what happens inside does not depend on the rest.

    Args:
        parts: the tokens, and room for the longest of them and one more.
        of_characters: whether the first parts are characters; else they are bytes.
        pairs: shape (n_tokens, 2), int64.
    """
    table, borders = parts.table, parts.borders
    for token in range(len(pairs)):
        pairs[token, 0] = pairs[token, 1] = -1
        end, n = table.starts[token + 1], 0
        borders[0] = table.starts[token]
        while borders[n] < end:
            at = borders[n]
            borders[n + 1] = character_end(table.pool, at, end) if of_characters else at + 1
            n += 1
        for i in range(n - 1):
            _join_ranks(i, parts)
        while n > 2 and _join_best(n, parts):
            n -= 1
        if n == 2:
            pairs[token, 0] = _token(borders[0], borders[1], table)
            pairs[token, 1] = _token(borders[1], borders[2], table)

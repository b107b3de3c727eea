"""The tokens of each distinct piece of text, in an open-addressing hash table of bounded size."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel
from tokeval.pretokenization.merging_kernels import Bytes, Merging, Scratch, merged

MAX_PIECES = 1 << 19
KEPT_BYTES = 256
"""A longer piece is encoded anew each time: it hardly comes again."""

_BYTES_PER_PIECE, _IDS_PER_PIECE = 24, 6
_FEWEST_PIECES = 1 << 14
_NUMBER = (1 << 31) - 1


class PieceTable(NamedTuple):
    """Pieces by number, with their tokens.

    Attributes:
        slots: a part of the hash << 31 | number of the piece, or -1, by hash; shape (2 n,), int64.
        hashes: by piece, shape (n,), uint64.
        starts: where each begins in the pool, and the last one ends, shape (n + 1,), int32.
        pool: the bytes of all pieces.
        id_starts: where the tokens of each begin, and of the last one end, shape (n + 1,), int32.
        ids: the tokens of all pieces, int32.
        n_pieces: how many there are, shape (1,), int64.
    """

    slots: NDArray[Any]
    hashes: NDArray[Any]
    starts: NDArray[Any]
    pool: NDArray[Any]
    id_starts: NDArray[Any]
    ids: NDArray[Any]
    n_pieces: NDArray[Any]


def table_of(pieces: list[bytes], ids: NDArray[Any]) -> PieceTable:
    """A table of distinct pieces that are one token each, with room for as many others."""
    size = max(_FEWEST_PIECES, 1 << (2 * len(pieces)).bit_length())
    table = _empty(size, sum(map(len, pieces)) + _BYTES_PER_PIECE * size)
    ends = np.cumsum([0, *map(len, pieces)])[1:]
    if pieces:
        _enter(np.frombuffer(b"".join(pieces), np.uint8), ends, ids, table)
    return table


def with_room(table: PieceTable, n_kept: int) -> PieceTable:
    """A table with room for more: one of twice the size, or at its largest begun anew.

    Args:
        table: one that was full; it may be changed.
        n_kept: how many of its first pieces have to stay.
    """
    if len(table.hashes) < max(MAX_PIECES, 4 * n_kept):
        larger = _empty(2 * len(table.hashes), 2 * len(table.pool))
        for new, old in zip(larger[1:], table[1:], strict=True):
            new[: len(old)] = old
        table = larger
    else:
        table.n_pieces[0] = n_kept
        table.slots.fill(-1)
    _place(table)
    return table


def _empty(n: int, n_bytes: int) -> PieceTable:
    """A table without pieces, with room for n."""
    return PieceTable(
        slots=np.full(2 * n, -1, np.int64),
        hashes=np.zeros(n, np.uint64),
        starts=np.zeros(n + 1, np.int32),
        pool=np.zeros(n_bytes, np.uint8),
        id_starts=np.zeros(n + 1, np.int32),
        ids=np.zeros(_IDS_PER_PIECE * n, np.int32),
        n_pieces=np.zeros(1, np.int64),
    )


@lean_kernel
def hash_piece(data: Bytes, start: int, end: int) -> np.uint64:
    """FNV-1a with its high half folded in."""
    h = np.uint64(0xCBF29CE484222325)
    for i in range(start, end):
        h = (h ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
    return h ^ (h >> np.uint64(32))


@lean_kernel
def _tag(h: np.uint64) -> int:
    """What of a hash stands in a slot: what its place does not tell, so that memory is spared."""
    return int(np.int64(h >> np.uint64(33))) << 31


@lean_kernel
def piece_number(slot: int, table: PieceTable) -> int:
    """The number of the piece in a slot, -1 where there is none."""
    entry: int = table.slots[slot]
    return entry & _NUMBER if entry >= 0 else -1


@lean_kernel
def find_piece(data: Bytes, start: int, end: int, h: np.uint64, table: PieceTable) -> int:
    """The slot of a piece, or the empty one that is to be its own."""
    mask = len(table.slots) - 1
    slot = int(np.int64(h & np.uint64(mask)))
    tag = _tag(h)
    while table.slots[slot] >= 0:
        if table.slots[slot] & ~_NUMBER == tag:
            piece = table.slots[slot] & _NUMBER
            at = np.int64(table.starts[piece])
            if table.starts[piece + 1] - at == end - start:
                i = start
                while i < end and data[i] == table.pool[at + i - start]:
                    i += 1
                if i == end:
                    return slot
        slot = (slot + 1) & mask
    return slot


@lean_kernel
def _add(data: Bytes, start: int, end: int, h: np.uint64, slot: int, table: PieceTable) -> int:
    """The number of a piece that is new, without its tokens."""
    piece: int = table.n_pieces[0]
    at = table.starts[piece]
    for i in range(start, end):
        table.pool[at + i - start] = data[i]
    table.starts[piece + 1] = at + end - start
    table.slots[slot] = _tag(h) | piece
    table.hashes[piece] = h
    table.n_pieces[0] = piece + 1
    return piece


@lean_kernel
def _place(table: PieceTable) -> None:
    """Enters all pieces in empty slots."""
    mask = len(table.slots) - 1
    for piece in range(table.n_pieces[0]):
        slot = np.int64(table.hashes[piece] & np.uint64(mask))
        while table.slots[slot] >= 0:
            slot = (slot + 1) & mask
        table.slots[slot] = _tag(table.hashes[piece]) | piece


@lean_kernel
def _enter(data: Bytes, ends: NDArray[Any], ids: NDArray[Any], table: PieceTable) -> None:
    """Puts pieces of one token each into a table that has room for them."""
    start = 0
    for k in range(len(ends)):
        h = hash_piece(data, start, ends[k])
        piece = _add(data, start, ends[k], h, find_piece(data, start, ends[k], h, table), table)
        table.ids[table.id_starts[piece]] = ids[k]
        table.id_starts[piece + 1] = table.id_starts[piece] + 1
        start = ends[k]


@lean_kernel
def encode_pieces(
    data: Bytes,
    ends: NDArray[Any],
    offsets: NDArray[Any],
    merging: Merging,
    table: PieceTable,
    room: Scratch,
    state: NDArray[Any],
    ids: NDArray[Any],
    id_offsets: NDArray[Any],
) -> bool:
    """Whether all pieces were encoded; when not, the table needs room before the next call.

    Args:
        data: UTF-8 of all texts.
        ends: of the pieces; each begins where the one before ends.
        offsets: of the texts in `data`, shape (n_texts + 1,).
        merging: what merges.
        table: tokens of the pieces that were met before; new ones are added.
        room: for the longest piece.
        state: pieces, ids and texts that are done, shape (3,); zeros at first.
        ids: filled with the tokens; as long as `data`.
        id_offsets: filled with where the ids of each text begin, and of the last one end.
    """
    first, n, text = state[0], state[1], state[2]
    start = ends[first - 1] if first else 0
    for k in range(first, len(ends)):
        end = ends[k]
        while offsets[text + 1] <= start:
            text += 1
            id_offsets[text] = n
        h = hash_piece(data, start, end)
        slot = find_piece(data, start, end, h, table)
        piece = piece_number(slot, table)
        if piece < 0 and end - start <= KEPT_BYTES:
            piece = table.n_pieces[0]
            id_start = table.id_starts[piece]
            full = piece == len(table.hashes) or id_start + end - start > len(table.ids)
            if full or table.starts[piece] + end - start > len(table.pool):
                state[0], state[1], state[2] = k, n, text
                return False
            _add(data, start, end, h, slot, table)
            size = merged(data, start, end, merging, room)
            for i in range(size):
                table.ids[id_start + i] = room.ids[i]
            table.id_starts[piece + 1] = id_start + size
        if piece < 0:
            size = merged(data, start, end, merging, room)
            for i in range(size):
                ids[n + i] = room.ids[i]
            n += size
        else:
            for i in range(table.id_starts[piece], table.id_starts[piece + 1]):
                ids[n] = table.ids[i]
                n += 1
        start = end
    while text + 1 < len(offsets):
        text += 1
        id_offsets[text] = n
    state[0], state[1], state[2] = len(ends), n, text
    return True

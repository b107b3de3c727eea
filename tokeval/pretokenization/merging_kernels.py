"""Kernels that merge the symbols of one piece of text as a BPE does: lowest rank, then leftmost."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel

Bytes = NDArray[Any]

NO_PAIR = np.uint64(0xFFFFFFFFFFFFFFFF)
NEVER = 1 << 62
"""In place of a rank and an id: these neighbours do not merge."""

LONG_PIECE = 100
"""From so many symbols on, the best pair is kept in a heap: looking at all pairs is quadratic."""


class Merging(NamedTuple):
    """What the kernels read of a tokenizer.

    Attributes:
        symbols: id of each byte, shape (256,), or of each code point, shape (0x110000,), int32;
            -1 where it has none.
        byte_ids: id of each byte of a character that has none, shape (256,), int32; or empty.
        unknown: id in place of a symbol without one, -1 where it is dropped.
        fuses: whether unknown symbols in a row are one.
        pairs: left id << 32 | right id, or NO_PAIR, by slot of a hash table, uint64.
        results: rank << 32 | id of the merged token, by slot, int64.
    """

    symbols: NDArray[Any]
    byte_ids: NDArray[Any]
    unknown: int
    fuses: bool
    pairs: NDArray[Any]
    results: NDArray[Any]


class Scratch(NamedTuple):
    """Room for one piece of n bytes.

    Attributes:
        ids: its symbols, shape (n,), int64.
        results: what each merges to with the next, as in `Merging`, shape (n,), int64.
        before, after: neighbours of symbols in a list that shrinks, shape (n,), int64.
        heap: rank << 32 | place of the left symbol, shape (3 n,), int64.
    """

    ids: NDArray[Any]
    results: NDArray[Any]
    before: NDArray[Any]
    after: NDArray[Any]
    heap: NDArray[Any]


def scratch(n_bytes: int) -> Scratch:
    """Room for a piece of so many bytes."""
    ids, results, before, after = (np.empty(n_bytes, np.int64) for _ in range(4))
    return Scratch(ids, results, before, after, heap=np.empty(3 * n_bytes, np.int64))


@lean_kernel
def _slot(pair: np.uint64, n_slots: int) -> int:
    """Where to look for a pair first; at most 2²⁴ slots are told apart."""
    return int(np.int64((pair * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40))) & (n_slots - 1)


@lean_kernel
def enter_pairs(entries: NDArray[Any], pairs: NDArray[Any], results: NDArray[Any]) -> None:
    """Puts (left, right, rank, id) into an empty hash table; of equal pairs the last one counts."""
    for m in range(len(entries)):
        pair = np.uint64(entries[m, 0]) << np.uint64(32) | np.uint64(entries[m, 1])
        slot = _slot(pair, len(pairs))
        while pairs[slot] != NO_PAIR and pairs[slot] != pair:
            slot = (slot + 1) & (len(pairs) - 1)
        pairs[slot] = pair
        results[slot] = entries[m, 2] << 32 | entries[m, 3]


@lean_kernel
def _result(merging: Merging, left: int, right: int) -> int:
    """Rank << 32 | id of what two ids merge to, or NEVER."""
    pair = np.uint64(left) << np.uint64(32) | np.uint64(right)
    slot = _slot(pair, len(merging.pairs))
    while merging.pairs[slot] != NO_PAIR:
        if merging.pairs[slot] == pair:
            result: int = merging.results[slot]
            return result
        slot = (slot + 1) & (len(merging.pairs) - 1)
    return int(np.int64(NEVER))


@lean_kernel
def merged(data: Bytes, start: int, end: int, merging: Merging, room: Scratch) -> int:
    """The number of tokens of a piece; their ids are put in `room.ids`."""
    if len(merging.symbols) == 256:
        n = _symbols_of_bytes(data, start, end, merging, room.ids)
    else:
        n = _symbols_of_characters(data, start, end, merging, room.ids)
    if n < 2:
        return n
    if n < LONG_PIECE:
        return _merged_short(n, merging, room.ids, room.results)
    return _merged_long(n, merging, room)


@lean_kernel
def _put_unknown(n: int, was_unknown: bool, merging: Merging, ids: NDArray[Any]) -> int:
    """The number of symbols after one that has no id."""
    if merging.unknown < 0 or (was_unknown and merging.fuses):
        return n
    ids[n] = merging.unknown
    return n + 1


@lean_kernel
def _symbols_of_bytes(
    data: Bytes, start: int, end: int, merging: Merging, ids: NDArray[Any]
) -> int:
    """The number of symbols of a byte-level piece, which are put in `ids`."""
    n, was_unknown = 0, False
    for i in range(start, end):
        symbol = merging.symbols[data[i]]
        if symbol >= 0:
            ids[n] = symbol
            n += 1
        else:
            n = _put_unknown(n, was_unknown, merging, ids)
        was_unknown = symbol < 0
    return n


@lean_kernel
def _symbols_of_characters(
    data: Bytes, start: int, end: int, merging: Merging, ids: NDArray[Any]
) -> int:
    """The number of symbols of a piece in characters, which are put in `ids`."""
    n, i, was_unknown = 0, start, False
    while i < end:
        byte = np.int64(data[i])
        point, size = byte, 1
        if byte >= 0xC0:
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            point = byte & (0x7F >> size)
            for j in range(i + 1, i + size):
                point = point << 6 | np.int64(data[j] & 0x3F)
        symbol = merging.symbols[point]
        if symbol >= 0:
            ids[n] = symbol
            n += 1
        elif len(merging.byte_ids):
            for j in range(i, i + size):
                ids[n] = merging.byte_ids[data[j]]
                n += 1
        else:
            n = _put_unknown(n, was_unknown, merging, ids)
        was_unknown = symbol < 0
        i += size
    return n


@lean_kernel
def _merged_short(n: int, merging: Merging, ids: NDArray[Any], results: NDArray[Any]) -> int:
    """The number of tokens left when all pairs are looked at for each merge."""
    for i in range(n - 1):
        results[i] = _result(merging, ids[i], ids[i + 1])
    while n > 1:
        best, at = np.int64(NEVER >> 32), -1
        for i in range(n - 1):
            # Ranks alone are compared: of equal ones the leftmost comes first, whatever its id.
            rank = results[i] >> 32
            if rank < best:
                best, at = rank, i
        if at < 0:
            return n
        ids[at] = results[at] & 0xFFFFFFFF
        n -= 1
        for i in range(at + 1, n):
            ids[i] = ids[i + 1]
            results[i] = results[i + 1]
        if at < n - 1:
            results[at] = _result(merging, ids[at], ids[at + 1])
        if at > 0:
            results[at - 1] = _result(merging, ids[at - 1], ids[at])
    return n


@lean_kernel
def _push(heap: NDArray[Any], size: int, key: int) -> int:
    """The size of a heap after a key was put in, the smallest on top."""
    at = size
    while at > 0 and heap[(at - 1) >> 1] > key:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = key
    return size + 1


@lean_kernel
def _drop_top(heap: NDArray[Any], size: int) -> int:
    """The size of a heap after its smallest key was taken out."""
    size -= 1
    key, at = heap[size], 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key
    return size


@lean_kernel
def _offer(i: int, size: int, merging: Merging, room: Scratch) -> int:
    """The size of the heap after the pair that begins at a symbol was found, and put in if any."""
    room.results[i] = NEVER
    if room.after[i] < 0:
        return size
    result = _result(merging, room.ids[i], room.ids[room.after[i]])
    room.results[i] = result
    if result == NEVER:
        return size
    return _push(room.heap, size, result >> 32 << 32 | i)


@lean_kernel
def _merged_long(n: int, merging: Merging, room: Scratch) -> int:
    """The number of tokens left, in time n log n."""
    size = 0
    for i in range(n):
        room.before[i] = i - 1
        room.after[i] = i + 1 if i + 1 < n else -1
    for i in range(n):
        size = _offer(i, size, merging, room)
    while size:
        key = room.heap[0]
        size = _drop_top(room.heap, size)
        at = key & 0xFFFFFFFF
        # A pair that is gone left its key behind; a symbol that is gone merges with nothing.
        if room.results[at] == NEVER or room.results[at] >> 32 != key >> 32:
            continue
        gone = room.after[at]
        room.ids[at] = room.results[at] & 0xFFFFFFFF
        room.results[gone] = NEVER
        room.after[at] = room.after[gone]
        if room.after[at] >= 0:
            room.before[room.after[at]] = at
        size = _offer(at, size, merging, room)
        if at > 0:
            size = _offer(room.before[at], size, merging, room)
    k, i = 0, 0
    while i >= 0:
        room.ids[k] = room.ids[i]
        k += 1
        i = room.after[i]
    return k

"""Numbers for distinct strings of bytes, kept in an open-addressing hash table."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel

_FEWEST_ENTRIES = 1 << 10
_BYTES_PER_ENTRY = 16
_N_DONE, _N_ENTRIES, _N_BYTES = range(3)


class ByteTable:
    """Numbers for distinct strings of bytes, first come first numbered.

    Strings with different tags are different, even if they are spelled alike.
    """

    def __init__(self) -> None:
        self._slots = np.zeros(2 * _FEWEST_ENTRIES, np.uint64)
        self._hashes = np.zeros(_FEWEST_ENTRIES, np.uint64)
        self._tags = np.zeros(_FEWEST_ENTRIES, np.uint8)
        self._starts = np.zeros(_FEWEST_ENTRIES + 1, np.int64)
        self._pool = np.zeros(_BYTES_PER_ENTRY * _FEWEST_ENTRIES, np.uint8)
        self._state = np.zeros(3, np.int64)

    def __len__(self) -> int:
        return int(self._state[_N_ENTRIES])

    @property
    def tags(self) -> NDArray[np.uint8]:
        """Tag of each string, a view."""
        return self._tags[: len(self)]

    @property
    def pool(self) -> NDArray[np.uint8]:
        """The bytes of all strings, one after the other, a view."""
        return self._pool[: self._state[_N_BYTES]]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each string begins in the pool, and the last one ends, a view."""
        return self._starts[: len(self) + 1]

    def number(
        self,
        data: NDArray[np.uint8],
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        tags: NDArray[np.uint8],
    ) -> NDArray[np.int64]:
        """The number of each string data[start:end], new ones added.

        Args:
            data: bytes.
            starts: where each string begins, shape (n_strings,).
            ends: where it ends.
            tags: of each string.
        """
        numbers = np.empty(len(starts), np.int64)
        self._state[_N_DONE] = 0
        while not _number(
            data, starts, ends, tags, self._slots, self._hashes, self._tags, self._starts,
            self._pool, self._state, numbers,
        ):  # fmt: skip
            done = self._state[_N_DONE]
            self._make_room(int(ends[done] - starts[done]))
        return numbers

    def find(
        self, data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The number of each string data[start:end] with the tag 0, -1 where it has none."""
        numbers = np.empty(len(starts), np.int64)
        _find_each(
            data, starts, ends, self._slots, self._tags, self._starts, self._pool, numbers
        )  # fmt: skip
        return numbers

    def _make_room(self, n_bytes: int) -> None:
        """Doubles what is full: the entries with their slots, or the pool."""
        n_entries, n_used = len(self), int(self._state[_N_BYTES])
        if n_entries == len(self._hashes):
            self._hashes = _doubled(self._hashes)
            self._tags = _doubled(self._tags)
            starts = np.zeros(len(self._hashes) + 1, np.int64)
            starts[: n_entries + 1] = self._starts
            self._starts = starts
            self._slots = np.zeros(2 * len(self._hashes), np.uint64)
            _place(self._hashes, n_entries, self._slots)
        while n_used + n_bytes > len(self._pool):
            self._pool = _doubled(self._pool)


def decoded(pool: NDArray[np.uint8], starts: NDArray[np.int64]) -> list[str]:
    """The strings of UTF-8 that lie one after the other, lone surrogates as they were.

    Args:
        pool: their bytes.
        starts: where each begins in the pool, and the last one ends, shape (n_strings + 1,).
    """
    first, last = int(starts[0]), int(starts[-1])
    text = pool[first:last].tobytes().decode("utf-8", "surrogatepass")
    if len(text) == last - first:
        places = (starts - first).tolist()
    else:
        characters = np.empty(len(starts), np.int64)
        _character_places(pool, starts, characters)
        places = characters.tolist()
    return [text[a:b] for a, b in itertools.pairwise(places)]


def _doubled(array: NDArray[Any]) -> NDArray[Any]:
    """The same items in an array of twice the length."""
    larger = np.zeros(2 * len(array), array.dtype)
    larger[: len(array)] = array
    return larger


@lean_kernel
def hash_bytes(data: NDArray[np.uint8], start: int, end: int, tag: int) -> np.uint64:
    """FNV-1a of the tag and the bytes, its high half folded in; never 0 in its high half."""
    h = (np.uint64(0xCBF29CE484222325) ^ np.uint64(tag)) * np.uint64(0x100000001B3)
    for i in range(start, end):
        h = (h ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
    return (h ^ (h >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)


@lean_kernel
def _slot_of(
    data: NDArray[np.uint8], start: int, end: int, tag: int, h: np.uint64,
    slots: NDArray[np.uint64], tags: NDArray[np.uint8], starts: NDArray[np.int64],
    pool: NDArray[np.uint8],
) -> int:  # fmt: skip
    """The slot of a string, or the empty one that is to be its own.

    A slot is 0, or the high half of the hash beside the number of the entry + 1.
    """
    mask = len(slots) - 1
    slot = np.int64(h >> np.uint64(32)) & mask
    high = h & np.uint64(0xFFFFFFFF00000000)
    while slots[slot] != np.uint64(0):
        found = slots[slot]
        if found & np.uint64(0xFFFFFFFF00000000) == high:
            entry = np.int64(found & np.uint64(0xFFFFFFFF)) - 1
            at = starts[entry]
            if starts[entry + 1] - at == end - start and tags[entry] == tag:
                n = 0
                while n < end - start and pool[at + n] == data[start + n]:
                    n += 1
                if n == end - start:
                    break
        slot = (slot + 1) & mask
    return int(slot)


@lean_kernel
def _number(
    data: NDArray[np.uint8], first: NDArray[np.int64], last: NDArray[np.int64],
    given_tags: NDArray[np.uint8], slots: NDArray[np.uint64], hashes: NDArray[np.uint64],
    tags: NDArray[np.uint8], starts: NDArray[np.int64], pool: NDArray[np.uint8],
    state: NDArray[np.int64], numbers: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Whether all strings have their numbers; otherwise there was no room for the next one."""
    n_entries, n_bytes = state[1], state[2]
    for i in range(state[0], len(first)):
        start, end, tag = first[i], last[i], given_tags[i]
        h = hash_bytes(data, start, end, tag)
        slot = _slot_of(data, start, end, tag, h, slots, tags, starts, pool)
        if slots[slot] == np.uint64(0):
            if n_entries == len(hashes) or n_bytes + end - start > len(pool):
                state[0], state[1], state[2] = i, n_entries, n_bytes
                return False
            for n in range(end - start):
                pool[n_bytes + n] = data[start + n]
            n_bytes += end - start
            hashes[n_entries], tags[n_entries] = h, tag
            n_entries += 1
            starts[n_entries] = n_bytes
            slots[slot] = (h & np.uint64(0xFFFFFFFF00000000)) | np.uint64(n_entries)
        numbers[i] = np.int64(slots[slot] & np.uint64(0xFFFFFFFF)) - 1
    state[0], state[1], state[2] = len(first), n_entries, n_bytes
    return True


@lean_kernel
def _find_each(
    data: NDArray[np.uint8], first: NDArray[np.int64], last: NDArray[np.int64],
    slots: NDArray[np.uint64], tags: NDArray[np.uint8], starts: NDArray[np.int64],
    pool: NDArray[np.uint8], numbers: NDArray[np.int64],
) -> None:  # fmt: skip
    """Writes the number of each string, -1 where it has none."""
    for i in range(len(first)):
        h = hash_bytes(data, first[i], last[i], 0)
        slot = _slot_of(data, first[i], last[i], 0, h, slots, tags, starts, pool)
        numbers[i] = np.int64(slots[slot] & np.uint64(0xFFFFFFFF)) - 1


@lean_kernel
def _place(hashes: NDArray[np.uint64], n_entries: int, slots: NDArray[np.uint64]) -> None:
    """Writes the slots of distinct entries into an empty table."""
    mask = len(slots) - 1
    for entry in range(n_entries):
        h = hashes[entry]
        slot = np.int64(h >> np.uint64(32)) & mask
        while slots[slot] != np.uint64(0):
            slot = (slot + 1) & mask
        slots[slot] = (h & np.uint64(0xFFFFFFFF00000000)) | np.uint64(entry + 1)


@lean_kernel
def _character_places(
    pool: NDArray[np.uint8], starts: NDArray[np.int64], places: NDArray[np.int64]
) -> None:
    """Writes how many characters lie between the first start and each."""
    n = 0
    places[0] = 0
    for s in range(1, len(starts)):
        for i in range(starts[s - 1], starts[s]):
            n += (pool[i] & 0xC0) != 0x80
        places[s] = n

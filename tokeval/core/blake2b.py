"""BLAKE2b of many short strings at once, with digests of 8 bytes (RFC 7693)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel

_INITIAL = np.array(
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ],
    np.uint64,
)  # fmt: skip
_PERMUTATIONS = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    np.int64,
)
_DIGEST_BYTES = 8

Word = np.uint64


def digests(data: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The digest of 8 bytes of each string, read as a little-endian number.

    Args:
        data: the strings, one after the other.
        starts: where each begins, and the last one ends, shape (n_strings + 1,).
    """
    found = np.empty(len(starts) - 1, np.uint64)
    initial = _INITIAL.copy()
    initial[0] ^= np.uint64(0x01010000 ^ _DIGEST_BYTES)
    _digest_each(
        data, starts, initial, _PERMUTATIONS, np.empty(8, np.uint64), np.empty(16, np.uint64), found
    )
    return found


@lean_kernel
def _turned(x: Word, n: int) -> Word:
    """A word rotated to the right."""
    return (x >> Word(n)) | (x << Word(64 - n))


@lean_kernel
def _mix(a: Word, b: Word, c: Word, d: Word, x: Word, y: Word) -> tuple[Word, Word, Word, Word]:
    """The function G of the RFC."""
    a = a + b + x
    d = _turned(d ^ a, 32)
    c = c + d
    b = _turned(b ^ c, 24)
    a = a + b + y
    d = _turned(d ^ a, 16)
    c = c + d
    b = _turned(b ^ c, 63)
    return a, b, c, d


@lean_kernel
def _compress(
    h: NDArray[np.uint64], m: NDArray[np.uint64], n_read: int, last: Word,
    initial: NDArray[np.uint64], order: NDArray[np.int64],
) -> None:  # fmt: skip
    """Takes a block into the state h; `last` has all bits where it is the last one."""
    v0, v1, v2, v3, v4, v5, v6, v7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
    v8, v9, v10, v11 = Word(0x6A09E667F3BCC908), initial[1], initial[2], initial[3]
    v12, v13, v14, v15 = initial[4] ^ Word(n_read), initial[5], initial[6] ^ last, initial[7]
    for r in range(12):
        v0, v4, v8, v12 = _mix(v0, v4, v8, v12, m[order[r, 0]], m[order[r, 1]])
        v1, v5, v9, v13 = _mix(v1, v5, v9, v13, m[order[r, 2]], m[order[r, 3]])
        v2, v6, v10, v14 = _mix(v2, v6, v10, v14, m[order[r, 4]], m[order[r, 5]])
        v3, v7, v11, v15 = _mix(v3, v7, v11, v15, m[order[r, 6]], m[order[r, 7]])
        v0, v5, v10, v15 = _mix(v0, v5, v10, v15, m[order[r, 8]], m[order[r, 9]])
        v1, v6, v11, v12 = _mix(v1, v6, v11, v12, m[order[r, 10]], m[order[r, 11]])
        v2, v7, v8, v13 = _mix(v2, v7, v8, v13, m[order[r, 12]], m[order[r, 13]])
        v3, v4, v9, v14 = _mix(v3, v4, v9, v14, m[order[r, 14]], m[order[r, 15]])
    h[0] ^= v0 ^ v8
    h[1] ^= v1 ^ v9
    h[2] ^= v2 ^ v10
    h[3] ^= v3 ^ v11
    h[4] ^= v4 ^ v12
    h[5] ^= v5 ^ v13
    h[6] ^= v6 ^ v14
    h[7] ^= v7 ^ v15


@lean_kernel
def _digest_each(
    data: NDArray[np.uint8], starts: NDArray[np.int64], initial: NDArray[np.uint64],
    order: NDArray[np.int64], h: NDArray[np.uint64], m: NDArray[np.uint64],
    found: NDArray[np.uint64],
) -> None:  # fmt: skip
    """Writes the digest of each string; h and m are room for a state and a block."""
    for s in range(len(starts) - 1):
        for i in range(8):
            h[i] = initial[i]
        at, n_read = starts[s], 0
        n_bytes = starts[s + 1] - at
        while True:
            n_in_block = min(128, n_bytes - n_read)
            for i in range(16):
                m[i] = Word(0)
            for i in range(n_in_block):
                m[i >> 3] |= Word(data[at + n_read + i]) << Word(8 * (i & 7))
            n_read += n_in_block
            last = Word(0xFFFFFFFFFFFFFFFF) if n_read == n_bytes else Word(0)
            _compress(h, m, n_read, last, initial, order)
            if n_read == n_bytes:
                break
        found[s] = h[0]

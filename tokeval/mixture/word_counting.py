"""Counting the distinct pre-tokens of a category in ten contiguous blocks of equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tokeval.core.engine import choose_engine, run
from tokeval.core.kernels import kernel
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import utf8
from tokeval.mixture.word_table import N_BLOCKS, WordTable
from tokeval.pretokenization.pretokenizing import Pretokenizer

MIN_BYTES = 10_000
"""A category with less text is refused: a block would have less than a kilobyte."""
CHUNK_BYTES = 8 << 20
Number = TypeVar("Number", np.int64, np.uint64, np.uint8)
Part = tuple[int, str]
"""A block's number and a text, or part of one, that belongs to it."""


def count_words(
    texts: Iterable[str],
    pretokenizer: Pretokenizer,
    *,
    name: str,
    n_bytes: int | None = None,
    min_bytes: int = MIN_BYTES,
    engine: str | None = None,
    jobs: int | None = None,
) -> WordTable:
    """The word table of a category.

    A document is in the block in which its middle lies. One that is longer than a block is cut at
    the first line end behind each border of blocks that it crosses, or at the first space where no
    line ends before the next border; its parts are pre-tokenised as texts of their own.

    Args:
        texts: the documents in order.
        pretokenizer: what cuts them.
        name: of the category, for messages.
        n_bytes: size of all texts in UTF-8, so that they are read once and never all in memory;
            `None`: they are read into memory first.
        min_bytes: less text is refused, and so is an empty block; 0 takes any text.
        engine: `serial`, `processes` or `dask`; `None`: processes where there is no scanner and
            the text is large. With a scanner, merging the tables takes as long as counting.
        jobs: number of worker processes; all cores when `None`.

    Raises:
        TokevalError: there is no text, too little of it, a block stays empty, a text has a lone
            surrogate, or the texts have not the size that was given.
    """
    if n_bytes is None:
        texts = list(texts)
        n_bytes = sum(map(len, utf8(texts)))
    _require_enough(n_bytes, name, min_bytes)
    parts = parts_in_blocks(texts, n_bytes, name=name)
    if engine is None:
        engine = "serial" if pretokenizer.is_fast else choose_engine(n_bytes)
    if engine == "serial":
        counter = WordCounter(pretokenizer)
        for chunk in _chunks(parts):
            counter.add(chunk)
        table = counter.table()
    else:
        count = partial(count_chunk, pretokenizer)
        table = WordTable.total(list(run(count, _chunks(parts), engine=engine, jobs=jobs)))
    if min_bytes:
        _require_full_blocks(table, name)
    return table


def parts_in_blocks(texts: Iterable[str], n_bytes: int, *, name: str) -> Iterator[Part]:
    """The texts in order, each with its block, long ones in parts.

    Raises:
        TokevalError: the texts do not have `n_bytes` bytes in UTF-8.
    """
    at = 0
    for text in texts:
        size = len(text) if text.isascii() else len(utf8([text])[0])
        if size * N_BLOCKS <= n_bytes:
            block = min(N_BLOCKS * (2 * at + size) // (2 * n_bytes), N_BLOCKS - 1)
            yield block, text
        else:
            yield from _cut_long(text, at, n_bytes)
        at += size
    if at != n_bytes:
        raise TokevalError(
            f"the texts of category {name} have {at} bytes, not {n_bytes} as was said",
            "count again while the files do not change",
        )


def _cut_long(text: str, at: int, n_bytes: int) -> Iterator[Part]:
    """The parts of a long text that begins `at` bytes into the category."""
    encoded = utf8([text])[0]
    start, block = 0, N_BLOCKS * at // n_bytes
    while start < len(encoded):
        # The first byte of the next block, rounded up.
        border = -(-(block + 1) * n_bytes // N_BLOCKS) - at
        end = len(encoded)
        if block < N_BLOCKS - 1 and border < end:
            end = _cut_behind(encoded, border, border + n_bytes // N_BLOCKS)
        if end > start:
            yield block, encoded[start:end].decode()
        start, block = end, block + 1


def _cut_behind(encoded: bytes, border: int, stop: int) -> int:
    """Where to cut at or behind a border: behind a line end, else before a space, else the end."""
    line_end = encoded.find(b"\n", max(border - 1, 0), stop)
    if line_end >= 0:
        return line_end + 1
    space = encoded.find(b" ", max(border, 1), stop)
    return space if space >= 0 else len(encoded)


def count_chunk(pretokenizer: Pretokenizer, parts: list[Part]) -> WordTable:
    """The word table of some parts; tables of chunks add up to that of the category."""
    counter = WordCounter(pretokenizer)
    counter.add(parts)
    return counter.table()


class WordCounter:
    """Counts pre-tokens in an open-addressing hash table that grows as needed."""

    def __init__(self, pretokenizer: Pretokenizer) -> None:
        self._pretokenizer = pretokenizer
        self._n_bytes = np.zeros(N_BLOCKS, np.int64)
        self._slots = np.full(1 << 14, -1, np.int64)
        self._hashes = np.zeros(1 << 13, np.uint64)
        self._starts = np.zeros((1 << 13) + 1, np.int64)
        self._counts = np.zeros((1 << 13, N_BLOCKS), np.int64)
        self._pool = np.zeros(1 << 17, np.uint8)
        self._n_words = 0

    def add(self, parts: list[Part]) -> None:
        """Counts the pre-tokens of some parts."""
        for block in sorted({block for block, _ in parts}):
            texts = [text for number, text in parts if number == block]
            self._n_bytes[block] += sum(map(len, utf8(texts)))
            data, ends = self._pretokenizer.cut(texts)
            first = 0
            while first < len(ends):
                first, self._n_words = _count(
                    data,
                    ends,
                    first,
                    block,
                    self._n_words,
                    self._slots,
                    self._hashes,
                    self._starts,
                    self._counts,
                    self._pool,
                )
                if first < len(ends):
                    start = int(ends[first - 1]) if first else 0
                    self._grow(int(ends[first]) - start)

    def table(self) -> WordTable:
        """What was counted so far."""
        joined, starts = self._pool.tobytes(), self._starts[: self._n_words + 1].tolist()
        words = [joined[i:j] for i, j in pairwise(starts)]
        order = sorted(range(len(words)), key=words.__getitem__)
        counts = self._counts[order] if order else np.zeros((0, N_BLOCKS), np.int64)
        return WordTable(tuple(words[i] for i in order), counts, self._n_bytes.copy())

    def _grow(self, size: int) -> None:
        """Makes room for further words, the next one of a size in bytes."""
        if self._n_words == len(self._hashes):
            self._hashes = _twice(self._hashes)
            self._counts = _twice(self._counts)
            self._starts = np.concatenate((self._starts, np.zeros(len(self._hashes), np.int64)))
            self._slots = np.full(2 * len(self._slots), -1, np.int64)
            _place(self._slots, self._hashes, self._n_words)
        while self._starts[self._n_words] + size > len(self._pool):
            self._pool = _twice(self._pool)


def _twice(array: NDArray[Number]) -> NDArray[Number]:
    """The array with as many zeros behind it."""
    return np.concatenate((array, np.zeros_like(array)))


@kernel
def _place(slots: NDArray[np.int64], hashes: NDArray[np.uint64], n_words: int) -> None:
    """Enters words in empty slots."""
    mask = np.uint64(len(slots) - 1)
    for word in range(n_words):
        slot = np.int64(hashes[word] & mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = word


@kernel
def _count(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    first: int,
    block: int,
    n_words: int,
    slots: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
    pool: NDArray[np.uint8],
) -> tuple[int, int]:
    """Counts spans from the first on; returns the first that found no room, and the words so far.

    The hash is FNV-1a with its high half folded in.
    """
    mask = len(slots) - 1
    start = ends[first - 1] if first else 0
    for k in range(first, len(ends)):
        end = ends[k]
        h = np.uint64(0xCBF29CE484222325)
        for i in range(start, end):
            h = (h ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
        h ^= h >> np.uint64(32)
        slot = np.int64(h & np.uint64(mask))
        word = slots[slot]
        while word >= 0 and not (
            hashes[word] == h and _is_same(data, start, end, pool, starts[word], starts[word + 1])
        ):
            slot = (slot + 1) & mask
            word = slots[slot]
        if word < 0:
            at = starts[n_words]
            if n_words == len(hashes) or at + end - start > len(pool):
                return k, n_words
            word = n_words
            slots[slot], hashes[word] = word, h
            pool[at : at + end - start] = data[start:end]
            starts[word + 1] = at + end - start
            n_words += 1
        counts[word, block] += 1
        start = end
    return len(ends), n_words


@kernel
def _is_same(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    pool: NDArray[np.uint8],
    word_start: int,
    word_end: int,
) -> bool:
    """Whether a span of the data is a word of the pool."""
    if end - start != word_end - word_start:
        return False
    for i in range(end - start):  # noqa: SIM110 - compiled code
        if data[start + i] != pool[word_start + i]:
            return False
    return True


def _chunks(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """The parts in groups of about `CHUNK_BYTES` characters."""
    group: list[Part] = []
    size = 0
    for part in parts:
        group.append(part)
        size += len(part[1])
        if size >= CHUNK_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _require_enough(n_bytes: int, name: str, min_bytes: int) -> None:
    """Raises TokevalError for a category without text, or with too little."""
    if n_bytes == 0:
        raise TokevalError(f"category {name} has no text", "give files with text for it")
    if n_bytes < min_bytes:
        raise TokevalError(
            f"category {name} has {n_bytes} bytes of text, too few for ten blocks",
            f"give at least {min_bytes} bytes, better some megabytes",
        )


def _require_full_blocks(table: WordTable, name: str) -> None:
    """Raises TokevalError when a block has no text."""
    empty = np.flatnonzero(table.counts.sum(axis=0) == 0)
    if len(empty):
        raise TokevalError(
            f"category {name}: block {empty[0] + 1} of {N_BLOCKS} is empty, for its text has "
            "hardly any line end or space, or nothing but white space",
            "give more documents, or text with line ends",
        )

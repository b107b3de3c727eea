"""Tokens on disk: mapped a stretch at a time, checked, or copied to a temporary file first."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import reading
from tokeval.visual.temporary_file import TemporaryFile

LARGEST_CODEBOOK = 2**62
LABEL_NAMES = ("class_id", "class_ids", "label", "labels")
TOKENS = "tokens"
COPY_TOKENS = 2**22


@dataclass(frozen=True)
class StoredTokens:
    """Tokens that lie one after another in a file.

    Attributes:
        title: the file in messages.
        file: its path, or a temporary file.
        offset: byte where the first one begins.
        dtype: of each, with its byte order.
        n_tokens: how many there are; the file holds them all.
    """

    title: str
    file: str | TemporaryFile
    offset: int
    dtype: np.dtype[Any]
    n_tokens: int

    def __reduce__(self) -> tuple[object, ...]:
        # A relative path means another file to a worker that was started elsewhere.
        file = str(Path(self.file).absolute()) if isinstance(self.file, str) else self.file
        return StoredTokens, (self.title, file, self.offset, self.dtype, self.n_tokens)

    def read(self, begin: int, end: int) -> NDArray[Any]:
        """Tokens begin to end - 1, mapped: they count as memory only as long as they are used."""
        start = self.offset + begin * self.dtype.itemsize
        file = self.file if isinstance(self.file, str) else self.file.stream
        try:
            with reading(self.title):
                return np.asarray(
                    np.memmap(file, self.dtype, mode="r", offset=start, shape=(end - begin,))
                )
        except ValueError as error:
            raise self._shortened() from error

    def gather(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[Any]:
        """A copy of several stretches, one after another; they ascend and do not overlap."""
        joins = begins[1:] != ends[:-1]
        runs = zip(begins[np.r_[True, joins]], ends[np.r_[joins, True]], strict=True)
        size = self.dtype.itemsize
        with reading(self.title), self._opened() as file:
            # Not mapped: scattered pages would stay in memory with their neighbours.
            parts = [
                os.pread(file.fileno(), int(end - begin) * size, self.offset + int(begin) * size)
                for begin, end in runs
            ]
        read = b"".join(parts)
        if len(read) != int((ends - begins).sum()) * size:
            raise self._shortened()
        return np.frombuffer(read, self.dtype)

    def _shortened(self) -> TokevalError:
        """The error for a file that held all tokens when it was opened."""
        return TokevalError(
            f"{self.title}: became shorter while it was read", "wait until it is written"
        )

    def _opened(self) -> AbstractContextManager[BinaryIO]:
        """The file, open."""
        if isinstance(self.file, str):
            return Path(self.file).open("rb")
        return nullcontext(self.file.stream)


@dataclass(frozen=True)
class Shard:
    """Samples of one file.

    Attributes:
        tokens: of all samples, in order.
        shape: of each sample; `None` where lengths differ.
        starts: where each sample begins and the last one ends, shape (n_samples + 1,), int64;
            `None` where they have one shape.
        labels: class of each sample, int64; `None` where unknown.
    """

    tokens: StoredTokens
    shape: tuple[int, ...] | None
    starts: NDArray[np.int64] | None = None
    labels: NDArray[np.int64] | None = None

    @property
    def title(self) -> str:
        """The file in messages."""
        return self.tokens.title

    @property
    def n_samples(self) -> int:
        """How many samples there are."""
        if self.starts is not None:
            return len(self.starts) - 1
        return self.tokens.n_tokens // self.length

    @property
    def length(self) -> int:
        """Tokens of each sample of one shape."""
        return int(np.prod(self.shape, dtype=object)) if self.shape is not None else 0

    def bounds(self, begin: int, end: int) -> NDArray[np.int64]:
        """First token of samples begin to end - 1 and, last, where they end, int64."""
        if self.starts is not None:
            return self.starts[begin : end + 1]
        return np.arange(begin, end + 1, dtype=np.int64) * self.length

    def ranges(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each of some samples begins and ends, in tokens."""
        if self.starts is not None:
            return self.starts[rows], self.starts[rows + 1]
        return rows * self.length, (rows + 1) * self.length

    def row_of(self, token: int) -> int:
        """The sample that a token belongs to."""
        if self.starts is not None:
            return int(np.searchsorted(self.starts, token, side="right")) - 1
        return token // self.length


def uniform_shard(
    tokens: StoredTokens, shape: tuple[int, ...], labels: NDArray[np.int64] | None = None
) -> Shard:
    """The samples of an array whose first axis numbers them.

    Raises:
        TokevalError: it has no samples, they have no tokens, or the labels are of other samples.
    """
    if len(shape) < 2:
        raise TokevalError(
            f"{tokens.title}: {n_axes(len(shape))}, {tokens.n_tokens:,} tokens without samples",
            f"the first axis numbers the samples: reshape to (1, {tokens.n_tokens}) for one sample",
        )
    if shape[0] == 0:
        raise TokevalError(f"{tokens.title}: no samples, shape {shape}", "leave the file out")
    if tokens.n_tokens == 0:
        raise TokevalError(f"{tokens.title}: samples without tokens, shape {shape}", "check it")
    check_labels(labels, shape[0], title=tokens.title)
    return Shard(tokens, shape[1:], labels=labels)


def check_labels(labels: NDArray[np.int64] | None, n_samples: int, *, title: str) -> None:
    """Nothing, where there is one label for each sample or none at all.

    Raises:
        TokevalError: another number of labels.
    """
    if labels is not None and len(labels) != n_samples:
        raise TokevalError(
            f"{title}: {len(labels):,} labels for {n_samples:,} samples",
            "give one whole number for each sample",
        )


def n_axes(count: int) -> str:
    """A number of axes in words: `1 axis`."""
    return "1 axis" if count == 1 else f"{count} axes"


def code_dtype(codebook_size: int | None) -> np.dtype[Any]:
    """The smallest of uint8, uint16, uint32 and int64 that holds every code; int64 if unknown."""
    for kind in (np.uint8, np.uint16, np.uint32):
        if codebook_size is not None and codebook_size - 1 <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int64)


def check_codebook_size(codebook_size: int | None) -> None:
    """Nothing, for a size that there can be, or none.

    Raises:
        UsageError: it is not positive, or beyond 2⁶².
    """
    if codebook_size is not None and not 1 <= codebook_size <= LARGEST_CODEBOOK:
        raise UsageError(
            f"a codebook of {codebook_size} codes", "give the number of codes, at least 1"
        )


def check_ids(tokens: NDArray[Any], codebook_size: int | None, where: Callable[[int], str]) -> None:
    """Nothing, where every token is in [0, codebook_size), or not negative if that is unknown.

    Args:
        tokens: shape (n_tokens,), an integer dtype.
        codebook_size: K.
        where: the file and row of a token, from its index.

    Raises:
        TokevalError: names the first token that is not.
    """
    if not len(tokens):
        return
    integers = tokens.astype(np.int64) if tokens.dtype.kind not in "iu" else tokens
    if integers.dtype.kind == "i" and integers.min() < 0:
        at = int(np.argmax(integers < 0))
        raise TokevalError(
            f"{where(at)}: negative id {integers[at]} in {tokens.dtype.name}",
            _negative_hint(tokens.dtype),
        )
    largest = int(integers.max())
    if codebook_size is not None and largest >= codebook_size:
        at = int(np.argmax(integers > codebook_size - 1))
        raise TokevalError(
            f"{where(at)}: id {integers[at]} is outside a codebook of {codebook_size} codes",
            f"give the codebook size, at least {largest + 1}; ids begin at 0",
        )


def _negative_hint(dtype: np.dtype[Any]) -> str:
    """How to mend negative ids."""
    if dtype.itemsize > 2:
        return "remove padding and special ids; codes are numbered from 0"
    largest = np.iinfo(dtype).max
    return (
        f"ids above {largest:,} wrap in {dtype.name}, such as those of the 64,000 codes of "
        f"FlexTok in int16: write them again as uint16 or int32; or remove padding"
    )


def check_integers(tokens: StoredTokens, *, row_length: int) -> None:
    """Nothing, where the dtype is one of whole numbers.

    Raises:
        TokevalError: it is not; for floats, says where the first one is that is no whole number.
    """
    dtype, title = tokens.dtype, tokens.title
    if dtype.kind in "iu":
        return
    hint = "cast the ids before saving, as with tokens.astype(np.int32)"
    if dtype.kind != "f":
        raise TokevalError(f"{title}: holds {dtype.name}, not ids of codes", hint)
    for begin in range(0, tokens.n_tokens, COPY_TOKENS):
        values = tokens.read(begin, min(begin + COPY_TOKENS, tokens.n_tokens)).astype(np.float64)
        strange = np.flatnonzero(~np.isfinite(values) | (values != np.floor(values)))
        if len(strange):
            row, value = (begin + int(strange[0])) // max(row_length, 1), values[strange[0]]
            kind = "NaN" if np.isnan(value) else repr(float(value))
            raise TokevalError(
                f"{title}, row {row} (the first is 0): {kind} is no id; the file holds "
                f"{dtype.name}",
                "write the ids of the codes, as whole numbers, not their embeddings",
            )
    raise TokevalError(f"{title}: holds {dtype.name}, though all of them are whole numbers", hint)


class Spool:
    """Copies tokens, checked and as small as they can be, to a temporary file that has no name."""

    def __init__(self, title: str, codebook_size: int | None) -> None:
        self._title = title
        self._codebook_size = codebook_size
        self._dtype = code_dtype(codebook_size)
        self._n_tokens = 0
        with reading("temporary file"):
            self._file = TemporaryFile()

    def append(self, tokens: NDArray[Any], where: Callable[[int], str]) -> None:
        """Takes tokens of shape (n_tokens,); `where` is as in `check_ids`."""
        check_ids(tokens, self._codebook_size, where)
        with reading("temporary file"):
            self._file.stream.write(np.ascontiguousarray(tokens, dtype=self._dtype).data)
        self._n_tokens += len(tokens)

    def stored(self) -> StoredTokens:
        """All tokens that were taken."""
        with reading("temporary file"):
            self._file.stream.flush()
        return StoredTokens(self._title, self._file, 0, self._dtype, self._n_tokens)

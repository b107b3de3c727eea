"""The bytes of a file in even pieces, decompressed where its suffix says so."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.file_ranges import FileRange, range_pieces
from tokeval.loaders.kinds import kind_of
from tokeval.loaders.opening import open_binary

PIECE_BYTES = 256 << 10
# How much zstd data is taken in one step, which yields all that it stands for. A block of 4 bytes
# may stand for 128 KiB, so the step follows the ratio that the data have shown so far.
ZST_STEP_BYTES = (64, 4 << 10)
# `zstd --long=31`, which large published archives use, needs a window of 2 GiB.
ZST_MAX_WINDOW_BYTES = 1 << 31


def pieces(file: File) -> Iterator[bytes]:
    """The decompressed content of a file in pieces of PIECE_BYTES; only the last is shorter.

    Raises:
        TokevalError: the file cannot be read, or its compressed data are corrupt or cut off.
    """
    if isinstance(file, FileRange):
        yield from range_pieces(file)
        return
    compression = kind_of(file.path).compression
    with open_binary(file) as stored:
        if not compression:
            yield from _even(iter(lambda: stored.read(PIECE_BYTES), b""))
            return
        try:
            yield from _even(_decompressed(stored, compression))
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise _corrupt(file, compression=compression, reason=str(error)) from error
        except OSError as error:
            # gzip and bz2 report bad data as an OSError without a number.
            if error.errno is not None:
                raise
            raise _corrupt(file, compression=compression, reason=str(error)) from error


def _corrupt(file: File, *, compression: str, reason: str) -> TokevalError:
    """The error for data that do not decompress."""
    return TokevalError(
        f"{file.title}: corrupt or incomplete {compression} data: {reason}",
        "fetch or compress the file again",
    )


def _decompressed(stored: BinaryIO, compression: str) -> Iterator[bytes]:
    """What the compressed stream holds, all its members or frames, in pieces of any size."""
    if compression == "zst":
        yield from _zst(stored)
        return
    if compression == "gz":
        with gzip.GzipFile(fileobj=stored, mode="rb") as unzipped:
            yield from iter(lambda: unzipped.read(PIECE_BYTES), b"")
        return
    with lzma.LZMAFile(stored) if compression == "xz" else bz2.BZ2File(stored) as stream:
        yield from iter(lambda: stream.read(PIECE_BYTES), b"")


def _zst(stored: BinaryIO) -> Iterator[bytes]:
    """The content of the zstd frames of a stream.

    Frame by frame, since the stream reader of the library takes a frame that is cut off for a
    complete one.

    Raises:
        EOFError: the last frame is cut off.
        OSError: without a number, when the data are not zstd.
    """
    import zstandard

    frames = zstandard.ZstdDecompressor(max_window_size=ZST_MAX_WINDOW_BYTES)
    frame, started = frames.decompressobj(), False
    smallest, largest = ZST_STEP_BYTES
    n_bytes = smallest
    try:
        while step := stored.read(n_bytes):
            n_out = 0
            while step:
                piece = frame.decompress(step)
                n_out += len(piece)
                yield piece
                started = not frame.eof
                step = frame.unused_data if frame.eof else b""
                if frame.eof:
                    frame = frames.decompressobj()
            n_bytes = min(2 * n_bytes, n_bytes * PIECE_BYTES // max(n_out, 1))
            n_bytes = max(smallest, min(n_bytes, largest))
    except zstandard.ZstdError as error:
        raise OSError(str(error)) from error
    if started:
        raise EOFError("the last frame is cut off")


def _even(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of exactly PIECE_BYTES and a shorter last one."""
    waiting = bytearray()
    for piece in stream:
        if not waiting and len(piece) == PIECE_BYTES:
            yield piece
            continue
        waiting += piece
        whole = len(waiting) - len(waiting) % PIECE_BYTES
        for start in range(0, whole, PIECE_BYTES):
            yield bytes(waiting[start : start + PIECE_BYTES])
        del waiting[:whole]
    if waiting:
        yield bytes(waiting)

"""A stretch of a plain text file: the lines that begin between two byte offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tokeval.loaders.corpus_files import File
from tokeval.loaders.opening import open_binary

PIECE_BYTES = 256 << 10


@dataclass(frozen=True)
class FileRange(File):
    """The lines of a file that begin in [begin, end), each of them whole.

    Stretches that follow each other hold each line once, wherever they are cut. The file is not
    compressed.
    """

    begin: int = 0
    end: int = 0


def range_pieces(stretch: FileRange) -> Iterator[bytes]:
    """The bytes of the lines of a stretch, in pieces; first an empty one, but at the file's start.

    What a file may not begin with, such as a byte order mark, is text elsewhere in it.
    """
    with open_binary(stretch) as stored:
        at = stretch.begin
        if at:
            yield b""
            # The line end before the first line may be the byte before the stretch.
            at = _behind_line_end(stored, at - 1)
        if at >= stretch.end:
            return
        stored.seek(at)
        while piece := stored.read(PIECE_BYTES):
            # The line end of the last line is the first at or behind the last byte.
            last = piece.find(b"\n", max(stretch.end - 1 - at, 0))
            if last >= 0:
                yield piece[: last + 1]
                return
            yield piece
            at += len(piece)


def _behind_line_end(stored: BinaryIO, at: int) -> int:
    """The offset behind the first line end at or behind an offset; the file's size without one."""
    stored.seek(at)
    while piece := stored.read(PIECE_BYTES):
        found = piece.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(piece)
    return at

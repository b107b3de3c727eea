"""Slices of files in sections that workers read by themselves."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tokeval.core.corpus import Document, Slice
from tokeval.core.engine import run, workers_see
from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File, is_url
from tokeval.loaders.file_ranges import FileRange
from tokeval.loaders.file_slices import FileDocuments
from tokeval.loaders.kinds import kind_of
from tokeval.loaders.text_files import LINES_PER_DOCUMENT, line_documents

SECTION_BYTES = 16 << 20
END_OF_FILE = sys.maxsize
OF_ONE_PROCESS = "memory://"
UNSEEKABLE = ("http://", "https://", "ftp://")


@dataclass(frozen=True)
class Section:
    """Consecutive documents of a slice: those of some files, or those that begin in a stretch.

    Attributes:
        source: the files, and how they are read.
        begin, end: the stretch of the only file in bytes; `end` is `None` for whole files.
        skipped: lines at the beginning that belong to a document that began before.
    """

    source: FileDocuments
    begin: int = 0
    end: int | None = None
    skipped: int = 0

    def documents(self) -> Iterator[Document]:
        """The documents in order."""
        if self.end is None:
            for file, kind in zip(self.source.files, self.source.formats, strict=True):
                yield from self.source.of_file(file, kind)
            return
        size = LINES_PER_DOCUMENT if self.source.unit == "lines" else 1
        lines = itertools.islice(self._lines(self.begin, self.end), self.skipped, None)
        while document := tuple(itertools.islice(lines, size)):
            missing = size - len(document)
            if missing and self.end != END_OF_FILE:
                following = self._lines(self.end, END_OF_FILE)
                document += tuple(itertools.islice(following, missing))
            yield document

    def count_lines(self) -> int:
        """How many texts the lines that begin in the stretch are."""
        return 0 if self.end is None else sum(1 for _ in self._lines(self.begin, self.end))

    def _lines(self, begin: int, end: int) -> Iterator[str]:
        """The texts of the lines that begin in a stretch of the only file."""
        (file,) = self.source.files
        stretch = FileRange(file.path, file.n_bytes, file.shown, begin, end)
        reading = self.source.reading
        documents = line_documents(
            stretch, size=1, keep_empty=reading.keep_empty, with_ends=reading.line_ends
        )
        try:
            for (text,) in documents:
                yield text
        except TokevalError:
            # Which line it is can only be told from the beginning of the file.
            for _ in self.source.of_file(file, self.source.formats[0]):
                pass
            raise


def can_be_divided(part: Slice) -> bool:
    """Whether the slice consists of files that all workers can read, so that they divide it."""
    if not isinstance(part.documents, FileDocuments):
        return False
    files = part.documents.files
    # The first and the last stand for all: asking every worker for each of a million takes long.
    ends = {file.path: file for file in (files[0], files[-1])}
    return all(
        workers_see(path, file.n_bytes) if not is_url(path) else not path.startswith(OF_ONE_PROCESS)
        for path, file in ends.items()
    )


def sections_of(part: Slice, n_bytes: int = SECTION_BYTES) -> Iterator[Section]:
    """The sections of a slice of files, of about so many stored bytes; lines are not counted yet.

    Long files of lines are cut; others are read whole, small ones together.
    """
    source = part.documents
    if not isinstance(source, FileDocuments):
        raise TypeError("only slices of files have sections")
    batch: list[tuple[File, str]] = []
    size = 0
    for file, kind in zip(source.files, source.formats, strict=True):
        is_long = _can_be_cut(file, source.unit) and (file.n_bytes or 0) > n_bytes
        if batch and (size >= n_bytes or is_long):
            yield _whole(source, batch)
            batch, size = [], 0
        if is_long and file.n_bytes is not None:
            only = _whole(source, [(file, kind)]).source
            for begin in range(0, file.n_bytes, n_bytes):
                following = begin + n_bytes
                is_last = following >= file.n_bytes
                yield Section(only, begin, END_OF_FILE if is_last else following)
            continue
        batch.append((file, kind))
        size += n_bytes if file.n_bytes is None else file.n_bytes
    if batch:
        yield _whole(source, batch)


def with_lines_skipped(
    sections: Iterable[Section], *, engine: str, jobs: int | None
) -> Iterator[Section]:
    """The sections, each told how many of its lines belong to a document that began before."""
    n_lines = 0
    for section, here in _lines_counted(sections, engine=engine, jobs=jobs):
        n_lines = n_lines if section.begin else 0
        yield replace(section, skipped=-n_lines % LINES_PER_DOCUMENT if section.begin else 0)
        n_lines += here


def count_lines(section: Section) -> tuple[Section, int]:
    """The section, and the texts of the lines that begin in it."""
    return section, section.count_lines()


def _lines_counted(
    sections: Iterable[Section], *, engine: str, jobs: int | None
) -> Iterator[tuple[Section, int]]:
    """The sections with the number of their lines, where what follows depends on it."""
    stretches, whole = itertools.tee(sections)
    counted = run(count_lines, filter(_must_count, stretches), engine=engine, jobs=jobs)
    for section in whole:
        yield next(counted) if _must_count(section) else (section, 0)


def _must_count(section: Section) -> bool:
    """Whether the documents of the next section depend on the number of lines in this one."""
    return section.source.unit == "lines" and section.end not in (None, END_OF_FILE)


def _whole(source: FileDocuments, batch: list[tuple[File, str]]) -> Section:
    """The section of some whole files."""
    files, formats = zip(*batch, strict=True)
    return Section(replace(source, files=tuple(map(_absolute, files)), formats=formats))


def _absolute(file: File) -> File:
    """The file by a path that means the same to a worker that was started elsewhere."""
    if is_url(file.path):
        return file
    return replace(file, path=str(Path(file.path).absolute()), shown=file.title)


def _can_be_cut(file: File, unit: str) -> bool:
    """Whether a file can be read from the middle: lines, as they are stored, where one can seek."""
    is_plain = unit in ("lines", "line") and not kind_of(file.path).compression
    return is_plain and "::" not in file.path and not file.path.startswith(UNSEEKABLE)

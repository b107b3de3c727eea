"""The chunks of a slice of files, told by the sections that they lie in, and read by workers.

They are those of `core.corpus.chunks`, with the same documents, blocks and hashes. Where one ends
depends on all text before it; so the sections are surveyed first, by workers too, for nothing but
the lengths of their documents.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.corpus import (
    CHUNK_CHARACTERS,
    LOOKAHEAD_CHARACTERS,
    LOOKAHEAD_DOCUMENTS,
    MAX_BLOCKS,
    Chunk,
    Document,
    Slice,
    count_blocks,
    make_chunk,
)
from tokeval.core.engine import run
from tokeval.errors import TokevalError
from tokeval.loaders.sections import SECTION_BYTES, Section, sections_of, with_lines_skipped

MAX_SPAN_CHUNKS = 64


@dataclass(frozen=True)
class Span:
    """Consecutive chunks that begin in one section, not yet read.

    Attributes:
        slice: name of the slice.
        sections: that of the beginning, and the others that the last chunk reaches into.
        skipped: documents of the first section that are before the first chunk.
        first: number of the first document in the slice.
        sizes: documents and characters of each chunk.
        n_blocks: how many blocks the slice is dealt into.
    """

    slice: str
    sections: tuple[Section, ...]
    skipped: int
    first: int
    sizes: tuple[tuple[int, int], ...]
    n_blocks: int

    def chunks(self) -> Iterator[Chunk]:
        """Reads the chunks.

        Raises:
            TokevalError: the files are not what was surveyed.
        """
        stream = itertools.islice(
            itertools.chain.from_iterable(section.documents() for section in self.sections),
            self.skipped,
            None,
        )
        first = self.first
        for n_documents, n_characters in self.sizes:
            documents = tuple(itertools.islice(stream, n_documents))
            if len(documents) != n_documents or _length(documents) != n_characters:
                raise TokevalError(
                    f"the files of slice {self.slice!r} changed while they were read",
                    "count again while they do not change",
                )
            yield make_chunk(self.slice, documents, first=first, n_blocks=self.n_blocks)
            first += n_documents


def spans(
    part: Slice,
    *,
    engine: str,
    jobs: int | None = None,
    section_bytes: int = SECTION_BYTES,
) -> Iterator[Span]:
    """The chunks of a slice of files, surveyed by workers but not read here.

    Raises:
        TokevalError: a file cannot be read.
    """
    numbered = with_lines_skipped(sections_of(part, section_bytes), engine=engine, jobs=jobs)
    surveyed = run(survey, numbered, engine=engine, jobs=jobs)
    head, ended = _look_ahead(surveyed)
    n_documents = sum(len(lengths) for _, lengths in head)
    known = n_documents if ended else part.n_documents
    n_blocks = count_blocks(known) if known is not None else MAX_BLOCKS
    if ended and not n_documents:
        # Reading it says what is wrong.
        next(part.documents(), None)
    first = 0
    extents = _extents(itertools.chain(head, surveyed))
    for group in _grouped(extents):
        sizes = tuple((extent.n_documents, extent.n_characters) for extent in group)
        yield Span(part.name, group[-1].sections, group[0].skipped, first, sizes, n_blocks)
        first += sum(n for n, _ in sizes)


Surveyed = tuple[Section, NDArray[np.int64]]


def survey(section: Section) -> Surveyed:
    """The section, and the characters of each of its documents."""
    lengths = (sum(map(len, document)) for document in section.documents())
    return section, np.fromiter(lengths, np.int64)


@dataclass(frozen=True)
class _Extent:
    """Where one chunk is: its sections, the documents before it in the first, and its size."""

    first_section: int
    sections: tuple[Section, ...]
    skipped: int
    n_documents: int
    n_characters: int


def _look_ahead(surveyed: Iterator[Surveyed]) -> tuple[list[Surveyed], bool]:
    """The first sections, as far as `core.corpus.chunks` looks ahead, and whether these are all."""
    head: list[Surveyed] = []
    n_documents = n_characters = 0
    for section, lengths in surveyed:
        head.append((section, lengths))
        n_documents += len(lengths)
        n_characters += int(lengths.sum())
        if n_documents >= LOOKAHEAD_DOCUMENTS or n_characters >= LOOKAHEAD_CHARACTERS:
            return head, False
    return head, True


def _extents(surveyed: Iterable[Surveyed]) -> Iterator[_Extent]:
    """The chunks, packed as `core.corpus.chunks` packs them."""
    held: list[Section] = []
    begun = skipped = n_documents = n_characters = 0
    for index, (section, lengths) in enumerate(surveyed):
        for number, length in enumerate(lengths.tolist()):
            if n_documents and n_characters + length > CHUNK_CHARACTERS:
                yield _Extent(begun, tuple(held), skipped, n_documents, n_characters)
                n_documents = n_characters = 0
            if not n_documents:
                held, begun, skipped = [section], index, number
            elif held[-1] is not section:
                held.append(section)
            n_documents += 1
            n_characters += length
    if n_documents:
        yield _Extent(begun, tuple(held), skipped, n_documents, n_characters)


def _grouped(extents: Iterable[_Extent]) -> Iterator[list[_Extent]]:
    """The chunks that begin in one section together, not too many."""
    for _, same in itertools.groupby(extents, key=lambda extent: extent.first_section):
        while group := list(itertools.islice(same, MAX_SPAN_CHUNKS)):
            yield group


def _length(documents: Iterable[Document]) -> int:
    """The characters of some documents."""
    return sum(len(text) for document in documents for text in document)

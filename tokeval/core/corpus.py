"""Text as the analyses see it: slices of documents, dealt into blocks, read in hashed chunks."""

from __future__ import annotations

import hashlib
import itertools
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CHUNK_CHARACTERS = 1 << 20
MAX_BLOCKS = 64
LOOKAHEAD_DOCUMENTS = 1024
LOOKAHEAD_CHARACTERS = 16 << 20

Document = tuple[str, ...]
"""The texts of one document, each encoded by itself: 16 lines, one record, one whole file."""


@dataclass(frozen=True)
class Slice:
    """A named part of a corpus, read lazily and as often as it is asked for.

    Attributes:
        name: the label in tables, such as `tr`, `python` or `en/news`.
        documents: opens the slice and yields its documents in order.
        unit: what one document is: `lines` (16 consecutive lines, each line a text), `line`,
            `record` or `file`.
        labels: language, script, family, resource level, domain, where known.
        parallel: name of the group of slices whose texts translate each other line by line,
            `None` when the slice stands alone.
        source: where the text comes from, for messages.
        n_bytes: size on disk for progress, `None` when unknown.
        n_documents: how many documents there are when that is known without reading.
    """

    name: str
    documents: Callable[[], Iterator[Document]]
    unit: str
    labels: Mapping[str, str] = field(default_factory=dict)
    parallel: str | None = None
    source: str = ""
    n_bytes: int | None = None
    n_documents: int | None = None


@dataclass(frozen=True)
class Chunk:
    """A contiguous stretch of whole documents, about a million characters: the unit of work.

    Attributes:
        slice: name of the slice.
        documents: the documents in order.
        blocks: jackknife block of each document, in [0, n_blocks).
        n_blocks: how many blocks the whole slice is dealt into.
        sha256: digest of the texts and of their boundaries.
    """

    slice: str
    documents: tuple[Document, ...]
    blocks: tuple[int, ...]
    n_blocks: int
    sha256: bytes


def count_blocks(n_documents: int) -> int:
    """The number of blocks that makes them as equal as can be, at most 64.

    >>> count_blocks(63), count_blocks(100), count_blocks(130), count_blocks(10_000)
    (63, 50, 44, 64)
    """
    if n_documents >= LOOKAHEAD_DOCUMENTS:
        return MAX_BLOCKS
    rounds = -(-n_documents // MAX_BLOCKS)
    return -(-n_documents // rounds) if rounds else 0


def chunks(part: Slice) -> Iterator[Chunk]:
    """The chunks of a slice; document d goes to block d mod n_blocks.

    The number of blocks is fixed after a bounded look ahead, so that a stream of unknown length
    is read once: a slice with fewer than 1024 documents gets blocks of equal size (± one
    document), a longer one gets 64.
    """
    stream = part.documents()
    head, ended = _look_ahead(stream)
    known = len(head) if ended else part.n_documents
    n_blocks = count_blocks(known) if known is not None else MAX_BLOCKS
    numbered = enumerate(itertools.chain(head, stream))
    for group in _pack(numbered):
        documents = tuple(document for _, document in group)
        yield make_chunk(part.name, documents, first=group[0][0], n_blocks=n_blocks)


def make_chunk(name: str, documents: tuple[Document, ...], *, first: int, n_blocks: int) -> Chunk:
    """The chunk of consecutive documents of a slice, the first of which has that number."""
    blocks = tuple(number % n_blocks for number in range(first, first + len(documents)))
    return Chunk(name, documents, blocks, n_blocks, _digest(documents))


def _look_ahead(stream: Iterator[Document]) -> tuple[list[Document], bool]:
    """The first documents of a stream, and whether these are all."""
    head: list[Document] = []
    size = 0
    for document in stream:
        head.append(document)
        size += sum(map(len, document))
        if len(head) >= LOOKAHEAD_DOCUMENTS or size >= LOOKAHEAD_CHARACTERS:
            return head, False
    return head, True


def _pack(numbered: Iterable[tuple[int, Document]]) -> Iterator[list[tuple[int, Document]]]:
    """Whole documents in groups of about CHUNK_CHARACTERS characters; a larger one stands alone."""
    group: list[tuple[int, Document]] = []
    size = 0
    for number, document in numbered:
        length = sum(map(len, document))
        if group and size + length > CHUNK_CHARACTERS:
            yield group
            group, size = [], 0
        group.append((number, document))
        size += length
    if group:
        yield group


def _digest(documents: Sequence[Document]) -> bytes:
    """sha256 of the numbers of texts and characters, document by document, and of all the text."""
    texts = [text for document in documents for text in document]
    sizes: list[int] = []
    for document in documents:
        sizes.append(len(document))
        sizes.extend(map(len, document))
    numbers = array("Q", sizes)
    if sys.byteorder == "big":
        numbers.byteswap()
    digest = hashlib.sha256(numbers.tobytes())
    digest.update("".join(texts).encode("utf-8", "surrogatepass"))
    return digest.digest()

"""Blocks of equal size, shared by parallel slices, and chunks of whole documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokeval.core import corpus
from tokeval.core.corpus import Chunk, Document, Slice, chunks, count_blocks

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""


def slice_of(documents: Sequence[Document], name: str = "part") -> Slice:
    return Slice(name, lambda: iter(documents), "record")


def blocks_of(part: Slice) -> list[int]:
    return [block for chunk in chunks(part) for block in chunk.blocks]


@PATIENT
@given(st.integers(1, 1023))
def test_blocks_are_as_few_as_their_size_allows(n_documents: int) -> None:
    """No block is larger than 64 blocks would make it, and no fewer blocks would do that."""
    smallest_maximum = -(-n_documents // 64)
    fewest = min(g for g in range(1, 65) if -(-n_documents // g) == smallest_maximum)
    assert count_blocks(n_documents) == fewest


@pytest.mark.parametrize("n_documents", [1, 9, 63, 64, 65, 100, 130, 1000, 1023, 1024, 3000])
def test_blocks_differ_by_at_most_one_document(n_documents: int) -> None:
    blocks = blocks_of(slice_of([("x",)] * n_documents))
    sizes = Counter(blocks)
    assert len(blocks) == n_documents
    assert sorted(sizes) == list(range(count_blocks(n_documents)))
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_a_slice_without_documents_has_no_chunks_and_no_blocks() -> None:
    assert list(chunks(slice_of([]))) == []
    assert count_blocks(0) == 0


def test_parallel_slices_share_their_blocks_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line i has the same block in every language, though the texts differ in length and chunks."""
    monkeypatch.setattr(corpus, "CHUNK_CHARACTERS", 300)
    short = [tuple(f"{d}.{i}" for i in range(16)) for d in range(70)]
    long = [tuple(f"{d}.{i}" + "x" * (d % 7) * 9 for i in range(16)) for d in range(70)]
    block_of: list[dict[str, int]] = []
    for documents in (short, long):
        found: dict[str, int] = {}
        for chunk in chunks(slice_of(documents)):
            for document, block in zip(chunk.documents, chunk.blocks, strict=True):
                found |= {text.rstrip("x"): block for text in document}
        block_of.append(found)
    assert block_of[0] == block_of[1]
    assert len(list(chunks(slice_of(short)))) != len(list(chunks(slice_of(long))))


def test_a_stream_of_known_length_is_dealt_as_if_it_had_been_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents = [("x" * 10,)] * 100
    expected = blocks_of(slice_of(documents))
    monkeypatch.setattr(corpus, "LOOKAHEAD_CHARACTERS", 50)
    assert blocks_of(replace(slice_of(documents), n_documents=100)) == expected
    assert max(blocks_of(slice_of(documents))) == 63, "of unknown length: 64 blocks"


def test_chunks_hold_all_documents_in_order_and_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "CHUNK_CHARACTERS", 100)
    documents = [(f"{d}" * (d % 50),) for d in range(200)] + [("y" * 1000,), ("z",)]
    found = list(chunks(slice_of(documents)))
    assert [document for chunk in found for document in chunk.documents] == documents
    for chunk in found:
        size = sum(len(text) for document in chunk.documents for text in document)
        assert size <= 100 or len(chunk.documents) == 1


def test_reading_is_lazy_and_once() -> None:
    opened = 0
    drawn = 0

    def documents() -> Iterator[Document]:
        nonlocal opened, drawn
        opened += 1
        for d in range(10_000):
            drawn += 1
            yield (f"{d} " * 1000,)

    stream = chunks(Slice("part", documents, "record"))
    next(stream)
    assert opened == 1
    assert drawn < 2 * corpus.LOOKAHEAD_DOCUMENTS


def digest_of(documents: Sequence[Document]) -> bytes:
    (chunk,) = chunks(slice_of(documents))
    assert isinstance(chunk, Chunk)
    return chunk.sha256


def test_the_digest_knows_texts_and_boundaries() -> None:
    """Every other way to cut the same characters into texts and documents has another digest."""
    variants: list[list[Document]] = [
        [("ab", "c")],
        [("a", "bc")],
        [("abc",)],
        [("ab",), ("c",)],
        [("ab", "c", "")],
        [("ab", "c"), ("",)],
        [("ab\0c",)],
        [("ab\0", "c")],
        [("ab\0\x01c",)],
        [("abd", "c")],
    ]
    assert len({digest_of(documents) for documents in variants}) == len(variants)
    assert digest_of([("ab", "c")]) == digest_of([("ab", "c")])

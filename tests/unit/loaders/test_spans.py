"""Sections: chunks that are surveyed and read in pieces are those that are read in one go."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.core import corpus
from tokeval.core.corpus import Chunk, Slice, chunks
from tokeval.errors import TokevalError
from tokeval.loaders import spans as spans_module
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.loaders.memory_slices import slice_of_texts
from tokeval.loaders.sections import can_be_divided, sections_of
from tokeval.loaders.spans import spans

UNITS = ("lines", "line", "file")


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a hundred characters."""
    for module in (corpus, spans_module):
        monkeypatch.setattr(module, "CHUNK_CHARACTERS", 100)


def read_in_pieces(part: Slice, section_bytes: int) -> list[Chunk]:
    """The chunks of a slice as workers read them."""
    return [
        chunk
        for span in spans(part, engine="serial", section_bytes=section_bytes)
        for chunk in span.chunks()
    ]


def slices_of(content: Sequence[bytes], folder: Path, **options: object) -> list[Slice]:
    """One slice of some files."""
    for number, raw in enumerate(content):
        (folder / f"{number:03}.txt").write_bytes(raw)
    return read_corpus([f"mine={folder}/*.txt"], ReadOptions(**options))  # type: ignore[arg-type] # as the test says


HARD = (
    b"\xef\xbb\xbfmarked\r\n\n" + b"line\r\n" * 40 + b"no end",
    b"",
    "".join(f"{n} été\n\n\n" for n in range(70)).encode(),
    "a\n\N{ZERO WIDTH NO-BREAK SPACE}begins with a mark\nb\r\rc\r\n\u2028x\u2029y\n".encode() * 9,
    b"long " * 200 + b"\n" + b"short\n" * 20,
    b"\n\n\n",
)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("section_bytes", [1, 7, 64, 300, 10_000])
@pytest.mark.parametrize("flags", [{}, {"parallel": True}, {"line_ends": True}], ids=str)
def test_chunks_in_pieces_are_the_chunks_of_the_slice(
    unit: str, section_bytes: int, flags: dict[str, bool], tmp_path: Path
) -> None:
    (part,) = slices_of(HARD, tmp_path, unit=unit, **flags)
    expected = list(chunks(part))
    assert len(expected) >= 5
    assert read_in_pieces(part, section_bytes) == expected


@given(
    st.lists(st.lists(st.sampled_from(["a", "é\r", "", "x" * 30]), max_size=80), min_size=1),
    st.booleans(),
    st.integers(1, 200),
    st.sampled_from(UNITS),
)
def test_lines_of_any_length_in_sections_of_any_length(
    files: list[list[str]], ended: bool, section_bytes: int, unit: str
) -> None:
    import tempfile

    content = ["\n".join(lines) + "\n" * ended for lines in files]
    with tempfile.TemporaryDirectory() as folder:
        (part,) = slices_of([text.encode() for text in content], Path(folder), unit=unit)
        if not any(text.strip("\r\n" if unit != "file" else "") for text in content):
            return
        assert read_in_pieces(part, section_bytes) == list(chunks(part))


@pytest.mark.parametrize("unit", UNITS)
def test_files_behind_urls_are_cut_too(unit: str, tmp_path: Path) -> None:
    slices_of(HARD, tmp_path, unit=unit)
    (part,) = read_corpus(
        [f"mine=file://{tmp_path}/*.txt"], ReadOptions(unit=unit, allow_download=True)
    )
    assert any(section.end for section in sections_of(part, 64)) == (unit != "file")
    assert read_in_pieces(part, 64) == list(chunks(part))


def test_blocks_are_dealt_as_after_the_same_look_ahead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Just below, at and above the numbers of documents and characters that are looked at."""
    for module in (corpus, spans_module):
        monkeypatch.setattr(module, "LOOKAHEAD_DOCUMENTS", 70)
        monkeypatch.setattr(module, "LOOKAHEAD_CHARACTERS", 1000)
    for n_lines, length in [(69, 1), (70, 1), (71, 1), (99, 10), (100, 10), (50, 20), (49, 20)]:
        content = [(b"x" * length + b"\n") * n_lines]
        (part,) = slices_of(content, tmp_path, unit="line")
        expected = list(chunks(part))
        assert read_in_pieces(part, 37) == expected


@pytest.mark.parametrize("suffix", [".jsonl", ".txt.gz"])
def test_files_that_cannot_be_cut_are_read_whole(suffix: str, tmp_path: Path) -> None:
    line = '{"text": "words of a record"}\n'
    raw = (line * 300).encode()
    for number in range(3):
        path = tmp_path / f"{number}{suffix}"
        path.write_bytes(gzip.compress(raw) if suffix.endswith("gz") else raw)
    (part,) = read_corpus([f"mine={tmp_path}/*{suffix}"])
    found = list(sections_of(part, 10))
    assert [section.end for section in found] == [None] * 3
    assert read_in_pieces(part, 10) == list(chunks(part))


def test_small_files_are_surveyed_together(tmp_path: Path) -> None:
    (part,) = slices_of([b"12345678\n"] * 10, tmp_path, unit="file")
    assert [len(section.source.files) for section in sections_of(part, 36)] == [4, 4, 2]
    (part,) = slices_of([b"12345678\n"] * 9 + [b"a line\n" * 9], tmp_path, unit="lines")
    assert [len(section.source.files) for section in sections_of(part, 36)] == [4, 4, 1, 1, 1]
    assert read_in_pieces(part, 36) == list(chunks(part))


@pytest.mark.parametrize("bad", [b"fine\n\xff\n", b"nul\0\n", b""])
def test_what_cannot_be_read_is_an_error_here_too(bad: bytes, tmp_path: Path) -> None:
    (part,) = slices_of([bad], tmp_path, unit="lines")
    with pytest.raises(TokevalError) as expected:
        list(chunks(part))
    with pytest.raises(TokevalError) as found:
        read_in_pieces(part, 1000)
    assert found.value.message == expected.value.message


def test_an_error_in_the_middle_of_a_file_has_its_place(tmp_path: Path) -> None:
    (part,) = slices_of([b"fine\n" * 100 + b"no \xff\n" + b"fine\n" * 9], tmp_path, unit="lines")
    with pytest.raises(TokevalError, match=r":101: not UTF-8: byte 0xff at byte offset 503"):
        read_in_pieces(part, 50)


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    (part,) = slices_of([b"first state\n" * 100], tmp_path, unit="lines")
    found = list(spans(part, engine="serial", section_bytes=200))
    (tmp_path / "000.txt").write_bytes(b"second\n" * 100)
    with pytest.raises(TokevalError, match="changed while they were read"):
        [chunk for span in found for chunk in span.chunks()]


def test_a_span_reads_little_before_its_first_chunk(tmp_path: Path) -> None:
    """What a worker reads is about its own section, however long the file is."""
    (part,) = slices_of([b"0123456789 \n" * 5000], tmp_path, unit="lines")
    found = list(spans(part, engine="serial", section_bytes=1200))
    assert len(found) == 50
    assert all(span.skipped <= 6 for span in found)
    assert all(len(span.sections) <= 2 for span in found)


def test_only_files_are_divided() -> None:
    assert not can_be_divided(slice_of_texts("texts", ["a", "b"]))

"""Numbers of byte strings against a dict, and the strings read back."""

from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokeval.core.blake2b import digests
from tokeval.core.byte_table import ByteTable, decoded

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def laid_out(strings: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """The strings one after the other, and where each begins and the last ends."""
    starts = np.cumsum([0, *map(len, strings)])
    return np.frombuffer(b"".join(strings), np.uint8), starts


def numbers_of(table: ByteTable, strings: list[bytes], tags: list[int]) -> list[int]:
    data, starts = laid_out(strings)
    return table.number(data, starts[:-1], starts[1:], np.array(tags, np.uint8)).tolist()


@PATIENT
@given(
    st.lists(st.lists(st.tuples(st.binary(max_size=3), st.integers(0, 1)), max_size=20), max_size=4)
)
def test_the_first_to_come_is_numbered_first(batches: list[list[tuple[bytes, int]]]) -> None:
    table, expected = ByteTable(), {}
    for batch in batches:
        wanted = [expected.setdefault(entry, len(expected)) for entry in batch]
        assert numbers_of(table, [b for b, _ in batch], [t for _, t in batch]) == wanted
    assert len(table) == len(expected)
    assert table.tags.tolist() == [tag for _, tag in expected]
    assert table.pool.tobytes() == b"".join(string for string, _ in expected)
    data, starts = laid_out([string for string, _ in expected])
    untagged = [n if tag == 0 else expected.get((s, 0), -1) for n, (s, tag) in enumerate(expected)]
    assert table.find(data, starts[:-1], starts[1:]).tolist() == untagged


def test_a_table_grows_by_entries_and_by_bytes() -> None:
    table = ByteTable()
    strings = [b"%d" % n for n in range(20_000)] + [b"x" * 300_000, b""]
    zeros = [0] * len(strings)
    assert numbers_of(table, strings, zeros) == list(range(len(strings)))
    assert numbers_of(table, strings[::-1], zeros) == list(range(len(strings)))[::-1]
    assert decoded(table.pool, table.starts[5:8]) == ["5", "6"]


@PATIENT
@given(st.lists(st.text(st.characters(), max_size=5), min_size=1, max_size=9))
def test_strings_are_read_back(texts: list[str]) -> None:
    """Lone surrogates too."""
    data, starts = laid_out([text.encode("utf-8", "surrogatepass") for text in texts])
    assert decoded(data, starts) == texts


@PATIENT
@given(st.lists(st.integers(0, 300), min_size=1, max_size=5), st.randoms())
def test_digests_are_those_of_the_standard_library(lengths: list[int], random) -> None:
    """Nothing, parts of blocks of 128 bytes, whole ones, and several."""
    strings = [random.randbytes(n) for n in [*lengths, 0, 127, 128, 129, 256]]
    expected = [hashlib.blake2b(string, digest_size=8).digest() for string in strings]
    found = digests(*laid_out(strings))
    assert found.astype("<u8").tobytes() == b"".join(expected)

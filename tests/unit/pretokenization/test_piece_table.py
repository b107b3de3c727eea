"""The table of pieces stays bounded, keeps what must stay, and finds what it holds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tokeval.pretokenization import piece_table
from tokeval.pretokenization.bpe_rules import BpeRules
from tokeval.pretokenization.merging_kernels import scratch

RULES = BpeRules(
    symbols={byte: byte for byte in range(256)},
    of_bytes=True,
    merges=np.array([(ord("a"), ord("b"), 0, 300)], np.int64),
    whole={b"abab": 400, b"xyz": 401},
)


def encoded(
    texts: list[list[bytes]], table: piece_table.PieceTable
) -> tuple[list[list[int]], object]:
    """The ids of texts that are given in pieces, and the table after them."""
    pieces = [piece for text in texts for piece in text]
    data = np.frombuffer(b"".join(pieces), np.uint8)
    ends = np.cumsum([0, *map(len, pieces)])[1:]
    offsets = np.cumsum([0, *(sum(map(len, text)) for text in texts)])
    ids, id_offsets = np.empty(len(data), np.int32), np.zeros(len(texts) + 1, np.int64)
    state, room, merging = np.zeros(3, np.int64), scratch(1000), RULES.merging()
    while not piece_table.encode_pieces(
        data, ends, offsets, merging, table, room, state, ids, id_offsets
    ):
        table = piece_table.with_room(table, 2)
    return [ids[i:j].tolist() for i, j in pairwise(id_offsets.tolist())], table


def test_ids_of_texts_with_empty_ones_anywhere() -> None:
    texts = [[], [b"ab", b"abab"], [], [], [b"c"], [b"xyz", b"xyzab"], []]
    ids, _ = encoded(texts, RULES.table())
    assert ids == [[], [300, 400], [], [], [99], [401, 120, 121, 122, 300], []]


def test_a_full_table_is_begun_anew_and_keeps_the_whole_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(piece_table, "MAX_PIECES", 1 << 14)
    table = RULES.table()
    n_slots = len(table.slots)
    words = [b"%dab" % i for i in range(20_000)]
    ids, table = encoded([[word, b"abab"] for word in words], table)
    assert ids == [[*word[:-2], 300, 400] for word in words]
    assert len(table.slots) == n_slots  # type: ignore[attr-defined]
    assert 2 < table.n_pieces[0] < 20_000  # type: ignore[attr-defined]


def test_a_table_grows_before_it_is_begun_anew() -> None:
    words = [b"%d" % i for i in range(20_000)]
    ids, table = encoded([[word] for word in words], RULES.table())
    assert ids == [list(word) for word in words]
    assert table.n_pieces[0] == len(words) + 2  # type: ignore[attr-defined]


def test_a_long_piece_is_not_kept() -> None:
    long = b"ab" * piece_table.KEPT_BYTES
    ids, table = encoded([[long, long]], RULES.table())
    assert ids == [[300] * 2 * piece_table.KEPT_BYTES]
    assert table.n_pieces[0] == 2  # type: ignore[attr-defined]

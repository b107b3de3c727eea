"""Word tables add up."""

import numpy as np

from tokeval.mixture.word_table import N_BLOCKS, WordTable


def table(counts: dict[bytes, int], block: int, n_bytes: int) -> WordTable:
    words = tuple(sorted(counts))
    array = np.zeros((len(words), N_BLOCKS), np.int64)
    array[:, block] = [counts[word] for word in words]
    sizes = np.zeros(N_BLOCKS, np.int64)
    sizes[block] = n_bytes
    return WordTable(words, array, sizes)


def test_total_of_overlapping_tables_by_hand() -> None:
    one, two = table({b"b": 2, b"a": 1}, 0, 5), table({b"c": 7, b"b": 3}, 4, 9)
    total = WordTable.total([one, two, one])
    assert total.words == (b"a", b"b", b"c")
    assert total.counts[:, 0].tolist() == [2, 4, 0]
    assert total.counts[:, 4].tolist() == [0, 3, 7]
    assert int(total.counts.sum()) == 16
    assert total.n_bytes.tolist() == [10, 0, 0, 0, 9, 0, 0, 0, 0, 0]


def test_sum_is_total_and_leaves_its_parts_alone() -> None:
    one, two = table({b"x": 1}, 1, 1), table({b"x": 4}, 1, 2)
    both = one + two
    assert (len(both), both.counts[0, 1], both.n_bytes[1]) == (1, 5, 3)
    assert (one.counts[0, 1], two.counts[0, 1]) == (1, 4)


def test_total_of_no_tables_is_empty() -> None:
    empty = WordTable.total([])
    assert (empty.words, empty.counts.shape) == ((), (0, N_BLOCKS))
    assert len(WordTable.total([empty, empty])) == 0

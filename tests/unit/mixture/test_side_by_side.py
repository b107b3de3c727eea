"""Threads: results in order, some at the same time, and an error ends it."""

from __future__ import annotations

import os
import threading
import time

import pytest

from tokeval.mixture.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_items() -> None:
    def late_first(item: int) -> int:
        time.sleep(0.02 / (1 + item))
        return item * item

    assert list(side_by_side(late_first, range(6))) == [0, 1, 4, 9, 16, 25]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core runs one thread")
def test_two_items_are_handled_at_once() -> None:
    """Each waits for the other: one after the other they would wait in vain."""
    both = threading.Barrier(2, timeout=10)
    assert sorted(side_by_side(lambda _: both.wait(), range(2))) == [0, 1]


def test_an_error_reaches_the_caller_and_nothing_more_is_begun() -> None:
    begun = []

    def fails(item: int) -> None:
        begun.append(item)
        time.sleep(0.01)
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        list(side_by_side(fails, range(1000)))
    assert len(begun) < 1000


def test_no_more_threads_than_jobs() -> None:
    running, most = [0], [0]
    lock = threading.Lock()

    def counts(_: int) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.005)
        with lock:
            running[0] -= 1

    list(side_by_side(counts, range(8), jobs=1))
    assert most == [1]
    list(side_by_side(counts, range(12), jobs=3))
    assert 1 < most[0] <= 3

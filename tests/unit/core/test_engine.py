"""Engines: the same results in the same order, little in memory, and one clear error on death."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests import toy_tokenizers as toy
from tokeval.core.corpus import Slice, chunks
from tokeval.core.counting import ChunkCounter
from tokeval.core.engine import CHUNKS_PER_TASK, run
from tokeval.core.pretokens import Cut
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer

LINES = ["the lowest of the newer", "don't say  it's low", "été \N{GRINNING FACE} 123", ""] * 30


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_results_come_in_the_order_of_the_chunks(engine: str) -> None:
    """The first chunk takes longest, so that workers finish in another order."""
    work = [range(3_000_000), range(10), range(500_000), *(range(n) for n in range(20))]
    found = list(run(sum, iter(work), engine=engine, jobs=2))
    assert found == [len(chunk) * (len(chunk) - 1) // 2 for chunk in work]


def test_worker_processes_count_what_this_process_counts() -> None:
    toys = adapt_tokenizers_object(toy.byte_level_bpe(LINES), name="toy", source="test")
    counter = ChunkCounter([(toys, Cut.SPACE), (ByteTokenizer(), Cut.SPACE)], special=("bos",))
    documents = [(line, line[::-1]) for line in LINES]
    parts = [Slice("part", lambda: iter(documents), "record")] * 3
    work = [chunk for part in parts for chunk in chunks(part)]
    serial = list(run(counter, work))
    in_processes = list(run(counter, work, engine="processes", jobs=2))
    assert len(serial) == len(in_processes) == 3
    for here, there in zip(serial, in_processes, strict=True):
        for a, b in zip(here, there, strict=True):
            assert a.digests == b.digests
            assert a.split_words == b.split_words
            for column in a.totals:
                np.testing.assert_array_equal(a.totals[column], b.totals[column])
            np.testing.assert_array_equal(a.token_counts.types, b.token_counts.types)
            np.testing.assert_array_equal(a.token_counts.counts, b.token_counts.counts)
            np.testing.assert_array_equal(a.word_forms.kept, b.word_forms.kept)


@pytest.mark.parametrize(("engine", "ahead"), [("serial", 1), ("processes", 5 * CHUNKS_PER_TASK)])
def test_chunks_are_read_only_a_little_ahead(engine: str, ahead: int) -> None:
    """Two tasks for each of two workers and the one that is being read, however long the text."""
    drawn = 0

    def work() -> Iterator[int]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield -number

    results = run(abs, work(), engine=engine, jobs=2)
    for number in range(5):
        assert next(results) == number
    assert drawn <= 5 + ahead


def test_workers_end_at_once_when_nobody_waits_for_them() -> None:
    """As after Ctrl-C: what is under way may take minutes."""
    before = set(multiprocessing.active_children())
    seconds = [0.0] * CHUNKS_PER_TASK + [60.0] * CHUNKS_PER_TASK
    results = run(time.sleep, seconds, engine="processes", jobs=1)
    next(results)
    results.close()  # type: ignore[attr-defined] # a generator
    deadline = time.monotonic() + 10
    while set(multiprocessing.active_children()) - before:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_no_chunks_no_results() -> None:
    assert list(run(abs, [], engine="processes", jobs=1)) == []


def test_a_worker_that_dies_is_one_clear_error() -> None:
    with pytest.raises(TokevalError) as caught:
        list(run(os._exit, [3] * 10, engine="processes", jobs=2))
    assert caught.value.message == "a worker process died, most likely for want of memory"
    assert caught.value.hint == "run again with fewer --jobs, or with --engine serial"
    assert not isinstance(caught.value, UsageError)


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_an_error_for_the_user_arrives_as_it_was_raised(engine: str) -> None:
    with pytest.raises(TokevalError) as caught:
        list(run(load_tokenizer, ["missing.json"], engine=engine, jobs=1))
    assert caught.value.message == "missing.json: no such file or directory"
    assert caught.value.hint == "check the path"


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no engine 'threads'") as caught:
        run(abs, [1], engine="threads")
    assert caught.value.hint == "choose one of serial, processes, dask"

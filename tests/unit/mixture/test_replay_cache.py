"""Replays kept on disk: found again, not confused, mended when damaged."""

from dataclasses import replace

import numpy as np
import pytest

from tokeval.mixture import replay_cache
from tokeval.mixture.history import PairChanges
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.replay import replay
from tokeval.mixture.replay_cache import cached_replay, replay_key
from tokeval.mixture.word_table import N_BLOCKS, WordTable

COUNTS = np.arange(2 * N_BLOCKS).reshape(2, N_BLOCKS)
TABLE = WordTable((b"aab", b"ab"), COUNTS, np.zeros(N_BLOCKS, dtype=np.int64))
MERGES = MergeList(
    (b"a", b"b", b"ab", b"aab"),
    2,
    np.array([(0, 1), (0, 2)], dtype=np.int32),
    np.array([2, 3], dtype=np.int32),
    "bytes",
)


def same(left: PairChanges, right: PairChanges) -> bool:
    names = ("keys", "starts", "steps", "deltas")
    return left.n_pairs_initially == right.n_pairs_initially and all(
        np.array_equal(getattr(left, name), getattr(right, name))
        and getattr(left, name).dtype == getattr(right, name).dtype
        for name in names
    )


@pytest.fixture
def replays(monkeypatch):
    """How often anything was replayed."""
    made = []

    def counted(*arguments, **options):
        made.append(options)
        return replay(*arguments, **options)

    monkeypatch.setattr(replay_cache, "replay", counted)
    return made


def test_the_second_time_nothing_is_replayed(tmp_path, replays):
    for block in (None, 3):
        expected = replay(TABLE, MERGES, n_steps=2, block=block)
        for _ in range(2):
            found = cached_replay(TABLE, MERGES, n_steps=2, block=block, directory=tmp_path)
            assert same(found, expected)
    assert len(replays) == 2
    assert [file.suffix for file in tmp_path.iterdir()] == [".entry", ".entry"], "no part remains"


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_a_damaged_file_is_replayed_and_mended(tmp_path, replays, damage):
    cached_replay(TABLE, MERGES, n_steps=2, directory=tmp_path)
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content if damage is None else damage)
    for _ in range(2):
        found = cached_replay(TABLE, MERGES, n_steps=2, directory=tmp_path)
        assert same(found, replay(TABLE, MERGES, n_steps=2))
    assert len(replays) == 2


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path, replays):
    blocked = tmp_path / "file"
    blocked.write_text("")
    for _ in range(2):
        found = cached_replay(TABLE, MERGES, n_steps=2, directory=blocked / "replays")
        assert same(found, replay(TABLE, MERGES, n_steps=2))
    assert len(replays) == 2


def test_the_default_directory_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEVAL_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("TOKEVAL_CACHE_MAX_SIZE")
    cached_replay(TABLE, MERGES, n_steps=1)
    assert len(list((tmp_path / "replays").glob("*.entry"))) == 1


def test_the_key_changes_with_everything_that_the_result_depends_on():
    other_counts = COUNTS.copy()
    other_counts[0, 0] += 1
    cases = [
        (TABLE, MERGES, 2, None),
        (TABLE, MERGES, 1, None),
        (TABLE, MERGES, 2, 0),
        (replace(TABLE, counts=other_counts), MERGES, 2, None),
        (replace(TABLE, words=(b"aa", b"bab")), MERGES, 2, None),
        (TABLE, replace(MERGES, starts_from="characters"), 2, None),
        (TABLE, replace(MERGES, pairs=MERGES.pairs[::-1].copy()), 2, None),
        (TABLE, replace(MERGES, results=MERGES.results[::-1].copy()), 2, None),
        (TABLE, replace(MERGES, symbols=(b"b", b"a", b"ab", b"aab")), 2, None),
        (TABLE, replace(MERGES, n_initial=1), 2, None),
    ]
    keys = [replay_key(*case[:2], n_steps=case[2], block=case[3]) for case in cases]
    assert len(set(keys)) == len(cases)


def test_the_key_forgets_what_does_not_matter():
    longer = MergeList(
        (*MERGES.symbols, b"bb"),
        2,
        np.array([(0, 1), (0, 2), (1, 1)], dtype=np.int32),
        np.array([2, 3, 4], dtype=np.int32),
        "bytes",
        notes=("something was found",),
    )
    dealt = replace(TABLE, counts=np.roll(COUNTS, 1, axis=1), n_bytes=np.ones(N_BLOCKS, np.int64))
    key = replay_key(TABLE, MERGES, n_steps=2, block=None)
    assert replay_key(TABLE, longer, n_steps=2, block=None) == key
    assert replay_key(dealt, MERGES, n_steps=2, block=None) == key

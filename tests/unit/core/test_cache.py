"""The cache on disk: what is kept comes back, what is damaged does not, and it stays in bounds."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tokeval.core.cache import (
    ABANDONED_SECONDS,
    DEFAULT_MAX_BYTES,
    Cache,
    cache_directory,
    can_be_written,
    damaged,
    delete,
    entries,
    key_of,
    max_bytes,
    parse_size,
    trim,
)
from tokeval.core.cache_arrays import get_arrays, pack, put_arrays, unpack
from tokeval.errors import UsageError

KEY = key_of("an entry")
CONTENT = b"what was counted"


@pytest.fixture
def cache(tmp_path):
    return Cache("evidence", tmp_path / "evidence")


def test_what_is_kept_comes_back_and_nothing_else_does(cache):
    assert cache.get(KEY) is None
    assert cache.put(KEY, CONTENT)
    assert cache.get(KEY) == CONTENT
    assert cache.get(key_of("another")) is None
    assert [path.name for path in cache.folder.iterdir()] == [f"{KEY}.entry"], "no part remains"
    assert cache.put(KEY, b"")
    assert cache.get(KEY) == b""


def test_every_flipped_bit_and_every_cut_is_noticed_and_mended(cache):
    cache.put(KEY, CONTENT)
    path = cache.path(KEY)
    whole = path.read_bytes()
    flipped = [
        whole[:i] + bytes([byte ^ 1 << i % 8]) + whole[i + 1 :] for i, byte in enumerate(whole)
    ]
    cut = [whole[:n] for n in range(len(whole))]
    for wrong in (*flipped, *cut, whole + b"\0", whole * 2):
        path.write_bytes(wrong)
        assert cache.get(KEY) is None
        assert damaged(entries(cache.folder.parent)) == entries(cache.folder.parent)
    assert cache.put(KEY, CONTENT)
    assert cache.get(KEY) == CONTENT
    assert damaged(entries(cache.folder.parent)) == []


def test_an_entry_under_another_key_or_of_another_kind_is_damaged(cache, tmp_path):
    cache.put(KEY, CONTENT)
    other = key_of("another")
    cache.path(other).write_bytes(cache.path(KEY).read_bytes())
    results = Cache("results", tmp_path / "results")
    results.folder.mkdir()
    results.path(KEY).write_bytes(cache.path(KEY).read_bytes())
    assert (cache.get(other), results.get(KEY), cache.get(KEY)) == (None, None, CONTENT)
    bad = damaged(entries(tmp_path))
    assert {(entry.kind, entry.path.stem) for entry in bad} == {
        ("evidence", other),
        ("results", KEY),
    }
    assert delete(bad) == bad
    assert [entry.path for entry in entries(tmp_path)] == [cache.path(KEY)]


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    cache = Cache("evidence", tmp_path / "file" / "evidence")
    assert (cache.put(KEY, CONTENT), cache.get(KEY)) == (False, None)
    assert not can_be_written(cache.folder)
    assert entries(tmp_path / "file") == []


def test_a_full_disk_keeps_nothing_and_leaves_no_part(cache, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert (cache.put(KEY, CONTENT), cache.get(KEY)) == (False, None)
    assert list(cache.folder.iterdir()) == []


WRITER = """
import sys
from pathlib import Path
from tokeval.core.cache import Cache, key_of
cache = Cache("evidence", Path(sys.argv[1]))
print("ready", flush=True)
n = 0
while True:
    n += 1
    cache.put(key_of(n % 5), bytes([n % 251]) * 200_000)
"""


def test_writers_that_are_killed_leave_only_whole_entries(tmp_path):
    folder = tmp_path / "evidence"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n"
    cache = Cache("evidence", folder)
    end = time.monotonic() + 0.5
    seen = set()
    while time.monotonic() < end:
        # Each look is at an entry that two processes replace all the time.
        content = cache.get(key_of(3))
        if content is not None:
            assert content == content[:1] * 200_000
            seen.add(content[0])
    for writer in writers:
        writer.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        writer.communicate()
    assert len(seen) > 1
    found = entries(tmp_path)
    assert len(found) == 5
    assert damaged(found) == []


def test_parts_that_nobody_finishes_go_after_an_hour(cache, tmp_path):
    cache.put(KEY, CONTENT)
    old, new = cache.folder / "old.part", cache.folder / "new.part"
    for part, age in ((old, ABANDONED_SECONDS + 60), (new, 60.0)):
        part.write_bytes(b"half")
        os.utime(part, (time.time() - age,) * 2)
    assert [entry.path for entry in entries(tmp_path)] == [cache.path(KEY)]
    assert trim(tmp_path, 10**6) == []
    assert (old.exists(), new.exists()) == (False, True)


def test_the_least_recently_used_entries_go_first(cache, tmp_path):
    keys = [key_of(n) for n in range(4)]
    for age, key in zip((40, 30, 20, 10), keys, strict=True):
        cache.put(key, CONTENT)
        os.utime(cache.path(key), (time.time() - age,) * 2)
    assert cache.get(keys[0]) == CONTENT  # used again
    size = cache.path(KEY).parent.joinpath(f"{keys[0]}.entry").stat().st_size
    assert trim(tmp_path, 4 * size) == []
    gone = trim(tmp_path, 3 * size - 1)
    assert [entry.path.stem for entry in gone] == [keys[1], keys[2]]
    assert {entry.path.stem for entry in entries(tmp_path)} == {keys[0], keys[3]}
    trim(tmp_path, 0)
    assert entries(tmp_path) == []


def test_keys_tell_parts_apart():
    cases = [
        ("ab", "c"),
        ("a", "bc"),
        ("abc",),
        (b"abc",),
        ("1",),
        (1,),
        (None,),
        ("",),
        (),
        ("", ""),
    ]
    assert len({key_of(*case) for case in cases}) == len(cases)


def test_sizes():
    sizes = {"0": 0, "17": 17, "2 kb": 2000, "1.5MB": 1_500_000, "4GB": 4 * 10**9, "1TB": 10**12}
    assert {text: parse_size(text, "--max-size") for text in sizes} == sizes
    for text in ("", "MB", "-1", "1XB", "nan", "inf", "1e400"):
        with pytest.raises(UsageError, match="--max-size"):
            parse_size(text, "--max-size")


def test_the_size_comes_from_the_environment_and_0_turns_the_cache_off(monkeypatch, tmp_path):
    monkeypatch.setenv("TOKEVAL_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("TOKEVAL_CACHE_MAX_SIZE")
    assert max_bytes() == DEFAULT_MAX_BYTES
    assert Cache.of("results") == Cache("results", cache_directory() / "results")
    monkeypatch.setenv("TOKEVAL_CACHE_MAX_SIZE", "0")
    assert Cache.of("results") is None
    monkeypatch.setenv("TOKEVAL_CACHE_MAX_SIZE", "some")
    with pytest.raises(UsageError, match="TOKEVAL_CACHE_MAX_SIZE"):
        max_bytes()


ARRAYS = {
    "empty": np.empty((0, 3), dtype=np.uint16),
    "number": np.array(7),
    "large": np.array([[2**62, -1], [0, 5]], dtype=np.int64),
    "strided": np.arange(10, dtype=np.int32)[::3],
    "other order": np.arange(3, dtype=">i4"),
    "real": np.array([0.1, np.nan, -0.0]),
    "bits": np.array([True, False]),
}


def test_arrays_come_back_in_order_with_their_values_and_types(cache):
    assert get_arrays(cache, KEY) is None
    assert put_arrays(cache, KEY, ARRAYS)
    found = get_arrays(cache, KEY)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].shape == array.shape
        assert found[name].dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.writeable
    again = {name: array.copy() for name, array in found.items()}
    assert pack(again) == pack(found), "equal arrays give equal bytes"
    assert unpack(pack({}, ["a", 1]))[1] == ["a", 1]

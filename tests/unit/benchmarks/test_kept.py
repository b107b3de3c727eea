"""What was measured is kept for its setting only, and a broken-off run goes on."""

from __future__ import annotations

import pytest

from benchmarks.kept import Kept, sources_hash
from benchmarks.results import Comparison, Point

POINT = Point("megabytes", 3, 1.5, 2.5, 7_000_000, None)
COMPARISON = Comparison("a", "s", [1.0, 3.0], [4.0], 0.5)


def never():
    raise AssertionError("measured again")


@pytest.mark.parametrize("record", [POINT, COMPARISON])
def test_a_record_is_measured_once(tmp_path, record):
    assert Kept(tmp_path, "here").get("Key 1", lambda: record) == record
    assert Kept(tmp_path, "here").get("Key 1", never) == record
    assert list(Kept(tmp_path, "here").all()) == [("Key 1", record)]


def test_a_record_of_another_setting_does_not_count(tmp_path):
    Kept(tmp_path, "there").get("k", lambda: POINT)
    here = Kept(tmp_path, "here")
    assert list(here.all()) == []
    assert here.get("k", lambda: COMPARISON) == COMPARISON


def test_fresh_measures_again(tmp_path):
    Kept(tmp_path, "here").get("k", lambda: POINT)
    assert Kept(tmp_path, "here", fresh=True).get("k", lambda: COMPARISON) == COMPARISON


def test_what_was_measured_before_a_failure_stays(tmp_path):
    kept = Kept(tmp_path, "here")
    kept.get("first", lambda: POINT)
    with pytest.raises(AssertionError):
        kept.get("second", never)
    assert [key for key, _ in Kept(tmp_path, "here").all()] == ["first"]


def test_keys_that_share_a_file_name_are_not_taken_for_each_other(tmp_path):
    kept = Kept(tmp_path, "here")
    kept.get("a b", lambda: POINT)
    assert kept.get("a-b", lambda: COMPARISON) == COMPARISON


def test_the_hash_of_sources_follows_content_and_names(tmp_path):
    (tmp_path / "a.py").write_text("1")
    first = sources_hash(tmp_path)
    (tmp_path / "a.py").write_text("2")
    second = sources_hash(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, sources_hash(tmp_path)}) == 3

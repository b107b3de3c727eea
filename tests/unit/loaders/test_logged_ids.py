"""Logged ids and the resources of a run: what is read, and what is refused."""

from pathlib import Path

import pytest

from tokeval.errors import TokevalError
from tokeval.loaders.logged_ids import read_logged_ids
from tokeval.loaders.resources import read_resources


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "ids.jsonl"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_sequences_are_read_in_order(tmp_path: Path) -> None:
    assert read_logged_ids(written(tmp_path, "[1, 2]\n\n[]\n[0]\n")) == ((1, 2), (), (0,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no ids in it"),
        ("[1]\n1, 2\n", ":2: not a list of ids"),
        ('["a"]\n', ":1: not a list of ids"),
        ("[-1]\n", ":1: an id is not a number"),
        ("[4294967296]\n", ":1: an id is not a number"),
        (f"[{2**80}]\n", ":1: an id is not a number"),
    ],
)
def test_other_lines_are_refused_with_their_number(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TokevalError) as caught:
        read_logged_ids(written(tmp_path, text))
    assert said in caught.value.message
    assert caught.value.hint


def test_equal_content_has_an_equal_hash(tmp_path: Path) -> None:
    first = read_resources(logged_ids=written(tmp_path, "[1]\n[2]\n")).hashes
    assert read_resources(logged_ids=written(tmp_path, "[1]\n\n[2]")).hashes == first
    assert read_resources(logged_ids=written(tmp_path, "[1, 2]\n")).hashes != first
    assert read_resources().hashes == {}

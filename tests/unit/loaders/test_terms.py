"""Lists of terms: comments, repetitions, and lists that are none."""

import gzip
from pathlib import Path

import pytest

from tokeval.errors import TokevalError
from tokeval.loaders.terms import MAX_TERM_CHARACTERS, read_terms


def written(folder: Path, content: str | bytes, name: str = "terms.txt") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def failure(path: str) -> TokevalError:
    with pytest.raises(TokevalError) as caught:
        read_terms(path)
    assert "\n" not in str(caught.value)
    assert path in caught.value.message
    return caught.value


def test_one_term_on_each_line(tmp_path: Path) -> None:
    content = "\ufeff# clinical\nheart  attack\r\n\n  stroke \nstroke\nC#\nβ-blocker"
    assert read_terms(written(tmp_path, content)) == ("heart attack", "stroke", "C#", "β-blocker")


def test_compressed_lists(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"one\ntwo\n"), "terms.txt.gz")
    assert read_terms(path) == ("one", "two")


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n"])
def test_no_terms(tmp_path: Path, content: str) -> None:
    assert "no terms" in failure(written(tmp_path, content)).message


def test_running_text_is_no_list(tmp_path: Path) -> None:
    line = "x" * MAX_TERM_CHARACTERS
    path = written(tmp_path, f"term\n{line}\n")
    assert read_terms(path) == ("term", line)
    path = written(tmp_path, f"term\n{line}y\n")
    assert f"{path}:2:" in failure(path).message
    assert "one term on each line" in failure(path).hint


def test_files_that_are_no_text(tmp_path: Path) -> None:
    assert "not UTF-8" in failure(written(tmp_path, b"a\n\xff\n")).message
    assert "no such file" in failure(str(tmp_path / "missing.txt")).message

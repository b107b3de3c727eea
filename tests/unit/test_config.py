"""Configuration files: which ones are read, from where, and where each key stands in them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.config import (
    ConfigFile,
    environment_name,
    key_lines,
    read_configuration,
    searched_folders,
)
from tokeval.errors import ExitCode, UsageError


def put(path: Path, text: str) -> Path:
    """The path of a file with this text, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names_of(start: Path, below: Path) -> list[str]:
    """The files that are read from a folder on, as seen from another."""
    return [str(file.path.relative_to(below)) for file in read_configuration(start=start).files]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of one's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


def test_the_nearest_folder_with_a_file_is_taken(home: Path) -> None:
    put(home / "a/tokeval.toml", "[metrics]\nalpha = 1.0\n")
    put(home / "a/b/tokeval.toml", "[metrics]\nalpha = 2.0\n")
    (home / "a/b/c").mkdir()
    assert names_of(home / "a/b/c", home) == ["a/b/tokeval.toml"]
    assert names_of(home / "a", home) == ["a/tokeval.toml"]


def test_both_files_of_a_folder_are_read_own_first(home: Path) -> None:
    put(home / "p/pyproject.toml", "[tool.tokeval.metrics]\nalpha = 1.0\n")
    put(home / "p/tokeval.toml", "[metrics]\nalpha = 2.0\n")
    assert names_of(home / "p", home) == ["p/tokeval.toml", "p/pyproject.toml"]


def test_a_pyproject_without_the_table_is_passed_over(home: Path) -> None:
    put(home / "p/tokeval.toml", "")
    put(home / "p/q/pyproject.toml", '[project]\ndependencies = ["tokeval"]\n')
    assert names_of(home / "p/q", home) == ["p/tokeval.toml"]


@pytest.mark.parametrize("marker", [".git", ".hg", ".jj"])
def test_the_root_of_a_repository_ends_the_search(home: Path, marker: str) -> None:
    put(home / "tokeval.toml", "")
    put(home / "outer/tokeval.toml", "")
    (home / "outer/repository/inner").mkdir(parents=True)
    (home / "outer/repository" / marker).mkdir()
    assert names_of(home / "outer/repository/inner", home) == []
    put(home / "outer/repository/tokeval.toml", "")
    assert names_of(home / "outer/repository/inner", home) == ["outer/repository/tokeval.toml"]


def test_the_home_directory_ends_the_search_and_is_not_searched(home: Path) -> None:
    put(home / "tokeval.toml", "")
    (home / "p/q").mkdir(parents=True)
    assert searched_folders(home / "p/q") == [home / "p/q", home / "p"]
    assert names_of(home / "p/q", home) == []
    assert names_of(home, home) == ["tokeval.toml"]


def test_outside_of_repositories_and_home_only_the_folder_itself_is_searched(
    home: Path, tmp_path: Path
) -> None:
    put(tmp_path / "tokeval.toml", "")
    (tmp_path / "elsewhere").mkdir()
    assert names_of(tmp_path / "elsewhere", tmp_path) == []
    assert names_of(tmp_path, tmp_path) == ["tokeval.toml"]


def test_a_chosen_file_is_the_only_one(home: Path) -> None:
    put(home / "p/tokeval.toml", "")
    other = put(home / "other.toml", "[metrics]\nalpha = 3.0\n")
    (file,) = read_configuration(other, start=home / "p").files
    assert file.path == other
    assert file.tables == {"metrics": {"alpha": 3.0}}
    project = put(home / "x/pyproject.toml", "[tool.tokeval.metrics]\nalpha = 4.0\n")
    (file,) = read_configuration(project).files
    assert file.tables == {"metrics": {"alpha": 4.0}}


STATEMENTS = """\
# a comment with [brackets] and "quotes
title = "x"

[metrics]
corpus = [
  "en=a.txt",  # ]
  "[tr]=b.txt",
]
words = '''
alpha = "not a key"
'''
"max-length" = 5
probe.count.n = 3

[[gate]]
metric = "x"

[[gate]]
metric = "y"

[metrics.correlate]
score = ["s"]
"""


def test_every_key_has_the_line_it_begins_in() -> None:
    found = dict(key_lines(STATEMENTS))
    assert found == {
        ("title",): 2,
        ("metrics",): 4,
        ("metrics", "corpus"): 5,
        ("metrics", "words"): 9,
        ("metrics", "max-length"): 12,
        ("metrics", "probe"): 13,
        ("metrics", "probe", "count"): 13,
        ("metrics", "probe", "count", "n"): 13,
        ("gate",): 15,
        ("gate", "metric"): 16,
        ("metrics", "correlate"): 21,
        ("metrics", "correlate", "score"): 22,
    }


KEYS = st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True)
VALUES = st.sampled_from(
    [
        "1",
        "true",
        '"x"',
        '"[a]"',
        "'# no'",
        "[1, 2]",
        '[\n  "a",\n\n  "b = 1",\n]',
        '"""\nq = 1\n"""',
    ]
)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=4))
def test_the_line_of_a_key_is_where_it_was_written(tables: dict[str, dict[str, str]]) -> None:
    text, expected = "", {}
    for table, entries in tables.items():
        expected[(table,)] = text.count("\n") + 1
        text += f"[{table}]\n"
        for key, value in entries.items():
            expected[table, key] = text.count("\n") + 1
            text += f"{key} = {value}\n"
    tomllib.loads(text)
    assert dict(key_lines(text)) == expected


def test_a_key_of_pyproject_has_its_line_there(home: Path) -> None:
    text = '[project]\nname = "p"\n\n[tool.tokeval.metrics]\nalpha = 1.0\n'
    (file,) = read_configuration(put(home / "pyproject.toml", text)).files
    assert file.origin("metrics", "alpha").line == 5
    assert file.origin("metrics", "absent").line == 4
    assert ConfigFile(file.path, {}).origin("x").line == 0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[metrics]\nalpha 1\n", "tokeval.toml:2"),
        ('[metrics]\nwords = "uax\n', "tokeval.toml:2"),
        ("[metrics]\nalpha = 1\nalpha = 2\n", "tokeval.toml:3"),
        ("[metrics]\ncorpus = [\n", "tokeval.toml:3"),
    ],
)
def test_broken_toml_is_told_with_its_line(home: Path, text: str, place: str) -> None:
    path = put(home / "tokeval.toml", text)
    with pytest.raises(UsageError) as raised:
        read_configuration(path)
    assert place in raised.value.message
    assert "(at" not in raised.value.message
    assert raised.value.code is ExitCode.USAGE


def test_broken_toml_of_a_project_that_does_not_name_tokeval_is_not_ours(home: Path) -> None:
    put(home / "p/pyproject.toml", "[project\n")
    assert names_of(home / "p", home) == []


def test_files_that_cannot_be_read_are_told(home: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.toml"):
        read_configuration(home / "absent.toml")
    (home / "latin.toml").write_bytes(b'x = "\xe9"\n')
    with pytest.raises(UsageError, match="not UTF-8"):
        read_configuration(home / "latin.toml")
    (home / "folder.toml").mkdir()
    with pytest.raises(UsageError, match=r"folder\.toml"):
        read_configuration(home / "folder.toml")


def test_tool_tokeval_must_be_a_table(home: Path) -> None:
    path = put(home / "pyproject.toml", "[tool]\ntokeval = 3\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml:2: tool\.tokeval is not a table"):
        read_configuration(path)


def test_names_of_variables() -> None:
    assert environment_name("metrics", "alpha") == "TOKEVAL_METRICS_ALPHA"
    assert environment_name("gate", "init") == "TOKEVAL_GATE_INIT"

"""Exported tasks hold the questions and read answers as we do; the harnesses run elsewhere."""

from __future__ import annotations

import ast
import json
import re
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.exported_tasks import ANSWERS, exact_match, questions
from tokeval.errors import TokevalError, UsageError
from tokeval.probe.exporting import HARNESSES, Harness, export
from tokeval.probe.items import items_sha256
from tokeval.probe.model import Generation

GENERATION = Generation(
    max_new_tokens=99, temperature=0.25, seed=5, stop=("\n\n", "Q: 'x' \"y\" é")
)


@pytest.mark.parametrize("to", get_args(Harness))
def test_the_questions_are_those_that_were_given(to: Harness, tmp_path: Path) -> None:
    items = questions()
    paths = export(items, GENERATION, tmp_path / "new" / "dir", to=to, name="count")
    assert all(path.exists() for path in paths)
    lines = paths[-1].read_text(encoding="utf-8").splitlines()
    held = [json.loads(line) for line in lines]
    assert [(one["id"], one["prompt"], one["expected"]) for one in held] == [
        (item.id, item.prompt, item.expected) for item in items
    ]
    assert items_sha256(items) in paths[0].read_text(encoding="utf-8")


def test_the_lm_eval_task(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        pass

    Loader.add_constructor("!function", lambda loader, node: node.value)
    export(questions(), GENERATION, tmp_path, to="lm-eval", name="count")
    task = yaml.load((tmp_path / "tokeval_count.yaml").read_text(), Loader)
    assert task["task"] == "tokeval_count"
    module, function = task["custom_dataset"].split(".")
    assert function in (tmp_path / f"{module}.py").read_text()
    assert task["generation_kwargs"] == {
        "until": list(GENERATION.stop),
        "max_gen_toks": 99,
        "do_sample": True,
        "temperature": 0.25,
    }
    # What lm-eval does with these fields, in a few lines of our own.
    regex, take_first = task["filter_list"][0]["filter"]
    [metric] = task["metric_list"]
    for item, answer in zip(questions(), ANSWERS, strict=True):
        found = re.findall(regex["regex_pattern"], answer)
        read = found[regex["group_select"]].strip() if found else regex["fallback"]
        for pattern in metric["regexes_to_ignore"]:
            read = re.sub(pattern, "", read)
        assert (read == item.expected) is exact_match(item, answer), answer
    assert take_first == {"function": "take_first"}


def test_the_inspect_task(tmp_path: Path) -> None:
    [path, _] = export(questions(), GENERATION, tmp_path, to="inspect", name="count")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        node.func.id: {word.arg: word.value for word in node.keywords}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    config = {key: ast.literal_eval(value) for key, value in calls["GenerateConfig"].items() if key}
    assert config == {
        "max_tokens": 99,
        "temperature": 0.25,
        "seed": 5,
        "stop_seqs": list(GENERATION.stop),
    }
    # The part that reads answers needs no harness.
    wanted = [
        node
        for node in tree.body
        if (isinstance(node, ast.Import) and node.names[0].name == "re")
        or (isinstance(node, ast.Assign))
        or (isinstance(node, ast.FunctionDef) and node.name == "last_integer")
    ]
    names: dict[str, Any] = {}
    exec(compile(ast.Module(wanted, []), str(path), "exec"), names)  # noqa: S102 -- we wrote it
    for item, answer in zip(questions(), ANSWERS, strict=True):
        assert (names["last_integer"](answer) == item.expected) is exact_match(item, answer), answer


@pytest.mark.parametrize("to", HARNESSES)
def test_the_same_questions_give_the_same_files(to: Harness, tmp_path: Path) -> None:
    first = export(questions(), Generation(), tmp_path / "a", to=to)
    second = export(questions(), Generation(), tmp_path / "b", to=to)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_tasks_in_one_folder_leave_each_other_alone(tmp_path: Path) -> None:
    held: dict[Path, bytes] = {}
    for n, (name, to) in enumerate(product(("count", "arithmetic"), HARNESSES), start=1):
        paths = export(questions()[:n], Generation(), tmp_path, to=to, name=name)
        assert not held.keys() & set(paths)
        assert any(paths[-1].name in path.read_text() for path in paths[:-1])
        held |= {path: path.read_bytes() for path in paths}
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == held


@pytest.mark.parametrize("name", ["", "A", "a-b", "a b", "../x", "1"])
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        export(questions(), GENERATION, tmp_path, to="inspect", name=name)


def test_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        export([], GENERATION, tmp_path, to="inspect")


def test_a_place_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TokevalError, match="cannot write"):
        export(questions(), GENERATION, tmp_path / "file", to="inspect")

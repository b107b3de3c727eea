"""Every metric of the catalogue has a golden case, an independent oracle and an undefined case."""

import importlib.util
import inspect
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tokeval.metrics.catalogue import CATALOGUE

TESTS = Path(__file__).parents[1]
FOLDERS = ("golden", "unit/metrics", "property")
KINDS = ("golden", "oracle", "undefined")


def marked_cases(path: Path) -> dict[str, set[str]]:
    """The metrics by kind of case that the tests of a file are marked with."""
    name = "cases_of_" + "_".join(path.relative_to(TESTS).with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    found: dict[str, set[str]] = defaultdict(set)
    for function_name, function in inspect.getmembers(module, inspect.isfunction):
        marks = getattr(function, "pytestmark", [])
        for mark in marks if function_name.startswith("test_") else []:
            if mark.name == "case":
                assert set(mark.kwargs) <= set(KINDS), f"{path.name}: {function_name}"
                for kind, metrics in mark.kwargs.items():
                    found[kind] |= set(metrics)
    return found


@pytest.fixture(scope="module")
def cases() -> dict[str, set[str]]:
    """All marked metrics by kind."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for path in sorted((TESTS / folder).glob("test_*.py")):
            for kind, metrics in marked_cases(path).items():
                found[kind] |= metrics
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_has_its_case(kind: str, cases: dict[str, set[str]]) -> None:
    assert sorted(set(CATALOGUE) - cases[kind]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_case_is_of_a_metric_that_does_not_exist(kind: str, cases: dict[str, set[str]]) -> None:
    assert sorted(cases[kind] - set(CATALOGUE)) == []

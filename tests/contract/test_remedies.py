"""Every error that tokeval raises at its users says how to mend it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tokeval

PACKAGE = Path(tokeval.__file__).parent
ERRORS = {"TokevalError", "UsageError"}


def without_a_remedy(source: str) -> Iterator[int]:
    """The lines that make an error of a message alone, or of a remedy that may be empty."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ERRORS:
            given = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "hint")]
            literals = [one for hint in given for one in ast.walk(hint)]
            empty = any(isinstance(one, ast.Constant) and one.value == "" for one in literals)
            if not given or empty:
                yield node.lineno


def test_every_error_has_a_remedy() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in without_a_remedy(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("raise TokevalError('x: no such file')", [1]),
        ("\nraise UsageError('x', code=2)", [2]),
        ("raise UsageError('x', f'did you mean {y}?' if y else '')", [1]),
        ("raise TokevalError('x', 'check the path')", []),
        ("raise TokevalError('x', hint=f'try {y}')", []),
        ("raise ValueError('x')", []),
    ],
)
def test_the_check_sees_a_missing_remedy(source: str, lines: list[int]) -> None:
    assert list(without_a_remedy(source)) == lines

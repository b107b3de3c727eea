"""The result of a gate as workflow commands of GitHub Actions, which it shows as annotations.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from tokeval.document import GateResult
from tokeval.render.gate_view import Level, noteworthy, rows
from tokeval.render.visible import inert, shorten

COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
MESSAGE_CELLS = 2000
MAX_ANNOTATIONS = 50
"""GitHub shows ten of each kind for a step and drops the rest; the log has these."""


def render_github(result: GateResult, *, rules_file: str | None = None) -> str:
    """A line for each outcome that is more than passed, the gravest first; empty without any.

    Args:
        result: of the gate.
        rules_file: path of the rules from the root of the repository; the source if `None`.
    """
    file = result.rules_source if rules_file is None else rules_file
    lines = []
    for row in noteworthy(rows(result))[:MAX_ANNOTATIONS]:
        one = row.outcome
        properties = {"title": f"tokeval gate: {one.metric}"}
        if file and one.line:
            properties = {"file": file, "line": str(one.line)} | properties
        said = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
        message = _data(shorten(one.message, MESSAGE_CELLS))
        lines.append(f"::{COMMANDS[row.level]} {said}::{message}\n")
    return "".join(lines)


def _data(text: str) -> str:
    r"""A text as the message of a command: on one line, so that it cannot be another command.

    >>> _data("50% of\n::error::x")
    '50%25 of⟨U+000A⟩::error::x'
    """
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A text as the value of a property of a command.

    >>> _property("a:b,c")
    'a%3Ab%2Cc'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")

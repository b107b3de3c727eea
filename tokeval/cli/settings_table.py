"""The table of `--show-settings`: every option, its value, and where that comes from."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Sequence, Set
from typing import Any

from tokeval.config import ConfigFile, shown

HIDDEN = "***"
_SECRET_NAMES = re.compile(r"KEY(?!_ENV$)|TOKEN(?!IZER)|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
"""Not TOKEVAL_METRICS_TOKENIZERS, nor TOKEVAL_PROBE_COUNT_API_KEY_ENV, which names a variable."""

_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_QUERY = re.compile(r"([?&][^=&\s]*(?:key|token|secret|sig|passw)[^=&\s]*=)[^&\s]+", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHORTEST_SECRET = 8


def settings_table(
    command: str,
    rows: Sequence[tuple[str, Any, str]],
    files: Sequence[ConfigFile],
    *,
    prefix: str,
    known: Set[str],
) -> str:
    """The table as text, without a newline at the end; secrets are hidden.

    Args:
        command: its names.
        rows: key, value and source of each option.
        files: those that were read.
        prefix: what the environment variables of the command begin with.
        known: those variables that are looked at.
    """
    read = ", ".join(shown(file.path) for file in files) or "none was found"
    cells = [("setting", "value", "from")]
    cells += [(key, printable(value, key), source) for key, value, source in rows]
    widths = [max(len(row[column]) for row in cells) for column in (0, 1)]
    lines = [f"{command}; configuration: {read}"]
    lines += [
        f"{key:<{widths[0]}}  {value:<{min(widths[1], 60)}}  {source}".rstrip()
        for key, value, source in cells
    ]
    for name in sorted(os.environ):
        if name.startswith(prefix) and name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            lines.append(f"{name} is set, but is no option of this command{meant}")
    return "\n".join(lines)


def printable(value: Any, key: str = "") -> str:
    """A value as TOML writes it, without secrets and without characters that do not print."""
    if value is None or value == [] or value == ():
        return "-"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(printable(one, key) for one in value) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    text = json.dumps(without_secrets(str(value), key), ensure_ascii=False)
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def without_secrets(text: str, key: str = "") -> str:
    """The text with passwords of URLs, and everything that a secret variable holds, hidden."""
    if key == "api-key-env" and not _VARIABLE.fullmatch(text):
        return HIDDEN
    for name, secret in os.environ.items():
        if _SECRET_NAMES.search(name) and len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return _QUERY.sub(rf"\1{HIDDEN}", _USER.sub(HIDDEN, text))

"""Values of settings: of the kind that an option takes, with paths from the file they stand in."""

from __future__ import annotations

import glob
import os
import re
import shlex
from pathlib import Path
from typing import Any

from tokeval.config import Setting
from tokeval.errors import UsageError

_PLACES = re.compile(r"PATH|FILE|DIR|FOLDER|DUMP|TOK|IMAGES|TABLE|MODEL|BEFORE|AFTER|RUN|DOCUMENT")
"""What the metavar of an option holds that takes paths."""

_NAME = re.compile(r"[^/:=]+=")
_KIND = re.compile(r"(json|hf|tiktoken|spm|tekken|gguf|seg):")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SCALARS = (str, int, float)


def written(setting: Setting, parameter: Any) -> Any:
    """The value as the parser takes it: a flag, one value, or the list of a repeatable option.

    A repeatable option may have a single value, and a table of texts stands for `NAME=TEXT`.

    Raises:
        UsageError: the value has another type.
    """
    value, key = setting.value, f"{setting.origin}: {setting.key}"
    if getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise UsageError(f"{key} is a switch, not {value!r}", "write true or false")
        return value
    repeatable = getattr(parameter, "multiple", False) or parameter.nargs != 1
    if repeatable and isinstance(value, dict):
        if not all(isinstance(one, str) for one in value.values()):
            raise UsageError(
                f"{key}: a name there stands for something else than text",
                f'write {setting.key} = {{ name = "path" }}',
            )
        return [f"{name}={one}" for name, one in value.items()]
    values = value if repeatable and isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, bool) or not isinstance(one, _SCALARS):
            several = " or a list of these" if repeatable else ""
            raise UsageError(
                f"{key} takes a text or a number{several}, not {value_kind(one)}",
                f'write {setting.key} = "..."',
            )
    return list(values) if repeatable else value


def words_of(text: str) -> list[str]:
    """What a variable holds for a repeatable option: cut at white space outside of double quotes.

    Backslashes and single quotes are letters: Windows has the former in paths.

    Raises:
        ValueError: a quote is not closed.

    >>> words_of('a.json "my tok.json" name="b c.json"')
    ['a.json', 'my tok.json', 'name=b c.json']
    """
    cut = shlex.shlex(text, posix=True, punctuation_chars=False)
    cut.whitespace_split, cut.commenters, cut.escape, cut.quotes = True, "", "", '"'
    return list(cut)


def is_same_kind(given: Any, converted: Any) -> bool:
    """Whether TOML says the kind of value that the option has; `"3"` is no number."""
    if isinstance(given, bool) or isinstance(converted, bool):
        return isinstance(given, bool) and isinstance(converted, bool)
    if isinstance(converted, int | float):
        return isinstance(given, int | float)
    return isinstance(given, str)


def nameable(value: object) -> bool:
    """Whether a text can be the name of an environment variable rather than a key."""
    return isinstance(value, str) and _VARIABLE.fullmatch(value) is not None


def spelled(value: Any) -> Any:
    """The value as the command line would have it: numbers as text, which every parser takes."""
    if isinstance(value, list):
        return [spelled(one) for one in value]
    return value if isinstance(value, bool | str) else repr(value)


def resolved(value: Any, parameter: Any, folder: Path) -> Any:
    """The value with a relative path as seen from the working directory.

    Args:
        value: as it is spelled.
        parameter: whose metavar says whether it takes paths, and whether named ones.
        folder: of the configuration file.
    """
    metavar = parameter.metavar or ""
    if not isinstance(value, str) or not _PLACES.search(metavar):
        return value
    if _is_path(parameter):
        return value if value == "-" else _from_here(str(Path(value).expanduser()), folder)
    name = _NAME.match(value)
    before = name[0] if name else ""
    if not name and "=" in metavar and not metavar.startswith("[NAME=]"):
        return value  # TAG[=FILE]: without a file
    if name and (folder / value).exists():
        before = ""
    kind = _KIND.match(value, len(before))
    before += kind[0] if kind else ""
    return before + _place(value[len(before) :], folder)


def _is_path(parameter: Any) -> bool:
    """Whether a command gets a Path, and not the text of an argument that may be one."""
    described = getattr(parameter, "type_descriptor", None)
    if described is not None:
        return "Path" in str(described.annotation)
    return getattr(parameter.type, "name", "") in ("path", "file", "directory")


def _place(place: str, folder: Path) -> str:
    """A place that is there as seen from the folder, as seen from here; others as they are."""
    path = place.split("?", 1)[0]
    if not path or path == "-" or "://" in place:
        return place
    there = folder / path
    pattern = glob.has_magic(path)
    matches = glob.iglob(str(folder / place), recursive=True) if pattern else ()  # noqa: PTH207 - as corpora are matched
    if not there.exists() and next(iter(matches), None) is None:
        return place
    return _from_here(place, folder)


def _from_here(place: str, folder: Path) -> str:
    """A path as seen from the folder, as seen from the working directory; absolute ones stay."""
    if Path(place).is_absolute() or folder == Path.cwd():
        return place
    joined = str(folder / place)
    try:
        return os.path.relpath(joined)
    except ValueError:  # another drive
        return joined


def value_kind(value: object) -> str:
    """A TOML type in words."""
    kinds = {dict: "a table", list: "a list", bool: "true or false"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else _named(value))


def _named(value: object) -> str:
    """The name of a type of TOML that is no number."""
    return "a text" if isinstance(value, str) else f"a {type(value).__name__}"

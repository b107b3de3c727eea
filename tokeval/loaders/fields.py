"""Which field of a record holds the text, and the text in it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from tokeval.errors import TokevalError

DEFAULT_FIELD = "text"
JSON_TYPES = {
    bool: "a boolean",
    str: "a string",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def choose_field(wanted: str | None, holds_text: Mapping[str, bool], *, where: str) -> str:
    """The field to read: the wanted one; else `text`; else the only one that holds strings.

    Args:
        wanted: what the user asked for, or `None`.
        holds_text: the fields that there are, each with whether it holds strings.
        where: the file, or file and line, for the message.

    Raises:
        TokevalError: there is no such field, or no single field that holds strings.
    """
    listing = ", ".join(holds_text) or "none"
    if wanted is not None:
        if wanted in holds_text:
            return wanted
        near = difflib.get_close_matches(wanted, holds_text, n=1)
        raise TokevalError(
            f"{where}: no field {wanted!r}; the fields are: {listing}",
            f"did you mean --field {near[0]}?" if near else "choose one of these with --field",
        )
    if DEFAULT_FIELD in holds_text:
        return DEFAULT_FIELD
    candidates = [name for name, is_text in holds_text.items() if is_text]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise TokevalError(
            f"{where}: no field holds strings; the fields are: {listing}",
            "give records that have their text as a string in one field, or leave the file out",
        )
    raise TokevalError(
        f"{where}: several fields hold strings, and none is called {DEFAULT_FIELD!r}; "
        f"the fields are: {listing}",
        "choose one with --field",
    )


def text_of(value: object, *, field: str, where: str) -> str:
    """The value of a field, when it is a string.

    Raises:
        TokevalError: it is anything else, null included: a missing text is not an empty one.
    """
    if isinstance(value, str):
        return value
    raise TokevalError(
        f"{where}: the field {field!r} is {kind_of_value(value)}, not a string",
        "drop or mend this record, or choose another field with --field",
    )


def kind_of_value(value: object) -> str:
    """What a value is, in the terms of JSON.

    >>> kind_of_value([1]), kind_of_value(None)
    ('a list', 'null')
    """
    return JSON_TYPES.get(type(value), f"of type {type(value).__name__}")

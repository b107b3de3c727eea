"""Signatures: the named parts of the line beside each number, and which of them may differ."""

from __future__ import annotations

MADE_BY = frozenset(("tok", "load", "v"))
"""Parts in which comparable numbers may differ: the tokenizer, its loader, the version."""

BASELINE = "baseline"
"""The part that names the tokenizer that a number is divided by."""


def signature_parts(signature: str) -> dict[str, str]:
    """The parts of a signature that have a name, by name.

    >>> signature_parts("fertility|words:uax29|load:tiktoken-0.9|v:0.1.0")
    {'words': 'uax29', 'load': 'tiktoken-0.9', 'v': '0.1.0'}
    """
    parts = (part.partition(":") for part in signature.split("|"))
    return {name: value for name, sign, value in parts if sign}

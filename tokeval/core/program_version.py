"""Which program made a cached number: a hash of the source files that it depends on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import tokeval
from tokeval.core.cache import key_of

COUNTING = ("core", "loaders", "pretokenization")
"""Packages that decide what the evidence of a text is."""

MEASURING = (*COUNTING, "metrics", "document")
"""Packages that decide what a result of `tokeval metrics` is."""


@cache
def program_version(packages: Sequence[str]) -> str:
    """The version of tokeval with a sha256 over the source files of some of its packages.

    A number of a version that must be raised by hand is forgotten once, and old numbers then pass
    for new ones; a changed source file never goes unnoticed.
    """
    root = Path(tokeval.__file__).parent
    files = sorted(file for package in packages for file in (root / package).rglob("*.py"))
    parts = [
        part for file in files for part in (file.relative_to(root).as_posix(), file.read_bytes())
    ]
    return f"{tokeval.__version__}+{key_of(*parts)}"


@cache
def installed_distributions() -> tuple[str, ...]:
    """Names and versions of all installed distributions, as the names of their folders tell them.

    A number can depend on any library that reads a file or encodes a text.
    """
    found: set[str] = set()
    for place in sys.path:
        with suppress(OSError):
            found |= {path.name for path in Path(place).iterdir() if path.suffix == ".dist-info"}
    return tuple(sorted(found))

"""Resources: the word lists that a run was asked to use, read and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tokeval.core.resources import Resources
from tokeval.loaders.logged_ids import read_logged_ids
from tokeval.loaders.terms import read_terms


def read_resources(*, terms: str | None = None, logged_ids: str | None = None) -> Resources:
    """Everything that was asked for, with hashes of what was read.

    Args:
        terms: path of a list of domain terms.
        logged_ids: path of logged ids.

    Raises:
        TokevalError: a file cannot be read.
    """
    hashes = {}
    listed = read_terms(terms) if terms else ()
    if terms:
        hashes["terms"] = _hash(listed)
    sequences = read_logged_ids(logged_ids) if logged_ids else ()
    if logged_ids:
        hashes["logged_ids"] = _hash(map(repr, sequences))
    return Resources(terms=listed, logged_ids=sequences, hashes=hashes)


def _hash(items: Iterable[str]) -> str:
    """sha256 of what was read, hex: the same for the same content in another file."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(item.encode() + b"\0")
    return digest.hexdigest()

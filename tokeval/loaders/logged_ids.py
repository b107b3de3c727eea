"""Logged ids: sequences of token ids that a system has produced, one JSON list on each line."""

from __future__ import annotations

import msgspec

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.text_files import line_batches

MAX_SEQUENCES = 100_000


def read_logged_ids(path: str) -> tuple[tuple[int, ...], ...]:
    """The sequences of a file in order; blank lines are left out.

    Args:
        path: local path or fsspec URL of a UTF-8 text file, compressed ones included.

    Raises:
        TokevalError: the file cannot be read, a line is not a list of ids, there is none, or
            there are more than MAX_SEQUENCES.
    """
    found: list[tuple[int, ...]] = []
    for first, lines in line_batches(File(path)):
        for number, line in enumerate(lines, start=first):
            if not line.strip():
                continue
            found.append(_sequence(line, f"{path}:{number}"))
            if len(found) > MAX_SEQUENCES:
                raise TokevalError(
                    f"{path}: more than {MAX_SEQUENCES:,} sequences", "give a sample of them"
                )
    if not found:
        raise TokevalError(f"{path}: no ids in it", "write one JSON list of ids on each line")
    return tuple(found)


def _sequence(line: str, where: str) -> tuple[int, ...]:
    """The ids of one line."""
    try:
        ids = msgspec.json.decode(line, type=tuple[int, ...])
    except msgspec.MsgspecError as error:
        raise TokevalError(f"{where}: not a list of ids: {error}", "write [1, 2, 3]") from error
    if any(not 0 <= i < 1 << 31 for i in ids):
        raise TokevalError(
            f"{where}: an id is not a number from 0 to 2,147,483,647",
            "leave out padding and markers that are no ids of the tokenizer",
        )
    return ids

"""Terms: reading a list of domain terms, one on each line."""

from __future__ import annotations

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.text_files import line_batches

MAX_TERM_CHARACTERS = 300


def read_terms(path: str) -> tuple[str, ...]:
    """The terms of a file in order, without repetitions.

    A line is a term without the white space around it, and with single spaces inside. Empty
    lines and lines that begin with `#` are left out.

    Args:
        path: local path or fsspec URL of a UTF-8 text file, compressed ones included.

    Raises:
        TokevalError: the file cannot be read, is not text, has a line that is too long to be a
            term, or has no term at all.
    """
    terms: dict[str, None] = {}
    for first, lines in line_batches(File(path)):
        for number, line in enumerate(lines, start=first):
            term = " ".join(line.split())
            if not term or term.startswith("#"):
                continue
            if len(term) > MAX_TERM_CHARACTERS:
                raise TokevalError(
                    f"{path}:{number}: {len(term)} characters are no term",
                    "write one term on each line, not running text",
                )
            terms[term] = None
    if not terms:
        raise TokevalError(f"{path}: no terms in it", "write one term on each line")
    return tuple(terms)

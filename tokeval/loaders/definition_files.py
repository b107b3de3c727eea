"""Reading the file that defines a tokenizer."""

from __future__ import annotations

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File, reading
from tokeval.loaders.opening import open_binary


def read_definition(path: str) -> bytes:
    """The content of a tokenizer file at a path or fsspec URL.

    Raises:
        TokevalError: it cannot be read, or it is empty.
    """
    with reading(path), open_binary(File(path)) as file:
        content = file.read()
    if not content:
        raise TokevalError(f"{path} is empty", "fetch the file again")
    return content

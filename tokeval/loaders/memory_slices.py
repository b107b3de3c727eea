"""Slices of texts that are in memory, for Python scripts and notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from tokeval.core.corpus import Document, Slice
from tokeval.errors import UsageError


def slice_of_texts(name: str, texts: Iterable[str], *, keep_empty: bool = False) -> Slice:
    """The slice in which each text is a document of its own, as a record of a file is.

    Args:
        name: the label in tables.
        texts: are copied; empty ones are left out as they are of files.
        keep_empty: whether they stay, as those of parallel slices do.

    Raises:
        UsageError: there is no text, or something that is none.
    """
    kept = tuple(texts)
    for number, text in enumerate(kept):
        if not isinstance(text, str):
            raise UsageError(
                f"slice {name!r}: number {number} is {type(text).__name__}, not text",
                "give a list of str, or the path of a file",
            )
    kept = kept if keep_empty else tuple(filter(None, kept))
    if not kept:
        raise UsageError(f"slice {name!r} holds no text", "give at least one text")
    return Slice(
        name=name,
        documents=partial(_documents, kept),
        unit="record",
        source="texts in memory",
        n_bytes=sum(len(text.encode("utf-8", "surrogatepass")) for text in kept),
        n_documents=len(kept),
    )


def _documents(texts: tuple[str, ...]) -> Iterator[Document]:
    """A document for each text; a function of the module, so that processes can have it."""
    return ((text,) for text in texts)

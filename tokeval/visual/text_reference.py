"""Text beside visual tokens: a tokenizer's tokens of a corpus, as a dump of sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tokeval.core.corpus import Slice
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.visual.dump import Layout
from tokeval.visual.memory_dump import MemoryDump


def text_dump(tokenizer: Tokenizer, slices: Sequence[Slice]) -> MemoryDump:
    """The tokens of all documents, each document a sample, and the vocabulary the codebook.

    Args:
        tokenizer: what encodes; its name is that of the dump.
        slices: the text; documents without a token are left out.

    Raises:
        TokevalError: no document has a token.
    """
    documents = []
    for part in slices:
        for texts in part.documents():
            ids = tokenizer.encode_batch(list(texts)).ids
            if len(ids):
                documents.append(ids)
    if not documents:
        raise TokevalError(
            f"the text for {tokenizer.name!r} has no tokens", "give another --corpus"
        )
    starts = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    source = f"{tokenizer.source} on {', '.join(part.name for part in slices)}"
    size = len(tokenizer.vocabulary)
    return MemoryDump(tokenizer.name, source, Layout.NL, size, np.concatenate(documents), starts)

"""Content keys: hashes of all that a tokenizer or a slice is, by which the cache knows them.

Whatever cannot be told by its content has no key, and nothing of it is cached: a tokenizer that the
code of a user or a plugin makes, a slice behind a URL or of a dataset.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from tokeval.core.cache import key_of
from tokeval.core.corpus import Slice
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.loaders.corpus_files import File, is_url
from tokeval.loaders.file_slices import FileDocuments
from tokeval.loaders.kinds import kind_of

_DEFINED_BY_CONTENT = frozenset(
    (
        "tokeval.loaders.tokenizer_json",
        "tokeval.loaders.json_encoding",
        "tokeval.loaders.sentencepiece_model",
        "tokeval.loaders.ranked_bpe",
    )
)
"""Modules of tokenizers that do nothing but what the definition says that they fingerprint."""


def tokenizer_key(tokenizer: Tokenizer) -> str | None:
    """A hash of what a tokenizer does, `None` where its code is not known.

    Beside the definition, its fingerprint, that is what configuration files beside it say, and the
    library that encodes.
    """
    kind = type(tokenizer)
    if kind.__module__ not in _DEFINED_BY_CONTENT:
        return None
    return key_of(
        f"{kind.__module__}.{kind.__qualname__}",
        tokenizer.fingerprint,
        tokenizer.loader,
        tokenizer.model,
        tokenizer.bos_id,
        tokenizer.eos_id,
        int(tokenizer.keeps_whitespace),
        key_of(*tokenizer.added_texts),
        _vocabulary_key(tokenizer.vocabulary),
    )


def slice_key(part: Slice) -> str | None:
    """A hash of the documents of a slice, from the bytes of its files; `None` where unknown.

    It stands for the bytes as they are now, whatever the times of the files say. The names of
    files do not count, but how they are read does.
    """
    source = part.documents
    if not isinstance(source, FileDocuments):
        return None
    digests = [_file_digest(file) for file in source.files]
    if None in digests:
        return None
    reading = source.reading
    read_as = [
        f"{kind} {kind_of(file.path).compression or ''}"
        for file, kind in zip(source.files, source.formats, strict=True)
    ]
    return key_of(
        source.unit,
        part.n_documents,
        reading.field,
        int(reading.keep_empty),
        int(reading.line_ends),
        *read_as,
        *(digest or b"" for digest in digests),
    )


def _file_digest(file: File) -> bytes | None:
    """sha256 of the bytes of a local file; `None` where there are none to be read twice."""
    if is_url(file.path):
        return None
    try:
        path = Path(file.path)
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:  # whoever reads it for its text says what is wrong with it
        return None


def _vocabulary_key(vocabulary: Vocabulary) -> str:
    """A hash of the bytes of every id and of which ids are special."""
    sizes = (-1 if token is None else len(token) for token in vocabulary.token_bytes)
    lengths = np.fromiter(sizes, dtype=np.int64, count=len(vocabulary.token_bytes))
    return key_of(
        lengths.astype("<i8").tobytes(),
        b"".join(token or b"" for token in vocabulary.token_bytes),
        str(sorted(vocabulary.special)),
        str(sorted(vocabulary.byte_tokens)),
        vocabulary.unknown_id,
    )

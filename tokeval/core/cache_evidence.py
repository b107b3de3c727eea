"""Evidence in the cache: of a chunk or a slice, as bytes and back, every value equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tokeval.core.cache_arrays import pack, unpack
from tokeval.core.evidence import Evidence
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.wordforms import SplitWords, WordForms

_SPARSE = ("token_counts", "text_lengths")
_SPARSE_ARRAYS = ("starts", "types", "counts")
_WORD_ARRAYS = ("keys", "occurrences", "kept", "single")


class _Split(msgspec.Struct, array_like=True):
    """A word that is not kept whole: its text in UTF-8, its pieces, how often it occurs."""

    word: bytes
    pieces: tuple[bytes, ...]
    occurrences: int


class _Rest(msgspec.Struct, array_like=True):
    """What evidence holds beside arrays; `note` is the caller's."""

    n_blocks: int
    columns: tuple[str, ...]
    threshold: int
    split_words: tuple[_Split, ...]
    digests: tuple[bytes, ...]
    note: str


def pack_evidence(evidence: Evidence, note: str = "") -> bytes:
    """Evidence, and a few words of the caller, as the content of an entry."""
    arrays: dict[str, NDArray[Any]] = {"tokens_per_word": evidence.tokens_per_word}
    arrays |= {f"total {column}": values for column, values in evidence.totals.items()}
    for part in _SPARSE:
        arrays |= {
            f"{part} {name}": getattr(getattr(evidence, part), name) for name in _SPARSE_ARRAYS
        }
    arrays |= {f"words {name}": getattr(evidence.word_forms, name) for name in _WORD_ARRAYS}
    # Runs of ascending numbers are small when only their steps are kept.
    arrays["words keys"] = np.diff(evidence.word_forms.keys, prepend=0)
    split_words = tuple(
        _Split(word.encode("utf-8", "surrogatepass"), pieces, n)
        for (word, pieces), n in evidence.split_words.counts.items()
    )
    rest = _Rest(
        evidence.n_blocks,
        tuple(evidence.totals),
        evidence.word_forms.threshold,
        split_words,
        evidence.digests,
        note,
    )
    return pack(arrays, rest)


def unpack_evidence(content: bytes) -> tuple[Evidence, str]:
    """The evidence and the words that `pack_evidence` was given."""
    arrays, rest = unpack(content, _Rest)
    counts = {
        (split.word.decode("utf-8", "surrogatepass"), split.pieces): split.occurrences
        for split in rest.split_words
    }
    arrays["words keys"] = np.cumsum(arrays["words keys"], dtype=np.int64)
    words = {name: arrays[f"words {name}"] for name in _WORD_ARRAYS}
    evidence = Evidence(
        n_blocks=rest.n_blocks,
        totals={column: arrays[f"total {column}"] for column in rest.columns},
        token_counts=_sparse(arrays, "token_counts"),
        text_lengths=_sparse(arrays, "text_lengths"),
        tokens_per_word=arrays["tokens_per_word"],
        word_forms=WordForms(**words, threshold=rest.threshold),
        split_words=SplitWords(counts),
        digests=rest.digests,
    )
    return evidence, rest.note


def _sparse(arrays: Mapping[str, NDArray[Any]], part: str) -> SparseCounts:
    """Counts by block."""
    return SparseCounts(*(arrays[f"{part} {name}"] for name in _SPARSE_ARRAYS))

"""Chunks: one token for each byte, or for each two bytes; a tokenizer that has learned nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Merges, Pretokenization, Vocabulary
from tokeval.errors import UsageError
from tokeval.loaders.baselines import spans_of_bytes, utf8

SIZES = ("1", "2")


def load(rest: str) -> ChunkTokenizer:
    """The tokenizer of `chunks:REST`.

    Raises:
        UsageError: the rest is not 1 or 2.
    """
    if rest not in SIZES:
        raise UsageError(f"chunks:{rest} is no size of chunks", f"write chunks:{SIZES[-1]}")
    return ChunkTokenizer(int(rest))


class ChunkTokenizer:
    """One token for each `size` bytes of UTF-8; an odd last byte is a token by itself.

    The id of a byte is the byte; that of bytes a and b is 256 + 256 · a + b.
    """

    merges: Merges | None = None
    pretokenization: Pretokenization | None = None
    added_texts: tuple[str, ...] = ()
    keeps_whitespace = True
    bos_id: int | None = None
    eos_id: int | None = None
    model = "Chunks"
    loader = "tokeval-example-0.1.0"

    def __init__(self, size: int) -> None:
        self.size = size
        self.name = f"chunks-{size}"
        self.source = f"chunks:{size}"
        self.fingerprint = hashlib.sha256(self.source.encode()).hexdigest()
        self.notes = (f"one token for each {size} bytes, whatever they are",)
        singles = tuple(bytes([a]) for a in range(256))
        pairs = tuple(bytes([a, b]) for a in range(256) for b in range(256)) if size == 2 else ()
        self.vocabulary = Vocabulary((*singles, *pairs), byte_tokens=frozenset(range(0x80, 0x100)))

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text."""
        ids = [self._ids(text) for text in utf8(texts)]
        offsets = np.cumsum([0, *map(len, ids)], dtype=np.int64)
        return Encoded(np.concatenate([np.empty(0, dtype=np.int32), *ids]), offsets)

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text and the characters that each token touches."""
        encoded = self.encode_batch(texts)
        n_bytes = self.vocabulary.n_bytes[encoded.ids]
        spans = spans_of_bytes(utf8(texts), n_bytes, encoded.offsets)
        return EncodedSpans(encoded.ids, encoded.offsets, spans)

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell."""
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        """The text itself."""
        return text

    def _ids(self, text: bytes) -> NDArray[np.int32]:
        """The ids of one text."""
        values = np.frombuffer(text, dtype=np.uint8).astype(np.int32)
        if self.size == 1:
            return values
        whole = values[: len(values) // 2 * 2].reshape(-1, 2)
        return np.concatenate([256 + 256 * whole[:, 0] + whole[:, 1], values[len(whole) * 2 :]])

"""Evidence that is kept on disk: of each chunk, and of each whole slice, by content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokeval.core.cache import Cache, key_of
from tokeval.core.cache_evidence import pack_evidence, unpack_evidence
from tokeval.core.corpus import Chunk, Slice
from tokeval.core.evidence import Evidence
from tokeval.core.program_version import COUNTING, program_version
from tokeval.core.provenance import library_versions
from tokeval.core.segmentation import UNICODE_VERSION, WORD_RULE
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.content_keys import slice_key, tokenizer_key
from tokeval.metrics.encoding_paths import EncodingPath

ENCODING_LIBRARIES = ("numba", "numpy", "regex", "sentencepiece", "tiktoken", "tokenizers")
"""What encodes pieces of text, and says which characters are letters; Python knows of those too."""


@dataclass(frozen=True)
class KeptSlice:
    """The evidence of a whole slice, and the sha256 of its chunks (hex)."""

    evidence: Evidence
    corpus: str


@dataclass(frozen=True)
class KeptEvidence:
    """What the cache holds for some tokenizers; picklable, for worker processes read it too.

    Attributes:
        cache: `None` where nothing is kept.
        counted_by: by tokenizer, a hash of everything but the text that its evidence depends on;
            `None` where the tokenizer cannot be told by its content.
    """

    cache: Cache | None = None
    counted_by: tuple[str | None, ...] = ()

    @classmethod
    def of(
        cls,
        cache: Cache | None,
        tokenizers: Sequence[Tokenizer],
        paths: Sequence[EncodingPath],
        special: Sequence[str],
    ) -> KeptEvidence:
        """The cache as these tokenizers use it, on these paths, with these special tokens."""
        if cache is None:
            return cls()
        rules = (
            program_version(COUNTING),
            WORD_RULE,
            UNICODE_VERSION,
            key_of(*map(str, library_versions(ENCODING_LIBRARIES).items())),
            key_of(*special),
        )
        keys = [tokenizer_key(tokenizer) for tokenizer in tokenizers]
        return cls(
            cache,
            tuple(
                None if key is None else key_of(*rules, key, path.cut.value, path.name)
                for key, path in zip(keys, paths, strict=True)
            ),
        )

    def of_chunk(self, t: int, chunk: Chunk) -> Evidence | None:
        """The evidence of a tokenizer on a chunk; `None` where it is not kept, or damaged."""
        found = self._get(self._chunk_key(t, chunk))
        return None if found is None else found.evidence

    def keep_chunk(self, t: int, chunk: Chunk, evidence: Evidence) -> None:
        """Keeps the evidence of a tokenizer on a chunk, where that is possible."""
        self._put(self._chunk_key(t, chunk), evidence, "")

    def of_slice(self, t: int, text: str | None) -> KeptSlice | None:
        """The evidence of a tokenizer on the slice with that key; `None` where it is not kept."""
        return self._get(self._slice_key(t, text))

    def keep_slice(self, t: int, text: str | None, kept: KeptSlice) -> None:
        """Keeps the evidence of a tokenizer on a whole slice, where that is possible."""
        self._put(self._slice_key(t, text), kept.evidence, kept.corpus)

    def _chunk_key(self, t: int, chunk: Chunk) -> str | None:
        """The key of a chunk: its text, and how it is dealt into blocks."""
        if self.cache is None or (counted_by := self.counted_by[t]) is None:
            return None
        return key_of("chunk", counted_by, chunk.sha256, chunk.n_blocks, str(chunk.blocks))

    def _slice_key(self, t: int, text: str | None) -> str | None:
        """The key of a slice: the bytes of its files, and how they are read."""
        if self.cache is None or text is None or (counted_by := self.counted_by[t]) is None:
            return None
        return key_of("slice", counted_by, text)

    def _get(self, key: str | None) -> KeptSlice | None:
        """What is kept under a key."""
        content = None if self.cache is None or key is None else self.cache.get(key)
        return None if content is None else KeptSlice(*unpack_evidence(content))

    def _put(self, key: str | None, evidence: Evidence, corpus: str) -> None:
        """Keeps evidence under a key."""
        if self.cache is not None and key is not None:
            self.cache.put(key, pack_evidence(evidence, corpus))


def slice_keys(slices: Sequence[Slice], cache: Cache | None) -> dict[str, str | None]:
    """The key of each slice by name, `None` where it has none or nothing is cached."""
    return {part.name: None if cache is None else slice_key(part) for part in slices}

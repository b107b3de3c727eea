"""What a tokenizer is to tokeval: exact bytes for every id, flat id arrays, and no guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vocabulary:
    """The bytes of every token id, and which ids are special.

    Bytes are exact: joining the bytes of a text's tokens gives the normalised text in UTF-8
    (WordPiece: without its whitespace). Byte-level alphabets, `▁`, `##` and `<0xNN>` are decoded.

    Attributes:
        token_bytes: bytes by id, `None` where no token has that id. A special token holds its
            content (`b"<s>"`); the unknown token holds `b""`, for it spells nothing.
        special: ids that are control tokens (BOS, EOS, padding, unknown, other special markers).
        byte_tokens: ids that stand for one byte when a character has no token of its own: the
            declared ones (`<0xNN>`) or, in a byte-level vocabulary, the single bytes ≥ 0x80.
        unknown_id: the id of the unknown token, `None` when the tokenizer has none.
    """

    token_bytes: tuple[bytes | None, ...]
    special: frozenset[int] = frozenset()
    byte_tokens: frozenset[int] = frozenset()
    unknown_id: int | None = None

    def __len__(self) -> int:
        """How many ids have a token; gaps are not counted."""
        return self._n_tokens

    @cached_property
    def _n_tokens(self) -> int:
        return sum(1 for token in self.token_bytes if token is not None)

    @cached_property
    def n_bytes(self) -> NDArray[np.int32]:
        """Bytes of each token, shape (highest id + 1,), int32; 0 where there is no token."""
        return np.array([len(token or b"") for token in self.token_bytes], dtype=np.int32)

    @cached_property
    def pool(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The bytes of all tokens, one after the other, and where each begins and the last ends."""
        starts = np.concatenate(([0], np.cumsum(self.n_bytes, dtype=np.int64)))
        content = b"".join(token or b"" for token in self.token_bytes)
        return np.frombuffer(content, np.uint8), starts

    def check(self, ids: NDArray[np.int32]) -> None:
        """Raises where an id has no token.

        Raises:
            KeyError: the message names it.
        """
        known = self._is_known
        if len(ids) and (ids.min() < 0 or ids.max() >= len(known) or not known[ids].all()):
            self.join(ids)

    @cached_property
    def _is_known(self) -> NDArray[np.bool_]:
        return np.array([token is not None for token in self.token_bytes], dtype=np.bool_)

    def join(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell.

        Raises:
            KeyError: an id has no token; the message names it.
        """
        numbers = np.asarray(ids).tolist()
        table = self.token_bytes
        if numbers and min(numbers) < 0:
            raise KeyError(f"no token has id {min(numbers)}")
        try:
            return b"".join([table[i] for i in numbers])
        except (IndexError, TypeError):
            missing = next(i for i in numbers if i >= len(table) or table[i] is None)
            raise KeyError(f"no token has id {missing}") from None


@dataclass(frozen=True)
class Encoded:
    """Token ids of many texts, flat.

    Attributes:
        ids: shape (n_tokens,), int32.
        offsets: shape (n_texts + 1,), int64; text t has ids[offsets[t]:offsets[t + 1]].
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @staticmethod
    def from_lists(lists: Sequence[Sequence[int]]) -> Encoded:
        """The flat form of one list of ids for each text.

        >>> Encoded.from_lists([[5, 6], [], [7]]).offsets.tolist()
        [0, 2, 2, 3]
        """
        lengths = np.fromiter((len(ids) for ids in lists), dtype=np.int64, count=len(lists))
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        flat = [i for ids in lists for i in ids]
        return Encoded(np.array(flat, dtype=np.int32), offsets)


@dataclass(frozen=True)
class EncodedSpans(Encoded):
    """Token ids with the characters that each token stands for.

    Attributes:
        spans: shape (n_tokens, 2), int64; token j stands for text[start:end] of its own original
            text, in characters (code points). Tokens that share a character both cover it.
    """

    spans: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))


@dataclass(frozen=True)
class Pretokenization:
    """How a tokenizer cuts text before its model sees it, as its own definition states it.

    Attributes:
        patterns: the regular expressions, applied in order (Oniguruma or `regex` syntax), each
            cutting out its matches as separate pieces.
        byte_level: pieces are mapped to bytes before the model.
        prefix_space: a space (or `▁`) is put before a text that does not begin with one.
        digits: `individual` where every digit is its own piece, else `None`.
        description: the definition in the tokenizer's own words, for provenance.
    """

    patterns: tuple[str, ...]
    byte_level: bool
    prefix_space: bool
    digits: str | None
    description: str


class BatchEncoder(Protocol):
    """What gives the ids of texts: a tokenizer, or what gives the same ids sooner."""

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text, without special tokens around it."""
        ...


Merges = tuple[tuple[bytes, bytes], ...]


@runtime_checkable
class Tokenizer(Protocol):
    """A tokenizer as every analysis sees it. A capability that it lacks is `None`, never guessed.

    Attributes:
        name: the label in tables; set by the user or derived from the source.
        source: the argument it was loaded from.
        fingerprint: sha256 (hex) of the canonical definition.
        loader: library and version that encodes, such as `tokenizers-0.23.3`.
        model: `BPE`, `Unigram`, `WordPiece`, `WordLevel` or what the factory says.
        vocabulary: bytes of every id.
        merges: ordered pairs of bytes, or `None` when the model has none.
        pretokenization: `None` when it has none or cannot be read from the definition.
        added_texts: texts of added tokens that are cut out of the input before the model sees
            it; what stands beside such a text may be encoded differently.
        keeps_whitespace: whether token bytes hold the white space of the text (WordPiece: not).
        bos_id, eos_id: ids that its own template puts around a text, `None` where it has none.
        notes: what a reader of the numbers should know about how it was loaded.
    """

    name: str
    source: str
    fingerprint: str
    loader: str
    model: str
    vocabulary: Vocabulary
    merges: Merges | None
    pretokenization: Pretokenization | None
    added_texts: tuple[str, ...]
    keeps_whitespace: bool
    bos_id: int | None
    eos_id: int | None
    notes: tuple[str, ...]

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text, without special tokens around it."""
        ...

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text and the characters of the original text that each stands for."""
        ...

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell: joined vocabulary bytes."""
        ...

    def normalize(self, text: str) -> str:
        """The text that the joined bytes of its tokens spell, when the tokenizer loses nothing.

        That is the text after the declared normaliser, with a space for `▁`, and with the space
        that the tokenizer itself puts before a text where it does so.
        """
        ...

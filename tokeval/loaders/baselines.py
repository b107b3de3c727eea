"""Tokenizers that need no file (bytes, characters), and spans that lossless tokenizers share.

A baseline of words is left out on purpose: its vocabulary is open, so ids, an unknown token and
every figure that counts the vocabulary would depend on a corpus that it was made from. Bytes and
characters are closed sets, the same for everyone.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, cast, overload

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Merges, Pretokenization, Vocabulary
from tokeval.errors import TokevalError

N_CODE_POINTS = sys.maxunicode + 1
SURROGATES = range(0xD800, 0xE000)


def utf8(texts: Sequence[str]) -> list[bytes]:
    """The texts in UTF-8.

    Raises:
        TokevalError: a text holds a lone surrogate. That is half a character: some libraries
            refuse it, others replace it silently, and then their numbers are about another text.
    """
    encoded = []
    for number, text in enumerate(texts, start=1):
        try:
            encoded.append(text.encode())
        except UnicodeEncodeError as error:
            raise TokevalError(
                f"text {number} of {len(texts)} has the lone surrogate "
                f"U+{ord(text[error.start]):04X} at character {error.start}: not valid Unicode",
                "replace it, as in `text.encode('utf-16', 'surrogatepass')"
                ".decode('utf-16', 'replace')`",
            ) from error
    return encoded


def spans_of_bytes(
    texts: Sequence[bytes], n_bytes: NDArray[np.int32], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The characters that each token touches, when the tokens spell the texts byte for byte.

    Args:
        texts: UTF-8; text t is spelled by the tokens offsets[t]:offsets[t + 1].
        n_bytes: bytes of each token, shape (n_tokens,).
        offsets: first token of each text, shape (n_texts + 1,).

    Returns:
        [start, end) in characters of the token's own text, shape (n_tokens, 2). A token that ends
        inside a character covers it whole; a token without bytes is empty.
    """
    stream = np.frombuffer(b"".join(texts), dtype=np.uint8)
    starts_character = np.append((stream & 0xC0) != 0x80, True)
    character = np.cumsum(starts_character) - 1  # the last entry is one past the end
    ends = np.cumsum(n_bytes, dtype=np.int64)
    starts = ends - n_bytes
    text_lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    first_character = character[np.cumsum(text_lengths) - text_lengths]
    own = np.repeat(first_character, np.diff(offsets))
    first = character[starts]
    last = np.where(n_bytes > 0, character[np.maximum(ends - 1, 0)] + 1, first)
    return np.stack((first - own, last - own), axis=1)


def nfc_alignment(text: str) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
    r"""The text in NFC, and the characters [start, end) of the original behind each of its own.

    The text is cut where no character can combine with the one before it; a stretch that NFC
    leaves alone is aligned one to one, and in any other each character stands for the whole.

    >>> [part if isinstance(part, str) else part.tolist() for part in nfc_alignment("ae\u0301x")]
    ['aéx', [0, 1, 3], [1, 3, 4]]
    """
    cuts = [i for i, char in enumerate(text) if i == 0 or not _joins_the_character_before(char)]
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in pairwise([*cuts, len(text)]):
        piece = unicodedata.normalize("NFC", text[start:end])
        pieces.append(piece)
        if piece == text[start:end]:
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
    return "".join(pieces), np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)


@cache
def _joins_the_character_before(character: str) -> bool:
    """Whether normalisation may reorder or compose this character with the one before it."""
    first = unicodedata.normalize("NFD", character)[0]
    return unicodedata.combining(first) != 0 or first in _second_in_a_composition()


@cache
def _second_in_a_composition() -> frozenset[str]:
    """Characters that stand second in a canonical decomposition (some have combining class 0)."""
    seconds = set()
    for code in range(N_CODE_POINTS):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            seconds.add(chr(int(parts[1], 16)))
    hangul_vowels_and_finals = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))
    return frozenset(seconds | set(map(chr, hangul_vowels_and_finals)))


class CodePoints(Sequence[bytes | None]):
    """The UTF-8 of every code point by number, made when asked for; `None` for surrogates."""

    def __len__(self) -> int:
        return N_CODE_POINTS

    @overload
    def __getitem__(self, index: int) -> bytes | None: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[bytes | None, ...]: ...
    def __getitem__(self, index: int | slice) -> bytes | tuple[bytes | None, ...] | None:
        code = range(N_CODE_POINTS)[index]
        if isinstance(code, range):
            return tuple(self[i] for i in code)
        return None if code in SURROGATES else chr(code).encode()

    def __iter__(self) -> Iterator[bytes | None]:
        return (None if code in SURROGATES else chr(code).encode() for code in range(len(self)))


class _Baseline:
    """What both baselines share: no merges, no normaliser, no special tokens."""

    merges: Merges | None = None
    pretokenization: Pretokenization | None = None
    added_texts: tuple[str, ...] = ()
    bos_id: int | None = None
    eos_id: int | None = None
    keeps_whitespace: bool = True
    unit: Literal["byte", "character"]

    def __init__(self, name: str | None = None) -> None:
        self.name = name if name is not None else f"{self.unit}s"
        self.source = f"baseline:{self.unit}"
        self.fingerprint = hashlib.sha256(self.source.encode()).hexdigest()
        self.loader = "tokeval"
        self.model = self.unit.capitalize()
        self.notes: tuple[str, ...] = (f"degenerate baseline: one token for each {self.unit}",)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.name,))

    def _ids(self, encoded: bytes) -> NDArray[np.int32]:
        """The ids of one text, given in UTF-8."""
        raise NotImplementedError

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text."""
        ids = [self._ids(text) for text in utf8(texts)]
        offsets = np.cumsum([0, *map(len, ids)], dtype=np.int64)
        return Encoded(np.concatenate([np.empty(0, dtype=np.int32), *ids]), offsets)

    def normalize(self, text: str) -> str:
        """The text itself."""
        return text


class ByteTokenizer(_Baseline):
    """One token for each byte of UTF-8; the id is the byte.

    >>> ByteTokenizer().encode_batch(["é"]).ids.tolist()
    [195, 169]
    """

    unit = "byte"

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.vocabulary = Vocabulary(
            tuple(bytes([i]) for i in range(256)), byte_tokens=frozenset(range(0x80, 0x100))
        )

    def _ids(self, encoded: bytes) -> NDArray[np.int32]:
        return np.frombuffer(encoded, dtype=np.uint8).astype(np.int32)

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text; the bytes of a character all cover it."""
        encoded = self.encode_batch(texts)
        spans = spans_of_bytes(utf8(texts), np.ones_like(encoded.ids), encoded.offsets)
        return EncodedSpans(encoded.ids, encoded.offsets, spans)

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes; `KeyError` for an id outside [0, 256)."""
        return self.vocabulary.join(_checked(ids, 256))


class CharacterTokenizer(_Baseline):
    """One token for each character; the id is the Unicode code point.

    >>> CharacterTokenizer().encode_batch(["aé"]).ids.tolist()
    [97, 233]
    """

    unit = "character"

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        # CodePoints stands in for a tuple of 1.1 million objects: it has all that the readers of
        # a vocabulary use (length, item, slice, order), and holds nothing.
        self.vocabulary = Vocabulary(cast(tuple[bytes | None, ...], CodePoints()))

    def _ids(self, encoded: bytes) -> NDArray[np.int32]:
        return np.frombuffer(encoded.decode().encode("utf-32-le"), dtype="<u4").astype(np.int32)

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text, each token on its own character."""
        encoded = self.encode_batch(texts)
        first = np.repeat(encoded.offsets[:-1], np.diff(encoded.offsets))
        place = np.arange(len(encoded.ids), dtype=np.int64) - first
        return EncodedSpans(encoded.ids, encoded.offsets, np.stack((place, place + 1), axis=1))

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The characters in UTF-8; `KeyError` for what is no character."""
        return self.vocabulary.join(_checked(ids, N_CODE_POINTS))


def _checked(ids: Sequence[int] | NDArray[np.int32], n_ids: int) -> list[int]:
    """The ids as integers; `KeyError` names the first that is outside [0, n_ids)."""
    numbers = [int(i) for i in ids]
    for number in numbers:
        if not 0 <= number < n_ids:
            raise KeyError(f"no token has id {number}")
    return numbers

"""What a GGUF file states about itself: a small reader of its metadata, never of its tensors."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File, reading
from tokeval.loaders.opening import open_binary

KEYS = "tokenizer.ggml."
"""What the keys about the tokenizer begin with."""

Metadata = Mapping[str, Any]

MAGIC = b"GGUF"
VERSIONS = (2, 3)
# The types of a value in the format's specification, as struct's letters.
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}  # fmt: skip  # noqa: E501
_STRING, _ARRAY = 8, 9
_BUFFER_BYTES = 1 << 20
_MAX_COUNT = 1 << 28
"""More keys, items or bytes than this are a damaged count, not a tokenizer."""

_MAX_DEPTH = 8
"""Arrays in arrays deeper than this are damage."""

_TEXT, _NUMBER, _LIST = (str,), (int, float), (list, bytes)
_FORMS: Mapping[str, tuple[tuple[type, ...], tuple[type, ...]]] = {
    "model": (_TEXT, ()),
    "pre": (_TEXT, ()),
    "tokens": (_LIST, _TEXT),
    "merges": (_LIST, _TEXT),
    "scores": (_LIST, _NUMBER),
    "token_type": (_LIST, _NUMBER),
}
"""What the values of keys about the tokenizer are, and the items of those that are arrays."""


def read_metadata(path: str) -> dict[str, Any]:
    """The metadata of a GGUF file at a path or fsspec URL: numbers, booleans, strings, lists.

    Arrays of bytes are `bytes`. Only the head of the file is read, however large it is.

    Raises:
        TokevalError: it cannot be read, is no GGUF of a known version, or ends too early.
    """
    with reading(path), open_binary(File(path)) as stream:
        reader = _Reader(stream, path)
        if reader.take(4) != MAGIC:
            raise TokevalError(f"{path} is no GGUF file", "give a .gguf file of a model")
        version = reader.number("I")
        if version & 0xFFFF == 0:  # a file for big-endian machines
            reader.order = ">"
            version = int.from_bytes(version.to_bytes(4, "little"), "big")
        if version not in VERSIONS:
            raise TokevalError(
                f"{path} has GGUF version {version}; tokeval reads 2 and 3", "convert it again"
            )
        reader.number("Q")  # how many tensors
        found = {reader.string(): reader.value(reader.number("I")) for _ in range(reader.count())}
    _check_forms(found, path)
    return found


def _check_forms(metadata: Metadata, path: str) -> None:
    """Raises TokevalError where a value about the tokenizer is not of the type of its key."""
    for key, (form, items) in _FORMS.items():
        value: Any = metadata.get(KEYS + key)
        if value is None:
            continue
        is_meant = isinstance(value, form)
        if not is_meant or (items and not all(isinstance(item, items) for item in value)):
            raise TokevalError(
                f"{path}: its {KEYS}{key} is not of the type that GGUF gives it",
                "convert the model again",
            )


def token_of(metadata: Metadata, key: str) -> str | None:
    """The string of the token whose id a key states, `None` where it states none."""
    strings, i = metadata[f"{KEYS}tokens"], metadata.get(f"{KEYS}{key}_token_id")
    return strings[i] if isinstance(i, int) and 0 <= i < len(strings) else None


class _Reader:
    """Reads values one after the other."""

    def __init__(self, stream: BinaryIO, path: str) -> None:
        self._stream = stream
        self._path = path
        self._buffer = b""
        self._at = 0
        self.order = "<"

    def take(self, n_bytes: int) -> bytes:
        """The next bytes; TokevalError where the file ends before."""
        if self._at + n_bytes > len(self._buffer):
            missing = self._at + n_bytes - len(self._buffer)
            more = self._stream.read(max(missing, _BUFFER_BYTES))
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
            if len(self._buffer) < n_bytes:
                raise TokevalError(f"{self._path} ends in its metadata", "fetch the file again")
        taken = self._buffer[self._at : self._at + n_bytes]
        self._at += n_bytes
        return taken

    def number(self, letter: str) -> Any:
        """The next number of a type of struct."""
        (found,) = struct.unpack(
            self.order + letter, self.take(struct.calcsize(self.order + letter))
        )
        return found

    def count(self) -> int:
        """The next number of keys, items or bytes."""
        found = int(self.number("Q"))
        if found > _MAX_COUNT:
            raise TokevalError(
                f"{self._path}: its metadata state {found} items", "fetch the file again"
            )
        return found

    def string(self) -> str:
        """The next string. Bytes that are not UTF-8 become surrogates, as in file names."""
        return self.take(self.count()).decode("utf-8", "surrogateescape")

    def value(self, kind: int, depth: int = 0) -> Any:
        """The next value of a type of the format, so many arrays deep."""
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            if depth == _MAX_DEPTH:
                raise TokevalError(
                    f"{self._path}: arrays more than {depth} deep", "fetch the file again"
                )
            return self._array(self.number("I"), self.count(), depth + 1)
        if kind not in _NUMBERS:
            raise TokevalError(
                f"{self._path}: a value of the unknown type {kind}",
                "fetch the file again",
            )
        return self.number(_NUMBERS[kind])

    def _array(self, kind: int, n_items: int, depth: int) -> Any:
        """The items of an array; numbers at once, since there may be a quarter million."""
        letter = _NUMBERS.get(kind)
        if letter is None:
            return [self.value(kind, depth) for _ in range(n_items)]
        content = self.take(n_items * struct.calcsize(self.order + letter))
        if letter in "bB":
            return content
        return list(struct.unpack(f"{self.order}{n_items}{letter}", content))

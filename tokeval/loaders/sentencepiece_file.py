"""What a SentencePiece `.model` file states: a small reader of its protobuf."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

MARK = "▁"
# sentencepiece_model.proto: the types of a piece, and of a model.
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
MODEL_TYPES = {1: "Unigram", 2: "BPE", 3: "Word", 4: "Character"}


@dataclass(frozen=True)
class Piece:
    """An entry of the vocabulary."""

    text: str = ""
    score: float = 0.0
    type: int = NORMAL

    def token(self) -> bytes:
        """The bytes that the piece spells; a control piece holds its own text."""
        if self.type == UNKNOWN:
            return b""
        if self.type == BYTE:
            return bytes([int(self.text[3:5], 16)])
        text = self.text if self.type == CONTROL else self.text.replace(MARK, " ")
        return text.encode()


@dataclass(frozen=True)
class ModelDefinition:
    """What a `.model` file states, as far as tokeval reads it; defaults are the format's."""

    pieces: tuple[Piece, ...] = ()
    model_type: int = 1
    max_piece_characters: int = 16
    split_by_script: bool = True
    split_by_whitespace: bool = True
    split_by_number: bool = True
    split_digits: bool = False
    whitespace_as_suffix: bool = False
    whitespace_only_pieces: bool = False
    byte_fallback: bool = False
    normalizer: str = ""
    dummy_prefix: bool = True
    remove_extra_whitespaces: bool = True


_TRAINER_FIELDS = {
    3: "model_type",
    20: "max_piece_characters",
    21: "split_by_script",
    22: "split_by_whitespace",
    23: "split_by_number",
    24: "whitespace_as_suffix",
    25: "split_digits",
    26: "whitespace_only_pieces",
    35: "byte_fallback",
}
_NORMALIZER_FIELDS = {1: "normalizer", 3: "dummy_prefix", 4: "remove_extra_whitespaces"}


def parse_model(content: bytes) -> ModelDefinition:
    """The definition in a `.model` file.

    The few fields that matter are read here, for the library tells neither user-defined pieces
    nor the trainer's settings, and its own reader needs the protobuf package.

    Raises:
        ValueError: it is not such a protobuf.
    """
    pieces: list[Piece] = []
    stated: dict[str, Any] = {}
    for number, value in _fields(content):
        if number == 1:
            pieces.append(_piece(_message(value)))
        elif number in (2, 3):
            names = _TRAINER_FIELDS if number == 2 else _NORMALIZER_FIELDS
            stated |= {names[key]: item for key, item in _fields(_message(value)) if key in names}
    if "normalizer" in stated:
        stated["normalizer"] = _message(stated["normalizer"]).decode()
    flags = {key: bool(value) for key, value in stated.items() if isinstance(value, int)}
    for number_field in ("model_type", "max_piece_characters"):
        flags.pop(number_field, None)
    return replace(ModelDefinition(tuple(pieces)), **(stated | flags))


def _piece(content: bytes) -> Piece:
    """A piece from its message."""
    stated = dict(_fields(content))
    score = stated.get(2, b"\0\0\0\0")
    return Piece(
        text=_message(stated.get(1, b"")).decode(),
        score=struct.unpack("<f", _message(score))[0],
        type=int(stated.get(3, NORMAL)),
    )


def _message(value: int | bytes) -> bytes:
    """A value that must be bytes."""
    if isinstance(value, int):
        raise ValueError("a number stands where bytes belong")
    return value


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protobuf message; fixed32 and fixed64 as bytes."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(content, at)
            yield tag >> 3, value
            continue
        if wire == 2:
            size, at = _varint(content, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire} at byte {at}")
        if at + size > len(content):
            raise ValueError(f"a field of {size} bytes at byte {at} runs past the end")
        yield tag >> 3, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A variable-length number, and where the next thing begins."""
    value = shift = 0
    while at < len(content) and shift < 64:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError(f"a number at byte {at} does not end")

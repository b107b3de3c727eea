"""The SentencePiece model in a GGUF file, written as the `.model` file that its library reads."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tokeval.errors import TokevalError
from tokeval.loaders.gguf_file import KEYS, Metadata, token_of
from tokeval.loaders.sentencepiece_file import BYTE, MARK, UNKNOWN, USER_DEFINED

_UNIGRAM, _BPE = 1, 2  # sentencepiece_model.proto: the types of a model


def model_file(
    metadata: Metadata, strings: Sequence[str], kinds: Sequence[int], *, source: str
) -> bytes:
    """The `.model` file of a SentencePiece BPE by score (`llama`) or Unigram (`t5`).

    Args:
        metadata: of the GGUF file.
        strings: of all tokens.
        kinds: their types, which are those of SentencePiece.
        source: the file, for messages.

    Raises:
        TokevalError: there are not as many scores as tokens.
    """
    scores = metadata.get(f"{KEYS}scores") or []
    if len(scores) != len(strings):
        raise TokevalError(
            f"{source} states {len(strings)} tokens and {len(scores)} scores", "convert it again"
        )
    if UNKNOWN not in kinds:
        unknown = metadata.get(f"{KEYS}unknown_token_id", 0)
        kinds = [UNKNOWN if i == unknown else kind for i, kind in enumerate(kinds)]
    is_bpe = metadata[f"{KEYS}model"] == "llama"
    # llama.cpp spells the spaces of user-defined tokens out; the model has `▁` for them.
    pieces = [
        _field(1, string.replace(" ", MARK) if kind == USER_DEFINED else string)
        + _field(2, float(score))
        + _field(3, kind)
        for string, score, kind in zip(strings, scores, kinds, strict=True)
    ]
    trainer = [_field(3, _BPE if is_bpe else _UNIGRAM), _field(35, int(BYTE in kinds))]
    surrounding = {45: strings[kinds.index(UNKNOWN)]}
    for number, key in ((46, "bos"), (47, "eos"), (48, "padding")):
        surrounding[number] = token_of(metadata, key) or f"<no {key}>"
    trainer += [_field(number, string) for number, string in surrounding.items()]
    normalizer = (
        _field(1, "identity" if not metadata.get(f"{KEYS}precompiled_charsmap") else "gguf")
        + _field(2, bytes(metadata.get(f"{KEYS}precompiled_charsmap") or b""))
        + _field(3, int(metadata.get(f"{KEYS}add_space_prefix", is_bpe)))
        + _field(4, int(metadata.get(f"{KEYS}remove_extra_whitespaces", False)))
    )
    parts = [_field(1, piece) for piece in pieces]
    return b"".join([*parts, _field(2, b"".join(trainer)), _field(3, normalizer)])


def _field(number: int, value: int | float | str | bytes) -> bytes:
    r"""A field of a protobuf message.

    >>> _field(1, "ab"), _field(3, 2), _field(2, -1.0)
    (b'\n\x02ab', b'\x18\x02', b'\x15\x00\x00\x80\xbf')
    """
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])

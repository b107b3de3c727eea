"""Tokenizers of transformers that are written in Python and have exact bytes all the same.

Two kinds have: those that work on bytes (ByT5, Perceiver), and those that cut words by WordPiece.
Others state nowhere how their pieces are spelled, and are refused rather than guessed at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import (
    Encoded,
    EncodedSpans,
    Merges,
    Pretokenization,
    Tokenizer,
    Vocabulary,
)
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import spans_of_bytes, utf8
from tokeval.loaders.token_bytes import TokenSpelling


@dataclass(eq=False)
class SlowTokenizer:
    """A tokenizer in Python; pickles with the object of transformers.

    Attributes:
        keeps_whitespace: joined token bytes are the text itself; else they are words without the
            whitespace between them.
        tokenizer: the object of transformers.
    """

    name: str
    source: str
    fingerprint: str
    loader: str
    model: str
    vocabulary: Vocabulary = field(repr=False)
    added_texts: tuple[str, ...] = field(repr=False)
    bos_id: int | None
    eos_id: int | None
    notes: tuple[str, ...]
    keeps_whitespace: bool
    tokenizer: Any = field(repr=False)
    merges: Merges | None = None
    pretokenization: Pretokenization | None = None

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text, without special tokens around it."""
        utf8(texts)
        convert, tokenize = self.tokenizer.convert_tokens_to_ids, self.tokenizer.tokenize
        return Encoded.from_lists([convert(tokenize(text)) for text in texts])

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text and the characters that each stands for, from the bytes.

        Raises:
            TokevalError: the tokens do not spell the text byte for byte, so that nothing says
                where in it they stand.
        """
        encoded = self.encode_batch(texts)
        for text, (start, end) in zip(texts, pairwise(encoded.offsets), strict=True):
            if self.vocabulary.join(encoded.ids[start:end]) != text.encode():
                raise TokevalError(
                    f"{self.source}: its tokens do not spell {text[:40]!r}, so they have no place "
                    "in it",
                    "use its tokenizer.json, which knows them",
                )
        n_bytes = self.vocabulary.n_bytes[encoded.ids]
        spans = spans_of_bytes(utf8(texts), n_bytes, encoded.offsets)
        return EncodedSpans(encoded.ids, encoded.offsets, spans)

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell: joined vocabulary bytes."""
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        """The text itself, or its words with a space between where it is cut into words."""
        if self.keeps_whitespace:
            return text
        words = getattr(self.tokenizer, "basic_tokenizer", None)
        if words is None:
            return text
        never = self.tokenizer.all_special_tokens
        return " ".join(words.tokenize(text, never_split=never))


def adapt_slow(
    tokenizer: Any, *, name: str, source: str, notes: tuple[str, ...], loader: str
) -> Tokenizer:
    """A Python tokenizer of transformers as tokeval sees it.

    Raises:
        TokevalError: the bytes of its tokens are not known exactly.
    """
    if hasattr(tokenizer, "wordpiece_tokenizer"):
        spelling, model = TokenSpelling(continuing_prefix="##"), "WordPiece"
        strings = dict(tokenizer.get_vocab())
        spelled = {number: spelling.token(string) for string, number in strings.items()}
    elif getattr(tokenizer, "_utf_vocab_size", None) == 256:
        model = "bytes"
        singles = tokenizer.convert_tokens_to_ids([chr(byte) for byte in range(256)])
        spelled = {number: bytes((byte,)) for byte, number in enumerate(singles)}
    else:
        _refuse(tokenizer, source)
    added = tokenizer.added_tokens_decoder
    spelled |= {number: token.content.encode() for number, token in added.items()}
    unknown = tokenizer.unk_token_id
    return SlowTokenizer(
        name=name,
        source=source,
        fingerprint=_fingerprint(tokenizer, spelled),
        loader=loader,
        model=model,
        vocabulary=_vocabulary(spelled, tokenizer, unknown=unknown, is_bytes=model == "bytes"),
        added_texts=tuple(token.content for token in added.values()),
        bos_id=_around(tokenizer)[0],
        eos_id=_around(tokenizer)[1],
        notes=notes,
        keeps_whitespace=model == "bytes",
        tokenizer=tokenizer,
    )


def _vocabulary(
    spelled: Mapping[int, bytes], tokenizer: Any, *, unknown: int | None, is_bytes: bool
) -> Vocabulary:
    """The vocabulary of the spelled tokens; the unknown one spells nothing."""
    tokens = dict(spelled)
    if unknown is not None:
        tokens[unknown] = b""
    high = (number for number, token in tokens.items() if len(token) == 1 and token >= b"\x80")
    return Vocabulary(
        token_bytes=tuple(tokens.get(number) for number in range(max(tokens) + 1)),
        special=frozenset(tokenizer.all_special_ids),
        byte_tokens=frozenset(high) if is_bytes else frozenset(),
        unknown_id=unknown,
    )


def _around(tokenizer: Any) -> tuple[int | None, int | None]:
    """The first id before and the last id after a text in the tokenizer's own template."""
    own = tokenizer.convert_tokens_to_ids(tokenizer.tokenize("a"))
    whole = tokenizer.build_inputs_with_special_tokens(own)
    places = [i for i in range(len(whole)) if own and whole[i : i + len(own)] == own]
    if not places:
        return None, None
    before, after = whole[: places[0]], whole[places[0] + len(own) :]
    return (before[0] if before else None), (after[-1] if after else None)


def _fingerprint(tokenizer: Any, spelled: Mapping[int, bytes]) -> str:
    """sha256 over the class, its settings and its tokens."""
    settings = {
        key: value
        for key, value in tokenizer.init_kwargs.items()
        if isinstance(value, (bool, int, float, str)) and not key.endswith(("file", "path"))
    }
    tokens = [[number, spelled[number].hex()] for number in sorted(spelled)]
    stated = json.dumps([type(tokenizer).__name__, settings, tokens], sort_keys=True)
    return hashlib.sha256(stated.encode()).hexdigest()


def _refuse(tokenizer: Any, source: str) -> NoReturn:
    """Says that a class is not read, and what to give instead."""
    kind = type(tokenizer).__name__
    if hasattr(tokenizer, "sp_model"):
        raise TokevalError(
            f"{source}: {kind} wraps a SentencePiece model", "load its .model file: spm:PATH"
        )
    raise TokevalError(
        f"{source}: {kind} of transformers does not say which bytes its tokens spell",
        "give a tokenizer.json, or a class of your own as py:MODULE:FACTORY",
    )

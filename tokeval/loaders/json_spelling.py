"""The text that the tokens of a `tokenizer.json` spell, without asking its model.

The library's own normaliser, pre-tokenizer and added tokens run in front of a model that spells
everything in single bytes. So prefix spaces (before the first piece, or before each), added tokens
inside the text, and what a normaliser does at the borders of pieces are exact, and independent of
the model and the vocabulary whose bytes they are compared with.

One case is not exact: a text that holds `<0x41>` literally. A vocabulary that has an added token
of that name, and the library's Unigram model, make it the token for the byte.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from tokenizers import Tokenizer as Library

from tokeval.loaders.json_vocabulary import AddedToken
from tokeval.loaders.token_bytes import (
    Definition,
    TokenSpelling,
    has_component,
    is_byte_level,
    space_marks,
)

_SPACED = "a b\tc\nd\r\ne\u3000f"


@dataclass(frozen=True)
class Speller:
    """A front of normaliser, pre-tokenizer and added tokens that spells text in bytes.

    Attributes:
        front: the definition of the front, JSON.
        reading: how the text is read that comes out of it.
        added: the bytes of the added tokens, by content.
    """

    front: str
    reading: TokenSpelling
    added: dict[str, bytes]

    def spell(self, text: str) -> str:
        """The text after the front, with added tokens as they are spelled."""
        ids = self._library.encode_batch_fast([text], add_special_tokens=False)[0].ids
        spelled = b"".join(self._stretches(ids))
        return spelled.decode("utf-8", errors="replace")

    def _stretches(self, ids: Sequence[int]) -> list[bytes]:
        """Bytes of the stretches between added tokens, and of these, in order."""
        added = self._added_by_id
        if not ids or max(ids) < 256:
            return [self.reading.text(bytes(ids).decode())]
        pieces = []
        for is_added, group in groupby(ids, key=added.__contains__):
            if is_added:
                pieces += [added[number] for number in group]
            else:
                pieces.append(self.reading.text(bytes(group).decode()))
        return pieces

    @cached_property
    def _library(self) -> Any:
        """The library's tokenizer of the front."""
        return Library.from_str(self.front)

    @cached_property
    def _added_by_id(self) -> dict[int, bytes]:
        """The bytes of the added tokens by the ids that they have in the front."""
        decoder = self._library.get_added_tokens_decoder()
        return {
            number: self.added[token.content] for number, token in decoder.items() if number >= 256
        }

    def __reduce__(self) -> tuple[object, ...]:
        return (Speller, (self.front, self.reading, self.added))


def make_speller(
    definition: Definition, added: Sequence[AddedToken], *, pre_tokenizes: bool
) -> Speller:
    """The speller of a definition, with its pre-tokenizer or without.

    Args:
        definition: the parsed `tokenizer.json`.
        added: its added tokens.
        pre_tokenizes: whether the pre-tokenizer belongs to the front; without it, the whitespace
            that the pre-tokenizer drops is kept.
    """
    front: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": definition.get("added_tokens") or [],
        "normalizer": definition.get("normalizer"),
        "pre_tokenizer": definition.get("pre_tokenizer") if pre_tokenizes else None,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE",
            "byte_fallback": True,
            "vocab": {f"<0x{byte:02X}>": byte for byte in range(256)},
            "merges": [],
        },
    }
    mapped = has_component(front["pre_tokenizer"], "ByteLevel") or has_component(
        front["normalizer"], "ByteLevel"
    )
    marks = () if is_byte_level(definition) else space_marks(definition)
    return Speller(
        front=json.dumps(front),
        reading=TokenSpelling(byte_level=mapped, space_marks=marks),
        added={token.content: token.spelled for token in added},
    )


def speller_that_keeps_whitespace(
    definition: Definition, added: Sequence[AddedToken]
) -> tuple[Speller, bool]:
    """The speller to compare joined tokens with, and whether they keep whitespace.

    Where the pre-tokenizer drops it, and puts no mark in its place, the speller leaves out the
    pre-tokenizer: its text has the whitespace that the tokens lack.
    """
    full = make_speller(definition, added, pre_tokenizes=True)
    plain = make_speller(definition, added, pre_tokenizes=False)
    keeps = len(full.spell(_SPACED).split()) == len(plain.spell(_SPACED).split())
    return (full if keeps else plain), keeps

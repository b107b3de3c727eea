"""Encoding with each distinct piece of text encoded once, to the very ids of the tokenizer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.pretokens import AddedTexts
from tokeval.core.tokenizer import Encoded, Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.json_encoding import JsonTokenizer
from tokeval.loaders.ranked_bpe import RankedTokenizer
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.pretokenization.bpe_rules import (
    BpeRules,
    json_rules,
    ranked_rules,
    sentencepiece_rules,
)
from tokeval.pretokenization.encoding_front import (
    EncodingFront,
    json_front,
    ranked_front,
    sentencepiece_front,
)
from tokeval.pretokenization.hostile_texts import HOSTILE_TEXTS
from tokeval.pretokenization.merging_kernels import Merging, scratch
from tokeval.pretokenization.piece_table import PieceTable, encode_pieces, with_room
from tokeval.pretokenization.scanners_json import read_front

GROUP_CHARACTERS = 1 << 21
"""So much text is encoded at a time, to bound memory; a longer text is encoded alone."""

_FEWEST_SCRATCH_BYTES = 1 << 10


class FastEncoder:
    """Encodes as one tokenizer does; tokens of pieces are remembered, up to a bounded number.

    Texts with an added token in them, and batches with a lone surrogate, are left to the tokenizer
    itself. One encoder serves one thread.

    Args:
        tokenizer: whose ids they are.
        rules: its merges.
        front: what stands before them.
    """

    def __init__(self, tokenizer: Tokenizer, rules: BpeRules, front: EncodingFront) -> None:
        self._tokenizer = tokenizer
        self._rules = rules
        self._front = front
        self._added = AddedTexts(tokenizer.added_texts)
        normal = [front.form(text) for text in tokenizer.added_texts] if front.changes_text else []
        self._normal_added = AddedTexts([text for text in normal if text])
        self._scratch = scratch(_FEWEST_SCRATCH_BYTES)
        self._compiled: tuple[Merging, PieceTable] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return (FastEncoder, (self._tokenizer, self._rules, self._front))

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text, without special tokens around it; errors as the tokenizer's own."""
        parts = [self._encode_group(group) for group in _groups(texts)]
        if len(parts) == 1:
            return parts[0]
        lengths = [np.diff(part.offsets) for part in parts]
        offsets = np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]))
        return Encoded(np.concatenate([np.empty(0, np.int32), *(p.ids for p in parts)]), offsets)

    def _encode_group(self, texts: Sequence[str]) -> Encoded:
        """The ids of some texts."""
        joined = "\n".join(texts)
        try:
            joined.encode()
        except UnicodeEncodeError:
            return self._tokenizer.encode_batch(texts)
        apart = {
            t
            for added in self._added.found_in(joined)
            for t, text in enumerate(texts)
            if added in text
        }
        data, offsets = self._front.read(texts, joined)
        apart |= self._with_added(data, offsets)
        encoded = self._encode_pieces(data, offsets)
        return self._with_own(encoded, texts, sorted(apart)) if apart else encoded

    def _with_added(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> set[int]:
        """Texts in which an added token stands once they are normalised."""
        if not self._front.changes_text or not self._tokenizer.added_texts:
            return set()
        content = data.tobytes()
        found: set[int] = set()
        for added in self._normal_added.found_in(content.decode()):
            # An occurrence may share bytes with the one before it.
            places = [
                m.start() for m in re.finditer(b"(?=%s)" % re.escape(added.encode()), content)
            ]
            found.update((np.searchsorted(offsets, places, side="right") - 1).tolist())
        return found

    def _encode_pieces(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Encoded:
        """The ids of normalised texts."""
        ends = self._front.scanner.ends(data, offsets)
        longest = int(np.diff(ends, prepend=0).max(initial=0))
        room = self._scratch
        if longest > len(room.ids):
            room = scratch(longest)
        if self._compiled is None:
            self._compiled = (self._rules.merging(), self._rules.table())
        merging, table = self._compiled
        ids, id_offsets = np.empty(len(data), np.int32), np.zeros(len(offsets), np.int64)
        state = np.zeros(3, np.int64)
        while not encode_pieces(data, ends, offsets, merging, table, room, state, ids, id_offsets):
            table = with_room(table, len(self._rules.whole or ()))
            self._compiled = (merging, table)
        return Encoded(ids[: state[1]].copy(), id_offsets)

    def _with_own(self, encoded: Encoded, texts: Sequence[str], apart: Sequence[int]) -> Encoded:
        """The ids, with those of some texts from the tokenizer itself."""
        own = self._tokenizer.encode_batch([texts[t] for t in apart])
        lengths = np.diff(encoded.offsets)
        lengths[apart] = np.diff(own.offsets)
        parts, done = [], 0
        for k, t in enumerate(apart):
            parts.append(encoded.ids[encoded.offsets[done] : encoded.offsets[t]])
            parts.append(own.ids[own.offsets[k] : own.offsets[k + 1]])
            done = t + 1
        parts.append(encoded.ids[encoded.offsets[done] :])
        return Encoded(np.concatenate(parts), np.concatenate(([0], np.cumsum(lengths))))


def fast_encoder(tokenizer: Tokenizer, sample: Sequence[str]) -> FastEncoder | None:
    """An encoder to the ids of a tokenizer, `None` where there is none or it was refuted.

    It takes a BPE, of bytes or of characters with `▁` for a space, whose pre-tokenizer a scanner
    is known for; then its ids must be those of the tokenizer on every text of the sample, and on
    hostile text.

    Args:
        tokenizer: whose ids are wanted.
        sample: texts such as will be encoded.
    """
    encoder = stated_encoder(tokenizer)
    if encoder is None:
        return None
    texts = [*HOSTILE_TEXTS, *sample]
    try:
        expected = tokenizer.encode_batch(texts)
    except TokevalError:
        # What the library refuses cannot be compared; counting will say what is wrong with it.
        return None
    return encoder if _are_equal(encoder.encode_batch(texts), expected) else None


def stated_encoder(tokenizer: Tokenizer) -> FastEncoder | None:
    """What a tokenizer's definition says about an encoder, not yet proved; `None` if nothing."""
    rules: BpeRules | None
    front: EncodingFront | None
    try:
        if isinstance(tokenizer, RankedTokenizer):
            rules, front = ranked_rules(tokenizer), ranked_front(tokenizer)
        elif isinstance(tokenizer, SentencePieceTokenizer):
            rules = sentencepiece_rules(tokenizer)
            front = sentencepiece_front(tokenizer) if rules is not None else None
        elif isinstance(tokenizer, JsonTokenizer):
            definition: dict[str, Any] = json.loads(tokenizer.definition)
            rules = json_rules(tokenizer, definition)
            front = json_front(tokenizer, read_front(tokenizer)) if rules is not None else None
        else:
            return None
    except (KeyError, TokevalError):
        # A merge of strings that the vocabulary lacks: the library has its own way with that.
        return None
    return None if rules is None or front is None else FastEncoder(tokenizer, rules, front)


def _are_equal(one: Encoded, other: Encoded) -> bool:
    """Whether ids and offsets are the same."""
    return np.array_equal(one.offsets, other.offsets) and np.array_equal(one.ids, other.ids)


def _groups(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in groups of about GROUP_CHARACTERS; one group, if empty, where there are none."""
    first = size = 0
    for t, text in enumerate(texts):
        if size and size + len(text) > GROUP_CHARACTERS:
            yield texts[first:t]
            first, size = t, 0
        size += len(text)
    yield texts[first:]

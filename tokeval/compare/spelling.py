"""How one tokenizer spells the tokens of another: as text where they are text, else as bytes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Tokenizer

CONTEXTS = ("", "\n", "a", ".")
"""Texts that a token is put behind until its bytes stand alone: a tokenizer that puts a space
before every text cannot spell an inner piece at the beginning of one."""


@dataclass(frozen=True)
class Speller:
    """Spells byte strings with the tokens of a tokenizer."""

    tokenizer: Tokenizer

    def n_pieces(self, spellings: Sequence[bytes]) -> NDArray[np.int64]:
        """How many tokens spell each byte string exactly, 0 where none do, shape (n,)."""
        found = np.zeros(len(spellings), dtype=np.int64)
        texts: dict[int, str] = {}
        for place, spelling in enumerate(spellings):
            try:
                texts[place] = spelling.decode()
            except UnicodeDecodeError:
                found[place] = self._n_pieces_of_bytes(spelling)
        places = list(texts)
        for context in CONTEXTS:
            numbers = self._behind(context, [texts[place] for place in places])
            found[places] = numbers
            places = [place for place, n in zip(places, numbers, strict=True) if n == 0]
        return found

    def _behind(self, context: str, texts: Sequence[str]) -> list[int]:
        """How many tokens spell each text behind a context.

        0 where none do, or where the text shares a token with the context.
        """
        encoded = self.tokenizer.encode_batch([context + text for text in texts])
        lengths = self.tokenizer.vocabulary.n_bytes
        vocabulary = self.tokenizer.vocabulary
        numbers = []
        for t, text in enumerate(texts):
            ids = encoded.ids[encoded.offsets[t] : encoded.offsets[t + 1]]
            spelling = text.encode()
            behind = np.cumsum(lengths[ids][::-1])
            n = int(np.searchsorted(behind, len(spelling))) + 1
            is_exact = n <= len(ids) and behind[n - 1] == len(spelling)
            numbers.append(n if is_exact and vocabulary.join(ids[-n:]) == spelling else 0)
        return numbers

    def _n_pieces_of_bytes(self, spelling: bytes) -> int:
        """How many tokens spell bytes that are no text; 0 where none do.

        With merges over bytes they are merged as the model would, by rank. Elsewhere whole
        characters are spelled as text, and every other byte by a token of its own.
        """
        if self._ranks is not None:
            return len(merged([bytes([byte]) for byte in spelling], self._ranks))
        total = 0
        text = spelling.decode("utf-8", "surrogateescape")
        run = ""
        for character in [*text, ""]:
            is_byte = "\udc80" <= character <= "\udcff"
            if character and not is_byte:
                run += character
                continue
            if run:
                (n,) = self.n_pieces([run.encode()])
                if not n:
                    return 0
                total, run = total + int(n), ""
            if is_byte:
                if character.encode("utf-8", "surrogateescape") not in self._single_bytes:
                    return 0
                total += 1
        return total

    @cached_property
    def _single_bytes(self) -> frozenset[bytes]:
        """The single bytes that the vocabulary has."""
        tokens = self.tokenizer.vocabulary.token_bytes
        return frozenset(token for token in tokens if token and len(token) == 1)

    @cached_property
    def _ranks(self) -> dict[tuple[bytes, bytes], int] | None:
        """The rank of each merge, `None` where the model does not merge single bytes."""
        if self.tokenizer.merges is None or len(self._single_bytes) < 256:
            return None
        how = self.tokenizer.pretokenization
        if how is None or not how.byte_level:
            return None
        return {pair: rank for rank, pair in reversed(list(enumerate(self.tokenizer.merges)))}


def merged(parts: Sequence[bytes], ranks: dict[tuple[bytes, bytes], int]) -> list[bytes]:
    """The parts after all merges, the lowest rank first, the leftmost of equal ones first.

    >>> merged([b"a", b"b", b"a", b"b"], {(b"a", b"b"): 0, (b"ab", b"ab"): 1})
    [b'abab']
    """
    parts = list(parts)
    while len(parts) > 1:
        pairs = list(itertools.pairwise(parts))
        best = min(range(len(pairs)), key=lambda place: (ranks.get(pairs[place], 1 << 62), place))
        if pairs[best] not in ranks:
            break
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts

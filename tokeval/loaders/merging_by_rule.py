"""Merging by rule: BPE by rank and by score, plainly, as a check on the libraries that do it fast.

Both join, again and again, the two neighbours whose joined text ranks best, the leftmost of equals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import AnyStr

import regex  # type: ignore[import-untyped,unused-ignore]

from tokeval.loaders.ranked_bpe import MAX_ID, RankedTokenizer
from tokeval.loaders.sentencepiece_file import BYTE, MARK, NORMAL, USER_DEFINED
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer

IdLists = list[list[int]]
_NEVER = MAX_ID + 1


def joined(
    parts: Sequence[AnyStr], ranks: Mapping[AnyStr, int], *, frozen: Set[AnyStr] = frozenset()
) -> list[AnyStr]:
    """The parts after every join that the ranks allow, best first; frozen ones are never joined.

    >>> joined(list("abcd"), {"bc": 1, "ab": 2, "abc": 3})
    ['abc', 'd']
    """

    def rank(left: AnyStr, right: AnyStr) -> int:
        return _NEVER if left in frozen or right in frozen else ranks.get(left + right, _NEVER)

    left = list(parts)
    pairs = [rank(a, b) for a, b in pairwise(left)]
    while pairs and (best := min(pairs)) != _NEVER:
        i = pairs.index(best)
        left[i : i + 2] = [left[i] + left[i + 1]]
        del pairs[i]
        if i < len(pairs):
            pairs[i] = rank(left[i], left[i + 1])
        if i:
            pairs[i - 1] = rank(left[i - 1], left[i])
    return left


def ranked_encoder(tokenizer: RankedTokenizer) -> Callable[[Sequence[str]], IdLists]:
    """The ids of a BPE by rank: the pattern by the `regex` library, the joins by `joined`.

    A match of the pattern that is a token whole is that token.
    """
    definition = tokenizer.definition
    pattern = regex.compile(definition.pattern)
    ranks, shift = definition.ranks, definition.shift
    singles = [bytes([byte]) for byte in range(256)]

    @lru_cache(maxsize=65_536)
    def ids_of(piece: bytes) -> list[int]:
        whole = piece in ranks
        parts = [piece] if whole else joined([singles[byte] for byte in piece], ranks)
        return [ranks[part] + shift for part in parts]

    def encode(texts: Sequence[str]) -> IdLists:
        cut = (pattern.finditer(tokenizer.normalize(text)) for text in texts)
        return [[i for match in matches for i in ids_of(match.group().encode())] for matches in cut]

    return encode


def scored_encoder(tokenizer: SentencePieceTokenizer) -> Callable[[Sequence[str]], IdLists]:
    """The ids of a SentencePiece BPE: best score first, then bytes for what is no piece.

    User-defined pieces are cut out first, the longest where several begin. A run of unknown
    characters is one unknown token. Pieces marked unused are not covered.
    """
    pieces = tokenizer.definition.pieces
    ids = {p.text: i for i, p in enumerate(pieces) if p.type in (NORMAL, USER_DEFINED)}
    scores = sorted({pieces[i].score for i in ids.values()}, reverse=True)
    place = {score: rank for rank, score in enumerate(scores)}
    ranks = {text: place[pieces[i].score] for text, i in ids.items()}
    frozen = {piece.text for piece in pieces if piece.type == USER_DEFINED}
    longest = sorted(frozen, key=len, reverse=True)
    cut = re.compile("|".join([*map(re.escape, longest), "."]), re.DOTALL)
    of_byte = {int(p.text[3:5], 16): i for i, p in enumerate(pieces) if p.type == BYTE}
    unknown = tokenizer.vocabulary.unknown_id

    def spelled(part: str) -> list[int]:
        if part in ids:
            return [ids[part]]
        if of_byte:
            return [of_byte[byte] for byte in part.encode()]
        return [] if unknown is None else [unknown]

    def encode(texts: Sequence[str]) -> IdLists:
        lists: IdLists = []
        for text in texts:
            own: list[int] = []
            symbols = cut.findall(tokenizer.normalize(text).replace(" ", MARK))
            for part in joined(symbols, ranks, frozen=frozen):
                found = spelled(part)
                own += [] if found == [unknown] == own[-1:] else found
            lists.append(own)
        return lists

    return encode

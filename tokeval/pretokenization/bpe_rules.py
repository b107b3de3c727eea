"""What a BPE merges, as its definition states it, in arrays from which a fast encoder is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.loaders.json_encoding import JsonTokenizer
from tokeval.loaders.ranked_bpe import BYTES_OF_UTF8, RankedTokenizer
from tokeval.loaders.sentencepiece_file import BYTE, NORMAL, UNKNOWN, UNUSED, ModelDefinition
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.loaders.token_bytes import (
    BYTE_OF_CHARACTER,
    SENTENCEPIECE_MARK,
    has_component,
    string_pairs,
)
from tokeval.pretokenization.last_pairs import JoinedParts, last_pairs
from tokeval.pretokenization.merging_kernels import NO_PAIR, Merging, enter_pairs
from tokeval.pretokenization.piece_table import PieceTable, table_of

_N_CODE_POINTS = 0x110000


@dataclass(frozen=True)
class BpeRules:
    """A BPE over pieces of text in which a space stands for `▁`.

    Attributes:
        symbols: id by byte, where the alphabet is of bytes; else by code point.
        of_bytes: whether it is.
        merges: left id, right id, rank and merged id, shape (n_merges, 4), int64. Ranks may be
            equal; then the leftmost pair comes first.
        byte_ids: ids of the 256 bytes that spell a character without a symbol; or empty.
        unknown: id of a symbol that is unknown, -1 where it is dropped.
        fuses: whether unknown symbols in a row are one.
        whole: ids of pieces that are one token whatever the merges are.
    """

    symbols: Mapping[int, int]
    of_bytes: bool
    merges: NDArray[np.int64]
    byte_ids: tuple[int, ...] = ()
    unknown: int = -1
    fuses: bool = False
    whole: Mapping[bytes, int] | None = None

    def merging(self) -> Merging:
        """The arrays that the kernels read."""
        symbols = np.full(256 if self.of_bytes else _N_CODE_POINTS, -1, np.int32)
        symbols[list(self.symbols)] = list(self.symbols.values())
        n_slots = 1 << (2 * len(self.merges) + 1).bit_length()
        pairs, results = np.full(n_slots, NO_PAIR), np.zeros(n_slots, np.int64)
        enter_pairs(self.merges, pairs, results)
        byte_ids = np.array(self.byte_ids, np.int32)
        return Merging(symbols, byte_ids, self.unknown, self.fuses, pairs, results)

    def table(self) -> PieceTable:
        """A table of pieces that holds those which are one token whatever the merges are."""
        whole = self.whole or {}
        return table_of(list(whole), np.array(list(whole.values()), np.int32))


def json_rules(tokenizer: JsonTokenizer, definition: Mapping[str, Any]) -> BpeRules | None:
    """The rules of a `tokenizer.json`, `None` where it is no plain BPE.

    Args:
        tokenizer: for messages.
        definition: its parsed definition.
    """
    model = definition["model"]
    vocabulary: dict[str, int] = model["vocab"]
    odd = ("continuing_subword_prefix", "end_of_word_suffix", "dropout")
    if tokenizer.model != "BPE" or any(model.get(key) for key in odd):
        return None
    unknown = vocabulary.get(model.get("unk_token") or "", -1)
    # Two strings of one id would look merged where they are not.
    if len(set(vocabulary.values())) < len(vocabulary) or (model.get("unk_token") and unknown < 0):
        return None
    of_bytes = has_component(definition.get("pre_tokenizer"), "ByteLevel")
    if has_component(definition.get("normalizer"), "ByteLevel"):
        return None
    symbols = _symbols(vocabulary, of_bytes=of_bytes)
    byte_ids = _byte_ids(vocabulary) if model.get("byte_fallback") else ()
    if byte_ids is None or (byte_ids and of_bytes and not symbols.keys() >= set(BYTES_OF_UTF8)):
        return None
    if not of_bytes and (0x20 not in symbols or (unknown < 0 and not byte_ids)):
        # Where unknown characters are dropped, what stands apart in the text may merge.
        return None
    pairs = string_pairs(model.get("merges") or (), tokenizer.source)
    whole = _spelled(vocabulary, of_bytes=of_bytes) if model.get("ignore_merges") else None
    return BpeRules(
        symbols=symbols,
        of_bytes=of_bytes,
        merges=_entries(vocabulary, pairs),
        byte_ids=byte_ids,
        unknown=unknown,
        fuses=bool(model.get("fuse_unk")),
        whole=whole,
    )


def _entries(vocabulary: Mapping[str, int], pairs: Iterable[tuple[str, str]]) -> NDArray[np.int64]:
    """Left id, right id, rank and merged id of each merge."""
    pairs = list(pairs)
    columns = (
        [vocabulary[left] for left, _ in pairs],
        [vocabulary[right] for _, right in pairs],
        list(range(len(pairs))),
        [vocabulary[left + right] for left, right in pairs],
    )
    return np.array(columns, np.int64).T.copy()


def _symbols(vocabulary: Mapping[str, int], *, of_bytes: bool) -> dict[int, int]:
    """The id of each byte, or of each code point; a space is spelled `▁`."""
    if of_bytes:
        return {
            byte: vocabulary[sign] for sign, byte in BYTE_OF_CHARACTER.items() if sign in vocabulary
        }
    symbols = {
        ord(sign): i for sign, i in vocabulary.items() if len(sign) == 1 and not _is_surrogate(sign)
    }
    symbols.pop(0x20, None)
    if (mark := symbols.pop(ord(SENTENCEPIECE_MARK), None)) is not None:
        symbols[0x20] = mark
    return symbols


def _is_surrogate(sign: str) -> bool:
    """Whether a character has no UTF-8."""
    return "\ud800" <= sign <= "\udfff"


def _byte_ids(vocabulary: Mapping[str, int]) -> tuple[int, ...] | None:
    """The ids of `<0x00>` to `<0xFF>`, `None` where one is missing."""
    names = [f"<0x{byte:02X}>" for byte in range(256)]
    if not vocabulary.keys() >= set(names):
        return None
    return tuple(vocabulary[name] for name in names)


def _spelled(vocabulary: Mapping[str, int], *, of_bytes: bool) -> dict[bytes, int]:
    """The ids of the strings that a piece can be, by its bytes."""
    if not of_bytes:
        return {
            string.replace(SENTENCEPIECE_MARK, " ").encode(): i
            for string, i in vocabulary.items()
            if string and " " not in string
        }
    letters = BYTE_OF_CHARACTER
    return {
        bytes(map(letters.__getitem__, string)): i
        for string, i in vocabulary.items()
        if string and letters.keys() >= set(string)
    }


def ranked_rules(tokenizer: RankedTokenizer) -> BpeRules | None:
    """The rules of a BPE by rank: a match that is a token is one, whatever its parts are."""
    definition = tokenizer.definition
    # Whisper's file has an empty token, which nothing is.
    ranks = {token: rank for token, rank in definition.ranks.items() if token}
    ids = {token: rank + definition.shift for token, rank in ranks.items()}
    symbols = {token[0]: i for token, i in ids.items() if len(token) == 1}
    merges = _merges_by_rank(ranks, ids, of_characters=False)
    return BpeRules(symbols=symbols, of_bytes=True, merges=merges, whole=ids)


def sentencepiece_rules(tokenizer: SentencePieceTokenizer) -> BpeRules | None:
    """The rules of a SentencePiece model, `None` where it is no plain BPE.

    Pieces that are split again (unused ones) are odd, and so is a character that is in a piece,
    but none itself, for then unknown symbols merge.
    """
    definition = tokenizer.definition
    pieces = [(i, piece) for i, piece in enumerate(definition.pieces) if piece.type == NORMAL]
    if tokenizer.model != "BPE" or any(piece.type == UNUSED for piece in definition.pieces):
        return None
    texts = [piece.text for _, piece in pieces]
    symbols = _symbols({piece.text: i for i, piece in pieces}, of_bytes=False)
    characters = set("".join(texts).replace(SENTENCEPIECE_MARK, " "))
    if " " in "".join(texts) or len(set(texts)) < len(texts) or 0x20 not in symbols:
        return None
    if not symbols.keys() >= set(map(ord, characters)):
        return None
    scores = sorted({piece.score for _, piece in pieces}, reverse=True)
    rank_of_score = {score: rank for rank, score in enumerate(scores)}
    ranks = {piece.token(): rank_of_score[piece.score] for _, piece in pieces if piece.text}
    ids = {piece.token(): i for i, piece in pieces if piece.text}
    unknown, byte_ids = _fallback(definition)
    return BpeRules(
        symbols=symbols,
        of_bytes=False,
        merges=_merges_by_rank(ranks, ids, of_characters=True),
        byte_ids=byte_ids,
        unknown=unknown,
        fuses=True,
    )


def _fallback(definition: ModelDefinition) -> tuple[int, tuple[int, ...]]:
    """The id of the unknown piece, and those of the bytes where they stand for unknown ones."""
    kinds = [piece.type for piece in definition.pieces]
    unknown = kinds.index(UNKNOWN) if UNKNOWN in kinds else -1
    if not definition.byte_fallback:
        return unknown, ()
    ids = {p.text: i for i, p in enumerate(definition.pieces) if p.type == BYTE}
    return unknown, _byte_ids(ids) or ()


def _merges_by_rank(
    ranks: Mapping[bytes, int], ids: Mapping[bytes, int], *, of_characters: bool
) -> NDArray[np.int64]:
    """The one pair that makes each token, with the token's rank and id."""
    tokens, numbers = list(ranks), np.array(list(ids.values()), np.int32)
    table = table_of(tokens, numbers)
    longest = max(map(len, tokens), default=0) + 2
    pairs = np.empty((len(tokens), 2), np.int64)
    of_token = np.array(list(ranks.values()), np.int64)
    room = np.empty((2, longest), np.int64)
    last_pairs(JoinedParts(table, of_token, room[0], room[1]), of_characters, pairs)
    made = (pairs >= 0).all(axis=1)
    return np.stack(
        [numbers[pairs[made, 0]], numbers[pairs[made, 1]], of_token[made], numbers[made]], axis=1
    ).astype(np.int64)

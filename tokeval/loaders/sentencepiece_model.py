"""The tokenizer of a SentencePiece `.model` file, which the library runs."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import sentencepiece
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
from tokeval.loaders.definition_files import read_definition
from tokeval.loaders.ranked_bpe import last_parts
from tokeval.loaders.sentencepiece_file import (
    BYTE,
    CONTROL,
    MARK,
    MODEL_TYPES,
    NORMAL,
    UNKNOWN,
    UNUSED,
    USER_DEFINED,
    ModelDefinition,
    parse_model,
)


class SentencePieceTokenizer:
    """A SentencePiece model. Texts of control pieces are ordinary text to it, never parsed."""

    keeps_whitespace = True

    def __init__(self, content: bytes, *, name: str, source: str) -> None:
        self._content = content
        self._library = _library(content, source)
        self.definition, self.vocabulary = _definition(content, source)
        self.name = name
        self.source = source
        self.fingerprint = hashlib.sha256(content).hexdigest()
        self.loader = f"sentencepiece-{sentencepiece.__version__}"
        self.model = MODEL_TYPES[self.definition.model_type]
        self.pretokenization: Pretokenization | None = _pretokenization(self.definition)
        self.added_texts = tuple(
            piece.token().decode() for piece in self.definition.pieces if piece.type == USER_DEFINED
        )
        bos, eos = self._library.bos_id(), self._library.eos_id()
        self.bos_id: int | None = bos if bos >= 0 else None
        self.eos_id: int | None = eos if eos >= 0 else None
        self.notes = tuple(_notes(self.definition))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._content, self.name, self.source))

    @property
    def merges(self) -> Merges | None:
        """The join that makes each piece of a BPE model, best score first; else `None`.

        The library joins the two neighbours whose joined text is the piece of best score, the
        leftmost of equals. So the pair is what that rule leaves of the piece's own characters
        when two parts are left: as long as nothing is joined across its borders, what happens
        inside does not depend on what stands outside, and no other pair can make the piece.
        Pieces of one character have no join, nor have those that the rule cannot build (see
        `ids_without_merge`) or that hold a user-defined text. Pieces of equal score are in order
        of their ids, though the library then takes the leftmost in the text.
        """
        return self._merges

    @merges.setter
    def merges(self, value: Merges | None) -> None:
        self._merges = value

    @cached_property
    def _merges(self) -> Merges | None:
        if self.model != "BPE":
            return None
        return tuple(pair for pair in self._last_pairs.values() if pair is not None)

    @property
    def ids_without_merge(self) -> tuple[int, ...]:
        """Pieces of a BPE model, longer than a character, that no join makes: never emitted."""
        return tuple(i for i, pair in self._last_pairs.items() if pair is None)

    @cached_property
    def _last_pairs(self) -> dict[int, tuple[bytes, bytes] | None]:
        """The last join of each piece longer than a character, by id, best score first."""
        if self.model != "BPE":
            return {}
        pieces = {
            i: piece
            for i, piece in enumerate(self.definition.pieces)
            if piece.type in (NORMAL, UNUSED)
        }
        scores = sorted({piece.score for piece in pieces.values()}, reverse=True)
        rank_of_score = {score: rank for rank, score in enumerate(scores)}
        ranks = {piece.text: rank_of_score[piece.score] for piece in pieces.values()}
        whole = (p.text for p in self.definition.pieces if p.type == USER_DEFINED)
        frozen = re.compile("|".join(map(re.escape, whole)) or "(?!)")
        pairs: dict[int, tuple[bytes, bytes] | None] = {}
        for i in sorted(pieces, key=lambda i: (-pieces[i].score, i)):
            text = pieces[i].text
            if len(text) > 1:
                parts = [] if frozen.search(text) else last_parts(list(text), ranks)
                spelled = [part.replace(MARK, " ").encode() for part in parts]
                pairs[i] = (spelled[0], spelled[1]) if len(spelled) == 2 else None
        return pairs

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text; TokevalError when one has a lone surrogate."""
        utf8(texts)
        # One thread: the engine runs processes beside each other, and the library's own threads
        # gained nothing on short texts.
        lists = self._library.encode(list(texts), num_threads=1)
        offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        ids = np.fromiter(chain.from_iterable(lists), dtype=np.int32, count=int(offsets[-1]))
        return Encoded(ids, offsets)

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text and the characters of the original text behind each.

        They come from the normaliser's own alignment. A token that spells a part of a character
        (a byte piece, a part of what one character became) covers it whole, as do its neighbours;
        a `▁` that the tokenizer itself puts in covers nothing; spaces that it drops belong to the
        token before them.
        """
        encoded = self.encode_batch(texts)
        n_bytes = self.vocabulary.n_bytes[encoded.ids]
        n_bytes = self._with_unknown(texts, encoded, n_bytes)
        aligned = [self._library.normalize(text, with_offsets=True) for text in texts]
        spelled = [text.replace(MARK, " ").encode() for text, _ in aligned]
        spans = spans_of_bytes(spelled, n_bytes, encoded.offsets)
        for number, (normalized, places) in enumerate(aligned):
            if normalized:
                starts, ends = self._characters(np.array(places, dtype=np.int64))
                own = spans[encoded.offsets[number] : encoded.offsets[number + 1]]
                own[:] = np.stack((starts[own[:, 0]], ends[own[:, 1] - 1]), axis=1)
        return EncodedSpans(encoded.ids, encoded.offsets, spans)

    def _with_unknown(
        self, texts: Sequence[str], encoded: Encoded, n_bytes: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        """Bytes of text behind each token: the unknown token's are those of the text it hides."""
        unknown = encoded.ids == self.vocabulary.unknown_id
        filled = n_bytes.copy()
        text_of_token = np.repeat(np.arange(len(texts)), np.diff(encoded.offsets))
        for number in np.unique(text_of_token[unknown]):
            own = slice(encoded.offsets[number], encoded.offsets[number + 1])
            pieces = self._library.encode(texts[number], out_type=str)
            lengths = [len(piece.replace(MARK, " ").encode()) for piece in pieces]
            filled[own] = np.where(unknown[own], lengths, n_bytes[own])
        return filled

    def _characters(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The original characters [start, end) behind each character of the normalised text.

        Args:
            places: where each normalised character begins in the original; the end of it last.
        """
        starts = places[:-1]
        following = np.searchsorted(places, starts, side="right")
        ends = places[np.minimum(following, len(places) - 1)]
        if self.definition.dummy_prefix:
            put_in = -1 if self.definition.whitespace_as_suffix else 0
            ends[put_in] = starts[put_in]
        return starts, ends

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell, a leading `▁` as a space; `KeyError` for no token's id."""
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        """The text after the model's own normaliser, with its added prefix, a space for `▁`."""
        utf8([text])
        return str(self._library.normalize(text)).replace(MARK, " ")


def _rebuild(content: bytes, name: str, source: str) -> SentencePieceTokenizer:
    """The same tokenizer in another process."""
    return SentencePieceTokenizer(content, name=name, source=source)


def _library(content: bytes, source: str) -> Any:
    """The library's processor of a model; TokevalError when it refuses the file."""
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(content)
    except RuntimeError as error:
        hint = "fetch the file again"
        if re.match(rb"[A-Za-z0-9+/=]+ [0-9]+\r?\n", content):
            hint = f"its lines look like those of a `.tiktoken` file: write `tiktoken:{source}`"
        reason = " ".join(str(error).split())
        raise TokevalError(f"{source} is no SentencePiece model: {reason}", hint) from error
    return processor


def _definition(content: bytes, source: str) -> tuple[ModelDefinition, Vocabulary]:
    """What the file states, and its tokens; TokevalError when it is not the expected protobuf."""
    try:
        definition = parse_model(content)
        vocabulary = _vocabulary(definition)
    except (ValueError, struct.error) as error:
        raise TokevalError(
            f"{source} is no SentencePiece model: {error}", "fetch it again"
        ) from error
    if definition.model_type not in MODEL_TYPES:
        raise TokevalError(
            f"{source} has the model type {definition.model_type}, which tokeval does not know",
            "known ones are Unigram, BPE, Word and Character",
        )
    return definition, vocabulary


def _vocabulary(definition: ModelDefinition) -> Vocabulary:
    """Bytes by id; special are control pieces and the unknown one."""
    kinds = [piece.type for piece in definition.pieces]
    return Vocabulary(
        tuple(piece.token() for piece in definition.pieces),
        special=frozenset(i for i, kind in enumerate(kinds) if kind in (CONTROL, UNKNOWN)),
        byte_tokens=frozenset(i for i, kind in enumerate(kinds) if kind == BYTE),
        unknown_id=kinds.index(UNKNOWN) if UNKNOWN in kinds else None,
    )


def _pretokenization(definition: ModelDefinition) -> Pretokenization:
    """No patterns: the model sees the whole text. What its pieces respect, its trainer states."""
    flags = {
        "split_by_whitespace": definition.split_by_whitespace,
        "split_by_number": definition.split_by_number,
        "split_digits": definition.split_digits,
        "treat_whitespace_as_suffix": definition.whitespace_as_suffix,
        "add_dummy_prefix": definition.dummy_prefix,
        "remove_extra_whitespaces": definition.remove_extra_whitespaces,
    }
    stated = " ".join(f"{key}={str(value).lower()}" for key, value in flags.items())
    return Pretokenization(
        patterns=(),
        byte_level=False,
        prefix_space=definition.dummy_prefix and not definition.whitespace_as_suffix,
        digits="individual" if definition.split_digits else None,
        description=f"sentencepiece {stated} normalizer={definition.normalizer or 'unnamed'}",
    )


def _notes(definition: ModelDefinition) -> Iterator[str]:
    """What a reader of the numbers should know."""
    yield "texts of control pieces are encoded as ordinary text"
    if definition.dummy_prefix:
        yield "the tokenizer puts a space of its own at the edge of each text"
    if definition.remove_extra_whitespaces:
        yield "the normaliser drops leading, trailing and repeated spaces"
    if not definition.byte_fallback:
        yield "there are no byte pieces: a run of unknown characters is one unknown token"
    unused = sum(piece.type == UNUSED for piece in definition.pieces)
    if unused:
        yield f"{unused} pieces are marked unused: the library splits them again"


def load_sentencepiece(path: str, *, name: str) -> Tokenizer:
    """The tokenizer of a SentencePiece `.model` file at a path or fsspec URL.

    Raises:
        TokevalError: the file cannot be read, or it is no such model.
    """
    return SentencePieceTokenizer(read_definition(path), name=name, source=path)

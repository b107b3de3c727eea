"""What encodes for a `tokenizer.json`: the library's tokenizer, freed of what alters texts."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import processors

from tokeval.core.tokenizer import (
    Encoded,
    EncodedSpans,
    Merges,
    Pretokenization,
    Vocabulary,
)
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import utf8
from tokeval.loaders.json_spelling import Speller
from tokeval.loaders.token_bytes import Definition


@dataclass(eq=False)
class JsonTokenizer:
    """A tokenizer of the `tokenizers` library; pickles with its whole definition.

    Attributes:
        added_ids: ids of the added tokens.
        inserted_spaces: ids of tokens that are one space, where the tokenizer puts a space before
            a text; else empty.
        definition: the text of the `tokenizer.json`.
        speller: what `normalize` asks.
        keeps_whitespace: joined token bytes are `normalize(text)`, whitespace included; where it
            is false, they lack its whitespace.
    """

    name: str
    source: str
    fingerprint: str
    loader: str
    model: str
    vocabulary: Vocabulary = field(repr=False)
    merges: Merges | None = field(repr=False)
    pretokenization: Pretokenization | None
    added_texts: tuple[str, ...] = field(repr=False)
    bos_id: int | None
    eos_id: int | None
    notes: tuple[str, ...]
    keeps_whitespace: bool
    added_ids: frozenset[int] = field(repr=False)
    inserted_spaces: frozenset[int] = field(repr=False)
    definition: str = field(repr=False)
    speller: Speller = field(repr=False)
    _library: Any = field(repr=False)

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text, without special tokens around it."""
        ids, lengths = array("i"), []
        with library_errors(self.source, texts):
            encodings = self._library.encode_batch_fast(list(texts), add_special_tokens=False)
        for encoding in encodings:
            own = encoding.ids
            ids.fromlist(own)
            lengths.append(len(own))
        return Encoded(_int32(ids), _offsets(lengths))

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text, and the library's character offsets into the original text.

        The library lets a lone `▁` that the tokenizer itself put before a text, or behind an added
        token, share the character that follows; it stands for none, so its span is empty here.
        """
        ids, spans, lengths = array("i"), array("q"), []
        with library_errors(self.source, texts):
            encodings = self._library.encode_batch(list(texts), add_special_tokens=False)
        for encoding in encodings:
            own = encoding.ids
            ids.fromlist(own)
            spans.extend(chain.from_iterable(encoding.offsets))
            lengths.append(len(own))
        pairs = np.array(spans, dtype=np.int64).reshape(-1, 2)
        encoded = EncodedSpans(_int32(ids), _offsets(lengths), pairs)
        if self.inserted_spaces:
            inserted = self._inserted_spaces(encoded)
            pairs[inserted, 1] = pairs[inserted, 0]
        return encoded

    def _inserted_spaces(self, encoded: EncodedSpans) -> NDArray[np.bool_]:
        """Which tokens are spaces that the tokenizer put there, shape (n_tokens,).

        Such a token is a space by itself, the first of its text or behind an added token, and the
        next token of the text begins at the same character.
        """
        ids, starts = encoded.ids, encoded.spans[:, 0]
        opens_text = np.zeros(len(ids) + 1, dtype=np.bool_)
        opens_text[encoded.offsets] = True
        opens_fragment = opens_text[:-1].copy()
        opens_fragment[1:] |= np.isin(ids[:-1], list(self.added_ids))
        shares_start = np.zeros(len(ids), dtype=np.bool_)
        shares_start[:-1] = (starts[1:] == starts[:-1]) & ~opens_text[1:-1]
        return np.isin(ids, list(self.inserted_spaces)) & opens_fragment & shares_start

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell: joined vocabulary bytes."""
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        """The text that the joined bytes of its tokens spell, when no token is unknown.

        Where `keeps_whitespace` is false, it has the whitespace that the tokens lack.
        """
        with library_errors(self.source, (text,)):
            return self.speller.spell(text)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_library"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._library = for_encoding(parse_definition(self.definition, self.source))


def parse_definition(text: str, source: str) -> Any:
    """The library's tokenizer, without the truncation, padding and dropout that a file may set."""
    with library_errors(source):
        library = tokenizers.Tokenizer.from_str(text)
    library.no_truncation()
    library.no_padding()
    if getattr(library.model, "dropout", None) is not None:
        library.model.dropout = None
    return library


def as_the_library_read_it(library: Any, definition: Definition) -> Definition:
    """A definition whose components are written as the library writes them today.

    Files of older versions leave out what was the only choice then (`use_regex`,
    `prepend_scheme`); the library fills it in.

    Args:
        library: the `tokenizers.Tokenizer` made from the definition.
        definition: the parsed `tokenizer.json`.
    """
    parts = ("normalizer", "pre_tokenizer", "decoder")
    read = {part: getattr(library, part) for part in parts}
    written = {
        part: None if component is None else json.loads(component.__getstate__())
        for part, component in read.items()
    }
    return {**definition, **written}


def for_encoding(library: Any) -> Any:
    """The same without its post-processor, which would trim the spaces off the offsets."""
    library.post_processor = processors.Sequence([])
    return library


def _int32(ids: array[int]) -> NDArray[np.int32]:
    """The ids as an array that owns nothing twice."""
    return np.frombuffer(ids, dtype=np.int32) if ids else np.empty(0, dtype=np.int32)


def _offsets(lengths: Sequence[int]) -> NDArray[np.int64]:
    """Where each text begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(np.array(lengths, dtype=np.int64)))).astype(np.int64)


@contextmanager
def library_errors(source: str, texts: Sequence[str] = ()) -> Iterator[None]:
    """Turns what the library raises into an error that names the tokenizer, or the text.

    Args:
        source: the tokenizer, for messages.
        texts: the texts that are encoded, if any.
    """
    try:
        yield
    except (TypeError, UnicodeEncodeError):
        utf8(texts)  # names the text that is not Unicode, if that was it
        raise
    except BaseException as error:
        # The library raises bare Exception, and panics outside Exception; let all others pass.
        if type(error) is not Exception and type(error).__name__ != "PanicException":
            raise
        reason = " ".join(str(error).split())[:300]
        raise TokevalError(
            f"{source}: the tokenizers library says: {reason}", "save the tokenizer again"
        ) from error

"""A BPE by rank: what defines it, the tokenizer that encodes with tiktoken, and its merges."""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, AnyStr

import numpy as np
import tiktoken
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Merges, Pretokenization, Vocabulary
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import nfc_alignment, spans_of_bytes, utf8

# The bytes that occur in UTF-8: all but 0xC0, 0xC1 and 0xF5 to 0xFF.
BYTES_OF_UTF8 = (*range(0xC0), *range(0xC2, 0xF5))
MAX_ID = (1 << 24) - 1  # far above any vocabulary; a larger id is a damaged file


def last_parts(parts: Sequence[AnyStr], ranks: Mapping[AnyStr, int]) -> list[AnyStr]:
    """The parts after the best-ranked neighbours were joined, again and again, down to two.

    Best is the lowest rank of the joined string, then the leftmost. More than two parts are left
    when no neighbours join into a ranked string.

    >>> last_parts(list("abcd"), {"bc": 1, "ab": 2, "abc": 3})
    ['abc', 'd']
    """
    never = MAX_ID + 1
    left = list(parts)
    joined = [ranks.get(a + b, never) for a, b in pairwise(left)]
    while len(left) > 2 and (best := min(joined)) != never:
        i = joined.index(best)
        left[i : i + 2] = [left[i] + left[i + 1]]
        del joined[i]
        if i < len(joined):
            joined[i] = ranks.get(left[i] + left[i + 1], never)
        if i:
            joined[i - 1] = ranks.get(left[i - 1] + left[i], never)
    return left


@dataclass(frozen=True)
class RankedDefinition:
    """Everything that decides the ids of a BPE by rank.

    Attributes:
        ranks: rank of each token's bytes: the lower, the earlier it is joined.
        pattern: regular expression whose matches are encoded one by one.
        special: id of each special token.
        shift: what is added to a rank to give its id.
        nfc: a text is put in Unicode's form NFC first.
    """

    ranks: dict[bytes, int]
    pattern: str
    special: Mapping[str, int] = field(default_factory=dict)
    shift: int = 0
    nfc: bool = False

    def fingerprint(self) -> str:
        """sha256 over all of it, in an order that does not depend on the file's."""
        digest = hashlib.sha256()
        settings = [self.pattern, self.shift, self.nfc, sorted(self.special.items())]
        digest.update(json.dumps(settings).encode())
        for rank, token in sorted((rank, token) for token, rank in self.ranks.items()):
            digest.update(b"\n%d %s" % (rank, base64.b64encode(token)))
        return digest.hexdigest()

    def vocabulary(self) -> Vocabulary:
        """Bytes by id; a special token `<unk>` is the unknown token and spells nothing.

        Of two special texts with one id, as in o200k_harmony, the first stated is its token.
        """
        tokens = {rank + self.shift: token for token, rank in self.ranks.items()}
        for text, i in self.special.items():
            tokens.setdefault(i, b"" if text == "<unk>" else text.encode())
        high_bytes = (bytes([byte]) for byte in range(0x80, 0x100))
        return Vocabulary(
            tuple(tokens.get(i) for i in range(max(tokens) + 1)),
            special=frozenset(self.special.values()),
            byte_tokens=frozenset(
                self.ranks[byte] + self.shift for byte in high_bytes if byte in self.ranks
            ),
            unknown_id=self.special.get("<unk>"),
        )


class RankedTokenizer:
    """A BPE by rank. Texts of special tokens are ordinary text to it, never parsed."""

    keeps_whitespace = True

    def __init__(
        self,
        definition: RankedDefinition,
        *,
        name: str,
        source: str,
        bos_id: int | None = None,
        eos_id: int | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.definition = definition
        self._encoding = _encoding(definition, source)
        self.name = name
        self.source = source
        self.fingerprint = definition.fingerprint()
        self.loader = f"tiktoken-{tiktoken.__version__}"
        self.model = "BPE"
        self.vocabulary = definition.vocabulary()
        self.pretokenization: Pretokenization | None = _pretokenization(definition, source)
        self.added_texts: tuple[str, ...] = ()
        self.bos_id = bos_id
        self.eos_id = eos_id
        self.notes = tuple(notes)

    def __reduce__(self) -> tuple[object, ...]:
        kept = ("name", "source", "bos_id", "eos_id", "notes")
        return (_rebuild, (self.definition, {key: getattr(self, key) for key in kept}))

    @cached_property
    def _merges(self) -> Merges | None:
        return tuple(parts for parts in self._last_pairs.values() if parts is not None)

    @property
    def merges(self) -> Merges | None:
        """The join that makes each token, in order of rank; computed when first asked for.

        The pair is what the library's own rule leaves of the token's bytes when two parts are
        left. No other pair can ever make the token: as long as nothing is joined across its
        borders, what happens inside does not depend on what stands outside.
        """
        return self._merges

    @merges.setter
    def merges(self, value: Merges | None) -> None:
        self._merges = value

    @cached_property
    def _last_pairs(self) -> dict[int, tuple[bytes, bytes] | None]:
        """The last join of each token longer than a byte, by id, in order of rank."""
        ranks = self.definition.ranks
        singles = [bytes([i]) for i in range(256)]
        pairs: dict[int, tuple[bytes, bytes] | None] = {}
        for token in sorted(ranks, key=ranks.__getitem__):
            if len(token) > 1:
                parts = last_parts([singles[i] for i in token], ranks)
                pair = (parts[0], parts[1]) if len(parts) == 2 else None
                pairs[ranks[token] + self.definition.shift] = pair
        return pairs

    @property
    def ids_without_merge(self) -> tuple[int, ...]:
        """Tokens that no join makes: emitted only where they are a whole match of the pattern."""
        return tuple(i for i, pair in self._last_pairs.items() if pair is None)

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text.

        Raises:
            TokevalError: a text has a lone surrogate, or the pattern drops text or fails on it.
        """
        utf8(texts)
        return self._encode([self.normalize(text) for text in texts])[0]

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text with characters of the original text; errors as `encode_batch`."""
        utf8(texts)
        normalized = [self.normalize(text) for text in texts]
        encoded, spelled = self._encode(normalized)
        n_bytes = self.vocabulary.n_bytes[encoded.ids]
        spans = spans_of_bytes(spelled, n_bytes, encoded.offsets)
        for number, (text, changed) in enumerate(zip(texts, normalized, strict=True)):
            if text != changed:
                _, starts, ends = nfc_alignment(text)
                own = spans[encoded.offsets[number] : encoded.offsets[number + 1]]
                own[:] = np.stack((starts[own[:, 0]], ends[own[:, 1] - 1]), axis=1)
        return EncodedSpans(encoded.ids, encoded.offsets, spans)

    def _encode(self, texts: Sequence[str]) -> tuple[Encoded, list[bytes]]:
        """The ids of normalised texts, checked to spell every byte of them, and those bytes."""
        lists: list[list[int]] = []
        with _explained(texts, lists, self.source):
            lists.extend(map(self._encoding.encode_ordinary, texts))
        offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        flat = np.fromiter(chain.from_iterable(lists), dtype=np.int32, count=int(offsets[-1]))
        encoded = Encoded(flat + np.int32(self.definition.shift), offsets)
        spelled = utf8(texts)
        n_bytes = np.concatenate(([0], np.cumsum(self.vocabulary.n_bytes[encoded.ids])))
        short = np.flatnonzero(np.diff(n_bytes[offsets]) != [len(text) for text in spelled])
        if len(short):
            raise TokevalError(
                f"{self.source}: the pattern leaves out a part of {texts[short[0]][:40]!r}",
                "the regular expression must match every character; end it with `|[^a]|a`",
            )
        return encoded, spelled

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell; `KeyError` for an id without a token."""
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        """The text, in NFC where the definition says so."""
        return unicodedata.normalize("NFC", text) if self.definition.nfc else text


def _rebuild(definition: RankedDefinition, settings: dict[str, Any]) -> RankedTokenizer:
    """The same tokenizer in another process."""
    return RankedTokenizer(definition, **settings)


@contextmanager
def _explained(texts: Sequence[str], done: Sequence[object], source: str) -> Iterator[None]:
    """Turns a panic inside tiktoken, on the text after those done, into one line.

    Its regular expressions panic when they run out of stack, as on a million spaces, or match
    nothing; the panic is a BaseException whose class cannot be imported.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        text = texts[len(done)]
        raise TokevalError(
            f"{source}: tiktoken gave up on a text of {len(text)} characters, {text[:40]!r}: "
            f"{error}",
            "cut the text into shorter ones, such as lines, or mend the pattern",
        ) from error


def _encoding(definition: RankedDefinition, source: str) -> tiktoken.Encoding:
    """The library's encoder of ranks, without special tokens.

    Raises:
        TokevalError: a byte has no token, two tokens share an id, or the pattern is invalid.
    """
    missing = [byte for byte in BYTES_OF_UTF8 if bytes([byte]) not in definition.ranks]
    if missing:
        raise TokevalError(
            f"{source}: no token for {len(missing)} of the bytes of UTF-8, the first is "
            f"0x{missing[0]:02X}",
            "the file must rank every byte that occurs in UTF-8; is it complete?",
        )
    taken = {rank + definition.shift for rank in definition.ranks.values()}
    for text, i in definition.special.items():
        if i in taken:
            raise TokevalError(
                f"{source}: the special token {text!r} has the id {i} of an ordinary one",
                "give it an id after those of the ranks",
            )
    return _encoder(definition.pattern, definition.ranks, source)


def _encoder(pattern: str, ranks: dict[bytes, int], source: str) -> tiktoken.Encoding:
    """The library's encoder of a pattern and ranks; TokevalError when the pattern is invalid."""
    try:
        return tiktoken.Encoding(
            "tokeval", pat_str=pattern, mergeable_ranks=ranks, special_tokens={}
        )
    except ValueError as error:
        raise TokevalError(
            f"{source}: the pattern {pattern[:60]!r} is invalid: {error}",
            "write a regular expression in the syntax of Rust's fancy-regex",
        ) from error


def _pretokenization(definition: RankedDefinition, source: str) -> Pretokenization:
    """What the pattern does; digits by trial, with a vocabulary that has the number whole."""
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"12": 256}
    with _explained(["12"], [], source):
        alone = _encoder(definition.pattern, ranks, source).encode_ordinary("12") != [256]
    form = "NFC, then " if definition.nfc else ""
    return Pretokenization(
        patterns=(definition.pattern,),
        byte_level=True,
        prefix_space=False,
        digits="individual" if alone else None,
        description=f"{form}tiktoken pattern {definition.pattern}",
    )

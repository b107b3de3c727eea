"""The tokenizer that encodes by rank with tiktoken, and Mistral's tekken JSON that states one."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import tiktoken
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Merges, Pretokenization, Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import nfc_alignment, spans_of_bytes, utf8
from tokeval.loaders.tiktoken_files import RankedDefinition, last_parts, read_definition

# The bytes that occur in UTF-8: all but 0xC0, 0xC1 and 0xF5 to 0xFF.
BYTES_OF_UTF8 = (*range(0xC0), *range(0xC2, 0xF5))

# Files up to version v7 may leave out their special tokens; these are the first twenty then, and
# `<SPECIAL_20>` and so on follow (mistral-common, Tekkenizer.DEPRECATED_SPECIAL_TOKENS).
DEFAULT_SPECIAL = (  # noqa: SIM905 - twenty names are read more easily in a block
    "<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS] "
    "[/TOOL_RESULTS] [TOOL_CALLS] [IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE] [SUFFIX] "
    "[SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]"
).split()
VERSIONS_WITH_DEFAULTS = ("v1", "v2", "v3", "v7")


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
        self._definition = definition
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
        return (_rebuild, (self._definition, {key: getattr(self, key) for key in kept}))

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
        ranks = self._definition.ranks
        singles = [bytes([i]) for i in range(256)]
        pairs: dict[int, tuple[bytes, bytes] | None] = {}
        for token in sorted(ranks, key=ranks.__getitem__):
            if len(token) > 1:
                parts = last_parts([singles[i] for i in token], ranks)
                pair = (parts[0], parts[1]) if len(parts) == 2 else None
                pairs[ranks[token] + self._definition.shift] = pair
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
        encoded = Encoded(flat + np.int32(self._definition.shift), offsets)
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
        return unicodedata.normalize("NFC", text) if self._definition.nfc else text


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


def load_tekken(path: str, *, name: str) -> Tokenizer:
    """The tokenizer of a tekken JSON: ids are ranks after the special tokens.

    Only the first `default_vocab_size` - `default_num_special_tokens` entries are in use, as in
    mistral-common.

    Raises:
        TokevalError: the file cannot be read, or it is no tekken JSON; it names the entry.
    """
    what = "a tekken file is the JSON that Mistral publishes as `tekken.json`"
    try:
        stated = json.loads(read_definition(path))
    except ValueError as error:
        raise TokevalError(f"{path} is not JSON: {error}", what) from error
    config = stated.get("config") if isinstance(stated, dict) else None
    if not isinstance(config, dict) or not isinstance(stated.get("vocab"), list):
        raise TokevalError(f"{path} has no `config` and `vocab`", what)
    pattern, n_ids, n_special = (
        config.get(key) for key in ("pattern", "default_vocab_size", "default_num_special_tokens")
    )
    if not (isinstance(pattern, str) and isinstance(n_ids, int) and isinstance(n_special, int)):
        raise TokevalError(
            f"{path}: `config` lacks `pattern`, `default_vocab_size` or "
            "`default_num_special_tokens`",
            what,
        )
    if not 0 <= n_special < n_ids <= len(stated["vocab"]) + n_special:
        raise TokevalError(
            f"{path}: {n_ids} ids less {n_special} special ones do not fit `vocab`, which has "
            f"{len(stated['vocab'])} entries",
            what,
        )
    special = _special_ids(stated, n_special=n_special, path=path)
    ranks = _ranks(stated["vocab"][: n_ids - n_special], path)
    unused = len(stated["vocab"]) - len(ranks)
    return RankedTokenizer(
        RankedDefinition(ranks, pattern, special, shift=n_special),
        name=name,
        source=path,
        bos_id=special.get("<s>"),
        eos_id=special.get("</s>"),
        notes=(
            "texts of special tokens are encoded as ordinary text",
            *([f"{unused} tokens of the file are beyond its vocabulary size"] if unused else []),
        ),
    )


def _ranks(entries: Sequence[Any], path: str) -> dict[bytes, int]:
    """Rank by token of the entries in use, whose ranks must be their places."""
    ranks: dict[bytes, int] = {}
    for place, entry in enumerate(entries):
        try:
            token, rank = base64.b64decode(entry["token_bytes"], validate=True), entry["rank"]
        except (KeyError, TypeError, ValueError) as error:
            raise TokevalError(
                f"{path}: entry {place} of `vocab` has no rank and no base64 `token_bytes`: "
                f"{error}",
                "fetch the file again",
            ) from error
        if rank != place or token in ranks:
            raise TokevalError(
                f"{path}: entry {place} of `vocab` has rank {rank}"
                + (f" and repeats the token of entry {ranks[token]}" if token in ranks else ""),
                "entries stand in the order of their ranks, from 0, each with its own token",
            )
        ranks[token] = rank
    return ranks


def _special_ids(stated: dict[str, Any], *, n_special: int, path: str) -> dict[str, int]:
    """Id of each special token: stated or the defaults, then fillers up to their number."""
    entries = stated.get("special_tokens")
    if entries is None:
        version = stated["config"].get("version")
        if version not in VERSIONS_WITH_DEFAULTS:
            raise TokevalError(
                f"{path} has no `special_tokens`, which version {version} needs",
                "fetch the file again",
            )
        entries = [{"rank": i, "token_str": text} for i, text in enumerate(DEFAULT_SPECIAL)]
    try:
        special = {str(entry["token_str"]): int(entry["rank"]) for entry in entries}
    except (KeyError, TypeError, ValueError) as error:
        raise TokevalError(
            f"{path}: an entry of `special_tokens` has no `token_str` and `rank`: {error}",
            "fetch the file again",
        ) from error
    if len(special) != len(entries) or sorted(special.values()) != list(range(len(entries))):
        raise TokevalError(
            f"{path}: `special_tokens` repeats a token or a rank, or skips one",
            "fetch the file again",
        )
    if len(special) > n_special:
        raise TokevalError(
            f"{path} has {len(special)} special tokens, but says {n_special}",
            "set `default_num_special_tokens` to their number",
        )
    return special | {f"<SPECIAL_{i}>": i for i in range(len(special), n_special)}

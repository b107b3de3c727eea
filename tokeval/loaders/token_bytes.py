"""From the token strings of a `tokenizer.json` to the bytes that they spell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tokeval.core.tokenizer import Merges
from tokeval.errors import TokevalError

Definition = Mapping[str, Any]
"""A parsed `tokenizer.json`, or one component of it."""

SENTENCEPIECE_MARK = "▁"
_BYTE_TOKEN = re.compile(r"<0x([0-9A-F]{2})>")
_NESTED = ("pretokenizers", "normalizers", "decoders", "processors")
_SPACE_PATTERNS = frozenset({" ", " +", " {2,}", r"\s", r"\s+"})


def _byte_alphabet() -> dict[str, int]:
    """Byte by character of the byte-level alphabet (GPT-2's `bytes_to_unicode`, turned round).

    Printable Latin-1 stands for itself; the other 68 bytes are U+0100 and upwards, in order.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(printable)]
    alphabet = {chr(byte): byte for byte in printable}
    return alphabet | {chr(256 + place): byte for place, byte in enumerate(others)}


BYTE_OF_CHARACTER = _byte_alphabet()
_TO_LATIN_1 = str.maketrans({char: chr(byte) for char, byte in BYTE_OF_CHARACTER.items()})
_ALPHABET = frozenset(BYTE_OF_CHARACTER)


def components(part: Definition | None) -> Iterator[Definition]:
    """A component, or those inside it where it is a `Sequence` (of sequences), in order."""
    if not isinstance(part, Mapping):
        return
    if part.get("type") != "Sequence":
        yield part
        return
    for key in _NESTED:
        for child in part.get(key) or ():
            yield from components(child)


def has_component(part: Definition | None, kind: str) -> bool:
    """Whether a component of that type is in it, at any depth."""
    return any(component.get("type") == kind for component in components(part))


@dataclass(frozen=True)
class TokenSpelling:
    """What the strings of a vocabulary stand for, as the definition declares it.

    Attributes:
        byte_level: strings are in the byte-level alphabet.
        space_marks: strings that stand for a space, such as `▁`.
        byte_fallback: `<0xNN>` is one byte.
        continuing_prefix: mark of a token inside a word, such as `##`; empty when there is none.
        word_suffix: mark of a token that ends a word, such as `</w>`; empty when there is none.
    """

    byte_level: bool = False
    space_marks: tuple[str, ...] = ()
    byte_fallback: bool = False
    continuing_prefix: str = ""
    word_suffix: str = ""

    def token(self, string: str) -> bytes:
        """The bytes of a token of the model.

        >>> TokenSpelling(byte_level=True).token("ĠÃ©").decode()
        ' é'
        >>> TokenSpelling(continuing_prefix="##").token("##ing")
        b'ing'
        """
        if self.byte_fallback and (match := _BYTE_TOKEN.fullmatch(string)):
            return bytes((int(match[1], 16),))
        if string != self.continuing_prefix:
            string = string.removeprefix(self.continuing_prefix)
        if string != self.word_suffix:
            string = string.removesuffix(self.word_suffix)
        return self.text(string)

    def text(self, string: str) -> bytes:
        """The bytes of a stretch of text as the model is given it.

        In a byte-level vocabulary a string with a character outside the alphabet is literal, as
        it is for the library's own decoder.
        """
        if self.byte_level:
            if _ALPHABET.issuperset(string):
                return string.translate(_TO_LATIN_1).encode("latin-1")
            return string.encode()
        for mark in self.space_marks:
            string = string.replace(mark, " ")
        return string.encode()


def is_byte_token(string: str) -> bool:
    """Whether a string has the form `<0xNN>` that byte fallback emits."""
    return _BYTE_TOKEN.fullmatch(string) is not None


def token_spelling(definition: Definition, model_type: str) -> TokenSpelling:
    """How the strings of a definition's vocabulary are to be read.

    Args:
        definition: the parsed `tokenizer.json`.
        model_type: `BPE`, `Unigram`, `WordPiece` or `WordLevel`.
    """
    model, decoder = definition["model"], definition.get("decoder")
    byte_level = is_byte_level(definition)
    prefix = model.get("continuing_subword_prefix") or ""
    return TokenSpelling(
        byte_level=byte_level,
        space_marks=() if byte_level else space_marks(definition),
        byte_fallback=bool(model.get("byte_fallback")) or has_component(decoder, "ByteFallback"),
        continuing_prefix=prefix if model_type in ("BPE", "WordPiece") else "",
        word_suffix=(model.get("end_of_word_suffix") or "") if model_type == "BPE" else "",
    )


def is_byte_level(definition: Definition) -> bool:
    """Whether the vocabulary is in the byte-level alphabet: some component maps to or from it."""
    parts = ("pre_tokenizer", "normalizer", "decoder")
    return any(has_component(definition.get(part), "ByteLevel") for part in parts)


def space_marks(definition: Definition) -> tuple[str, ...]:
    """The strings that stand for a space, from what encodes; from the decoder where nothing does.

    A normaliser that replaces a space by something else counts when the decoder turns it back,
    or when the something is `▁`.
    """
    decoded = set(_decoder_marks(definition.get("decoder")))
    marks = {
        str(component.get("replacement", SENTENCEPIECE_MARK))
        for component in components(definition.get("pre_tokenizer"))
        if component.get("type") == "Metaspace"
    }
    for component in components(definition.get("normalizer")):
        content = component.get("content")
        if component.get("type") == "Replace" and content and not str(content).isspace():
            returns = content in decoded or content == SENTENCEPIECE_MARK
            if returns and _pattern_text(component) in _SPACE_PATTERNS:
                marks.add(str(content))
    return tuple(sorted(marks or decoded))


def _decoder_marks(decoder: Definition | None) -> Iterator[str]:
    """What the decoder turns into a space."""
    for component in components(decoder):
        if component.get("type") == "Metaspace":
            yield str(component.get("replacement", SENTENCEPIECE_MARK))
        elif component.get("type") == "Replace" and component.get("content") == " ":
            pattern = component.get("pattern")
            if isinstance(pattern, Mapping) and pattern.get("String"):
                yield str(pattern["String"])


def _pattern_text(component: Definition) -> str:
    """The text of a `{"String": ...}` or `{"Regex": ...}` pattern, empty when it has neither."""
    pattern = component.get("pattern")
    if not isinstance(pattern, Mapping):
        return ""
    return str(pattern.get("String") or pattern.get("Regex") or "")


def model_strings(model: Definition) -> Iterator[tuple[str, int]]:
    """The (string, id) pairs of a model: a mapping, or a Unigram's list of (string, score)."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, Mapping):
        yield from vocabulary.items()
    else:
        for place, (string, _score) in enumerate(vocabulary):
            yield string, place


def merge_pairs(model: Definition, *, spelling: TokenSpelling, source: str) -> Merges:
    """The merges in order, as the bytes of the left and of the right part.

    Accepts `["a", "b"]` and `"a b"`; the library reads the latter by splitting at its one space.

    Raises:
        TokevalError: an entry is neither.
    """
    spelled: dict[str, bytes] = {}  # few strings, many merges: one object for each
    for string, _ in model_strings(model):
        spelled[string] = spelling.token(string)
    return tuple(
        (spelled[left], spelled[right])
        for left, right in string_pairs(model.get("merges") or (), source)
    )


def string_pairs(entries: Iterable[Any], source: str) -> Iterator[tuple[str, str]]:
    """The entries as pairs of strings; `#version` lines are no merges."""
    for place, entry in enumerate(entries):
        if isinstance(entry, str) and entry.startswith("#version"):
            continue
        parts = entry.split(" ") if isinstance(entry, str) else entry
        if not isinstance(parts, (list, tuple)) or len(parts) != 2:
            raise TokevalError(
                f"{source}: merge {place} is not a pair: {str(entry)[:60]!r}",
                'write merges as "left right" or ["left", "right"]',
            )
        yield parts[0], parts[1]

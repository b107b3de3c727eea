"""The vocabulary of a `tokenizer.json`: bytes by id, special ids, and what is doubtful in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tokeval.core.tokenizer import Vocabulary
from tokeval.errors import TokevalError
from tokeval.loaders.token_bytes import (
    Definition,
    TokenSpelling,
    is_byte_token,
    model_strings,
)

HIGHEST_ID = 1 << 24


@dataclass(frozen=True)
class AddedToken:
    """A token that is cut out of text before the model sees it.

    Attributes:
        id: the id that the library gives it.
        content: the text that it is written as.
        special: it is a control token.
        spelled: the bytes that it spells in a text.
    """

    id: int
    content: str
    special: bool
    spelled: bytes


def added_tokens(
    library: Any, definition: Definition, spelling: TokenSpelling
) -> tuple[AddedToken, ...]:
    """The added tokens, in the order of their ids, as the library holds them.

    A special token spells its content. So does another one, except that a token which is matched
    on normalised text (`normalized`) spells its normalised content, and one that the model holds
    under the same string spells what the model's token spells: `▁▁` as an added token of a
    vocabulary with `▁` is two spaces wherever the model makes it.

    Args:
        library: the `tokenizers.Tokenizer` made from the definition.
        definition: the parsed `tokenizer.json`.
        spelling: how the model's strings are read.
    """
    in_model = {string for string, _ in model_strings(definition["model"])}
    normalizer = library.normalizer
    tokens = []
    for number, token in sorted(library.get_added_tokens_decoder().items()):
        spelled = token.content.encode()
        if not token.special and token.content in in_model:
            spelled = spelling.token(token.content)
        elif not token.special and token.normalized and normalizer is not None:
            spelled = spelling.text(normalizer.normalize_str(token.content))
        tokens.append(AddedToken(number, token.content, token.special, spelled))
    return tuple(tokens)


def read_vocabulary(
    definition: Definition, *, spelling: TokenSpelling, added: tuple[AddedToken, ...], source: str
) -> Vocabulary:
    """The bytes of every id of the model and of the added tokens; ids may have gaps.

    Raises:
        TokevalError: the vocabulary is empty, or an id is negative or absurdly high.
    """
    strings = dict(_strings_by_id(definition["model"]))
    highest = max([*strings, *(token.id for token in added)], default=-1)
    if highest < 0:
        raise TokevalError(f"{source} has an empty vocabulary", "train the tokenizer first")
    if highest >= HIGHEST_ID or min(strings, default=0) < 0:
        raise TokevalError(
            f"{source} has the token id {highest}, above {HIGHEST_ID - 1}",
            "give the tokens consecutive ids from 0",
        )
    token_bytes: list[bytes | None] = [None] * (highest + 1)
    for number, string in strings.items():
        token_bytes[number] = spelling.token(string)
    for token in added:
        token_bytes[token.id] = token.spelled
    unknown = unknown_id(definition["model"])
    if unknown is not None:
        token_bytes[unknown] = b""
    special = {token.id for token in added if token.special}
    return Vocabulary(
        token_bytes=tuple(token_bytes),
        special=frozenset(special if unknown is None else special | {unknown}),
        byte_tokens=_byte_tokens(strings, spelling, {token.id for token in added}),
        unknown_id=unknown,
    )


def with_special(vocabulary: Vocabulary, *ids: int | None) -> Vocabulary:
    """The vocabulary with further ids marked special; `None` is passed over."""
    further = {number for number in ids if number is not None}
    if further <= vocabulary.special:
        return vocabulary
    return replace(vocabulary, special=vocabulary.special | further)


def unknown_id(model: Definition) -> int | None:
    """The id of the unknown token, `None` when the model has none or does not hold it."""
    if not isinstance(model["vocab"], Mapping):
        number = model.get("unk_id")
        return number if isinstance(number, int) else None
    found = model["vocab"].get(model.get("unk_token"))
    return found if isinstance(found, int) else None


def doubts(
    definition: Definition, *, spelling: TokenSpelling, added: tuple[AddedToken, ...]
) -> Iterator[str]:
    """What a reader should know of ids that mean two things, or not what the file says."""
    model = definition["model"]
    strings = list(model_strings(model))
    shared = len(strings) - len({number for _, number in strings})
    if shared:
        yield f"{shared} ids of the model stand for more than one string: their bytes are doubtful"
    ids = {token.content: token.id for token in added}
    moved = [
        token["content"]
        for token in definition.get("added_tokens") or ()
        if ids.get(token["content"], token["id"]) != token["id"]
    ]
    if moved:
        yield (
            f"{len(moved)} added tokens have another id in the library than in the file, "
            f"the first is {moved[0]!r}: the library's ids are used"
        )
    byte_level_twins = [
        token.content
        for token in added
        if spelling.byte_level and not token.special and token.spelled != token.content.encode()
    ]
    if byte_level_twins:
        yield (
            f"the added token {byte_level_twins[0]!r} shares its id with the model's token of "
            "the same string, which spells other bytes"
        )


def _strings_by_id(model: Definition) -> Iterator[tuple[int, str]]:
    """The model's (id, string) pairs."""
    for string, number in model_strings(model):
        yield number, string


def _byte_tokens(
    strings: Mapping[int, str], spelling: TokenSpelling, added: set[int]
) -> frozenset[int]:
    """Ids that spell one byte of a character: `<0xNN>`, or single bytes ≥ 0x80 when byte-level."""
    if spelling.byte_fallback:
        declared = frozenset(number for number, string in strings.items() if is_byte_token(string))
        if declared:
            return declared
    if not spelling.byte_level:
        return frozenset()
    spelled = ((number, spelling.token(string)) for number, string in strings.items())
    return frozenset(
        number
        for number, token in spelled
        if len(token) == 1 and token[0] >= 0x80 and number not in added
    )

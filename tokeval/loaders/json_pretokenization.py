"""How a `tokenizer.json` says that it cuts text: its pre-tokenizer as regular expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tokeval.core.tokenizer import Pretokenization
from tokeval.loaders.token_bytes import (
    SENTENCEPIECE_MARK,
    Definition,
    components,
    has_component,
)

GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
"""What ByteLevel cuts by when `use_regex` is set (Radford et al. 2019)."""

_PUNCTUATION = r"[!-/:-@\[-`{-~\p{P}]"


class NotARegularExpression(Exception):  # noqa: N818 - a condition between functions, no failure
    """A component that cuts text in a way that no list of patterns says."""


def read_pretokenization(library: Any, definition: Definition) -> Pretokenization | None:
    """The patterns of the pre-tokenizer, `None` when there is none that cuts.

    A component that drops what it matches (`Removed`) gives its pattern all the same: matches and
    gaps are separate pieces, and one kind of them then has no tokens.

    Args:
        library: the `tokenizers.Tokenizer` made from the definition.
        definition: the parsed `tokenizer.json`.

    Raises:
        NotARegularExpression: a component cannot be written as a pattern; names it.
    """
    pre_tokenizer = definition.get("pre_tokenizer")
    patterns = tuple(
        pattern for part in components(pre_tokenizer) for pattern in component_patterns(part)
    )
    if not patterns:
        return None
    return Pretokenization(
        patterns=patterns,
        byte_level=has_component(pre_tokenizer, "ByteLevel"),
        prefix_space=puts_space_before(definition),
        digits="individual" if cuts_digits(library.pre_tokenizer) else None,
        description=json.dumps(pre_tokenizer, ensure_ascii=False, separators=(",", ":")),
    )


def component_patterns(part: Definition) -> list[str]:
    """The patterns of one component, in order; empty when it cuts nothing.

    Raises:
        NotARegularExpression: the component is of an unknown kind or cuts by other rules.
    """
    kind = str(part.get("type"))
    if kind not in _PATTERNS:
        raise NotARegularExpression(kind)
    return _PATTERNS[kind](part)


def puts_space_before(definition: Definition) -> bool:
    """Whether a space, or the mark of one, is put before a text that does not begin with one."""
    for part in components(definition.get("pre_tokenizer")):
        if part.get("type") == "ByteLevel" and part["add_prefix_space"]:
            return True
        if part.get("type") == "Metaspace" and part["prepend_scheme"] != "never":
            return True
    return any(
        part.get("type") == "Prepend" and part.get("prepend") in (" ", SENTENCEPIECE_MARK)
        for part in components(definition.get("normalizer"))
    )


def cuts_digits(pre_tokenizer: Any) -> bool:
    """Whether every digit is its own piece, by what the library's pre-tokenizer does."""
    pieces = [piece for piece, _ in pre_tokenizer.pre_tokenize_str("x 2718281828")]
    return "".join(pieces).endswith("2718281828") and pieces[-9:] == list("718281828")


def _split(part: Definition) -> list[str]:
    """The pattern of a Split; a `String` is escaped."""
    pattern = part["pattern"]
    regex = pattern["Regex"] if "Regex" in pattern else re.escape(pattern["String"])
    if part.get("invert") and part["behavior"] not in ("Isolated", "Removed"):
        raise NotARegularExpression("Split with invert and merged pieces")
    return [merged(regex, part["behavior"])]


def merged(regex: str, behavior: str) -> str:
    """A pattern whose matches and gaps are the pieces that a behaviour makes of a pattern.

    >>> merged("-", "Contiguous")
    '(?:-)+'
    """
    gap = rf"(?:(?!{regex})[\s\S])"
    if behavior == "MergedWithPrevious":
        return rf"{gap}*(?:{regex})|{gap}+"
    if behavior == "MergedWithNext":
        return rf"(?:{regex}){gap}*|{gap}+"
    return f"(?:{regex})+" if behavior == "Contiguous" else regex


def _byte_level(part: Definition) -> list[str]:
    return [GPT2_PATTERN] if part["use_regex"] else []


def _metaspace(part: Definition) -> list[str]:
    if not part["split"]:
        return []
    return [merged(re.escape(part["replacement"]), "MergedWithNext")]


def _bert(_part: Definition) -> list[str]:
    return [r"\s", _PUNCTUATION]


def _fixed_length(part: Definition) -> list[str]:
    return [rf"[\s\S]{{1,{part['length']}}}"]


_PATTERNS: Mapping[str, Callable[[Definition], list[str]]] = {
    "BertPreTokenizer": _bert,
    "ByteLevel": _byte_level,
    "CharDelimiterSplit": lambda part: [re.escape(part["delimiter"])],
    "Digits": lambda part: [r"\p{N}" if part["individual_digits"] else r"\p{N}+"],
    "FixedLength": _fixed_length,
    "Metaspace": _metaspace,
    "Punctuation": lambda part: [merged(_PUNCTUATION, part["behavior"])],
    "Split": _split,
    "Whitespace": lambda _part: [r"\w+|[^\w\s]+"],
    "WhitespaceSplit": lambda _part: [r"\S+"],
}

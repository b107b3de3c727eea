"""What stands before the model of a `tokenizer.json`, and the scanner for it where one is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokeval.loaders.json_encoding import JsonTokenizer, as_the_library_read_it, parse_definition
from tokeval.loaders.token_bytes import (
    SENTENCEPIECE_MARK,
    Definition,
    TokenSpelling,
    components,
    token_spelling,
)
from tokeval.pretokenization.scanners import Rule, Scanner, scanner_of
from tokeval.pretokenization.scanners_kernels import SPACES, THREE_STAGES
from tokeval.pretokenization.scanners_kinds import digit_table
from tokeval.pretokenization.scanners_normal import Replaced, Step, Steps, fast_normalizer

_NO_MODEL = {"type": "BPE", "vocab": {}, "merges": []}
_SAMPLE = "one two  three\nfour, 56 seven! 八九 ten"


@dataclass(frozen=True)
class JsonFront:
    """Normaliser and pre-tokenizer of a `tokenizer.json`.

    Attributes:
        source: the tokenizer, for messages.
        description: the pre-tokenizer's definition.
        normalize: what the pre-tokenizer sees; where there is no pre-tokenizer that cuts, what the
            model sees, with a space for `▁`.
        pre_tokenizer: the library's object, `None` where there is none.
        spelling: how a piece of text is read.
        cuts: whether the pre-tokenizer cuts anything after the normaliser.
        scanner: what cuts like it, `None` where none is known.
        space_before: whether it puts a space before a text.
        space_mark: what stands for a space in its pieces, else empty.
    """

    source: str
    description: str
    normalize: Step
    pre_tokenizer: Any
    spelling: TokenSpelling
    cuts: bool
    scanner: Scanner | None = None
    space_before: bool = False
    space_mark: str = ""


def read_front(tokenizer: JsonTokenizer) -> JsonFront:
    """The front of a tokenizer, from its own definition as the library reads it."""
    stated = json.loads(tokenizer.definition)
    # The model is left out: its merges take the library a second, and are not asked for.
    front = {**stated, "model": _NO_MODEL, "added_tokens": []}
    library = parse_definition(json.dumps(front), tokenizer.source)
    definition = as_the_library_read_it(library, stated)
    normalize = fast_normalizer(definition.get("normalizer"), library.normalizer)
    pre_tokenizer = library.pre_tokenizer
    cuts = pre_tokenizer is not None and (
        len(pre_tokenizer.pre_tokenize_str(normalize(_SAMPLE))) != 1
    )
    parts = list(components(definition.get("pre_tokenizer")))
    metaspace = len(parts) == 1 and parts[0].get("type") == "Metaspace"
    if metaspace and parts[0]["replacement"] != SENTENCEPIECE_MARK:
        metaspace = False
    if not cuts or metaspace:
        normalize = Steps((normalize, Replaced(SENTENCEPIECE_MARK, " ")))
    scanner = Scanner(Rule(SPACES), digit_table()) if metaspace else _scanner(parts)
    return JsonFront(
        source=tokenizer.source,
        description=json.dumps(definition.get("pre_tokenizer"), ensure_ascii=False),
        normalize=normalize,
        pre_tokenizer=pre_tokenizer,
        spelling=token_spelling(definition, tokenizer.model),
        cuts=cuts,
        scanner=scanner if cuts else None,
        space_before=_puts_space(parts),
        space_mark=SENTENCEPIECE_MARK if metaspace else "",
    )


def _scanner(parts: list[Definition]) -> Scanner | None:
    """The scanner for some components, `None` where they are not one known pattern."""
    patterns: list[str] = []
    removes = False
    for part in parts:
        split = _split_pattern(part)
        if split is not None:
            patterns.append(split)
            removes |= part["behavior"] == "Removed"
        elif part.get("type") != "ByteLevel" or (part["add_prefix_space"] and len(parts) > 1):
            return None
        elif part["use_regex"]:
            patterns += _gpt2()
    scanner = scanner_of(patterns, "tokenizers")
    # Only where a pattern matches everything is to keep its matches to keep all pieces.
    if scanner is not None and removes and scanner.rule.family == THREE_STAGES:
        return None
    return scanner


def _split_pattern(part: Mapping[str, Any]) -> str | None:
    """The expression of a Split whose matches are pieces, `None` for anything else."""
    if part.get("type") != "Split" or "Regex" not in part["pattern"]:
        return None
    isolated = part["behavior"] == "Isolated"
    kept = part["behavior"] == "Removed" and part["invert"]
    return part["pattern"]["Regex"] if isolated or kept else None


def _gpt2() -> list[str]:
    """The pattern that is built into ByteLevel."""
    from tokeval.loaders.json_pretokenization import GPT2_PATTERN

    return [GPT2_PATTERN]


def _puts_space(parts: list[Definition]) -> bool:
    """Whether the one component puts a space before a text."""
    if len(parts) != 1:
        return False
    part = parts[0]
    if part.get("type") == "Metaspace":
        return bool(part["prepend_scheme"] != "never")
    return part.get("type") == "ByteLevel" and bool(part["add_prefix_space"])

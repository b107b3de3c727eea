"""Checks of one tokenizer by itself: its vocabulary, its merges, and what it does to probes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tokeval.core.tokenizer import Encoded, Tokenizer
from tokeval.document import Finding
from tokeval.metrics.codes import finding
from tokeval.metrics.reachability import printable

MAX_EXAMPLES = 20
_MARKER = re.compile(r"<[|\uff5c].+[|\uff5c]>|</?[a-zA-Z_]{1,30}>|\[/?[A-Z_]{2,30}\]")

LOSS_PROBES: Mapping[str, Sequence[str]] = {
    "case": ("Paris and ROME",),
    "accents": ("caf\u00e9 na\u00efve \u00fcber",),
    "canonical form (NFC)": ("cafe\u0301 \u1100\u1161", "\u212b\ufa1c"),
    "compatibility form (NFKC)": ("\ufb01n \uff21 \u00b2 \u2460",),
    "white space": ("a  b", "a\tb", "a\nb", "a\r\nb", "a ", "a\u00a0b"),
    "control and format characters": ("a\x01b", "a\u200bb", "a\ufeffb"),
    "quotes and dashes": ("\u201ca\u201d \u2018b\u2019 \u2013 \u2014",),
}
"""Texts by the class of characters that a normaliser may change in them."""


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes:
        n: how many tokens, merges or texts it concerns; `None` where there is nothing to check.
        findings: what a reader should act on.
    """

    n: int | None
    findings: tuple[Finding, ...] = ()


def found(
    code: str, tokenizer: Tokenizer, message: str, examples: Sequence[str], *, n: int | None = None
) -> Checked:
    """What a check found from its examples, all of which count unless n says otherwise."""
    number = len(examples) if n is None else n
    if not number:
        return Checked(0)
    shown = examples[:MAX_EXAMPLES]
    return Checked(
        number, (finding(code, tokenizer.name, message.format(n=number), n=number, examples=shown),)
    )


def definition_of(tokenizer: Tokenizer) -> Mapping[str, Any] | None:
    """The parsed `tokenizer.json` of a tokenizer that was made from one."""
    text = getattr(tokenizer, "definition", None)
    definition = json.loads(text) if isinstance(text, str) else None
    return definition if isinstance(definition, Mapping) and "model" in definition else None


def broken_merges(tokenizer: Tokenizer, definition: Mapping[str, Any] | None) -> Checked:
    """Merges of which a part or the result is no token, by strings where a file has them.

    Merges that a loader derives from the vocabulary (a property there) cannot lack anything.
    """
    if isinstance(getattr(type(tokenizer), "merges", None), property) or tokenizer.merges is None:
        return Checked(None)
    if definition is not None and definition["model"].get("merges"):
        vocabulary = set(definition["model"]["vocab"])
        prefix = definition["model"].get("continuing_subword_prefix") or ""
        broken = [
            f"{left} {right}"
            for left, right in _string_pairs(definition["model"]["merges"])
            if not {left, right, left + right.removeprefix(prefix)} <= vocabulary
        ]
    else:
        known = {token for token in tokenizer.vocabulary.token_bytes if token}
        broken = [
            " + ".join(printable([left, right]))
            for left, right in tokenizer.merges
            if not {left, right, left + right} <= known
        ]
    return found("broken-merge", tokenizer, "{n} merges lack a part or their result", broken)


def _string_pairs(entries: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Merges written as pairs or as `left right`."""
    for entry in entries:
        if isinstance(entry, str) and entry.startswith("#version"):
            continue
        left, right = entry.split(" ") if isinstance(entry, str) else entry
        yield left, right


def id_gaps(tokenizer: Tokenizer) -> Checked:
    """Ids below the highest that have no token."""
    gaps = [str(i) for i, token in enumerate(tokenizer.vocabulary.token_bytes) if token is None]
    return found("id-gap", tokenizer, "{n} ids below the highest have no token", gaps)


def duplicate_tokens(tokenizer: Tokenizer, definition: Mapping[str, Any] | None) -> Checked:
    """Ids whose bytes a lower id has already; byte tokens and the unknown token left out.

    A token inside a word (`##a`) and one that begins it (`a`) are no duplicates.
    """
    marks: dict[int, tuple[bool, bool]] = {}
    if definition is not None:
        marks = _word_marks(definition["model"])
    elif not tokenizer.keeps_whitespace:
        return Checked(None)
    vocabulary = tokenizer.vocabulary
    seen: set[tuple[bytes, tuple[bool, bool]]] = set()
    again = []
    for i, token in enumerate(vocabulary.token_bytes):
        if not token or i in vocabulary.byte_tokens:
            continue
        key = (token, marks.get(i, (False, False)))
        if key in seen:
            again.append(token)
        seen.add(key)
    examples = printable(again)
    message = "{n} ids spell what a lower id spells"
    return found("duplicate-token", tokenizer, message, examples, n=len(again))


def _word_marks(model: Mapping[str, Any]) -> dict[int, tuple[bool, bool]]:
    """Whether tokens carry the mark of a word's inside or of its end, by id, where any do."""
    prefix = model.get("continuing_subword_prefix") or ""
    suffix = model.get("end_of_word_suffix") or ""
    if not (prefix or suffix) or not isinstance(model["vocab"], Mapping):
        return {}
    return {
        i: (bool(prefix) and string.startswith(prefix), bool(suffix) and string.endswith(suffix))
        for string, i in model["vocab"].items()
    }


def partial_tokens(tokenizer: Tokenizer) -> Checked:
    """Tokens other than special and byte tokens that are not valid UTF-8 by themselves."""
    vocabulary = tokenizer.vocabulary
    left_out = vocabulary.special | vocabulary.byte_tokens
    partial = [
        token
        for i, token in enumerate(vocabulary.token_bytes)
        if token and i not in left_out and "\ufffd" in token.decode(errors="replace")
        and b"\xef\xbf\xbd" not in token
    ]  # fmt: skip
    message = "{n} tokens begin or end inside a character"
    return found("partial-utf8-token", tokenizer, message, printable(partial), n=len(partial))


def nondeterministic_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> Checked:
    """Texts whose ids differ when they are encoded again, in reverse order, or one by one."""
    first = id_lists(tokenizer.encode_batch(texts))
    again = id_lists(tokenizer.encode_batch(texts))
    backwards = id_lists(tokenizer.encode_batch(texts[::-1]))[::-1]
    alone = [id_lists(tokenizer.encode_batch([text]))[0] for text in texts]
    differ = [
        text
        for text, *ids in zip(texts, first, again, backwards, alone, strict=True)
        if any(other != ids[0] for other in ids[1:])
    ]
    return found("nondeterministic", tokenizer, "{n} texts have ids that change", differ)


def normaliser_losses(tokenizer: Tokenizer) -> Checked:
    """Classes of characters that the tokens do not give back."""
    lost = []
    for kind, probes in LOSS_PROBES.items():
        for probe in probes:
            spelled = tokenizer.normalize(probe)
            if not tokenizer.keeps_whitespace and kind == "white space":
                spelled = "".join(spelled.split())
            if probe not in (spelled, spelled.removeprefix(" ")):
                lost.append(f"{kind}: {_escaped(probe)} → {_escaped(spelled)}")
                break
    return found("normaliser-loss", tokenizer, "{n} kinds of characters are not kept", lost)


def _escaped(text: str) -> str:
    """A text in which everything but letters, marks and the like is written as an escape."""
    return "".join(
        char if unicodedata.category(char)[0] not in "CZM" or char == " " else ascii(char)[1:-1]
        for char in text
    )


def injectable(tokenizer: Tokenizer) -> tuple[Checked, Checked]:
    """Special tokens, then added tokens that look like markers, that plain text becomes."""
    vocabulary = tokenizer.vocabulary
    texts = set(tokenizer.added_texts)
    special: dict[str, int] = {}
    markers: dict[str, int] = {}
    for i, token in enumerate(vocabulary.token_bytes):
        text = token.decode(errors="replace") if token else ""
        if i in vocabulary.special and i != vocabulary.unknown_id and text:
            special[text] = i
        elif text in texts and _MARKER.fullmatch(text):
            markers[text] = i
    results = []
    for code, wanted in (
        ("injectable-special-token", special),
        ("injectable-chat-marker", markers),
    ):
        ids = id_lists(tokenizer.encode_batch([f"a{text}b" for text in wanted]))
        hit = [text for (text, i), own in zip(wanted.items(), ids, strict=True) if i in own]
        message = "plain text is encoded to {n} tokens that steer the model"
        results.append(found(code, tokenizer, message, hit))
    return results[0], results[1]


def id_lists(encoded: Encoded) -> list[list[int]]:
    """The ids of each text."""
    ids, ends = encoded.ids.tolist(), encoded.offsets.tolist()
    return [ids[start:end] for start, end in pairwise(ends)]

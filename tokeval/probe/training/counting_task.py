"""Counting a letter in strings of two, cut into letters or by byte pair encoding.

Some merged tokens are held out: where letters are counted, training spells them by their letters.
They occur whole only in texts that are continued and not counted, so that they are known tokens
whose letters were never needed. The test asks of the same strings in both spellings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from tokeval.errors import TokevalError, UsageError
from tokeval.probe.training.letter_cutting import (
    Characters,
    LearnedMerges,
    Pieces,
    drawn_strings,
    spelled,
)
from tokeval.probe.training.tasks import EXACT_MATCH, Ids, Question, Rows, Tally

Cutting = Literal["characters", "bpe"]

CUTTINGS: tuple[Cutting, ...] = ("characters", "bpe")

TEST_STREAM = 5
MOST_ROUNDS = 200
"""Rounds of drawing as many strings as are wanted before there are too few of a kind."""

COUNT, READ, EQUALS, END = range(4)
"""The first tokens: begin a counted text, begin one that is not, before the count, end of text."""

N_SIGNS = 4


@dataclass(frozen=True)
class CountingTask:
    """Rows `count, pieces of the string, =, number`, the number as one token.

    Attributes:
        cutting: into what strings are cut.
        letters: two; the first is counted, and both are equally likely.
        lengths: of strings, both ends included, equally likely.
        n_merged: tokens of more than one letter.
        held_out: share of those that occur in at least 2% of strings.
        read_share: of rows that hold a text that is only read: each of its tokens is predicted.
        n_strings: of the test, all different, each with a token that is held out. They are the same
            for both cuttings.
        seed: of the tokenizer, the tokens held out, and the test.
    """

    cutting: Cutting = "characters"
    letters: str = "ab"
    lengths: tuple[int, int] = (10, 20)
    n_merged: int = 20
    held_out: float = 0.25
    read_share: float = 0.25
    n_strings: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.cutting not in CUTTINGS:
            raise UsageError(f"there is no cutting {self.cutting!r}", "choose characters or bpe")
        if len(set(self.letters)) != 2 or len(self.letters) != 2 or not self.letters.isalpha():
            raise UsageError(
                f"{self.letters!r} is no pair of letters", "give two different ones, such as ab"
            )
        if not 2 <= self.lengths[0] <= self.lengths[1]:
            raise UsageError(
                f"no string has {self.lengths[0]} to {self.lengths[1]} letters",
                "give lengths from 2, the lowest first, such as 10-20",
            )
        if not (0 < self.held_out < 1 and 0 <= self.read_share < 1):
            raise UsageError(
                f"shares of {self.held_out:g} held out and {self.read_share:g} read are none",
                "give shares between 0 and 1",
            )
        if self.n_merged < 2 or self.n_strings < 1:
            raise UsageError(
                f"{self.n_merged} merged tokens and {self.n_strings} strings are too few",
                "give at least 2 and 1",
            )

    @property
    def name(self) -> str:
        """Of the configuration."""
        return f"counting-{self.letters}-{self.lengths[0]}-{self.lengths[1]}-{self.cutting}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """What rows and questions depend on."""
        return {
            "task": "counting",
            "cutting": self.cutting,
            "letters": self.letters,
            "counted": self.letters[0],
            "lengths": f"{self.lengths[0]}-{self.lengths[1]}",
            "merged tokens": self.n_merged,
            "held out share": self.held_out,
            "held out": sorted(self.held_out_tokens),
            "read share": self.read_share,
            "strings": self.n_strings,
            "test seed": self.seed,
        }

    @cached_property
    def _merges(self) -> LearnedMerges:
        """The byte pair encoding; characters need it too, to be asked of the same strings."""
        return LearnedMerges(self.letters, self.lengths, self.n_merged, self.seed)

    @cached_property
    def held_out_tokens(self) -> frozenset[str]:
        """Merged tokens that are never counted in training."""
        return self._merges.held_out(self.held_out, self.seed)

    @cached_property
    def _cut(self) -> Characters | LearnedMerges:
        """How strings are cut."""
        return Characters(self.letters) if self.cutting == "characters" else self._merges

    @cached_property
    def _ids(self) -> Mapping[str, int]:
        """The id of each piece."""
        return {token: N_SIGNS + i for i, token in enumerate(self._cut.tokens)}

    @property
    def n_symbols(self) -> int:
        """Signs, pieces, and the numbers from 0 to the longest length."""
        return self._number(self.lengths[1]) + 1

    def _number(self, count: int) -> int:
        """The token of a number."""
        return N_SIGNS + len(self._ids) + count

    @property
    def family(self) -> str:
        """What both cuttings share."""
        return self.name.removesuffix(f"-{self.cutting}")

    @property
    def n_positions(self) -> int:
        """A string of single letters with two signs and its count."""
        return self.lengths[1] + 3

    @cached_property
    def strings(self) -> Sequence[str]:
        """Those of the test: different ones, with a token that is held out in each.

        Raises:
            TokevalError: there are not so many.
        """
        generator = np.random.default_rng([self.seed, TEST_STREAM])
        found: dict[str, None] = {}
        for _ in range(MOST_ROUNDS):
            texts = drawn_strings(self.letters, self.lengths, self.n_strings, generator)
            for text, pieces in zip(texts, self._merges.cut(texts), strict=True):
                if not self.held_out_tokens.isdisjoint(pieces):
                    found[text] = None
            if len(found) >= self.n_strings:
                return list(found)[: self.n_strings]
        raise TokevalError(
            f"there are only {len(found)} different strings of {self.lengths[0]} to "
            f"{self.lengths[1]} letters with a token that is held out",
            "give longer strings, or test with fewer",
        )

    @property
    def spellings(self) -> tuple[str, ...]:
        """The ways in which each string of the test is asked, in the order of the questions.

        seen: in tokens that were counted in training, as single letters all are. unseen: with the
        tokens that are held out.
        """
        return ("seen",) if self.cutting == "characters" else ("seen", "unseen")

    @cached_property
    def questions(self) -> Sequence[Question]:
        """Of each string in each spelling, the spellings of a string together."""
        return [
            Question(
                f"{spelling}/{i}",
                " ".join(pieces),
                (COUNT, *(self._ids[piece] for piece in pieces), EQUALS),
                (self._number(text.count(self.letters[0])),),
            )
            for i, (text, cut) in enumerate(
                zip(self.strings, self._cut.cut(self.strings), strict=True)
            )
            for spelling, pieces in self._spelled(cut)
        ]

    def _spelled(self, cut: Pieces) -> Iterator[tuple[str, Pieces]]:
        """The spellings of a string that was cut."""
        for spelling in self.spellings:
            yield (
                spelling,
                spelled(cut, self.held_out_tokens) if spelling == "seen" else cut,
            )

    def rows(self, n: int, generator: np.random.Generator) -> Rows:
        """Counted texts, and at the end the share of those that are only read.

        No string of the test is among them, in any spelling.
        """
        texts = drawn_strings(self.letters, self.lengths, n, generator)
        while held := [i for i, text in enumerate(texts) if text in self._test_strings]:
            new = drawn_strings(self.letters, self.lengths, len(held), generator)
            for i, text in zip(held, new, strict=True):
                texts[i] = text
        n_read = round(self.read_share * n)
        ids = np.full((n, self.n_positions), END, dtype=np.int64)
        is_learned = np.zeros(ids.shape, dtype=bool)
        for i, (text, cut) in enumerate(zip(texts, self._cut.cut(texts), strict=True)):
            is_counted = i < n - n_read
            row = self._counted(text, cut) if is_counted else self._read(cut)
            ids[i, : len(row)] = row
            is_learned[i, len(row) - 1 if is_counted else 1 : len(row)] = True
        longest = int(np.flatnonzero(np.logical_or.reduce(is_learned))[-1]) + 1
        return Rows(ids[:, :longest], is_learned[:, :longest])

    @cached_property
    def _test_strings(self) -> frozenset[str]:
        """The strings of the test, to be looked up."""
        return frozenset(self.strings)

    def _counted(self, text: str, cut: Pieces) -> Ids:
        """A row whose last token, the count, is learned."""
        pieces = spelled(cut, self.held_out_tokens)
        count = self._number(text.count(self.letters[0]))
        return (COUNT, *(self._ids[piece] for piece in pieces), EQUALS, count)

    def _read(self, cut: Pieces) -> Ids:
        """A row of which everything but its beginning is learned."""
        return (READ, *(self._ids[piece] for piece in cut), END)

    def readable(self, answer: Ids) -> str:
        """The number that was answered; `?` for a token that is none."""
        count = answer[0] - self._number(0)
        return str(count) if count >= 0 else "?"

    def marks(self, answers: Sequence[Ids]) -> Mapping[str, Sequence[bool]]:
        """By spelling, which strings were counted right, in their order; of whole strings only."""
        found: dict[str, list[bool]] = {spelling: [] for spelling in self.spellings}
        n_ways = len(self.spellings)
        for i in range(len(answers) // n_ways * n_ways):
            found[self.spellings[i % n_ways]].append(answers[i] == self.questions[i].answer)
        return {f"spelling:{spelling}": marks for spelling, marks in found.items()}

    def tally(self, answers: Sequence[Ids]) -> Tally:
        """Right counts by spelling."""
        return {
            (EXACT_MATCH, part): (sum(marks), len(marks))
            for part, marks in self.marks(answers).items()
        }

    def floor(self) -> tuple[int, int]:
        """How often the most frequent count is right, of all strings."""
        counts = Counter(text.count(self.letters[0]) for text in self.strings)
        return max(counts.values()), len(self.strings)

"""Products of numbers with n and m digits, with the digits of the answer in one of two orders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import UsageError
from tokeval.probe.training.subtasks import cascade_depths, columns, subtasks
from tokeval.probe.training.tasks import (
    CASCADE_ACCURACY,
    EXACT_MATCH,
    PLACE_ACCURACY,
    SUBTASK_ACCURACY,
    Ids,
    Question,
    Rows,
    Tally,
)

Order = Literal["ordinal", "reversed"]

ORDERS: tuple[Order, ...] = ("ordinal", "reversed")
"""ordinal: as numbers are written. reversed: the units first, as they are computed by hand."""

TIMES, EQUALS = 10, 11
"""Tokens beside the ten digits."""

N_SYMBOLS = 12
MOST_DIGITS = 9
"""Of a factor: products of longer ones do not fit in 63 bits."""

TEST_STREAM = 1
"""Numbers of the test are drawn apart from all rows."""


@dataclass(frozen=True)
class MultiplicationTask:
    """Products written as `12345×6=074070`, a token for each character.

    Factors have n and m digits, the first of which is not 0, and each number is equally likely.
    Answers have n + m digits, with 0 at the front where the product is shorter. No product of the
    test is learned from; the factors in the other order are another product.

    Attributes:
        n, m: digits of the factors.
        order: of the digits of the answer.
        n_questions: of the test, all different.
        seed: of the test.
    """

    n: int = 5
    m: int = 1
    order: Order = "reversed"
    n_questions: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.n <= MOST_DIGITS and 1 <= self.m <= MOST_DIGITS):
            raise UsageError(
                f"no products of {self.n} and {self.m} digits are made",
                f"give 1 to {MOST_DIGITS} digits, such as 5x1",
            )
        if self.order not in ORDERS:
            raise UsageError(
                f"there is no order of digits {self.order!r}", f"choose {' or '.join(ORDERS)}"
            )
        if not 1 <= self.n_questions <= self.n_products // 2:
            raise UsageError(
                f"{self.n_questions} products of {self.n} and {self.m} digits cannot be kept "
                f"for the test: there are {self.n_products}",
                "ask from 1 up to half of them",
            )

    @property
    def n_products(self) -> int:
        """How many there are."""
        return 81 * int(10 ** (self.n + self.m - 2))

    @property
    def name(self) -> str:
        """Of the configuration."""
        return f"{self.family}-{self.order}"

    @property
    def n_symbols(self) -> int:
        """Ten digits and two signs."""
        return N_SYMBOLS

    @property
    def family(self) -> str:
        """What both orders share."""
        return f"multiplication-{self.n}x{self.m}"

    @property
    def n_positions(self) -> int:
        """Both factors, two signs and the answer."""
        return 2 * (self.n + self.m) + 2

    @property
    def settings(self) -> Mapping[str, Any]:
        """What rows and questions depend on."""
        return {
            "task": "multiplication",
            "digits": f"{self.n}x{self.m}",
            "answer": self.order,
            "questions": self.n_questions,
            "test seed": self.seed,
        }

    @cached_property
    def factors(self) -> list[tuple[int, int]]:
        """Those of the test, in the order in which they were drawn; alike for both orders."""
        generator = np.random.default_rng([self.seed, TEST_STREAM, self.n, self.m])
        found: dict[tuple[int, int], None] = {}
        while len(found) < self.n_questions:
            a, b = self._drawn(self.n_questions, generator)
            found |= dict.fromkeys(zip(a.tolist(), b.tolist(), strict=True))
        return list(found)[: self.n_questions]

    @cached_property
    def _test_keys(self) -> NDArray[np.int64]:
        """The factors of the test as one sorted number each."""
        return np.sort(np.array([a * 10**self.m + b for a, b in self.factors], dtype=np.int64))

    @cached_property
    def questions(self) -> Sequence[Question]:
        """Products of the test."""
        a, b = np.array(self.factors, dtype=np.int64).T
        rows = self._written(a, b).tolist()
        start = self.n + self.m + 2
        return [
            Question(f"{self.n}x{self.m}/{i}", f"{x}×{y}=", tuple(row[:start]), tuple(row[start:]))
            for i, ((x, y), row) in enumerate(zip(self.factors, rows, strict=True))
        ]

    def rows(self, n: int, generator: np.random.Generator) -> Rows:
        """Products that are not of the test; the digits of the answers are learned."""
        a, b = self._drawn(n, generator)
        while (held := self._is_of_test(a, b)).any():
            a[held], b[held] = self._drawn(int(held.sum()), generator)
        is_answer = np.arange(self.n_positions) >= self.n + self.m + 2
        return Rows(self._written(a, b), np.tile(is_answer, (n, 1)))

    def _drawn(
        self, n: int, generator: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Both factors of n products."""
        return (
            generator.integers(10 ** (self.n - 1), 10**self.n, n),
            generator.integers(10 ** (self.m - 1), 10**self.m, n),
        )

    def _is_of_test(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which products are kept for the test."""
        keys = a * 10**self.m + b
        places = np.searchsorted(self._test_keys, keys).clip(max=len(self._test_keys) - 1)
        is_of_test: NDArray[np.bool_] = self._test_keys[places] == keys
        return is_of_test

    def _written(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
        """The tokens of whole products, (n, n_positions)."""
        answer = _digits(a * b, self.n + self.m)
        times, equals = np.full((len(a), 1), TIMES), np.full((len(a), 1), EQUALS)
        if self.order == "reversed":
            answer = answer[:, ::-1]
        return np.hstack((_digits(a, self.n), times, _digits(b, self.m), equals, answer))

    def _from_units(self, answer: Ids) -> Ids:
        """The tokens of an answer, the units first."""
        return answer if self.order == "reversed" else answer[::-1]

    def readable(self, answer: Ids) -> str:
        """The number that was answered; `?` for a sign in place of a digit."""
        return "".join("0123456789??"[token] for token in self._from_units(answer)[::-1])

    def marks(self, answers: Sequence[Ids]) -> Mapping[str, Sequence[bool]]:
        """Which products are right from end to end, in their order."""
        pairs = zip(self.questions, answers, strict=False)
        return {"all": [question.answer == answer for question, answer in pairs]}

    def floor(self) -> None:
        """None is told: no product is frequent."""

    def tally(self, answers: Sequence[Ids]) -> Tally:
        """Whole answers, places (1 is the units), steps in each place, and depths of cascades."""
        right: dict[tuple[str, str], int] = defaultdict(int)
        asked: dict[tuple[str, str], int] = defaultdict(int)
        for question, answer, (a, b) in zip(self.questions, answers, self.factors, strict=False):
            marks = [
                given == true
                for given, true in zip(
                    self._from_units(answer), self._from_units(question.answer), strict=True
                )
            ]
            for key, is_right in [
                ((EXACT_MATCH, "all"), all(marks)),
                *self._of_digits(marks, a, b),
            ]:
                asked[key] += 1
                right[key] += is_right
        return {key: (right[key], asked[key]) for key in sorted(asked, key=_in_order)}

    def _of_digits(
        self, marks: Sequence[bool], a: int, b: int
    ) -> list[tuple[tuple[str, str], bool]]:
        """What each digit counts for, and whether it is right; the units first."""
        steps = subtasks(a, b, n=self.n, m=self.m)
        depths = cascade_depths(columns(a, b, n=self.n, m=self.m))
        return [
            (key, is_right)
            for i, (is_right, step, depth) in enumerate(zip(marks, steps, depths, strict=True))
            for key in (
                (PLACE_ACCURACY, f"place:{i + 1}"),
                (SUBTASK_ACCURACY, f"subtask:{step}/place:all"),
                (SUBTASK_ACCURACY, f"subtask:{step}/place:{i + 1}"),
                (CASCADE_ACCURACY, f"columns:{depth}"),
            )
        ]


def _in_order(key: tuple[str, str]) -> tuple[str, list[str | int]]:
    """What a metric and its condition are sorted by, numbers as numbers: place 10 after 9."""
    metric, part = key
    return metric, [int(one) if one.isdigit() else one for one in re.split(r"(\d+)", part)]


def _digits(numbers: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """The n digits of each number, the units last, (len(numbers), n)."""
    return numbers[:, None] // 10 ** np.arange(n - 1, -1, -1, dtype=np.int64) % 10

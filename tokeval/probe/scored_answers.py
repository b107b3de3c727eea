"""Answers beside what is right: what was read in them, and what is shared by all scores."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tokeval.document import AskedItem, Finding, Measured, Undefined, Value
from tokeval.document.jackknife import MIN_BLOCKS, half_width
from tokeval.errors import TokevalError
from tokeval.probe.items import Item, Response
from tokeval.probe.paired_tests import mcnemar_p
from tokeval.probe.parsing import parsed_integer
from tokeval.probe.proportions import paired_difference, proportion

NOTHING_ANSWERED = "the model answered none of these questions"
NOTHING_READ = "no answer to these questions holds an integer"
MANY = 0.05
"""The share of answers without an integer from which on it is said."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Scored:
    """A question with its answer.

    Attributes:
        item: the question.
        expected: the right answer.
        predicted: the integer that was read; `None` where there was none or no answer.
        text: what the model wrote; `None` where it failed to answer.
        finish_reason: why the answer ended.
    """

    item: Item
    expected: int
    predicted: int | None
    text: str | None
    finish_reason: str

    @property
    def is_right(self) -> bool:
        """Whether the integer is the expected one; an answer without an integer is not right."""
        return self.predicted == self.expected

    @property
    def error(self) -> int:
        """Predicted − true, of an answer that was read."""
        if self.predicted is None:
            raise ValueError(f"no integer was read in the answer to {self.item.id}")
        return self.predicted - self.expected


@dataclass(frozen=True)
class Discordance:
    """How two ways of asking the same questions came out, over questions answered in both.

    Attributes:
        both, only_a, only_b, neither: questions that so many of the two have right.
    """

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def n(self) -> int:
        """Questions that were answered in both ways."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def difference(self) -> Value:
        """The share of a that is right minus that of b."""
        return paired_difference(
            both=self.both,
            only_a=self.only_a,
            only_b=self.only_b,
            neither=self.neither,
            nothing="no question was answered in both formats",
        )

    @property
    def p(self) -> float:
        """Of McNemar's exact test."""
        return mcnemar_p(self.only_a, self.only_b)


def scored(responses: Sequence[Response]) -> list[Scored]:
    """The responses with the integers that were read in them.

    Raises:
        TokevalError: there are none, or two are to one question, or one has no integer to expect.
    """
    if not responses:
        raise TokevalError("there are no answers to score", "ask the model the questions first")
    id_, n = Counter(response.item.id for response in responses).most_common(1)[0]
    if n > 1:
        raise TokevalError(f"question {id_} has {n} answers", "keep one answer to each question")
    return [
        Scored(
            response.item,
            _expected(response.item),
            None if response.text is None else parsed_integer(response.text),
            response.text,
            response.finish_reason,
        )
        for response in responses
    ]


def _expected(item: Item) -> int:
    """The right answer as a number."""
    expected = parsed_integer(item.expected)
    if expected is None:
        raise TokevalError(
            f"question {item.id} expects {item.expected!r}, which is no integer",
            "score the questions of the probe that wrote them",
        )
    return expected


def field_of(item: Item, name: str) -> int | str:
    """A field of a question.

    Raises:
        TokevalError: it has none of this name.
    """
    try:
        return item.fields[name]
    except KeyError:
        raise TokevalError(
            f"question {item.id} has no field {name!r}",
            "score the questions of the probe that wrote them",
        ) from None


def grouped(answers: Iterable[Scored], key: Callable[[Scored], Key]) -> dict[Key, list[Scored]]:
    """The answers by a key, both in the order in which they come."""
    groups: dict[Key, list[Scored]] = {}
    for answer in answers:
        groups.setdefault(key(answer), []).append(answer)
    return groups


def answered(answers: Iterable[Scored]) -> list[Scored]:
    """Those that the model gave; others are missing, not wrong."""
    return [answer for answer in answers if answer.text is not None]


def readable(answers: Iterable[Scored]) -> list[Scored]:
    """Those in which an integer was read."""
    return [answer for answer in answers if answer.predicted is not None]


def exact_match(answers: Sequence[Scored]) -> Value:
    """The share of answers that are right; one without an integer is wrong, a missing one no one.

    So it is what other harnesses count with the same pattern.
    """
    given = answered(answers)
    return proportion(sum(a.is_right for a in given), len(given), NOTHING_ANSWERED)


def common_values(prefix: str, answers: Sequence[Scored]) -> dict[str, Value]:
    """Exact match, and what became of the answers that are not integers, by metric."""
    given, read = answered(answers), readable(answers)
    n_right = sum(answer.is_right for answer in read)
    return {
        f"{prefix}_exact_match": exact_match(answers),
        f"{prefix}_exact_match_read": proportion(n_right, len(read), NOTHING_READ),
        f"{prefix}_unread": proportion(len(given) - len(read), len(given), NOTHING_ANSWERED),
        f"{prefix}_unanswered": proportion(
            len(answers) - len(given), len(answers), "there are no such questions"
        ),
    }


def discordance(a: Iterable[Scored], b: Iterable[Scored]) -> Discordance:
    """How answers in two formats came out, over pairs that are answered in both."""
    of_b = {answer.item.pair: answer.is_right for answer in answered(b)}
    counts = Counter(
        (answer.is_right, of_b[answer.item.pair])
        for answer in answered(a)
        if answer.item.pair in of_b
    )
    return Discordance(
        counts[True, True], counts[True, False], counts[False, True], counts[False, False]
    )


def mean_value(values: Sequence[float], nothing: str) -> Value:
    """The mean with its standard error and 95% interval by t; undefined for no values."""
    n = len(values)
    if n == 0:
        return Undefined(nothing)
    mean = statistics.fmean(values)
    if n < MIN_BLOCKS:
        return Measured(mean, n, stderr_reason=f"only {n} answers; an interval needs {MIN_BLOCKS}")
    stderr = statistics.stdev(values) / n**0.5
    half = half_width(stderr, n)
    return Measured(mean, n, stderr, mean - half, mean + half)


def asked_examples(groups: Mapping[str, Sequence[Scored]], *, n: int = 2) -> tuple[AskedItem, ...]:
    """For each slice, the first n wrong answers and the first in which nothing was read."""
    return tuple(
        AskedItem(
            part,
            answer.item.prompt,
            answer.item.expected,
            answer.text or "",
            None if answer.predicted is None else str(answer.predicted),
        )
        for part, answers in groups.items()
        for answer in _examples(answered(answers), n)
    )


def _examples(answers: Sequence[Scored], n: int) -> list[Scored]:
    """The first n wrong answers, and the first without an integer."""
    wrong = [a for a in answers if a.predicted is not None and not a.is_right]
    unread = [a for a in answers if a.predicted is None]
    return wrong[:n] + unread[:1]


def reading_findings(prefix: str, model: str, answers: Sequence[Scored]) -> Iterator[Finding]:
    """What could not be read or was not answered, where it is much."""
    given, read = answered(answers), readable(answers)
    missing = [answer for answer in answers if answer.text is None]
    if missing:
        reason, _ = Counter(answer.finish_reason for answer in missing).most_common(1)[0]
        message = (
            f"{len(missing)} of {len(answers)} questions have no answer; they count neither as "
            f"right nor as wrong. Most often: {reason}."
        )
        yield Finding(f"{prefix}_unanswered", "warning", model, message, len(missing))
    unread = [answer for answer in given if answer.predicted is None]
    if given and len(unread) / len(given) >= MANY:
        n_cut = sum(answer.finish_reason == "length" for answer in unread)
        message = (
            f"In {len(unread)} of {len(given)} answers no integer can be read"
            f"{f', {n_cut} of them cut off at the limit of tokens' if n_cut else ''}. They count "
            f"as wrong; of the {len(read)} others "
            f"{sum(a.is_right for a in read)} are right."
        )
        examples = tuple((answer.text or "")[-80:] for answer in unread[:3])
        yield Finding(f"{prefix}_unread", "warning", model, message, len(unread), examples)

"""Asking a model every question once, keeping the answers as they arrive."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tokeval.document.probe import Usage
from tokeval.errors import UsageError
from tokeval.probe.answers_file import AnswersFile, Line, answer_key, open_answers
from tokeval.probe.items import Item, Response, items_sha256
from tokeval.probe.model import Answer, Failure, Generation, Model, ModelGoneError

Tell = Callable[[str, int, int | None], None]
"""Takes news of the progress: what is done, how many are done, of how many."""


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in any unit of money."""

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(price) and price >= 0 for price in (self.prompt, self.completion)):
            raise UsageError(
                f"prices of {self.prompt:g} and {self.completion:g} for a million tokens",
                "give numbers that are not negative",
            )


@dataclass(frozen=True)
class Asked:
    """What came of asking.

    Attributes:
        responses: of each question, in their order.
        usage: what it took.
        model_names: what the model called itself, sorted: more than one where a server changed.
        items_sha256: of the data set.
    """

    responses: list[Response]
    usage: Usage
    model_names: tuple[str, ...]
    items_sha256: str


def ask(
    model: Model,
    items: Sequence[Item],
    generation: Generation,
    *,
    results: Path | None = None,
    prices: Prices | None = None,
    tell: Tell = lambda _what, _done, _total: None,
) -> Asked:
    """The responses of a model to questions, and what they took.

    Each prompt is asked once: questions with the same prompt share the answer, and answers that the
    results file holds are not asked for again. Failures are written there too, and asked again by
    the next run. A process that is killed loses only the answers that had not arrived.

    Tokens, retries and cost are those of all requests that the responses rest on, whichever run
    made them; a sum is `None` where a part of it is not known.

    Args:
        model: what is asked.
        items: the questions.
        generation: how answers are generated.
        results: the answers file; nothing is kept without one.
        prices: for the cost; none without them.
        tell: takes news of the progress.

    Raises:
        TokevalError: the model or the file cannot be used; answers until then are kept.
        UsageError: the file belongs to other questions, or to another process.
    """
    sha256 = items_sha256(items)
    keys = [answer_key(model.identity, item.prompt, generation) for item in items]
    with _kept(results, sha256) as kept:
        if kept.n_dropped:
            tell("dropped an unfinished line of the results", 0, None)
        unknown = {
            key: item for key, item in zip(keys, items, strict=True) if key not in kept.answers
        }
        with _resumable(results, kept):
            failures = _ask_unknown(model, unknown, generation, kept, tell)
        answers = kept.answers
    responses = [
        _response(item, answers.get(key) or failures[key])
        for key, item in zip(keys, items, strict=True)
    ]
    used = [answers[key] for key in dict.fromkeys(keys) if key in answers]
    return Asked(
        responses=responses,
        usage=_usage(
            used,
            failures,
            prices,
            n_items=len(items),
            n_asked=sum(key in unknown for key in keys),
            n_failed=sum(response.text is None for response in responses),
        ),
        model_names=tuple(sorted({answer.model for answer in used if answer.model})),
        items_sha256=sha256,
    )


@contextmanager
def _kept(results: Path | None, sha256: str) -> Iterator[AnswersFile]:
    """The answers file, or one that is gone afterwards."""
    if results is None:
        yield AnswersFile(io.BytesIO(), {}, 0)
        return
    with open_answers(results, sha256) as kept:
        yield kept


@contextmanager
def _resumable(results: Path | None, kept: AnswersFile) -> Iterator[None]:
    """Say of a model that answers no more what is kept, and how to go on."""
    try:
        yield
    except ModelGoneError as error:
        hint = error.hint
        if kept.answers and results is not None:
            hint = f"{error.hint}: the answers so far, {len(kept.answers)}, are kept in {results}"
        if results is None:
            hint = f"{error.hint}, with --results FILE.jsonl to keep the answers that come"
        raise ModelGoneError(error.message, hint) from error


def _ask_unknown(
    model: Model,
    unknown: Mapping[str, Item],
    generation: Generation,
    kept: AnswersFile,
    tell: Tell,
) -> dict[str, Failure]:
    """Ask what is not known and keep it; the failures by key."""
    keys = list(unknown)
    failures: dict[str, Failure] = {}
    if not keys:
        return failures
    tell("asking", 0, len(keys))
    arriving = model.generate([unknown[key].prompt for key in keys], generation)
    try:
        for n_done, (place, outcome) in enumerate(arriving, start=1):
            key = keys[place]
            if isinstance(outcome, Failure):
                failures[key] = outcome
                kept.append(Line(key, unknown[key].id, failure=outcome))
            else:
                kept.append(Line(key, unknown[key].id, answer=outcome))
            tell("asking", n_done, len(keys))
    finally:
        if isinstance(arriving, Generator):
            arriving.close()
    silent = [key for key in keys if key not in kept.answers and key not in failures]
    return failures | dict.fromkeys(silent, Failure("the model gave no answer"))


def _response(item: Item, outcome: Answer | Failure) -> Response:
    """A question with what came of it."""
    if isinstance(outcome, Failure):
        return Response(item, None, outcome.reason)
    return Response(item, outcome.text, outcome.finish_reason)


def _usage(
    answers: Sequence[Answer],
    failures: Mapping[str, Failure],
    prices: Prices | None,
    *,
    n_items: int,
    n_asked: int,
    n_failed: int,
) -> Usage:
    """What the answers took; questions with one prompt have one answer."""
    prompt_tokens = _sum([answer.prompt_tokens for answer in answers])
    completion_tokens = _sum([answer.completion_tokens for answer in answers])
    cost = None
    if prices is not None and prompt_tokens is not None and completion_tokens is not None:
        cost = (prompt_tokens * prices.prompt + completion_tokens * prices.completion) / 1e6
    return Usage(
        n_items=n_items,
        n_asked=n_asked,
        n_retries=sum(answer.n_retries for answer in answers)
        + sum(failure.n_retries for failure in failures.values()),
        n_failed=n_failed,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        cost=cost,
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    """The sum of counts; `None` where one is not known, or there are none."""
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None

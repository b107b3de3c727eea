"""The figures of `tokeval probe train`: learning curves, places, steps of multiplication.

Series that are called by their configuration share figures with the others of its family; those
with names of their own are lines of a figure of their configuration. Several seeds are one line,
their mean, and have a figure of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tokeval.document import Series
from tokeval.probe.proportions import wilson
from tokeval.probe.training.cells import Trained
from tokeval.probe.training.learning import Learned, curve_tally
from tokeval.probe.training.subtasks import SUBTASKS
from tokeval.probe.training.tasks import (
    CASCADE_ACCURACY,
    EXACT_MATCH,
    PLACE_ACCURACY,
    SUBTASK_ACCURACY,
    Tally,
)

FAMILY = "probe:train"
STEPS = "steps of training"
RIGHT_ANSWERS = "share of answers that are right"
RIGHT_DIGITS = "share of digits that are right"

Key = tuple[str, str]


def training_series(trained: Trained) -> Iterator[Series]:
    """Learning curves and losses; right digits by place, by step, by length of cascades."""
    runs = trained.runs
    conditions = [key for key in runs[0].tally if key[0] == EXACT_MATCH]
    name, family = trained.task.name, f"task:{trained.task.family}"
    yield _curve(name, family, runs, conditions[0], _CURVE)
    yield _losses(trained)
    if len(conditions) > 1:
        for key in conditions:
            line = key[1].removeprefix("spelling:")
            yield _curve(line, family, runs, key, _SPELLING_CURVE)
    if len(runs) > 1:
        for run in runs:
            yield _curve(f"seed {run.seed}", family, [run], conditions[0], _SEED_CURVE)
    yield from _bars(trained, PLACE_ACCURACY, _PLACES)
    yield from _bars(trained, SUBTASK_ACCURACY, _SUBTASKS)
    yield from _bars(trained, CASCADE_ACCURACY, _CASCADES)
    for subtask in SUBTASKS:
        key = (SUBTASK_ACCURACY, f"subtask:{subtask}/place:all")
        if all(key in tally for run in runs for tally in _tallies(run)):
            line = subtask.replace("_", " ")
            yield _curve(line, family, runs, key, _SUBTASK_CURVE)


_CURVE: dict[str, Any] = {
    "id": "training_curve",
    "title": "Answers that are right along training",
    "reading": "The first questions of the test, with every token spelled as in training. Where "
    "two curves part, one way of writing is learned better.",
}
_SPELLING_CURVE: dict[str, Any] = {
    "id": "training_spelling_curve",
    "title": "Counts of the same strings, with and without unseen tokens",
    "reading": "Seen: tokens that were never counted are spelled by their letters, as in training. "
    "Unseen: they are whole. A model that learned how its tokens are spelled would close the gap.",
}
_SEED_CURVE: dict[str, Any] = {
    "id": "training_seed_curve",
    "title": "Answers that are right along training, by seed",
    "reading": "Seeds that part show how much of a result is chance.",
}
_SUBTASK_CURVE: dict[str, Any] = {
    "id": "training_subtask_curve",
    "title": "Steps of multiplication along training",
    "reading": "The order in which the steps are learned.",
}
_PLACES: dict[str, Any] = {
    "id": "training_places",
    "title": "Right digits by place",
    "x_label": "place, 1 is the units",
    "reading": "Written as usual, the first digits come before the carries below them are known.",
}
_SUBTASKS: dict[str, Any] = {
    "id": "training_subtasks",
    "title": "Right digits by step of multiplication",
    "x_label": "step that the digit asks for",
    "reading": "A low bar is a step that was not learned.",
}
_CASCADES: dict[str, Any] = {
    "id": "training_cascades",
    "title": "Right digits by columns that their carry hangs on",
    "x_label": "columns below that are needed",
    "reading": "Falling bars: longer cascades of carries go wrong. The last bars stand for few "
    "digits; --csv says of how many.",
}


def _curve(
    line: str, part: str, runs: Sequence[Learned], key: Key, described: dict[str, Any]
) -> Series:
    """The share of a condition at each point of training."""
    is_digits = key[0] == SUBTASK_ACCURACY
    points = zip(*(_tallies(run) for run in runs), strict=True)
    counts = [_summed(tallies, key) for tallies in points]
    return Series(
        **described,
        tokenizer=line,
        slice=part,
        x_label=STEPS,
        y_label=RIGHT_DIGITS if is_digits else RIGHT_ANSWERS,
        x=tuple(float(point.step) for point in runs[0].curve),
        **_shares(counts, is_single=len(runs) == 1 and not is_digits),
        family=FAMILY,
    )


def _losses(trained: Trained) -> Series:
    """The mean loss of all seeds at each point of training."""
    points = zip(*(run.curve for run in trained.runs), strict=True)
    return Series(
        id="training_loss",
        title="Loss along training",
        tokenizer=trained.task.name,
        slice=f"task:{trained.task.family}",
        x_label=STEPS,
        y_label="nats for each learned token",
        x=tuple(float(point.step) for point in trained.runs[0].curve),
        y=tuple(sum(point.loss for point in same) / len(same) for same in points),
        family=FAMILY,
        reading="Mean since the point before. Configurations with other tokens have other losses: "
        "compare each with itself.",
    )


def _bars(trained: Trained, metric: str, described: dict[str, Any]) -> Iterator[Series]:
    """A bar for each condition of a metric; of steps, for each step in all places."""
    runs = trained.runs
    keys = [
        key for key in runs[0].tally
        if key[0] == metric and (metric != SUBTASK_ACCURACY or key[1].endswith("/place:all"))
    ]  # fmt: skip
    if metric == SUBTASK_ACCURACY:
        keys.sort(key=lambda key: SUBTASKS.index(_first_value(key[1])))
    if keys:
        counts = [_summed([run.tally for run in runs], key) for key in keys]
        yield Series(
            **described,
            tokenizer=trained.task.name,
            slice=f"task:{trained.task.family}",
            y_label=RIGHT_DIGITS,
            x=tuple(_condition(part) for _, part in keys),
            **_shares(counts, is_single=len(runs) == 1 and metric == PLACE_ACCURACY),
            kind="bars",
            family=FAMILY,
        )


def _first_value(part: str) -> str:
    """Of the first condition of a slice: `use_carry` of `subtask:use_carry/place:all`."""
    return part.split("/")[0].split(":")[1]


def _condition(part: str) -> str:
    """The first condition of a slice in words: `use carry` of `subtask:use_carry/place:all`."""
    return _first_value(part).replace("_", " ")


def _tallies(run: Learned) -> list[Tally]:
    """The counts at each point of training."""
    return [curve_tally(point) for point in run.curve]


def _summed(tallies: Sequence[Tally], key: Key) -> tuple[int, int]:
    """Right and asked of several seeds; their questions are the same, so that it is their mean."""
    return sum(tally[key][0] for tally in tallies), sum(tally[key][1] for tally in tallies)


def _shares(counts: Sequence[tuple[int, int]], *, is_single: bool) -> dict[str, Any]:
    """Shares as series have them, with intervals for independent answers of a single model."""
    shares: dict[str, Any] = {"y": tuple(right / asked for right, asked in counts)}
    if is_single:
        shares["low"], shares["high"] = zip(*(wilson(*count) for count in counts), strict=True)
    return shares

"""Training configurations beside each other, and their results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from tokeval.document import AskedItem, ProbeResult
from tokeval.errors import UsageError
from tokeval.probe.items import Item, items_sha256
from tokeval.probe.training.cells import Trained, training_cells
from tokeval.probe.training.checkpoints import make_directory
from tokeval.probe.training.figures import training_series
from tokeval.probe.training.findings import training_findings
from tokeval.probe.training.learning import Schedule, learn
from tokeval.probe.training.metrics import METRICS
from tokeval.probe.training.tasks import Task
from tokeval.probe.training.transformer import Shape, require_torch

N_SHOWN = 8
"""Questions with wrong answers that a result shows."""

TellRun = Callable[[str, int, int], None]
"""Is told the configuration, and how many steps of how many are done."""


def train(
    tasks: Sequence[Task],
    shape: Shape,
    schedule: Schedule,
    *,
    seeds: Sequence[int] = (0,),
    checkpoints: Path | None = None,
    tell: TellRun = lambda name, done, total: None,
) -> list[ProbeResult]:
    """The results of training on every task from every seed, one result for each task.

    Tasks of one family are compared with the first of them that is asked in one way.

    Args:
        tasks: configurations, of different names.
        shape: of every transformer.
        schedule: of every training.
        seeds: of weights and rows; every task is learned from each.
        checkpoints: a directory for a file for each task and seed, to go on from.
        tell: is told of each step.

    Raises:
        UsageError: torch is not installed, there are no seeds, a task is named twice, or a
            checkpoint is of another run.
        TokevalError: a checkpoint cannot be read or written, or a training went astray.
    """
    require_torch()
    if not seeds or len(set(seeds)) < len(seeds):
        raise UsageError(f"seeds {list(seeds)} are none or repeat", "give different ones")
    twice = [name for name, n in Counter(task.name for task in tasks).items() if n > 1]
    if twice:
        raise UsageError(f"{twice[0]!r} is named twice", "train them one after the other")
    if checkpoints is not None:
        make_directory(checkpoints)
    found = [
        train_one(task, shape, schedule, seeds=seeds, checkpoints=checkpoints, tell=tell)
        for task in tasks
    ]
    return [training_result(one, base) for one, base in zip(found, bases(found), strict=True)]


def bases(found: Sequence[Trained]) -> list[Trained | None]:
    """What each configuration is compared with: the first of its family that is asked in one way.

    `None` for this one itself, and where every one of the family is asked in several.
    """
    of_family = {one.task.family: one for one in reversed(found) if len(one.task.marks(())) == 1}
    beside = [of_family.get(one.task.family) for one in found]
    return [None if base is one else base for one, base in zip(found, beside, strict=True)]


def train_one(
    task: Task,
    shape: Shape,
    schedule: Schedule,
    *,
    seeds: Sequence[int],
    checkpoints: Path | None,
    tell: TellRun,
) -> Trained:
    """A configuration with what was learned of it from each seed."""
    runs = []
    for seed in seeds:
        name = f"{task.name}-seed{seed}"
        runs.append(
            learn(
                task,
                shape,
                schedule,
                seed=seed,
                checkpoint=checkpoints / f"{name}.npz" if checkpoints else None,
                tell=lambda done, total, name=name: tell(name, done, total),  # type: ignore[misc]
            )
        )
    return Trained(task, shape, schedule, tuple(runs))


def training_result(trained: Trained, against: Trained | None) -> ProbeResult:
    """The result of a configuration, beside the one that it is compared with."""
    cells = tuple(training_cells(trained, against))
    used = {cell.metric for cell in cells}
    return ProbeResult(
        probe="train",
        metrics=tuple(info for info in METRICS if info.id in used),
        cells=cells,
        model=trained.task.name,
        settings={
            **trained.task.settings,
            **_in_words(asdict(trained.shape)),
            **_in_words(asdict(trained.schedule)),
            "seeds": [run.seed for run in trained.runs],
        },
        series=tuple(training_series(trained)),
        findings=tuple(training_findings(trained, against, cells)),
        items_sha256=items_sha256(_items(trained.task)),
        items=_shown(trained),
    )


def _in_words(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by names that are read: `rows` for n_rows."""
    return {name.removeprefix("n_").replace("_", " "): settings[name] for name in settings}


def _items(task: Task) -> list[Item]:
    """The questions of the test as other probes have them."""
    return [
        Item(
            id=question.id,
            slice=task.family,
            format=task.name,
            pair=question.id,
            prompt=question.text,
            expected=task.readable(question.answer),
        )
        for question in task.questions
    ]


def _shown(trained: Trained) -> tuple[AskedItem, ...]:
    """The first questions that the first seed has wrong, with its answers."""
    task, answers = trained.task, trained.runs[0].answers
    pairs = zip(task.questions, answers, strict=True)
    wrong = ((question, answer) for question, answer in pairs if question.answer != answer)
    return tuple(
        AskedItem(
            slice=task.family,
            prompt=question.text,
            expected=task.readable(question.answer),
            answer=task.readable(answer),
            parsed=None if "?" in task.readable(answer) else task.readable(answer),
        )
        for question, answer in islice(wrong, N_SHOWN)
    )

"""Training a small transformer on a task: updates, learning curve, checkpoints, answers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import tokeval
from tokeval.errors import TokevalError, UsageError
from tokeval.probe.training.checkpoints import (
    Arrays,
    CurvePoint,
    read_checkpoint,
    write_checkpoint,
)
from tokeval.probe.training.tasks import Ids, Tally, Task
from tokeval.probe.training.transformer import (
    Shape,
    Tensor,
    Weights,
    greedy_answers,
    initial_weights,
    next_token_scores,
    require_torch,
    using_threads,
)

ROWS_STREAM = 2
"""Rows to learn from are drawn apart from everything else."""

BETAS = (0.9, 0.98)
LARGEST_GRADIENT = 1.0
"""Of its norm; larger ones are scaled down."""

LAST_RATE = 0.05
"""The learning rate at the last step, as a share of the largest."""

Tell = Callable[[int, int], None]
"""Is told how many steps of how many are done."""


@dataclass(frozen=True)
class Schedule:
    """How a transformer is trained, by AdamW without decay.

    Attributes:
        n_steps: updates of the weights.
        n_rows: in each of them; no row is kept for another.
        rate: the largest learning rate, reached in a straight line and left by half a cosine.
        n_warm_up: steps until it is reached.
        n_points: of the learning curve, equally spaced, the last at the end; so many checkpoints.
        n_asked: of the test's first questions, at each point; what is learned is asked all.
        n_threads: of torch.
    """

    n_steps: int = 2000
    n_rows: int = 64
    rate: float = 3e-3
    n_warm_up: int = 100
    n_points: int = 10
    n_asked: int = 500
    n_threads: int = 1

    def __post_init__(self) -> None:
        counts = (self.n_steps, self.n_rows, self.n_points, self.n_asked, self.n_threads)
        if min(counts) < 1 or self.n_warm_up < 0:
            raise UsageError(
                f"training for {self.n_steps} steps of {self.n_rows} rows with {self.n_points} "
                f"points of {self.n_asked} questions on {self.n_threads} threads is none",
                "give numbers above 0",
            )
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise UsageError(f"a learning rate of {self.rate}", "give one above 0, such as 0.003")

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, 0 first."""
        if step < self.n_warm_up:
            return self.rate * (step + 1) / self.n_warm_up
        done = (step - self.n_warm_up) / max(self.n_steps - self.n_warm_up, 1)
        return self.rate * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * done)) / 2)

    def is_point(self, step: int) -> bool:
        """Whether the curve has a point after so many steps."""
        points = min(self.n_points, self.n_steps)
        return step * points // self.n_steps > (step - 1) * points // self.n_steps


@dataclass(frozen=True)
class Learned:
    """What came of a training run.

    Attributes:
        seed: of the weights and of the rows.
        answers: to every question of the test, in their order.
        tally: of these.
        curve: on the way there.
    """

    seed: int
    answers: tuple[Ids, ...]
    tally: Tally
    curve: tuple[CurvePoint, ...]


def settings_sha256(task: Task, shape: Shape, schedule: Schedule, seed: int) -> str:
    """The sha256, hex, of everything that a run depends on."""
    whole: list[Any] = [
        tokeval.__version__, task.name, task.settings, asdict(shape), asdict(schedule), seed
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).hexdigest()


def learn(
    task: Task,
    shape: Shape,
    schedule: Schedule,
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    tell: Tell = lambda done, total: None,
) -> Learned:
    """What a transformer has learned of a task after its last step; no better one is picked.

    The rows of a step depend on the seed and the step alone, so that a run that goes on from a
    checkpoint ends with the weights of one that was never stopped.

    Args:
        task: what is learned.
        shape: of the transformer.
        schedule: how it is trained.
        seed: of the weights and of the rows.
        checkpoint: a file that is written at each point of the curve, and gone on from.
        tell: is told of each step.

    Raises:
        UsageError: torch is not installed, or the checkpoint is of another run.
        TokevalError: the checkpoint cannot be read or written, or the weights became infinite.
    """
    require_torch()
    with using_threads(schedule.n_threads):
        run = _Run(task, shape, schedule, seed, checkpoint)
        run.resume()
        while run.step < schedule.n_steps:
            run.update()
            tell(run.step, schedule.n_steps)
        answers = run.answers(len(task.questions))
    return Learned(seed, tuple(answers), task.tally(answers), tuple(run.curve))


class _Run:
    """A training run under way."""

    def __init__(
        self, task: Task, shape: Shape, schedule: Schedule, seed: int, checkpoint: Path | None
    ) -> None:
        import torch

        self._task, self._shape, self._schedule = task, shape, schedule
        self._seed, self._checkpoint = seed, checkpoint
        self._key = settings_sha256(task, shape, schedule, seed)
        self._weights = initial_weights(shape, task.n_symbols, task.n_positions, seed)
        for tensor in self._weights.values():
            tensor.requires_grad_()
        self._optimizer = torch.optim.AdamW(
            list(self._weights.values()), betas=BETAS, weight_decay=0.0, foreach=True
        )
        self._losses: list[float] = []
        self.step = 0
        self.curve: list[CurvePoint] = []

    def update(self) -> None:
        """One step; at a point of the curve, also its point and a checkpoint."""
        import torch

        generator = np.random.default_rng([self._seed, ROWS_STREAM, self.step])
        rows = self._task.rows(self._schedule.n_rows, generator)
        loss = _loss(self._weights, self._shape, rows.ids, rows.is_learned)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._weights.values(), LARGEST_GRADIENT)
        for group in self._optimizer.param_groups:
            group["lr"] = self._schedule.rate_at(self.step)
        self._optimizer.step()
        self._losses.append(loss.item())
        self.step += 1
        if self._schedule.is_point(self.step):
            self._keep()

    def answers(self, n: int) -> list[Ids]:
        """Greedy answers to the first n questions of the test."""
        questions = self._task.questions[:n]
        prompts = [question.prompt for question in questions]
        return greedy_answers(self._weights, self._shape, prompts, len(questions[0].answer))

    def _keep(self) -> None:
        """A point of the curve, and a checkpoint."""
        loss = sum(self._losses) / len(self._losses)
        if not math.isfinite(loss):
            raise TokevalError(
                f"{self._task.name}: the loss became infinite before step {self.step}",
                "give a smaller --rate",
            )
        tally = self._task.tally(self.answers(self._schedule.n_asked))
        flat = tuple((metric, part, *counts) for (metric, part), counts in tally.items())
        self.curve.append(CurvePoint(self.step, loss, flat))
        self._losses.clear()
        if self._checkpoint is not None:
            write_checkpoint(
                self._checkpoint,
                _arrays(self._weights, self._optimizer),
                settings_sha256=self._key,
                step=self.step,
                curve=tuple(self.curve),
            )

    def resume(self) -> None:
        """Go on from the checkpoint, where there is one."""
        found = read_checkpoint(self._checkpoint, self._key) if self._checkpoint else None
        if found is None:
            return
        record, arrays = found
        try:
            _restore(self._weights, self._optimizer, arrays)
        except (KeyError, ValueError, RuntimeError) as error:
            raise TokevalError(
                f"{self._checkpoint} lacks weights of this run", "delete this file"
            ) from error
        self.step, self.curve = record.step, list(record.curve)


def _loss(weights: Weights, shape: Shape, ids: Any, is_learned: Any) -> Tensor:
    """Mean nats for each token that is learned."""
    import torch
    from torch.nn import functional

    tokens, learned = torch.from_numpy(ids), torch.from_numpy(is_learned)
    scores = next_token_scores(weights, shape, tokens[:, :-1])
    wanted = learned[:, 1:]
    return functional.cross_entropy(scores[wanted], tokens[:, 1:][wanted])


def _arrays(weights: Weights, optimizer: Any) -> Arrays:
    """The weights, and the two averages and the step of the optimizer for each of them."""
    arrays: Arrays = {}
    for name, tensor in weights.items():
        arrays[f"weights.{name}"] = tensor.detach().numpy()
        for kind, state in optimizer.state[tensor].items():
            arrays[f"{kind}.{name}"] = state.numpy()
    return arrays


def _restore(weights: Weights, optimizer: Any, arrays: Arrays) -> None:
    """Put the weights and the state of the optimizer back.

    Raises:
        KeyError: an array is missing.
        RuntimeError: one has another shape.
    """
    import torch

    with torch.no_grad():
        for name, tensor in weights.items():
            tensor.copy_(torch.from_numpy(arrays[f"weights.{name}"]))
            optimizer.state[tensor] = {
                kind: torch.from_numpy(arrays[f"{kind}.{name}"].copy())
                for kind in ("step", "exp_avg", "exp_avg_sq")
            }


def curve_tally(point: CurvePoint) -> Tally:
    """The counts of a point by metric and condition."""
    return {(metric, part): (right, asked) for metric, part, right, asked in point.tally}

"""From the answers of trained models to cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tokeval.document import Measured, ProbeCell
from tokeval.document.jackknife import MIN_BLOCKS, half_width
from tokeval.document.parts import Value
from tokeval.probe.measuring import CellMaker
from tokeval.probe.paired_tests import A_TEST, mcnemar_p
from tokeval.probe.proportions import paired_difference, proportion
from tokeval.probe.training.learning import Learned, Schedule, settings_sha256
from tokeval.probe.training.metrics import DIFFERENCE, FLOOR, MCNEMAR, SPELLING_GAP
from tokeval.probe.training.tasks import CASCADE_ACCURACY, EXACT_MATCH, Task
from tokeval.probe.training.transformer import Shape

NOTHING = "nothing of the kind was asked"
SAME_PRODUCT = "several digits are of one product, and these go wrong together"
SEEN, UNSEEN = "spelling:seen", "spelling:unseen"


@dataclass(frozen=True)
class Trained:
    """A configuration with what was learned of it, from one seed after the other."""

    task: Task
    shape: Shape
    schedule: Schedule
    runs: tuple[Learned, ...]

    def maker(self, seed: int) -> CellMaker:
        """Makes the cells of a seed."""
        key = settings_sha256(self.task, self.shape, self.schedule, seed)
        return CellMaker(f"training:{key[:8]}", seed)


def training_cells(trained: Trained, against: Trained | None) -> Iterator[ProbeCell]:
    """The cells of a configuration.

    Args:
        trained: the configuration.
        against: one of its family that is asked in one way, to compare it with.
    """
    n = len(trained.task.questions)
    for run in trained.runs:
        maker = trained.maker(run.seed)
        for (metric, part), (right, asked) in run.tally.items():
            value = share(metric, part, right, asked)
            yield maker.cell(metric, value, items=n, part=of_seed(run.seed, part))
        yield from _gap(trained, run, maker)
    if against is not None:
        for run, other in zip(trained.runs, against.runs, strict=True):
            yield from _against(trained, run, against, other)
    yield from _over_seeds(trained)
    floor = trained.task.floor()
    if floor is not None:
        value = Measured(floor[0] / floor[1], floor[1], stderr_reason="of the strings of the test")
        yield trained.maker(trained.runs[0].seed).cell(FLOOR, value, items=n)


def of_seed(seed: int, part: str) -> str:
    """The slice of a condition in the run of a seed."""
    return f"seed:{seed}" if part == "all" else f"seed:{seed}/{part}"


def share(metric: str, part: str, right: int, asked: int) -> Value:
    """A share, with an interval where what is counted is independent: one of each question."""
    if metric == CASCADE_ACCURACY or part.endswith("/place:all"):
        return Measured(right / asked, asked, stderr_reason=SAME_PRODUCT)
    return proportion(right, asked, NOTHING)


def _gap(trained: Trained, run: Learned, maker: CellMaker) -> Iterator[ProbeCell]:
    """Seen against unseen spelling, where both were asked."""
    marks = trained.task.marks(run.answers)
    if SEEN in marks and UNSEEN in marks:
        n = len(trained.task.questions)
        gap, p = _compared(marks[SEEN], marks[UNSEEN])
        part = of_seed(run.seed, "all")
        yield maker.cell(SPELLING_GAP, gap, items=n, part=part)
        yield maker.cell(MCNEMAR, p, items=n, part=f"{part}/spelling:seen/against:unseen")


def _against(
    trained: Trained, run: Learned, against: Trained, other: Learned
) -> Iterator[ProbeCell]:
    """Each condition of a configuration against the only one of another, seed by seed."""
    n = len(trained.task.questions)
    (base,) = against.task.marks(other.answers).values()
    maker = trained.maker(run.seed)
    for part, marks in trained.task.marks(run.answers).items():
        difference, p = _compared(marks, base)
        where = f"{of_seed(run.seed, part)}/against:{against.task.name}"
        yield maker.cell(DIFFERENCE, difference, items=n, part=where)
        yield maker.cell(MCNEMAR, p, items=n, part=where)


def _compared(a: Sequence[bool], b: Sequence[bool]) -> tuple[Value, Value]:
    """The paired difference of two ways to answer the same questions, and McNemar's p."""
    pairs = list(zip(a, b, strict=True))
    both, only_a, only_b = (
        pairs.count(kind) for kind in ((True, True), (True, False), (False, True))
    )
    neither = len(pairs) - both - only_a - only_b
    difference = paired_difference(
        both=both, only_a=only_a, only_b=only_b, neither=neither, nothing=NOTHING
    )
    return difference, Measured(mcnemar_p(only_a, only_b), len(pairs), stderr_reason=A_TEST)


def _over_seeds(trained: Trained) -> Iterator[ProbeCell]:
    """The mean exact match over seeds, in every condition, where there are several."""
    if len(trained.runs) == 1:
        return
    seeds = "+".join(str(run.seed) for run in trained.runs)
    for part, values in exact_matches(trained).items():
        cell = trained.maker(trained.runs[0].seed).cell(
            EXACT_MATCH, mean_of_seeds(values), items=len(trained.task.questions), part=part
        )
        yield ProbeCell(cell.metric, cell.value, cell.slice, f"{cell.signature}|seeds:{seeds}")


def exact_matches(trained: Trained) -> Mapping[str, list[float]]:
    """The exact match of every seed, by condition."""
    found: dict[str, list[float]] = {}
    for run in trained.runs:
        for (metric, part), (right, asked) in run.tally.items():
            if metric == EXACT_MATCH:
                found.setdefault(part, []).append(right / asked)
    return found


def mean_of_seeds(values: Sequence[float]) -> Measured:
    """The mean of seeds, `n_blocks` of them, with a t interval from MIN_BLOCKS on."""
    n = len(values)
    mean = sum(values) / n
    if n < MIN_BLOCKS:
        return Measured(mean, n, stderr_reason=f"only {n} seeds; an interval needs {MIN_BLOCKS}")
    stderr = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)
    half = half_width(stderr, n)
    return Measured(mean, n, stderr, mean - half, mean + half)

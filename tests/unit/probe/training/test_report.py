"""Cells, figures and findings of answers that are made by hand, without any training."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tokeval.document import Measured, ProbeResult
from tokeval.errors import UsageError
from tokeval.probe.training.cells import Trained, mean_of_seeds
from tokeval.probe.training.checkpoints import CurvePoint
from tokeval.probe.training.counting_task import CountingTask
from tokeval.probe.training.learning import Learned, Schedule
from tokeval.probe.training.metrics import METRICS
from tokeval.probe.training.multiplication_task import MultiplicationTask
from tokeval.probe.training.report import bases, train, training_result
from tokeval.probe.training.tasks import Ids, Task
from tokeval.probe.training.transformer import Shape

WRONG_DIGIT = 11


def run_of(task: Task, answers: Sequence[Ids], seed: int = 0) -> Learned:
    """A run that ended with these answers, and had none right before."""
    tally = task.tally(answers)
    points = [
        CurvePoint(
            step, loss, tuple((*key, right * (step == 20), n) for key, (right, n) in tally.items())
        )
        for step, loss in ((10, 2.0), (20, 1.0 + seed))
    ]
    return Learned(seed, tuple(answers), tally, tuple(points))


def trained(task: Task, *of_seeds: Sequence[Ids]) -> Trained:
    """A configuration with runs of so many seeds."""
    runs = tuple(run_of(task, answers, seed) for seed, answers in enumerate(of_seeds))
    return Trained(task, Shape(), Schedule(), runs)


def right_but(task: Task, n_wrong: int, wrong_place: int = 0) -> list[Ids]:
    """Right answers, but for one token of the first few."""
    answers = [question.answer for question in task.questions]
    for i in range(n_wrong):
        row = list(answers[i])
        row[wrong_place] = WRONG_DIGIT
        answers[i] = tuple(row)
    return answers


def values(result: ProbeResult) -> dict[tuple[str, str], Measured]:
    """What was measured by metric and slice."""
    return {
        (cell.metric, cell.slice): cell.value
        for cell in result.cells
        if isinstance(cell.value, Measured)
    }


ORDINAL = MultiplicationTask(3, 1, "ordinal", n_questions=100)
REVERSED = MultiplicationTask(3, 1, "reversed", n_questions=100)


def test_two_orders_stand_beside_each_other() -> None:
    base = trained(ORDINAL, right_but(ORDINAL, 30))
    result = training_result(trained(REVERSED, right_but(REVERSED, 10)), base)
    found = values(result)
    against = "seed:0/against:multiplication-3x1-ordinal"
    assert found["training_exact_match", "seed:0"].value == pytest.approx(0.9)
    assert found["training_difference", against].value == pytest.approx(0.2)
    # All that tells them apart are 20 products that one alone has right.
    assert found["training_mcnemar", against].value == pytest.approx(2 / 2**20)
    assert found["training_place_accuracy", "seed:0/place:1"].value == pytest.approx(0.9)
    assert found["training_place_accuracy", "seed:0/place:4"].value == 1.0
    assert [finding.code for finding in result.findings] == ["training_order"]
    assert "90.0% right against 70.0%" in result.findings[0].message
    assert "learned better than multiplication-3x1-ordinal" in result.findings[0].message


def test_seeds_that_disagree_find_nothing() -> None:
    base = trained(ORDINAL, right_but(ORDINAL, 30), right_but(ORDINAL, 0))
    result = training_result(
        trained(REVERSED, right_but(REVERSED, 0), right_but(REVERSED, 30)), base
    )
    assert result.findings == ()
    mean = values(result)["training_exact_match", "all"]
    assert (mean.value, mean.n_blocks, mean.low) == (pytest.approx(0.85), 2, None)


def test_digits_of_one_product_have_no_interval() -> None:
    found = values(training_result(trained(ORDINAL, right_but(ORDINAL, 3)), None))
    pooled = found["training_subtask_accuracy", "seed:0/subtask:carry/place:all"]
    assert (pooled.low, pooled.stderr_reason) != (None, None)
    assert pooled.low is None
    assert found["training_subtask_accuracy", "seed:0/subtask:carry/place:4"].low is not None


def test_cascades_that_go_wrong_are_found() -> None:
    answers = []
    for question, (a, b) in zip(ORDINAL.questions, ORDINAL.factors, strict=True):
        # Without what is carried into the tens: the carry of the tens' products alone.
        hundreds = (a // 100 * b + a // 10 % 10 * b // 10) % 10
        answers.append((*question.answer[:1], hundreds, *question.answer[2:]))
    result = training_result(trained(ORDINAL, answers), None)
    assert [finding.code for finding in result.findings] == ["training_cascade"]
    assert "digits at place 3" in result.findings[0].message
    assert "cascaded carry, 0.0%" in result.findings[0].message
    assert "carried in, 100.0%" in result.findings[0].message


@pytest.fixture(scope="module")
def bpe() -> CountingTask:
    return CountingTask("bpe", n_strings=60)


def test_the_gap_of_unseen_spellings(bpe: CountingTask) -> None:
    answers = [
        question.answer if i % 2 == 0 or i < 24 else (0,)
        for i, question in enumerate(bpe.questions)
    ]
    characters = CountingTask("characters", n_strings=60)
    base = trained(characters, [question.answer for question in characters.questions])
    result = training_result(trained(bpe, answers), base)
    found = values(result)
    assert found["training_exact_match", "seed:0/spelling:seen"].value == 1.0
    assert found["training_exact_match", "seed:0/spelling:unseen"].value == pytest.approx(0.2)
    assert found["training_spelling_gap", "seed:0"].value == pytest.approx(0.8)
    part = "seed:0/spelling:unseen/against:counting-ab-10-20-characters"
    assert found["training_difference", part].value == pytest.approx(-0.8)
    assert [finding.code for finding in result.findings] == ["training_spelling"]
    assert found["training_floor", "all"].n_blocks == 60
    assert [item.parsed for item in result.items] == [None] * 8  # what is wrong is no number
    assert training_result(base, None).items == ()


def test_what_is_asked_in_two_spellings_is_compared_with_what_is_asked_in_one(
    bpe: CountingTask,
) -> None:
    characters = CountingTask("characters", n_strings=60)
    of = {task: trained(task, right_but(task, 0)) for task in (bpe, characters, ORDINAL, REVERSED)}
    expected = {bpe: of[characters], characters: None, ORDINAL: None, REVERSED: of[ORDINAL]}
    assert bases(list(of.values())) == list(expected.values())


def test_configurations_of_one_name_are_refused() -> None:
    pytest.importorskip("torch", reason="transformers are trained with torch")
    with pytest.raises(UsageError, match="'multiplication-3x1-ordinal' is named twice"):
        train([ORDINAL, ORDINAL], Shape(), Schedule())


def test_results_say_what_they_are_of(bpe: CountingTask) -> None:
    known = {info.id for info in METRICS}
    for task in (ORDINAL, bpe):
        result = training_result(trained(task, right_but(task, 1), right_but(task, 2)), None)
        assert (result.probe, result.model) == ("train", task.name)
        assert {cell.metric for cell in result.cells} <= known
        assert {info.id for info in result.metrics} == {cell.metric for cell in result.cells}
        slices = [(cell.metric, cell.slice) for cell in result.cells]
        assert len(set(slices)) == len(slices)
        assert result.settings["steps"] == 2000
        assert result.settings["width"] == 96
        assert result.settings["seeds"] == [0, 1]
        assert all(cell.signature.startswith(f"{cell.metric}|training:") for cell in result.cells)
        assert len(result.items_sha256) == 64


def test_orders_share_figures_and_seeds_are_averaged() -> None:
    first, other = (
        training_result(trained(task, right_but(task, 10), right_but(task, 30)), None)
        for task in (ORDINAL, REVERSED)
    )
    shared = {one.id for one in first.series if one.tokenizer == first.model}
    assert shared == {
        "training_curve", "training_loss", "training_places", "training_subtasks",
        "training_cascades",
    }  # fmt: skip
    assert {(one.id, one.slice) for one in other.series if one.tokenizer == other.model} == {
        (name, "task:multiplication-3x1") for name in shared
    }
    steps = next(one for one in first.series if one.id == "training_subtasks")
    assert steps.x == ("base multiply", "carry", "use carry", "cascaded carry")
    curve, loss = first.series[:2]
    assert (curve.x, curve.y, curve.low) == ((10.0, 20.0), (0.0, pytest.approx(0.8)), ())
    assert loss.y == (2.0, 1.5)


def test_mean_of_ten_seeds_has_a_t_interval() -> None:
    mean = mean_of_seeds([0.9, 1.0] * 5)
    # s = 0.05 · √(10/9), t(9) = 2.262157.
    assert mean.stderr == pytest.approx(0.05 / 3)
    assert mean.low == pytest.approx(0.95 - 2.262157 * 0.05 / 3)

"""Products as rows of tokens, read back as a reader would."""

from __future__ import annotations

import numpy as np
import pytest

from tokeval.errors import UsageError
from tokeval.probe.training.multiplication_task import ORDERS, MultiplicationTask, Order

SIGNS = "0123456789×="


def read(row: list[int], order: Order) -> tuple[int, int, int]:
    """Both factors and the product of a row."""
    text = "".join(SIGNS[token] for token in row)
    question, answer = text.split("=")
    a, b = question.split("×")
    return int(a), int(b), int(answer if order == "ordinal" else answer[::-1])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("n", "m"), [(5, 1), (3, 2), (1, 4)])
def test_rows_are_right_products_and_their_answers_are_learned(
    n: int, m: int, order: Order
) -> None:
    task = MultiplicationTask(n, m, order, n_questions=100)
    rows = task.rows(300, np.random.default_rng(5))
    for row, learned in zip(rows.ids.tolist(), rows.is_learned.tolist(), strict=True):
        a, b, product = read(row, order)
        assert a * b == product
        assert (len(str(a)), len(str(b))) == (n, m)
        assert learned == [False] * (n + m + 2) + [True] * (n + m)
    assert rows.ids.shape == (300, task.n_positions)
    assert rows.ids.max() < task.n_symbols


def test_no_product_of_the_test_is_learned() -> None:
    task = MultiplicationTask(2, 1, "ordinal", n_questions=400)
    rows = task.rows(5000, np.random.default_rng(0)).ids.tolist()
    learned = {read(row, "ordinal")[:2] for row in rows}
    assert learned.isdisjoint(task.factors)
    assert len(learned) == 410  # of 90 · 9 products, all that are left


def test_places_are_in_the_order_of_numbers() -> None:
    task = MultiplicationTask(5, 5, n_questions=20)
    tally = task.tally([question.answer for question in task.questions])
    places = [part for metric, part in tally if metric == "training_place_accuracy"]
    assert places == [f"place:{i}" for i in range(1, 11)]


def test_both_orders_ask_the_same_and_write_answers_the_other_way_round() -> None:
    ordinal, reverse = (MultiplicationTask(4, 2, order, n_questions=50) for order in ORDERS)
    assert ordinal.factors == reverse.factors
    assert len(set(ordinal.factors)) == 50
    for one, other in zip(ordinal.questions, reverse.questions, strict=True):
        assert one.prompt == other.prompt
        assert one.answer == other.answer[::-1]
        assert int(ordinal.readable(one.answer)) == eval_product(one.text)
        assert ordinal.readable(one.answer) == reverse.readable(other.answer)


def eval_product(text: str) -> int:
    """The product that a question asks for."""
    a, b = text.rstrip("=").split("×")
    return int(a) * int(b)


def test_the_seed_draws_the_test() -> None:
    first, again, other = (MultiplicationTask(n_questions=50, seed=seed) for seed in (0, 0, 1))
    assert first.factors == again.factors
    assert set(first.factors).isdisjoint(other.factors)


@pytest.mark.parametrize("order", ORDERS)
def test_tally_of_one_wrong_digit(order: Order) -> None:
    task = MultiplicationTask(2, 1, order, n_questions=1)
    object.__setattr__(task, "factors", [(25, 7)])  # 175
    wrong = {"ordinal": (1, 9, 5), "reversed": (5, 9, 1)}[order]
    assert task.tally([wrong]) == {
        ("training_cascade_accuracy", "columns:0"): (1, 1),
        ("training_cascade_accuracy", "columns:1"): (1, 2),
        ("training_exact_match", "all"): (0, 1),
        ("training_place_accuracy", "place:1"): (1, 1),
        ("training_place_accuracy", "place:2"): (0, 1),
        ("training_place_accuracy", "place:3"): (1, 1),
        ("training_subtask_accuracy", "subtask:base_multiply/place:1"): (1, 1),
        ("training_subtask_accuracy", "subtask:base_multiply/place:all"): (1, 1),
        ("training_subtask_accuracy", "subtask:carry/place:3"): (1, 1),
        ("training_subtask_accuracy", "subtask:carry/place:all"): (1, 1),
        ("training_subtask_accuracy", "subtask:use_carry/place:2"): (0, 1),
        ("training_subtask_accuracy", "subtask:use_carry/place:all"): (0, 1),
    }
    assert task.marks([wrong]) == {"all": [False]}
    assert task.readable(wrong) == "195"


def test_every_digit_counts_once_for_its_step_and_its_place() -> None:
    task = MultiplicationTask(3, 2, n_questions=80)
    tally = task.tally([question.answer for question in task.questions])
    whole = {key: asked for key, (right, asked) in tally.items() if right == asked}
    assert whole.keys() == tally.keys()
    for kind in ("place:all", "columns"):
        assert sum(asked for (_, part), asked in whole.items() if kind in part) == 80 * 5


@pytest.mark.parametrize(
    ("n", "m", "order", "n_questions", "message"),
    [
        (0, 1, "ordinal", 10, "no products of 0 and 1 digits"),
        (10, 1, "ordinal", 10, "no products of 10 and 1 digits"),
        (5, 1, "upwards", 10, "no order of digits 'upwards'"),
        (1, 1, "ordinal", 41, "there are 81"),
        (5, 1, "ordinal", 0, "0 products"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    n: int, m: int, order: Order, n_questions: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        MultiplicationTask(n, m, order, n_questions=n_questions)

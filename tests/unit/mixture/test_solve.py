"""The growing program, against SciPy over the same rows at every stage."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.optimize import linprog

from tests.mixture_histories import Case, build, train
from tokeval.mixture.program import Program, build_program
from tokeval.mixture.pulp_model import all_rows
from tokeval.mixture.solve import GrowingProgram, Solution


def program_of(seed: int) -> tuple[Case, Program]:
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcdef"), rng.integers(2, 6))) for _ in range(40)]
    tables = [
        dict(zip(words, rng.integers(1, 99, len(words)).tolist(), strict=True)) for _ in range(4)
    ]
    case = build(tables[:3], train(tables[3], 15))
    return case, build_program(case.history)


def optimum_over(case: Case, growing: GrowingProgram) -> float:
    """The optimum over the rows that are present, not scaled, each slack with its own column."""
    n, n_steps, n_pairs = 3, len(case.counts), len(case.pairs)
    rows = np.zeros((len(growing.steps), n + n_steps + n_pairs))
    for row, t, p in zip(rows, growing.steps, growing.pairs, strict=True):
        winner = case.pairs[case.history.winners[t]]
        counts = [c[case.pairs[p]] - c[winner] for c in case.counts[t]]
        row[:n] = counts / case.history.n_pairs_initially
        row[[n + t, n + n_steps + p]] = -1
    cost = np.r_[np.zeros(n), np.ones(n_steps + n_pairs)]
    found = linprog(cost, rows, np.zeros(len(rows)), 1 - cost[None], [1.0], method="highs-ipm")
    return float(found.fun)


def satisfied(program: Program, growing: GrowingProgram, found: Solution) -> bool:
    """Whether the rows that are present hold, up to a part in a hundred million."""
    margins = program.margins(growing.steps, growing.pairs) @ found.shares
    slacks = found.step_slacks[growing.steps] + found.pair_slacks[growing.pairs]
    return bool((margins + slacks / program.scales[growing.steps] >= -1e-8).all())


@pytest.mark.parametrize("seed", range(4))
def test_every_stage_is_an_optimum_over_its_rows(seed: int) -> None:
    case, program = program_of(seed)
    rng, growing = np.random.default_rng(seed), GrowingProgram(program)
    steps, pairs = all_rows(program)
    order = rng.permutation(len(steps))
    for batch in np.array_split(order, 6):
        assert growing.add(steps[batch], pairs[batch]) == len(batch)
        found = growing.solve()
        assert satisfied(program, growing, found)
        assert found.objective == pytest.approx(optimum_over(case, growing), rel=1e-7, abs=1e-12)
        growing.keep(found.binds | (rng.random(len(found.binds)) < 0.5))
        assert growing.solve().objective == pytest.approx(found.objective, rel=1e-9)
    assert found.objective > 1e-3


def test_rows_that_are_present_are_not_added_again() -> None:
    _, program = program_of(0)
    growing = GrowingProgram(program)
    steps, pairs = (rows[:9] for rows in all_rows(program))
    assert growing.add(steps[:6], pairs[:6]) == 6
    assert growing.add(np.r_[steps, steps], np.r_[pairs, pairs]) == 3
    assert_array_equal(growing.steps[:6], steps[:6])
    assert growing.add(steps, pairs) == 0


def test_dropping_rows_that_do_not_bind_needs_no_iteration() -> None:
    _, program = program_of(1)
    growing = GrowingProgram(program)
    growing.add(*all_rows(program))
    found = growing.solve()
    assert found.n_iterations > 0
    assert 0 < found.binds.sum() < len(found.binds)
    growing.keep(found.binds)
    assert growing.solve().n_iterations == 0


def test_a_forbidden_category_has_no_share() -> None:
    _, program = program_of(2)
    growing = GrowingProgram(program)
    growing.add(*all_rows(program))
    free = growing.solve()
    growing.forbid(int(free.shares.argmax()))
    held = growing.solve()
    assert held.shares[free.shares.argmax()] == 0
    assert held.objective > free.objective

"""The linear program of Hayase et al.: its rows, scaled, for whichever competitors are asked.

Every merge was the most frequent pair of its step. With shares α ≥ 0, Σα = 1, a slack v_t ≥ 0 of
each step and a slack v_p ≥ 0 of each pair, for every step t with winner m and every pair p ≠ m:

    v_t + v_p + Σ_i α_i (c_i,m(t) − c_i,p(t)) / n_i ≥ 0,   minimise Σ v_t + Σ v_p,

where c_i,p(t) is the count of p in category i when t is chosen, and n_i what the category has of
all pairs at first (arXiv 2407.16607, section 3).

Late merges are thousands of times rarer than early ones, and a solver's tolerance is absolute. So
each row is divided by the mean frequency s_t of its winner, and slacks are counted in the same
unit: v = s · u, at the cost of s for each unit of u. The objective stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError
from tokeval.mixture.history import History, counts_at, winner_counts


@dataclass(frozen=True)
class Program:
    """What the rows are made from.

    Attributes:
        history: counts of the categories.
        winner_counts: count of the winner of each step, shape (n_steps, n_categories), int64.
        has_rows: steps that are judged, shape (n_steps,), bool; not so are merges that training
            did not make, and merges that no category contains when they are chosen.
        scales: mean frequency of the winner over the categories, 0 where a step has no rows,
            shape (n_steps,), float64.
    """

    history: History
    winner_counts: NDArray[np.int64]
    has_rows: NDArray[np.bool_]
    scales: NDArray[np.float64]

    @property
    def n_steps(self) -> int:
        """The number of steps, judged or not."""
        return len(self.has_rows)

    @property
    def n_categories(self) -> int:
        """The number of categories."""
        return len(self.history.names)

    def winner_frequencies(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The frequency of each step's winner in a mixture, infinite where a step has no rows."""
        frequencies = self.winner_counts @ (shares / self.history.n_pairs_initially)
        return np.where(self.has_rows, frequencies, np.inf)

    def margins(self, steps: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how much winners exceed competitors, in units of the steps' scales.

        Shape (n_rows, n_categories): what multiplies the shares in the rows (steps, pairs).
        Counts are subtracted as integers, so equal counts give exactly 0.
        """
        differences = self.winner_counts[steps] - counts_at(self.history, steps, pairs)
        return differences / self.history.n_pairs_initially / self.scales[steps, np.newaxis]


def build_program(history: History, is_trained: NDArray[np.bool_] | None = None) -> Program:
    """The program of a history.

    Args:
        history: counts of the categories.
        is_trained: whether training made each merge, shape (n_steps,); all of them if left out.

    Raises:
        TokevalError: a category has no pairs, or no merge occurs in any category.
    """
    for name, n_pairs in zip(history.names, history.n_pairs_initially.tolist(), strict=True):
        if n_pairs <= 0:
            raise TokevalError(
                f"category {name} has no pair of symbols", "give it more text, or leave it out"
            )
    counts = winner_counts(history)
    has_rows: NDArray[np.bool_] = counts.max(axis=1) > 0
    if is_trained is not None:
        has_rows &= is_trained
    if not has_rows.any():
        raise TokevalError(
            "no merge of the tokenizer occurs in any category",
            "check the encoding of the texts, and that they suit the tokenizer",
        )
    scales = (counts / history.n_pairs_initially).mean(axis=1)
    return Program(history, counts, has_rows, np.where(has_rows, scales, 0.0))

"""Counted strings as rows of tokens, read back by the pieces that the tokens stand for."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tokeval.errors import TokevalError, UsageError
from tokeval.probe.training.counting_task import (
    COUNT,
    CUTTINGS,
    END,
    EQUALS,
    N_SIGNS,
    READ,
    CountingTask,
    Cutting,
)
from tokeval.probe.training.letter_cutting import LearnedMerges


@pytest.fixture(scope="module")
def bpe() -> CountingTask:
    return CountingTask("bpe", n_strings=200)


@pytest.fixture(scope="module")
def characters() -> CountingTask:
    return CountingTask("characters", n_strings=200)


@cache
def tokens_of(cutting: Cutting) -> tuple[str, ...]:
    """The vocabulary of the usual settings, trained apart from any task."""
    return ("a", "b") if cutting == "characters" else LearnedMerges("ab", (10, 20), 20, 0).tokens


def pieces_of(task: CountingTask, ids: list[int]) -> list[str]:
    """The pieces of tokens that stand for some."""
    return [tokens_of(task.cutting)[token - N_SIGNS] for token in ids]


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_counted_rows_end_in_the_count_and_spell_what_is_held_out(cutting: Cutting) -> None:
    task = CountingTask(cutting, n_strings=100)
    rows = task.rows(400, np.random.default_rng(3))
    n_pieces = task.n_symbols - N_SIGNS - 21
    for row, learned in zip(rows.ids[:300].tolist(), rows.is_learned[:300].tolist(), strict=True):
        end = row.index(EQUALS)
        pieces = pieces_of(task, row[1:end])
        text = "".join(pieces)
        assert row[0] == COUNT
        assert row[end + 1] == N_SIGNS + n_pieces + text.count("a")
        assert [i for i, is_learned in enumerate(learned) if is_learned] == [end + 1]
        assert 10 <= len(text) <= 20
        assert text not in task.strings
        assert task.held_out_tokens.isdisjoint(pieces)


def test_read_rows_hold_whole_tokens_that_are_held_out(bpe: CountingTask) -> None:
    rows = bpe.rows(400, np.random.default_rng(3))
    met: set[str] = set()
    for row, learned in zip(rows.ids[300:].tolist(), rows.is_learned[300:].tolist(), strict=True):
        end = row.index(END)
        assert row[0] == READ
        assert learned[: end + 1] == [False] + [True] * end
        assert not any(learned[end + 1 :])
        met |= set(pieces_of(bpe, row[1:end]))
    assert bpe.held_out_tokens <= met


def test_strings_are_asked_in_both_spellings(bpe: CountingTask, characters: CountingTask) -> None:
    assert bpe.strings == characters.strings
    assert len(set(bpe.strings)) == 200
    for i, text in enumerate(bpe.strings):
        seen, unseen, letters = (
            bpe.questions[2 * i],
            bpe.questions[2 * i + 1],
            characters.questions[i],
        )
        assert seen.answer == unseen.answer
        assert (
            characters.readable(letters.answer) == bpe.readable(seen.answer) == str(text.count("a"))
        )
        known, held = pieces_of(bpe, list(seen.prompt[1:-1])), unseen.text.split()
        assert "".join(known) == "".join(held) == text
        assert bpe.held_out_tokens.isdisjoint(known)
        assert not bpe.held_out_tokens.isdisjoint(held)
        assert letters.text.split() == list(text)


def test_marks_and_tally_are_by_spelling(bpe: CountingTask) -> None:
    right = [question.answer for question in bpe.questions[:6]]
    wrong = (0,)
    answers = [right[0], wrong, right[2], right[3], wrong, wrong]
    assert bpe.marks(answers) == {
        "spelling:seen": [True, True, False],
        "spelling:unseen": [False, True, False],
    }
    # A string that was asked in one spelling only is left out.
    assert bpe.tally(answers[:5]) == {
        ("training_exact_match", "spelling:seen"): (2, 2),
        ("training_exact_match", "spelling:unseen"): (1, 2),
    }
    assert bpe.readable(wrong) == "?"


def test_floor_is_the_most_frequent_count(bpe: CountingTask) -> None:
    counts = [text.count("a") for text in bpe.strings]
    assert bpe.floor() == (max(counts.count(count) for count in range(21)), 200)


def test_a_share_of_the_merged_tokens_is_held_out() -> None:
    merges = LearnedMerges("ez", (10, 20), 20, 0)
    assert len(merges.tokens) == 22
    assert len(merges.held_out(0.25, 0)) == 5
    assert all(len(token) > 1 for token in merges.held_out(0.25, 0))
    assert merges.held_out(0.25, 0) == LearnedMerges("ez", (10, 20), 20, 0).held_out(0.25, 0)
    assert len({merges.held_out(0.25, seed) for seed in range(5)}) > 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cutting": "words"}, "no cutting 'words'"),
        ({"letters": "aa"}, "'aa' is no pair of letters"),
        ({"letters": "abc"}, "'abc' is no pair of letters"),
        ({"letters": "/a"}, "'/a' is no pair of letters"),  # names of files have them
        ({"lengths": (1, 4)}, "no string has 1 to 4 letters"),
        ({"lengths": (20, 10)}, "no string has 20 to 10 letters"),
        ({"held_out": 1.0}, "shares of 1 held out"),
        ({"read_share": 1.0}, "and 1 read"),
        ({"n_merged": 1}, "1 merged tokens"),
        ({"n_strings": 0}, "0 strings"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        CountingTask(**settings)


def test_too_few_strings_merges_and_tokens_are_said() -> None:
    with pytest.raises(TokevalError, match=r"only .* different strings of 4 to 5 letters"):
        CountingTask("bpe", lengths=(4, 5), n_merged=6, n_strings=100).strings  # noqa: B018 - raises
    with pytest.raises(UsageError, match="strings of 2 to 2 letters give 4 merged tokens, not 20"):
        CountingTask("bpe", lengths=(2, 2)).strings  # noqa: B018 - raises
    with pytest.raises(TokevalError, match="leaves nothing to compare"):
        CountingTask("bpe", held_out=0.01).strings  # noqa: B018 - raises

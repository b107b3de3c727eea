"""The metrics of numbers: rules known by construction, and a count of every number by itself."""

from typing import cast

import numpy as np
import pytest

from tests.merge_tokenizers import ALL_NUMBERS, FROM_THE_RIGHT, LLAMA_3, byte_bpe, words
from tokeval.core.digits import CONTEXTS, all_numbers, drawn_numbers
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Subject
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.metrics import numbers

BY_ID = {metric.info.id: metric for metric in numbers.METRICS}
LEFT = byte_bpe(ALL_NUMBERS, pattern=LLAMA_3)
RIGHT = byte_bpe(ALL_NUMBERS, pattern=FROM_THE_RIGHT)
DIGITS = 10 * 1 + 90 * 2 + 300 * (3 + 4 + 5 + 6 + 7 + 8 + 9)


def context(tokenizer: Tokenizer) -> Context:
    tally = numbers.measure(Subject(tokenizer))
    return Context(cast(Evidence, None), tokenizer.vocabulary, tallies={"numbers": tally})


def values(tokenizer: Tokenizer) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    whole = context(tokenizer)
    for metric_id, metric in BY_ID.items():
        folds = metric.compute(whole)
        found[metric_id] = folds.reason if isinstance(folds, Undefined) else float(folds.values[0])
    return found


ALWAYS = {
    "number_chunk_entropy": 0,
    "number_token_spread": 0,
    "number_scheme_mixed": 0,
    "number_context_stability": 1,
    "number_context_stability_space": 1,
    "number_single_token_4": 0,
}
BY_RULE = {
    "bytes": ALWAYS
    | {
        "number_digits_per_token": 1,
        "number_single_token_2": 0,
        "number_single_token_3": 0,
        "number_scheme_digit": 1,
        "number_scheme_l2r3": 0,
        "number_scheme_r2l3": 0,
    },
    "left": ALWAYS
    | {
        "number_digits_per_token": DIGITS / (10 + 90 + 300 * (1 + 2 + 2 + 2 + 3 + 3 + 3)),
        "number_single_token_2": 1,
        "number_single_token_3": 1,
        "number_scheme_digit": 0,
        "number_scheme_l2r3": 1,
        "number_scheme_r2l3": 0,
    },
}
BY_RULE["right"] = BY_RULE["left"] | {"number_scheme_l2r3": 0, "number_scheme_r2l3": 1}


@pytest.mark.case(golden=[*BY_ID])
@pytest.mark.parametrize(
    ("tokenizer", "rule"), [(ByteTokenizer(), "bytes"), (LEFT, "left"), (RIGHT, "right")]
)
def test_rules_known_by_construction(tokenizer: Tokenizer, rule: str) -> None:
    assert values(tokenizer) == pytest.approx(BY_RULE[rule])


def test_a_token_with_the_space_changes_numbers_after_a_space_only() -> None:
    found = values(byte_bpe([f" {number}" for number in range(10, 100)]))
    assert found["number_context_stability_space"] == 0
    assert found["number_context_stability"] == pytest.approx(6 / 7)


def test_some_pairs_of_digits_give_mixed_cuts() -> None:
    found = values(byte_bpe(["12", "34", "56"]))
    assert found["number_single_token_2"] == pytest.approx(3 / 90)
    assert 0 < cast(float, found["number_scheme_mixed"]) < 0.5
    assert cast(float, found["number_chunk_entropy"]) > 0
    assert cast(float, found["number_token_spread"]) > 0


def cut_one(tokenizer: Tokenizer, before: str, number: str) -> tuple[int, ...]:
    """The chunks of one number by the library's own character offsets."""
    spans = tokenizer.encode_with_spans([before + number]).spans.tolist()
    inside = [
        (max(start, len(before)), end) for start, end in spans if end > max(start, len(before))
    ]
    return tuple(end - start for start, end in inside)


def entropy(cut: list[tuple[int, ...]]) -> float:
    shares = [cut.count(chunks) / len(cut) for chunks in set(cut)]
    return -sum(share * np.log2(share) for share in shares)


@pytest.mark.case(oracle=[*BY_ID])
def test_every_number_by_itself() -> None:
    tokenizer = byte_bpe(["12", "34", "345", "99", " 7", " 71", "$5", "000", "10", "50", "505"])
    cut = {n: [cut_one(tokenizer, "", x) for x in drawn_numbers(n)] for n in range(1, 10)}
    flat = [chunks for of_length in cut.values() for chunks in of_length]
    schemed = [chunks for n in (4, 5, 7, 8) for chunks in cut[n]]
    left = {4: (3, 1), 5: (3, 2), 7: (3, 3, 1), 8: (3, 3, 2)}
    is_digit = [max(chunks) == 1 for chunks in schemed]
    is_left = [chunks == left[sum(chunks)] for chunks in schemed]
    is_right = [chunks == left[sum(chunks)][::-1] for chunks in schemed]
    tried = [x for n in range(2, 10) for x in drawn_numbers(n, n=100)]
    alike = {
        name: np.mean([cut_one(tokenizer, before, x) == cut_one(tokenizer, "", x) for x in tried])
        for name, before in CONTEXTS.items()
    }
    expected = {
        "number_digits_per_token": sum(map(sum, flat)) / sum(map(len, flat)),
        "number_chunk_entropy": np.mean([entropy(cut[n]) for n in range(2, 10)]),
        "number_token_spread": np.mean([np.std([*map(len, cut[n])]) for n in range(2, 10)]),
        "number_scheme_digit": np.mean(is_digit),
        "number_scheme_l2r3": np.mean(is_left),
        "number_scheme_r2l3": np.mean(is_right),
        "number_scheme_mixed": 1 - np.mean(is_digit) - np.mean(is_left) - np.mean(is_right),
        "number_context_stability": np.mean([*alike.values()]),
        "number_context_stability_space": alike["space"],
    } | {
        f"number_single_token_{n}": np.mean(
            [len(cut_one(tokenizer, "", x)) == 1 for x in all_numbers(n)]
        )
        for n in (2, 3, 4)
    }
    assert values(tokenizer) == pytest.approx(expected)
    assert 0 < expected["number_context_stability"] < 1


@pytest.mark.case(undefined=[*BY_ID])
def test_a_tokenizer_without_digits() -> None:
    assert set(values(words(["no digits"])).values()) == {"the tokenizer knows none of the digits"}
    assert numbers.series("words", context(words(["no digits"]))) == []


def test_lengths_that_are_not_known() -> None:
    found = values(words(["7 12"]))
    reasons = {
        "number_single_token_3": "the tokenizer knows no numbers of 3 digits",
        "number_scheme_digit": "the tokenizer knows no numbers of 4, 5, 7 or 8 digits",
    }
    assert found["number_single_token_2"] == 1
    assert {metric_id: found[metric_id] for metric_id in reasons} == reasons


def test_numbers_are_constants_of_the_tokenizer() -> None:
    folds = BY_ID["number_digits_per_token"].compute(context(ByteTokenizer()))
    assert isinstance(folds, Folds)
    assert folds.no_interval == "a constant of the tokenizer"


def test_the_figure_adds_up() -> None:
    (figure,) = numbers.series("left", context(LEFT))
    assert figure.kind == "stack"
    assert figure.y == (0, 1, 0, 0)
    assert len(figure.x) == len(figure.y)

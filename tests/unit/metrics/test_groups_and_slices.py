"""Premium factors of groups of slices, and the figures that set slices beside one another."""

import math
from collections.abc import Sequence
from functools import cache

import pytest

from tests import toy_tokenizers
from tokeval.core.corpus import Slice
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Measured, MetricsResult, Series, Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics.catalogue import CATALOGUE
from tokeval.metrics.report import evaluate

METRICS = ("premium", "premium_bytes", "premium_pretokens", "premium_merges", "segmentation_regret")
ENGLISH = [f"the cat number {n} sat on a mat" for n in range(12)]
TURKISH = [f"{n} numaralı kedi minderin üstünde oturdu" for n in range(12)]
GREEK = [f"η γάτα {n} κάθισε" for n in range(12)]
FINNISH = [f"kissa {n} istui matolla" for n in range(12)]


def toy() -> Tokenizer:
    """A byte-level tokenizer of English."""
    return adapt_tokenizers_object(toy_tokenizers.byte_level_bpe(ENGLISH), name="toy", source="toy")


def lines(name: str, texts: Sequence[str], script: str) -> Slice:
    """A slice of parallel lines, each a document."""
    documents = [(text,) for text in texts]
    return Slice(name, lambda: iter(documents), "line", {"script": script}, parallel="p")


@cache
def result() -> MetricsResult:
    """Two tokenizers on four parallel slices."""
    slices = [
        lines("en", ENGLISH, "Latn"),
        lines("tr", TURKISH, "Latn"),
        lines("el", GREEK, "Grek"),
        lines("fi", FINNISH, "Latn"),
    ]
    metrics = [CATALOGUE[metric_id] for metric_id in METRICS]
    (found,) = evaluate([toy(), ByteTokenizer()], slices, metrics=metrics).results
    assert isinstance(found, MetricsResult)
    return found


def number(metric: str, part: str) -> float:
    """A value of the toy."""
    (value,) = [
        cell.value
        for cell in result().cells
        if (cell.metric, cell.tokenizer, cell.slice) == (metric, "toy", part)
    ]
    assert isinstance(value, Measured)
    return value.value


@pytest.mark.parametrize("part", ["tr", "el", "fi", "all", "script:Latn", "script:Grek"])
def test_the_factors_multiply_to_the_premium_of_slices_and_groups(part: str) -> None:
    factors = [number(metric, part) for metric in METRICS[1:4]]
    assert math.prod(factors) == pytest.approx(number("premium", part))


def test_a_group_stands_beside_copies_of_its_reference() -> None:
    n_bytes = {
        name: sum(len(text.encode()) for text in texts)
        for name, texts in (("en", ENGLISH), ("tr", TURKISH), ("el", GREEK), ("fi", FINNISH))
    }
    latin = (n_bytes["tr"] + n_bytes["fi"]) / (2 * n_bytes["en"])
    assert number("premium_bytes", "script:Latn") == pytest.approx(latin)
    assert number("premium_bytes", "script:Grek") == number("premium_bytes", "el")
    everything = (n_bytes["tr"] + n_bytes["fi"] + n_bytes["el"]) / (3 * n_bytes["en"])
    assert number("premium_bytes", "all") == pytest.approx(everything)


def test_a_group_without_a_pretokenizer_says_why() -> None:
    reasons = {
        cell.value
        for cell in result().cells
        if cell.metric in METRICS[1:4] and cell.tokenizer == "bytes"
    }
    reason = "the tokenizer has no pre-tokenizer, or none that is known as patterns"
    assert reasons <= {Undefined(reason), Undefined(f"of the reference slice: {reason}")}
    assert reasons


def test_groups_are_signed_with_their_slices_and_the_reference() -> None:
    by_place = {
        cell.slice: cell.signature
        for cell in result().cells
        if cell.metric == "premium_merges" and cell.tokenizer == "toy"
    }
    assert len(set(by_place.values())) == len(by_place) == 7


def series(figure: str) -> list[Series]:
    return [one for one in result().series if one.id == figure]


def test_the_layers_of_a_premium_add_up_to_its_logarithm() -> None:
    layers = series("premium_factors")
    assert [one.layer for one in layers] == ["bytes", "pre-tokens per byte", "tokens per pre-token"]
    assert {one.tokenizer for one in layers} == {"toy"}  # bytes have no pre-tokens
    assert {one.x for one in layers} == {("tr", "el", "fi")}  # the reference has no premium
    for place, part in enumerate(("tr", "el", "fi")):
        total = sum(one.y[place] for one in layers)
        assert total == pytest.approx(math.log2(number("premium", part)))


def test_regret_is_drawn_by_slice() -> None:
    toys, of_bytes = series("segmentation_regret")
    assert toys.x == of_bytes.x == ("en", "tr", "el", "fi")
    assert toys.y == tuple(number("segmentation_regret", part) for part in ("en", "tr", "el", "fi"))
    assert of_bytes.y == (0.0, 0.0, 0.0, 0.0)

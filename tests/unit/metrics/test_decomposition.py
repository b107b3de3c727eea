"""The three factors of a premium: published, by hand, by the library's own cut, undefined."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tokenizers

from tests import toy_tokenizers
from tests.unit.metrics.studied import context_of, flores, sample_of, value
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics import decomposition
from tokeval.metrics.decomposition import (
    premium_bytes,
    premium_merges,
    premium_pretokens,
    pretokens,
)

FACTORS = ["premium_bytes", "premium_pretokens", "premium_merges"]
COMPUTE: tuple[Callable[[Context], Folds | Undefined], ...] = (
    premium_bytes,
    premium_pretokens,
    premium_merges,
)
ENGLISH = [f"the cat number {n} sat on a mat" for n in range(12)]
TURKISH = [f"{n} numaralı kedi bir minderin üstünde oturdu" for n in range(12)]


def toy() -> Tokenizer:
    """A byte-level tokenizer of English."""
    return adapt_tokenizers_object(toy_tokenizers.byte_level_bpe(ENGLISH), name="toy", source="toy")


@pytest.mark.case(golden=FACTORS)
@pytest.mark.parametrize(
    ("language", "premium", "factors"),
    [("th", 5.09, (2.77, 0.68, 2.71)), ("hi", 4.76, (2.57, 1.30, 1.42))],
)
def test_published_factors_of_gpt_neox(
    shared: Path, language: str, premium: float, factors: tuple[float, ...]
) -> None:
    # Published without NFC, which GPT-NeoX applies; it parts Hindi nuktas: 1.306 for 1.304.
    tokenizer = load_tokenizer(str(shared / "data" / "tokenizers" / "dolly-v2-12b.json"))
    samples = [sample_of(flores(shared, name), name) for name in (language, "en")]
    context = context_of(tokenizer, samples[0], decomposition.STUDY, reference=samples[1])
    found = [value(compute, context) for compute in COMPUTE]
    assert found == pytest.approx(factors, abs=0.006)
    assert math.prod(found) == pytest.approx(premium, abs=0.006)


@pytest.mark.case(golden=FACTORS)
def test_counts_by_hand_in_every_fold() -> None:
    columns = {"tokens": [9, 3], "pretokens": [4, 2], "bytes": [20, 10]}
    reference = {"tokens": [4, 2], "pretokens": [3, 2], "bytes": [10, 5]}
    own, other = (
        Tally(2, {name: np.array(by_block) for name, by_block in c.items()})
        for c in (columns, reference)
    )
    context = Context(
        context_of(toy(), sample_of(["a"]), decomposition.STUDY).evidence,
        toy().vocabulary,
        tallies={"pretokens": own},
        reference_tallies={"pretokens": other},
    )
    expected = [
        [30 / 15, 10 / 5, 20 / 10],
        [6 / 30 * 15 / 5, 2 / 10 * 5 / 2, 4 / 20 * 10 / 3],
        [12 / 6 * 5 / 6, 3 / 2 * 2 / 2, 9 / 4 * 3 / 4],
    ]
    for compute, values in zip(COMPUTE, expected, strict=True):
        folds = compute(context)
        assert isinstance(folds, Folds)
        assert folds.values.tolist() == pytest.approx(values)


@pytest.mark.case(oracle=FACTORS)
def test_the_factors_are_those_of_the_librarys_own_pieces_and_multiply_to_the_premium() -> None:
    tokenizer = toy()
    library = toy_tokenizers.byte_level_bpe(ENGLISH)
    counts = [
        (
            sum(len(library.pre_tokenizer.pre_tokenize_str(text)) for text in texts),
            sum(len(text.encode()) for text in texts),
            sum(len(library.encode(text).ids) for text in texts),
        )
        for texts in (TURKISH, ENGLISH)
    ]
    (pieces, n_bytes, tokens), (pieces_0, n_bytes_0, tokens_0) = counts
    context = context_of(
        tokenizer, sample_of(TURKISH), decomposition.STUDY, reference=sample_of(ENGLISH)
    )
    found = [value(compute, context) for compute in COMPUTE]
    assert found == pytest.approx(
        [
            n_bytes / n_bytes_0,
            pieces / n_bytes / (pieces_0 / n_bytes_0),
            tokens / pieces / (tokens_0 / pieces_0),
        ]
    )
    assert math.prod(found) == pytest.approx(tokens / tokens_0)


@pytest.mark.case(undefined=FACTORS)
def test_where_there_is_nothing_to_decompose() -> None:
    alone = context_of(toy(), sample_of(TURKISH), decomposition.STUDY)
    bytes_only = context_of(
        ByteTokenizer(), sample_of(TURKISH), decomposition.STUDY, reference=sample_of(ENGLISH)
    )
    unpaired = context_of(
        toy(), sample_of(TURKISH), decomposition.STUDY, reference=sample_of(ENGLISH[:5])
    )
    empty = context_of(toy(), sample_of([""] * 3), decomposition.STUDY, reference=sample_of([""]))
    for context, reason in (
        (alone, "not part of line-parallel text"),
        (bytes_only, "no pre-tokenizer"),
        (unpaired, "do not share their blocks"),
        (empty, "do not share their blocks"),
    ):
        for compute in COMPUTE:
            found = compute(context)
            assert isinstance(found, Undefined)
            assert reason in found.reason


@pytest.mark.parametrize("kind", ["byte_level_bpe", "lowercase_wordpiece", "unigram", "word_level"])
def test_pieces_are_as_many_as_the_librarys(kind: str) -> None:
    library: tokenizers.Tokenizer = getattr(toy_tokenizers, kind)(ENGLISH)
    tokenizer = adapt_tokenizers_object(library, name=kind, source=kind)
    texts = [*ENGLISH, "It's 12,345.67 o'clock!  Two  spaces", "çok güzel (bir) şey"]
    found = pretokens(tokenizer, texts)
    assert not isinstance(found, Undefined)
    for text, pieces in zip(texts, found, strict=True):
        normal = library.normalizer.normalize_str(text) if library.normalizer else text
        own = [piece for piece, _ in library.pre_tokenizer.pre_tokenize_str(normal)]
        assert len(pieces) == len(own), text


def test_an_added_token_is_a_piece_of_its_own() -> None:
    library = toy_tokenizers.with_added(
        toy_tokenizers.byte_level_bpe(ENGLISH),
        tokenizers.AddedToken("  ", normalized=False),
        tokenizers.AddedToken("   ", normalized=False),
    )
    tokenizer = adapt_tokenizers_object(library, name="code", source="code")
    assert pretokens(tokenizer, ["a     b c"]) == [["a", "   ", "  ", "b", " c"]]
    assert pretokens(tokenizer, ["  ", ""]) == [["  "], []]

"""Every metric on one small text counted by hand, and where each of them is undefined."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tokeval.core.evidence import TEXT_COLUMNS, TOKEN_COLUMNS, Evidence
from tokeval.core.metric import Context, Folds, Parameters
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.tokenizer import Vocabulary
from tokeval.core.wordforms import SplitWords, WordForms, hash_word
from tokeval.document import Undefined
from tokeval.errors import UsageError
from tokeval.metrics.catalogue import CATALOGUE, FAMILIES, choose_metrics
from tokeval.metrics.fairness import gini_coefficient, lorenz_curve

VOCABULARY = Vocabulary(
    (b"", b"a", None, b" b", b"c", b"\xc3", b"de", b"f", b"<s>"),
    special=frozenset({0, 8}),
    byte_tokens=frozenset({5}),
    unknown_id=0,
)
"""Eight tokens and a gap at id 2."""


def evidence_of(
    totals: Mapping[str, Sequence[int]],
    *,
    ids: Sequence[Sequence[int]] = ((), ()),
    lengths: Sequence[Sequence[int]] = ((), ()),
    words: Sequence[tuple[str, int, int, int, int]] = (),
) -> Evidence:
    """Evidence in two blocks.

    Args:
        totals: by column, then by block.
        ids: token ids by block.
        lengths: number of tokens of each text, by block.
        words: word, block, occurrences, kept ones, those that are one token alone.
    """
    entries = sorted(((hash_word(w.encode()) << 6) | b, *rest) for w, b, *rest in words)
    columns = np.array(entries, dtype=np.int64).reshape(-1, 4).T
    return Evidence(
        n_blocks=2,
        totals={
            column: np.array(totals.get(column, (0, 0)), dtype=np.int64)
            for column in (*TEXT_COLUMNS, *TOKEN_COLUMNS)
        },
        token_counts=sparse(ids),
        text_lengths=sparse(lengths),
        tokens_per_word=np.zeros(16, dtype=np.int64),
        word_forms=WordForms(*columns),
        split_words=SplitWords(),
    )


def sparse(by_block: Sequence[Sequence[int]]) -> SparseCounts:
    blocks = np.repeat(np.arange(len(by_block)), [len(types) for types in by_block])
    return SparseCounts.of(blocks, np.array([t for types in by_block for t in types], np.int64))


EVIDENCE = evidence_of(
    {
        "documents": (2, 1), "texts": (4, 1), "lines": (4, 6), "characters": (30, 10),
        "bytes": (33, 11), "graphemes": (20, 10), "words": (5, 3), "letters": (20, 8),
        "spaceless_letters": (0, 0), "tokens": (12, 4), "word_tokens": (9, 3),
        "superword_tokens": (2, 1), "continued_words": (2, 2), "whole_words": (3, 0),
        "split_characters": (1, 1), "split_graphemes": (3, 0), "broken_texts": (1, 0),
        "lossy_texts": (2, 1),
    },
    ids=([1, 1, 1, 1, 1, 1, 3, 3, 3, 0, 5, 8], [1, 1, 3, 5]),
    lengths=([2, 2, 3, 5], [4]),
    words=[("low", 0, 3, 3, 3), ("low", 1, 1, 0, 1), ("new", 0, 2, 1, 0), ("old", 1, 2, 0, 0)],
)  # fmt: skip
"""Ids: eight times 1, four times 3, twice 5, once 0 and 8."""

REFERENCE = evidence_of({"tokens": (6, 2), "lines": (4, 6)})
CONTEXT = Context(
    EVIDENCE,
    VOCABULARY,
    Parameters(max_length=3, price=2.0, alpha=2.0),
    reference=REFERENCE,
    reference_name="en",
    baseline=REFERENCE,
    group={"a": EVIDENCE, "b": REFERENCE},
    is_parallel=True,
)

SHANNON = 8 / 16 * 1 + 4 / 16 * 2 + 2 / 16 * 3 + 2 * (1 / 16 * 4)
RENYI = -math.log2((64 + 16 + 4 + 1 + 1) / 256)
BY_HAND: dict[str, tuple[float, float, float]] = {
    # metric: all, without block 0, without block 1
    "tokens": (16, 4, 12),
    "fertility": (16 / 8, 4 / 3, 12 / 5),
    "word_fertility": (12 / 8, 3 / 3, 9 / 5),
    "chars_per_token": (40 / 16, 10 / 4, 30 / 12),
    "bytes_per_token": (44 / 16, 11 / 4, 33 / 12),
    "graphemes_per_token": (30 / 16, 10 / 4, 20 / 12),
    "tokens_per_line": (16 / 10, 4 / 6, 12 / 4),
    "tokens_per_document": (16 / 3, 4 / 1, 12 / 2),
    "nsl": (16 / 8, 4 / 2, 12 / 6),
    "over_length_share": (2 / 5, 1 / 1, 1 / 4),
    "cost_per_million_characters": (2 * 16 / 40, 2 * 4 / 10, 2 * 12 / 30),
    "strr_types": ((3 / 4 + 1 / 2 + 0) / 3, (0 + 0) / 2, (3 / 3 + 1 / 2) / 2),
    "strr_occurrences": (3 / 8, 0 / 3, 3 / 5),
    "strr_published": (1 / 3, 1 / 2, 1 / 2),
    "continued_words": (4 / 8, 2 / 3, 2 / 5),
    "superword_share": (3 / 12, 1 / 3, 2 / 9),
    "shannon_entropy": (SHANNON, 1.5, 6 / 12 * 1 + 3 / 12 * 2 + 3 * math.log2(12) / 12),
    "shannon_efficiency_observed": (
        SHANNON / math.log2(5), 1.5 / math.log2(3), (1 + math.log2(12) / 4) / math.log2(5),
    ),
    "shannon_efficiency_declared": (SHANNON / 3, 1.5 / 3, (1 + math.log2(12) / 4) / 3),
    "renyi_entropy": (RENYI, -math.log2(6 / 16), -math.log2((36 + 9 + 3) / 144)),
    "renyi_efficiency_observed": (
        RENYI / math.log2(5), -math.log2(6 / 16) / math.log2(3),
        -math.log2(48 / 144) / math.log2(5),
    ),
    "renyi_efficiency_declared": (RENYI / 3, -math.log2(6 / 16) / 3, -math.log2(48 / 144) / 3),
    "type_token_ratio": (5 / 16, 3 / 4, 5 / 12),
    "average_token_rank": (
        (8 * 1 + 4 * 2 + 2 * 3 + 4 + 5) / 16, (2 * 1 + 2 + 3) / 4, (6 + 3 * 2 + 3 + 4 + 5) / 12,
    ),
    "premium": (16 / 8, 4 / 2, 12 / 6),
    # two slices: (x2 - x1) / (2 (x1 + x2))
    "gini": ((1.6 - 0.8) / 4.8, (4 / 6 - 2 / 6) / 2, (3 - 1.5) / 9),
    "round_trip": (4 / 5, 1 / 1, 3 / 4),
    "lossless": (2 / 5, 0 / 1, 2 / 4),
    "unk_rate": (1 / 16, 0 / 4, 1 / 12),
    "byte_fallback_rate": (2 / 16, 1 / 4, 1 / 12),
    "char_split_rate": (2 / 40, 1 / 10, 1 / 30),
    "grapheme_split_rate": (3 / 30, 0 / 10, 3 / 20),
    "vocab_used": (5 / 8, 3 / 8, 5 / 8),
}  # fmt: skip

NOTHING = evidence_of({})
SILENT = evidence_of({"texts": (1, 1), "lines": (1, 1), "documents": (1, 1)})
ONE_TYPE = replace(EVIDENCE, token_counts=sparse(([1, 1], [1])))
THAI = replace(
    EVIDENCE,
    totals=EVIDENCE.totals | {"spaceless_letters": np.array([1, 1])},
)
NO_WORDS = replace(
    EVIDENCE, totals=EVIDENCE.totals | {"words": np.array([0, 0])}, word_forms=WordForms()
)
UNDEFINED: list[tuple[str, dict[str, Any], str]] = [
    ("fertility", {"evidence": NO_WORDS}, "the slice has no words"),
    ("word_fertility", {"evidence": NO_WORDS}, "the slice has no words"),
    ("chars_per_token", {"evidence": SILENT}, "the slice has no tokens"),
    ("bytes_per_token", {"evidence": SILENT}, "the slice has no tokens"),
    ("graphemes_per_token", {"evidence": SILENT}, "the slice has no tokens"),
    ("tokens_per_line", {"evidence": NOTHING}, "the slice has no lines"),
    ("tokens_per_document", {"evidence": NOTHING}, "the slice has no documents"),
    ("nsl", {"baseline": None}, "no baseline tokenizer was measured on this slice"),
    ("nsl", {"baseline": SILENT}, "the slice has no baseline tokens"),
    ("over_length_share", {"parameters": Parameters()}, "no context length was given"),
    ("over_length_share", {"evidence": NOTHING}, "the slice has no texts"),
    ("cost_per_million_characters", {"parameters": Parameters()}, "no price was given"),
    ("cost_per_million_characters", {"evidence": SILENT}, "the slice has no characters"),
    ("strr_types", {"evidence": NO_WORDS}, "the slice has no words"),
    ("strr_occurrences", {"evidence": NO_WORDS}, "the slice has no words"),
    ("strr_published", {"evidence": NO_WORDS}, "the slice has no words"),
    ("continued_words", {"evidence": NO_WORDS}, "the slice has no words"),
    ("superword_share", {"evidence": SILENT}, "the slice has no tokens in words"),
    ("shannon_entropy", {"evidence": SILENT}, "the slice has no tokens"),
    ("renyi_entropy", {"evidence": SILENT}, "the slice has no tokens"),
    ("shannon_efficiency_declared", {"evidence": SILENT}, "the slice has no tokens"),
    ("shannon_efficiency_observed", {"evidence": ONE_TYPE}, "only one token type occurs"),
    ("renyi_efficiency_observed", {"evidence": ONE_TYPE}, "only one token type occurs"),
    ("renyi_efficiency_declared", {"vocabulary": Vocabulary((b"a", None))}, "one entry"),
    ("type_token_ratio", {"evidence": SILENT}, "the slice has no tokens"),
    ("average_token_rank", {"evidence": SILENT}, "the slice has no tokens"),
    ("premium", {"reference": None}, "not part of line-parallel text"),
    ("premium", {"reference": SILENT}, "the slice has no reference tokens"),
    ("gini", {"group": {"a": EVIDENCE}}, "at least two slices"),
    ("round_trip", {"evidence": NOTHING}, "the slice has no texts"),
    ("lossless", {"evidence": NOTHING}, "the slice has no texts"),
    ("unk_rate", {"evidence": SILENT}, "the slice has no tokens"),
    ("byte_fallback_rate", {"evidence": SILENT}, "the slice has no tokens"),
    ("char_split_rate", {"evidence": SILENT}, "the slice has no characters"),
    ("grapheme_split_rate", {"evidence": SILENT}, "the slice has no graphemes"),
]
WORD_METRICS = ("fertility", "word_fertility", "strr_types", "strr_occurrences", "strr_published",
                "continued_words", "superword_share")  # fmt: skip
ALWAYS_DEFINED = {"tokens", "vocab_size", "vocab_used"}


@pytest.mark.case(golden=BY_HAND)
@pytest.mark.parametrize("metric", sorted(BY_HAND))
def test_the_metric_by_hand_with_each_block_left_out(metric: str) -> None:
    folds = CATALOGUE[metric].compute(CONTEXT)
    assert isinstance(folds, Folds)
    assert folds.values == pytest.approx(BY_HAND[metric], rel=1e-12, abs=1e-12)


@pytest.mark.case(golden=["vocab_size"])
def test_the_size_of_the_vocabulary_leaves_out_gaps() -> None:
    folds = CATALOGUE["vocab_size"].compute(CONTEXT)
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [8]
    assert folds.no_interval == "a constant of the tokenizer"


@pytest.mark.case(undefined=[metric for metric, _, _ in UNDEFINED])
@pytest.mark.parametrize(("metric", "changes", "reason"), UNDEFINED)
def test_the_metric_is_undefined_with_a_reason(
    metric: str, changes: dict[str, Any], reason: str
) -> None:
    found = CATALOGUE[metric].compute(replace(CONTEXT, **changes))
    assert isinstance(found, Undefined)
    assert reason in found.reason


@pytest.mark.parametrize("metric", WORD_METRICS)
def test_words_are_undefined_where_they_are_not_written_apart(metric: str) -> None:
    """2 of 28 letters are Thai: more than 5%; ICU's dictionary may be accepted."""
    context = replace(CONTEXT, evidence=THAI)
    found = CATALOGUE[metric].compute(context)
    assert isinstance(found, Undefined)
    assert found.reason.startswith("7% of the letters are of scripts written without spaces")
    accepted = replace(context, parameters=Parameters(words="icu-dictionary"))
    folds = CATALOGUE[metric].compute(accepted)
    assert isinstance(folds, Folds)
    assert folds.values == pytest.approx(BY_HAND[metric])


def test_a_few_borrowed_letters_leave_words_defined() -> None:
    """1 of 28 letters is Han: less than 5%."""
    borrowed = {"spaceless_letters": np.array([1, 0])}
    evidence = replace(EVIDENCE, totals=EVIDENCE.totals | borrowed)
    for metric in WORD_METRICS:
        assert isinstance(CATALOGUE[metric].compute(replace(CONTEXT, evidence=evidence)), Folds)


@pytest.mark.case(undefined=ALWAYS_DEFINED)
@pytest.mark.parametrize("metric", sorted(ALWAYS_DEFINED))
def test_counts_are_defined_where_there_is_nothing_to_count(metric: str) -> None:
    folds = CATALOGUE[metric].compute(replace(CONTEXT, evidence=NOTHING))
    assert isinstance(folds, Folds)
    assert folds.values[0] == (8 if metric == "vocab_size" else 0)


def test_a_tokenizer_without_an_unknown_token_has_an_unknown_rate_of_zero() -> None:
    vocabulary = replace(VOCABULARY, unknown_id=None)
    folds = CATALOGUE["unk_rate"].compute(replace(CONTEXT, vocabulary=vocabulary))
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == [0, 0, 0]


def test_totals_and_unpaired_inequality_have_no_interval() -> None:
    tokens = CATALOGUE["tokens"].compute(CONTEXT)
    assert isinstance(tokens, Folds)
    assert tokens.no_interval == "a total of this text, not an estimate"
    gini = CATALOGUE["gini"].compute(replace(CONTEXT, is_parallel=False))
    assert isinstance(gini, Folds)
    assert gini.values == pytest.approx([BY_HAND["gini"][0]])
    assert gini.no_interval is not None


def test_inequality_of_slices_without_any_token_is_undefined() -> None:
    """Texts of control characters only, which a WordPiece drops."""
    found = CATALOGUE["gini"].compute(replace(CONTEXT, group={"a": SILENT, "b": SILENT}))
    assert isinstance(found, Undefined)


def test_the_gini_coefficient_is_half_the_relative_mean_difference() -> None:
    """Σ_i Σ_j |x_i − x_j| / (2 n² mean), column by column, in any order of the rows."""
    x = np.array([[3.0, 1.0], [1.0, 1.0], [7.0, 1.0], [4.0, 1.0]])
    expected = [
        sum(abs(a - b) for a in column for b in column) / (2 * 16 * column.mean()) for column in x.T
    ]
    assert gini_coefficient(x) == pytest.approx(expected)
    assert expected[1] == 0


def test_the_lorenz_curve_by_hand() -> None:
    slices, tokens = lorenz_curve(np.array([5.0, 1.0, 2.0]))
    assert slices == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert tokens == pytest.approx([0, 1 / 8, 3 / 8, 1])


def test_metrics_are_chosen_in_catalogue_order() -> None:
    whole = [metric for metric in CATALOGUE.values() if metric.study is None]
    assert [metric for metric in choose_metrics() if metric in whole] == choose_metrics()
    assert set(choose_metrics(families=["all"])) >= set(choose_metrics())
    chosen = choose_metrics(["vocab_size", "fertility"], ["fairness"])
    ids = [metric.info.id for metric in chosen]
    fairness = {metric.info.id for metric in FAMILIES["fairness"]}
    assert ids == [i for i in CATALOGUE if i in {"vocab_size", "fertility"} | fairness]
    assert choose_metrics(families=["words"]) == list(FAMILIES["words"])


def test_a_misspelled_metric_or_family_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no metric 'fertilty'") as caught:
        choose_metrics(["fertilty"])
    assert caught.value.hint == "did you mean 'fertility'?"
    with pytest.raises(UsageError, match="no family 'zzz'") as caught:
        choose_metrics(families=["zzz"])
    assert "compression" in caught.value.hint


def test_ids_are_unique_and_directions_and_bounds_agree() -> None:
    metrics = [metric for family in FAMILIES.values() for metric in family]
    assert len({metric.info.id for metric in metrics}) == len(metrics)
    for metric in metrics:
        low, high = metric.info.lower_bound, metric.info.upper_bound
        assert low is None or high is None or low < high, metric.info.id

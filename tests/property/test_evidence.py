"""Properties of evidence: the cut does not show, counts add up, and folds are recounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tests import toy_tokenizers as toy
from tokeval.core.corpus import Chunk, Document
from tokeval.core.counting import ChunkCounter
from tokeval.core.evidence import Accumulator, Evidence, pool, total
from tokeval.core.metric import Context, Folds, Parameters
from tokeval.core.pretokens import Cut, choose_cut
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.catalogue import CATALOGUE

TRAINING = (
    "the lowest of the newer and the wider, 123 times",
    "don't say it's low",
    "Über naïve coöp",
    "bir varmış bir yokmuş, evvel zaman içinde",
    "жили были старик со старухой",
    "a\tb  c   d",
) * 4
HOSTILE = (
    "",
    " ",
    "  a",
    "a  ",
    "a   b    c",
    "\n",
    " \n x \n\n y ",
    "lone\rreturn\r\nand \t tab",
    "nul\x00 \x01\x1b[0m",
    "👩‍👩‍👧 family, 🇹🇷🇩🇪 👍🏽 👍 🏽",
    "e\u0301 \u0301 g\u0308  \u0308",
    "\u0600 1 \u0600\u0601 x",
    "\u3000wide \u2003 space\u00a0hard \u2028 line\x85next",
    "नमस्ते दुनिया ก็ ภาษา 한국어 日本語 漢字。",
    "שלום עולם \u202e rtl",
    "don't 'tis  it's we're",
    "x_y 3.14 1,000 a.b a:b",
    "ŞİMDİ ıI İi \ufb01 \u212b",
    "<|endoftext|> a <|endoftext|>b",
    "<s> [UNK] <unk> </s>",
    "\ufeffmark \U0010ffff \ufffd",
    "▁ ▁a a▁ ▁▁",
    "x" * 70 + " " * 9 + "y",
)
LETTERS = st.sampled_from(
    [
        *"aeTbolw.,'-  \n\t1éşж日กन",
        "th",
        "the ",
        "low",
        "er",
        "e\u0301",
        "\u094d",
        "👍",
        "🏽",
        "\u200d",
        "\u0600",
        "\u2028",
        "\u00a0",
        "\x00",
        "▁",
        "<s>",
        "<|endoftext|>",
    ]
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.lists(LETTERS, max_size=14).map("".join))
TOYS = ("byte_level_bpe", "sentencepiece_bpe", "lowercase_wordpiece", "unigram", "word_level")
SETTINGS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@cache
def toy_tokenizer(kind: str) -> Tokenizer:
    """A toy tokenizer, or one of the two baselines without a file."""
    if kind == "bytes":
        return ByteTokenizer()
    if kind == "characters":
        return CharacterTokenizer()
    return adapt_tokenizers_object(getattr(toy, kind)(TRAINING), name=kind, source="test")


@cache
def cut_for(kind: str) -> Cut:
    """The cut that is proved for a toy tokenizer."""
    return choose_cut(toy_tokenizer(kind), TRAINING)


def chunk_of(documents: Sequence[Document], blocks: Sequence[int], n_blocks: int) -> Chunk:
    return Chunk("part", tuple(documents), tuple(blocks), n_blocks, b"")


def chunk_of_lines(lines: Sequence[str], n_blocks: int = 1) -> Chunk:
    """A chunk with one line in each document, dealt into blocks in turn."""
    return chunk_of(
        [(line,) for line in lines], [i % n_blocks for i in range(len(lines))], n_blocks
    )


def count(tokenizer: Tokenizer, chunk: Chunk, cut: Cut = Cut.TEXT) -> Evidence:
    return ChunkCounter([(tokenizer, cut)])(chunk)[0]


def split_by_word(evidence: Evidence) -> Counter[str]:
    """Occurrences of each split word; its pieces are those of one occurrence."""
    found: Counter[str] = Counter()
    for (word, _), n in evidence.split_words.counts.items():
        found[word] += n
    return found


def assert_same(a: Evidence, b: Evidence, *, digests: bool = True) -> None:
    """Fails where any part of two pieces of evidence differs, split words aside."""
    assert a.n_blocks == b.n_blocks
    assert a.totals.keys() == b.totals.keys()
    for column in a.totals:
        assert_array_equal(a.totals[column], b.totals[column], err_msg=column)
    for name in ("token_counts", "text_lengths"):
        for part in ("starts", "types", "counts"):
            one, other = getattr(getattr(a, name), part), getattr(getattr(b, name), part)
            assert_array_equal(one, other, err_msg=f"{name}.{part}")
    assert_array_equal(a.tokens_per_word, b.tokens_per_word)
    for name in ("keys", "occurrences", "kept", "single"):
        assert_array_equal(getattr(a.word_forms, name), getattr(b.word_forms, name), err_msg=name)
    if digests:
        assert a.digests == b.digests


@pytest.mark.parametrize("kind", [*TOYS, "bytes", "characters"])
def test_the_cut_is_finer_than_the_text_where_it_can_be(kind: str) -> None:
    """Guards the next tests: they would prove nothing if every text stayed whole."""
    finest = {"sentencepiece_bpe": Cut.SPACE_STRIPPED}  # normalises every text to "▁" + text
    assert cut_for(kind) is finest.get(kind, Cut.SPACE)


@pytest.mark.parametrize("kind", [*TOYS, "bytes", "characters"])
@SETTINGS
@given(lines=st.lists(TEXTS, min_size=1, max_size=12))
@example(lines=list(HOSTILE))
def test_cutting_at_spaces_changes_nothing(kind: str, lines: list[str]) -> None:
    tokenizer = toy_tokenizer(kind)
    cut = cut_for(kind)
    chunk = chunk_of_lines(lines, n_blocks=min(3, len(lines)))
    assert_same(count(tokenizer, chunk, cut), count(tokenizer, chunk))


@pytest.fixture(scope="module")
def gpt_neox(shared: Path) -> Tokenizer:
    return load_tokenizer(str(shared / "data" / "tokenizers" / "dolly-v2-12b.json"))


@settings(SETTINGS, max_examples=60)
@given(lines=st.lists(TEXTS, min_size=1, max_size=12))
@example(lines=list(HOSTILE))
def test_cutting_at_spaces_changes_nothing_for_a_published_tokenizer(
    gpt_neox: Tokenizer, lines: list[str]
) -> None:
    """GPT-NeoX has added tokens that are runs of spaces, and NFC."""
    cut = choose_cut(gpt_neox, TRAINING)
    assert cut is Cut.SPACE
    chunk = chunk_of_lines(lines)
    assert_same(count(gpt_neox, chunk, cut), count(gpt_neox, chunk))


@pytest.mark.parametrize("kind", TOYS)
@SETTINGS
@given(lines=st.lists(TEXTS, min_size=2, max_size=10), at=st.integers(1, 9))
def test_the_sum_of_parts_is_the_count_of_the_whole(kind: str, lines: list[str], at: int) -> None:
    tokenizer = toy_tokenizer(kind)
    at = min(at, len(lines) - 1)
    blocks = [i % 4 for i in range(len(lines))]
    documents = [(line,) for line in lines]
    whole = count(tokenizer, chunk_of(documents, blocks, 4))
    parts = [
        count(tokenizer, chunk_of(documents[:at], blocks[:at], 4)),
        count(tokenizer, chunk_of(documents[at:], blocks[at:], 4)),
    ]
    assert_same(parts[0] + parts[1], whole, digests=False)
    assert (parts[0] + parts[1]).digests == parts[0].digests + parts[1].digests
    assert split_by_word(parts[0] + parts[1]) == split_by_word(whole)


@SETTINGS
@given(lines=st.lists(TEXTS, min_size=1, max_size=12), data=st.data())
def test_a_counter_forgets_nothing_and_mixes_nothing_up(
    lines: list[str], data: st.DataObject
) -> None:
    """One counter for several tokenizers and chunks gives what fresh counters give."""
    kinds = data.draw(st.permutations([*TOYS, "bytes"]))
    pairs = [(toy_tokenizer(kind), cut_for(kind)) for kind in kinds]
    shared_counter = ChunkCounter(pairs)
    chunks = [chunk_of_lines(lines), chunk_of_lines(lines[::-1]), chunk_of_lines(lines)]
    for chunk in chunks:
        together = shared_counter(chunk)
        for (tokenizer, cut), evidence in zip(pairs, together, strict=True):
            assert_same(evidence, count(tokenizer, chunk, cut))


@SETTINGS
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=9))
def test_an_accumulator_is_the_sum_in_order(sizes: list[int]) -> None:
    tokenizer = toy_tokenizer("byte_level_bpe")
    lines = iter(TRAINING * 5)
    chunks = [chunk_of_lines([next(lines) for _ in range(size)]) for size in sizes]
    parts = [count(tokenizer, chunk) for chunk in chunks]
    accumulator = Accumulator()
    for part in parts:
        accumulator.add(part)
        accumulator.result()
    assert_same(accumulator.result(), total(parts))
    assert accumulator.result().digests == tuple(d for part in parts for d in part.digests)


FITTED_AS_THE_WHOLE = {"heaps_exponent", "zipf_exponent"}
"""What is left of a text is fitted where the whole text is, so that folds differ by counts only."""


def context_of(tokenizer: Tokenizer, chunk: Chunk, reference: Chunk) -> Context:
    """Everything that any metric looks at."""
    evidence, other = count(tokenizer, chunk), count(tokenizer, reference)
    return Context(
        evidence,
        tokenizer.vocabulary,
        Parameters(max_length=9, price=3.0),
        reference=other,
        baseline=count(ByteTokenizer(), chunk),
        group={"a": evidence, "b": other},
        is_parallel=True,
    )


@pytest.mark.parametrize("kind", [*TOYS, "bytes"])
@SETTINGS
@given(lines=st.lists(TEXTS, min_size=6, max_size=12), n_blocks=st.integers(2, 5))
def test_every_fold_is_a_recount_without_the_block(
    kind: str, lines: list[str], n_blocks: int
) -> None:
    """For every metric of the catalogue: fold g is what is counted when block g was never there."""
    tokenizer = toy_tokenizer(kind)
    translated = [f"{line}, {i} the" for i, line in enumerate(lines)]
    parts = (chunk_of_lines(lines, n_blocks), chunk_of_lines(translated, n_blocks))
    whole = context_of(tokenizer, *parts)
    for block in range(n_blocks):
        kept = [i for i in range(len(lines)) if i % n_blocks != block]
        rest = context_of(
            tokenizer,
            chunk_of_lines([lines[i] for i in kept]),
            chunk_of_lines([translated[i] for i in kept]),
        )
        for metric in CATALOGUE.values():
            folds, recount = metric.compute(whole), metric.compute(rest)
            if isinstance(folds, Undefined) or len(folds.values) == 1:
                continue
            if metric.info.id in FITTED_AS_THE_WHOLE:
                continue
            fold = folds.values[1 + block]
            if isinstance(recount, Undefined):
                # Scripts are judged on the whole slice, so only folds without a denominator count.
                assert np.isnan(fold) or "spaces between words" in recount.reason, metric.info.id
            else:
                assert fold == pytest.approx(recount.values[0], rel=1e-9, abs=1e-9, nan_ok=True), (
                    metric.info.id
                )


@pytest.mark.parametrize("kind", [*TOYS, "bytes"])
@SETTINGS
@given(lines=st.lists(TEXTS, min_size=1, max_size=8))
@example(lines=list(HOSTILE))
@example(lines=[""])
@example(lines=["a"])
def test_every_value_lies_within_the_stated_bounds(kind: str, lines: list[str]) -> None:
    chunk = chunk_of_lines(lines, n_blocks=min(4, len(lines)))
    context = context_of(toy_tokenizer(kind), chunk, chunk_of_lines([*lines], chunk.n_blocks))
    for metric in CATALOGUE.values():
        folds = metric.compute(context)
        if isinstance(folds, Undefined):
            assert folds.reason
            continue
        assert np.isfinite(folds.values[0]), metric.info.id
        values = folds.values[~np.isnan(folds.values)]
        if metric.info.lower_bound is not None:
            assert (values >= metric.info.lower_bound - 1e-12).all(), metric.info.id
        if metric.info.upper_bound is not None:
            assert (values <= metric.info.upper_bound + 1e-12).all(), metric.info.id


@SETTINGS
@given(
    occurrences=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=60),
    seed=st.integers(0, 2**32 - 1),
    alpha=st.sampled_from([0.5, 1.0, 2.5]),
)
def test_renumbering_the_ids_leaves_information_unchanged(
    occurrences: list[tuple[int, int]], seed: int, alpha: float
) -> None:
    """Information metrics see how often ids occur, never which they are."""
    tokenizer = toy_tokenizer("byte_level_bpe")
    blocks, ids = np.array(occurrences, dtype=np.int64).T
    renumbered = np.random.default_rng(seed).permutation(len(tokenizer.vocabulary))[ids]
    evidence = count(tokenizer, chunk_of_lines(["a", "b", "c", "d"], n_blocks=4))
    for metric in CATALOGUE.values():
        if metric.info.family != "information":
            continue
        folds = [
            metric.compute(
                Context(
                    replace(evidence, token_counts=SparseCounts.of(blocks, numbers)),
                    tokenizer.vocabulary,
                    Parameters(alpha=alpha),
                )
            )
            for numbers in (ids, renumbered)
        ]
        if isinstance(folds[0], Undefined):
            assert folds[0] == folds[1]
            continue
        assert isinstance(folds[1], Folds)
        np.testing.assert_allclose(folds[0].values, folds[1].values, rtol=1e-12, atol=1e-12)


@SETTINGS
@given(lines=st.lists(TEXTS, min_size=4, max_size=12), small=st.integers(1, 3))
def test_pooling_keeps_sums_and_regroups_blocks(lines: list[str], small: int) -> None:
    tokenizer = toy_tokenizer("byte_level_bpe")
    assume(len(lines) >= 4)
    wide = count(tokenizer, chunk_of_lines(lines, n_blocks=4))
    narrow = count(tokenizer, chunk_of_lines(TRAINING[:6], n_blocks=small))
    pooled = pool([wide, narrow])
    assert pooled.n_blocks == small
    again = [
        *(((line,), i % 4 % small) for i, line in enumerate(lines)),
        *(((line,), i % small) for i, line in enumerate(TRAINING[:6])),
    ]
    chunk = chunk_of([document for document, _ in again], [block for _, block in again], small)
    assert_same(pooled, count(tokenizer, chunk), digests=False)

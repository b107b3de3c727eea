"""Batch merges: by hand, against a library's own training, and where there are none."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.merge_tokenizers import byte_bpe, words
from tests.unit.metrics.studied import context_of, evidence_of, sample_of, value
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Subject, Tally
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.metrics import batch_merges
from tokeval.metrics.batch_merges import (
    BATCH_TEXTS,
    N_MERGES,
    STEPS,
    STUDY,
    batch_merge_share,
    joinable,
    merged,
    tokens_saved,
)

METRIC = ["batch_merge_share"]
BYTES = ByteTokenizer()


def slow_savings(pieces: dict[tuple[int, ...], int], n_merges: int) -> list[int]:
    """Every pair counted anew for every merge."""
    words = [piece for piece, n in pieces.items() for _ in range(n)]
    saved = []
    for new in range(1_000, 1_000 + n_merges):
        pairs = Counter(pair for word in words for pair in pairwise(word))
        most = max(pairs.values(), default=0)
        if most < 2:
            break
        best = sorted(pair for pair, n in pairs.items() if n == most)[0]
        shorter = []
        for word in words:
            text = " ".join(f"<{token}>" for token in word)
            text = text.replace(f"<{best[0]}> <{best[1]}>", f"<{new}>")
            shorter.append(tuple(int(token[1:-1]) for token in text.split()))
        saved.append(sum(map(len, words)) - sum(map(len, shorter)))
        words = shorter
    return saved


@pytest.mark.case(golden=METRIC)
def test_two_batches_counted_by_hand() -> None:
    # First batch: 16 times `_abc` (without the space at a text's beginning: a b c), so that two
    # merges spare two tokens in each text. Second batch: `xy zw`, nothing occurs twice.
    texts = ["abc"] * BATCH_TEXTS + ["xy zw"]
    tally = STUDY.measure(Subject(BYTES, sample_of(texts)))
    assert isinstance(tally, Tally)
    assert tally.columns["tokens"].tolist() == [48, 5]
    assert tally.columns["saved_1"].tolist() == [16, 0]
    assert [tally.columns[f"saved_{k}"].tolist() for k in STEPS[1:]] == [[32, 0]] * 7
    folds = batch_merge_share(context_of(BYTES, sample_of(texts), STUDY))
    assert isinstance(folds, Folds)
    assert folds.values.tolist() == pytest.approx([32 / 53, 0, 32 / 48])


pieces = st.dictionaries(
    st.lists(st.integers(0, 3), min_size=1, max_size=7).map(tuple), st.integers(1, 4), max_size=6
)


@pytest.mark.case(oracle=METRIC)
@given(pieces=pieces, n=st.integers(0, 12))
@settings(max_examples=200, deadline=None)
def test_merges_counted_anew_each_time(pieces: dict[tuple[int, ...], int], n: int) -> None:
    assert tokens_saved(pieces, n) == slow_savings(pieces, n)


@given(pieces=pieces)
def test_no_piece_saves_more_than_all_but_one_of_its_tokens(
    pieces: dict[tuple[int, ...], int],
) -> None:
    saved = tokens_saved(pieces, 50)
    assert all(one > 0 for one in saved)
    assert sum(saved) <= sum(n * (len(piece) - 1) for piece, n in pieces.items())


def test_a_pair_that_overlaps_itself_is_joined_from_the_left() -> None:
    assert merged((5, 5, 5, 5, 5), (5, 5), 6) == (6, 6, 5)


def test_tokens_are_joined_inside_a_word_and_the_space_before_it_only() -> None:
    # _ a b | _ c ; the second space, the comma and the exclamation mark are in no word.
    (runs,) = joinable(BYTES, ["ab  c, ab!"])
    assert runs == Counter({tuple(b"ab"): 1, tuple(b" c"): 1, tuple(b" ab"): 1})


def test_a_token_over_two_words_is_joined_with_nothing() -> None:
    tokenizer = byte_bpe(["of the"])
    (runs,) = joinable(tokenizer, ["of the man"])
    assert runs == Counter({tuple(tokenizer.encode_batch([" man"]).ids.tolist()): 1})


def test_unknown_tokens_are_joined_with_nothing() -> None:
    assert joinable(words(["one two"]), ["one three"])[0].total() == 1


def test_spans_are_those_of_each_text() -> None:
    texts = ["été çok", "", "ab"]
    found = joinable(CharacterTokenizer(), texts)
    assert found == [
        Counter({tuple(map(ord, "été")): 1, tuple(map(ord, " çok")): 1}),
        Counter(),
        Counter({tuple(map(ord, "ab")): 1}),
    ]


def test_words_of_one_token_save_nothing() -> None:
    texts = ["one two two", "two one one"]
    assert value(batch_merge_share, context_of(words(texts), sample_of(texts), STUDY)) == 0


@pytest.mark.case(undefined=METRIC)
def test_without_text_or_words_there_is_no_share() -> None:
    assert STUDY.measure(Subject(BYTES)) == Undefined("there is no text")
    assert STUDY.measure(Subject(BYTES, sample_of([""]))) == Undefined("there is no text")
    reason = Undefined("there is no text")
    context = Context(evidence_of(), BYTES.vocabulary, tallies={STUDY.name: reason})
    assert batch_merge_share(context) == reason
    assert batch_merges.series("bytes", context) == []


def test_the_curve_starts_at_nothing_and_passes_through_the_metric() -> None:
    texts = ["the cat sat on the mat and the hat", "a cat and a hat"] * 20
    context = context_of(BYTES, sample_of(texts), STUDY)
    (curve,) = batch_merges.series("bytes", context)
    assert (curve.x, curve.y[0]) == ((0.0, *map(float, STEPS)), 0.0)
    assert (np.diff(curve.y) >= 0).all()
    assert curve.y[curve.x.index(N_MERGES)] == value(batch_merge_share, context)

"""Words drawn at random: training against the trainer of `tokenizers`, and shares from counts."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.word_draws import drawn, merges_of
from tests.mixtures import SYLLABLES, ignore, tables_of, texts_of
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.report import Settings, infer_result
from tokeval.mixture.simulate import log10_mse, train
from tokeval.mixture.word_counting import count_words
from tokeval.pretokenization.pretokenizing import pretokenizer_of

N_WORDS = 2e8


def test_merges_are_those_of_another_trainer() -> None:
    texts = texts_of("two", 300)
    trained = train({"two": texts}, n_merges=200, name="trained")
    table = count_words(texts, pretokenizer_of(trained), name="two")
    counts = dict(zip(table.words, table.counts.sum(axis=1).tolist(), strict=True))
    theirs, ours = read_merges(trained), merges_of(counts, 200)
    spelled = [ours.spelled(step) for step in range(200)]
    # Ties are broken otherwise there: the same merges, nearly in the same order.
    assert len({*spelled} ^ {theirs.spelled(step) for step in range(200)}) <= 4
    assert spelled[:40] == [theirs.spelled(step) for step in range(40)]


def test_runs_are_joined_from_left_to_right() -> None:
    merges = merges_of({b"aaaaa": 3, b"aab": 2}, 3)
    # aa: 14 times; then (aa)(aa)a 3 and (aa)b 2: the symbols made first come first in a tie.
    assert [merges.spelled(step) for step in range(3)] == [
        (b"a", b"a"), (b"aa", b"a"), (b"aa", b"aaa"),
    ]  # fmt: skip


def test_draws_have_the_expected_size_in_each_block_and_independently() -> None:
    table = drawn([b"a", b"bc"], np.array([1e6, 4e6]), np.random.default_rng(0))
    assert table.counts.sum(axis=0) == pytest.approx(5e5, rel=0.01)
    assert np.corrcoef(table.counts)[0, 1] < 0.9
    assert table.n_bytes.sum() == table.counts.sum(axis=1) @ [1, 2]


def test_counting_noise_of_many_words_leaves_little_error() -> None:
    """A small one of the runs with drawn words: a thousandth of a percent of the text."""
    rng = np.random.default_rng(4)
    expected = {
        name: (table.words, table.counts.sum(axis=1) * (N_WORDS / table.counts.sum()))
        for name, table in tables_of(list(SYLLABLES)).items()
    }
    shares = np.array([0.2, 0.3, 0.5])
    trained: dict[bytes, int] = {}
    n_bytes = []
    for (words, counts), share in zip(expected.values(), shares, strict=True):
        table = drawn(words, counts * share * 3, rng)
        n_bytes.append(table.n_bytes.sum())
        for word, n in zip(table.words, table.counts.sum(axis=1).tolist(), strict=True):
            trained[word] = trained.get(word, 0) + n
    samples = {name: drawn(words, counts, rng) for name, (words, counts) in expected.items()}
    settings = Settings(n_merges=400, influence=False)
    result = infer_result(
        "drawn", samples, merges_of(trained, 400), settings, groups={}, tell=ignore
    )
    true = np.array(n_bytes) / sum(n_bytes)
    found = [category.share for category in result.categories]
    assert log10_mse(true, found) < -7
    assert log10_mse(true, found) > -20  # the sample is not the training text
    assert result.fit.verdict == "good"

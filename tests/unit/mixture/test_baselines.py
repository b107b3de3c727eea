"""Simpler methods by hand, and against properties that their definitions imply."""

import numpy as np
import pytest

from tokeval.errors import TokevalError
from tokeval.mixture.baselines import (
    EfficiencyModel,
    encoding_efficiency,
    learn_efficiency,
    shares_by_efficiency,
    token_classification,
    uniform,
)
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.reference_tokenizers import (
    learn_from_mixtures,
    reference_bytes_per_token,
    trained,
)
from tokeval.mixture.token_counting import bytes_per_token, count_tokens
from tokeval.mixture.word_table import N_BLOCKS, WordTable

BYTES = tuple(bytes([byte]) for byte in range(256))


def table(**counts: int) -> WordTable:
    words = tuple(sorted(word.encode() for word in counts))
    rows = np.zeros((len(words), N_BLOCKS), dtype=np.int64)
    rows[:, 0] = [counts[word.decode()] for word in words]
    n_bytes = np.zeros(N_BLOCKS, dtype=np.int64)
    n_bytes[0] = sum(len(word.encode()) * n for word, n in counts.items())
    return WordTable(words, rows, n_bytes)


def merges(*pairs: tuple[str, str], initial: tuple[bytes, ...] = BYTES) -> MergeList:
    symbols = [*initial]
    rows, results = [], []
    for left, right in pairs:
        rows.append((symbols.index(left.encode()), symbols.index(right.encode())))
        results.append(len(symbols))
        symbols.append((left + right).encode())
    return MergeList(
        tuple(symbols), len(initial), np.array(rows, dtype=np.int32).reshape(-1, 2),
        np.array(results, dtype=np.int32), "bytes" if initial is BYTES else "characters",
    )  # fmt: skip


def by_symbol(counts: np.ndarray, of: MergeList) -> dict[str, int]:
    return {of.symbols[at].decode(): int(counts[at]) for at in np.flatnonzero(counts)}


def test_uniform() -> None:
    assert uniform(4).shares == (0.25,) * 4


def test_tokens_go_to_the_category_where_they_are_most_frequent_per_byte() -> None:
    counts = np.array([[10, 1, 0, 0, 3], [12, 30, 0, 5, 6]])
    # Per byte (100 and 200): 0.10 > 0.06, 0.01 < 0.15, nowhere, 0 < 0.025, 0.03 = 0.03.
    found = token_classification(counts, np.array([100, 200]))
    assert found.shares == pytest.approx((1.5 / 4, 2.5 / 4))


def test_no_tokens_is_no_answer() -> None:
    assert token_classification(np.zeros((2, 3), np.int64), np.array([0, 0])).shares == (None, None)


def test_the_line_through_known_mixtures_is_found_and_used() -> None:
    efficiencies = np.array([[0.9, 0.5], [0.7, 0.8]])
    model = learn_efficiency(efficiencies, np.exp(0.3) * efficiencies**4)
    assert model.intercept == pytest.approx(0.3)
    assert model.slope == pytest.approx(4.0)
    found = shares_by_efficiency(np.array([0.9, 0.6]), model)
    assert found.shares == pytest.approx((0.9**4 / (0.9**4 + 0.6**4), 0.6**4 / (0.9**4 + 0.6**4)))
    steep = shares_by_efficiency(np.array([0.9, 0.6]), EfficiencyModel(0.0, 1e4))
    assert steep.shares == pytest.approx((1.0, 0.0))


def test_efficiency_answers_nothing_before_it_is_learnt() -> None:
    assert shares_by_efficiency(np.array([0.9, 0.6]), None).shares == (None, None)
    with pytest.raises(TokevalError, match="two that differ"):
        learn_efficiency(np.array([0.5, 0.5]), np.array([0.5, 0.5]))


def test_efficiency_is_relative_to_the_own_tokenizer() -> None:
    assert encoding_efficiency([3.0, 2.0], [4.0, 4.0]).tolist() == [0.75, 0.5]


def test_words_are_merged_by_the_lowest_step_from_left_to_right() -> None:
    of = merges(("a", "a"), ("a", "b"), ("aa", "ab"))
    counts = by_symbol(count_tokens(table(aaa=2, aaab=1, ab=5), of), of)
    assert counts == {"aa": 2, "a": 2, "aaab": 1, "ab": 5}


def test_token_counts_agree_with_the_tokenizers_library() -> None:
    from tokenizers import Tokenizer, models

    words = {"banana": 3, "bandana": 2, "nab": 7, "aaaaa": 1, "n": 4}
    pairs = [("a", "n"), ("an", "a"), ("b", "an"), ("a", "a"), ("n", "a"), ("aa", "aa")]
    of = merges(*pairs)
    vocabulary = {symbol: at for at, symbol in enumerate("abdn")}
    for left, right in pairs:
        vocabulary[left + right] = len(vocabulary)
    library = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))
    expected: dict[str, int] = {}
    for word, n in words.items():
        for token in library.encode(word).tokens:
            expected[token] = expected.get(token, 0) + n
    assert by_symbol(count_tokens(table(**words), of), of) == expected


def test_characters_that_are_no_symbol_are_left_out_and_keep_others_apart() -> None:
    of = merges(("ä", "ä"), initial=("ä".encode(), b"b"))
    assert by_symbol(count_tokens(table(äxää=2, bä=1), of), of) == {"ä": 3, "ää": 2, "b": 1}


def test_bytes_per_token_counts_original_bytes() -> None:
    of = merges(("a", "b"))
    one = table(ab=3, a=2)
    assert bytes_per_token(one, count_tokens(one, of)) == 8 / 5
    assert np.isnan(bytes_per_token(table(), np.zeros(3, np.int64)))


def test_a_tokenizer_of_one_category_is_trained_on_its_counts_alone() -> None:
    tables = [table(ab=30, cd=20, ef=10), table(xy=100)]
    of = merges(("x", "y"), ("a", "b"))
    found = trained(tables, np.array([1.0, 0.0]), of, 60)
    assert [found.spelled(step) for step in range(2)] == [(b"a", b"b"), (b"c", b"d")]
    mixed = trained(tables, np.array([0.5, 0.5]), of, 160)
    assert mixed.spelled(0) == (b"x", b"y")


def test_more_training_data_is_encoded_better_and_the_line_rises() -> None:
    tables = [
        table(**{f"{a}{b}{a}": 5 + (7 * i + 3 * j) % 11 for i, a in enumerate(letters)
                 for j, b in enumerate(letters)})
        for letters in ("abcdef", "uvwxyz")
    ]  # fmt: skip
    of = merges(*[("a", "b")] * 1, *[("b", "c"), ("c", "d"), ("d", "e"), ("u", "v"), ("v", "w")])
    reference = reference_bytes_per_token(tables, of, n_words=2000)
    model = learn_from_mixtures(tables, of, reference=reference, seed=1, n_words=2000)
    assert model.slope > 0

"""Tokenizers of known mixtures, trained on word tables: what encoding efficiency is learnt from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tokeval.loaders.token_bytes import BYTE_OF_CHARACTER
from tokeval.mixture.baselines import EfficiencyModel, encoding_efficiency, learn_efficiency
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.token_counting import bytes_per_token, count_tokens
from tokeval.mixture.word_table import WordTable

N_WORDS = 300_000
"""Occurrences of words that a reference tokenizer is trained on."""

N_MIXTURES = 5
AT_ONCE = 1000


def reference_bytes_per_token(
    tables: Sequence[WordTable], merges: MergeList, *, n_words: int = N_WORDS
) -> NDArray[np.float64]:
    """Bytes per token that a tokenizer trained on each category alone, with as many merges, needs.

    Shape (n_categories,). Trained on so many occurrences, evenly drawn from the whole table.
    """
    alone = np.eye(len(tables))
    return np.array(
        [
            bytes_per_token(table, count_tokens(table, trained(tables, shares, merges, n_words)))
            for table, shares in zip(tables, alone, strict=True)
        ]
    )


def learn_from_mixtures(
    tables: Sequence[WordTable],
    merges: MergeList,
    *,
    reference: NDArray[np.float64],
    seed: int,
    n_mixtures: int = N_MIXTURES,
    n_words: int = N_WORDS,
) -> EfficiencyModel:
    """The line of log share on log efficiency over tokenizers of random mixtures of the tables.

    Mixtures are drawn evenly from all shares that sum to 1.

    Args:
        tables: the words of each category.
        merges: of the tokenizer that is judged; the references have as many.
        reference: from `reference_bytes_per_token`.
        seed: of the shares.
        n_mixtures: how many tokenizers are trained.
        n_words: occurrences of words that each of them is trained on.
    """
    drawn = np.random.default_rng(seed).dirichlet(np.ones(len(tables)), size=n_mixtures)
    efficiencies = []
    for shares in drawn:
        known = trained(tables, shares, merges, n_words)
        reached = [bytes_per_token(table, count_tokens(table, known)) for table in tables]
        efficiencies.append(encoding_efficiency(reached, reference.tolist()))
    return learn_efficiency(np.array(efficiencies), drawn)


def trained(
    tables: Sequence[WordTable], shares: NDArray[np.float64], merges: MergeList, n_words: int
) -> MergeList:
    """The merge list of a tokenizer trained on a mixture with these shares of bytes.

    As many merges and the same initial symbols as `merges`; fewer merges when no pair is left.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    initial = merges.symbols[: merges.n_initial]
    if merges.starts_from == "bytes":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:
        alphabet = [symbol.decode("utf-8", "replace") for symbol in initial]
        alphabet = [character for character in alphabet if len(character) == 1]
    trainer = trainers.BpeTrainer(
        vocab_size=len(alphabet) + len(merges),
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_occurrences(tables, shares, n_words), trainer)
    pairs = json.loads(tokenizer.to_str())["model"]["merges"]
    if merges.starts_from == "characters":
        return _merge_list([(left.encode(), right.encode()) for left, right in pairs], merges)
    return _merge_list([(_bytes_of(left), _bytes_of(right)) for left, right in pairs], merges)


def _bytes_of(token: str) -> bytes:
    """The bytes that a token of the byte-level alphabet stands for."""
    return bytes(BYTE_OF_CHARACTER[character] for character in token)


def _merge_list(pairs: Sequence[tuple[bytes, bytes]], merges: MergeList) -> MergeList:
    """The pairs as a merge list with the initial symbols of another one."""
    symbols = list(merges.symbols[: merges.n_initial])
    numbers = {symbol: at for at, symbol in enumerate(symbols)}
    rows = []
    for left, right in pairs:
        rows.append((numbers[left], numbers[right]))
        if left + right not in numbers:
            numbers[left + right] = len(symbols)
            symbols.append(left + right)
    return MergeList(
        symbols=tuple(symbols),
        n_initial=merges.n_initial,
        pairs=np.array(rows, dtype=np.int32).reshape(-1, 2),
        results=np.array([numbers[left + right] for left, right in pairs], dtype=np.int32),
        starts_from=merges.starts_from,
    )


def _occurrences(
    tables: Sequence[WordTable], shares: NDArray[np.float64], n_words: int
) -> Iterator[list[str]]:
    """Each word as often as it is due among so many, the rounded counts of the mixture."""
    due: Counter[bytes] = Counter()
    for table, share in zip(tables, shares.tolist(), strict=True):
        if share:
            counts = table.counts.sum(axis=1)
            weights = counts * (share / max(int(table.n_bytes.sum()), 1))
            for word, weight in zip(table.words, weights.tolist(), strict=True):
                due[word] += weight
    scale = n_words / max(sum(due.values()), 1e-300)
    for word, weight in due.items():
        left = round(weight * scale)
        while left > 0:
            yield [word.decode()] * min(left, AT_ONCE)
            left -= AT_ONCE

"""The tokens that a merge list cuts the words of a category into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.word_table import WordTable

NOWHERE = -1
"""The number of a character that is no initial symbol."""


def count_tokens(table: WordTable, merges: MergeList) -> NDArray[np.int64]:
    """How often each symbol of the merge list occurs once every word is merged to the end.

    A word is merged as an encoder does it: of the pairs that stand side by side the one with the
    lowest step, at all its places from left to right, until no pair has a step. Characters that
    are no initial symbol are left out, and nothing is merged across them.

    Returns:
        Shape (n_symbols,), int64.
    """
    symbols, starts = _flat_symbols(table.words, merges)
    order, keys = _sorted_pairs(merges)
    counts = np.zeros(len(merges.symbols), dtype=np.int64)
    results = merges.results.astype(np.int64)
    _merge_words(symbols, starts, table.counts.sum(axis=1), keys, order, results, counts)
    return counts


def bytes_per_token(table: WordTable, token_counts: NDArray[np.int64]) -> float:
    """Bytes of the original text per token; NaN without tokens."""
    n_tokens = int(token_counts.sum())
    return int(table.n_bytes.sum()) / n_tokens if n_tokens else float("nan")


def _flat_symbols(
    words: tuple[bytes, ...], merges: MergeList
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The initial symbols of all words, NOWHERE for none, and where each word starts and ends."""
    whole = b"".join(words)
    if merges.starts_from == "bytes":
        units = np.frombuffer(whole, dtype=np.uint8).astype(np.int64)
        lengths = [len(word) for word in words]
        numbers = np.full(256, NOWHERE, dtype=np.int64)
        places = {symbol[0]: at for at, symbol in enumerate(merges.symbols[: merges.n_initial])}
    else:
        units = np.frombuffer(whole.decode().encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        lengths = [len(word.decode()) for word in words]
        numbers = np.full(0x110000, NOWHERE, dtype=np.int64)
        texts = [symbol.decode("utf-8", "replace") for symbol in merges.symbols[: merges.n_initial]]
        places = {ord(text): at for at, text in enumerate(texts) if len(text) == 1}
    numbers[list(places)] = list(places.values())
    return numbers[units], np.cumsum([0, *lengths])


def _sorted_pairs(merges: MergeList) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The step of each pair and its key left · 2**32 + right, ascending by key, then by step."""
    keys = (merges.pairs[:, 0].astype(np.int64) << 32) + merges.pairs[:, 1]
    order = np.argsort(keys, kind="stable").astype(np.int64)
    return order, keys[order]


@kernel
def _step_of(keys: NDArray[np.int64], order: NDArray[np.int64], left: int, right: int) -> int:
    """The step that joins two symbols; one past the last where none does."""
    if left < 0 or right < 0:
        return len(keys)
    key = (left << 32) + right
    at = np.searchsorted(keys, key)
    if at < len(keys) and keys[at] == key:
        return int(order[at])
    return len(keys)


@kernel
def _merge_words(
    symbols: NDArray[np.int64],
    starts: NDArray[np.int64],
    weights: NDArray[np.int64],
    keys: NDArray[np.int64],
    order: NDArray[np.int64],
    results: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Merges each word within `symbols` and adds its weight to `counts` for each symbol left."""
    n_steps = len(keys)
    for word in range(len(weights)):
        start, end = starts[word], starts[word + 1]
        while True:
            lowest = n_steps
            for at in range(start, end - 1):
                lowest = min(lowest, _step_of(keys, order, symbols[at], symbols[at + 1]))
            if lowest == n_steps:
                break
            kept = start
            at = start
            while at < end:
                joins = at + 1 < end and (
                    _step_of(keys, order, symbols[at], symbols[at + 1]) == lowest
                )
                symbols[kept] = results[lowest] if joins else symbols[at]
                at += 2 if joins else 1
                kept += 1
            end = kept
        for at in range(start, end):
            if symbols[at] >= 0:
                counts[symbols[at]] += weights[word]

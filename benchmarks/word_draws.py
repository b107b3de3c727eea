"""Mixtures of words drawn at random, so that nothing but sampling noise parts them from samples.

Words have the frequencies that wordfreq gives them (Robyn Speer, wordfreq 3, 2022). Counts are
Poisson draws: one for the sample of each language, another for the text that is trained on. As
there is no text, only counts, training is done here.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import wordfreq
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.report import Settings, infer_result
from tokeval.mixture.simulate import N_BYTES, Design, Mixture, Trial, train
from tokeval.mixture.word_table import N_BLOCKS, WordTable
from tokeval.pretokenization.pretokenizing import pretokenizer_of

LANGUAGES = ("cs", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "pl", "pt", "ru", "sv", "tr")
N_WORDS = 200_000_000
"""Words of each language in its sample, and on average in the text that is trained on."""


def run_words_trial(
    languages: Sequence[str], design: Design, settings: Settings, *, seed: int
) -> Trial:
    """Trains on a mixture of drawn words and infers it from other draws.

    Shares are drawn uniformly from the simplex.
    """
    rng = np.random.default_rng(seed)
    wanted = rng.dirichlet(np.ones(len(languages))) * len(languages)
    begin = time.perf_counter()
    expected = {language: expected_counts(language) for language in languages}
    trained: Counter[bytes] = Counter()
    n_bytes = []
    for (words, counts), share in zip(expected.values(), wanted.tolist(), strict=True):
        table = drawn(words, counts * share, rng)
        n_bytes.append(table.n_bytes.sum())
        trained.update(dict(zip(table.words, table.counts.sum(axis=1).tolist(), strict=True)))
    merges = merges_of(trained, design.n_merges)
    samples = {
        language: drawn(words, counts, rng) for language, (words, counts) in expected.items()
    }
    ready = time.perf_counter()
    result = infer_result(f"trial-{seed}", samples, merges, settings, groups={}, tell=_ignore)
    shares = np.array(n_bytes, dtype=np.float64)
    mixture = Mixture({}, {}, shares / shares.sum(), {})
    return Trial(seed, mixture, result, (ready - begin, time.perf_counter() - ready))


@cache
def expected_counts(language: str) -> tuple[tuple[bytes, ...], NDArray[np.float64]]:
    """Pre-tokens of a language, as GPT-2 cuts, and how often each is expected in N_WORDS words.

    Every word follows a space. Words that are rarer than one in a million are not in the list;
    the others make up the whole text.
    """
    cut = pretokenizer_of(train({"any": ["a b a b"]}, n_merges=1, name="cut"))
    expected: defaultdict[bytes, float] = defaultdict(float)
    frequencies = wordfreq.get_frequency_dict(language, wordlist="small")
    scale = N_WORDS / sum(frequencies.values())
    for word, frequency in frequencies.items():
        for piece in cut.pretokens(f" {word}"):
            expected[piece] += frequency * scale
    words = tuple(sorted(expected))
    return words, np.array([expected[word] for word in words], dtype=np.float64)


def drawn(
    words: Sequence[bytes], expected: NDArray[np.float64], rng: np.random.Generator
) -> WordTable:
    """Poisson draws of each word in each block; words that are never drawn are left out."""
    counts = rng.poisson(expected[:, None] / N_BLOCKS, (len(words), N_BLOCKS)).astype(np.int64)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    seen = np.flatnonzero(counts.any(axis=1))
    return WordTable(tuple(words[row] for row in seen), counts[seen], lengths @ counts)


def merges_of(counts: Mapping[bytes, int], n_merges: int) -> MergeList:
    """The merges of byte-pair encoding from counted words; ties go to the symbols made first.

    >>> merges = merges_of({b"aab": 2, b"ab": 1}, 2)
    >>> [merges.spelled(step) for step in range(2)]
    [(b'a', b'b'), (b'a', b'ab')]
    """
    text = np.frombuffer(b"".join(counts), dtype=np.uint8).astype(np.int32)
    lengths = np.fromiter(map(len, counts), dtype=np.int64, count=len(counts))
    starts = np.cumsum(lengths) - lengths
    times = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    n_of = np.zeros((N_BYTES + n_merges, N_BYTES + n_merges), dtype=np.int64)
    best = np.zeros(len(n_of), dtype=np.int64)
    is_stale = np.ones(len(n_of), dtype=np.bool_)
    _count_pairs(text, starts, lengths, times, n_of)
    symbols = [bytes((byte,)) for byte in range(N_BYTES)]
    number_of = {symbol: number for number, symbol in enumerate(symbols)}
    pairs: list[tuple[int, int]] = []
    results: list[int] = []
    while len(pairs) < n_merges:
        left, right = _most_frequent(n_of, best, is_stale, len(symbols))
        if not n_of[left, right]:
            break
        made = symbols[left] + symbols[right]
        if made not in number_of:
            number_of[made] = len(symbols)
            symbols.append(made)
        pairs.append((left, right))
        results.append(number_of[made])
        _join(text, starts, lengths, times, n_of, is_stale, left, right, results[-1])
    return MergeList(
        symbols=tuple(symbols),
        n_initial=N_BYTES,
        pairs=np.array(pairs, dtype=np.int32).reshape(-1, 2),
        results=np.array(results, dtype=np.int32),
        starts_from="bytes",
    )


@kernel
def _count_pairs(
    text: NDArray[np.int32],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    times: NDArray[np.int64],
    n_of: NDArray[np.int64],
) -> None:
    """Adds the pairs of all words to `n_of`."""
    for word in range(len(starts)):
        for at in range(starts[word], starts[word] + lengths[word] - 1):
            n_of[text[at], text[at + 1]] += times[word]


@kernel
def _most_frequent(
    n_of: NDArray[np.int64], best: NDArray[np.int64], is_stale: NDArray[np.bool_], n_symbols: int
) -> tuple[int, int]:
    """The pair with the highest count; `best` has the best right symbol of each left one."""
    found = 0
    for left in range(n_symbols):
        if is_stale[left]:
            best[left] = np.argmax(n_of[left, :n_symbols])
            is_stale[left] = False
        if n_of[left, best[left]] > n_of[found, best[found]]:
            found = left
    return found, best[found]


@kernel
def _join(
    text: NDArray[np.int32],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    times: NDArray[np.int64],
    n_of: NDArray[np.int64],
    is_stale: NDArray[np.bool_],
    left: int,
    right: int,
    made: int,
) -> None:
    """Joins a pair in all words, from left to right, and brings the counts up to date."""
    for word in range(len(starts)):
        first, last = starts[word], starts[word] + lengths[word] - 1
        at = first
        while at < last and not (text[at] == left and text[at + 1] == right):
            at += 1
        if at >= last:
            continue
        n_times = times[word]
        # Of the pairs only those change that touch a joined one.
        kept = at
        while at <= last:
            if at < last and text[at] == left and text[at + 1] == right:
                n_of[left, right] -= n_times
                if kept > first:
                    n_of[text[kept - 1], left] -= n_times
                    n_of[text[kept - 1], made] += n_times
                    is_stale[text[kept - 1]] = True
                if at + 2 <= last:
                    n_of[right, text[at + 2]] -= n_times
                    n_of[made, text[at + 2]] += n_times
                text[kept] = made
                at += 2
            else:
                text[kept] = text[at]
                at += 1
            kept += 1
        lengths[word] = kept - first
    is_stale[left] = is_stale[right] = is_stale[made] = True


def _ignore(stage: str, done: int = 0, total: int | None = None) -> None:
    """Nobody is watching."""

"""Categories that need no data of one's own: word frequencies by language, and Python source.

They are coarse. Word lists are lower-case, without punctuation, numbers or word order, and know
only words that occur at least once in a hundred million; the code is one project in one language.
"""

from __future__ import annotations

import importlib
import sysconfig
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError, UsageError
from tokeval.mixture.word_table import N_BLOCKS, WordTable

Pretokenize = Callable[[str], Iterable[bytes]]
"""The pre-tokens of a text, as UTF-8 after the tokenizer's own normalisation."""

SAMPLE_WORDS = 10_000_000
"""Words that a table of word frequencies stands for."""

WORDS_PER_TEXT = 20
"""One word in so many begins a text; the others follow a space."""

WITHOUT_SPACES = frozenset({"ja", "zh"})
"""Languages that write no spaces: each word is taken as it is cut at the beginning of a text."""

CODE = "code"

COARSE = (
    "Categories from word frequencies are coarse: lower-case words without punctuation, numbers "
    "or order. Shares are rough, and their intervals hold sampling noise only. Give text of "
    "your own with --category."
)


def embedded_languages() -> tuple[str, ...]:
    """Codes of the languages with word frequencies, in alphabetical order.

    Raises:
        UsageError: `wordfreq` is not installed.
    """
    return tuple(sorted(_wordfreq().available_languages("best")))


def word_frequency_table(
    language: str, pretokenize: Pretokenize, *, n_words: int = SAMPLE_WORDS
) -> WordTable:
    """The words of a language with the counts that they have in so many words of text.

    Each word is cut as it stands after a space, and one in WORDS_PER_TEXT as it stands at the
    beginning of a text. Counts are rounded to whole numbers, words that would have none are left
    out, and each occurrence falls into a block at random, the same one in every run: differences
    between blocks are those of independent draws, which real documents exceed.

    Source of the frequencies: Robyn Speer, wordfreq 3 (2022), from up to eight kinds of text.

    Raises:
        UsageError: `wordfreq` is not installed, or has no such language.
    """
    counts: Counter[bytes] = Counter()
    n_bytes = 0
    has_spaces = language not in WITHOUT_SPACES
    for word, frequency in _frequencies(language).items():
        n = round(frequency * n_words)
        if not n:
            continue
        n_first = round(n / WORDS_PER_TEXT) if has_spaces else n
        first, following = _as_cut(word, pretokenize, has_spaces=has_spaces)
        for piece in first:
            counts[piece] += n_first
        for piece in following:
            counts[piece] += n - n_first
        n_bytes += n * len(word.encode()) + (n - n_first)
    words = tuple(sorted(word for word, n in counts.items() if n))
    if not words:
        raise TokevalError(
            f"{n_words:,} words of {language} hold no whole occurrence of any word",
            "take more words",
        )
    whole = np.array([counts[word] for word in words], dtype=np.int64)
    return WordTable(words, _dealt(whole, language), _equal_parts(n_bytes))


def standard_library_texts() -> Iterator[str]:
    """The source files of Python's standard library, one text each, in the order of their paths.

    Installed packages, and files that are not UTF-8, are left out.

    Raises:
        TokevalError: this Python has no source files.
    """
    root = Path(sysconfig.get_path("stdlib"))
    others = {"site-packages", "dist-packages", "__pycache__"}
    paths = sorted(
        path for path in root.rglob("*.py") if others.isdisjoint(path.relative_to(root).parts)
    )
    if not paths:
        raise TokevalError(
            f"the standard library of this Python has no source files in {root}",
            "give code of your own with --category code=PATH",
        )
    for path in paths:
        try:
            yield path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:  # the library tests its own parsers with such files
            continue


def _as_cut(
    word: str, pretokenize: Pretokenize, *, has_spaces: bool
) -> tuple[list[bytes], list[bytes]]:
    """The pre-tokens of a word at the beginning of a text, and of one that follows a space."""
    if not has_spaces:
        return list(pretokenize(word)), []
    # Twice in a row, for a tokenizer that puts a space before a text would make it two.
    both = list(pretokenize(f"{word} {word}"))
    first, following = both[: len(both) // 2], both[len(both) // 2 :]
    if b"".join(first).lstrip() == b"".join(following).lstrip():
        return first, following
    return list(pretokenize(word)), list(pretokenize(f" {word}"))


def _dealt(counts: NDArray[np.int64], language: str) -> NDArray[np.int64]:
    """The occurrences of each word dealt into blocks, shape (n_words, N_BLOCKS)."""
    generator = np.random.default_rng(zlib.crc32(language.encode()))
    return generator.multinomial(counts, np.full(N_BLOCKS, 1 / N_BLOCKS)).astype(np.int64)


def _equal_parts(n_bytes: int) -> NDArray[np.int64]:
    """A number of bytes in N_BLOCKS parts that differ by one at most."""
    part, rest = divmod(n_bytes, N_BLOCKS)
    return np.array([part + (block < rest) for block in range(N_BLOCKS)], dtype=np.int64)


def _frequencies(language: str) -> dict[str, float]:
    """The frequency of each word of a language, as a share of all words."""
    if language not in embedded_languages():
        raise UsageError(
            f"there are no word frequencies of {language!r}",
            f"choose from {', '.join(embedded_languages())}",
        )
    frequencies: dict[str, float] = _wordfreq().get_frequency_dict(language, wordlist="best")
    return frequencies


def _wordfreq() -> Any:
    """The package of word frequencies.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return importlib.import_module("wordfreq")
    except ImportError as error:
        raise UsageError(
            "word frequencies by language need wordfreq, which is not installed",
            "install it with `pip install 'tokeval[mixture]'`, or give text with --category",
        ) from error

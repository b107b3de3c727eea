"""Categories that need no data of one's own: word frequencies by language, and Python source.

They are coarse. Word lists are lower-case, without punctuation, numbers or word order, and know
only words that occur at least once in a million; the code is one project in one language. Longer
lists exist for half of the languages only: they would give those more rare words than the others.
"""

from __future__ import annotations

import importlib
import sysconfig
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.errors import TokevalError, UsageError
from tokeval.mixture.word_table import N_BLOCKS, WordTable

Cut = Callable[[Sequence[str]], tuple[NDArray[np.uint8], NDArray[np.int64]]]
"""UTF-8 of all pre-tokens of some texts, after normalisation, and the end of each."""

SAMPLE_WORDS = 10_000_000
"""Words that a table of word frequencies stands for."""

WORDS_PER_TEXT = 20
"""One word in so many begins a text; the others follow a space."""

_BORDER = "#"
"""A text of its own between words, by which their pre-tokens are told apart; no word has it."""

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
    return tuple(sorted(_wordfreq().available_languages("small")))


def word_frequency_table(language: str, cut: Cut, *, n_words: int = SAMPLE_WORDS) -> WordTable:
    """The words of a language with the counts that they have in so many words of text.

    Each word is cut as it stands after a space, and one in WORDS_PER_TEXT as it stands at the
    beginning of a text. Counts are rounded to whole numbers, words that would have none are left
    out, and each occurrence falls into a block at random, the same one in every run: differences
    between blocks are those of independent draws, which real documents exceed.

    Source of the frequencies: Robyn Speer, wordfreq 3 (2022), from up to eight kinds of text.

    Raises:
        UsageError: `wordfreq` is not installed, or has no such language.
    """
    frequencies = _frequencies(language)
    totals = np.rint(np.array(list(frequencies.values())) * n_words).astype(np.int64)
    words = [word for word, n in zip(frequencies, totals.tolist(), strict=True) if n]
    totals = totals[totals > 0]
    has_spaces = language not in WITHOUT_SPACES
    n_first = np.rint(totals / WORDS_PER_TEXT).astype(np.int64) if has_spaces else totals
    if not words:
        raise TokevalError(
            f"{n_words:,} words of {language} hold no whole occurrence of any word",
            "take more words",
        )
    counts = _counts(words, (n_first, totals - n_first), cut)
    lengths = np.array([len(word.encode()) for word in words])
    n_bytes = int(totals @ lengths + (totals - n_first).sum())
    pieces = tuple(sorted(counts))
    whole = np.array([counts[piece] for piece in pieces], dtype=np.int64)
    return WordTable(pieces, _dealt(whole, language), _equal_parts(n_bytes))


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


def _counts(
    words: Sequence[str], n_words: tuple[NDArray[np.int64], NDArray[np.int64]], cut: Cut
) -> dict[bytes, int]:
    """How often each pre-token occurs.

    Args:
        words: distinct.
        n_words: how often each begins a text, and how often it follows a space, shape (n,) each.
        cut: what cuts texts.
    """
    n_first, n_following = n_words
    if not n_following.any():
        data, ends, texts = _cut_apart(words, cut)
        counts: dict[bytes, int] = {}
        _add(counts, data, ends, np.where(texts < 0, 0, n_first[texts]))
        return counts
    # Twice in a row, for a tokenizer that puts a space before a text would make it two.
    data, ends, texts = _cut_apart([f"{word} {word}" for word in words], cut)
    times, is_known = _times(data, ends, texts, n_first, n_following)
    counts = {}
    _add(counts, data, ends, times)
    for at in np.flatnonzero(~is_known).tolist():
        for text, n in ((words[at], n_first[at]), (f" {words[at]}", n_following[at])):
            data, ends = cut([text])
            _add(counts, data, ends, np.full(len(ends), n))
    return counts


def _cut_apart(
    texts: Sequence[str], cut: Cut
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The pre-tokens of texts, as `Cut` gives them, and which text each is of, −1 for a border."""
    border, border_ends = cut([_BORDER])
    if len(border_ends) == 1:
        data, ends = cut([part for text in texts for part in (text, _BORDER)])
        is_border = _are(data, ends, border)
        numbers: NDArray[np.int64] = np.cumsum(is_border) - is_border
        if is_border.sum() == len(texts):
            return data, ends, np.where(is_border, -1, numbers)
    parts = [cut([text]) for text in texts]
    sizes = np.array([len(data) for data, _ in parts])
    n_pieces = [len(ends) for _, ends in parts]
    offsets = np.repeat(np.cumsum(sizes) - sizes, n_pieces)
    return (
        np.concatenate([data for data, _ in parts]),
        np.concatenate([ends for _, ends in parts]) + offsets,
        np.repeat(np.arange(len(texts)), n_pieces),
    )


def _are(
    data: NDArray[np.uint8], ends: NDArray[np.int64], wanted: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Which pre-tokens are a certain one."""
    starts = np.append(0, ends[:-1])
    are: NDArray[np.bool_] = ends - starts == len(wanted)
    for at, byte in enumerate(wanted.tolist()):
        are[are] = data[starts[are] + at] == byte
    return are


@kernel
def _times(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    texts: NDArray[np.int64],
    n_first: NDArray[np.int64],
    n_following: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How often each pre-token occurs, and which texts are cut into the same thing twice.

    The first half of the pre-tokens of a text stands at its beginning, the second after a space,
    and but for the white space before them they must be alike. Others are not counted.
    """
    times = np.zeros(len(ends), dtype=np.int64)
    is_known = np.zeros(len(n_first), dtype=np.bool_)
    piece = 0
    while piece < len(ends):
        text, begin = texts[piece], piece
        while piece < len(ends) and texts[piece] == text:
            piece += 1
        if text < 0 or (piece - begin) % 2:
            continue
        middle = (begin + piece) // 2
        one, other = ends[begin - 1] if begin else 0, ends[middle - 1]
        one_end, other_end = other, ends[piece - 1]
        while one < one_end and (data[one] == 32 or 9 <= data[one] <= 13):
            one += 1
        while other < other_end and (data[other] == 32 or 9 <= data[other] <= 13):
            other += 1
        is_alike = one_end - one == other_end - other
        while is_alike and one < one_end:
            is_alike = data[one] == data[other]
            one += 1
            other += 1
        if is_alike:
            is_known[text] = True
            times[begin:middle] = n_first[text]
            times[middle:piece] = n_following[text]
    return times, is_known


def _add(
    counts: dict[bytes, int],
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    times: NDArray[np.int64],
) -> None:
    """Adds the pre-tokens that occur to the counts."""
    joined = data.tobytes()
    for (start, end), n in zip(pairwise([0, *ends.tolist()]), times.tolist(), strict=True):
        if n:
            piece = joined[start:end]
            counts[piece] = counts.get(piece, 0) + n


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
    frequencies: dict[str, float] = _wordfreq().get_frequency_dict(language, wordlist="small")
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

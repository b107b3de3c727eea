"""Letters that are to be counted: whether each has a token of its own, by format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import byte_spans
from tokeval.core.perturbations import draws
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Measured, Undefined
from tokeval.document.parts import Value
from tokeval.document.probe import ProbeCell
from tokeval.probe.measuring import CellMaker, metric_info, ratio_of_sums

LETTER_PAIRS = ("ab", "ez", "st", "qx")
"""Pairs that texts are drawn from, the two of the paper and a more and a less frequent one."""

LENGTH_RANGES = ((10, 20), (20, 30), (30, 40))
"""Letters of a text, both ends included."""

N_TEXTS = 25
"""Texts of each pair and range."""

FORMATS: Mapping[str, Callable[[str], str]] = {
    "pure": str,
    "space": " ".join,
    "comma": ", ".join,
    "list": lambda letters: ", ".join(f'"{letter}"' for letter in letters),
}
"""How the letters are written: `abb`, `a b b`, `a, b, b`, `"a", "b", "b"`."""

ZHANG = "Zhang, Cao and You 2024, arXiv 2410.19730"


@dataclass(frozen=True)
class Isolation:
    """What became of the letters of the texts of one pair in one format, by text.

    Attributes:
        n_letters: letters of each known text.
        n_isolated: those in a token with no other letter.
        n_bare: those that are a token.
        ids: by letter, the distinct ids of the tokens that hold it.
    """

    n_letters: NDArray[np.int64]
    n_isolated: NDArray[np.int64]
    n_bare: NDArray[np.int64]
    ids: Mapping[str, frozenset[int]]


def drawn_letters(pair: str, *, n: int = N_TEXTS, seed: int = 0) -> list[str]:
    """Texts of letters drawn independently from a pair, n of each range of lengths."""
    texts = []
    for shortest, longest in LENGTH_RANGES:
        numbers = draws(f"{seed}:{pair}:{shortest}-{longest}", (longest + 1) * n).reshape(n, -1)
        for lengths, *letters in numbers.tolist():
            length = shortest + lengths % (longest - shortest + 1)
            texts.append("".join(pair[number % 2] for number in letters[:length]))
    return texts


def isolation(tokenizer: Tokenizer, texts: Sequence[str], letters: str) -> Isolation:
    """How the given letters lie in the tokens of texts (ASCII) that hold no others.

    Texts that the unknown token is a part of, and those with a letter in no token, are left out.
    """
    encoded, spans = byte_spans(tokenizer, texts)
    text = np.repeat(np.arange(len(texts)), np.diff(encoded.offsets))
    starts = np.concatenate(([0], np.cumsum([len(one) for one in texts])))[text]
    first, last = starts + spans[:, 0], starts + np.maximum(spans[:, 1], spans[:, 0])
    characters = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    holds = {letter: _sums(characters == ord(letter)) for letter in letters}
    counts = {letter: sums[last] - sums[first] for letter, sums in holds.items()}
    n_in_token = sum(counts.values(), np.zeros(len(text), dtype=np.int64))
    is_single = n_in_token == 1
    known = np.ones(len(texts), dtype=np.bool_)
    if tokenizer.vocabulary.unknown_id is not None:
        known[text[encoded.ids == tokenizer.vocabulary.unknown_id]] = False
    n_letters = np.array([sum(map(one.count, letters)) for one in texts], dtype=np.int64)
    # Tokenizers without an unknown token may drop what they do not know.
    known &= np.bincount(text, n_in_token, minlength=len(texts)) >= n_letters
    return Isolation(
        n_letters[known],
        np.bincount(text[is_single], minlength=len(texts))[known],
        np.bincount(text[is_single & (last - first == 1)], minlength=len(texts))[known],
        {
            letter: frozenset(encoded.ids[known[text] & (count > 0)].tolist())
            for letter, count in counts.items()
        },
    )


def _sums(is_hit: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many hits there are before each place, shape (n + 1,)."""
    return np.concatenate(([0], np.cumsum(is_hit, dtype=np.int64)))


def letter_cells(tokenizer: Tokenizer, make: CellMaker) -> Iterator[ProbeCell]:
    """Cells of the isolation of letters, by format and pair."""
    for name, write in FORMATS.items():
        by_pair = {}
        for pair in LETTER_PAIRS:
            texts = [write(letters) for letters in drawn_letters(pair, seed=make.seed)]
            by_pair[f"letters:{pair}"] = isolation(tokenizer, texts, pair)
        parts = {"all": list(by_pair.values())} | {part: [one] for part, one in by_pair.items()}
        for part, found in parts.items():
            for metric, value in _values(found).items():
                yield make.cell(f"{metric}_{name}", value, items=N_TEXTS, part=part)


def _values(found: Sequence[Isolation]) -> dict[str, Value]:
    """The values of texts of some pairs in one format, by the beginning of their metric's id."""
    n_letters = [n for one in found for n in one.n_letters.tolist()]
    isolated = [n for one in found for n in one.n_isolated.tolist()]
    bare = [n for one in found for n in one.n_bare.tolist()]
    what = "texts of these letters"
    return {
        "letter_isolation": ratio_of_sums(isolated, n_letters, what),
        "letter_bare": ratio_of_sums(bare, n_letters, what),
        "letter_ids": _mean_ids([len(ids) for one in found for ids in one.ids.values()], what),
    }


def _mean_ids(n_ids: Sequence[int], what: str) -> Value:
    """The mean number of ids of a letter, undefined where some letters have none."""
    if not all(n_ids):
        return Undefined(f"the tokenizer knows no {what}")
    reason = "a total of these texts that grows with them, not an estimate"
    return Measured(sum(n_ids) / len(n_ids), len(n_ids), stderr_reason=reason)


_TEXTS = f"{N_TEXTS} drawn texts of each pair of letters and length (10 to 20, 20 to 30, 30 to 40)"

METRICS = tuple(
    info
    for name, example in (
        ("pure", "abb"),
        ("space", "a b b"),
        ("comma", "a, b, b"),
        ("list", '"a", "b", "b"'),
    )
    for info in (
        metric_info(
            "numeracy",
            f"letter_isolation_{name}",
            f"Letters apart from each other, written {example}",
            direction="higher",
            formula="letters in a token that holds no other letter (a space, comma or quotation "
            f"mark may be in it) / letters; {_TEXTS}",
            source=ZHANG,
            reading="The rest to 1 are letters that are merged, so that counting them needs to "
            "know what each token spells.",
        ),
        metric_info(
            "numeracy",
            f"letter_bare_{name}",
            f"Letters that are tokens, written {example}",
            direction="higher",
            formula=f"letters that are a token and nothing else with it / letters; {_TEXTS}",
            source=ZHANG,
            reading="Below the isolation, letters have delimiters in their tokens.",
        ),
        metric_info(
            "numeracy",
            f"letter_ids_{name}",
            f"Ids of one letter, written {example}",
            unit="ids",
            direction="lower",
            formula=f"distinct ids of tokens that hold a letter, mean over letters; {_TEXTS}",
            source=ZHANG,
            reading="1: a letter is always the same symbol. 2 is usual where the first letter has "
            "no space in its token. Many: the letter hides in many symbols.",
        ),
    )
)

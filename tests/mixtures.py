"""Small categories that are alike from run to run, and tokenizers trained on mixtures of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tokeval.core.tokenizer import Tokenizer
from tokeval.mixture.simulate import train
from tokeval.mixture.word_counting import count_words
from tokeval.mixture.word_table import WordTable
from tokeval.pretokenization.pretokenizing import pretokenizer_of

SYLLABLES = {
    "one": ("ta", "ri", "mo", "ken", "su", "la", "ve", "dor"),
    "two": ("ich", "ung", "ver", "scht", "ein", "ber", "ta", "en"),
    "three": ("qu", "xo", "zyl", "pha", "ri", "wum", "ooi", "jeb"),
}
N_WORDS = 400


def ignore(*_: object) -> None:
    """Takes news and does nothing."""


def texts_of(category: str, n_texts: int) -> list[str]:
    """Texts of made-up words of one manner, some words far more frequent than others."""
    rng = np.random.default_rng(sum(category.encode()))
    syllables = SYLLABLES[category]
    words = ["".join(rng.choice(syllables, rng.integers(1, 5))) for _ in range(N_WORDS)]
    weights = 1 / np.arange(1, N_WORDS + 1)
    drawn = rng.choice(N_WORDS, (n_texts, 40), p=weights / weights.sum())
    return [" ".join(words[i] for i in row) + ".\n" for row in drawn.tolist()]


def tables_of(names: Sequence[str], n_texts: int = 200) -> dict[str, WordTable]:
    """Word tables of the categories, cut as GPT-2 cuts."""
    pretokenizer = pretokenizer_of(train({"one": texts_of("one", 20)}, n_merges=5, name="cut"))
    return {name: count_words(texts_of(name, n_texts), pretokenizer, name=name) for name in names}


def trained_on(
    hundreds: Mapping[str, int], *, n_merges: int
) -> tuple[dict[str, WordTable], Tokenizer]:
    """Tables of some hundred texts of each category, and a tokenizer trained on all of them."""
    texts = {name: texts_of(name, 100 * n) for name, n in hundreds.items()}
    tokenizer = train(texts, n_merges=n_merges, name="toy")
    pretokenizer = pretokenizer_of(tokenizer)
    tables = {name: count_words(some, pretokenizer, name=name) for name, some in texts.items()}
    return tables, tokenizer

r"""Fast scanners for the patterns that tokenizers cut text by, recognised by their exact strings.

A scanner cuts as the library that owns the pattern does: its kernel follows the pattern, and its
table of kinds is asked of that library (see `scanners_kinds`). It is some ten times as fast as
`regex`; `benchmarks/scanners.py` measures that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import kernel
from tokeval.loaders.gguf_patterns import CUTTINGS
from tokeval.loaders.json_pretokenization import GPT2_PATTERN
from tokeval.loaders.tiktoken_files import PATTERNS
from tokeval.pretokenization import scanners_kernels as kernels
from tokeval.pretokenization.scanners_kinds import ANY_SCRIPT, DIGIT, INHERITED, MARK, kinds_table
from tokeval.pretokenization.scanners_stages import three_stages_ends


@dataclass(frozen=True)
class Rule:
    """What a scanner's kernel does.

    Attributes:
        family: `GPT2`, `WORDS`, `CASED_WORDS`, `THREE_STAGES` or `SPACES`.
        numbers: how many number characters are taken together (`WORDS`, `CASED_WORDS`).
        letters: kinds of which words are made (`WORDS`).
        flags: `WORDS`: white space that ends a text is one piece (1). `CASED_WORDS`: contractions
            belong to the word before (1). `SPACES`: a sum of `SUFFIX`, `ONLY_SPACES`, `SCRIPTS`
            and `NO_SPACES`.
    """

    family: int
    numbers: int = 0
    letters: int = 0
    flags: int = 0


SUFFIX, ONLY_SPACES, SCRIPTS, NO_SPACES = 1, 2, 4, 8
"""Of `SPACES`: a space ends a piece, instead of beginning one; spaces in a row stay together; the
table is one of scripts, at whose changes text is cut; text is not cut at spaces."""

_LETTERS = kernels.LETTER
_DEEPSEEK_V3 = CUTTINGS["deepseek-v3"].patterns
_RULES: Mapping[tuple[str, ...], Rule] = {
    (GPT2_PATTERN,): Rule(kernels.GPT2),
    (PATTERNS["gpt2"],): Rule(kernels.GPT2),
    (PATTERNS["cl100k"],): Rule(kernels.WORDS, numbers=3, letters=_LETTERS, flags=1),
    (PATTERNS["llama3"],): Rule(kernels.WORDS, numbers=3, letters=_LETTERS),
    (PATTERNS["qwen"],): Rule(kernels.WORDS, numbers=1, letters=_LETTERS),
    (PATTERNS["qwen3.5"],): Rule(kernels.WORDS, numbers=1, letters=_LETTERS | MARK),
    (PATTERNS["o200k"],): Rule(kernels.CASED_WORDS, numbers=3, flags=1),
    CUTTINGS["tekken"].patterns: Rule(kernels.CASED_WORDS, numbers=1),
    _DEEPSEEK_V3: Rule(kernels.THREE_STAGES),
}

_ANY_NUMBER = 1 << 30
_RULES_OF_ONIGURUMA: Mapping[tuple[str, ...], Rule] = {
    # To Oniguruma `{1,3}+` is a repetition of `{1,3}`, not a possessive `{1,3}`.
    (PATTERNS["cl100k"],): Rule(kernels.WORDS, numbers=_ANY_NUMBER, letters=_LETTERS, flags=1),
}


def _canonical(pattern: str) -> str:
    """A pattern in one of its spellings: line ends and quotes may be escaped or not."""
    return pattern.replace("\r", r"\r").replace("\n", r"\n").replace('\\"', '"')


def _by_canonical(rules: Mapping[tuple[str, ...], Rule]) -> dict[tuple[str, ...], Rule]:
    """Rules by patterns in their one spelling."""
    return {tuple(map(_canonical, patterns)): rule for patterns, rule in rules.items()}


_RULE_OF = _by_canonical(_RULES)
_RULE_OF_ONIGURUMA = _RULE_OF | _by_canonical(_RULES_OF_ONIGURUMA)


@dataclass(frozen=True)
class Scanner:
    """Cuts UTF-8 into pre-tokens.

    Attributes:
        rule: what its kernel does.
        table: kind of each code point, shape (0x110000,), uint8.
    """

    rule: Rule
    table: NDArray[np.uint8]

    def ends(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """The end of each pre-token in `data`; each begins where the one before ends.

        Args:
            data: valid UTF-8 of all texts, one behind the other, uint8.
            offsets: text t is data[offsets[t]:offsets[t + 1]], shape (n_texts + 1,), int64.
        """
        kinds = np.empty_like(data)
        kernels.classify(data, self.table, kinds)
        found = np.empty(len(data), np.int64)
        rule = self.rule
        n = _scan(data, kinds, offsets, rule.family, rule.numbers, rule.letters, rule.flags, found)
        return found[:n].copy()


def scanner_of(patterns: Sequence[str], library: str) -> Scanner | None:
    """The scanner that cuts as a library does by these patterns, `None` where there is none.

    Args:
        patterns: regular expressions, each cutting what the one before it left.
        library: whose classes of characters count: `tokenizers`, `tiktoken` or `regex`.
    """
    rules = _RULE_OF_ONIGURUMA if library == "tokenizers" else _RULE_OF
    rule = rules.get(tuple(map(_canonical, patterns)))
    return None if rule is None else Scanner(rule, kinds_table(library))


@kernel
def _spaces_end(
    data: NDArray[np.uint8], kinds: NDArray[np.uint8], i: int, end: int, flags: int
) -> int:
    """The end of the SentencePiece word at `i` (trainer_interface.cc, `SplitIntoWords`).

    With `SCRIPTS`, words are cut further where `IsValidSentencePiece` lets no piece reach.
    """
    j, script = i, np.int64(ANY_SCRIPT)
    while j < end:
        is_space = data[j] == 0x20
        if not flags & NO_SPACES and j > i:
            after_space = data[j - 1] == 0x20
            together = is_space and after_space and flags & ONLY_SPACES
            if flags & SUFFIX:
                if after_space and not together:
                    return j
            elif is_space and not together:
                return j
        if flags & SCRIPTS and not is_space:
            kind = kinds[j]
            if kind == DIGIT:
                return kernels.character_end(data, j, end) if j == i else j
            if kind != INHERITED:
                if kind != script and kind != ANY_SCRIPT and script != ANY_SCRIPT:
                    return j
                script = np.int64(kind)
        j = kernels.character_end(data, j, end)
    return j


@kernel
def _scan(
    data: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    family: int,
    numbers: int,
    letters: int,
    flags: int,
    ends: NDArray[np.int64],
) -> int:
    """Fills `ends` with the end of each pre-token; returns how many there are."""
    n = 0
    for t in range(len(offsets) - 1):
        i, end = offsets[t], offsets[t + 1]
        if family == kernels.THREE_STAGES:
            n = three_stages_ends(data, kinds, i, end, ends, n)
            continue
        while i < end:
            if family == kernels.GPT2:
                i = kernels.gpt2_end(data, kinds, i, end)
            elif family == kernels.WORDS:
                i = kernels.words_end(data, kinds, i, end, letters, numbers, flags == 1)
            elif family == kernels.CASED_WORDS:
                i = kernels.cased_words_end(data, kinds, i, end, numbers, flags == 1)
            else:
                i = _spaces_end(data, kinds, i, end, flags)
            ends[n] = i
            n += 1
    return n

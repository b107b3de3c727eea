"""Cutting text as a tokenizer's trainer did: its own normaliser and pre-tokenizer, made fast.

Added and special tokens are not cut out: a trainer counts text as it stands.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import utf8
from tokeval.loaders.json_encoding import JsonTokenizer, library_errors
from tokeval.loaders.ranked_bpe import RankedTokenizer
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.pretokenization.scanners import Scanner, scanner_of
from tokeval.pretokenization.scanners_json import JsonFront, read_front
from tokeval.pretokenization.scanners_normal import SpaceBefore, line_form
from tokeval.pretokenization.scanners_pieces import inferred_rule, sentencepiece_rule

_HOSTILE = (
    " a  b   c\td\t e\n f \n g\r\n h\n\n  i \r j  ",
    "don't DON'T 'tis it's  we'RE '\u017f x'll'd 'S's",
    "x1 22 333 4444 55555\u0663\xb2\xbd\u216b (5) [6], 7.8 -9 $10.00",
    "e\u0301 na\xefve \ufb01 McDonald\u02bcs \u01c5ungla ABCdef AB\u0106d",
    "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8\u30fb\u30ab\u30fc \u4e2d\u6587 "
    "\ud55c\uad6d\uc5b4 \u0e44\u0e17\u0e22 \u0939\u093f\u0928\u094d\u0926\u0940 \u3007\u30a0\u309d",
    "\U0001f469\u200d\U0001f467 \U0001f1f9\U0001f1f7 \u200d "
    "\u0301a \xa0b \u3000c\x85d\u2028e \x01\x1cf",
    "a/b//c --/\n/x ...\r\n\r\n!!!\n <tag/>\n\t\t}\n",
    "   ",
)


class Cutter(Protocol):
    """What cuts normalised text."""

    def __call__(self, text: str) -> list[bytes]:
        """The pre-tokens of a text, in order."""
        ...


@dataclass(frozen=True)
class Pretokenizer:
    """Turns texts into pre-tokens, as one tokenizer does.

    Attributes:
        description: the definition in the tokenizer's own words.
        normalize: a text as the pre-tokenizer sees it.
        cutter: a scanner, or what cuts text where no scanner is known.
        by_line: each line is a text of its own and the line end belongs to none, as for
            SentencePiece's trainer.
        max_symbol_characters: a longer pair of symbols is no candidate for a merge, `None` where
            there is no limit.
        notes: what was found and done, in whole sentences.
    """

    description: str
    normalize: Callable[[str], str]
    cutter: Scanner | Cutter
    by_line: bool = False
    max_symbol_characters: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_fast(self) -> bool:
        """Whether a scanner cuts."""
        return isinstance(self.cutter, Scanner)

    def cut(self, texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """UTF-8 of all pre-tokens of the texts, one behind the other, and the end of each.

        Raises:
            TokevalError: a text has a lone surrogate.
        """
        utf8(texts)
        form = line_form(self.normalize) if self.by_line else None
        if form is not None and isinstance(self.cutter, Scanner):
            data, offsets = _lines("\n".join(map(form, texts)))
            return data, self.cutter.ends(data, offsets)
        if self.by_line:
            texts = [line for text in texts for line in text.split("\n")]
        normal = [self.normalize(text) for text in texts]
        if isinstance(self.cutter, Scanner):
            encoded = [text.encode() for text in normal]
            data = np.frombuffer(b"".join(encoded), np.uint8)
            return data, self.cutter.ends(data, _offsets(encoded))
        pieces = [piece for text in normal for piece in self.cutter(text) if piece]
        return np.frombuffer(b"".join(pieces), np.uint8), _offsets(pieces)[1:]

    def pretokens(self, text: str) -> list[bytes]:
        """The pre-tokens of one text."""
        data, ends = self.cut([text])
        joined, starts = data.tobytes(), [0, *ends.tolist()]
        return [joined[i:j] for i, j in pairwise(starts)]


def pretokenizer_of(tokenizer: Tokenizer) -> Pretokenizer:
    """What cuts text as the tokenizer's trainer did, read from the tokenizer itself.

    A scanner is taken where the definition is one that is known and both agree on hostile text.

    Raises:
        TokevalError: the tokenizer does not say how it cuts text.
    """
    if isinstance(tokenizer, JsonTokenizer):
        return _of_json(tokenizer)
    if isinstance(tokenizer, SentencePieceTokenizer):
        return _of_sentencepiece(tokenizer)
    cutting = tokenizer.pretokenization
    if cutting is None or not cutting.patterns:
        raise TokevalError(
            f"{tokenizer.source} does not say how it cuts text into pre-tokens",
            "give the tokenizer.json, the SentencePiece model or the ranks of the same tokenizer",
        )
    normalize = tokenizer.normalize
    library = "tiktoken" if isinstance(tokenizer, RankedTokenizer) else "regex"
    scanner = scanner_of(cutting.patterns, library)
    cutter = RegexCutter(cutting.patterns)
    if scanner is not None:
        return Pretokenizer(cutting.description, normalize, scanner)
    note = "No scanner is known for its pattern, so `regex` cuts the text, with its own Unicode."
    return Pretokenizer(cutting.description, normalize, cutter, notes=(note,))


@dataclass(frozen=True)
class RegexCutter:
    """Cuts by patterns with `regex`, one after the other; what a pattern leaves is a piece too."""

    patterns: tuple[str, ...]

    def __call__(self, text: str) -> list[bytes]:
        """The pre-tokens of a text."""
        regex: Any = importlib.import_module("regex")
        pieces = [text]
        for pattern in self.patterns:
            compiled = regex.compile(pattern)
            pieces = [part for piece in pieces for part in _isolated(compiled, piece)]
        return [piece.encode() for piece in pieces]


@dataclass(frozen=True)
class LibraryCutter:
    """Cuts with the `tokenizers` library itself."""

    front: JsonFront

    def __call__(self, text: str) -> list[bytes]:
        """The pre-tokens of a text."""
        with library_errors(self.front.source, (text,)):
            pieces = self.front.pre_tokenizer.pre_tokenize_str(text)
        return [self.front.spelling.text(piece) for piece, _ in pieces]


def _isolated(compiled: Any, text: str) -> list[str]:
    """The matches of a pattern and what lies between them, none empty."""
    pieces, at = [], 0
    for match in compiled.finditer(text):
        pieces += [text[at : match.start()], match.group()]
        at = match.end()
    return [piece for piece in (*pieces, text[at:]) if piece]


def _of_json(tokenizer: JsonTokenizer) -> Pretokenizer:
    """The pre-tokenizer of a `tokenizer.json`."""
    front = read_front(tokenizer)
    if not front.cuts:
        scanner, notes = inferred_rule(tokenizer)
        described = "none: words begin at spaces"
        return Pretokenizer(described, front.normalize, scanner, by_line=True, notes=notes)
    slow = Pretokenizer(front.description, front.normalize, LibraryCutter(front))
    if front.scanner is None:
        note = "No scanner is known for its pre-tokenizer: the tokenizers library cuts the text."
        return Pretokenizer(slow.description, slow.normalize, slow.cutter, notes=(note,))
    normalize = (
        SpaceBefore(front.normalize, front.space_mark) if front.space_before else (front.normalize)
    )
    fast = Pretokenizer(front.description, normalize, front.scanner)
    if all(fast.pretokens(text) == slow.pretokens(text) for text in _HOSTILE):
        return fast
    note = "Its scanner does not cut hostile text as the tokenizers library does, which cuts here."
    return Pretokenizer(slow.description, slow.normalize, slow.cutter, notes=(note,))


def _of_sentencepiece(tokenizer: SentencePieceTokenizer) -> Pretokenizer:
    """The words that the trainer of a SentencePiece model counts."""
    scanner, notes = sentencepiece_rule(tokenizer.definition)
    cutting = tokenizer.pretokenization
    return Pretokenizer(
        description=cutting.description if cutting is not None else "sentencepiece",
        normalize=tokenizer.normalize,
        cutter=scanner,
        by_line=True,
        max_symbol_characters=tokenizer.definition.max_piece_characters,
        notes=notes,
    )


def _lines(text: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """UTF-8 of a text without its line ends, and where each line begins and the last one ends."""
    data = np.frombuffer(text.encode(), np.uint8)
    line_ends = np.flatnonzero(data == 0x0A)
    starts = line_ends - np.arange(len(line_ends))
    lines = data[data != 0x0A]
    return lines, np.concatenate((np.zeros(1, np.int64), starts, [len(lines)]))


def _offsets(pieces: Sequence[bytes]) -> NDArray[np.int64]:
    """Where each piece begins, and where the last one ends, shape (n_pieces + 1,)."""
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))

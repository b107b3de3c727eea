"""What stands before a BPE: texts become UTF-8 in one buffer, normalised and cut into pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.core.kernels import lean_kernel
from tokeval.core.pretokens import may_cross_a_space
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.ranked_bpe import RankedTokenizer
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.loaders.token_bytes import SENTENCEPIECE_MARK
from tokeval.pretokenization.scanners import NO_SPACES, ONLY_SPACES, Rule, Scanner, scanner_of
from tokeval.pretokenization.scanners_json import JsonFront
from tokeval.pretokenization.scanners_kernels import SPACES
from tokeval.pretokenization.scanners_kinds import digit_table
from tokeval.pretokenization.scanners_normal import (
    Composed,
    Prepended,
    Replaced,
    Step,
    Steps,
    same,
)

NO_PREFIX, PREFIX, PREFIX_UNLESS_BEGUN = range(3)
"""Whether a space is put before each text that is not empty, or does not begin with one either."""

_NEWLINE = 0x0A


@dataclass(frozen=True)
class NormalFormC:
    """NFC by Python's tables."""

    def __call__(self, text: str) -> str:
        """The text in NFC."""
        return unicodedata.normalize("NFC", text)


@dataclass(frozen=True)
class EncodingFront:
    """Turns texts into the pieces that a model encodes one by one.

    Attributes:
        form: the normaliser. Unless `text_by_text`, it does to texts joined by line ends what it
            does to each of them.
        prefix: the space before a text, as one of the three constants above.
        text_by_text: each text is normalised alone.
        scanner: what cuts.
    """

    form: Step
    prefix: int
    text_by_text: bool
    scanner: Scanner

    @property
    def changes_text(self) -> bool:
        """Whether pieces joined may be another text."""
        return self.form is not same or self.prefix != NO_PREFIX

    def read(
        self, texts: Sequence[str], joined: str
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """UTF-8 of all texts as the model sees them, and where each begins and the last one ends.

        Args:
            texts: without lone surrogates.
            joined: the same, joined by line ends.
        """
        normal = (
            "\n".join([self.form(text) for text in texts])
            if self.text_by_text
            else self.form(joined)
        )
        spaced = np.frombuffer(normal.encode(), np.uint8)
        line_ends = np.flatnonzero(spaced == _NEWLINE)
        if len(line_ends) >= len(texts):
            # Normalisers that are taken apart from the library's leave line ends alone.
            counted = map(self.form, texts) if self.text_by_text else texts
            own = np.fromiter((text.count("\n") for text in counted), np.int64, len(texts))
            line_ends = line_ends[np.cumsum(own + 1)[:-1] - 1]
        text_ends = np.append(line_ends, len(spaced))
        data = np.empty(len(spaced) + len(texts), np.uint8)
        offsets = np.zeros(len(texts) + 1, np.int64)
        _pack(spaced, text_ends, self.prefix, data, offsets)
        data = data[: offsets[-1]]
        # Scanners are compiled for arrays that cannot be written to.
        data.setflags(write=False)
        return data, offsets


@lean_kernel
def _pack(
    spaced: NDArray[np.uint8],
    text_ends: NDArray[np.int64],
    prefix: int,
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
) -> None:
    """Fills `data` with texts that have one byte between them, without it, each with its prefix."""
    n, start = 0, np.int64(0)
    for t in range(len(text_ends)):
        end = text_ends[t]
        if end > start and (
            prefix == PREFIX or (prefix == PREFIX_UNLESS_BEGUN and spaced[start] != 0x20)
        ):
            data[n] = 0x20
            n += 1
        for i in range(start, end):
            data[n] = spaced[i]
            n += 1
        offsets[t + 1] = n
        start = end + 1


def ranked_front(tokenizer: RankedTokenizer) -> EncodingFront | None:
    """The front of a BPE by rank, `None` where no scanner is known for its pattern."""
    definition = tokenizer.definition
    scanner = scanner_of((definition.pattern,), "tiktoken")
    if scanner is None:
        return None
    form = NormalFormC() if definition.nfc else same
    return EncodingFront(form, NO_PREFIX, text_by_text=False, scanner=scanner)


def sentencepiece_front(tokenizer: SentencePieceTokenizer) -> EncodingFront:
    """The front of a SentencePiece model; only the identity is taken apart from the library's."""
    definition = tokenizer.definition
    scanner = _before_spaces(tokenizer)
    plain = definition.normalizer == "identity" and not (
        definition.remove_extra_whitespaces or definition.whitespace_as_suffix
    )
    if not plain:
        return EncodingFront(tokenizer.normalize, NO_PREFIX, text_by_text=True, scanner=scanner)
    prefix = PREFIX if definition.dummy_prefix else NO_PREFIX
    form = Replaced(SENTENCEPIECE_MARK, " ")
    return EncodingFront(form, prefix, text_by_text=False, scanner=scanner)


def json_front(tokenizer: Tokenizer, front: JsonFront) -> EncodingFront | None:
    """The front of a `tokenizer.json`, `None` where no scanner is known for its pre-tokenizer."""
    scanner = front.scanner if front.cuts else _before_spaces(tokenizer)
    if scanner is None:
        return None
    steps = list(_flat(front.normalize))
    prefix = PREFIX_UNLESS_BEGUN if front.space_before else NO_PREFIX
    if steps and steps[0] in (Prepended(SENTENCEPIECE_MARK), Prepended(" ")) and not prefix:
        steps, prefix = steps[1:], PREFIX
    if all(map(_joins, steps)):
        form = steps[0] if len(steps) == 1 else Steps(tuple(steps)) if steps else same
        return EncodingFront(form, prefix, text_by_text=False, scanner=scanner)
    prefix = PREFIX_UNLESS_BEGUN if front.space_before else NO_PREFIX
    return EncodingFront(front.normalize, prefix, text_by_text=True, scanner=scanner)


def _flat(step: Step) -> list[Step]:
    """The steps inside a step, without those that do nothing."""
    if isinstance(step, Steps):
        return [inner for part in step.steps for inner in _flat(part)]
    return [] if step is same else [step]


def _joins(step: Step) -> bool:
    """Whether a step does to joined texts, also with a space before each, what it does to each."""
    if isinstance(step, Replaced):
        return len(step.old) == 1 and len(step.new) >= 1 and "\n" not in step.old + step.new
    return isinstance(step, Composed)


def _before_spaces(tokenizer: Tokenizer) -> Scanner:
    """Cuts before each run of spaces, or nowhere where a token may reach across.

    Nothing merges across such a border, so that what lies between is encoded independently.
    """
    flags = NO_SPACES if may_cross_a_space(tokenizer) else ONLY_SPACES
    return Scanner(Rule(SPACES, flags=flags), digit_table())

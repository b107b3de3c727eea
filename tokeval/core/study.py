"""Studies: what is learned by encoding chosen texts, as tallies that add up by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.corpus import Document, Slice, count_blocks
from tokeval.core.resources import Resources
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Finding, Undefined

SAMPLE_CHARACTERS = 40_000
"""How much of a slice a study encodes."""

READ_CHARACTERS = 1_000_000
"""How far into a slice the sample is spread."""


@dataclass(frozen=True)
class Sample:
    """The documents of a slice that studies encode, the same for every tokenizer.

    Attributes:
        slice: name of the slice.
        documents: evenly spaced over the beginning of the slice.
        labels: of the slice: `language`, `bcp47`, `script`, `domain`, where known.
    """

    slice: str
    documents: tuple[Document, ...]
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_blocks(self) -> int:
        """Jackknife blocks of the sample: document d is in block d mod n_blocks."""
        return count_blocks(len(self.documents))

    @property
    def texts(self) -> list[str]:
        """All texts in order."""
        return [text for document in self.documents for text in document]

    @property
    def text_blocks(self) -> NDArray[np.int64]:
        """Block of each text, shape (n_texts,)."""
        sizes = np.array([len(document) for document in self.documents], dtype=np.int64)
        return np.repeat(np.arange(len(sizes)) % max(self.n_blocks, 1), sizes)


@dataclass(frozen=True)
class Tally:
    """What a study counted for one tokenizer, by jackknife block; tallies of slices add up.

    Attributes:
        n_blocks: 0 where the result is a constant of the tokenizer.
        columns: by name, shape (n_blocks,), or (1,) for constants; int64 counts, or float64 sums
            of quantities such as bits.
        findings: what a reader should act on.
    """

    n_blocks: int
    columns: Mapping[str, NDArray[Any]]
    findings: tuple[Finding, ...] = ()

    def sums(self, column: str) -> NDArray[Any]:
        """The sum of a column, then the sum without each block, shape (1 + n_blocks,).

        >>> Tally(2, {"words": np.array([3, 4])}).sums("words").tolist()
        [7, 4, 3]
        """
        by_block = self.columns[column]
        whole = by_block.sum()
        left_out = whole - by_block if self.n_blocks else by_block[:0]
        return np.concatenate(([whole], left_out))

    def regrouped(self, n_blocks: int) -> Tally:
        """The same tally with block g in block g mod n_blocks."""
        if self.n_blocks in (0, n_blocks):
            return self
        groups = np.arange(self.n_blocks) % n_blocks
        columns: dict[str, NDArray[Any]] = {}
        for name, by_block in self.columns.items():
            columns[name] = np.zeros(n_blocks, dtype=by_block.dtype)
            np.add.at(columns[name], groups, by_block)
        return Tally(n_blocks, columns, self.findings)


@dataclass(frozen=True)
class Subject:
    """What a study looks at.

    Attributes:
        tokenizer: what is studied.
        sample: text of one slice; `None` where the study is of the tokenizer alone.
        resources: word lists, gold segmentations and the like that the user or tokeval gave.
        samples: for a study of the tokenizer alone, the samples of all slices.
    """

    tokenizer: Tokenizer
    sample: Sample | None = None
    resources: Resources = field(default_factory=Resources)
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class Study:
    """Something to count by encoding; several metrics share one study.

    Attributes:
        name: unique; the key of its tallies.
        measure: the tally, or the reason why there is none. Pure but for the tokenizer's library.
        scope: `slice` for one tally by slice (their sum is that of the corpus), `tokenizer` for
            one tally of the tokenizer.
    """

    name: str
    measure: Callable[[Subject], Tally | Undefined]
    scope: str = "slice"


def draw_samples(
    slices: Sequence[Slice], n_characters: int = SAMPLE_CHARACTERS
) -> dict[str, Sample]:
    """Evenly spaced documents of the beginning of each slice, about n_characters of them, by name.

    Slices that translate each other give the documents of the same places, so that their blocks
    are paired. A text longer than an eighth of the sample is cut, at a line boundary where there
    is one, so that one long file does not stand for all.
    """
    members: dict[str, list[Slice]] = {}
    for part in slices:
        members.setdefault(f"group {part.parallel}" if part.parallel else part.name, []).append(
            part
        )
    drawn = {}
    for group in members.values():
        heads = [_head(part, n_characters // 8) for part in group]
        places = _places(heads, n_characters)
        for part, head in zip(group, heads, strict=True):
            documents = tuple(head[d] for d in places)
            drawn[part.name] = Sample(part.name, documents, dict(part.labels))
    return {part.name: drawn[part.name] for part in slices}


def _head(part: Slice, longest: int) -> list[Document]:
    """The first documents of a slice, READ_CHARACTERS of them, long texts cut."""
    documents: list[Document] = []
    size = 0
    for document in part.documents():
        documents.append(tuple(_cut(text, longest) for text in document))
        size += sum(map(len, documents[-1]))
        if size >= READ_CHARACTERS:
            break
    return documents


def _places(heads: Sequence[list[Document]], n_characters: int) -> list[int]:
    """Evenly spaced places that all heads have and that give none of them too much text."""
    n_documents = min(map(len, heads))
    largest = max(sum(len(text) for document in head for text in document) for head in heads)
    n_wanted = max(1, int(n_documents * min(1.0, n_characters / max(largest, 1))))
    spaced = np.linspace(0, n_documents - 1, min(n_wanted, n_documents)).round()
    places: list[int] = np.unique(spaced.astype(np.int64)).tolist()
    return places


def _cut(text: str, n_characters: int) -> str:
    """The beginning of a text, whole lines where there are any."""
    if len(text) <= n_characters:
        return text
    line_end = text.rfind("\n", 0, n_characters)
    return text[: line_end + 1] if line_end > 0 else text[:n_characters]


def pool_tallies(tallies: Sequence[Tally | Undefined]) -> Tally | Undefined:
    """The sum of the tallies of several slices; undefined ones are left out.

    Slices with different numbers of blocks are regrouped to the smallest number first.
    """
    known = [tally for tally in tallies if isinstance(tally, Tally)]
    if not known:
        first = tallies[0] if tallies else Undefined("no slice was studied")
        return first if isinstance(first, Undefined) else Undefined("no slice was studied")
    n_blocks = min(tally.n_blocks for tally in known)
    grouped = [tally.regrouped(n_blocks) for tally in known]
    names = list(dict.fromkeys(name for tally in grouped for name in tally.columns))
    nothing = np.zeros(max(n_blocks, 1), dtype=np.int64)
    columns = {
        name: np.sum([tally.columns.get(name, nothing) for tally in grouped], axis=0)
        for name in names
    }
    return Tally(n_blocks, columns, tuple(f for tally in grouped for f in tally.findings))

"""The evaluation: tokenizers and slices in, a report with every cell of the catalogue out."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tokeval.core.corpus import Chunk, Slice, chunks
from tokeval.core.counting import ChunkCounter, CutRefutedError
from tokeval.core.engine import run
from tokeval.core.evidence import Accumulator, Evidence
from tokeval.core.metric import Parameters
from tokeval.core.pretokens import Cut, choose_cut
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError

SAMPLE_TEXTS = 64
SAMPLE_CHARACTERS = 50_000

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class Measurement:
    """What was counted.

    Attributes:
        slices: in the order in which they were given.
        evidence: by tokenizer name, then by slice name.
        corpus: sha256 of each slice, hex.
        cuts: by tokenizer name, how its texts were cut into units.
    """

    slices: tuple[Slice, ...]
    evidence: Mapping[str, Mapping[str, Evidence]]
    corpus: Mapping[str, str]
    cuts: Mapping[str, Cut]


def measure(
    tokenizers: Sequence[Tokenizer],
    slices: Sequence[Slice],
    parameters: Parameters,
    *,
    engine: str = "serial",
    jobs: int | None = None,
    advance: Advance | None = None,
) -> Measurement:
    """Reads every slice once and counts it for every tokenizer.

    Raises:
        UsageError: a special token was asked for that a tokenizer does not have.
        TokevalError: a slice cannot be read, or holds no text.
    """
    _check_special(tokenizers, parameters)
    sample = [text for part in slices for text in _first_texts(part)]
    cuts = [choose_cut(tokenizer, sample) for tokenizer in tokenizers]
    while True:
        counter = ChunkCounter(list(zip(tokenizers, cuts, strict=True)), special=parameters.special)
        stream = itertools.chain.from_iterable(chunks(part) for part in slices)
        counted = run(_Count(counter), stream, engine=engine, jobs=jobs)
        try:
            evidence, corpus = _accumulate(counted, [t.name for t in tokenizers], advance)
        except CutRefutedError as refuted:
            cuts[refuted.args[0]] = Cut.TEXT
            continue
        _check_all_read(slices, corpus)
        _check_shared_blocks(slices, evidence[tokenizers[0].name])
        names = [tokenizer.name for tokenizer in tokenizers]
        return Measurement(tuple(slices), evidence, corpus, dict(zip(names, cuts, strict=True)))


@dataclass(frozen=True)
class _Counted:
    """What is kept of a chunk: all but its text."""

    slice: str
    sha256: bytes
    evidence: list[Evidence]


@dataclass(frozen=True)
class _Count:
    """Counts a chunk and lets go of its text."""

    counter: ChunkCounter

    def __call__(self, chunk: Chunk) -> _Counted:
        return _Counted(chunk.slice, chunk.sha256, self.counter(chunk))


def _accumulate(
    counted: Iterator[_Counted],
    names: Sequence[str],
    advance: Advance | None,
) -> tuple[dict[str, dict[str, Evidence]], dict[str, str]]:
    """Evidence by tokenizer and slice, and the hash of each slice."""
    sums: dict[str, list[Accumulator]] = {}
    digests: dict[str, hashlib._Hash] = {}
    last = ""
    for chunk in counted:
        if chunk.slice != last and last:
            for accumulator in sums[last]:
                accumulator.result()
        last = chunk.slice
        if chunk.slice not in sums:
            sums[chunk.slice] = [Accumulator() for _ in names]
            digests[chunk.slice] = hashlib.sha256()
        for accumulator, part in zip(sums[chunk.slice], chunk.evidence, strict=True):
            accumulator.add(part)
        digests[chunk.slice].update(chunk.sha256)
        if advance is not None:
            advance(int(chunk.evidence[0].totals["bytes"].sum()), chunk.slice)
    evidence = {
        name: {
            part: _without_empty_blocks(accumulators[t].result())
            for part, accumulators in sums.items()
        }
        for t, name in enumerate(names)
    }
    return evidence, {part: digest.hexdigest() for part, digest in digests.items()}


def _without_empty_blocks(evidence: Evidence) -> Evidence:
    """The evidence in as many blocks as there are documents, where these are fewer.

    A slice of a few very long documents is dealt out before its number of documents is known.
    """
    n_documents = int(evidence.sums("documents")[0])
    # With fewer documents than blocks, document d is block d: leaving out the empty ones is exact.
    return evidence.regrouped(n_documents) if 0 < n_documents < evidence.n_blocks else evidence


def _first_texts(part: Slice) -> list[str]:
    """The first texts of a slice, a few thousand characters."""
    texts: list[str] = []
    size = 0
    for document in part.documents():
        for text in document:
            if len(texts) >= SAMPLE_TEXTS or size >= SAMPLE_CHARACTERS:
                return texts
            texts.append(text)
            size += len(text)
    return texts


def _check_special(tokenizers: Sequence[Tokenizer], parameters: Parameters) -> None:
    """Raises where a special token is asked for that a tokenizer does not have."""
    for name in parameters.special:
        for tokenizer in tokenizers:
            ids = {"bos": tokenizer.bos_id, "eos": tokenizer.eos_id}
            if name not in ids:
                raise UsageError(
                    f"there is no special token {name!r}", f"choose from {', '.join(ids)}"
                )
            if ids[name] is None:
                raise UsageError(
                    f"tokenizer {tokenizer.name!r} declares no {name.upper()} token",
                    f"leave out `--special {name}`",
                )


def _check_all_read(slices: Sequence[Slice], corpus: Mapping[str, str]) -> None:
    """Raises when a slice gave no text at all."""
    for part in slices:
        if part.name not in corpus:
            raise TokevalError(
                f"slice {part.name!r} ({part.source}) holds no text",
                "leave it out, or name a file with text in it",
            )


def _check_shared_blocks(slices: Sequence[Slice], evidence: Mapping[str, Evidence]) -> None:
    """Raises when slices that are said to be parallel were dealt into different blocks."""
    seen: dict[str, tuple[str, int]] = {}
    for part in slices:
        if part.parallel is None:
            continue
        n_texts = int(evidence[part.name].sums("texts")[0])
        first, expected = seen.setdefault(part.parallel, (part.name, n_texts))
        n_blocks = evidence[part.name].n_blocks
        if n_texts != expected or n_blocks != evidence[first].n_blocks:
            raise TokevalError(
                f"slices {first!r} and {part.name!r} are not parallel: {expected} and {n_texts} "
                f"texts in {evidence[first].n_blocks} and {n_blocks} blocks",
                "align them line by line, and pass them through check_parallel",
            )

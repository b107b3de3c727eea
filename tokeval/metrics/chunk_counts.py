"""Counting a chunk for some tokenizers of a run, or finding in the cache what it counts to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tokeval.core.corpus import Chunk
from tokeval.core.counting import ChunkCounter, CutRefutedError
from tokeval.core.evidence import Evidence
from tokeval.core.pretokens import Cut
from tokeval.core.tokenizer import BatchEncoder, Tokenizer
from tokeval.loaders.spans import Span
from tokeval.metrics.kept_evidence import KeptEvidence


@dataclass(frozen=True)
class ChunkTask:
    """A chunk, and the numbers of the tokenizers whose evidence is wanted."""

    chunk: Chunk
    wanted: tuple[int, ...]


@dataclass(frozen=True)
class ChunkEvidence:
    """What stays of a chunk: all but its text; the evidence by the number of the tokenizer."""

    slice: str
    sha256: bytes
    n_bytes: int
    evidence: dict[int, Evidence]


@dataclass(frozen=True)
class SpanTask:
    """Chunks that a worker reads by itself, and the numbers of the tokenizers."""

    span: Span
    wanted: tuple[int, ...]


class CountChunks:
    """Counts chunks and lets go of their text; a copy of it lives in every worker process.

    Args:
        tokenizers: with the cut that was chosen for each.
        special: which special tokens are counted around each text.
        kept: where the evidence of chunks is looked up and kept.
        encoders: for each tokenizer what gives its ids sooner, `None` where only it does.
    """

    def __init__(
        self,
        tokenizers: Sequence[tuple[Tokenizer, Cut]],
        special: Sequence[str],
        kept: KeptEvidence,
        encoders: Sequence[BatchEncoder | None] | None = None,
    ) -> None:
        self._tokenizers = list(tokenizers)
        self._special = tuple(special)
        self._kept = kept
        self._encoders = list(encoders or [None] * len(self._tokenizers))
        self._counter: tuple[tuple[int, ...], ChunkCounter] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return (CountChunks, (self._tokenizers, self._special, self._kept, self._encoders))

    def without(self, known: Collection[int]) -> tuple[int, ...]:
        """The numbers of the tokenizers that are not among those."""
        return tuple(t for t in range(len(self._tokenizers)) if t not in known)

    def __call__(self, task: ChunkTask) -> ChunkEvidence:
        """The evidence of a chunk for the wanted tokenizers.

        Raises:
            CutRefutedError: with the number of the tokenizer, as ChunkCounter raises it.
        """
        chunk = task.chunk
        looked_up = ((t, self._kept.of_chunk(t, chunk)) for t in task.wanted)
        found = {t: evidence for t, evidence in looked_up if evidence is not None}
        missing = tuple(t for t in task.wanted if t not in found)
        if missing:
            for t, evidence in zip(missing, self._counted(chunk, missing), strict=True):
                self._kept.keep_chunk(t, chunk, evidence)
                found[t] = evidence
        n_bytes = int(found[task.wanted[0]].totals["bytes"].sum())
        return ChunkEvidence(chunk.slice, chunk.sha256, n_bytes, found)

    def _counted(self, chunk: Chunk, missing: tuple[int, ...]) -> list[Evidence]:
        """The evidence of some tokenizers, counted together."""
        if self._counter is None or self._counter[0] != missing:
            # One counter at a time: what each remembers of units is large.
            chosen = [self._tokenizers[t] for t in missing]
            encoders = [self._encoders[t] for t in missing]
            counter = ChunkCounter(chosen, special=self._special, encoders=encoders)
            self._counter = (missing, counter)
        try:
            return self._counter[1](chunk)
        except CutRefutedError as refuted:
            raise CutRefutedError(missing[refuted.args[0]]) from refuted


@dataclass(frozen=True)
class CountSpans:
    """Counts chunks that are sent, or that are to be read where they are counted."""

    count: CountChunks

    def __call__(self, task: SpanTask | ChunkTask) -> list[ChunkEvidence]:
        """The evidence of each chunk of a task."""
        if isinstance(task, ChunkTask):
            return [self.count(task)]
        return [self.count(ChunkTask(chunk, task.wanted)) for chunk in task.span.chunks()]

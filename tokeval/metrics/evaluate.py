"""The evaluation: tokenizers and slices in, a report with every cell of the catalogue out."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tokeval.core.cache import Cache
from tokeval.core.corpus import Slice, chunks
from tokeval.core.counting import CutRefutedError
from tokeval.core.engine import run, started
from tokeval.core.evidence import Accumulator, Evidence
from tokeval.core.metric import Parameters
from tokeval.core.pretokens import Cut
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.sections import can_be_divided
from tokeval.loaders.spans import spans
from tokeval.metrics.chunk_counts import (
    ChunkEvidence,
    ChunkTask,
    CountChunks,
    CountSpans,
    SpanTask,
)
from tokeval.metrics.encoding_paths import EncodingPath, choose_paths
from tokeval.metrics.kept_evidence import KeptEvidence, KeptSlice, slice_keys

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
        paths: by tokenizer name, what turned its units into ids: `pretokens` or `library`.
    """

    slices: tuple[Slice, ...]
    evidence: Mapping[str, Mapping[str, Evidence]]
    corpus: Mapping[str, str]
    cuts: Mapping[str, Cut]
    paths: Mapping[str, str]


def measure(
    tokenizers: Sequence[Tokenizer],
    slices: Sequence[Slice],
    parameters: Parameters,
    *,
    engine: str = "serial",
    jobs: int | None = None,
    advance: Advance | None = None,
    cache: Cache | None = None,
    exact_path: bool = False,
) -> Measurement:
    """Counts every slice for every tokenizer; reads each slice once, where it must be read.

    What the cache holds of a slice or of a chunk is not counted again. Numbers do not depend on it.

    Args:
        tokenizers: with distinct names.
        slices: with distinct names.
        parameters: the user's choices.
        engine: `serial`, `processes` or `dask`.
        jobs: number of processes.
        advance: told of progress: bytes that were counted, and the slice.
        cache: where evidence is looked up and kept; nowhere when `None`.
        exact_path: whether the tokenizers' own libraries shall encode everything.

    Raises:
        UsageError: a special token was asked for that a tokenizer does not have.
        TokevalError: a slice cannot be read, or holds no text.
    """
    _check_special(tokenizers, parameters)
    sample = [text for part in slices for text in _first_texts(part)]
    paths = choose_paths(tokenizers, sample, exact_path=exact_path)
    # Hashed before they are read: what is kept must be of the text that the hash stands for.
    # On a cluster, reading all text here would take longer than counting it there.
    slice_cache = None if engine == "dask" else cache
    keys = slice_keys(slices, slice_cache)
    while True:
        cuts = [path.cut for path in paths]
        kept = KeptEvidence.of(cache, tokenizers, paths, parameters.special)
        known = _known_slices(kept, keys, len(tokenizers))
        _tell_known(slices, known, advance, n_tokenizers=len(tokenizers))
        count = CountChunks(
            list(zip(tokenizers, cuts, strict=True)),
            parameters.special,
            kept,
            [path.encoder for path in paths],
        )
        counted = _counted(count, slices, known, engine=engine, jobs=jobs)
        try:
            found = _accumulate(counted, known, advance)
        except CutRefutedError as refuted:
            t = refuted.args[0]
            paths[t] = paths[t].refuted()
            continue
        _check_all_read(slices, found)
        # A file that was written to meanwhile is counted by nobody's earlier evidence.
        changed = {
            name for name, key in slice_keys(slices, slice_cache).items() if key != keys[name]
        }
        keys = {name: None if name in changed else key for name, key in keys.items()}
        if not any(known[name] for name in changed):
            break
    _keep(kept, found, known, keys=keys)
    return _measurement(tokenizers, slices, found, paths)


def _measurement(
    tokenizers: Sequence[Tokenizer],
    slices: Sequence[Slice],
    found: Slices,
    paths: Sequence[EncodingPath],
) -> Measurement:
    """What was counted, in the order of the slices.

    Raises:
        TokevalError: slices that are said to be parallel have other blocks.
    """
    evidence = {
        tokenizer.name: {part.name: found[part.name][t].evidence for part in slices}
        for t, tokenizer in enumerate(tokenizers)
    }
    _check_shared_blocks(slices, evidence[tokenizers[0].name])
    corpus = {part.name: found[part.name][0].corpus for part in slices}
    by_name = dict(zip((tokenizer.name for tokenizer in tokenizers), paths, strict=True))
    return Measurement(
        slices=tuple(slices),
        evidence=evidence,
        corpus=corpus,
        cuts={name: path.cut for name, path in by_name.items()},
        paths={name: path.name for name, path in by_name.items()},
    )


Slices = Mapping[str, Mapping[int, KeptSlice]]
"""What is known of each slice, by its name and the number of the tokenizer."""


def _known_slices(kept: KeptEvidence, keys: Mapping[str, str | None], n_tokenizers: int) -> Slices:
    """What the cache holds of whole slices."""
    known: dict[str, dict[int, KeptSlice]] = {}
    for name, key in keys.items():
        looked_up = ((t, kept.of_slice(t, key)) for t in range(n_tokenizers))
        known[name] = {t: found for t, found in looked_up if found is not None}
    return known


def _counted(
    count: CountChunks, slices: Sequence[Slice], known: Slices, *, engine: str, jobs: int | None
) -> Iterator[ChunkEvidence]:
    """The evidence of the chunks of each slice, for the tokenizers that do not know all of it."""
    wanted = {name: count.without(of_slice) for name, of_slice in known.items()}
    unknown = [part for part in slices if wanted[part.name]]
    if engine != "dask":
        tasks = (ChunkTask(chunk, wanted[part.name]) for part in unknown for chunk in chunks(part))
        yield from run(count, tasks, engine=engine, jobs=jobs)
        return
    with started(engine, jobs=jobs):
        spread = (task for part in unknown for task in _span_tasks(part, wanted[part.name]))
        for evidence in run(CountSpans(count), spread, engine=engine):
            yield from evidence


def _span_tasks(part: Slice, wanted: tuple[int, ...]) -> Iterator[SpanTask | ChunkTask]:
    """The chunks of a slice for workers: to be read by them, or else sent to them."""
    if can_be_divided(part):
        yield from (SpanTask(span, wanted) for span in spans(part, engine="dask"))
    else:
        yield from (ChunkTask(chunk, wanted) for chunk in chunks(part))


def _tell_known(
    slices: Sequence[Slice], known: Slices, advance: Advance | None, *, n_tokenizers: int
) -> None:
    """Tells of the progress that slices are which need not be read."""
    for part in slices:
        of_slice = known[part.name]
        if advance is not None and len(of_slice) == n_tokenizers:
            advance(int(of_slice[0].evidence.sums("bytes")[0]), part.name)


def _accumulate(
    counted: Iterator[ChunkEvidence], known: Slices, advance: Advance | None
) -> dict[str, dict[int, KeptSlice]]:
    """Evidence and hash of each slice that is known or was read, by tokenizer."""
    found = {name: dict(of_slice) for name, of_slice in known.items()}
    for name, chunks_of_slice in itertools.groupby(counted, key=lambda chunk: chunk.slice):
        sums: dict[int, Accumulator] = {}
        digest = hashlib.sha256()
        for chunk in chunks_of_slice:
            for t, part in chunk.evidence.items():
                sums.setdefault(t, Accumulator()).add(part)
            digest.update(chunk.sha256)
            if advance is not None:
                advance(chunk.n_bytes, chunk.slice)
        for t, accumulator in sums.items():
            evidence = _without_empty_blocks(accumulator.result())
            found[name][t] = KeptSlice(evidence, digest.hexdigest())
    return found


def _keep(
    kept: KeptEvidence, found: Slices, known: Slices, *, keys: Mapping[str, str | None]
) -> None:
    """Keeps what was counted of whole slices."""
    for name, of_slice in found.items():
        for t, evidence in of_slice.items():
            if t not in known[name]:
                kept.keep_slice(t, keys[name], evidence)


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


def _check_all_read(slices: Sequence[Slice], found: Slices) -> None:
    """Raises when a slice gave no text at all."""
    for part in slices:
        if not found[part.name]:
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

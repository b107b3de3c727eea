"""Curves: what time and memory are against text, tokenizers, slices, tokens and merges."""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import bare_loop
from benchmarks.kept import Kept
from benchmarks.processes import Run, run
from benchmarks.results import Point
from benchmarks.text import CACHE, enlarged, write_lines

TOKEVAL = str(Path(sys.executable).parent / "tokeval")
MEGABYTES = (1, 3, 10, 30, 52)
MORE_MEGABYTES = (200, 1000)
N_TOKENIZERS = (1, 2, 4, 8, 12)
N_SLICES = (1, 3, 10, 30, 100)
VISUAL_TOKENS = (10**7, 10**8)
MORE_VISUAL_TOKENS = (10**9,)
N_MERGES = (1_000, 3_000, 10_000, 30_000)
N_CATEGORIES = (2, 5, 10, 20)
MIXTURE_MEGABYTES = (5, 20, 52)


def metrics_run(
    tokenizers: dict[str, Path], texts: dict[str, Path], *, n_threads: int, document: Path
) -> Run:
    """A run of `tokeval metrics` with its defaults, which writes a document."""
    command = [TOKEVAL, "metrics", "--no-cache", "--quiet", "--json", str(document)]
    command += [f"{name}={path}" for name, path in tokenizers.items()]
    for name, path in texts.items():
        command += ["--corpus", f"{name}={path}"]
    return run(command, n_threads=n_threads)


def metrics_point(
    curve: str, x: float, tokenizers: dict[str, Path], texts: dict[str, Path], n_threads: int
) -> Point:
    """What `tokeval metrics` takes, and the sum of the tokenizers' bare loops in turn after it."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "document.json")
        done = metrics_run(tokenizers, texts, n_threads=n_threads, document=document)
    script, files = str(bare_loop.__file__), [str(path) for path in texts.values()]
    bare = [
        run([sys.executable, script, str(path), *files], n_threads=n_threads).seconds
        for path in tokenizers.values()
    ]
    return _point(curve, x, done, sum(bare))


def _point(curve: str, x: float, done: Run, baseline: float | None) -> Point:
    """A point of a curve."""
    return Point(curve, x, done.seconds, done.cpu_seconds, done.peak_bytes, baseline)


def resized(texts: dict[str, Path], megabytes: float) -> dict[str, Path]:
    """The first lines of each text, together about so large; recombined ones past what there is."""
    n_bytes = int(megabytes * 1e6)
    if n_bytes > 1.05 * sum(path.stat().st_size for path in texts.values()):
        return enlarged(texts, n_bytes)
    folder = CACHE / f"first-{n_bytes}"
    folder.mkdir(parents=True, exist_ok=True)
    shorter = {}
    for name, path in texts.items():
        shorter[name] = folder / path.name
        content = path.read_bytes()[: n_bytes // len(texts)]
        lines = content.decode("utf-8", "ignore").split("\n")
        write_lines(shorter[name], lines[:-1] if len(lines) > 1 else lines)
    return shorter


def divided(texts: dict[str, Path], n_slices: int, folder: Path) -> dict[str, Path]:
    """The lines of all texts in order, in so many files of nearly equal numbers of lines."""
    contents = (path.read_text("utf-8").splitlines() for path in texts.values())
    lines = list(itertools.chain.from_iterable(contents))
    bounds = [len(lines) * i // n_slices for i in range(n_slices + 1)]
    parts = {}
    for i, (begin, end) in enumerate(itertools.pairwise(bounds)):
        parts[f"part{i:03}"] = folder / f"part{i:03}.txt"
        write_lines(parts[f"part{i:03}"], lines[begin:end])
    return parts


def slices_point(
    n_slices: int, tokenizer: dict[str, Path], texts: dict[str, Path], n_threads: int
) -> Point:
    """The point of the curve against the number of slices."""
    with tempfile.TemporaryDirectory() as folder:
        parts = divided(texts, n_slices, Path(folder))
        return metrics_point("slices", n_slices, tokenizer, parts, n_threads)


def visual_point(n_tokens: int) -> Point:
    """What the pass over a dump takes, and a chunked `np.bincount` over the same file after it."""
    from benchmarks.visual_counting import write_tokens

    codebook_size, side = 16_384, 16
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tokens.npy")
        write_tokens(path, n_tokens, codebook_size=codebook_size, side=side)
        command = [sys.executable, "-m", "benchmarks.visual_counting", "--file", str(path)]
        command += ["--codebook-size", str(codebook_size), "--way"]
        done = run([*command, "tokeval"], n_threads=1)
        plain = run([*command, "np.bincount"], n_threads=1)
    return _point("visual tokens", n_tokens, done, plain.seconds)


def mixture_point(
    curve: str, x: float, tokenizer: Path, texts: dict[str, Path], *, n_merges: int, n_threads: int
) -> Point:
    """What `tokeval mixture` takes, reading and writing included, without intervals."""
    with tempfile.TemporaryDirectory() as folder:
        command = [TOKEVAL, "mixture", f"t={tokenizer}", "--merges", str(n_merges), "--quiet"]
        command += ["--no-intervals", "--no-influence", "--json", str(Path(folder, "m.json"))]
        for name, path in texts.items():
            command += ["--category", f"{name}={path}"]
        return _point(curve, x, run(command, n_threads=n_threads), None)


def measure_metrics(
    kept: Kept,
    tokenizers: dict[str, Path],
    texts: dict[str, Path],
    *,
    megabytes: Sequence[float],
    n_threads: int,
) -> None:
    """Points of the curves of `tokeval metrics` against text, tokenizers and slices."""
    first = dict(itertools.islice(tokenizers.items(), 1))
    for size in megabytes:
        some = resized(texts, size)
        kept.get(
            f"curve megabytes {size}",
            partial(metrics_point, "megabytes", size, first, some, n_threads),
        )
    some = resized(texts, min(10, max(megabytes)))
    for n in (n for n in N_TOKENIZERS if n <= len(tokenizers)):
        several = dict(itertools.islice(tokenizers.items(), n))
        kept.get(
            f"curve tokenizers {n}",
            partial(metrics_point, "tokenizers", n, several, some, n_threads),
        )
    for n in N_SLICES:
        kept.get(f"curve slices {n}", partial(slices_point, n, first, some, n_threads))


def measure_visual(kept: Kept, n_tokens: Iterable[int]) -> None:
    """Points of the curve of visual dumps."""
    for n in n_tokens:
        kept.get(f"curve visual {n}", partial(visual_point, n))


def measure_mixture(
    kept: Kept,
    tokenizer: Path,
    texts: dict[str, Path],
    *,
    megabytes: Sequence[float],
    merges: Sequence[int],
    n_threads: int,
) -> None:
    """Points of the curves of `tokeval mixture` against merges, categories and text."""
    five = resized(texts, min(megabytes))
    few = dict(itertools.islice(five.items(), 5))
    at = partial(mixture_point, tokenizer=tokenizer, n_threads=n_threads)
    for n in merges:
        kept.get(f"curve merges {n}", partial(at, "merges", n, texts=few, n_merges=n))
    for n in (n for n in N_CATEGORIES if n <= len(five)):
        some = dict(itertools.islice(five.items(), n))
        kept.get(
            f"curve categories {n}", partial(at, "categories", n, texts=some, n_merges=min(merges))
        )
    for size in megabytes:
        some = resized(texts, size)
        kept.get(
            f"curve mixture megabytes {size}",
            partial(at, "mixture megabytes", size, texts=some, n_merges=min(merges)),
        )

"""Replay: the compiled replay against the readable one in Python, on the standard library's code.

    python -m benchmarks.replay TOKENIZER

Both make the same merges on the same word table and must agree to the last count. Compiling is not
counted. Times are of the processor: each side is one thread. The exit code is 1 when the ratio is
above its bar.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.mixture import replay_reference
from tokeval.mixture.history import PairChanges
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.replay import replay
from tokeval.mixture.word_counting import count_words
from tokeval.mixture.word_table import N_BLOCKS, WordTable
from tokeval.pretokenization.pretokenizing import pretokenizer_of

BAR = 0.01


def sources(n_bytes: int) -> Iterator[str]:
    """The modules of the standard library, in the order of their paths, up to a size."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts or n_bytes <= 0:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # test files of the standard library
            continue
        n_bytes -= path.stat().st_size
        yield text


def random_words(n_words: int) -> WordTable:
    """Distinct words of 4 to 24 letters, as frequent as in a long tail, from a fixed seed."""
    rng = np.random.default_rng(1)
    letters = rng.choice(list(b"etaoinshrdlcumwfgypbvkjxqz"), p=zipf(26), size=24 * n_words)
    text = letters.astype(np.uint8).tobytes()
    lengths = rng.integers(4, 25, size=n_words).tolist()
    words = sorted({text[24 * i : 24 * i + length] for i, length in enumerate(lengths)})
    counts = rng.geometric(0.3, size=(len(words), N_BLOCKS)).astype(np.int64)
    return WordTable(tuple(words), counts, np.zeros(N_BLOCKS, dtype=np.int64))


def zipf(n: int) -> np.ndarray:
    """The shares 1, 1/2, 1/3 …, adding up to 1."""
    shares = 1 / np.arange(1, n + 1)
    return shares / shares.sum()


def timed(run: Callable[[], PairChanges]) -> tuple[float, PairChanges]:
    """The seconds of the processor that a replay took, and its result."""
    begin = time.process_time()
    changes = run()
    return time.process_time() - begin, changes


def main() -> int:
    """The exit code; prints the times, their ratio, and the peak memory with many words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokenizer", help="as for `tokeval mixture`")
    parser.add_argument("--merges", type=int, default=30_000)
    parser.add_argument("--bytes", type=int, default=15_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--words", type=int, default=750_000, help="of the table for memory")
    chosen = parser.parse_args()
    tokenizer = load_tokenizer(chosen.tokenizer)
    merges = read_merges(tokenizer)
    texts = sources(chosen.bytes)
    table = count_words(texts, pretokenizer_of(tokenizer), name="python", engine="serial")
    n_steps = min(chosen.merges, len(merges))
    replay(table, merges, n_steps=1)
    runs = [timed(lambda: replay(table, merges, n_steps=n_steps)) for _ in range(chosen.repeat)]
    slow, expected = timed(lambda: replay_reference.replay(table, merges, n_steps=n_steps))
    # Before and after, for other programs on the machine slow both sides down, each at its time.
    runs += [timed(lambda: replay(table, merges, n_steps=n_steps)) for _ in range(chosen.repeat)]
    for name in ("keys", "starts", "steps", "deltas"):
        np.testing.assert_array_equal(getattr(runs[0][1], name), getattr(expected, name))
    fast = statistics.median(seconds for seconds, _ in runs)
    print(f"{table.n_bytes.sum():,} bytes, {len(table.words):,} words, {n_steps:,} merges")
    print(f"compiled {fast:.3f} s, in Python {slow:.2f} s, ratio {fast / slow:.4f} (bar {BAR})")
    many = random_words(chosen.words)
    seconds, changes = timed(lambda: replay(many, merges, n_steps=n_steps))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{sum(map(len, many.words)):,} symbols in {len(many.words):,} words: {seconds:.1f} s, "
        f"{len(changes.steps):,} changes, peak memory of the process {peak:.2f} GiB"
    )
    return int(fast > BAR * slow)


if __name__ == "__main__":
    sys.exit(main())

"""How much faster the scanners cut text than `regex` does, and that they find the same pieces.

    python -m benchmarks.scanners [--megabytes 8]

The text is the source of Python's standard library and the text bundled with tokeval. `regex` runs
`findall` alone, on the same texts (for several patterns: one after the other); the scanner's time
has the encoding to UTF-8 in it. Both are measured in turn and the medians of three are compared.
Exits with 1 where a scanner is less than six times as fast, or differs.
"""

from __future__ import annotations

import argparse
import statistics
import sysconfig
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import regex

from tokeval.pretokenization.scanners import _RULES, Scanner, scanner_of

TARGET = 6.0
_N_RUNS = 3


def main() -> int:
    """1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=float, default=8)
    texts = read_texts(int(parser.parse_args().megabytes * 1e6))
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{megabytes:.1f} MB in {len(texts)} texts, regex {regex.__version__}")
    met = [report(patterns, texts, megabytes) for patterns in _RULES]
    return 0 if all(met) else 1


def read_texts(n_bytes: int) -> list[str]:
    """Texts of about so many bytes: one bundled text, one source file, in turn."""
    bundled = sorted(Path(__file__).parents[1].joinpath("corpora").rglob("*.txt"))
    sources = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    texts, size = [], 0
    for path in (*bundled, *sources, *sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*/*.py"))):
        if size >= n_bytes:
            break
        texts.append(path.read_text("utf-8", "replace"))
        size += len(texts[-1].encode())
    return texts


def report(patterns: tuple[str, ...], texts: list[str], megabytes: float) -> bool:
    """Prints a line for a scanner; whether it met the target."""
    scanner = scanner_of(patterns, "regex")
    assert scanner is not None
    compiled = [regex.compile(pattern) for pattern in patterns]
    scan(scanner, texts[:1])  # compiles
    same = pieces_of(*scan(scanner, texts)) == [piece for t in texts for piece in cut(compiled, t)]
    ours, theirs = [], []
    for _ in range(_N_RUNS):
        ours.append(seconds(lambda: scan(scanner, texts)))
        theirs.append(seconds(lambda: [[p.findall(text) for text in texts] for p in compiled]))
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(
        f"{megabytes / statistics.median(ours):7.1f} MB/s  regex "
        f"{megabytes / statistics.median(theirs):5.1f} MB/s  {ratio:5.1f} x  "
        f"{'same' if same else 'DIFFERENT'}  {patterns[0][:44]}"
    )
    return same and ratio >= TARGET


def scan(scanner: Scanner, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """UTF-8 of the texts and the ends of their pre-tokens."""
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return data, scanner.ends(data, np.cumsum([0, *map(len, encoded)]))


def pieces_of(data: np.ndarray, ends: np.ndarray) -> list[bytes]:
    """The pieces between the ends."""
    joined = data.tobytes()
    return [joined[i:j] for i, j in pairwise([0, *ends.tolist()])]


def cut(compiled: list[regex.Pattern[str]], text: str) -> list[bytes]:
    """Matches and what lies between them, pattern after pattern."""
    pieces = [text]
    for pattern in compiled:
        parts = []
        for piece in pieces:
            at = 0
            for match in pattern.finditer(piece):
                parts += [piece[at : match.start()], match.group()]
                at = match.end()
            parts.append(piece[at:])
        pieces = [part for part in parts if part]
    return [piece.encode() for piece in pieces]


def seconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())

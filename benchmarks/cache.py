"""Cache: whole runs of `tokeval metrics` that find earlier results or counts, against cold ones."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.scaling import TOKEVAL
from benchmarks.text import TextError, help_texts
from benchmarks.tokenizer_files import PACKAGED, packaged_tokenizers

MIN_RATIO = 10.0
NOT_NUMBERS = ("argv", "created")
"""What two documents of equal runs may differ in."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when an equal second run is ten times as fast, 1 when not, 2 without text."""
    parser = argparse.ArgumentParser("python -m benchmarks.cache", description=__doc__)
    parser.add_argument(
        "tokenizers", nargs="*", help=f"as for `tokeval metrics` (default: {', '.join(PACKAGED)})"
    )
    parser.add_argument("--size", type=int, default=52, metavar="MB", help="text (default: 52)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (default: 3)")
    chosen = parser.parse_args(arguments)
    try:
        texts = help_texts(chosen.size * 1_000_000)
        packaged = [f"{name}={path}" for name, path in packaged_tokenizers().items()]
    except TextError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    rounds = [_round(chosen.tokenizers or packaged, texts) for _ in range(chosen.repeat)]
    medians = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    cold = medians["cold"]
    print("| run | seconds | times as fast as cold |\n| --- | ---: | ---: |")
    for name, seconds in medians.items():
        print(f"| {name} | {seconds:.2f} | {cold / seconds:.1f} |")
    return int(cold / medians["the same again"] < MIN_RATIO)


def _round(tokenizers: Sequence[str], texts: Mapping[str, Path]) -> dict[str, float]:
    """Wall time of each kind of run, one after the other, beginning with an empty cache."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        own = {name: Path(shutil.copy(path, folder)) for name, path in texts.items()}
        cache = folder / "cache"
        found: dict[str, float] = {}
        found["without a cache"], plain = _timed(tokenizers, own, cache, "--no-cache")
        found["cold"], cold = _timed(tokenizers, own, cache)
        found["the same again"], again = _timed(tokenizers, own, cache)
        if not plain == cold == again:
            raise SystemExit("the documents of a cached and an uncached run differ")
        found["other metrics"], _ = _timed(tokenizers, own, cache, "--family", "compression")
        part = next(iter(own.values()))
        with part.open("a", encoding="utf-8") as stream:
            stream.write("One more line at the end of one slice.\n")
        found["a line more"], grown = _timed(tokenizers, own, cache)
        if grown == cold:
            raise SystemExit("a line was added, and no number changed")
        return found


def _timed(
    tokenizers: Sequence[str], texts: Mapping[str, Path], cache: Path, *options: str
) -> tuple[float, str]:
    """Wall time of a run with its document on stdout, and the document but for its time."""
    corpus = [word for name, path in texts.items() for word in ("--corpus", f"{name}={path}")]
    command = [TOKEVAL, "metrics", *tokenizers, *corpus, *options, "--json", "-", "--quiet"]
    environment = os.environ | {"TOKEVAL_CACHE_DIR": str(cache)}
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    seconds = time.perf_counter() - begin
    document = json.loads(done.stdout)
    for name in NOT_NUMBERS:
        document["provenance"].pop(name)
    return seconds, json.dumps(document)


if __name__ == "__main__":
    sys.exit(main())

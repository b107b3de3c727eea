"""Families: what each family of metrics adds to the time of a run on the bundled text."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

BASELINE = "compression"
FAMILIES = (
    *("words", "information", "fairness", "integrity", "vocabulary"),
    *("morphology", "numbers", "code", "robustness", "all"),
)


def seconds(tokenizers: Sequence[str], families: Sequence[str]) -> float:
    """Wall time of `tokeval metrics` with some families, start and loading included."""
    options = [word for family in families for word in ("--family", family)]
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder, "run.json"))
        program = str(Path(sys.executable).with_name("tokeval"))
        command = [program, "metrics", "--no-cache", *tokenizers, *options]
        begin = time.perf_counter()
        subprocess.run([*command, "--quiet", "--json", target], check=True)
        return time.perf_counter() - begin


def main() -> None:
    """Prints a Markdown table of medians, in rounds that visit every family in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokenizers", nargs="+", help="as for `tokeval metrics`")
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    runs: dict[str, list[float]] = {family: [] for family in (BASELINE, *FAMILIES)}
    for _ in range(chosen.repeat):
        for family, found in runs.items():
            found.append(seconds(chosen.tokenizers, list(dict.fromkeys((BASELINE, family)))))
    base = statistics.median(runs[BASELINE])
    print(f"`{BASELINE}` alone: {base:.1f} s\n\n| family | adds | ratio |\n| --- | ---: | ---: |")
    for family in FAMILIES:
        median = statistics.median(runs[family])
        print(f"| {family} | {median - base:.1f} s | {median / base:.2f} |")


if __name__ == "__main__":
    main()

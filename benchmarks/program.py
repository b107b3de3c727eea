"""The linear program: time, rounds and accuracy on mixtures of text files, one category each.

    python -m benchmarks.program TEXT TEXT ... --merges 3000 --seeds 3 --setting same

Each seed draws a mixture, trains a tokenizer on it, replays its merges and solves. Only solving is
timed, compiling apart. The exit code is 1 when a bar is missed: log10 MSE of the shares of pairs at
most −11 where the samples are the training text, a relative gap of at most 1e-6, and 15 s.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokeval.mixture.estimate import Estimate, estimate
from tokeval.mixture.history import History, combine
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.replay import replay
from tokeval.mixture.simulate import Design, draw_mixture, log10_mse, train
from tokeval.mixture.word_counting import count_words
from tokeval.pretokenization.pretokenizing import pretokenizer_of

ACCURACY, GAP, SECONDS = -11.0, 1e-6, 15.0
LINES_PER_DOCUMENT = 20


def documents(path: Path) -> list[str]:
    """The lines of a file, a few to a document."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    starts = range(0, len(lines), LINES_PER_DOCUMENT)
    return ["".join(lines[start : start + LINES_PER_DOCUMENT]) for start in starts]


def problem(
    texts: dict[str, list[str]], design: Design, seed: int
) -> tuple[History, MergeList, NDArray[np.float64]]:
    """A history, the merges, and the true shares of pairs."""
    mixture = draw_mixture(texts, design, seed=seed)
    tokenizer = train(mixture.training, n_merges=design.n_merges, name="benchmark")
    merges, cut = read_merges(tokenizer), pretokenizer_of(tokenizer)
    changes, n_pairs = [], []
    for name, sample in mixture.samples.items():
        changes.append(replay(count_words(sample, cut, name=name), merges, n_steps=len(merges)))
        trained = mixture.training[name]
        n_bytes = [sum(len(text.encode()) for text in part) for part in (trained, sample)]
        # Pairs for each byte of the sample, times bytes that were trained on.
        n_pairs.append(changes[-1].n_pairs_initially / n_bytes[1] * n_bytes[0])
    names = list(mixture.samples)
    history = combine(names, changes, merges, n_steps=len(merges))
    return history, merges, np.array(n_pairs) / sum(n_pairs)


def solved(history: History, merges: MergeList) -> tuple[Estimate, float]:
    """The optimum and how many seconds it took."""
    begin = time.perf_counter()
    found = estimate(history, is_trained=merges.is_trained)
    return found, time.perf_counter() - begin


def main() -> int:
    """Prints a Markdown table with a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--merges", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--setting", choices=("same", "halves"), default="same")
    chosen = parser.parse_args()
    texts = {path.stem: documents(path) for path in chosen.texts}
    design = Design(len(texts), sys.maxsize, chosen.merges, chosen.setting)
    print("| seed | pairs | rows | rounds | seconds | objective | gap | log10 MSE |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    is_missed = False
    for seed in range(-1, chosen.seeds):
        history, merges, truth = problem(texts, design, max(seed, 0))
        found, seconds = solved(history, merges)
        if seed < 0:  # compiles
            continue
        accuracy, gap = log10_mse(truth, found.shares), found.gap / max(found.objective, 1e-300)
        sizes = f"{seed} | {len(history.keys):,} | {len(found.steps):,} | {found.n_rounds}"
        solution = f"{seconds:.2f} | {found.objective:.6e} | {gap:.0e} | {accuracy:.2f}"
        print(f"| {sizes} | {solution} |", flush=True)
        is_missed |= gap > GAP or (chosen.merges <= 3000 and seconds > SECONDS)
        is_missed |= chosen.setting == "same" and accuracy > ACCURACY
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main())

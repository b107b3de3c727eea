"""Known mixtures of n languages, as in Table 1 of Hayase et al. 2024, at a smaller scale.

`python -m benchmarks.mixture_table` writes benchmarks/mixture_table.csv, one row for each category
of each tokenizer. It goes on where it stopped; --trials makes more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.text import TextError, help_texts
from tokeval.cli.output import write_atomically
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.mixture.categories import category_of_slice
from tokeval.mixture.report import Settings
from tokeval.mixture.simulate import Design, Setting, run_trial
from tokeval.mixture.simulate_table import known_trials, render_rows, summary

FOLDER = Path(__file__).parent / "mixture_table"
SIZES = (5, 10, 20)
SETTINGS: tuple[Setting, ...] = ("same", "halves")
N_MERGES = 3000
N_BYTES = 10_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every table has its trials, 2 when the text cannot be had."""
    parser = argparse.ArgumentParser("python -m benchmarks.mixture_table", description=__doc__)
    parser.add_argument("--trials", type=int, default=20, help="tokenizers of each kind")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="categories mixed")
    parser.add_argument("--settings", nargs="*", default=SETTINGS, choices=SETTINGS)
    options = parser.parse_args(arguments)
    try:
        paths = help_texts(52_000_000)
    except TextError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    documents = _documents(paths)
    for setting in options.settings:
        for size in options.sizes:
            _table(documents, setting, size, options.trials)
    return 0


def _documents(paths: dict[str, Path]) -> dict[str, list[str]]:
    """The texts of each language, 16 lines each."""
    slices = read_corpus([f"{name}={path}" for name, path in paths.items()], ReadOptions())
    documents = {}
    for part in slices:
        texts = category_of_slice(part).texts
        documents[part.name] = list(texts()) if texts is not None else []
    return documents


def _table(documents: dict[str, list[str]], setting: Setting, size: int, n_trials: int) -> None:
    """Makes the missing trials of one kind; the candidates are the languages that are mixed."""
    design = Design(size, N_BYTES, N_MERGES, setting)
    path = FOLDER / f"languages-{size}-{setting}.csv"
    rows = known_trials(path, design, list(documents))
    settings = Settings(n_merges=N_MERGES, intervals=setting == "halves", influence=False)
    names = np.array(list(documents))
    for seed in range(n_trials):
        if seed in rows:
            continue
        chosen = np.random.default_rng([size, seed]).choice(names, size, replace=False).tolist()
        candidates = {name: documents[name] for name in sorted(chosen)}
        rows[seed] = run_trial(candidates, design, settings, seed=seed).rows()
        write_atomically(path, render_rows(rows, design))
        print(f"{path.stem}: {len(rows)} of {n_trials}", flush=True)
    print(summary(rows, design), flush=True)


if __name__ == "__main__":
    sys.exit(main())

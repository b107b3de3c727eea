"""The linear program and the monotone estimate on the same known mixtures.

`python -m benchmarks.mixture_methods [--trials N]` writes mixture_methods.csv, a row for each
tokenizer, and goes on where it stopped. The settings of the monotone estimate were chosen on other
seeds, 1000 to 1009.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.code_text import code_documents
from benchmarks.csv_rows import Row, ignore, read_rows, write_rows
from benchmarks.mixture_table import HELP_BYTES, N_BYTES, N_MERGES, documents_of
from benchmarks.text import TextError, help_texts
from tokeval.mixture.inference import infer
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.monotone import monotone_shares
from tokeval.mixture.simulate import Design, draw_mixture, log10_mse, train
from tokeval.mixture.uncertainty import byte_shares
from tokeval.mixture.word_counting import count_words
from tokeval.pretokenization.pretokenizing import pretokenizer_of

RESULTS = Path(__file__).parent / "mixture_methods.csv"
FIRST_SEED = 2000
KINDS = {
    "5 kinds of code": ("code", 5, 5),
    "8 of both": ("all", 8, 8),
    "5 languages": ("languages", 5, 5),
    "5 of 25 candidates": ("all", 25, 5),
}
"""Which texts, how many candidates, how many of them mixed."""
COLUMNS = ("mixed", "seed", "lp", "monotone", "lp_spurious", "monotone_spurious")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every kind has its trials, 2 when the text cannot be had."""
    parser = argparse.ArgumentParser("python -m benchmarks.mixture_methods", description=__doc__)
    parser.add_argument("--trials", type=int, default=10, help="tokenizers of each kind")
    options = parser.parse_args(arguments)
    try:
        languages = documents_of(help_texts(HELP_BYTES))
    except TextError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    code = code_documents()
    pools = {"languages": languages, "code": code, "all": languages | code}
    rows = read_rows(RESULTS)
    for seed in range(FIRST_SEED, FIRST_SEED + options.trials):
        for kind, (pool, n_candidates, n_true) in KINDS.items():
            if not any(row["mixed"] == kind and row["seed"] == str(seed) for row in rows):
                rows.append(_trial(kind, pools[pool], n_candidates, n_true, seed))
                write_rows(RESULTS, COLUMNS, rows)
    for kind in KINDS:
        print(_said(kind, [row for row in rows if row["mixed"] == kind]))
    return 0


def _trial(
    kind: str, pool: Mapping[str, Sequence[str]], n_candidates: int, n_true: int, seed: int
) -> Row:
    """What both methods say of one tokenizer."""
    names = sorted(pool)
    chosen = np.random.default_rng(seed).choice(len(names), n_candidates, replace=False)
    documents = {names[i]: pool[names[i]] for i in chosen}
    design = Design(n_true, N_BYTES, N_MERGES, "halves")
    mixture = draw_mixture(documents, design, seed=seed)
    tokenizer = train(mixture.training, n_merges=N_MERGES, name=f"trial-{seed}")
    pretokenizer, merges = pretokenizer_of(tokenizer), read_merges(tokenizer)
    tables = {
        name: count_words(texts, pretokenizer, name=name, min_bytes=0)
        for name, texts in mixture.samples.items()
    }
    found = infer(tables, merges, intervals=False, influence=False, tell=ignore)
    monotone = monotone_shares(found.history, found.pair_shares, is_trained=merges.is_trained)
    n_bytes = np.array([table.n_bytes.sum() for table in tables.values()])
    row = {"mixed": kind, "seed": str(seed)}
    for method, pairs in (("lp", found.pair_shares), ("monotone", monotone)):
        shares = byte_shares(pairs, n_bytes, found.history.n_pairs_initially)
        row[method] = f"{log10_mse(mixture.shares, shares.tolist()):.4f}"
        row[f"{method}_spurious"] = f"{shares[mixture.shares == 0].sum():.5f}"
    return row


def _said(kind: str, rows: Sequence[Row]) -> str:
    """Means of both, and how often the monotone estimate is the better one."""
    lp, monotone = (np.array([float(row[name]) for row in rows]) for name in ("lp", "monotone"))
    spread = (monotone - lp).std(ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.nan
    spurious = [np.mean([float(r[f"{m}_spurious"]) for r in rows]) for m in ("lp", "monotone")]
    return (
        f"{kind}: log10 MSE {lp.mean():.2f} by the linear program, {monotone.mean():.2f} by the "
        f"monotone estimate (difference ± {spread:.2f}), better in {(monotone < lp).sum()} of "
        f"{len(rows)}; given to absent categories: {spurious[0]:.1%} and {spurious[1]:.1%}"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Whether the verdict notices that a category is withheld, and keeps quiet when none is.

`python -m benchmarks.mixture_withheld [--trials N]` writes mixture_withheld.csv: for each tokenizer
a row with all categories given, and one with a category withheld that is 5% or more of the training
text. It goes on where it stopped. The borders of the verdict were chosen on other seeds, 5000 to
5006.
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
from tokeval.mixture.fit import judge
from tokeval.mixture.inference import infer
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.simulate import Design, draw_mixture, train
from tokeval.mixture.simulate_table import LARGE
from tokeval.mixture.word_counting import count_words
from tokeval.mixture.word_table import WordTable
from tokeval.pretokenization.pretokenizing import pretokenizer_of

RESULTS = Path(__file__).parent / "mixture_withheld.csv"
FIRST_SEED = 6000
KINDS = {"8 languages": ("languages", 8), "8 of both": ("all", 8), "5 kinds of code": ("code", 5)}
"""Which texts, and how many categories are mixed."""
COLUMNS = (
    *("mixed", "seed", "withheld", "withheld_share"),
    *("scarce_merges", "zero_count_merges", "residual_sd", "verdict"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every kind has its trials, 2 when the text cannot be had."""
    parser = argparse.ArgumentParser("python -m benchmarks.mixture_withheld", description=__doc__)
    parser.add_argument("--trials", type=int, default=14, help="tokenizers of each kind")
    options = parser.parse_args(arguments)
    try:
        languages = documents_of(help_texts(HELP_BYTES))
        code = code_documents()
    except TextError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    pools = {"languages": languages, "code": code, "all": languages | code}
    rows = read_rows(RESULTS)
    for seed in range(FIRST_SEED, FIRST_SEED + options.trials):
        for kind, (pool, n_candidates) in KINDS.items():
            if not any(row["mixed"] == kind and row["seed"] == str(seed) for row in rows):
                rows += _trial(kind, pools[pool], n_candidates, seed)
                write_rows(RESULTS, COLUMNS, rows)
    for kind in KINDS:
        print(_said(kind, [row for row in rows if row["mixed"] == kind]))
    return 0


def _trial(kind: str, pool: Mapping[str, Sequence[str]], n_candidates: int, seed: int) -> list[Row]:
    """What is said with all categories of one tokenizer, and with a large one withheld."""
    rng = np.random.default_rng([n_candidates, seed])
    chosen = sorted(rng.choice(np.array(sorted(pool)), n_candidates, replace=False).tolist())
    design = Design(n_candidates, N_BYTES, N_MERGES, "halves")
    mixture = draw_mixture({name: pool[name] for name in chosen}, design, seed=seed)
    tokenizer = train(mixture.training, n_merges=N_MERGES, name=f"trial-{seed}")
    pretokenizer, merges = pretokenizer_of(tokenizer), read_merges(tokenizer)
    tables = {
        name: count_words(texts, pretokenizer, name=name, min_bytes=0)
        for name, texts in mixture.samples.items()
    }
    shares = dict(zip(chosen, mixture.shares.tolist(), strict=True))
    large = [name for name, share in shares.items() if share >= LARGE]
    hidden = rng.permutation(large)[0].item()
    rest = {name: table for name, table in tables.items() if name != hidden}
    return [
        {"mixed": kind, "seed": str(seed), "withheld": "", "withheld_share": "0"}
        | _judged(tables, merges),
        {"mixed": kind, "seed": str(seed), "withheld": hidden}
        | {"withheld_share": f"{shares[hidden]:.4f}"}
        | _judged(rest, merges),
    ]


def _judged(tables: Mapping[str, WordTable], merges: MergeList) -> Row:
    """The verdict and what it rests on."""
    found = infer(tables, merges, intervals=False, influence=False, tell=ignore)
    fit = judge(found.fit, merges, steps=found.steps, objective=found.found.objective)
    return {
        "scarce_merges": f"{found.fit.scarce.mean():.5f}",
        "zero_count_merges": f"{fit.zero_count_merges:.5f}",
        "residual_sd": "" if fit.residual_sd is None else f"{fit.residual_sd:.4f}",
        "verdict": fit.verdict,
    }


def _said(kind: str, rows: Sequence[Row]) -> str:
    """How many are called doubtful or a misfit."""
    with_all = [row["verdict"] != "good" for row in rows if not row["withheld"]]
    without_one = [row["verdict"] != "good" for row in rows if row["withheld"]]
    return (
        f"{kind}: flagged {sum(without_one)} of {len(without_one)} with {LARGE:.0%} or more "
        f"withheld, {sum(with_all)} of {len(with_all)} with nothing withheld"
    )


if __name__ == "__main__":
    sys.exit(main())

"""What an explanation of a difference in tokens costs, beside two bare encoding loops.

    python -m benchmarks.explain BEFORE/tokenizer.json AFTER/tokenizer.json TEXT TEXT ...

Both are measured in turn in this process, tokenizers loaded, and the medians of three are compared:
stretches, tokens and words of every slice (`tokeval.compare.attribution`) against
`encode_batch_fast` of the same lines by each tokenizer, `.ids` of each read. Exits with 1 where the
explanation takes longer than the two loops.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bare_loop import count_tokens
from tokeval.compare.attribution import Attributor
from tokeval.compare.explaining import Explainer
from tokeval.compare.unit_tokens import MAX_FORMS
from tokeval.core.corpus import Slice
from tokeval.core.pretokens import choose_cut
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.loaders.tokenizers import load_tokenizer

TARGET = 1.0
_N_RUNS = 3
_N_NAMES = 20


def main() -> int:
    """1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("tokenizers", nargs=2, metavar="TOKENIZER")
    parser.add_argument("texts", nargs="+", metavar="TEXT")
    options = parser.parse_args()
    pair = [
        load_tokenizer(f"{name}={path}")
        for name, path in zip("ab", options.tokenizers, strict=True)
    ]
    slices = read_corpus(options.texts, ReadOptions())
    ours, bare = [], []
    for _ in range(_N_RUNS):
        started = time.perf_counter()
        n_tokens = explained(pair, slices)
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        for path in options.tokenizers:
            count_tokens(path, options.texts)
        bare.append(time.perf_counter() - started)
    ratio = statistics.median(ours) / statistics.median(bare)
    megabytes = sum(Path(path).stat().st_size for path in options.texts) / 1e6
    print(f"{megabytes:.1f} MB, {n_tokens[0]:,} and {n_tokens[1]:,} tokens")
    print(f"explanation {statistics.median(ours):.1f} s, loops {statistics.median(bare):.1f} s")
    print(f"ratio {ratio:.2f}, at most {TARGET}")
    return 0 if ratio <= TARGET else 1


def explained(pair: Sequence[Tokenizer], slices: Sequence[Slice]) -> tuple[int, int]:
    """Tokens before and after, everything explained on the way."""
    sample = [text for part in slices for text in next(iter(part.documents()), ())]
    cuts = [(tokenizer, choose_cut(tokenizer, sample)) for tokenizer in pair]
    attributor = Attributor(cuts, n_names=_N_NAMES, max_forms=MAX_FORMS)
    explainer = Explainer(attributor.forms, pair, (0, 0), _N_NAMES)
    for name, tally in attributor.slices(slices):
        explainer.explain(name, tally)
    whole = explainer.explain("all", attributor.whole)
    return whole.tokens_before, whole.tokens_after


if __name__ == "__main__":
    raise SystemExit(main())

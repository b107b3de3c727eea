"""How much faster texts are encoded by pieces than by the tokenizer's own library, to equal ids.

    python -m benchmarks.encoder [--megabytes 8] [--text FILE ...] [--tokenizer ARGUMENT ...]

Without `--text`, it is the text bundled with tokeval and the source of Python's standard library,
line by line; without `--tokenizer`, the packaged ones that a fast encoder takes. Each library runs
bare on one thread: `encode_batch_fast` of tokenizers, `encode_ordinary_batch` of tiktoken, `encode`
of sentencepiece, with the ids read. The fast encoder begins each run with an empty table. Lines,
and the distinct words of them, which are what `tokeval metrics` encodes, are measured in turn, and
the medians of three are compared. Exits with 1 where ids differ.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scanners import read_texts, seconds
from tokeval.core.pretokens import cut_before_spaces
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.json_encoding import JsonTokenizer, for_encoding, parse_definition
from tokeval.loaders.packaged import packaged_arguments
from tokeval.loaders.ranked_bpe import RankedTokenizer
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.pretokenization.encoder import FastEncoder, fast_encoder

_N_RUNS = 3


def main() -> int:
    """1 where ids differ."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--text", nargs="+", type=Path)
    parser.add_argument("--tokenizer", nargs="+", default=packaged_arguments())
    options = parser.parse_args()
    texts = (
        [path.read_text("utf-8") for path in options.text]
        if options.text
        else read_texts(int(options.megabytes * 1e6))
    )
    lines = [line for text in texts for line in text.split("\n")]
    words = sorted({word for line in lines for word in cut_before_spaces(line)})
    print(f"{sum(len(line.encode()) for line in lines) / 1e6:.1f} MB, {len(words)} distinct words")
    equal = []
    for tokenizer in load_tokenizers(options.tokenizer, allow_download=False):
        encoder = fast_encoder(tokenizer, lines[:500])
        if encoder is None:
            print(f"{tokenizer.name}: left to its library")
            continue
        for what, units in (("lines", lines), ("words", words)):
            equal.append(report(tokenizer, encoder, what, units))
    return 0 if all(equal) else 1


def report(tokenizer: Tokenizer, encoder: FastEncoder, what: str, texts: Sequence[str]) -> bool:
    """Prints a line for a tokenizer; whether the ids were equal."""
    name, bare = bare_library(tokenizer)
    pickled = pickle.dumps(encoder)
    ours, theirs = [], []
    for _ in range(_N_RUNS):
        fresh: FastEncoder = pickle.loads(pickled)  # noqa: S301 - our own
        fresh.encode_batch(["warm"])
        ours.append(seconds(lambda fresh=fresh: fresh.encode_batch(texts)))
        theirs.append(seconds(lambda: bare(texts)))
    encoded, expected = encoder.encode_batch(texts), tokenizer.encode_batch(texts)
    same = np.array_equal(encoded.ids, expected.ids)
    same &= np.array_equal(encoded.offsets, expected.offsets)
    fast, slow = statistics.median(ours), statistics.median(theirs)
    print(
        f"{tokenizer.name:14} {what}  {fast:6.2f} s  {name} {slow:6.2f} s  {slow / fast:5.1f} x  "
        f"{'same' if same else 'DIFFERENT'}"
    )
    return bool(same)


def bare_library(tokenizer: Tokenizer) -> tuple[str, Callable[[Sequence[str]], int]]:
    """The library's name, and what encodes with it alone and returns the number of tokens."""
    if isinstance(tokenizer, JsonTokenizer):
        library = for_encoding(parse_definition(tokenizer.definition, tokenizer.source))

        def encode(texts: Sequence[str]) -> int:
            found = library.encode_batch_fast(list(texts), add_special_tokens=False)
            return sum(len(encoding.ids) for encoding in found)

        return "encode_batch_fast", encode
    if isinstance(tokenizer, RankedTokenizer):
        encoding: Any = tokenizer._encoding
        return "tiktoken", lambda texts: sum(
            map(
                len,
                encoding.encode_ordinary_batch([*map(tokenizer.normalize, texts)], num_threads=1),
            )
        )
    processor: Any = tokenizer._library  # type: ignore[attr-defined]
    return "sentencepiece", lambda texts: sum(
        map(len, processor.encode(list(texts), num_threads=1))
    )


if __name__ == "__main__":
    raise SystemExit(main())

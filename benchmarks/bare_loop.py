"""The baseline: read the same lines and encode them, in a fresh process, keeping nothing."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from tokenizers import Tokenizer

BATCH_LINES = 1000


def count_tokens(tokenizer_json: str, paths: list[str]) -> int:
    """The number of tokens of all lines; the ids of every line are read."""
    tokenizer = Tokenizer.from_file(tokenizer_json)
    n_tokens = 0
    for path in paths:
        with Path(path).open(encoding="utf-8", newline="\n") as stream:
            lines = (line.rstrip("\n") for line in stream)
            while batch := list(itertools.islice(lines, BATCH_LINES)):
                encodings = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
                n_tokens += sum(len(encoding.ids) for encoding in encodings)
    return n_tokens


if __name__ == "__main__":
    sys.stdout.write(f"{count_tokens(sys.argv[1], sys.argv[2:])}\n")

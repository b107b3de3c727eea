"""Published figures, reproduced from the text and the tokenizer files that they were made from.

Text: FLORES-200 dev, 997 lines a language. Tolerances follow the digits that were printed.
"""

from __future__ import annotations

import csv
import importlib.util
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tokenization_scorer

from tokeval.core.corpus import Document, Slice, chunks
from tokeval.core.counting import ChunkCounter
from tokeval.core.evidence import Accumulator, Evidence, TypeCounts, pool
from tokeval.core.metric import Context, Folds, Parameters
from tokeval.core.pretokens import choose_cut
from tokeval.core.sparse_counts import SparseCounts
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.catalogue import CATALOGUE

LLAMA_2 = "phi-3-medium-4k-instruct.json"  # Llama 2's vocabulary and merges
GPT_NEOX = "dolly-v2-12b.json"
INTRINSIC_LANGUAGES = ("en", "zh", "es", "ar", "ru", "ja", "ko", "de", "fr", "pt", "hi", "tr", "id")


@cache
def flores_lines(shared: Path, language: str) -> tuple[str, ...]:
    """The sentences of a language, without the line ends."""
    path = shared / "data" / "flores" / f"{language}.txt"
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


def line_slice(name: str, lines: Sequence[str]) -> Slice:
    """16 lines a document, each line a text."""

    def documents() -> Iterator[Document]:
        for start in range(0, len(lines), 16):
            yield tuple(lines[start : start + 16])

    return Slice(name, documents, "lines")


def count(tokenizer: Tokenizer, part: Slice, *, special: Sequence[str] = ()) -> Evidence:
    """The evidence of a tokenizer on a slice, by the cut that is proved on its first texts."""
    sample = [text for document in part.documents() for text in document][:64]
    counter = ChunkCounter([(tokenizer, choose_cut(tokenizer, sample))], special=special)
    accumulator = Accumulator()
    for chunk in chunks(part):
        accumulator.add(counter(chunk)[0])
    return accumulator.result()


def value(metric: str, context: Context) -> float:
    """The number of a metric that must be defined."""
    folds = CATALOGUE[metric].compute(context)
    assert not isinstance(folds, Undefined), folds.reason
    return float(folds.values[0])


@pytest.fixture(scope="module")
def llama_2(shared: Path) -> Tokenizer:
    return load_tokenizer(str(shared / "data" / "tokenizers" / LLAMA_2))


@pytest.fixture(scope="module")
def gpt_neox(shared: Path) -> Tokenizer:
    return load_tokenizer(str(shared / "data" / "tokenizers" / GPT_NEOX))


@pytest.mark.parametrize(
    ("whole_file", "characters", "n_bytes", "premium"),
    [(False, 2.0965, 2.2825, 2.0799), (True, 2.0745, 2.2571, 2.0318)],
    ids=["line by line", "whole file"],
)
def test_llama_2_on_turkish(
    shared: Path,
    llama_2: Tokenizer,
    *,
    whole_file: bool,
    characters: float,
    n_bytes: float,
    premium: float,
) -> None:
    """Compression on Turkish and its premium over English, no BOS; to the fourth decimal.

    As one text, the file counts its line ends but not the last one: with it, 2.0744 and 2.0317.
    """
    evidence = {}
    for language in ("tr", "en"):
        lines = flores_lines(shared, language)
        texts = ("\n".join(lines),) if whole_file else lines
        evidence[language] = count(llama_2, line_slice(language, texts))
    context = Context(evidence["tr"], llama_2.vocabulary, reference=evidence["en"])
    assert value("chars_per_token", context) == pytest.approx(characters, abs=5e-5)
    assert value("bytes_per_token", context) == pytest.approx(n_bytes, abs=5e-5)
    assert value("premium", context) == pytest.approx(premium, abs=5e-5)
    assert int(evidence["tr"].sums("lines")[0]) == 997


@pytest.fixture(scope="module")
def mistral_nemo() -> Tokenizer:
    package = importlib.util.find_spec("mistral_common")
    assert package is not None, "mistral-common belongs to the dev extra"
    assert package.origin is not None
    return load_tokenizer(str(Path(package.origin).parent / "data" / "tekken_240718.json"))


def test_mistral_nemo_on_thirteen_languages(shared: Path, mistral_nemo: Tokenizer) -> None:
    """The swiss-ai intrinsic evaluation, BOS counted, 13 languages pooled."""
    lines = (shared / "reference" / "intrinsic.csv").read_text(encoding="utf-8").splitlines()
    (published,) = csv.DictReader(line for line in lines if not line.startswith("#"))
    assert published["bos"] == "counted"
    by_language = {
        language: count(
            mistral_nemo, line_slice(language, flores_lines(shared, language)), special=("bos",)
        )
        for language in INTRINSIC_LANGUAGES
    }
    context = Context(
        pool(list(by_language.values())),
        mistral_nemo.vocabulary,
        group=by_language,
        is_parallel=True,
    )
    figures = {
        metric: value(metric, context)
        for metric in (
            "tokens_per_line", "average_token_rank", "type_token_ratio", "shannon_entropy", "gini"
        )
    }  # fmt: skip
    assert figures["tokens_per_line"] == pytest.approx(
        float(published["tokens_per_line"]), abs=0.01
    )
    assert figures["average_token_rank"] == pytest.approx(float(published["average_rank"]), abs=1)
    assert f"{figures['type_token_ratio']:.4f}" == published["type_token_ratio"] == "0.0921"
    assert f"{figures['shannon_entropy']:.2f}" == published["shannon_entropy"] == "12.84"
    assert f"{figures['gini']:.3f}" == published["gini"] == "0.069"


def types_of(tokens: Sequence[str]) -> TypeCounts:
    """The counts of spelled-out tokens, all in one block."""
    numbers = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    types = np.array([numbers[token] for token in tokens], dtype=np.int64)
    return TypeCounts.of(SparseCounts.of(np.zeros(len(types), np.int64), types), n_blocks=1)


def renyi_efficiency(types: TypeCounts, alpha: float) -> float:
    """`renyi_efficiency_observed` of given counts."""

    class Counted:
        token_types = types

    context = Context(Counted(), None, Parameters(alpha=alpha))  # type: ignore[arg-type]
    folds = CATALOGUE["renyi_efficiency_observed"].compute(context)
    assert isinstance(folds, Folds)
    return float(folds.values[0])


def test_renyi_efficiency_of_the_scorers_own_example() -> None:
    """The sentence of tokenization-scorer's documentation; 0.8265 is what version 1.1.8 computes.

    By hand: counts 3 2 1 1 of 7 tokens, hence four types, and
    log2((3**2.5 + 2**2.5 + 2) / 7**2.5) / -1.5 / log2 4.
    """
    tokens = ["pick", "@@ed", "pick", "@@l", "@@ed", "pick", "@@les"]
    efficiency = renyi_efficiency(types_of(tokens), 2.5)
    scored = tokenization_scorer.score([" ".join(tokens)], metric="renyi", power=2.5)
    by_hand = math.log2((3**2.5 + 2**2.5 + 2) / 7**2.5) / -1.5 / 2
    assert by_hand == pytest.approx(0.8265, abs=5e-5)
    assert efficiency == pytest.approx(by_hand, abs=1e-12)
    assert efficiency == pytest.approx(scored, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.5, 2.0, 2.5, 3.0])
def test_renyi_efficiency_equals_the_scorer_on_flores(
    shared: Path, llama_2: Tokenizer, alpha: float
) -> None:
    lines = flores_lines(shared, "tr")[:300]
    evidence = count(llama_2, line_slice("tr", lines))
    encoded = llama_2.encode_batch(lines)
    spelled = [" ".join(map(str, ids)) for ids in np.split(encoded.ids, encoded.offsets[1:-1])]
    scored = tokenization_scorer.score(spelled, metric="renyi", power=alpha)
    assert renyi_efficiency(evidence.token_types, alpha) == pytest.approx(scored, abs=1e-9)


def test_shannon_efficiency_equals_the_scorer_on_flores(shared: Path, llama_2: Tokenizer) -> None:
    lines = flores_lines(shared, "en")[:300]
    evidence = count(llama_2, line_slice("en", lines))
    encoded = llama_2.encode_batch(lines)
    spelled = [" ".join(map(str, ids)) for ids in np.split(encoded.ids, encoded.offsets[1:-1])]
    scored = tokenization_scorer.score(spelled, metric="shannon_efficiency")
    context = Context(evidence, llama_2.vocabulary)
    assert value("shannon_efficiency_observed", context) == pytest.approx(scored, abs=1e-9)
    assert evidence.token_types.counts.tolist() == [
        n for _, n in sorted(Counter(encoded.ids.tolist()).items())
    ]


@pytest.mark.parametrize(
    ("name", "in_context"), [("llama_2", 0.826), ("gpt_neox", 0.923)], ids=["Llama 2", "GPT-NeoX"]
)
def test_words_kept_whole_in_english(
    shared: Path, request: pytest.FixtureRequest, name: str, in_context: float
) -> None:
    """Single-token retention by occurrence, in context: a word, or the space before and it."""
    tokenizer = request.getfixturevalue(name)
    evidence = count(tokenizer, line_slice("en", flores_lines(shared, "en")))
    context = Context(evidence, tokenizer.vocabulary)
    assert value("strr_occurrences", context) == pytest.approx(in_context, abs=0.003)

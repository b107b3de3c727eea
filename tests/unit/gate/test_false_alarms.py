"""How often a gate raises false alarms and misses regressions, on resampled real text.

The documents are the lines of the bundled English and Turkish prose. A resample is 50 of them,
drawn with replacement, as a corpus of that size that might have been. Everything is seeded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tests.toy_tokenizers import byte_level_bpe
from tests.unit.gate.runs import report
from tokeval.document import Cell, Measured, metrics_results
from tokeval.document.jackknife import jackknifed, paired_cells
from tokeval.gate.verdict import gate
from tokeval.loaders.memory_slices import slice_of_texts
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics.catalogue import choose_metrics
from tokeval.metrics.report import evaluate

PROSE = Path(__file__).parents[3] / "corpora" / "prose"
PARTS = ("en", "tr")
N_LINES = 50
N_RESAMPLES = 100
RULES = [{"metric": "bytes_per_token", "max_regression": 0, "significance": 0.05}]

Counts = NDArray[np.int64]


def lines(part: str) -> list[str]:
    """The lines of a bundled slice."""
    return (PROSE / f"{part}.txt").read_text(encoding="utf-8").splitlines()


@dataclass(frozen=True)
class Counted:
    """Bytes of each line of a slice, and its tokens by tokenizer."""

    n_bytes: Counts
    n_tokens: dict[str, Counts]


def token_counts(tokenizer: Tokenizer, texts: list[str]) -> Counts:
    """The number of tokens of each text."""
    return np.array([len(one.ids) for one in tokenizer.encode_batch(texts)])


def shortened(tokenizer: Tokenizer, n_merges: int) -> Tokenizer:
    """The tokenizer with its first merges only."""
    definition = json.loads(tokenizer.to_str())
    definition["model"]["merges"] = definition["model"]["merges"][:n_merges]
    return Tokenizer.from_str(json.dumps(definition))


def worse_by(tokenizer: Tokenizer, texts: list[str], share: float) -> Tokenizer:
    """The tokenizer with as few merges dropped as make it worse by at least that share."""
    whole = int(token_counts(tokenizer, texts).sum())
    low, high = 0, len(json.loads(tokenizer.to_str())["model"]["merges"])
    while low + 1 < high:
        middle = (low + high) // 2
        n_tokens = int(token_counts(shortened(tokenizer, middle), texts).sum())
        low, high = (low, middle) if n_tokens < whole * (1 + share) else (middle, high)
    return shortened(tokenizer, low)


@pytest.fixture(scope="module")
def counted() -> dict[str, Counted]:
    """The lines counted with tokenizers of two halves of the text, and one that is 3% worse."""
    found = {}
    for part in PARTS:
        texts = lines(part)
        halves = [byte_level_bpe(texts[at::2], vocab_size=1000) for at in range(2)]
        worse = worse_by(halves[0], texts, 0.03)
        found[part] = Counted(
            np.array([len(text.encode()) for text in texts]),
            {
                "a": token_counts(halves[0], texts),
                "b": token_counts(halves[1], texts),
                "worse": token_counts(worse, texts),
            },
        )
    return found


def compression(part: str, n_bytes: Counts, n_tokens: Counts) -> Cell:
    """Bytes per token as `tokeval metrics` measures them, each document a block."""
    total_bytes, total_tokens = int(n_bytes.sum()), int(n_tokens.sum())
    left_out = (total_bytes - n_bytes) / (total_tokens - n_tokens)
    value = jackknifed(total_bytes / total_tokens, left_out)
    return Cell("bytes_per_token", "toy", part, value, "s|corpus:c", tuple(left_out.tolist()))


def test_cells_are_those_of_the_measurement() -> None:
    texts = lines("tr")
    tokenizer = byte_level_bpe(texts[::2], vocab_size=500)
    drawn = np.random.default_rng(3).integers(len(texts), size=N_LINES)
    sample = [texts[at] for at in drawn]
    measured = evaluate(
        [adapt_tokenizers_object(tokenizer, name="toy", source="")],
        [slice_of_texts("tr", sample)],
        metrics=choose_metrics(["bytes_per_token"]),
    )
    (theirs,) = (one for one in metrics_results(measured)[0].cells if one.slice == "tr")
    n_bytes = np.array([len(text.encode()) for text in sample])
    ours = compression("tr", n_bytes, token_counts(tokenizer, sample))
    assert isinstance(ours.value, Measured)
    assert isinstance(theirs.value, Measured)
    assert theirs.value.value == pytest.approx(ours.value.value, rel=1e-12)
    assert theirs.value.stderr == pytest.approx(ours.value.stderr, rel=1e-9)
    assert sorted(theirs.leave_one_out) == pytest.approx(sorted(ours.leave_one_out), rel=1e-9)


def alarms(counted: dict[str, Counted], *, swapped: bool) -> tuple[int, dict[str, int]]:
    """In how many resamples the gate fails, on both slices together and on each.

    With `swapped`, a coin says for each document which tokenizer was before: then neither is
    better in expectation. Else the worse one follows on the better one.
    """
    rng = np.random.default_rng(20260)
    n_failed, by_part = 0, dict.fromkeys(PARTS, 0)
    for _ in range(N_RESAMPLES):
        before, after = [], []
        for part, known in counted.items():
            drawn = rng.integers(len(known.n_bytes), size=N_LINES)
            one = known.n_tokens["a"][drawn]
            other = known.n_tokens["b" if swapped else "worse"][drawn]
            coin = rng.random(N_LINES) < 0.5 if swapped else np.zeros(N_LINES, dtype=bool)
            before.append(compression(part, known.n_bytes[drawn], np.where(coin, other, one)))
            after.append(compression(part, known.n_bytes[drawn], np.where(coin, one, other)))
        result = gate(report(*after), RULES, report(*before))
        n_failed += result.verdict == "fail"
        for outcome in result.rules:
            by_part[outcome.slice] += outcome.failed
    return n_failed, by_part


def test_the_worse_tokenizer_is_worse_by_three_percent(counted: dict[str, Counted]) -> None:
    for known in counted.values():
        worse = known.n_tokens["worse"].sum() / known.n_tokens["a"].sum() - 1
        assert 0.03 <= worse < 0.0325


def test_noise_raises_few_alarms(counted: dict[str, Counted]) -> None:
    n_failed, by_part = alarms(counted, swapped=True)
    assert n_failed <= 10, by_part
    assert max(by_part.values()) <= 5


def test_a_regression_of_three_percent_is_caught(counted: dict[str, Counted]) -> None:
    n_failed, by_part = alarms(counted, swapped=False)
    assert n_failed >= 95
    assert min(by_part.values()) >= 95, by_part


def test_intervals_hold_the_true_change_as_often_as_they_say() -> None:
    # Documents of any length; after = before · 1.03 in expectation, with noise of 10% each. The
    # ratio of the expectations is exactly 1.03. 0.95 ± 3 · sqrt(0.95 · 0.05 / 1500) = 0.933–0.967.
    rng = np.random.default_rng(7)
    n_held, n_trials = 0, 1500
    for _ in range(n_trials):
        size = rng.lognormal(4, 0.5, N_LINES)
        before = size * (1 + 0.1 * rng.standard_normal(N_LINES))
        after = 1.03 * size * (1 + 0.1 * rng.standard_normal(N_LINES))
        sides = []
        for tokens in (before, after):
            left_out = (tokens.sum() - tokens) / (size.sum() - size)
            value = jackknifed(float(tokens.sum() / size.sum()), left_out)
            sides.append(Cell("fertility", "t", "en", value, "", tuple(left_out.tolist())))
        change = paired_cells(sides[0], sides[1], relative=True)
        n_held += change.low <= 0.03 <= change.high  # type: ignore[union-attr, operator] # measured
    assert 0.933 <= n_held / n_trials <= 0.967

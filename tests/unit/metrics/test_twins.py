"""Every metric of the whole text, counted again in plain Python from the library's own tokens."""

import itertools
import math
import statistics
from collections import Counter
from dataclasses import dataclass, field

import icu
import pytest

from tests import toy_tokenizers
from tokeval.core.corpus import Slice
from tokeval.core.metric import Parameters
from tokeval.document import Measured, MetricsResult
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics.catalogue import FAMILIES, choose_metrics
from tokeval.metrics.report import evaluate

ENGLISH = [
    "The low river runs lower; 12 newer boats wait.",
    "Don't ask: 3,5 is a number, 2024 a year.",
    "Naïve cafés are lowest – the newest are widest.",
]
GERMAN = [
    "Der niedrige Fluss läuft tiefer; 12 neuere Boote warten.",
    "Frag nicht: 3,5 ist eine Zahl, 2024 ein Jahr, größer 👍🏽.",
    "Naive Cafés sind am niedrigsten – die neuesten am weitesten.",
]
SLICES = {"en": ENGLISH, "de": GERMAN}
ALPHA, MAX_LENGTH, PRICE = 2.5, 30, 3.0
TWINS = sorted(
    metric.info.id
    for metrics in FAMILIES.values()
    for metric in metrics
    if metric.study is None
    and metric.compute.__module__.rpartition(".")[2]
    in ("compression", "words", "information", "fairness", "integrity", "vocabulary")
)


@dataclass
class Counts:
    """What a slice adds up to."""

    tokens: list[int] = field(default_factory=list)
    per_text: list[int] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    n: Counter[str] = field(default_factory=Counter)


def boundaries(kind: str, text: str) -> list[tuple[int, int, int]]:
    """[start, end) in UTF-16 units and rule status of each ICU segment."""
    make = {"word": icu.BreakIterator.createWordInstance,
            "grapheme": icu.BreakIterator.createCharacterInstance}[kind]  # fmt: skip
    iterator = make(icu.Locale.getRoot())
    iterator.setText(text)
    start, found = 0, []
    for end in iterator:
        found.append((start, end, iterator.getRuleStatus()))
        start = end
    return found


def bytes_before(text: str, unit: int) -> int:
    """Bytes of UTF-8 before a place in UTF-16 units."""
    return len(text.encode("utf-16-le")[: 2 * unit].decode("utf-16-le").encode())


def count(encode: "Encode", texts: list[str]) -> Counts:
    """The counts of one slice by loops over tokens and words."""
    found = Counts()
    for text in texts:
        tokens = encode(text)
        found.tokens += [i for i, _ in tokens]
        found.per_text.append(len(tokens))
        ends = [0]
        for _, spelled in tokens:
            ends.append(ends[-1] + len(spelled))
        spans = list(itertools.pairwise(ends))
        spelled = b"".join(piece for _, piece in tokens)
        found.n["texts"] += 1
        found.n["lossless"] += spelled == text.encode()
        found.n["characters"] += len(text)
        found.n["bytes"] += len(text.encode())
        graphemes = [(bytes_before(text, a), bytes_before(text, b))
                     for a, b, _ in boundaries("grapheme", text)]  # fmt: skip
        places = [len(text[:c].encode()) for c in range(len(text) + 1)]
        inner = set(ends[1:-1])
        found.n["graphemes"] += len(graphemes)
        found.n["split_graphemes"] += sum(any(a < p < b for p in inner) for a, b in graphemes)
        found.n["split_characters"] += sum(
            any(a < p < b for p in inner) for a, b in itertools.pairwise(places)
        )
        words = [(bytes_before(text, a), bytes_before(text, b))
                 for a, b, status in boundaries("word", text) if status >= 100]  # fmt: skip
        overlaps = [sum(a < d and c < b for c, d in words) for a, b in spans]
        found.n["word_tokens"] += sum(n >= 1 for n in overlaps)
        found.n["superword_tokens"] += sum(n >= 2 for n in overlaps)
        for start, end in words:
            word = text.encode()[start:end].decode()
            over = [(a, b) for a, b in spans if a < end and start < b]
            found.words[word] += 1
            found.n["continued"] += len(over) >= 2
            whole = (
                len(over) == 1
                and over[0][1] == end
                and (
                    over[0][0] == start
                    or (over[0][0] == start - 1 and text.encode()[start - 1 : start] == b" ")
                )
            )
            found.kept[word] += whole
    return found


class Encode:
    """The tokens of a text with their bytes, from the library's own strings."""

    def __init__(self, texts: list[str], vocab_size: int) -> None:
        self.library = toy_tokenizers.byte_level_bpe(texts, vocab_size=vocab_size)
        self.byte_of = {c: b for b, c in toy_alphabet().items()}

    def __call__(self, text: str) -> list[tuple[int, bytes]]:
        encoding = self.library.encode(text, add_special_tokens=False)
        return [(i, bytes(self.byte_of[c] for c in token))
                for i, token in zip(encoding.ids, encoding.tokens, strict=True)]  # fmt: skip


def toy_alphabet() -> dict[int, str]:
    """GPT-2's table by its published rule: printable Latin-1 as it is, the rest from U+0100 on."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + n) for n, b in enumerate(rest)}


def expected(encode: Encode, baseline: Encode, part: str) -> dict[str, float]:
    """Every metric of a slice, or of `all`."""
    texts = SLICES.get(part, [*ENGLISH, *GERMAN])
    c, other = count(encode, texts), count(baseline, texts)
    n_tokens, n_words = len(c.tokens), c.words.total()
    p = [k / n_tokens for k in Counter(c.tokens).values()]
    shannon = -sum(q * math.log2(q) for q in p)
    renyi = math.log2(sum(q**ALPHA for q in p)) / (1 - ALPHA)
    v = encode.library.get_vocab_size()
    ranks = sorted(p, reverse=True)
    single = sum(len(encode(w)) == 1 for w in c.words)
    by_slice = [len(count(encode, lines).tokens) / len(lines) for lines in SLICES.values()]
    premium = len(count(encode, GERMAN).tokens) / len(count(encode, ENGLISH).tokens)
    return {
        "tokens": n_tokens, "fertility": n_tokens / n_words,
        "word_fertility": c.n["word_tokens"] / n_words,
        "chars_per_token": c.n["characters"] / n_tokens,
        "bytes_per_token": c.n["bytes"] / n_tokens,
        "graphemes_per_token": c.n["graphemes"] / n_tokens,
        "tokens_per_line": n_tokens / len(texts), "tokens_per_document": n_tokens / len(texts),
        "nsl": n_tokens / len(other.tokens),
        "over_length_share": statistics.mean(k > MAX_LENGTH for k in c.per_text),
        "cost_per_million_characters": PRICE * n_tokens / c.n["characters"],
        "strr_types": statistics.mean(c.kept[w] / k for w, k in c.words.items()),
        "strr_occurrences": c.kept.total() / n_words, "strr_published": single / len(c.words),
        "continued_words": c.n["continued"] / n_words,
        "superword_share": c.n["superword_tokens"] / c.n["word_tokens"],
        "shannon_entropy": shannon, "renyi_entropy": renyi,
        "shannon_efficiency_observed": shannon / math.log2(len(p)),
        "shannon_efficiency_declared": shannon / math.log2(v),
        "renyi_efficiency_observed": renyi / math.log2(len(p)),
        "renyi_efficiency_declared": renyi / math.log2(v),
        "type_token_ratio": len(p) / n_tokens,
        "average_token_rank": sum(r * q for r, q in enumerate(ranks, start=1)),
        "premium": 1.0 if part == "en" else premium,
        "gini": abs(by_slice[0] - by_slice[1]) / (2 * sum(by_slice)),
        "round_trip": c.n["lossless"] / c.n["texts"], "lossless": c.n["lossless"] / c.n["texts"],
        "unk_rate": 0.0,
        "byte_fallback_rate": sum(
            len(b) == 1 and b >= b"\x80" for text in texts for _, b in encode(text)
        ) / n_tokens,
        "char_split_rate": c.n["split_characters"] / c.n["characters"],
        "grapheme_split_rate": c.n["split_graphemes"] / c.n["graphemes"],
        "vocab_size": v, "vocab_used": len(p) / v,
    }  # fmt: skip


@pytest.fixture(scope="module")
def encoders() -> tuple[Encode, Encode]:
    return Encode([*ENGLISH, *GERMAN], 330), Encode(ENGLISH, 280)


@pytest.fixture(scope="module")
def cells(encoders: tuple[Encode, Encode]) -> dict[tuple[str, str], float]:
    """The values that tokeval measures for the first tokenizer."""
    tokenizers = [
        adapt_tokenizers_object(encoder.library, name=name, source=name)
        for name, encoder in zip(("one", "two"), encoders, strict=True)
    ]
    slices = [
        Slice(name, lambda lines=lines: iter([(line,) for line in lines]), "line", parallel="g")
        for name, lines in SLICES.items()
    ]
    parameters = Parameters(alpha=ALPHA, max_length=MAX_LENGTH, price=PRICE, baseline="two")
    result = evaluate(tokenizers, slices, parameters, metrics=choose_metrics()).results[0]
    assert isinstance(result, MetricsResult)
    return {
        (cell.metric, cell.slice): cell.value.value
        for cell in result.cells
        if cell.tokenizer == "one" and isinstance(cell.value, Measured)
    }


@pytest.mark.case(oracle=TWINS)
@pytest.mark.parametrize("metric", TWINS)
def test_the_metric_is_its_twin(
    metric: str, cells: dict[tuple[str, str], float], encoders: tuple[Encode, Encode]
) -> None:
    compared = 0
    for part in ("en", "de", "all"):
        if (metric, part) in cells:
            assert cells[metric, part] == pytest.approx(expected(*encoders, part)[metric]), part
            compared += 1
    assert compared >= 1

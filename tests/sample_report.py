"""A realistic report for renderer tests: deterministic, of any size, with hostile names and texts.

`sample_report()` has six tokenizers and nine slices and meets every case of the document: cells
with and without intervals, undefined cells, rankings with exclusions, ties, all series, samples
with spans that cut inside characters, overlap, or are empty; figures of every kind, metrics of
every family and of a plugin's, findings of every severity. `sample_report(n_tokenizers=12,
n_slices=100)` is the largest one that a report must hold.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

from tokeval.document import (
    Cell,
    Exclusion,
    Finding,
    Measured,
    MetricInfo,
    MetricsResult,
    Provenance,
    Ranking,
    RankingEntry,
    Report,
    Sample,
    Series,
    SliceInfo,
    SplitWord,
    TokenizerInfo,
    TokenSpan,
    Undefined,
    Value,
)

HOSTILE_NAMES = (
    "<script>alert('name')</script>",
    "quote\"apos'&]]><!--\u202egnp.exe|pipe",
)
NAMES = ("gpt-4o", "mistral-nemo", "wordpiece", "llama-2", *HOSTILE_NAMES)
WORDPIECE = "wordpiece"
NO_WORDS = (
    "th: word boundaries are undefined for th; accept ICU's dictionary with --words icu-dictionary"
)
FEW_BLOCKS = "4 blocks; an interval needs at least 10"

HOSTILE_TEXT = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    "\u202eevil\u202c \u2066iso\u2069 nul\x00 bell\x07 tab\tline\r\nnext\u2028ls\ufeff ]]> &amp;"
)
TEXTS = {
    "en": "The committee's unquestionably well-documented résumé costs $1,234.50 — really?",
    "de": "Donaudampfschifffahrtsgesellschaftskapitäne überqueren große Flüsse.",
    "tr": "Çekoslovakyalılaştıramadıklarımızdan mısınız?",
    "ar": "السلام عليكم، كيف حالك اليوم؟ 123",
    "th": "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
    "zh": "分词器把中文切成很小的片段。👩‍👩‍👧‍👦 🇹🇷",
    "python": "def area(r):\n\treturn 3.14159 * r ** 2  # πr²\n",
    "hostile": HOSTILE_TEXT,
}
LABELS = {
    "en": {"language": "en", "script": "Latn", "family": "Germanic"},
    "de": {"language": "de", "script": "Latn", "family": "Germanic"},
    "tr": {"language": "tr", "script": "Latn", "family": "Turkic"},
    "ar": {"language": "ar", "script": "Arab", "family": "Semitic"},
    "th": {"language": "th", "script": "Thai", "family": "Kra-Dai"},
    "zh": {"language": "zh", "script": "Hans", "family": "Sinitic"},
    "python": {"domain": "code"},
    "hostile": {"domain": '<b onmouseover="alert(3)">x</b>'},
}
METRICS = tuple(
    MetricInfo(
        id=id_,
        title=title,
        family=family,
        unit=unit,
        direction=direction,  # type: ignore[arg-type]  # literals of the table below
        formula=formula,
        source=source,
        docs=f"docs/metrics/{id_}.md",
        reading=reading,
        lower_bound=0.0,
        upper_bound=1.0 if unit == "share" else None,
        support_dependent=id_ == "utilisation",
    )
    for id_, title, family, unit, direction, formula, source, reading in (
        ("bytes_per_token", "Bytes per token", "compression", "bytes/token", "higher",
         "UTF-8 bytes of the original text ÷ tokens", "counted",
         "Longer tokens make shorter sequences: more text fits a context."),
        ("characters_per_token", "Characters per token", "compression", "characters/token",
         "higher", "code points ÷ tokens", "counted", "Not comparable between scripts."),
        ("tokens_per_line", "Tokens per line", "compression", "tokens/line", "lower",
         "tokens ÷ lines", "counted", "What a sentence costs."),
        ("fertility", "Fertility", "words", "tokens/word", "lower", "tokens ÷ words",
         "Ács 2019", "1 would keep every word whole."),
        ("strr", "Single-token retention rate", "words", "share", "higher",
         "words kept as one token ÷ words", "arXiv 2510.09947",
         "The share of words that the model sees whole."),
        ("renyi_efficiency", "Rényi efficiency (α = 2.5)", "information", "share", "higher",
         "H₂.₅ ÷ log₂ V", "Zouhar et al. 2023", "Counterexamples exist: arXiv 2402.14614."),
        ("entropy", "Shannon entropy", "information", "bits/token", "none", "−Σ p log₂ p",
         "Shannon 1948", "Neither high nor low is good by itself."),
        ("unk_share", "Unknown tokens", "integrity", "share", "lower", "UNK ÷ tokens", "counted",
         "Text that the model can't see."),
        ("gini", "Gini of tokens per line", "fairness", "", "lower",
         "Σ(2i − n − 1)xᵢ ÷ (n Σx)", "Gini 1912", "0 costs every language the same."),
        ("utilisation", "Vocabulary in use", "vocabulary", "share", "higher",
         "types seen ÷ V", 'a <b>"source"</b> & more', "Grows with the amount of text."),
        ("boundary_f1", "Boundary F1", "morphology", "share", "higher", "2PR ÷ (P + R)", "counted",
         "1 cuts words where their parts end."),
        ("digits_per_token", "Digits per token", "numbers", "digits/token", "none",
         "digits ÷ tokens with digits", "counted", "3 is common; 1 cuts every digit apart."),
        ("indent_tokens", "Tokens per indentation", "code", "tokens", "lower",
         "tokens of leading spaces ÷ lines", "counted", "1 spends one token on an indentation."),
        ("term_pieces", "Pieces per term", "terms", "tokens/term", "lower", "tokens ÷ terms",
         "counted", "1 keeps every term whole."),
        ("typo_drift", "Drift under typing errors", "robustness", "share", "lower",
         "tokens that change ÷ tokens", "counted", "0 leaves all other tokens as they were."),
        ("oddness", "Oddness of what is read after it was written",
         "a <plugin>'s family", "", "none", "none", "a plugin", "Odd."),
    )
)  # fmt: skip


def _noise(*key: object) -> float:
    """A number in [0, 1) that depends on the key alone."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _names(n_tokenizers: int) -> tuple[str, ...]:
    """The first names, then numbered ones."""
    return NAMES[:n_tokenizers] + tuple(f"bpe-{i}k" for i in range(len(NAMES), n_tokenizers))


def _slices(n_slices: int) -> tuple[str, ...]:
    """`all`, the slices that have texts, then numbered ones."""
    named = ("all", *TEXTS)
    return named[:n_slices] + tuple(f"lang/{i:03d}" for i in range(len(named), n_slices))


def _bytes_per_token(name: str, part: str) -> float:
    """A plausible value; `mistral-nemo` is so near to `gpt-4o` on `all` that they are tied."""
    if part == "all":
        fixed = {"gpt-4o": 4.61, "mistral-nemo": 4.6, WORDPIECE: 4.9, "llama-2": 3.87}
        return fixed.get(name, 2.5 + _noise(name))
    return 1.6 + 2.6 * _noise(part) + 1.4 * _noise(name) + 0.8 * _noise(name, part)


def _point(metric: str, name: str, part: str) -> float:
    """The value of a measured cell."""
    length = _bytes_per_token(name, part)
    line = 90 + 60 * _noise(part, "line")
    return {
        "bytes_per_token": length,
        "characters_per_token": length / (1 + _noise(part, "width")),
        "tokens_per_line": line / length,
        "fertility": 6 / length,
        "strr": min(0.95, length / 6),
        "renyi_efficiency": 0.3 + 0.3 * _noise(name, part, "renyi"),
        "entropy": 8 + 4 * _noise(name, part, "entropy"),
        "unk_share": 0.42 if (name, part) == (WORDPIECE, "th") else 0.0,
        "gini": 0.1 + 0.2 * _noise(name, "gini"),
        "utilisation": 0.2 + 0.6 * _noise(name, part, "used"),
        "boundary_f1": 0.4 + 0.4 * _noise(name, part, "f1"),
        "digits_per_token": 1 + 2 * _noise(name, "digits"),
        "indent_tokens": 1 + 3 * _noise(name, "indent"),
        "term_pieces": 1.5 + 2 * _noise(name, part, "terms"),
        "typo_drift": 0.1 + 0.3 * _noise(name, part, "typo"),
        "oddness": -5.0 + 10 * _noise(name, "odd"),
    }[metric]


def _value(metric: str, name: str, part: str) -> Value:
    """A cell's value: most with intervals, some without, some undefined."""
    if part == "th" and metric in ("fertility", "strr"):
        return Undefined(NO_WORDS)
    if metric == "gini" and part != "all":
        return Undefined("Gini compares slices; it is measured on `all`")
    point = _point(metric, name, part)
    if part == "python":
        return Measured(point, 4, stderr_reason=FEW_BLOCKS)
    if metric == "utilisation":
        return Measured(point, 64, stderr_reason="depends on the amount of text")
    stderr = 0.004 * point + 0.0005
    return Measured(point, 64, stderr, point - 2 * stderr, point + 2 * stderr)


def _ranking(metric: str, part: str, names: tuple[str, ...]) -> Ranking:
    """Tokenizers on one slice, best first; WordPiece is excluded where it can't read."""
    excluded = tuple(
        Exclusion(name, f"UNK is 42% of its tokens on {part}; the limit is 10%")
        for name in names
        if name == WORDPIECE and part in ("all", "th")
    )
    barred = {one.tokenizer for one in excluded}
    ordered = sorted(
        (name for name in names if name not in barred),
        key=lambda name: -_point(metric, name, part),
    )
    best = _point(metric, ordered[0], part)
    entries = [RankingEntry(ordered[0], best)]
    for name in ordered[1:]:
        point = _point(metric, name, part)
        behind: Value = Measured(best - point, 64, 0.01, best - point - 0.02, best - point + 0.02)
        if part == "python":
            behind = Measured(best - point, 4, stderr_reason=FEW_BLOCKS)
        entries.append(RankingEntry(name, point, behind))
    return Ranking(metric, part, tuple(entries), excluded)


def _series(name: str, index: int) -> Iterator[Series]:
    """Distributions of one tokenizer, one of them without family or reading."""
    decay = 0.35 + 0.05 * index
    shares = [(1 - decay) * decay**k for k in range(8)]
    yield Series(
        "tokens_per_word", "Tokens per word", name, "all", "tokens in a word", "share of words",
        tuple(float(k) for k in range(1, 9)), tuple(share / sum(shares) for share in shares),
        family="words", reading="Mass at 1 means words kept whole; a tail means many pieces.",
    )  # fmt: skip
    lines = [10 + index * 2 + 70 * (k / 40) ** 1.7 for k in range(41)]
    yield Series(
        "tokens_per_line_ecdf", "Tokens per line", name, "all", "tokens in a line",
        "share of lines", tuple(lines), tuple(k / 40 for k in range(41)), "step",
        family="compression", reading="A curve further to the left encodes lines in fewer tokens.",
    )  # fmt: skip
    ranks = [float(round(1.35**k)) for k in range(38)]
    ranks = sorted(set(ranks))
    yield Series(
        "rank_frequency", "Rank and frequency", name, "all", "rank", "frequency",
        tuple(ranks), tuple(0.08 / (rank + 1.5) ** (0.95 + 0.03 * index) for rank in ranks),
        family="information", reading="A straight line is Zipf's law; an early drop, rare tokens.",
    )  # fmt: skip
    yield Series(
        "lorenz", "Lorenz curve", name, "all", "share of slices", "share of tokens",
        tuple(k / 8 for k in range(9)), tuple((k / 8) ** (1.2 + 0.15 * index) for k in range(9)),
    )  # fmt: skip
    parts = {
        "letters": 60 - 3 * index, "digits": 4, "punctuation": 8, "single bytes": 1 + index,
        "not valid UTF-8 alone": 3, "mixed": 10 + index, "<i>markup</i>": 14 + index,
    }  # fmt: skip
    yield Series(
        "tokens_by_class", "Vocabulary composition", name, "all", "category",
        "share of vocabulary", tuple(parts), tuple(part / 100 for part in parts.values()),
        "stack", "vocabulary", "Space given to one kind is not there for another.",
    )  # fmt: skip


CHANGES = ("typing", "case", "spaces", "no marks", "<b>style</b>")
OPERATORS = ("identifiers", "snake_case names", "camelCase names", "indentation of 4 spaces",
             "indentation with tabs", "operators", "numbers", "string literals", "comments",
             "docstrings", "decorators", "type annotations")  # fmt: skip
TERMS = tuple(f"field {k:02d}" for k in range(40))


def _by_category(name: str, index: int) -> Iterator[Series]:
    """Bars and heat maps of one tokenizer: few and many categories, some that others lack."""
    yield Series(
        "drift_by_change", "Drift by change of the text", name, "all", "change of the text",
        "share of tokens that change", CHANGES,
        tuple(0.05 + 0.5 * _noise(name, change) for change in CHANGES),
        "bars", "robustness", "A short bar: the change disturbs few tokens beside its own.",
    )  # fmt: skip
    yield Series(
        "code_constructs", "Tokens by construct", name, "all", "construct", "tokens per line",
        OPERATORS, tuple(1 + 9 * _noise(name, one) for one in OPERATORS),
        "bars", "code", "Long bars name what a vocabulary has no tokens for.",
    )  # fmt: skip
    n_digits = 6 - index % 2
    yield Series(
        "digits_heat", "Tokens by number of digits", name, "all", "digits of the number",
        "tokens per number", tuple(float(k) for k in range(1, n_digits + 1)),
        tuple(float(math.ceil(k / (1 + index % 3))) for k in range(1, n_digits + 1)),
        "heat", "numbers", "A row of equal steps: digits are cut in groups of one size.",
    )  # fmt: skip
    yield Series(
        "terms_heat", "Pieces per term by field", name, "all", "field", "tokens per term",
        TERMS, tuple(1 + 4 * _noise(name, field) for field in TERMS),
        "heat", "terms", "Deep shades: the field was rare where the vocabulary was made.",
    )  # fmt: skip


def _findings(names: tuple[str, ...]) -> Iterator[Finding]:
    """Findings of every severity, in no order, with hostile examples."""
    yield Finding("N101", "note", names[-1], "it puts a space before every text")
    for index, name in enumerate(names):
        yield Finding(
            "W201", "warning", name, "tokens that can never be produced: no merge leads to them",
            1234 + index, tuple(f" token {k}" for k in range(12)),
        )  # fmt: skip
    yield Finding(
        "E301", "error", names[0], f"decodes to another text: {HOSTILE_TEXT}", 3,
        (HOSTILE_TEXT, "⟨E2 82⟩", "", "x" * 500),
    )  # fmt: skip
    yield Finding("<E>", "error", "not measured", "a tokenizer that has no cells")


def _cut(text: str, index: int) -> tuple[TokenSpan, ...]:
    """Spans as tokenizers make them: k bytes, characters that overlap, or words after a BOS."""
    raw = text.encode("utf-8", "surrogatepass")
    if index % 3 == 0:
        step = 3 + index
        return tuple(
            TokenSpan(100 + raw[at], at, min(at + step, len(raw)))
            for at in range(0, len(raw), step)
        )
    spans = [TokenSpan(1, 0, 0)]
    at = 0
    for piece in text.split(" "):
        end = at + len((" " if at else "").encode()) + len(piece.encode("utf-8", "surrogatepass"))
        if index % 3 == 1 and len(piece) > 4:
            middle = at + (end - at) // 2
            spans += [TokenSpan(7000 + at, at, middle), TokenSpan(8000 + at, middle, end)]
        else:
            spans.append(TokenSpan(9000 + at, at, end))
        at = end
    if spans[-1].start + 3 < len(raw):
        spans.append(TokenSpan(5, len(raw) - 2, len(raw)))
    return tuple(spans)


def _split_words(names: tuple[str, ...]) -> Iterator[SplitWord]:
    """Badly split words, hostile ones among them."""
    for index, name in enumerate(names):
        yield SplitWord(name, "en", "unquestionably", ("un", "question", "ably"), 41 - index)
        yield SplitWord(name, "tr", "mısınız", ("mı", "s", "ını", "z"), 28 - index)
        yield SplitWord(name, "th", "ไทย", ("⟨E0 B9⟩", "⟨84 E0 B8⟩", "⟨97⟩", "ย"), 17)
        yield SplitWord(name, "hostile", "<b>\u202ex", ("<b", ">\u202e", "x"), 3)


def sample_report(*, n_tokenizers: int = len(NAMES), n_slices: int = 1 + len(TEXTS)) -> Report:
    """The report; equal arguments give equal reports."""
    names, parts = _names(n_tokenizers), _slices(n_slices)
    cells = tuple(
        Cell(
            metric.id, name, part, _value(metric.id, name, part),
            f"{metric.id}|words:uax29|tok:{_digest(name)[:8]}|corpus:{_digest(part)[:8]}|v:0.1.0",
            tuple(_point(metric.id, name, part) + k / 1e4 for k in range(3)),
        )
        for metric in METRICS
        for name in names
        for part in parts
    )  # fmt: skip
    result = MetricsResult(
        metrics=METRICS,
        slices=tuple(_slice_info(part) for part in parts if part != "all"),
        cells=cells,
        rankings=tuple(_ranking("bytes_per_token", part, names) for part in parts),
        series=tuple(
            one
            for index, name in enumerate(names)
            for kinds in (_series, _by_category)
            for one in kinds(name, index)
        ),
        samples=tuple(
            Sample(part, text, {name: _cut(text, index) for index, name in enumerate(names)})
            for part, text in TEXTS.items()
            if part in parts
        ),
        split_words=tuple(_split_words(names)),
        findings=tuple(_findings(names)),
        ids_sha256={name: {part: _digest(name + part) for part in parts} for name in names},
    )
    return Report(_provenance(names, parts), (result,))


def _digest(text: str) -> str:
    """A sha256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _slice_info(part: str) -> SliceInfo:
    """What a slice holds."""
    lines = 900 + math.floor(300 * _noise(part, "lines"))
    return SliceInfo(
        name=part,
        labels=LABELS.get(part, {"language": part}),
        unit="lines",
        n_documents=lines // 16,
        n_texts=lines,
        n_lines=lines,
        n_words=None if part in ("th", "zh") else lines * 21,
        n_characters=lines * 118,
        n_bytes=lines * (118 if part in ("en", "python") else 240),
    )


def _provenance(names: tuple[str, ...], parts: tuple[str, ...]) -> Provenance:
    """Where the numbers come from, with a warning and notes."""
    return Provenance(
        tokeval="0.1.0",
        argv=("tokeval", "metrics", *names, "--corpus", "dir with <spaces>/"),
        created="2025-01-01T00:00:00Z",
        parameters={"words": "uax29", "special": False, "alpha": 2.5, "nested": {"</script>": []}},
        tokenizers={
            name: TokenizerInfo(
                fingerprint=_digest(name),
                loader="tokenizers-0.23.3",
                source=f"models/{index}/tokenizer.json",
                model=("BPE", "Unigram", "WordPiece")[index % 3],
                vocab_size=32000 * (index + 1),
                notes=("puts a space before every text",) if index == 1 else (),
            )
            for index, name in enumerate(names)
        },
        corpus={part: _digest(part) for part in parts if part != "all"},
        libraries={"tokenizers": "0.23.3", "icu": "78.1"},
        warnings=("th: 3 lines are longer than 100,000 characters </script><b>bold</b>",),
    )

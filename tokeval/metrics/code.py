"""Code: what indentation, line ends and names cost, on slices of program text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tokeval.core.alignment import byte_spans
from tokeval.core.metric import WHOLE_CORPUS, Context, Folds, Metric
from tokeval.core.program_text import CODE_LINES, INDENTS, NAMES, count_levels, name_parts
from tokeval.core.study import Sample, Study, Subject, Tally
from tokeval.document import Series, Undefined
from tokeval.metrics.entries import Entries, tally_ratio

FAMILY = "code"

LANGUAGES = {
    "c", "cpp", "c++", "csharp", "c#", "code", "go", "haskell", "java", "javascript", "js", "julia",
    "kotlin", "lua", "perl", "php", "py", "python", "r", "ruby", "rust", "scala", "shell", "sql",
    "swift", "ts", "typescript",
}  # fmt: skip
"""Names of slices without a label of their domain that are taken for program text."""

Spans = NDArray[np.int64]


def is_code(sample: Sample) -> bool:
    """Whether a slice is program text, by its label or else by its name."""
    domain = sample.labels.get("domain")
    if domain is not None:
        return domain == "code"
    return any(part in LANGUAGES for part in sample.slice.lower().split("/"))


def measure(subject: Subject) -> Tally | Undefined:
    """The tally of a slice of program text; undefined for other slices."""
    sample = subject.sample
    if sample is None or not is_code(sample):
        return Undefined("not code: the slice has no label domain=code")
    encoded, spans = byte_spans(subject.tokenizer, sample.texts)
    unknown = subject.tokenizer.vocabulary.unknown_id
    ends = encoded.offsets.tolist()
    columns = {name: np.zeros(sample.n_blocks, dtype=np.float64) for name in COLUMNS}
    for t, (text, block) in enumerate(zip(sample.texts, sample.text_blocks, strict=True)):
        tokens = slice(ends[t], ends[t + 1])
        is_known = encoded.ids[tokens] != (-1 if unknown is None else unknown)
        counts = _count_names(text.encode(), spans[tokens], is_known)
        if subject.tokenizer.keeps_whitespace:
            counts |= _count_whitespace(text.encode(), spans[tokens])
        for name, count in counts.items():
            columns[name][block] += count
    return Tally(sample.n_blocks, columns)


STUDY = Study("code", measure)
ENTRIES = Entries(FAMILY, STUDY, parameters=("sample",))

COLUMNS = (
    "tokens", "lines", "blank_tokens", "spaced_tokens", "levels", "level_tokens", "tabs",
    "tab_tokens", "indented_newlines", "merged_newlines", "names", "whole_names", "parts_met",
    "parts", "cuts_in_names", "cuts_at_parts",
)  # fmt: skip


def _count_whitespace(text: bytes, spans: Spans) -> dict[str, float]:
    """Tokens of white space, indentation by level and by tab, and newlines that carry it."""
    is_space = np.isin(np.frombuffer(text, dtype=np.uint8), np.frombuffer(b" \t\n\r\f\v", np.uint8))
    visible = np.concatenate(([0], np.cumsum(~is_space)))
    is_blank = (visible[spans[:, 1]] == visible[spans[:, 0]]) & (spans[:, 1] > spans[:, 0])
    starts, ends = spans[is_blank, 0], spans[is_blank, 1]
    indents = np.array([found.span() for found in INDENTS.finditer(text)], dtype=np.int64)
    indents = indents.reshape(-1, 2)
    line = np.searchsorted(indents[:, 0], starts, side="right") - 1
    inside = (line >= 0) & (ends <= indents[np.maximum(line, 0), 1] if len(indents) else False)
    pieces = [text[start:end] for start, end in indents.tolist()]
    tabs = [set(piece) == {ord("\t")} for piece in pieces]
    of_tabs = np.isin(line[inside], np.flatnonzero(tabs))
    return {
        "spaced_tokens": len(spans),
        "blank_tokens": int(is_blank.sum()),
        "levels": sum(count_levels(pieces)),
        "level_tokens": int(inside.sum()),
        "tabs": sum(len(piece) for piece, tabbed in zip(pieces, tabs, strict=True) if tabbed),
        "tab_tokens": int(of_tabs.sum()),
        **_count_newlines(indents[:, 0], spans),
    }


def _count_newlines(indents: NDArray[np.int64], spans: Spans) -> dict[str, float]:
    """Newlines before indented lines, and those whose token holds some of the indentation."""
    after_newline = indents[indents > 0]
    token = np.searchsorted(spans[:, 0], after_newline, side="left") - 1
    preceded = token >= 0
    reaches = spans[token[preceded], 1] > after_newline[preceded]
    return {"indented_newlines": len(after_newline), "merged_newlines": int(reaches.sum())}


def _count_names(text: bytes, spans: Spans, is_known: NDArray[np.bool_]) -> dict[str, float]:
    """Lines, names, names that one token covers, and how cuts meet the parts of names."""
    counts: dict[str, float] = dict.fromkeys(COLUMNS, 0)
    counts |= {"tokens": len(spans), "lines": sum(1 for _ in CODE_LINES.finditer(text))}
    cuts = np.unique(spans[:, 0])
    exact = set(map(tuple, spans[is_known].tolist()))
    for found in NAMES.finditer(text):
        start, end = found.span()
        counts["names"] += 1
        after_space = (start - 1, end) in exact and text[start - 1 : start] == b" "
        if (start, end) in exact or after_space:
            counts["whole_names"] += 1
        gaps = [(a[1] + start, b[0] + start) for a, b in pairwise(name_parts(found[0]))]
        if not gaps:
            continue
        first, last = np.searchsorted(cuts, [start + 1, end])
        inner = cuts[first:last].tolist()
        met = [sum(left <= cut <= right for cut in inner) for left, right in gaps]
        counts["parts"] += len(gaps)
        counts["parts_met"] += sum(map(bool, met))
        counts["cuts_in_names"] += len(inner)
        counts["cuts_at_parts"] += sum(met)
    return counts


def _quotient(
    numerator: str, denominator: str, what: str
) -> Callable[[Context], Folds | Undefined]:
    """A metric that divides two columns; `what` is counted below the line."""

    def compute(context: Context) -> Folds | Undefined:
        return tally_ratio(context, STUDY, (numerator, denominator), what=what)

    return compute


def _whitespace_quotient(
    numerator: str, denominator: str, what: str
) -> Callable[[Context], Folds | Undefined]:
    """The same, undefined where tokens do not hold the white space of the text."""
    divide = _quotient(numerator, denominator, what)

    def compute(context: Context) -> Folds | Undefined:
        tally = context.tally(STUDY)
        if isinstance(tally, Tally) and tally.sums("tokens")[0] > tally.sums("spaced_tokens")[0]:
            return Undefined("its tokens do not hold the white space of the text")
        return divide(context)

    return compute


def series(name: str, whole: Context) -> list[Series]:
    """The figure of one tokenizer: how it treats names and white space."""
    values = {metric.info.title: metric.compute(whole) for metric in METRICS if _in_figure(metric)}
    known = {title: folds for title, folds in values.items() if isinstance(folds, Folds)}
    if not known:
        return []
    return [
        Series(
            id="code",
            title="Names and white space in code",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="measure",
            y_label="share",
            x=tuple(known),
            y=tuple(float(folds.values[0]) for folds in known.values()),
            kind="bars",
            family=FAMILY,
            reading="All slices of code together. Long bars for names kept whole and short ones "
            "for tokens of white space mean short sequences; where names are cut, the cuts should "
            "fall between their parts.",
        )
    ]


def _in_figure(metric: Metric) -> bool:
    """Whether a metric is a bar: a share, and not a mere recall that single bytes would win."""
    return metric.info.unit == "share" and metric.info.id != "identifier_split_rate"


METRICS = (
    ENTRIES.entry(
        "tokens_per_code_line",
        _quotient("tokens", "lines", "lines of code"),
        title="Tokens per line of code",
        formula="Σ tokens / Σ lines that are not blank",
        unit="tokens/line",
        direction="lower",
        reading="What a line of a program costs, indentation and line end included. A vocabulary "
        "of whole words may rank best.",
    ),
    ENTRIES.entry(
        "tokens_per_indent_level",
        _whitespace_quotient("level_tokens", "levels", "indented lines"),
        title="Tokens per level of indentation",
        formula="Σ tokens inside the white space that begins a line / Σ levels of indentation; a "
        "level is a tab, or the common divisor of the usual widths of spaces in the text",
        unit="tokens/level",
        direction="lower",
        reading="4 where every one of four spaces is a token, below 1 where one token holds "
        "several levels, 0 where the newline's token or the word's holds them.",
    ),
    ENTRIES.entry(
        "tab_cost",
        _whitespace_quotient("tab_tokens", "tabs", "lines indented by tabs"),
        title="Tokens per tab",
        formula="Σ tokens inside the tabs that begin a line / Σ such tabs",
        unit="tokens/tab",
        direction="lower",
        reading="1 where each tab is a token, less where runs of tabs share one.",
    ),
    ENTRIES.entry(
        "whitespace_token_share",
        _whitespace_quotient("blank_tokens", "spaced_tokens", "tokens"),
        title="Tokens of white space",
        formula="tokens that stand for white space only / tokens",
        direction="lower",
        reading="The part of a sequence that holds no visible character of the program.",
    ),
    ENTRIES.entry(
        "newline_merge_share",
        _whitespace_quotient("merged_newlines", "indented_newlines", "newlines before indentation"),
        title="Newlines merged with indentation",
        formula="newlines whose token holds some of the indentation after it / newlines before "
        "indented lines",
        reading="At 1 a line end and the next indentation are one choice of the model: short, but "
        "a prompt that ends in a newline is then cut otherwise than in training.",
    ),
    ENTRIES.entry(
        "identifier_split_rate",
        _quotient("parts_met", "parts", "camelCase or snake_case names"),
        title="Parts of names that are cut apart",
        formula="boundaries between parts of camelCase and snake_case names at which a token "
        "begins / all such boundaries; either side of an underscore will do",
        reading="At 1, `parseHeader` shows the model `parse` and `Header`. Single bytes and "
        "characters read 1 too; names that are one token count as not cut.",
    ),
    ENTRIES.entry(
        "identifier_split_precision",
        _quotient("cuts_at_parts", "cuts_in_names", "cuts in camelCase or snake_case names"),
        title="Cuts of names that fall between parts",
        formula="token boundaries inside camelCase and snake_case names that are between their "
        "parts / all token boundaries inside such names",
        direction="higher",
        reading="At 1 names are cut only where a programmer put two words together. Bytes and "
        "characters cut everywhere and read low.",
    ),
    ENTRIES.entry(
        "identifier_kept_whole",
        _quotient("whole_names", "names", "names"),
        title="Names kept whole",
        formula="names that one token covers, alone or with the space before it / names: runs of "
        "two or more ASCII letters, digits and underscores, keywords and words of comments among "
        "them",
        direction="higher",
        reading="The share of names that need no spelling. A vocabulary of whole words ranks "
        "best on text that it has seen.",
    ),
)

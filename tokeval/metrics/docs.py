"""The reference of all metrics as Markdown: what docs/metrics.md holds, made from the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tokeval.core.metric import Metric
from tokeval.document.jackknife import CONFIDENCE, MIN_BLOCKS
from tokeval.metrics.catalogue import COMPATIBLE, FAMILIES
from tokeval.metrics.rankings import MAX_UNK_RATE
from tokeval.metrics.words import MAX_SPACELESS_SHARE

BETTER = {"higher": "higher is better", "lower": "lower is better", "none": "neither is better"}

DEPENDS_ON = {
    "words": "the word rule (`words:`)",
    "unicode": "the Unicode version (`unicode:`)",
    "alpha": "the order α (`alpha:`)",
    "reference": "the reference slice (`ref:`)",
    "baseline": "the baseline tokenizer (`baseline:`)",
    "max_length": "the context length L (`length:`)",
    "price": "the price (`price:`)",
    "sample": "the sample of the slice that is encoded for it (`sample:`)",
    "gold": "the gold segmentations (`gold:`)",
    "lexicon": "the lexicons (`lexicon:`)",
    "terms": "the list of terms (`terms:`)",
    "logged_ids": "the logged ids (`ids:`)",
}
"""By name in `Metric.parameters`: what it is, and how the signature spells it."""

INTRODUCTION = f"""\
# Metrics

This page is made from the catalogue in the code: `make docs` writes it.

How to read a number:

- **Σ** is a sum over all texts of the slice: ratios are ratios of sums, not means of ratios.
- Tokens are counted without special tokens unless they are asked for. Characters, bytes, graphemes
  and words are those of the original text, before any normalisation.
- **Intervals** are {CONFIDENCE:.0%} intervals, from leaving out one block of text at a time. There
  is none with fewer than {MIN_BLOCKS} [blocks](decisions/0002-blocks.md), for
  [totals](decisions/0005-totals-have-no-interval.md), and for constants of the tokenizer; the
  result says which.
- **Undefined** is a result with its reason, never 0: nothing to divide by, a parameter that was
  not given, or [words](decisions/0003-words.md) where more than {MAX_SPACELESS_SHARE:.0%} of the
  letters are of scripts that are written without spaces.
- **The signature** of a number holds everything that changes it. Numbers with different signatures,
  the tokenizer aside, must not be compared.
- A tokenizer of whose tokens more than {MAX_UNK_RATE:.0%} are unknown is not ranked on that slice.
- Metrics that **grow with the amount of text** may only be compared on the same text.
"""


def catalogue_markdown() -> str:
    """All metrics by family: a table of them, then a section for each, headed by its id.

    >>> "### bytes_per_token" in catalogue_markdown().splitlines()
    True
    """
    parts = [INTRODUCTION, _overview()]
    for family, metrics in FAMILIES.items():
        parts.append(f"## Family: {family}\n\n{_subject(metrics)}\n")
        parts.extend(_section(metric) for metric in metrics)
    for program, metrics in COMPATIBLE.items():
        parts.append(f"## As {program} has it\n\n{_subject(metrics)} `--compat {program}`.\n")
        parts.extend(_section(metric) for metric in metrics)
    return "\n".join(parts)


def _overview() -> str:
    """The table of all metrics, each linked to its section."""
    rows = ["| metric | title | unit | |", "| --- | --- | --- | --- |"]
    for metrics in (*FAMILIES.values(), *COMPATIBLE.values()):
        for metric in metrics:
            info = metric.info
            link = f"[{info.id}](#{info.id})"
            rows.append(f"| {link} | {info.title} | {info.unit} | {BETTER[info.direction]} |")
    return "\n".join(rows) + "\n"


def _subject(metrics: Sequence[Metric]) -> str:
    """What a family is about: the first line of the file that computes it, without its name."""
    text = sys.modules[metrics[0].compute.__module__].__doc__ or ""
    subject = text.partition(": ")[2].partition("\n")[0]
    return subject[:1].upper() + subject[1:]


def _section(metric: Metric) -> str:
    """One metric."""
    info = metric.info
    depends_on = ", ".join(DEPENDS_ON[name] for name in metric.parameters)
    lines = [
        f"- unit: {info.unit}; {BETTER[info.direction]}{_bounds(metric)}",
        f"- formula: {info.formula}",
        f"- source: {info.source}",
        f"- depends on: {depends_on}" if depends_on else "",
        "- whole corpus only" if metric.scope == "corpus" else "",
        "- grows with the amount of text" if info.support_dependent else "",
        "- bytes, characters and words stand beside it" if metric.beside_baselines else "",
    ]
    listed = "\n".join(line for line in lines if line)
    return f"### {info.id}\n\n**{info.title}.** {info.reading}\n\n{listed}\n"


def _bounds(metric: Metric) -> str:
    """The range of the values, where there is one."""
    low, high = metric.info.lower_bound, metric.info.upper_bound
    if low is not None and high is not None:
        return f"; from {low:g} to {high:g}"
    if low is not None:
        return f"; at least {low:g}"
    return f"; at most {high:g}" if high is not None else ""

"""Figures of the literature that stand beside the answers of a model, named as such."""

from __future__ import annotations

from collections.abc import Iterable

from tokeval.document import PublishedFigure
from tokeval.probe.counting_items import CountingSettings, condition_name
from tokeval.probe.letter_isolation import ZHANG

SINGH_EXPERIMENT = "Singh and Strouse 2024, arXiv 2402.14903: sums of 7 to 9 digits, 8 examples"

_PUBLISHED_FORMATS = ("pure", "space", "comma", "list")

_COUNTS = (
    ("gpt-4o-mini", "ab", (2.0, 6.9, 28.2, 56.1)),
    ("gpt-4o-mini", "ba", (2.7, 18.6, 42.3, 70.8)),
    ("gpt-4o-mini", "ze", (7.3, 29.5, 41.9, 74.8)),
    ("claude-3.5-sonnet", "ab", (50.6, 76.1, 91.4, 87.3)),
)
"""Model, letters (the first is counted), exact match in percent by format; 30 to 40 letters,
supervised steps."""

_SUMS = (
    ("lengths:match", "bare", 0.94),
    ("lengths:mismatch", "bare", 0.08),
    ("lengths:all", "separators", 0.98),
)
"""Which sums, how they are written, and the share that GPT-3.5 got right."""


def counting_published(settings: CountingSettings) -> tuple[PublishedFigure, ...]:
    """The published exact match for strings of the same letters, whichever of them is counted.

    It is of 30 to 40 letters with the supervised counter, and its slice says so.
    """
    asked = {frozenset(letters) for letters in settings.letters}
    return tuple(
        PublishedFigure(
            "counting_exact_match",
            f"{condition_name(letters, (30, 40), 'supervised')}/format:{name}",
            model,
            round(percent / 100, 3),
            ZHANG,
        )
        for model, letters, row in _COUNTS
        if frozenset(letters) in asked
        for name, percent in zip(_PUBLISHED_FORMATS, row, strict=True)
    )


def arithmetic_published(formats: Iterable[str]) -> tuple[PublishedFigure, ...]:
    """The published exact match of sums, in the formats that were asked."""
    asked = set(formats)
    return tuple(
        PublishedFigure(
            "arithmetic_exact_match",
            f"task:addition/{part}/format:{name}",
            "GPT-3.5",
            value,
            SINGH_EXPERIMENT,
        )
        for part, name, value in _SUMS
        if name in asked
    )

"""Turkish analyser: zeyrek, mended so that an answer does not depend on what was asked before."""

from __future__ import annotations

import inspect
import logging
from typing import Any


def turkish_analyser() -> Any:
    """A `MorphAnalyzer` whose `_parse` gives the same analyses in any order of words.

    zeyrek 0.1.3 changes sets that it shares: those of stems, and those in a cache. After `geldik`
    it no longer knows `geliyor`. Here nothing is cached and sets are copied when they are read.

    Raises:
        ImportError: zeyrek is not installed.
    """
    from zeyrek import MorphAnalyzer, attributes, morphotactics, rulebasedanalyzer

    # It would write every analysis to stderr as a warning.
    logging.getLogger("zeyrek").setLevel(logging.ERROR)
    logging.getLogger("zeyrek.rulebasedanalyzer").setLevel(logging.ERROR)
    uncached = inspect.unwrap(attributes.calculate_phonetic_attributes)
    morphotactics.calculate_phonetic_attributes = uncached
    rulebasedanalyzer.calculate_phonetic_attributes = uncached
    morphotactics.SearchPath.phonetic_attributes = property(
        lambda path: set(path.__dict__["phonetic_attributes"]),
        lambda path, value: path.__dict__.update(phonetic_attributes=value),
    )
    return MorphAnalyzer()

"""A metric: what it is called, what it means, and a pure function of evidence with an interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.evidence import Evidence
from tokeval.core.resources import Resources
from tokeval.core.study import Study, Tally
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import Measured, MetricInfo, Undefined, Value
from tokeval.document.jackknife import jackknifed
from tokeval.errors import UsageError

MAX_ALPHA = 100.0
WORD_RULES = ("uax29", "icu-dictionary")
WHOLE_CORPUS = "all"


@dataclass(frozen=True)
class Folds:
    """A statistic of all blocks, then without each block in turn.

    Attributes:
        values: shape (1 + n_blocks,), float64; shape (1,) where there are no blocks to leave out.
        no_interval: why the value has no interval although it may have blocks: it is a constant of
            the tokenizer, or a total of this text rather than an estimate.
    """

    values: NDArray[np.float64]
    no_interval: str | None = None

    @staticmethod
    def constant(value: float, reason: str = "a constant of the tokenizer") -> Folds:
        """A value that does not depend on blocks."""
        return Folds(np.array([value], dtype=np.float64), reason)


@dataclass(frozen=True)
class Parameters:
    """What the user may choose about the numbers.

    Attributes:
        alpha: order of the Rényi entropy.
        words: `uax29`, undefined for scripts without spaces, or `icu-dictionary`.
        special: special tokens that are counted around each text: `bos`, `eos`.
        reference_slice: denominator of the premium; `None` is English where there is English,
            else the first slice of the parallel group.
        baseline: name of the tokenizer that NSL divides by; `None` is the first one.
        max_length: context length for `over_length_share`; `None` leaves it undefined.
        price: price per million tokens for `cost_per_million_characters`.
    """

    alpha: float = 2.5
    words: str = "uax29"
    special: tuple[str, ...] = ()
    reference_slice: str | None = None
    baseline: str | None = None
    max_length: int | None = None
    price: float | None = None

    def __post_init__(self) -> None:
        if self.words not in WORD_RULES:
            raise UsageError(
                f"there is no word rule {self.words!r}", f"choose {' or '.join(WORD_RULES)}"
            )
        if not isinstance(self.alpha, int | float):
            raise UsageError(f"the Rényi order is {self.alpha!r}", "give a number")
        if isinstance(self.special, str):
            raise UsageError(
                f"special is {self.special!r}, one text", f"write ({self.special!r},) with a comma"
            )
        if not 0 <= self.alpha <= MAX_ALPHA:
            raise UsageError(
                f"the Rényi order is {self.alpha:g}", f"choose one from 0 to {MAX_ALPHA:g}"
            )
        object.__setattr__(self, "special", tuple(dict.fromkeys(self.special)))


@dataclass(frozen=True)
class Context:
    """What a metric may look at to compute one cell.

    Attributes:
        evidence: the tokenizer on the slice.
        vocabulary: of the tokenizer.
        parameters: the user's choices.
        reference: the same tokenizer on the reference slice of the parallel group, with the same
            blocks; `None` when the slice has no parallel group.
        reference_name: name of that slice.
        baseline: the baseline tokenizer on the same slice.
        group: for a whole-corpus metric, the evidence of each slice that it looks at.
        is_parallel: whether the slices of `group` share their blocks.
        labels: of the slice; empty for the whole corpus.
        tallies: what studies counted here, by name of the study.
        reference_tallies: what they counted on the reference slice of the parallel group.
        peers: vocabularies of all tokenizers of the run by name, this one included.
        name: of the tokenizer, the key of its own vocabulary in `peers`.
        resources: word lists and gold data of the run.
    """

    evidence: Evidence
    vocabulary: Vocabulary
    parameters: Parameters = field(default_factory=Parameters)
    reference: Evidence | None = None
    reference_name: str = ""
    baseline: Evidence | None = None
    group: Mapping[str, Evidence] = field(default_factory=dict)
    is_parallel: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    tallies: Mapping[str, Tally | Undefined] = field(default_factory=dict)
    reference_tallies: Mapping[str, Tally | Undefined] = field(default_factory=dict)
    peers: Mapping[str, Vocabulary] = field(default_factory=dict)
    name: str = ""
    resources: Resources = field(default_factory=Resources)

    def tally(self, study: Study) -> Tally | Undefined:
        """What a study counted here."""
        return self.tallies.get(study.name, Undefined(f"the study {study.name!r} was not made"))


@dataclass(frozen=True)
class Metric:
    """One entry of the catalogue.

    Attributes:
        info: what a reader must know.
        compute: the folds of one cell, or the reason why there is no number. Pure.
        over_group: whether its cells beside those of single slices look at a group of slices only:
            with scope `slice`, all parallel ones and those that share a label.
        scope: `slice` for a cell by slice and one for the whole corpus, `corpus` for the whole
            corpus only.
        parameters: names of the parameters and rules that change its number, for the signature.
        study: what must be counted by encoding chosen texts before it can be computed; `None` for
            a metric of the evidence or the vocabulary alone.
        beside_baselines: whether bytes, characters and words have cells too, since its number
            says little without theirs. It looks at token counts, vocabulary and labels only.
    """

    info: MetricInfo
    compute: Callable[[Context], Folds | Undefined]
    scope: str = "slice"
    parameters: tuple[str, ...] = ()
    over_group: bool = False
    study: Study | None = None
    beside_baselines: bool = False


def ratio(numerator: NDArray[Any], denominator: NDArray[Any], what: str) -> Folds | Undefined:
    """The quotient in every fold, undefined where there is no denominator at all.

    Args:
        numerator: shape (1 + n_blocks,).
        denominator: shape (1 + n_blocks,).
        what: what the denominator counts, for the reason: `words`.
    """
    if denominator[0] == 0:
        return Undefined(f"the slice has no {what}")
    values = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=values, where=denominator != 0)
    return Folds(values)


def estimate(folds: Folds) -> Measured:
    """The value with its delete-one-block jackknife standard error and 95% interval.

    >>> estimate(Folds.constant(2.0)).stderr_reason
    'a constant of the tokenizer'
    """
    value = float(folds.values[0])
    return jackknifed(value, folds.values[1:], no_interval=folds.no_interval)


def paired_difference(a: Folds, b: Folds) -> Value:
    """The difference a − b with an interval from the blocks that both share.

    Undefined when the two do not have the same blocks.
    """
    if len(a.values) != len(b.values):
        return Undefined("the two values do not share their blocks")
    return estimate(Folds(a.values - b.values, a.no_interval or b.no_interval))

"""The result of `tokeval compare`: paired differences, and where they come from."""

from __future__ import annotations

from typing import Literal

import msgspec

from tokeval.document.metrics import MetricInfo, Sample
from tokeval.document.parts import Value

Outcome = Literal["better", "worse", "different", "same", "undecided", "undefined"]
"""What a difference says: `better` or `worse` by the direction of the metric, `different` where it
has none; `same` where both values are equal in every block; `undecided` where the interval holds 0
after Holm's correction, or where there is no interval; `undefined` where a value is missing."""


class Difference(msgspec.Struct, frozen=True):
    """One metric on one slice, before and after.

    Attributes:
        difference: after − before, with the interval of the paired blocks.
        relative: after / before − 1, likewise.
        p_value: two-sided, of difference / stderr by t(n_blocks − 1); `None` where there is no
            interval.
        p_holm: the same after Holm's correction over the cells of this metric that have one, `all`
            and groups of slices included.
        signature: of the number after; that before differs in `tok`, `load` and `v` only.
    """

    metric: str
    slice: str
    before: Value
    after: Value
    difference: Value
    relative: Value
    outcome: Outcome
    signature: str
    p_value: float | None = None
    p_holm: float | None = None


ContributionKind = Literal["word", "class"]


class Contribution(msgspec.Struct, frozen=True):
    """What one word, or the rest of a class of text, adds to the difference in tokens.

    A word is any stretch of text that is counted as one: a UAX #29 word, or a run of punctuation,
    symbols or white space between words. `difference` is tokens_after − tokens_before; the
    contributions of a slice add up to its difference exactly. `pieces_before` and `pieces_after`
    are the two cuts that make most of the difference: the tokens that end in the word, with the
    space or signs in front that they hold. They are empty for a class; one of them is empty where
    the word is in the token of a neighbour.
    """

    kind: ContributionKind
    name: str
    text_class: str
    occurrences: int
    tokens_before: int
    tokens_after: int
    difference: int
    pieces_before: tuple[str, ...] = ()
    pieces_after: tuple[str, ...] = ()


class ClassContribution(msgspec.Struct, frozen=True):
    """What a whole class of text, named words included, adds to the difference in tokens."""

    text_class: str
    occurrences: int
    tokens_before: int
    tokens_after: int
    difference: int


class Explanation(msgspec.Struct, frozen=True):
    """Where the difference in tokens on a slice comes from.

    `contributions` are the words that contribute most, by size of the contribution, then what is
    left of each class; `classes` are the whole classes. Both add up to `difference`.
    `named_share` is the sum of the words' contributions divided by `difference`, `None` when
    the difference is 0. `difference` is `added` − `saved`: the tokens of distinct words that have
    more of them after, and of those that have fewer.
    """

    slice: str
    tokens_before: int
    tokens_after: int
    difference: int
    contributions: tuple[Contribution, ...]
    classes: tuple[ClassContribution, ...]
    named_share: float | None = None
    added: int | None = None
    saved: int | None = None


class SequenceLength(msgspec.Struct, frozen=True):
    """How many tokens a slice has before and after. `ratio` is after / before, `None` for none."""

    slice: str
    tokens_before: int
    tokens_after: int
    ratio: float | None


class Transfer(msgspec.Struct, frozen=True):
    """What carries over when a model changes from one tokenizer to the other.

    Attributes:
        n_tokens_before, n_tokens_after: ordinary tokens of each vocabulary.
        n_shared: tokens of `after` that `before` has byte for byte.
        shared_share: n_shared / n_tokens_after.
        pieces: for k = 1, 2, …: how many of the other tokens of `after` are k tokens in `before`.
        mean_pieces: mean number of pieces of those tokens.
        n_unencodable: tokens of `after` that `before` cannot express (not counted in `pieces`).
        n_rows_copied, n_rows_averaged: embedding rows that can be copied, or averaged of pieces.
        n_rows_unused: tokens of `before` that occur nowhere on the corpus; `None` without one.
        tokens_shared_share: share of the tokens of `after` on the corpus that are shared ones;
            `None` without a corpus.
        lengths: tokens by slice, `all` first; empty without a corpus.
    """

    n_tokens_before: int
    n_tokens_after: int
    n_shared: int
    shared_share: float
    pieces: dict[int, int]
    mean_pieces: float | None
    n_unencodable: int
    n_rows_copied: int
    n_rows_averaged: int
    n_rows_unused: int | None = None
    tokens_shared_share: float | None = None
    lengths: tuple[SequenceLength, ...] = ()


class ComparisonResult(msgspec.Struct, frozen=True, tag="comparison"):
    """What `tokeval compare` found: every cell that both have, paired.

    `before` and `after` are names in the provenance's `tokenizers`.
    """

    before: str
    after: str
    metrics: tuple[MetricInfo, ...]
    differences: tuple[Difference, ...]
    explanations: tuple[Explanation, ...] = ()
    transfer: Transfer | None = None
    samples: tuple[Sample, ...] = ()
    warnings: tuple[str, ...] = ()

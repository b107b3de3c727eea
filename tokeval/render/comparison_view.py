"""What every renderer says of a comparison: headline, rows, causes and what carries over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokeval.document import (
    ClassContribution,
    ComparisonResult,
    Contribution,
    Difference,
    Explanation,
    Measured,
    MetricInfo,
    Sample,
    Transfer,
    Undefined,
    Value,
)
from tokeval.render.numbers import (
    MINUS,
    UNDEFINED,
    format_count,
    format_difference,
    format_number,
    format_percent,
    format_value,
)
from tokeval.render.visible import visible_piece

WHOLE_CORPUS = "all"
LENGTH_METRIC = "tokens"
OUTCOMES = ("worse", "better", "different", "undecided", "same", "undefined")
SMALLEST_P = 0.001
NO_PIECES = "in its neighbour"
"""What is said in place of a word's tokens where it has none of its own."""

DECIDED = frozenset({"better", "worse", "different"})


@dataclass(frozen=True)
class Row:
    """One metric on one slice as it is shown.

    Attributes:
        info: of the metric; `None` when the document does not say.
        before, after, change: such as `1.934` and `+0.12 ± 0.04`; `—` where there is no number.
        relative: such as `+1.2%`.
        p: after Holm's correction, `—` without an interval.
        outcome: `no interval` where an undecided difference has none, else the document's word.
        reason: why there is no number or no interval; empty when there is one.
    """

    one: Difference
    info: MetricInfo | None
    before: str
    after: str
    change: str
    relative: str
    p: str
    outcome: str
    reason: str

    @property
    def title(self) -> str:
        """The metric's title, or its id."""
        return self.info.title if self.info else self.one.metric


def rows(result: ComparisonResult) -> list[Row]:
    """A row for each difference, in the order of the document."""
    known = {info.id: info for info in result.metrics}
    return [_row(one, known.get(one.metric)) for one in result.differences]


def main_rows(result: ComparisonResult) -> list[Row]:
    """The rows of the whole corpus, and those of slices that are decided."""
    return [
        row for row in rows(result) if row.one.slice == WHOLE_CORPUS or row.one.outcome in DECIDED
    ]


def _row(one: Difference, info: MetricInfo | None) -> Row:
    """A difference as it is shown."""
    unit = info.unit if info else ""
    return Row(
        one=one,
        info=info,
        before=format_value(one.before, unit).short,
        after=format_value(one.after, unit).short,
        change=str(format_difference(one.difference, unit)),
        relative=_relative(one.relative),
        p=p_text(one.p_holm),
        outcome=_outcome(one),
        reason=_reason(one),
    )


def _relative(value: Value) -> str:
    return signed_percent(value.value) if isinstance(value, Measured) else UNDEFINED


def _outcome(one: Difference) -> str:
    """The outcome in words."""
    no_interval = isinstance(one.difference, Measured) and one.difference.stderr is None
    return "no interval" if one.outcome == "undecided" and no_interval else one.outcome


def _reason(one: Difference) -> str:
    """Why there is no number, or no interval."""
    if isinstance(one.difference, Undefined):
        return one.difference.reason
    return one.difference.stderr_reason or ""


def p_text(p: float | None) -> str:
    """A p value with two digits.

    >>> p_text(0.0421), p_text(0.00001), p_text(None), p_text(1.0)
    ('0.042', '<0.001', '—', '1.0')
    """
    if p is None:
        return UNDEFINED
    return f"<{SMALLEST_P}" if p < SMALLEST_P else f"{p:#.2g}"


def signed_percent(change: float) -> str:
    """A relative change with its sign.

    >>> signed_percent(0.0134), signed_percent(-0.25), signed_percent(0.0)
    ('+1.3%', '−25%', '0%')
    """
    text = format_percent(abs(change))
    if change == 0:
        return text
    return f"{'+' if change > 0 else MINUS}{text}"


def signed_count(count: int) -> str:
    """A count with its sign.

    >>> signed_count(1200), signed_count(-3), signed_count(0)
    ('+1,200', '−3', '0')
    """
    return f"+{format_count(count)}" if count > 0 else format_count(count)


def headline(result: ComparisonResult) -> str:
    """The comparison in one sentence: the change in tokens where it is known, else the outcomes."""
    before, after = _lengths(result)
    if before and after is not None:
        change = after / before - 1
        if after == before:
            return f"{result.after} needs as many tokens as {result.before}: {format_count(after)}."
        share = signed_percent(change).lstrip(f"+{MINUS}")
        more = "more" if change > 0 else "fewer"
        return (
            f"{result.after} needs {share} {more} tokens than {result.before}: "
            f"{format_count(after)} instead of {format_count(before)}."
        )
    return f"{result.after} against {result.before}: {outcome_counts(result)}."


def _lengths(result: ComparisonResult) -> tuple[int | None, int | None]:
    """Tokens of the whole corpus before and after."""
    for one in result.differences:
        is_length = one.metric == LENGTH_METRIC and one.slice == WHOLE_CORPUS
        if is_length and isinstance(one.before, Measured) and isinstance(one.after, Measured):
            return int(one.before.value), int(one.after.value)
    for length in result.transfer.lengths if result.transfer else ():
        if length.slice == WHOLE_CORPUS:
            return length.tokens_before, length.tokens_after
    return None, None


def outcome_counts(result: ComparisonResult) -> str:
    """How many cells are worse, better, and so on.

    Returns:
        such as `2 worse, 1 better, 5 undecided of 8 cells`.
    """
    found = [one.outcome for one in result.differences]
    counts = [f"{format_count(found.count(name))} {name}" for name in OUTCOMES if name in found]
    return f"{', '.join(counts) or 'none'} of {_counted(len(found), 'cell')}"


def _counted(n: int, noun: str) -> str:
    return f"{format_count(n)} {noun}{'' if n == 1 else 's'}"


def cause(one: Explanation) -> str:
    """Where the difference of a slice comes from, in one or two sentences."""
    whole = (
        f"{signed_count(one.difference)} tokens "
        f"({format_count(one.tokens_before)} to {format_count(one.tokens_after)})"
    )
    if one.added is not None and one.saved is not None:
        whole += (
            f": {format_count(one.added)} added by what is cut finer, "
            f"{format_count(one.saved)} saved by what is cut coarser"
        )
    n_words = sum(part.kind == "word" for part in one.contributions)
    if not n_words:
        return f"{whole}."
    share = "" if one.named_share is None else f", {format_percent(one.named_share)} of it"
    named = sum(part.difference for part in one.contributions if part.kind == "word")
    return f"{whole}. {_counted(n_words, 'named word')} make {signed_count(named)}{share}."


def words_of(one: Explanation) -> list[Contribution]:
    """The named words of an explanation."""
    return [part for part in one.contributions if part.kind == "word"]


def rests_of(one: Explanation) -> list[Contribution]:
    """What is left of each class, where it has any difference."""
    return [part for part in one.contributions if part.kind == "class" and part.difference]


def classes_of(one: Explanation) -> list[ClassContribution]:
    """The classes that occur."""
    return list(one.classes)


def cut(pieces: Sequence[str]) -> list[str]:
    """The pieces of a word with everything in them to be seen."""
    return [visible_piece(piece) for piece in pieces]


def transfer_facts(result: ComparisonResult) -> list[tuple[str, str]]:
    """What carries over, as labels and numbers."""
    found = result.transfer
    if found is None:
        return []
    before, after = result.before, result.after
    n_after = found.n_tokens_after
    facts = [
        (f"tokens of {before}", format_count(found.n_tokens_before)),
        (f"tokens of {after}", format_count(n_after)),
        (
            f"of these in {before}, byte for byte: rows to copy",
            f"{format_count(found.n_rows_copied)} ({format_percent(found.shared_share)})",
        ),
        (f"spelled by several of {before}: rows to average", _averaged(found)),
        (f"not to be spelled by {before}", format_count(found.n_unencodable)),
    ]
    if found.tokens_shared_share is not None:
        facts.append(
            (f"tokens of {after} on the text that are shared",
             format_percent(found.tokens_shared_share))
        )  # fmt: skip
    if found.n_rows_unused is not None:
        share = found.n_rows_unused / found.n_tokens_before if found.n_tokens_before else 0.0
        facts.append(
            (f"rows of {before} that the text never uses",
             f"{format_count(found.n_rows_unused)} ({format_percent(share)})")
        )  # fmt: skip
    return facts


def _averaged(found: Transfer) -> str:
    """Rows to average, with the pieces of each."""
    if found.mean_pieces is None:
        return format_count(found.n_rows_averaged)
    mean = format_number(found.mean_pieces)
    return f"{format_count(found.n_rows_averaged)}, of {mean} pieces in the mean"


def piece_counts(found: Transfer) -> list[tuple[str, str]]:
    """How many tokens are so many pieces; from 8 on together."""
    few = [(str(k), n) for k, n in sorted(found.pieces.items()) if k < 8]
    many = sum(n for k, n in found.pieces.items() if k >= 8)
    return [(k, format_count(n)) for k, n in [*few, *([("8 or more", many)] if many else [])]]


def length_rows(found: Transfer) -> list[tuple[str, str, str, str]]:
    """Slice, tokens before and after, and the change."""
    return [
        (
            one.slice,
            format_count(one.tokens_before),
            format_count(one.tokens_after),
            UNDEFINED if one.ratio is None else signed_percent(one.ratio - 1),
        )
        for one in found.lengths
    ]


def differing(sample: Sample, before: str, after: str) -> tuple[set[tuple[int, int]], ...]:
    """The spans of each tokenizer that the other one does not have, before and after."""
    spans = [
        {(span.start, span.end) for span in sample.tokens.get(name, ())} for name in (before, after)
    ]
    return spans[0] - spans[1], spans[1] - spans[0]

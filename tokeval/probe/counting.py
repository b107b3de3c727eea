"""The result of `tokeval probe count`: of answers to questions how often a letter occurs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Finding, Measured, ProbeResult, Undefined, Usage
from tokeval.document.parts import Value
from tokeval.probe.counting_effects import (
    FormatEffect,
    WithinFormat,
    condition_of,
    effect_cells,
    effect_findings,
    format_effects,
    over_lengths,
    within_format,
)
from tokeval.probe.counting_items import CountingSettings
from tokeval.probe.counting_metrics import METRICS, Cells
from tokeval.probe.counting_series import counting_series
from tokeval.probe.items import Item, Response, items_sha256
from tokeval.probe.letter_cuts import LetterCuts, letter_cuts
from tokeval.probe.measuring import CellMaker
from tokeval.probe.merge_effect import ranks
from tokeval.probe.proportions import proportion
from tokeval.probe.published import counting_published
from tokeval.probe.scored_answers import (
    NOTHING_READ,
    Scored,
    answered,
    asked_examples,
    common_values,
    exact_match,
    field_of,
    grouped,
    mean_value,
    readable,
    reading_findings,
    scored,
)

COVARIATES = ("tokens", "merged", "count", "length")


def covariates(items: Sequence[Item], tokenizer: Tokenizer | None) -> list[dict[str, int]]:
    """What is known of the text of each question: `count` and `length`, in letters.

    With a tokenizer also `tokens` that hold something of it, and `merged`: the counted letters in
    a token that holds other letters too.
    """
    known = [{name: int(field_of(item, name)) for name in ("count", "length")} for item in items]
    if tokenizer is None:
        return known
    cuts = _cuts(items, tokenizer)
    return [
        {"tokens": tokens, "merged": merged, **rest}
        for tokens, merged, rest in zip(
            cuts.tokens.tolist(), cuts.merged.tolist(), known, strict=True
        )
    ]


def _cuts(items: Sequence[Item], tokenizer: Tokenizer) -> LetterCuts:
    """The cuts of the texts of questions."""
    texts = [str(field_of(item, "text")) for item in items]
    return letter_cuts(tokenizer, texts, [str(field_of(item, "target")) for item in items])


@dataclasses.dataclass(frozen=True)
class CountingScores:
    """What the answers say, before it is put into words and cells.

    Attributes:
        answers: all, in the order of the questions.
        cuts: of their texts; `None` without a tokenizer.
        by_length: each format against pure, in each condition.
        pooled: each format against pure, over the lengths.
        tests: the within-format test by letters and prompt.
    """

    answers: Sequence[Scored]
    cuts: LetterCuts | None
    by_length: Sequence[FormatEffect]
    pooled: Sequence[FormatEffect]
    tests: Mapping[str, WithinFormat]


def counting_scores(
    responses: Sequence[Response], tokenizer: Tokenizer | None, cuts: LetterCuts | None = None
) -> CountingScores:
    """The tests of answers.

    Args:
        responses: to the questions of `counting_items`.
        tokenizer: of the model; `None` where it is not known.
        cuts: of the texts of the same questions, where they are known already.
    """
    answers = scored(responses)
    if cuts is None and tokenizer is not None:
        cuts = _cuts([answer.item for answer in answers], tokenizer)
    drawn = drawn_answers(answers)
    return CountingScores(
        answers,
        cuts,
        format_effects(grouped(drawn, condition_of)),
        format_effects(grouped(drawn, lambda answer: over_lengths(condition_of(answer)))),
        within_format(answers, cuts),
    )


def drawn_answers(answers: Sequence[Scored]) -> list[Scored]:
    """Those to strings that were drawn, not matched."""
    return [answer for answer in answers if field_of(answer.item, "strings") == "drawn"]


def count_result(
    responses: Sequence[Response],
    tokenizer: Tokenizer | None = None,
    settings: CountingSettings | None = None,
    *,
    model: str = "",
    usage: Usage | None = None,
) -> ProbeResult:
    """The result of asking a model the questions of `counting_items`.

    Args:
        responses: one to each question, in the order of the questions.
        tokenizer: of the model, for tokens and merged letters; `None` where it is not known.
        settings: with which the questions were made.
        model: what it is called.
        usage: what asking took.

    Raises:
        TokevalError: there are no responses, or they are to other questions.
    """
    settings = settings or CountingSettings()
    scores = counting_scores(responses, tokenizer)
    data = items_sha256([response.item for response in responses])
    tok = f"|tok:{tokenizer.fingerprint[:8]}" if tokenizer else ""
    make = CellMaker(f"model:{model}{tok}|data:{data[:8]}", settings.seed)
    values = [*_condition_cells(scores), *effect_cells([*scores.by_length, *scores.pooled],
              scores.tests)]  # fmt: skip
    by_slice = grouped(drawn_answers(scores.answers), _slice)
    return ProbeResult(
        probe="count",
        metrics=METRICS,
        cells=tuple(make.cell(metric, value, items=n, part=part) for metric, part, value, n in
                    values),
        tokenizer=tokenizer.name if tokenizer else "",
        model=model,
        settings=dataclasses.asdict(settings),
        series=tuple(counting_series(model, grouped(drawn_answers(scores.answers), condition_of))),
        findings=tuple(_findings(model, scores)),
        items_sha256=data,
        items=asked_examples(by_slice),
        published=counting_published(settings),
        usage=usage,
    )  # fmt: skip


def _slice(answer: Scored) -> str:
    """The condition of an answer with its format."""
    return f"{condition_of(answer)}/format:{answer.item.format}"


def _condition_cells(scores: CountingScores) -> Cells:
    """The cells of each condition and format, over the strings that were drawn."""
    places: dict[str, list[int]] = {}
    for place, answer in enumerate(scores.answers):
        if field_of(answer.item, "strings") == "drawn":
            places.setdefault(_slice(answer), []).append(place)
    cells: Cells = []
    for part, own in places.items():
        answers = [scores.answers[place] for place in own]
        values = common_values("counting", answers) | _error_values(answers)
        cells += [(metric, part, value, len(own)) for metric, value in values.items()]
        cells += _covariate_cells(part, answers, scores.cuts, own)
    return cells


def _error_values(answers: Sequence[Scored]) -> dict[str, Value]:
    """The floor, and the errors of the answers that were read."""
    errors = [answer.error for answer in readable(answers)]
    return {
        "counting_floor": floor(answers),
        "counting_error": mean_value(errors, NOTHING_READ),
        "counting_absolute_error": mean_value([abs(error) for error in errors], NOTHING_READ),
        "counting_share_under": proportion(sum(e < 0 for e in errors), len(errors), NOTHING_READ),
    }


def floor(answers: Sequence[Scored]) -> Measured:
    """The share of the most frequent right answer: what always giving it would get."""
    _, n = Counter(answer.expected for answer in answers).most_common(1)[0]
    return Measured(n / len(answers), len(answers), stderr_reason="exact for these questions")


def _covariate_cells(
    part: str, answers: Sequence[Scored], cuts: LetterCuts | None, places: Sequence[int]
) -> Cells:
    """What is known of the texts, and how errors go with it."""
    n = len(answers)
    known: dict[str, list[int]] = {
        name: [int(field_of(answer.item, name)) for answer in answers]
        for name in ("count", "length")
    }
    cells: Cells = []
    if cuts is not None:
        known = {
            "tokens": cuts.tokens[list(places)].tolist(),
            "merged": cuts.merged[list(places)].tolist(),
        } | known
        merged = proportion(
            sum(known["merged"]), sum(known["count"]), "the texts hold no counted letter"
        )
        cells += [
            ("counting_tokens", part, mean_value(known["tokens"], NOTHING_READ), n),
            ("counting_merged_letters", part, _without_interval(merged), n),
        ]
    is_read = [answer.predicted is not None for answer in answers]
    sizes = [abs(answer.error) for answer in readable(answers)]
    for name, column in known.items():
        own = [value for value, kept in zip(column, is_read, strict=True) if kept]
        rho = spearman(own, sizes)
        cells.append(("counting_error_correlation", f"{part}/covariate:{name}", rho, len(own)))
    return cells


def _without_interval(value: Value) -> Value:
    """A share of letters, which are no independent draws."""
    if isinstance(value, Undefined):
        return value
    return Measured(value.value, value.n_blocks, stderr_reason="exact for these texts")


def spearman(x: Sequence[int], y: Sequence[int]) -> Value:
    """Spearman's ρ; undefined where one of the two does not vary."""
    if len(set(x)) < 2 or len(set(y)) < 2:
        return Undefined("errors, or what they are compared with, do not vary")
    rho = float(np.corrcoef(ranks(np.array(x)), ranks(np.array(y)))[0, 1])
    return Measured(rho, len(x), stderr_reason="descriptive")


def _findings(model: str, scores: CountingScores) -> Iterator[Finding]:
    """What was not read, what is at the floor, what formats do."""
    yield from reading_findings("counting", model, scores.answers)
    drawn = grouped(drawn_answers(scores.answers), _slice)
    low = [part for part, answers in drawn.items() if is_at_floor(answers)]
    if low:
        message = (
            f"{len(low)} of {len(drawn)} conditions are at the floor: always giving one number "
            "would get as many right, so that they show no counting."
        )
        yield Finding("counting_at_floor", "warning", model, message, len(low), tuple(low[:5]))
    yield from effect_findings(model, scores.pooled, scores.tests)


def is_at_floor(answers: Sequence[Scored]) -> bool:
    """Whether the interval of the exact match reaches down to that of the best constant answer.

    Both are of the questions that were answered.
    """
    given = answered(answers)
    value = exact_match(given)
    return isinstance(value, Measured) and (value.low or 0.0) <= floor(given).value

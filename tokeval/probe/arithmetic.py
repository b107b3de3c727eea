"""The result of `tokeval probe arithmetic`: of answers to sums and products."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from tokeval.core.multiple_tests import holm
from tokeval.document import Measured, ProbeResult, Undefined, Usage
from tokeval.document.parts import Value
from tokeval.probe.answer_places import (
    first_wrong_digits,
    length_errors,
    most_frequent_place,
    place_accuracy,
)
from tokeval.probe.arithmetic_findings import arithmetic_findings
from tokeval.probe.arithmetic_items import BASE_FORMAT, ArithmeticSettings
from tokeval.probe.arithmetic_metrics import METRICS
from tokeval.probe.arithmetic_series import arithmetic_series
from tokeval.probe.counting_metrics import Cells
from tokeval.probe.items import Response, items_sha256
from tokeval.probe.measuring import CellMaker
from tokeval.probe.paired_tests import A_TEST
from tokeval.probe.proportions import difference
from tokeval.probe.published import arithmetic_published
from tokeval.probe.scored_answers import (
    Discordance,
    Scored,
    answered,
    asked_examples,
    common_values,
    discordance,
    field_of,
    grouped,
    reading_findings,
    scored,
)

MATCH, MISMATCH, ALL_SUMS = (f"task:addition/lengths:{name}" for name in
                             ("match", "mismatch", "all"))  # fmt: skip
ALL_PRODUCTS = "task:multiplication/digits:all"

ALIGNMENTS: Mapping[str, str] = {
    "answer_alignment_match": f"{MATCH}/format:bare",
    "answer_alignment_mismatch": f"{MISMATCH}/format:bare",
    "answer_alignment_separators": f"{ALL_SUMS}/format:separators",
    "answer_alignment_spaces": f"{ALL_SUMS}/format:spaces",
}
"""What of a tokenizer stands beside the accuracy of which sums."""

Groups = Mapping[str, Sequence[Scored]]


def predicted_alignment(numeracy: ProbeResult) -> dict[str, float]:
    """The alignments of sums, by metric, in the result of `tokeval probe numeracy`."""
    return {
        cell.metric: cell.value.value
        for cell in numeracy.cells
        if cell.metric in ALIGNMENTS and cell.slice == "all" and isinstance(cell.value, Measured)
    }


def arithmetic_result(
    responses: Sequence[Response],
    predicted: Mapping[str, float] | None = None,
    settings: ArithmeticSettings | None = None,
    *,
    model: str = "",
    tokenizer: str = "",
    usage: Usage | None = None,
) -> ProbeResult:
    """The result of asking a model the questions of `arithmetic_items`.

    Args:
        responses: one to each question, in the order of the questions.
        predicted: `predicted_alignment` of the model's tokenizer; `None` where it is not known.
        settings: with which the questions were made.
        model: what it is called.
        tokenizer: what the tokenizer of the predicted alignment is called.
        usage: what asking took.

    Raises:
        TokevalError: there are no responses, or they are to other questions.
    """
    settings = settings or ArithmeticSettings()
    predicted = predicted or {}
    answers = scored(responses)
    groups = by_part(answers)
    data = items_sha256([response.item for response in responses])
    make = CellMaker(f"model:{model}|data:{data[:8]}", settings.seed)
    values = [
        *(cell for part, own in groups.items() for cell in _part_cells(part, own)),
        *_gap_cells(groups),
        *_format_cells(groups),
        *_alignment_cells(predicted, groups),
    ]
    cells = tuple(make.cell(metric, value, items=n, part=part) for metric, part, value, n in values)
    return ProbeResult(
        probe="arithmetic",
        metrics=METRICS,
        cells=cells,
        tokenizer=tokenizer,
        model=model,
        settings=dataclasses.asdict(settings),
        series=tuple(arithmetic_series(model, tokenizer, cells)),
        findings=(
            *reading_findings("arithmetic", model, answers),
            *arithmetic_findings(model, cells),
        ),
        items_sha256=data,
        items=asked_examples(grouped(answers, _slice), n=1),
        published=arithmetic_published(settings.formats) if "addition" in settings.tasks else (),
        usage=usage,
    )


def _slice(answer: Scored) -> str:
    """The condition of an answer with its format."""
    return f"{answer.item.slice}/format:{answer.item.format}"


def by_part(answers: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The answers of each condition with its format, and of conditions that are read together.

    Those are sums as long as their longest operand, longer ones, all sums, and all products.
    """
    groups = grouped(answers, _slice)
    for answer in answers:
        for part in _together(answer):
            groups.setdefault(f"{part}/format:{answer.item.format}", []).append(answer)
    return groups


def _together(answer: Scored) -> tuple[str, ...]:
    """The parts over several conditions that an answer belongs to."""
    if field_of(answer.item, "task") == "multiplication":
        return (ALL_PRODUCTS,)
    matches = field_of(answer.item, "lengths_match") == "yes"
    return (MATCH if matches else MISMATCH, ALL_SUMS)


def _part_cells(part: str, answers: Sequence[Scored]) -> Cells:
    """The cells of one part in one format."""
    place, share = most_frequent_place(first_wrong_digits(answers))
    values: dict[str, Value] = common_values("arithmetic", answers) | {
        "arithmetic_length_errors": length_errors(answers),
        "arithmetic_first_wrong_digit": place,
        "arithmetic_first_wrong_share": share,
    }
    cells = [(metric, part, value, len(answers)) for metric, value in values.items()]
    if _has_places(part):
        cells += [
            ("arithmetic_place_accuracy", f"{part}/place:{number}", value, len(answers))
            for number, value in place_accuracy(answers).items()
        ]
    return cells


def _has_places(part: str) -> bool:
    """Whether digits are counted by place: of products, and of sums over triplets of lengths."""
    return not part.startswith("task:addition/") or part.startswith((MATCH, MISMATCH, ALL_SUMS))


def _gap_cells(groups: Groups) -> Cells:
    """The gap between sums as long as their operands and longer ones, in each format."""
    cells: Cells = []
    for part, own in groups.items():
        if not part.startswith(f"{MATCH}/"):
            continue
        format_ = part.removeprefix(f"{MATCH}/")
        longer = groups.get(f"{MISMATCH}/{format_}", [])
        nothing = "sums of one of the two kinds have no answers"
        gap = difference(_rights(own), _rights(longer), nothing)
        n = len(own) + len(longer)
        cells.append(("arithmetic_match_gap", f"task:addition/{format_}", gap, n))
    return cells


def _rights(answers: Sequence[Scored]) -> tuple[int, int]:
    """How many of the answers that were given are right, and how many were given."""
    given = answered(answers)
    return sum(answer.is_right for answer in given), len(given)


def _format_cells(groups: Groups) -> Cells:
    """Each other format against bare, over sums of a kind, corrected within the kind."""
    cells: Cells = []
    for kind in (MATCH, MISMATCH, ALL_SUMS):
        bare_part = f"{kind}/format:{BASE_FORMAT}"
        bare = groups.get(bare_part)
        formats = [part for part in groups if part.startswith(f"{kind}/") and part != bare_part]
        if bare is None or not formats:
            continue
        counts = [discordance(groups[part], bare) for part in formats]
        corrected = holm([own.p for own in counts])
        for part, own, p in zip(formats, counts, corrected, strict=True):
            values = _discordance_values(own, p)
            cells += [(metric, part, value, own.n) for metric, value in values.items()]
    return cells


def _discordance_values(counts: Discordance, p_holm: float) -> dict[str, Value]:
    """The values of a comparison with bare, by metric."""
    n_unlike, reason = counts.only_a + counts.only_b, "a count of these sums"
    return {
        "arithmetic_format_difference": counts.difference,
        "arithmetic_only_format_right": Measured(counts.only_a, counts.n, stderr_reason=reason),
        "arithmetic_only_bare_right": Measured(counts.only_b, counts.n, stderr_reason=reason),
        "arithmetic_mcnemar": Measured(counts.p, n_unlike, stderr_reason=A_TEST),
        "arithmetic_mcnemar_holm": Measured(p_holm, n_unlike, stderr_reason=A_TEST),
    }


def _alignment_cells(predicted: Mapping[str, float], groups: Groups) -> Cells:
    """What the tokenizer lets expect of the sums that were asked."""
    missing = Undefined("the alignment of the model's tokenizer is not known")
    return [
        (
            "arithmetic_predicted_alignment",
            part,
            Measured(predicted[metric], len(groups[part]), stderr_reason="see probe numeracy")
            if metric in predicted
            else missing,
            len(groups[part]),
        )
        for metric, part in ALIGNMENTS.items()
        if part in groups
    ]

"""Whether the format of letters matters, and whether merged letters are to blame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tokeval.core.multiple_tests import holm
from tokeval.document import Finding, Measured, Undefined
from tokeval.document.parts import Value
from tokeval.probe.counting_items import BASE_FORMAT
from tokeval.probe.counting_metrics import Cells
from tokeval.probe.letter_cuts import LetterCuts
from tokeval.probe.merge_effect import MergeEffect, merge_effect
from tokeval.probe.paired_tests import A_TEST, SIGNIFICANCE
from tokeval.probe.scored_answers import Discordance, Scored, discordance, field_of, grouped

NO_TOKENIZER = Undefined("no tokenizer is given, so that merged letters are not known")


@dataclass(frozen=True)
class FormatEffect:
    """A format against pure.

    Attributes:
        part: the condition, over lengths or of one.
        format: which one.
        counts: how the same strings came out; a is the format, b is pure.
        p_holm: McNemar's p, corrected.
    """

    part: str
    format: str
    counts: Discordance
    p_holm: float

    @property
    def is_clear(self) -> bool:
        """Whether it is beyond chance."""
        return self.p_holm <= SIGNIFICANCE


@dataclass(frozen=True)
class WithinFormat:
    """The within-format test of a pair of letters and a prompt, with its corrected p."""

    effect: MergeEffect
    p_holm: Value

    @property
    def agrees(self) -> bool:
        """Whether errors go with merged letters beyond chance."""
        return isinstance(self.p_holm, Measured) and self.p_holm.value <= SIGNIFICANCE


def over_lengths(condition: str) -> str:
    """The condition without its length: `letters:ez/prompt:direct`."""
    return "/".join(part for part in condition.split("/") if not part.startswith("length:"))


def condition_of(answer: Scored) -> str:
    """The condition of an answer, its strings drawn or matched."""
    return str(field_of(answer.item, "condition"))


def format_effects(by_part: Mapping[str, Sequence[Scored]]) -> list[FormatEffect]:
    """Every other format against pure in each part, corrected for how many they are."""
    found = []
    for part, answers in by_part.items():
        formats = grouped(answers, lambda answer: answer.item.format)
        pure = formats.pop(BASE_FORMAT, None)
        if pure is not None:
            found += [(part, name, discordance(own, pure)) for name, own in formats.items()]
    corrected = holm([counts.p for _, _, counts in found])
    return [
        FormatEffect(part, name, counts, p)
        for (part, name, counts), p in zip(found, corrected, strict=True)
    ]


def within_format(answers: Sequence[Scored], cuts: LetterCuts | None) -> dict[str, WithinFormat]:
    """The test of every pair of letters and prompt, over all lengths, drawn and matched strings.

    Args:
        answers: in all formats.
        cuts: of their texts in the same order; `None` without a tokenizer.
    """
    places: dict[str, list[int]] = {}
    for place, answer in enumerate(answers):
        if answer.item.format == BASE_FORMAT:
            places.setdefault(over_lengths(condition_of(answer)), []).append(place)
    effects = {
        part: MergeEffect(NO_TOKENIZER, NO_TOKENIZER, 0)
        if cuts is None
        else _effect(answers, cuts, own)
        for part, own in places.items()
    }
    known = [part for part, effect in effects.items() if isinstance(effect.p, Measured)]
    p_values = [effects[part].p for part in known]
    corrected = holm([p.value for p in p_values if isinstance(p, Measured)])
    p_holm = dict(zip(known, corrected, strict=True))
    return {
        part: WithinFormat(
            effect,
            Measured(p_holm[part], effect.n, stderr_reason=A_TEST) if part in p_holm else effect.p,
        )
        for part, effect in effects.items()
    }


def _effect(answers: Sequence[Scored], cuts: LetterCuts, places: Sequence[int]) -> MergeEffect:
    """The test of some answers; those without an integer are left out."""
    read = [place for place in places if answers[place].predicted is not None]
    fields = [answers[place].item for place in read]
    return merge_effect(
        [answers[place].error for place in read],
        cuts.merged[read].tolist(),
        [
            (field_of(item, "length"), tokens, field_of(item, "count"))
            for item, tokens in zip(fields, cuts.tokens[read].tolist(), strict=True)
        ],
    )


def effect_cells(effects: Sequence[FormatEffect], tests: Mapping[str, WithinFormat]) -> Cells:
    """The cells of comparisons of formats and of within-format tests."""
    cells: Cells = []
    for effect in effects:
        counts, part = effect.counts, f"{effect.part}/format:{effect.format}"
        n_unlike = counts.only_a + counts.only_b
        values: dict[str, Value] = {
            "counting_format_difference": counts.difference,
            "counting_only_format_right": _count(counts.only_a, counts.n),
            "counting_only_pure_right": _count(counts.only_b, counts.n),
            "counting_mcnemar": Measured(counts.p, n_unlike, stderr_reason=A_TEST),
            "counting_mcnemar_holm": Measured(effect.p_holm, n_unlike, stderr_reason=A_TEST),
        }
        cells += [(metric, part, value, counts.n) for metric, value in values.items()]
    for part, test in tests.items():
        part = f"{part}/format:{BASE_FORMAT}"
        cells += [
            ("counting_merge_slope", part, test.effect.slope, test.effect.n),
            ("counting_merge", part, test.effect.p, test.effect.n),
            ("counting_merge_holm", part, test.p_holm, test.effect.n),
        ]
    return cells


def _count(n: int, n_items: int) -> Measured:
    """A count of strings."""
    return Measured(n, n_items, stderr_reason="a count of these strings")


def effect_findings(
    model: str, effects: Sequence[FormatEffect], tests: Mapping[str, WithinFormat]
) -> Iterator[Finding]:
    """A sentence for each clear difference of a format from pure, over all lengths."""
    for effect in effects:
        if not effect.is_clear:
            continue
        counts = effect.counts
        seen = (
            f"{effect.part}: of {counts.n} strings, {counts.both + counts.only_a} are counted "
            f"right in the format {effect.format} and {counts.both + counts.only_b} in "
            f"{BASE_FORMAT} "
            f"(corrected p = {effect.p_holm:.2g})."
        )
        if counts.only_a < counts.only_b:
            message = f"{seen} Writing letters so makes counting harder: merges do not explain it."
            yield Finding("counting_format_worse", "note", model, message, counts.n)
            continue
        test = tests[effect.part]
        if test.agrees:
            message = f"{seen} This is an effect of merges: {_slope(test)}"
            yield Finding("counting_merge_effect", "warning", model, message, counts.n)
        else:
            message = f"{seen} This is an effect of merges or length: {_why_open(test)}"
            yield Finding("counting_merge_or_length", "note", model, message, counts.n)


def _slope(test: WithinFormat) -> str:
    """What the within-format test found, in words."""
    slope = test.effect.slope
    size = f" by {slope.value:.2g} for each" if isinstance(slope, Measured) else ""
    p = test.p_holm.value if isinstance(test.p_holm, Measured) else 1.0
    return (
        f"among {test.effect.n} strings of equal length, tokens and count, the error grows with "
        f"the letters that share a token{size} (corrected p = {p:.2g})."
    )


def _why_open(test: WithinFormat) -> str:
    """Why merges cannot be told from length, in words."""
    if isinstance(test.p_holm, Undefined):
        return f"{test.p_holm.reason}."
    return (
        f"among {test.effect.n} strings of equal length, tokens and count, the error does not "
        f"clearly grow with the letters that share a token (corrected p = "
        f"{test.p_holm.value:.2g})."
    )

"""What a probe found, in sentences that can be read aloud; every number is one of its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tokeval.document import Measured, ProbeResult, Usage
from tokeval.render.numbers import format_count, format_number
from tokeval.render.probe_view import KINDS, condition_words, subject
from tokeval.render.summary import WHOLE_CORPUS
from tokeval.render.visible import shorten
from tokeval.render.visual_view import percent

NAME_CELLS = 40

SCHEMES = {
    "scheme_digit": "digit by digit",
    "scheme_l2r3": "in threes from the left",
    "scheme_r2l3": "in threes from the right",
}
RULE = 0.95
"""From this share on numbers are said to be cut by a rule."""

SUMS = {
    "match": "where it is as long as they are",
    "mismatch": "where it is longer",
    "separators": "with thousands separators",
}
LETTERS = {"pure": "in abbab", "space": "in a b b", "list": 'in "a", "b"'}
PLACES = {
    "prompt_hazard_after_space": "after a space",
    "prompt_hazard_mid_word": "inside a word",
    "prompt_hazard_mid_number": "inside a number",
    "prompt_hazard_newline": "at a newline",
}

Values = Mapping[tuple[str, str], float]


def probe_sentences(result: ProbeResult) -> tuple[str, ...]:
    """What the probe found of one tokenizer or model; at least one sentence, the first with it."""
    values = {
        (cell.metric, cell.slice): cell.value.value
        for cell in result.cells
        if isinstance(cell.value, Measured)
    }
    name = shorten(subject(result), NAME_CELLS)
    found = [sentence for sentence in _SAYERS.get(result.probe, _nothing)(values) if sentence]
    if not found:
        return (f"{name}: nothing was measured.", *_usage(result.usage))
    return (f"{name}: {found[0]}", *found[1:], *_usage(result.usage))


def _nothing(values: Values) -> Iterator[str]:
    """Of a probe that this version does not know."""
    if values:
        yield f"{format_count(len(values))} numbers were measured."


def _numeracy(values: Values) -> Iterator[str]:
    """The rule that numbers are cut by, sums, letters."""
    schemes = {
        words: values[metric, WHOLE_CORPUS]
        for metric, words in SCHEMES.items()
        if (metric, WHOLE_CORPUS) in values
    }
    ruling = max(schemes, key=lambda words: schemes[words], default="")
    if ruling and schemes[ruling] >= RULE:
        yield f"numbers are cut {ruling} ({percent(schemes[ruling])})."
    elif schemes:
        told = ", ".join(f"{percent(share)} {words}" for words, share in schemes.items())
        yield f"numbers are cut by no one rule: {told}."
    sums = [
        f"{percent(values[f'answer_alignment_{kind}', WHOLE_CORPUS])} {words}"
        for kind, words in SUMS.items()
        if (f"answer_alignment_{kind}", WHOLE_CORPUS) in values
    ]
    if sums:
        yield f"Chunks of a sum line up with those of its operands: {', '.join(sums)}."
    letters = [
        f"{percent(values[f'letter_isolation_{form}', WHOLE_CORPUS])} {words}"
        for form, words in LETTERS.items()
        if (f"letter_isolation_{form}", WHOLE_CORPUS) in values
    ]
    if letters:
        yield f"Letters stand apart from each other: {', '.join(letters)}."


def _boundary(values: Values) -> Iterator[str]:
    """Where prompts must not end."""
    told = [
        f"{percent(values[metric, WHOLE_CORPUS])} {words}"
        for metric, words in PLACES.items()
        if (metric, WHOLE_CORPUS) in values
    ]
    if told:
        yield f"the last tokens of a prompt are not those of the whole text in {', '.join(told)}."


def _markov(values: Values) -> Iterator[str]:
    """The best vocabulary."""
    closed = {part: value for (metric, part), value in values.items()
              if metric == "markov_gap_closed"}  # fmt: skip
    if not closed:
        return
    best = max(closed, key=lambda part: closed[part])
    if closed[best] <= 0:
        yield f"{_BETWEEN} close nothing of the gap."
    else:
        yield _best_vocabulary(values, best, closed[best])
    rate = values.get(("markov_entropy_rate", WHOLE_CORPUS))
    symbols = values.get(("markov_stationary_entropy", WHOLE_CORPUS))
    if rate is not None and symbols is not None:
        yield (
            f"No model can pay less than {format_number(rate)} bits; single symbols cost "
            f"{format_number(symbols)}."
        )


_BETWEEN = "between a model of single symbols and the source itself, single tokens"


def _best_vocabulary(values: Values, part: str, closed: float) -> str:
    """How much of the gap the best vocabulary closes, and what it is."""
    kind, _, of = part.partition(":")
    where = f"texts of {' and '.join(of)}" if kind == "symbols" else f"{kind} {of}"
    bits = values.get(("markov_bits_per_character", part))
    cost = f", at {format_number(bits)} bits per character" if bits is not None else ""
    best = f", at best with {where}" if of else ""
    return f"{_BETWEEN} close {percent(closed)} of the gap{best}{cost}."


def _formats(values: Values, metric: str, condition: str) -> list[str]:
    """The shares of a condition by format, in words."""
    start = f"{condition}/format:"
    return [
        f"{percent(value)} {part.removeprefix(start)}"
        for (of, part), value in values.items()
        if of == metric and part.startswith(start)
    ]


def _count(values: Values) -> Iterator[str]:
    """Right counts of the longest texts of each pair of letters, by format."""
    parts = [part for metric, part in values if metric == "counting_exact_match"]
    conditions = list(dict.fromkeys(part.rpartition("/format:")[0] for part in parts))
    longest: dict[str, str] = {}
    for condition in conditions:
        letters, _, rest = condition.partition("/")
        prompt = rest.partition("/prompt:")[2]
        longest[f"{letters}/{prompt}"] = condition
    told = [
        f"{condition_words(condition)}: "
        + ", ".join(_formats(values, "counting_exact_match", condition))
        for condition in longest.values()
    ]
    if told:
        yield f"right are, of the counts of {'; of '.join(told)}."


def _arithmetic(values: Values) -> Iterator[str]:
    """Right sums and products."""
    by_kind = {
        words: _formats(values, "arithmetic_exact_match", condition)
        for condition, words in KINDS.items()
        if words != "all sums"
    }
    told = [f"{words}: {', '.join(shares)}" for words, shares in by_kind.items() if shares]
    if told:
        yield f"right are, of {'; of '.join(told)}."


def _train(values: Values) -> Iterator[str]:
    """Right answers of the test, as the mean over the seeds where there are several."""
    shares = {
        part: value for (metric, part), value in values.items() if metric == "training_exact_match"
    }
    over_seeds = {part: share for part, share in shares.items() if not part.startswith("seed:")}
    told = [
        f"{percent(share)}{_SPELLINGS.get(part.rpartition('spelling:')[2], '')}"
        for part, share in (over_seeds or shares).items()
    ]
    if told:
        yield f"right are, of the answers of the test, {' and '.join(told)}."


_SPELLINGS = {
    "seen": " where tokens are spelled as in training",
    "unseen": " where they are whole, as never counted",
}


def _selftest(values: Values) -> Iterator[str]:
    """How many checks hold."""
    n_held = sum(value == 1 for value in values.values())
    yield f"{n_held} of the {len(values)} checks that could be made hold."


_SAYERS: Mapping[str, Callable[[Values], Iterator[str]]] = {
    "numeracy": _numeracy,
    "boundary": _boundary,
    "markov": _markov,
    "count": _count,
    "arithmetic": _arithmetic,
    "train": _train,
    "selftest": _selftest,
}


def _usage(usage: Usage | None) -> Iterator[str]:
    """What asking took, in one sentence."""
    if usage is None:
        return
    told = (
        f"{format_count(usage.n_items)} questions, {format_count(usage.n_asked)} of them asked now"
    )
    if usage.n_retries:
        told += f", {format_count(usage.n_retries)} requests made again"
    if usage.n_failed:
        told += f", {format_count(usage.n_failed)} without an answer"
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        told += (
            f"; {format_count(usage.prompt_tokens)} tokens of prompts and "
            f"{format_count(usage.completion_tokens)} of answers"
        )
    if usage.cost is not None:
        told += f"; cost {usage.cost:,.4f} in the unit of the prices"
    yield f"{told}."

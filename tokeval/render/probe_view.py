"""The results of probes as tables: what was probed side by side, shares with their intervals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tokeval.document import (
    Measured,
    MetricInfo,
    ProbeResult,
    Report,
    Undefined,
    Value,
    named_results,
    probe_results,
)
from tokeval.render.numbers import SHARE_UNITS, Written, format_interval, format_value
from tokeval.render.summary import NOT_MEASURED, WHOLE_CORPUS
from tokeval.render.tables import Entry, Table
from tokeval.render.visual_view import percent

TITLES = {
    "numeracy": "Digits and letters: how they are cut",
    "boundary": "Prompts: where they may end",
    "markov": "A Markov source: what single tokens carry",
    "count": "Counting letters",
    "arithmetic": "Arithmetic",
    "train": "Small models trained from scratch",
    "selftest": "Whether the model does what probes rely on",
}

KEYS: dict[str, str] = {
    "numeracy": r"answer_alignment_(match|mismatch|separators)|single_token_integers_\d"
    r"|scheme_(digit|l2r3|r2l3)|chunk_entropy|context_stability_space|operator_glued"
    r"|letter_isolation_\w+",
    "boundary": r"prompt_hazard_\w+",
    "markov": r"markov_(bits_per_character|gap_closed|stationary_entropy|entropy_rate)",
    "train": r"training_(exact_match|floor|spelling_gap|difference)",
    "selftest": r"selftest_\w+",
}
"""Which metrics of a probe a short table has."""

ANY_SLICE = frozenset(("markov", "train"))
"""Probes whose short table has every slice."""

KINDS = {
    "task:addition/lengths:match": "sums as long as an operand",
    "task:addition/lengths:mismatch": "longer sums",
    "task:addition/lengths:all": "all sums",
    "task:multiplication/digits:all": "all products",
}
"""Questions of arithmetic that are read together, in words."""

TASKS = {"task:addition": "sums", "task:multiplication": "products"}

_COUNTED = re.compile(r"letters:(\w)(\w)/length:(\d+)-(\d+|all)/prompt:(\w+)(.*)")


@dataclass(frozen=True)
class ProbeGroup:
    """The results of one probe, side by side.

    Attributes:
        probe: its name.
        names: of the tokenizers or models, no two alike.
        results: one for each.
    """

    probe: str
    names: tuple[str, ...]
    results: tuple[ProbeResult, ...]

    @property
    def title(self) -> str:
        """What the probe is about."""
        return TITLES.get(self.probe, self.probe)

    @property
    def infos(self) -> dict[str, MetricInfo]:
        """The metrics by id."""
        return {info.id: info for result in self.results for info in result.metrics}


@dataclass(frozen=True)
class Row:
    """One metric on one slice, with a value for each result."""

    info: MetricInfo
    slice: str
    values: tuple[Value, ...]

    @property
    def label(self) -> str:
        """The id, with the slice unless it is the whole."""
        return self.info.id if self.slice == WHOLE_CORPUS else f"{self.info.id} {self.slice}"


def probe_groups(report: Report) -> list[ProbeGroup]:
    """The results of `tokeval probe` in a document, by probe; later ones of a name get a number."""
    by_probe: dict[str, dict[str, ProbeResult]] = {}
    for name, result in named_results(probe_results(report)):
        by_probe.setdefault(result.probe, {})[name] = _renamed(result, subject(result), name)
    return [ProbeGroup(probe, tuple(found), tuple(found.values()))
            for probe, found in by_probe.items()]  # fmt: skip


def subject(result: ProbeResult) -> str:
    """What was probed: the model, else the tokenizer."""
    return result.model or result.tokenizer


def _renamed(result: ProbeResult, old: str, new: str) -> ProbeResult:
    """The result with its series and findings under another name."""
    if old == new:
        return result
    return replace(
        result,
        series=tuple(
            replace(one, tokenizer=new) if one.tokenizer == old else one for one in result.series
        ),
        findings=tuple(replace(one, tokenizer=new) for one in result.findings),
    )


def metric_rows(group: ProbeGroup) -> list[Row]:
    """Every metric on every slice, the whole first."""
    infos = group.infos
    every = [
        {(cell.metric, cell.slice): cell.value for cell in result.cells} for result in group.results
    ]
    places = {metric: place for place, metric in enumerate(infos)}
    keys = list(dict.fromkeys(key for values in every for key in values))
    keys.sort(key=lambda key: (places.get(key[0], len(places)), key[1] != WHOLE_CORPUS))
    return [
        Row(
            infos.get(metric) or MetricInfo(metric, metric, "", "", "none", "", "", "", ""),
            part,
            tuple(values.get((metric, part), NOT_MEASURED) for values in every),
        )
        for metric, part in keys
    ]


def key_rows(group: ProbeGroup) -> list[Row]:
    """The rows of a short table; none for probes that have a table of accuracies."""
    wanted = KEYS.get(group.probe)
    if wanted is None:
        return []
    return [
        row
        for row in metric_rows(group)
        if re.fullmatch(wanted, row.info.id)
        and (group.probe in ANY_SLICE or row.slice == WHOLE_CORPUS)
    ]


def condition_words(part: str) -> str:
    """A slice of questions in words; others as they are.

    >>> condition_words("letters:ab/length:10-20/prompt:direct")
    'a in ab, 10–20 letters, direct'
    >>> condition_words("task:multiplication/digits:2x3")
    'products of 2 × 3 digits'
    """
    if part in KINDS:
        return KINDS[part]
    if part in TASKS:
        return TASKS[part]
    trained = re.fullmatch(r"task:counting-(\w)(\w)-(\d+)-(\d+)", part)
    if trained:
        first, second, low, high = trained.groups()
        return f"{first} in {first}{second}, {low}–{high} letters"
    counted = _COUNTED.fullmatch(part)
    if counted:
        first, second, low, high, prompt, rest = counted.groups()
        more = rest.replace("/", ", ").replace(":", " ")
        return f"{first} in {first}{second}, {low}–{high} letters, {prompt}{more}"
    digits = re.fullmatch(r"task:(\w+)(?:/lengths:|/digits:|-(?=\d+x))(.+)", part)
    if digits and digits[1] == "addition":
        return f"sums {digits[2].replace('+', ' + ').replace('=', ' = ')} digits"
    if digits:
        return f"products of {digits[2].replace('x', ' × ')} digits"
    return part


def row_table(
    title: str, group: ProbeGroup, rows: Sequence[Row], label: Callable[[Row], str]
) -> Table:
    """A table with a column for each result."""
    notes: dict[str, int] = {}
    entries = tuple(
        tuple(table_entry(value, row.info.unit, notes) for value in row.values) for row in rows
    )
    return Table(title, tuple(map(label, rows)), group.names, entries, tuple(notes))


def table_entry(value: Value | None, unit: str, notes: dict[str, int]) -> Entry:
    """A value in a table; a new reason why there is none goes to the notes."""
    if value is None:
        return Entry(Written(""), "")
    if isinstance(value, Undefined):
        return Entry(Written("—"), "—", note=notes.setdefault(value.reason, len(notes) + 1))
    text, interval = written(value, unit)
    return Entry(Written(f"{text} [{interval}]" if interval else text), text)


def written(value: Measured, unit: str) -> tuple[str, str]:
    """A value, and the ends of its interval, empty where there is none.

    >>> written(Measured(0.94, 300, low=0.9074, high=0.9615), "share")
    ('94.0%', '90.7 to 96.2')
    """
    if unit in SHARE_UNITS:
        ends = (value.low, value.high)
        shown = [f"{end * 100:.1f}".removesuffix(".0") for end in ends if end is not None]
        return percent(value.value), " to ".join(shown).replace("-", "\N{MINUS SIGN}")
    if unit == "yes or no":
        return ("yes" if value.value else "no"), ""
    return format_value(value, unit).short, format_interval(value, unit)


def undefined_reasons(rows: Sequence[Row]) -> Iterator[str]:
    """Why numbers are undefined, each reason once."""
    reasons = (one.reason for row in rows for one in row.values if isinstance(one, Undefined))
    yield from dict.fromkeys(reason for reason in reasons if reason != NOT_MEASURED.reason)

"""Statistics of visual tokens as a table: dumps side by side, grouped, brackets in one cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tokeval.document import (
    Measured,
    MetricInfo,
    Report,
    Undefined,
    Value,
    VisualResult,
    visual_results,
)
from tokeval.render.numbers import Written, format_column, format_count, format_value
from tokeval.render.summary import NOT_MEASURED, WHOLE_CORPUS
from tokeval.render.tables import Entry, Table
from tokeval.render.visible import shorten

LOW, HIGH = "_low", "_high"
"""What the ids of the two ends of a bracket end with."""

BRACKET = "_bracket"
"""Behind the id of a row of brackets that stands below the row of point estimates."""

LOW_END = ", low end"
"""What the titles of low ends end with."""

NEGLIGIBLE = 1e-6
"""An end of a bracket that is smaller than this share of the other is written as 0."""

PARTS = "by part"
NAME_CELLS = 40

Values = dict[tuple[str, str], Value]


@dataclass(frozen=True)
class Bracket:
    """What the truth lies between, where no point estimate is honest."""

    low: Measured
    high: Measured


Shown = Value | Bracket


@dataclass(frozen=True)
class Row:
    """One statistic of one part of every dump.

    Attributes:
        id: of the statistic; that of both ends of a bracket is the part before `_low`.
        info: what the document knows about it.
        slice: `all`, or a part.
        group: the heading that it stands under.
        values: one for each dump.
    """

    id: str
    info: MetricInfo
    slice: str
    group: str
    values: tuple[Shown, ...]

    @property
    def label(self) -> str:
        """The id, with the part unless it is the whole."""
        return self.id if self.slice == WHOLE_CORPUS else f"{self.id} {self.slice}"


def ordered_dumps(report: Report) -> list[VisualResult]:
    """The results of `tokeval visual` in a document: dumps in order, then what they stand beside.

    No two have the same name: later ones get a number.
    """
    named: list[VisualResult] = []
    taken: set[str] = set()
    for one in sorted(visual_results(report), key=lambda result: result.is_reference):
        name, number = one.dump, 2
        while name in taken:
            name, number = f"{one.dump} ({number})", number + 1
        taken.add(name)
        named.append(replace(one, dump=name))
    return named


def column_name(result: VisualResult) -> str:
    """The name of a dump, marked when others are only compared with it."""
    return f"{result.dump} (reference)" if result.is_reference else result.dump


def values_by_key(result: VisualResult) -> Values:
    """The values of a result by statistic and part."""
    return {(cell.metric, cell.slice): cell.value for cell in result.cells}


def bracket(values: Values, metric: str, part: str = WHOLE_CORPUS) -> Bracket | None:
    """The bracket of a statistic, if both ends are measured."""
    low, high = (values.get((metric + end, part)) for end in (LOW, HIGH))
    return Bracket(low, high) if isinstance(low, Measured) and isinstance(high, Measured) else None


def shown(values: Values, metric: str, part: str = WHOLE_CORPUS) -> Shown:
    """The point estimate, or else the bracket, or else why there is neither."""
    point = values.get((metric, part))
    if isinstance(point, Measured):
        return point
    ends = [values.get((metric + end, part)) for end in (LOW, HIGH)]
    reasons = [one for one in (point, *ends) if isinstance(one, Undefined)]
    return bracket(values, metric, part) or next(iter(reasons), NOT_MEASURED)


def stat_rows(results: Sequence[VisualResult]) -> list[Row]:
    """Every statistic of every part: the whole by family, then the parts by statistic."""
    infos = {info.id: info for result in results for info in result.metrics}
    for result in results:
        for cell in result.cells:
            infos.setdefault(cell.metric, _unknown(cell.metric))
    bases = {_base(metric, infos): None for metric in infos}
    every = [values_by_key(result) for result in results]
    parts = list(dict.fromkeys(cell.slice for result in results for cell in result.cells))
    rows: list[Row] = []
    for part in parts if WHOLE_CORPUS not in parts else _whole_first(parts):
        for base in bases:
            rows.extend(_rows(base, infos, every, part=part))
    return _grouped(rows)


def _unknown(metric: str) -> MetricInfo:
    """What can be said of a statistic that the document does not describe."""
    return MetricInfo(metric, metric, "", "", "none", "", "", "", "")


def _whole_first(parts: Sequence[str]) -> list[str]:
    return [WHOLE_CORPUS, *(part for part in parts if part != WHOLE_CORPUS)]


def _base(metric: str, infos: dict[str, MetricInfo]) -> str:
    """The id that a row goes by: both ends of a bracket share one."""
    for end, other in ((LOW, HIGH), (HIGH, LOW)):
        stem = metric.removesuffix(end)
        if stem != metric and stem + other in infos:
            return stem
    return metric


def _rows(
    base: str, infos: dict[str, MetricInfo], every: Sequence[Values], *, part: str
) -> Iterator[Row]:
    """The row of a statistic, and one of brackets where a dump has both; none without cells."""
    ids = (base, base + LOW, base + HIGH)
    if not any((metric, part) in values for metric in ids for values in every):
        return
    info = infos.get(base) or _of_bracket(infos[base + LOW], base)
    values = tuple(shown(one, base, part) for one in every)
    yield Row(base, info, part, _group(info, part), values)
    brackets = [bracket(one, base, part) for one in every]
    if any(isinstance(one, Measured) and ends for one, ends in zip(values, brackets, strict=True)):
        below = tuple(one if one is not None else NOT_MEASURED for one in brackets)
        yield Row(base + BRACKET, info, part, _group(info, part), below)


def _of_bracket(low: MetricInfo, base: str) -> MetricInfo:
    """What the document says of the low end, said of the whole bracket."""
    return replace(low, id=base, title=low.title.removesuffix(LOW_END))


def _group(info: MetricInfo, part: str) -> str:
    return info.family if part == WHOLE_CORPUS else PARTS


def _grouped(rows: Sequence[Row]) -> list[Row]:
    """The rows with those of a group together; parts of one statistic beside one another."""
    groups = list(dict.fromkeys(row.group for row in rows))
    ids = list(dict.fromkeys(row.id for row in rows))
    kept = [*(group for group in groups if group != PARTS), PARTS]

    def place(row: Row) -> tuple[int, int]:
        return kept.index(row.group), ids.index(row.id)

    return sorted(rows, key=place)


def stat_table(results: Sequence[VisualResult]) -> tuple[Table, list[Row]]:
    """The table of all statistics, a column for each dump, and the rows that it is made of."""
    rows = stat_rows(results)
    notes: dict[str, int] = {}
    entries = tuple(_entries(row, notes) for row in rows)
    table = Table(
        "All statistics",
        tuple(row.label for row in rows),
        tuple(column_name(result) for result in results),
        entries,
        tuple(notes),
    )
    return table, rows


def _entries(row: Row, notes: dict[str, int]) -> tuple[Entry, ...]:
    """The cells of a row; new reasons go to the notes."""
    points = [one.low if isinstance(one, Bracket) else one for one in row.values]
    column = format_column(points, row.info.unit)
    entries = []
    for value, short in zip(row.values, column, strict=True):
        if isinstance(value, Bracket):
            between = write_bracket(value, row.info.unit)
            entries.append(Entry(between, between.short))
            continue
        note = notes.setdefault(value.reason, len(notes) + 1) if isinstance(value, Undefined) else 0
        entries.append(Entry(format_value(value, row.info.unit), short, note=note))
    return tuple(entries)


def write_bracket(value: Bracket, unit: str) -> Written:
    """A bracket as it is read, such as `0.10 to 4.80`.

    >>> ends = Measured(0.1, 64), Measured(4.8, 64)
    >>> str(write_bracket(Bracket(*ends), "bits"))
    '0.100 to 4.800'
    """
    size = max(abs(value.low.value), abs(value.high.value))
    ends = [
        Measured(end.value if abs(end.value) > NEGLIGIBLE * size else 0.0, end.n_blocks)
        for end in (value.low, value.high)
    ]
    low, high = format_column(ends, unit)
    suffix = format_value(ends[0], unit).suffix
    return Written(f"{low.removesuffix(suffix)} to {high.removesuffix(suffix)}", "", suffix)


def facts(result: VisualResult) -> str:
    """What a dump holds, in one line."""
    info = result.info
    shape = f" of {'×'.join(map(str, info.shape))}" if info.shape else ""
    return (
        f"{format_count(info.n_tokens)} tokens in {format_count(info.n_samples)} "
        f"{'sample' if info.n_samples == 1 else 'samples'}{shape}, layout {info.layout}, "
        f"a codebook of {format_count(info.codebook_size)}"
    )


def name_of(result: VisualResult) -> str:
    """The name of a dump, inert and short enough for a sentence."""
    return shorten(result.dump, NAME_CELLS)


def written(value: Shown) -> str:
    """A number with two decimals, or what it lies between."""
    if isinstance(value, Bracket):
        return f"between {value.low.value:.2f} and {value.high.value:.2f}"
    return f"{value.value:.2f}" if isinstance(value, Measured) else ""


def percent(share: float) -> str:
    """A share with a tenth of a percent, never rounded to all or nothing.

    >>> percent(0.0812), percent(0.9996), percent(1.0), percent(0.0002), percent(-0.01)
    ('8.1%', '>99.9%', '100%', '<0.1%', '−1.0%')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share:.1%}".replace("-", "\N{MINUS SIGN}")

"""What readers are told first: who is best and by how much, headline numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tokeval.document import (
    Cell,
    Measured,
    MetricInfo,
    MetricsResult,
    Ranking,
    Undefined,
    Value,
)
from tokeval.render.numbers import (
    excludes_zero,
    format_difference,
    format_interval,
    format_percent,
    format_value,
)

MAIN_METRIC = "bytes_per_token"
WHOLE_CORPUS = "all"
PERSONS = frozenset({"Gini", "Jaccard", "Rényi", "Shannon", "Zipf"})
NOT_MEASURED = Undefined("not measured")

Apart = Literal["best", "tied", "behind", "unknown"]
CellKey = tuple[str, str, str]


@dataclass(frozen=True)
class Standing:
    """One tokenizer's place in a ranking, with all that a doubting reader needs.

    Attributes:
        place: 1 for the best.
        tokenizer: its name.
        value: the ranked number, with its interval when the document has its cell.
        behind: paired difference from the best (worse > 0), `None` for the best itself.
        share_behind: `behind` as a share of the best's value, `None` where there is no such share.
        apart: `best`; `tied` when the paired interval includes 0; `behind` when it does not;
            `unknown` when there is no interval to judge by.
        sentence: the same in plain words, without the tokenizer's name.
    """

    place: int
    tokenizer: str
    value: Measured
    behind: Value | None
    share_behind: float | None
    apart: Apart
    sentence: str


@dataclass(frozen=True)
class HeadlineRow:
    """A tokenizer and its values of the headline metrics, in the order of the metrics."""

    tokenizer: str
    values: tuple[Value, ...]


def cells_by_key(result: MetricsResult) -> dict[CellKey, Cell]:
    """The cells by (metric, tokenizer, slice); of equal keys the last one."""
    return {(cell.metric, cell.tokenizer, cell.slice): cell for cell in result.cells}


def metrics_by_id(result: MetricsResult) -> dict[str, MetricInfo]:
    """What is known about each metric, by id, in the document's order."""
    return {metric.id: metric for metric in result.metrics}


def slice_names(result: MetricsResult) -> tuple[str, ...]:
    """Every slice that has cells: `all` first, then as the document lists them.

    Groups of slices (`script:Latn`), which only few metrics have, are left to the other formats.
    """
    used = dict.fromkeys(cell.slice for cell in result.cells)
    listed = [part.name for part in result.slices if part.name in used]
    whole = [name for name in (WHOLE_CORPUS,) if name in used]
    return _distinct(whole, listed or used)


def tokenizer_names(result: MetricsResult) -> tuple[str, ...]:
    """Every tokenizer that has cells or is ranked: in the order of the main ranking, then the rest.

    Ranked ones come best first, then the excluded, then those that are in no ranking. Baselines
    are none: tables that have numbers of theirs ask `baselines_beside` for them.
    """
    ranking = main_ranking(result)
    ranked = [entry.tokenizer for entry in ranking.entries] if ranking else []
    excluded = [one.tokenizer for one in ranking.excluded] if ranking else []
    names = _distinct(ranked, excluded, (cell.tokenizer for cell in result.cells))
    return tuple(name for name in names if name not in result.baselines)


def _distinct(*names: Iterable[str]) -> tuple[str, ...]:
    """The names in order of first appearance, each once."""
    return tuple(dict.fromkeys(name for group in names for name in group))


def main_ranking(result: MetricsResult) -> Ranking | None:
    """The ranking that is shown first: bytes per token on `all`.

    Without it, the first one on `all`, then bytes per token on any slice, then any ranking;
    `None` when the document has none.
    """
    wanted = (
        lambda ranking: ranking.metric == MAIN_METRIC and ranking.slice == WHOLE_CORPUS,
        lambda ranking: ranking.slice == WHOLE_CORPUS,
        lambda ranking: ranking.metric == MAIN_METRIC,
        lambda _: True,
    )
    for fits in wanted:
        for ranking in result.rankings:
            if fits(ranking):
                return ranking
    return None


def standings(result: MetricsResult, ranking: Ranking) -> tuple[Standing, ...]:
    """The ranked tokenizers, best first, each with its interval and its distance from the best."""
    values = {
        cell.tokenizer: cell.value
        for cell in result.cells
        if cell.slice == ranking.slice and cell.metric == ranking.metric
    }
    unit = metric_unit(result, ranking.metric)
    best = ranking.entries[0].value if ranking.entries else 0.0
    rows = []
    for place, entry in enumerate(ranking.entries, start=1):
        value = values.get(entry.tokenizer)
        behind = None if place == 1 else entry.behind_best or Undefined("no paired difference")
        share = behind.value / abs(best) if isinstance(behind, Measured) and best else None
        apart = _apart(behind)
        rows.append(
            Standing(
                place=place,
                tokenizer=entry.tokenizer,
                value=value
                if isinstance(value, Measured)
                else Measured(entry.value, 0, stderr_reason="no cell in the document"),
                behind=behind,
                share_behind=share,
                apart=apart,
                sentence=_standing_sentence(apart, behind, share=share, unit=unit),
            )
        )
    return tuple(rows)


def _apart(behind: Value | None) -> Apart:
    """Whether a paired difference from the best tells two tokenizers apart."""
    if behind is None:
        return "best"
    apart = excludes_zero(behind)
    if apart is None:
        return "unknown"
    return "behind" if apart else "tied"


def _standing_sentence(
    apart: Apart, behind: Value | None, *, share: float | None, unit: str
) -> str:
    """A standing in plain words."""
    if behind is None:
        return "the best measured"
    if isinstance(behind, Undefined):
        return f"how far behind the best is not known: {behind.reason}"
    distance = format_difference(behind, unit).short.removeprefix("+")
    within = f"95% interval {difference_interval(behind, unit)}"
    percent = f", {format_percent(share)}" if share is not None else ""
    if apart == "tied":
        return f"cannot be told apart from the best: behind by {distance} ({within})"
    if apart == "unknown":
        reason = behind.stderr_reason or "no interval"
        return f"behind by {distance}{percent}; whether by chance is not known: {reason}"
    return f"behind by {distance}{percent} ({within})"


def difference_interval(difference: Value, unit: str = "") -> str:
    """The ends of a difference's interval; those of shares are in percentage points.

    >>> difference_interval(Measured(0.03, 64, stderr=0.004, low=0.022, high=0.038), "share")
    '2.20 to 3.80 pp'
    """
    interval = format_interval(difference, unit)
    return interval.removesuffix("%") + " pp" if interval.endswith("%") else interval


def verdict(result: MetricsResult, ranking: Ranking) -> str:
    """Who is best and by how much, in plain sentences.

    Example: `a is best by bytes per token on all: 4.605 (95% interval 4.585 to 4.625). b cannot be
    told apart from it. The next, c, is behind by 0.6200, 13% (95% interval 0.5500 to 0.6900).`
    """
    rows = standings(result, ranking)
    title = metric_title(result, ranking.metric)
    barred = [one.tokenizer for one in ranking.excluded]
    excluded = f" Not ranked, for a reason: {_listed(barred)}." if barred else ""
    if not rows:
        return f"No tokenizer can be ranked by {title} on {ranking.slice}.{excluded}"
    best = rows[0]
    unit = metric_unit(result, ranking.metric)
    interval = format_interval(best.value, unit)
    within = f" (95% interval {interval})" if interval else ""
    if len(rows) == 1:
        lead = f"{best.tokenizer} alone is ranked by {title} on {ranking.slice}"
    else:
        lead = f"{best.tokenizer} is best by {title} on {ranking.slice}"
    sentences = [f"{lead}: {format_value(best.value, unit).short}{within}."]
    tied = [row.tokenizer for row in rows if row.apart == "tied"]
    if tied:
        sentences.append(f"{_listed(tied)} cannot be told apart from it.")
    following = next((row for row in rows if row.apart in ("behind", "unknown")), None)
    if following:
        label = "The next" if tied else "The second"
        sentences.append(f"{label}, {following.tokenizer}, is {_clause(following)}.")
    return " ".join(sentences) + excluded


def _clause(row: Standing) -> str:
    """A standing's sentence so that it reads on after `is`."""
    if isinstance(row.behind, Undefined):
        return f"behind by an unknown amount: {row.behind.reason}"
    return row.sentence


def _listed(names: list[str]) -> str:
    """Names joined for a sentence: `a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def metric_title(result: MetricsResult, metric: str) -> str:
    """A metric's title as it reads inside a sentence; its id when the document does not know it."""
    info = metrics_by_id(result).get(metric)
    if info is None or not info.title:
        return metric
    first, rest = info.title[:1], info.title[1:]
    is_name = rest[:1].isupper() or info.title.split()[0] in PERSONS
    return info.title if is_name else first.lower() + rest


def metric_unit(result: MetricsResult, metric: str) -> str:
    """A metric's unit; empty when it has none or the document does not know the metric."""
    info = metrics_by_id(result).get(metric)
    return info.unit if info else ""


def headline_metrics(
    result: MetricsResult, *, slice_name: str = WHOLE_CORPUS, limit: int = 6
) -> tuple[MetricInfo, ...]:
    """The metrics that stand for the rest on one slice, at most `limit`.

    Bytes per token, then the first of each family, then what is left in the document's order;
    only metrics that are measured on that slice for at least one tokenizer.
    """
    measured = {
        cell.metric
        for cell in result.cells
        if cell.slice == slice_name
        and isinstance(cell.value, Measured)
        and cell.tokenizer not in result.baselines
    }
    known = [metric for metric in result.metrics if metric.id in measured]
    main = [metric for metric in known if metric.id == MAIN_METRIC]
    families = {metric.family: metric for metric in reversed(known)}
    for metric in main:
        families[metric.family] = metric
    leaders = [metric for metric in known if families[metric.family] is metric]
    ordered = {metric.id: metric for metric in (*main, *leaders, *known)}
    return tuple(ordered.values())[:limit]


def headline_rows(
    result: MetricsResult, metrics: Iterable[MetricInfo], *, slice_name: str = WHOLE_CORPUS
) -> tuple[HeadlineRow, ...]:
    """One row for each tokenizer, best of the main ranking first, with a value for each metric.

    A cell that the document lacks is `Undefined("not measured")`.
    """
    cells = cells_by_key(result)
    columns = tuple(metrics)
    return tuple(
        HeadlineRow(
            name,
            tuple(
                cell.value if (cell := cells.get((metric.id, name, slice_name))) else NOT_MEASURED
                for metric in columns
            ),
        )
        for name in tokenizer_names(result)
    )

"""Rankings: tokenizers by one metric on one slice, with exclusions and paired differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tokeval.core.metric import WHOLE_CORPUS, Folds, Metric, paired_difference
from tokeval.document import Cell, Exclusion, Ranking, RankingEntry

MAX_UNK_RATE = 0.10
RANKED_ON_EVERY_SLICE = ("bytes_per_token",)

Cells = Sequence[tuple[Cell, Folds | None]]


def rankings(
    cells: Cells,
    metrics: Sequence[Metric],
    unk_rates: Mapping[tuple[str, str], float],
    *,
    baselines: Collection[str] = (),
) -> list[Ranking]:
    """Rankings by every metric with a direction on the whole corpus, by some on every slice.

    A tokenizer whose cell is undefined is not in the ranking; the cell says why.

    Args:
        cells: with their folds.
        metrics: those that were computed.
        unk_rates: share of unknown tokens by tokenizer and slice; above MAX_UNK_RATE a tokenizer
            is excluded, since unknown tokens make it look short.
        baselines: names that do not compete; rankings are without them.
    """
    by_place: dict[tuple[str, str], list[tuple[Cell, Folds | None]]] = {}
    for cell, folds in cells:
        if cell.tokenizer not in baselines:
            by_place.setdefault((cell.metric, cell.slice), []).append((cell, folds))
    found = []
    for metric in metrics:
        if metric.info.direction == "none":
            continue
        for (metric_id, slice_name), candidates in by_place.items():
            is_wanted = slice_name == WHOLE_CORPUS or metric_id in RANKED_ON_EVERY_SLICE
            is_measured = any(folds is not None for _, folds in candidates)
            if metric_id == metric.info.id and is_wanted and is_measured:
                found.append(_ranking(metric, slice_name, candidates, unk_rates=unk_rates))
    return found


def _ranking(
    metric: Metric,
    slice_name: str,
    candidates: Cells,
    *,
    unk_rates: Mapping[tuple[str, str], float],
) -> Ranking:
    """The tokenizers on one slice, best first; ties in the order in which they were given."""
    sign = -1.0 if metric.info.direction == "higher" else 1.0
    excluded = []
    ranked: list[tuple[float, str, Folds]] = []
    for cell, folds in candidates:
        rate = unk_rates.get((cell.tokenizer, cell.slice), 0.0)
        if rate > MAX_UNK_RATE:
            reason = f"{rate:.0%} of its tokens are unknown, which makes it look short"
            excluded.append(Exclusion(cell.tokenizer, reason))
        elif folds is not None:
            ranked.append((float(folds.values[0]), cell.tokenizer, folds))
    ranked.sort(key=lambda entry: sign * entry[0])
    entries = [
        RankingEntry(
            name,
            value,
            None if place == 0 else paired_difference(*_worse_first(folds, ranked[0][2], sign)),
        )
        for place, (value, name, folds) in enumerate(ranked)
    ]
    return Ranking(metric.info.id, slice_name, tuple(entries), tuple(excluded))


def _worse_first(folds: Folds, best: Folds, sign: float) -> tuple[Folds, Folds]:
    """The two in the order whose difference is positive when the first tokenizer is worse."""
    return (folds, best) if sign > 0 else (best, folds)

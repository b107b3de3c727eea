"""One result of `tokeval metrics` as the page of a report shows it: every view of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from tokeval.document import MetricsResult, Ranking, Report, TokenizerInfo, metrics_results
from tokeval.render.distributions import series_drawings
from tokeval.render.families import FamilyView, family_views
from tokeval.render.figures import Drawing, whisker_drawing
from tokeval.render.findings import FindingGroup, finding_groups
from tokeval.render.grid import Grid, GridCell, UndefinedGroup
from tokeval.render.relative import RelativeTokens, relative_tokens
from tokeval.render.summary import (
    Standing,
    main_ranking,
    metric_title,
    metric_unit,
    standings,
    verdict,
)
from tokeval.render.token_view import TokenView, WordView, token_view, word_views


@dataclass(frozen=True)
class RankingRow:
    """The ranking of one slice in a line: who is best, and who cannot be told apart from it."""

    slice: str
    best: Standing | None
    tied: tuple[str, ...]
    second: Standing | None
    excluded: tuple[str, ...]


class Run:
    """One result of `tokeval metrics` as the page shows it.

    Attributes:
        prefix: put before every id of the page, empty for the first result.
        suffix: put behind headings, empty when there is only one result.
        names: tokenizers in the order of the page.
        grid: every number.
    """

    def __init__(self, report: Report, result: MetricsResult, number: int) -> None:
        n_results = len(metrics_results(report))
        self.report = report
        self.result = result
        self.prefix = f"run{number}-" if number > 1 else ""
        self.suffix = f" (run {number} of {n_results})" if n_results > 1 else ""
        self.grid = Grid(result)
        self.names = self.grid.tokenizers
        self.ranking = main_ranking(result)

    @cached_property
    def tokenizers(self) -> list[tuple[str, TokenizerInfo | None]]:
        """Every tokenizer, with what the provenance knows about it."""
        known = self.report.provenance.tokenizers
        return [(name, known.get(name)) for name in self.names]

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels of every slice, in words."""
        return {
            part.name: ", ".join(f"{key} {label}" for key, label in part.labels.items())
            for part in self.result.slices
        }

    @cached_property
    def verdict(self) -> str:
        """Who is best and by how much, in plain sentences."""
        return verdict(self.result, self.ranking) if self.ranking else ""

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The rows of the main ranking."""
        return standings(self.result, self.ranking) if self.ranking else ()

    @cached_property
    def ranking_title(self) -> str:
        """What the main ranking ranks by."""
        return metric_title(self.result, self.ranking.metric) if self.ranking else ""

    @cached_property
    def ranking_unit(self) -> str:
        """The unit of the main ranking."""
        return metric_unit(self.result, self.ranking.metric) if self.ranking else ""

    @cached_property
    def other_rankings(self) -> list[tuple[str, list[RankingRow]]]:
        """The rankings other than the main one, by metric."""
        groups: dict[str, list[RankingRow]] = {}
        for ranking in self.result.rankings:
            if ranking is not self.ranking:
                groups.setdefault(ranking.metric, []).append(self._ranking_row(ranking))
        return [(metric, rows) for metric, rows in groups.items()]

    def _ranking_row(self, ranking: Ranking) -> RankingRow:
        rows = standings(self.result, ranking)
        return RankingRow(
            slice=ranking.slice,
            best=rows[0] if rows else None,
            tied=tuple(row.tokenizer for row in rows if row.apart == "tied"),
            second=next((row for row in rows if row.apart in ("behind", "unknown")), None),
            excluded=tuple(f"{one.tokenizer}: {one.reason}" for one in ranking.excluded),
        )

    def title(self, metric: str) -> str:
        """A metric's title as it reads inside a sentence."""
        return metric_title(self.result, metric)

    def unit(self, metric: str) -> str:
        """A metric's unit."""
        return metric_unit(self.result, metric)

    @cached_property
    def relative(self) -> RelativeTokens | None:
        """The heat map."""
        return relative_tokens(self.result)

    @cached_property
    def main_slice(self) -> int:
        """The slice that tables show first: that of the main ranking."""
        if self.ranking and self.ranking.slice in self.grid.slices:
            return self.grid.slices.index(self.ranking.slice)
        return 0

    @cached_property
    def main_metric(self) -> int:
        """The metric that tables show first: that of the main ranking."""
        ids = [metric.id for metric in self.grid.metrics]
        return ids.index(self.ranking.metric) if self.ranking and self.ranking.metric in ids else 0

    @cached_property
    def undefined_by_metric(self) -> tuple[tuple[UndefinedGroup, ...], int]:
        """Why numbers of the slice that is shown first are undefined, and how many are."""
        part = self.grid.slices[self.main_slice]
        return self._undefined(
            [(one.title, self.grid.rows[one.id, part]) for one in self.grid.metrics]
        )

    @cached_property
    def undefined_by_slice(self) -> tuple[tuple[UndefinedGroup, ...], int]:
        """Why numbers of the metric that is shown first are undefined, and how many are."""
        rows = self.grid.on_every_slice(self.grid.metrics[self.main_metric])
        return self._undefined(rows, self.grid.baselines)

    def _undefined(
        self, rows: Sequence[tuple[str, tuple[GridCell | None, ...]]], baselines: Sequence[str] = ()
    ) -> tuple[tuple[UndefinedGroup, ...], int]:
        n_undefined = sum(cell.undefined for _, row in rows for cell in row if cell)
        return self.grid.undefined(rows, baselines), n_undefined

    @cached_property
    def packed(self) -> Markup:
        """Every number as JSON for the script."""
        return Markup(self.grid.packed())  # noqa: S704 escaped for a script element

    @cached_property
    def whiskers(self) -> Drawing | None:
        """The figure of the main ranking."""
        if not self.standings or self.ranking is None:
            return None
        return whisker_drawing(self.result, self.ranking, prefix=self.prefix)

    @cached_property
    def all_drawings(self) -> tuple[Drawing, ...]:
        """The figures of all series."""
        return series_drawings(self.result, prefix=self.prefix)

    @cached_property
    def drawings(self) -> tuple[Drawing, ...]:
        """The figures that belong to no family of metrics."""
        return tuple(one for one in self.all_drawings if not one.family)

    @cached_property
    def families(self) -> tuple[FamilyView, ...]:
        """The families of metrics, with their figures."""
        return family_views(self.result, self.grid, self.all_drawings, prefix=self.prefix)

    @cached_property
    def findings(self) -> tuple[tuple[FindingGroup, ...], int]:
        """What owners of the tokenizers should know, and how many findings are left out."""
        return finding_groups(self.result.findings, self.names)

    @cached_property
    def words(self) -> tuple[tuple[WordView, ...], int]:
        """Badly split words, and how many are left out."""
        return word_views(self.result)

    @cached_property
    def tokens(self) -> TokenView:
        """Sample texts cut by each tokenizer."""
        return token_view(self.result, self.names)

    @cached_property
    def signatures(self) -> list[tuple[str, str, str]]:
        """Metric, tokenizer and signature of every cell of the slice that is shown first."""
        if not self.grid.slices:
            return []
        part = self.grid.slices[self.main_slice]
        return [
            (cell.metric, cell.tokenizer, cell.signature)
            for cell in self.result.cells
            if cell.slice == part
        ]

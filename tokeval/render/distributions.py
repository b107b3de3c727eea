"""Figures of the series of a document: lines, stairs, bars, stacks, layers and heat maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tokeval.document import MetricsResult, Series, SeriesKind
from tokeval.render.bars import grouped_bars, stacked_bars
from tokeval.render.curves import curves
from tokeval.render.figures import Drawing, Painted
from tokeval.render.heat_map import heat_map
from tokeval.render.layers import layered_bars
from tokeval.render.points import category_names, point_table
from tokeval.render.summary import WHOLE_CORPUS, tokenizer_names
from tokeval.render.svg import inline_svg

MAX_SLICES = 3
MAX_BARS = 100
"""Past this many bars a heat map is easier to read."""

PAINTERS: dict[SeriesKind, Callable[[Sequence[Series], dict[str, int]], Painted]] = {
    "line": curves,
    "step": curves,
    "bars": grouped_bars,
    "stack": stacked_bars,
    "heat": heat_map,
    "layers": layered_bars,
}

SHADES_FOR_BARS = "There are so many bars that shades stand for them: deep ones for long bars."


def series_drawings(result: MetricsResult, *, prefix: str) -> tuple[Drawing, ...]:
    """A figure for every id of series, on `all` or else on its first three slices.

    In the order in which the document names them first.
    """
    places = {name: index for index, name in enumerate(tokenizer_names(result))}
    groups: dict[str, dict[str, list[Series]]] = {}
    for series in result.series:
        places.setdefault(series.tokenizer, len(places))
        groups.setdefault(series.id, {}).setdefault(series.slice, []).append(series)
    drawings: list[Drawing] = []
    for slices in groups.values():
        chosen = [WHOLE_CORPUS] if WHOLE_CORPUS in slices else list(slices)[:MAX_SLICES]
        for part in chosen:
            lines = sorted(slices[part], key=lambda one: places[one.tokenizer])
            for figure in _figures(lines):
                anchor = f"{prefix}figure-{len(drawings)}"
                drawings.append(_series_drawing(figure, places, anchor=anchor))
    return tuple(drawings)


def _figures(lines: list[Series]) -> list[list[Series]]:
    """The series of each figure: all tokenizers in one, layers with a figure for each."""
    if lines[0].kind != "layers":
        return [lines]
    by_tokenizer: dict[str, list[Series]] = {}
    for one in lines:
        by_tokenizer.setdefault(one.tokenizer, []).append(one)
    return list(by_tokenizer.values())


def _series_drawing(lines: list[Series], places: dict[str, int], *, anchor: str) -> Drawing:
    """The figure of one id of series on one slice."""
    first = lines[0]
    table = point_table(lines)
    title = f"{first.title}, {first.tokenizer if first.layer else first.slice}"
    kind = _kind(lines)
    size, draw, keys = PAINTERS[kind](lines, places)
    return Drawing(
        anchor=anchor,
        title=title,
        svg=inline_svg(draw, size=size, title=f"{title}: {first.y_label}", prefix=anchor),
        reading=_reading(first, kind),
        keys=keys,
        bars=kind in ("bars", "stack", "layers"),
        table=table,
        family=first.family,
    )


def _reading(series: Series, kind: SeriesKind) -> str:
    """How to read a figure, as its series say or as far as its axes tell."""
    reading = series.reading or f"{series.y_label} against {series.x_label}."
    if kind == "heat" and series.kind == "bars":
        return f"{reading} {SHADES_FOR_BARS}"
    return reading


def _kind(lines: Sequence[Series]) -> SeriesKind:
    """How a figure is drawn: as its series say, if it stays readable."""
    kind = lines[0].kind
    if kind == "bars" and len(lines) * len(category_names(lines)) > MAX_BARS:
        return "heat"
    return kind

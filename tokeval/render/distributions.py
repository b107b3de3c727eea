"""Figures of the series of a document: distributions as lines, compositions as stacked bars."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from tokeval.document import MetricsResult, Series
from tokeval.errors import TokevalError
from tokeval.render.figures import (
    WIDTH,
    Drawing,
    Key,
    PointTable,
    box,
    named_rows,
    plain_ticks,
    tick_text,
)
from tokeval.render.numbers import format_number
from tokeval.render.summary import WHOLE_CORPUS, tokenizer_names
from tokeval.render.svg import N_SERIES_COLOURS, Labels, ink, inline_svg
from tokeval.render.visible import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES: tuple[tuple[float, ...], ...] = ((), (6, 2.5), (1.6, 2.2), (7, 2.2, 1.6, 2.2))
MAX_POINTS = 400
MAX_TABLE_POINTS = 25
MAX_SHARED_ROWS = 60
MAX_SLICES = 3
HEIGHT = 2.9
REST = "all other categories"

READINGS = {
    "tokens_per_word": "How many tokens a word becomes. Mass at 1 means words kept whole; a long "
    "tail means words in many small pieces.",
    "tokens_per_line_ecdf": "The share of lines that need at most so many tokens. A curve further "
    "to the left encodes the same lines in fewer tokens; read a context limit straight up.",
    "rank_frequency": "How often tokens occur, the most frequent first, both axes logarithmic. A "
    "straight line is Zipf's law; an early drop means many rare tokens that are hardly learned.",
    "lorenz": "Slices from the cheapest to the dearest, and the share of all tokens that they use "
    "up. On the diagonal every slice costs the same; the deeper the bow, the less equal.",
    "vocabulary_composition": "What the vocabulary is spent on, in shares of its tokens. Space "
    "given to one kind is not there for another.",
}


def series_drawings(result: MetricsResult, *, prefix: str) -> tuple[Drawing, ...]:
    """A figure for every kind of series, on `all` or else on its first three slices."""
    places = {name: index for index, name in enumerate(tokenizer_names(result))}
    groups: dict[str, dict[str, list[Series]]] = {}
    for series in result.series:
        places.setdefault(series.tokenizer, len(places))
        groups.setdefault(series.id, {}).setdefault(series.slice, []).append(series)
    unknown = [kind for kind in groups if kind not in READINGS]
    drawings: list[Drawing] = []
    for kind in (*(kind for kind in READINGS if kind in groups), *unknown):
        slices = groups[kind]
        chosen = [WHOLE_CORPUS] if WHOLE_CORPUS in slices else list(slices)[:MAX_SLICES]
        for part in chosen:
            lines = sorted(slices[part], key=lambda one: places[one.tokenizer])
            anchor = f"{prefix}figure-{len(drawings)}"
            drawings.append(_series_drawing(lines, places, anchor=anchor))
    return tuple(drawings)


def _series_drawing(lines: list[Series], places: dict[str, int], *, anchor: str) -> Drawing:
    """The figure of one kind of series on one slice."""
    first = lines[0]
    title = f"{first.title}, {first.slice}"
    stacked = first.id == "vocabulary_composition"
    painter = _composition if stacked else _curves
    size, draw, keys = painter(lines, places)
    return Drawing(
        anchor=anchor,
        title=title,
        svg=inline_svg(draw, size=size, title=f"{title}: {first.y_label}", prefix=anchor),
        reading=READINGS.get(first.id, f"{first.y_label} against {first.x_label}."),
        keys=keys,
        bars=stacked,
        table=_point_table(lines),
    )


Painted = tuple[tuple[float, float], Callable[["Figure", Labels], None], tuple[Key, ...]]


def line_key(name: str, place: int) -> Key:
    """The colour and dashes of a tokenizer, the same in every figure of a page."""
    dashes = DASHES[(place + place // N_SERIES_COLOURS) % len(DASHES)]
    return Key(name, place % N_SERIES_COLOURS, dashes)


def _curves(lines: list[Series], places: dict[str, int]) -> Painted:
    """One line for each tokenizer; log-log for ranks, with the diagonal for Lorenz curves."""
    keys = tuple(line_key(one.tokenizer, places[one.tokenizer]) for one in lines)
    kind = lines[0].id
    categories = list(dict.fromkeys(str(x) for one in lines for x in one.x if isinstance(x, str)))

    def draw(figure: Figure, labels: Labels) -> None:
        axes = figure.add_axes(box(figure, left=0.68, bottom=0.48, right=0.25))
        n_drawn = 0
        for one, key in zip(lines, keys, strict=True):
            x, y = _drawn_points(one, categories, logarithmic=kind == "rank_frequency")
            n_drawn += len(x)
            axes.plot(
                x,
                y,
                color=ink(f"s{key.colour}"),
                linestyle=(0, key.dashes) if key.dashes else "-",
                linewidth=1.8,
                marker="o" if len(x) <= 12 else None,
                markersize=3.5,
            )
        whole = all(not isinstance(x, float) or x.is_integer() for one in lines for x in one.x)
        _finish(axes, kind if n_drawn else "", whole=whole)
        if categories:
            axes.set_xticks(
                range(len(categories)), [labels.key(shorten(c, 12)) for c in categories]
            )
        axes.set_xlabel(labels.key(shorten(lines[0].x_label, 60)))
        axes.set_ylabel(labels.key(shorten(lines[0].y_label, 40)))
        axes.grid(visible=True)

    return (WIDTH, HEIGHT), draw, keys


def _finish(axes: Axes, kind: str, *, whole: bool) -> None:
    """Scales, limits and guide lines of one kind of figure; plain without points to scale to."""
    if kind == "rank_frequency":
        from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(numticks=7))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))
        return
    plain_ticks(axes.xaxis, integer=whole)
    plain_ticks(axes.yaxis)
    axes.set_ylim(bottom=0)
    if kind == "lorenz":
        axes.plot([0, 1], [0, 1], color=ink("muted"), linewidth=1, linestyle=(0, (2, 2)))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
    elif kind == "tokens_per_line_ecdf":
        axes.set_ylim(0, 1.02)


def _drawn_points(
    series: Series, categories: list[str], *, logarithmic: bool
) -> tuple[list[float], list[float]]:
    """The points that can be drawn, at most MAX_POINTS, category names by their place."""
    pairs = [
        (float(categories.index(x)) if isinstance(x, str) else x, y) for x, y in _pairs(series)
    ]
    drawn = [
        (x, y)
        for x, y in pairs
        if math.isfinite(x) and math.isfinite(y) and (not logarithmic or (x > 0 and y > 0))
    ]
    drawn = [drawn[index] for index in _thinned(len(drawn), MAX_POINTS)]
    return [x for x, _ in drawn], [y for _, y in drawn]


def _pairs(series: Series) -> list[tuple[float | str, float]]:
    """The points of a series; a series with unequal ends is a damaged document."""
    if len(series.x) != len(series.y):
        raise TokevalError(
            f"series {series.id} of {series.tokenizer} on {series.slice} has {len(series.x)} x "
            f"and {len(series.y)} y",
            "measure again with this version of tokeval: the document is damaged",
        )
    return list(zip(series.x, series.y, strict=True))


def _thinned(n: int, most: int) -> list[int]:
    """At most so many indices of n, evenly spaced, the first and the last among them.

    >>> _thinned(3, 5), _thinned(101, 5)
    ([0, 1, 2], [0, 25, 50, 75, 100])
    """
    if n <= most:
        return list(range(n))
    return [round(step * (n - 1) / (most - 1)) for step in range(most)]


def _composition(lines: list[Series], places: dict[str, int]) -> Painted:
    """Horizontal bars for each tokenizer, stacked by category; small categories are joined."""
    rows = [(one.tokenizer, _shares(one)) for one in sorted(lines, key=_place_in(places))]
    totals: dict[str, float] = {}
    for _, shares in rows:
        for category, share in shares.items():
            totals[category] = totals.get(category, 0.0) + share
    kept = list(totals)
    if len(kept) > N_SERIES_COLOURS:
        largest = sorted(kept, key=lambda category: -totals[category])[: N_SERIES_COLOURS - 1]
        kept = [*(category for category in kept if category in largest), REST]
    keys = tuple(Key(category, index) for index, category in enumerate(kept))

    def draw(figure: Figure, labels: Labels) -> None:
        axes = named_rows(figure, labels, names=[name for name, _ in rows])
        for place, (_, shares) in enumerate(rows):
            left = 0.0
            for key in keys:
                width = shares.get(key.name, 0.0)
                if key.name == REST:
                    width = sum(share for one, share in shares.items() if one not in kept)
                axes.barh(
                    place,
                    width,
                    left=left,
                    height=0.66,
                    color=ink(f"s{key.colour}"),
                    edgecolor=ink("surface"),
                    linewidth=1,
                )
                left += width
        axes.set_xlim(0, max(1e-9, *(sum(shares.values()) for _, shares in rows)) * 1.001)
        plain_ticks(axes.xaxis)
        axes.set_xlabel(labels.key(shorten(lines[0].y_label, 60)))

    return (WIDTH, 0.75 + 0.32 * len(rows)), draw, keys


def _place_in(places: dict[str, int]) -> Callable[[Series], int]:
    """The order of tokenizers."""
    return lambda series: places[series.tokenizer]


def _shares(series: Series) -> dict[str, float]:
    """The finite shares of a composition by category name."""
    return {
        x if isinstance(x, str) else format_number(x): y
        for x, y in _pairs(series)
        if math.isfinite(y)
    }


def _point_table(lines: list[Series]) -> PointTable:
    """The numbers of a figure: one column for each tokenizer when they share x, else long."""
    first = lines[0]
    names = tuple(one.tokenizer for one in lines)
    if all(one.x == first.x for one in lines):
        kept = _thinned(len(first.x), MAX_SHARED_ROWS)
        rows = tuple(
            (_text(first.x[at]), *(format_number(one.y[at]) for one in lines)) for at in kept
        )
        return PointTable((first.x_label, *names), rows, _left_out(len(kept), len(first.x)))
    long: list[tuple[str, ...]] = []
    for one in lines:
        pairs = _pairs(one)
        points = [pairs[at] for at in _thinned(len(pairs), MAX_TABLE_POINTS)]
        long += [(one.tokenizer, _text(x), format_number(y)) for x, y in points]
    header = ("tokenizer", first.x_label, first.y_label)
    return PointTable(header, tuple(long), _left_out(len(long), sum(len(one.x) for one in lines)))


def _text(x: float | str) -> str:
    """A point's x as text."""
    if isinstance(x, str):
        return x
    return tick_text(x) if math.isfinite(x) else format_number(x)


def _left_out(n_shown: int, n_points: int) -> str:
    """What the reader must know about points that the table does not have."""
    if n_shown == n_points:
        return ""
    return f"{n_shown:,} of {n_points:,} points, evenly spaced; the document has them all."

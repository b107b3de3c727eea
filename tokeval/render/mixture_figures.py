"""Figures of a mixture: shares with intervals, winners by step, merges that occur nowhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokeval.document import (
    WINNER_FIT,
    WINNER_FREQUENCY,
    WINNER_MISFITS,
    ZERO_COUNT_MERGES,
    MixtureResult,
    Series,
)
from tokeval.render.curves import HEIGHT, LEFT, RIGHT, curves
from tokeval.render.figures import (
    CATEGORY_CELLS,
    WIDTH,
    Drawing,
    Key,
    Painted,
    box,
    named_rows,
    plain_ticks,
    tick_text,
)
from tokeval.render.mixture_view import by_share
from tokeval.render.points import pairs, point_table, thinned
from tokeval.render.svg import N_SERIES_COLOURS, Labels, ink, inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_DRAWN = 1500
MAX_MARKS = 300
MARKERS = ("D", "s", "^", "v")

READ_SHARES = (
    "Each bar is a category's share of the bytes that the tokenizer was trained on, the dark line "
    "its 95% interval: how far the share would move with other samples of the same kind. Marks "
    "are what simpler methods answer."
)
READ_WINNERS = (
    "Training joins the most frequent pair first, so the dots, how often each joined pair occurs "
    "in the inferred mixture, should fall along the line. Circled dots lie at a third of the line "
    "or lower: their place asks for more text that contains them than the categories have. Many "
    "circles mean that a category is missing or unlike the training data."
)
READ_NOWHERE = (
    "Each step up is a merge that occurs in no category at all. With every category at hand the "
    "stairs stay at 0 to 0.1% of the merges; a missing category of 5% makes them climb to 2% and "
    "more. Where they climb, the tokens of the missing text were learnt."
)


def mixture_drawings(result: MixtureResult, *, prefix: str) -> tuple[Drawing, ...]:
    """The figures that the document has data for, shares first."""
    drawings = [_shares(result, prefix)]
    found = {one.id: one for one in result.series}
    if WINNER_FREQUENCY in found and found[WINNER_FREQUENCY].x:
        drawings.append(_winners(found, prefix))
    if ZERO_COUNT_MERGES in found and found[ZERO_COUNT_MERGES].x:
        drawings.append(_nowhere(found[ZERO_COUNT_MERGES], prefix))
    return tuple(drawings)


def _shares(result: MixtureResult, prefix: str) -> Drawing:
    """Bars of the shares, the largest on top, with intervals and the simpler answers as marks."""
    anchor = f"{prefix}shares-figure"
    size, draw, keys = _share_bars(result)
    title = "Share of the training data, by category"
    return Drawing(
        anchor=anchor,
        title=title,
        svg=inline_svg(draw, size=size, title=f"{title}, in bytes", prefix=anchor),
        reading=READ_SHARES,
        keys=keys,
        bars=True,
    )


def _share_bars(result: MixtureResult) -> Painted:
    shown = by_share(result)
    places = {one.name: at for at, one in enumerate(result.categories)}
    answering = [one for one in result.baselines if any(share is not None for share in one.shares)]
    keys = [Key("inferred share", 0)]
    keys += [
        Key(one.name, 1 + at % (N_SERIES_COLOURS - 1), hollow=True)
        for at, one in enumerate(answering)
    ]

    def draw(figure: Figure, labels: Labels) -> None:
        names = [one.name for one in shown]
        axes = named_rows(figure, labels, names=names, cells=CATEGORY_CELLS)
        percents = [100 * one.share for one in shown]
        axes.barh(range(len(shown)), percents, height=0.62, color=ink("s0"))
        for at, one in enumerate(shown):
            if one.high is not None:
                ends = [100 * (one.low or 0.0), 100 * one.high]
                axes.plot(ends, [at, at], color=ink("ink"), linewidth=1.6, marker="|")
        for number, (key, other) in enumerate(zip(keys[1:], answering, strict=True)):
            rows = [(at, other.shares[places[one.name]]) for at, one in enumerate(shown)]
            known = [(at, 100 * share) for at, share in rows if share is not None]
            _marks(axes, known, key=key, marker=MARKERS[number % len(MARKERS)])
        axes.set_xlim(left=0)
        axes.grid(visible=True, axis="x")
        plain_ticks(axes.xaxis)
        axes.set_xlabel(labels.key("percent of the bytes"))

    return (WIDTH, 0.75 + 0.3 * max(len(shown), 1)), draw, tuple(keys)


def _marks(axes: Axes, known: Sequence[tuple[int, float]], *, key: Key, marker: str) -> None:
    """What a simpler method answers, a hollow mark in each row."""
    axes.plot(
        [share for _, share in known],
        [at for at, _ in known],
        linestyle="none",
        marker=marker,
        markersize=5.5,
        markeredgewidth=1.4,
        markeredgecolor=ink(f"s{key.colour}"),
        markerfacecolor=ink("surface"),
    )


def _winners(found: dict[str, Series], prefix: str) -> Drawing:
    """Frequency of the winners by step, on logarithmic axes, with the fit and its misfits."""
    anchor = f"{prefix}winners-figure"
    frequency = found[WINNER_FREQUENCY]
    dots = _drawable(frequency)
    line = _drawable(found[WINNER_FIT]) if WINNER_FIT in found else []
    low = _drawable(found[WINNER_MISFITS]) if WINNER_MISFITS in found else []
    keys = [Key("winning pairs", 0)]
    keys += [Key("non-increasing fit", 1)] if line else []
    keys += [Key("a third of the fit or lower", 7, hollow=True)] if low else []

    def draw(figure: Figure, labels: Labels) -> None:
        axes = figure.add_axes(box(figure, left=LEFT + 0.1, bottom=0.48, right=RIGHT))
        kept = [dots[at] for at in thinned(len(dots), MAX_DRAWN)]
        look: dict[str, Any] = {"linestyle": "none", "marker": "o"}
        axes.plot(*_columns(kept), color=ink("s0"), markersize=2, markeredgewidth=0, **look)
        axes.plot(*_columns(line), color=ink("s1"), linewidth=1.6, drawstyle="steps-post")
        circled = [low[at] for at in thinned(len(low), MAX_MARKS)]
        axes.plot(
            *_columns(circled),
            markersize=5,
            markeredgecolor=ink("s7"),
            markerfacecolor="none",
            markeredgewidth=1,
            **look,
        )
        _logarithmic(axes)
        axes.set_xlabel(labels.key("merge, in the order of the list"))
        axes.set_ylabel(labels.key("share of the pairs"))
        axes.grid(visible=True)

    title = "How often each winning pair occurs"
    return Drawing(
        anchor=anchor,
        title=title,
        svg=inline_svg(draw, size=(WIDTH, HEIGHT), title=f"{title}, by merge", prefix=anchor),
        reading=READ_WINNERS,
        keys=tuple(keys),
        bars=True,
        table=point_table([frequency]),
    )


def _drawable(series: Series) -> list[tuple[float, float]]:
    """The points of a series that have logarithms."""
    return [
        (x, y)
        for x, y in pairs(series)
        if not isinstance(x, str) and x > 0 and y > 0 and math.isfinite(x) and math.isfinite(y)
    ]


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _logarithmic(axes: Axes) -> None:
    """Logarithmic axes with few ticks, written as the other figures write them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=7))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))


def _nowhere(series: Series, prefix: str) -> Drawing:
    """How many merges up to each step occur in no category."""
    anchor = f"{prefix}nowhere-figure"
    size, draw, _ = curves([series], {series.tokenizer: 0})
    title = "Merges that occur in no category"
    return Drawing(
        anchor=anchor,
        title=title,
        svg=inline_svg(draw, size=size, title=f"{title}, up to each merge", prefix=anchor),
        reading=READ_NOWHERE,
        table=point_table([series]),
    )

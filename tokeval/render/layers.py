"""Layers: lying bars of one tokenizer whose parts add up, those below 0 to the left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokeval.document import Series
from tokeval.render.figures import CATEGORY_CELLS, WIDTH, Key, Painted, named_rows, plain_ticks
from tokeval.render.points import by_category, category_names
from tokeval.render.svg import N_SERIES_COLOURS, Labels, ink
from tokeval.render.visible import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_ROWS = 40


def layered_bars(parts: Sequence[Series], places: dict[str, int]) -> Painted:
    """A bar for each x, the largest sum on top, with a dot where its parts add up to.

    Of more than MAX_ROWS bars, those with the largest sums are drawn.

    Args:
        parts: the layers, all of one tokenizer.
        places: colours of tokenizers, which these figures do not need.
    """
    values = [by_category(part) for part in parts]
    rows = _ordered(category_names(parts), values)
    keys = tuple(Key(part.layer, index % N_SERIES_COLOURS) for index, part in enumerate(parts))

    def draw(figure: Figure, labels: Labels) -> None:
        axes = named_rows(figure, labels, names=rows, cells=CATEGORY_CELLS)
        for place, name in enumerate(rows):
            _bar(axes, place, [one.get(name, 0.0) for one in values], keys=keys)
        axes.axvline(0, color=ink("muted"), linewidth=0.8)
        axes.grid(visible=True, axis="x")
        plain_ticks(axes.xaxis)
        axes.set_xlabel(labels.key(shorten(parts[0].y_label, 60)))

    return (WIDTH, 0.75 + 0.26 * max(len(rows), 1)), draw, keys


def _ordered(names: Sequence[str], values: Sequence[dict[str, float]]) -> list[str]:
    """The bars that are drawn, by falling sum; equal ones as they are given."""
    sums = {name: sum(one.get(name, 0.0) for one in values) for name in names}
    return sorted(names, key=lambda name: -sums[name])[:MAX_ROWS]


def _bar(axes: Axes, place: int, lengths: Sequence[float], *, keys: Sequence[Key]) -> None:
    """One bar: parts above 0 to the right of it, those below 0 to the left, and their sum."""
    right = left = 0.0
    for length, key in zip(lengths, keys, strict=True):
        axes.barh(
            place,
            length,
            left=right if length >= 0 else left,
            height=0.66,
            color=ink(f"s{key.colour}"),
            edgecolor=ink("surface"),
            linewidth=0.6,
        )
        right, left = (right + length, left) if length >= 0 else (right, left + length)
    axes.plot(
        [right + left],
        [place],
        linestyle="none",
        marker="o",
        markersize=4.5,
        markeredgecolor=ink("ink"),
        markerfacecolor=ink("surface"),
    )

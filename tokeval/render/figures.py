"""What a figure of a report consists of, and the ranking with whiskers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from tokeval.document import MetricsResult, Ranking
from tokeval.render.summary import (
    Standing,
    metric_title,
    metric_unit,
    standings,
)
from tokeval.render.svg import Labels, ink, inline_svg
from tokeval.render.visible import labels as short_labels
from tokeval.render.visible import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 4.6
"""Inches; a page scales it."""

LEVEL = 0.22
"""Inches that level names under or above axes take."""

NAME_CELLS = 18
CATEGORY_CELLS = 25

CELL = 0.07
"""Inches that a character of a label takes, about."""


@dataclass(frozen=True)
class Key:
    """One entry of a legend: CSS variable `--s<colour>` and a dash pattern (empty: solid).

    A hollow bar or dot is drawn in outline: it tells apart those that share a colour.
    """

    name: str
    colour: int
    dashes: tuple[float, ...] = ()
    hollow: bool = False


@dataclass(frozen=True)
class PointTable:
    """The numbers behind a figure, as text, and what was left out."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Drawing:
    """A figure for a page.

    Attributes:
        anchor: unique on the page. title: plain text. svg: safe markup.
        reading: one or two sentences on how to read it.
        keys: the legend; `bars` says whether they are areas or lines.
        table: the numbers, `None` where another table of the page has them.
        family: the family of metrics that it belongs to, empty for none.
    """

    anchor: str
    title: str
    svg: str
    reading: str
    keys: tuple[Key, ...] = ()
    bars: bool = False
    table: PointTable | None = None
    family: str = ""


Painted = tuple[tuple[float, float], Callable[["Figure", Labels], None], tuple[Key, ...]]
"""What a painter returns: the size in inches, how to draw it, and the legend."""


def whisker_drawing(result: MetricsResult, ranking: Ranking, *, prefix: str) -> Drawing:
    """Dots with 95% intervals, best on top; the best and its equals in the accent colour."""
    rows = standings(result, ranking)
    unit = metric_unit(result, ranking.metric)
    title = f"Ranking by {metric_title(result, ranking.metric)} on {ranking.slice}"
    label = f"{metric_title(result, ranking.metric)}{f' ({unit})' if unit else ''}"

    def draw(figure: Figure, labels: Labels) -> None:
        _draw_whiskers(figure, labels, rows=rows, label=label)

    return Drawing(
        anchor=f"{prefix}ranking-figure",
        title=title,
        svg=inline_svg(
            draw,
            size=(WIDTH, 0.75 + 0.3 * max(len(rows), 1)),
            title=f"{title}: dots with 95% intervals, best on top",
            prefix=f"{prefix}ranking",
        ),
        reading="Each dot is a value, each line its 95% interval. Filled dots: the best, and "
        "those that cannot be told apart from it. Whether two differ is decided by their paired "
        "difference (in the table above), not by whether their lines overlap.",
    )


def _draw_whiskers(figure: Figure, labels: Labels, *, rows: Sequence[Standing], label: str) -> None:
    """One line for each standing, best on top, with names at the left."""
    axes = named_rows(figure, labels, names=[row.tokenizer for row in rows])
    for place, row in enumerate(rows):
        level = row.apart in ("best", "tied")
        colour = ink("accent" if level else "muted")
        low, high = row.value.low, row.value.high
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=colour, linewidth=2.2)
        axes.plot(
            [row.value.value],
            [place],
            linestyle="none",
            marker="o",
            markersize=6.5,
            markeredgewidth=1.6,
            markeredgecolor=colour,
            markerfacecolor=colour if level else ink("surface"),
        )
    axes.grid(visible=True, axis="x")
    plain_ticks(axes.xaxis)
    axes.set_xlabel(labels.key(shorten(label, 60)))


def named_rows(
    figure: Figure,
    labels: Labels,
    *,
    names: Sequence[str],
    cells: int = NAME_CELLS,
    bottom: float = 0.5,
    top: float = 0.1,
) -> Axes:
    """Axes with one row for each name, the first on top, the names at the left."""
    short = list(short_labels(names, cells).values())
    axes = figure.add_axes(box(figure, left=names_width(names, cells), bottom=bottom, top=top))
    axes.set_yticks(range(len(short)), [labels.key(name) for name in short])
    axes.set_ylim(len(short) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return axes


def names_width(names: Sequence[str], cells: int = NAME_CELLS) -> float:
    """Inches that names at the left of rows take."""
    short = short_labels(names, cells).values()
    return 0.3 + 0.075 * max((cell_len(name) for name in short), default=0)


@dataclass(frozen=True)
class AcrossLabels:
    """Names side by side, upright where they would not fit beside one another.

    Attributes:
        texts: the names made inert and short, no two alike.
        rotated: whether they read upwards.
        height: inches that they take.
    """

    texts: tuple[str, ...]
    rotated: bool
    height: float


def across(names: Sequence[str], room: float) -> AcrossLabels:
    """How names stand side by side in so many inches."""
    texts = tuple(short_labels(names, NAME_CELLS).values())
    widest = max((CELL * cell_len(text) for text in texts), default=0.0)
    rotated = widest + 0.08 > room / max(len(texts), 1)
    return AcrossLabels(texts, rotated, 0.12 + widest if rotated else LEVEL)


def box(
    figure: Figure, *, left: float, bottom: float, top: float = 0.12, right: float = 0.2
) -> tuple[float, float, float, float]:
    """The place of axes on a figure, from margins in inches."""
    width, height = figure.get_size_inches()
    return (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - bottom - top) / height,
    )


def plain_ticks(
    axis: Any,  # an `Axis`, whose type differs between matplotlib versions
    *,
    integer: bool = False,
) -> None:
    """At most about seven ticks, written as plain numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=integer))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))


def tick_text(value: float) -> str:
    """A tick's number: no exponent between 0.0001 and a million million."""
    if value and not 1e-4 <= abs(value) < 1e12:
        mantissa, _, power = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(power)}".replace("-", "\N{MINUS SIGN}")
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")

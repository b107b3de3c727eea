"""Heat maps: a shade for each tokenizer and category, with the scale below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from tokeval.document import Series
from tokeval.render.curves import name_columns
from tokeval.render.figures import (
    CATEGORY_CELLS,
    CELL,
    NAME_CELLS,
    WIDTH,
    AcrossLabels,
    Painted,
    across,
    named_rows,
    names_width,
    tick_text,
)
from tokeval.render.points import by_category, category_names
from tokeval.render.svg import FIRST_DEEP_SHADE, N_SHADES, Labels, ink
from tokeval.render.visible import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_ACROSS = 8
MAX_WRITTEN = 200
MARGIN = 0.2
FOOT = 0.62
"""Inches below the map, for the scale."""

Values = Mapping[tuple[int, int], float]


@dataclass(frozen=True)
class Scale:
    """From the smallest to the largest value in N_SHADES equal steps."""

    low: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> Scale:
        """The scale of values: from 0 where they come near to it or are alike, else from the least.

        >>> Scale.of([0.1, 0.9]), Scale.of([0.7, 0.9]), Scale.of([1.0, 1.0])
        (Scale(low=0.0, high=0.9), Scale(low=0.7, high=0.9), Scale(low=0.0, high=1.0))
        """
        low, high = min(values, default=0.0), max(values, default=0.0)
        return Scale(0.0 if 0 <= low < high / 2 or 0 < low == high else low, high)

    def shade(self, value: float) -> int:
        """The shade of a value, 0 for the smallest.

        >>> [Scale(0.0, 0.9).shade(value) for value in (0.0, 0.45, 0.9)]
        [0, 4, 8]
        """
        if self.high == self.low:
            return 0
        share = (value - self.low) / (self.high - self.low)
        return min(int(share * N_SHADES + 1e-9), N_SHADES - 1)


def heat_map(lines: Sequence[Series], places: dict[str, int]) -> Painted:
    """A row for each tokenizer; with many categories a column, for a page grows downwards."""
    ordered = sorted(lines, key=lambda one: places[one.tokenizer])
    tokenizers = [one.tokenizer for one in ordered]
    categories = category_names(lines)
    turned = len(categories) > max(MAX_ACROSS, len(tokenizers))
    values = {
        (column, row) if turned else (row, column): one[name]
        for row, one in enumerate(map(by_category, ordered))
        for column, name in enumerate(categories)
        if name in one
    }
    rows, columns = (categories, tokenizers) if turned else (tokenizers, categories)
    cells = CATEGORY_CELLS if turned else NAME_CELLS
    head = across(columns, WIDTH - names_width(rows, cells) - MARGIN)
    height = 0.21 if len(rows) > 2 * MAX_ACROSS else 0.27
    size, draw = shaded_grid(
        values, rows=rows, head=head, title=lines[0].y_label, cells=cells, height=height
    )
    return size, draw, ()


def shaded_grid(
    values: Values,
    *,
    rows: Sequence[str],
    head: AcrossLabels,
    title: str,
    cells: int = NAME_CELLS,
    height: float,
) -> tuple[tuple[float, float], Callable[[Figure, Labels], None]]:
    """Size and painter of a map: a shade for each (row, column), the scale below.

    Args:
        values: by row and column; where there is none, a dash is drawn.
        rows: names at the left, from the top.
        head: names of the columns.
        title: what the shades stand for.
        cells: the longest that a name at the left may be.
        height: of a row, in inches.
    """
    n_columns = len(head.texts)
    room = WIDTH - names_width(rows, cells) - MARGIN
    texts = _texts(values, room / max(n_columns, 1))

    def draw(figure: Figure, labels: Labels) -> None:
        scale = Scale.of(list(values.values()))
        axes = named_rows(
            figure, labels, names=rows, cells=cells, bottom=FOOT, top=head.height + 0.06
        )
        _name_top(axes, labels, head)
        shades = {place: scale.shade(value) for place, value in values.items()}
        _fill(axes, shades)
        for (row, column), text in texts.items():
            deep = shades[row, column] >= FIRST_DEEP_SHADE
            colour = ink("h-high" if deep else "h-low")
            axes.text(column, row, labels.key(text), color=colour, ha="center", va="center")
        for row, column in _missing(values, len(rows), n_columns):
            axes.text(column, row, "–", color=ink("muted"), ha="center", va="center")
        _draw_scale(figure, labels, scale=scale, title=title, left=names_width(rows, cells))

    return (WIDTH, FOOT + head.height + 0.06 + height * max(len(rows), 1)), draw


def _texts(values: Values, width: float) -> dict[tuple[int, int], str]:
    """What is written in the cells: the values where they are few and fit, else nothing."""
    largest = max(map(abs, values.values()), default=0.0)
    decimals = next((n for limit, n in ((0.1, 3), (10, 2), (100, 1)) if largest < limit), 0)
    if all(value.is_integer() for value in values.values()):
        decimals = 0
    texts = {place: f"{value:,.{decimals}f}" for place, value in values.items()}
    widest = max((CELL * cell_len(text) for text in texts.values()), default=0.0)
    if len(texts) > MAX_WRITTEN or widest + 0.06 > width:
        return {}
    return {place: text.replace("-", "\N{MINUS SIGN}") for place, text in texts.items()}


def _missing(values: Values, n_rows: int, n_columns: int) -> list[tuple[int, int]]:
    """The cells without a value."""
    places = ((row, column) for row in range(n_rows) for column in range(n_columns))
    return [place for place in places if place not in values]


def _name_top(axes: Axes, labels: Labels, head: AcrossLabels) -> None:
    """Columns with their names above, and no frame."""
    name_columns(axes, labels, head)
    axes.set_xlim(-0.5, max(len(head.texts), 1) - 0.5)
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_visible(False)


def _fill(axes: Axes, shades: Mapping[tuple[int, int], int]) -> None:
    """Rectangles by (row, column) in their shades: one path for each shade keeps a page small."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    for shade in sorted(set(shades.values())):
        corners: list[tuple[float, float]] = []
        codes: list[Any] = []
        for (row, column), its in shades.items():
            if its == shade:
                left, top = column - 0.5, row - 0.5
                corners += [(left, top), (left + 1, top), (left + 1, top + 1), (left, top + 1)]
                corners.append((left, top))
                codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
        axes.add_patch(
            PathPatch(
                Path(corners, codes),
                facecolor=ink(f"h{shade}"),
                edgecolor=ink("line"),
                linewidth=0.6,
            )
        )


def _draw_scale(figure: Figure, labels: Labels, *, scale: Scale, title: str, left: float) -> None:
    """The shades from the smallest to the largest value, below the map."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes(
        (left / width, (FOOT - 0.2) / height, (width - left - MARGIN) / width, 0.11 / height)
    )
    _fill(axes, {(0, shade): shade for shade in range(N_SHADES)})
    axes.set_xlim(-0.5, N_SHADES - 0.5)
    axes.set_ylim(0.5, -0.5)
    ends = (scale.low, (scale.low + scale.high) / 2, scale.high)
    axes.set_xticks(
        (-0.5, (N_SHADES - 1) / 2, N_SHADES - 0.5),
        [labels.key(tick_text(float(f"{end:.3g}"))) for end in ends],
    )
    axes.set_yticks(())
    axes.tick_params(axis="x", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(labels.key(shorten(title, 60)), labelpad=1)

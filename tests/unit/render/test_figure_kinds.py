"""Kinds of figures: bars, heat maps and stairs show their values, and stay readable when many."""

import re
from itertools import pairwise

import pytest

from tests.sample_report import TERMS, sample_report
from tokeval.document import MetricsResult, Series, SeriesKind, metrics_results
from tokeval.render.distributions import series_drawings
from tokeval.render.figures import Drawing

Box = tuple[float, float, float, float]


def drawn(kind: SeriesKind, *lines: dict[str, float]) -> Drawing:
    """A figure of tokenizers t0, t1, ... with these values by category."""
    series = tuple(
        Series("k", "K", f"t{k}", "all", "category", "height", (*one,), (*one.values(),), kind)
        for k, one in enumerate(lines)
    )
    (drawing,) = series_drawings(MetricsResult((), (), (), series=series), prefix="")
    return drawing


def points(kind: SeriesKind, x: tuple[float, ...], y: tuple[float, ...]) -> str:
    """The drawing of one tokenizer's points."""
    series = Series("k", "K", "t", "all", "x", "y", x, y, kind)
    return series_drawings(MetricsResult((), (), (), series=(series,)), prefix="")[0].svg


def texts(svg: str) -> list[str]:
    """The texts of a drawing in their order."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def boxes(svg: str, variable: str) -> list[Box]:
    """Left, top, right and bottom of every rectangle that is filled with a variable."""
    found = []
    for path in re.findall(rf'<path d="([^"]*)"[^>]*fill: var\(--{variable}\)', svg):
        for rectangle in re.findall(r"M[^M]*", path):
            numbers = [float(one) for one in re.findall(r"-?[\d.]+", rectangle)]
            x, y = numbers[::2], numbers[1::2]
            found.append((min(x), min(y), max(x), max(y)))
    return found


def test_bars_are_as_long_as_their_values_and_stand_by_category() -> None:
    drawing = drawn("bars", {"a": 1.0, "b": 2.0}, {"b": 4.0})
    first, second = boxes(drawing.svg, "s0"), boxes(drawing.svg, "s1")
    heights = [bottom - top for _, top, _, bottom in (*first, *second)]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 2, 4], rel=1e-3)
    assert second[0][0] == pytest.approx(first[1][2], abs=0.01)  # beside that of its category
    assert drawing.bars
    assert drawing.table is not None
    assert drawing.table.rows == (("a", "1.000", "—"), ("b", "2.000", "4.000"))


def test_bars_with_long_names_lie_down() -> None:
    drawing = drawn("bars", {f"a rather long category {k}": float(k + 1) for k in range(6)})
    widths = [right - left for left, _, right, _ in boxes(drawing.svg, "s0")]
    assert [w / widths[0] for w in widths] == pytest.approx([1, 2, 3, 4, 5, 6], rel=1e-3)
    assert "a rather long category 0" in texts(drawing.svg)


def test_bars_past_a_readable_number_become_a_heat_map_and_say_so() -> None:
    drawing = drawn("bars", *[{f"c{k}": float(k) for k in range(40)}] * 4)
    assert not drawing.bars
    assert "var(--h8)" in drawing.svg
    assert drawing.reading.endswith("deep ones for long bars.")


def test_the_ninth_tokenizer_has_hollow_bars_in_the_first_colour() -> None:
    drawing = drawn("bars", *[{"a": 1.0}] * 9)
    assert [(key.colour, key.hollow) for key in drawing.keys][::8] == [(0, False), (0, True)]


def test_a_heat_map_has_a_row_for_each_tokenizer_and_a_shade_for_each_value() -> None:
    drawing = drawn("heat", {"a": 0.0, "b": 0.5, "c": 1.0}, {"a": 1.0, "c": 0.0})
    scale = 1  # below the map, where every shade stands once
    n_boxes = {shade: len(boxes(drawing.svg, f"h{shade}")) for shade in range(9)}
    assert n_boxes == {shade: scale for shade in range(9)} | {
        0: 2 + scale,
        4: 1 + scale,
        8: 2 + scale,
    }
    assert texts(drawing.svg)[:5] == ["a", "b", "c", "t0", "t1"]
    assert texts(drawing.svg).count("–") == 1
    deep = re.findall(r"<text[^>]*fill: var\(--h-high\)[^>]*>([^<]*)", drawing.svg)
    assert deep == ["1.00", "1.00"]


def test_whole_values_of_a_heat_map_are_written_without_decimals() -> None:
    shown = texts(drawn("heat", {"a": 3.0, "b": 12.0}).svg)
    assert {"3", "12"} <= set(shown)
    assert "3.00" not in shown


def test_values_of_a_heat_map_are_written_only_where_they_fit() -> None:
    few = drawn("heat", *[{f"c{k}": k / 7 for k in range(4)}] * 2)
    many = drawn("heat", *[{f"c{k}": k / 7 for k in range(30)}] * 12)
    assert "0.43" in texts(few.svg)
    assert "0.43" not in texts(many.svg)
    assert many.table is not None
    assert len(many.table.rows) == 30


def test_a_heat_map_with_many_categories_is_turned_and_stays_readable() -> None:
    (result,) = metrics_results(sample_report(n_tokenizers=12))
    drawing = next(one for one in series_drawings(result, prefix="") if "field" in one.title)
    shown = texts(drawing.svg)
    assert len([text for text in shown if text in TERMS]) == 40
    assert shown.index("gpt-4o") < shown.index(TERMS[0])
    width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing.svg)[0])
    assert width < 400
    assert height / 45 > 8.5  # points for each row, the size of its text
    assert len(drawing.svg) < 80_000


def test_steps_are_drawn_as_steps() -> None:
    def corners(svg: str) -> int:
        (path,) = re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--s0\); stroke-width: 1.8', svg)
        return len(re.findall("[ML]", path))

    x, y = (1.0, 2.0, 4.0), (0.2, 0.6, 1.0)
    assert corners(points("line", x, y)) == 3
    assert corners(points("step", x, y)) == 5


def test_a_line_below_zero_is_not_cut_off() -> None:
    shown = texts(points("line", (1.0, 2.0), (-1.0, 1.0)))
    assert any(text.startswith("\N{MINUS SIGN}") for text in shown)


def test_names_of_many_categories_stand_upright_under_lines() -> None:
    svg = drawn("line", {f"category {k}": float(k) for k in range(20)}).svg
    assert svg.count("rotate(-90") == 20 + 1  # and the label of the axis


def test_short_names_under_lines_are_level_and_evenly_left_out_when_many() -> None:
    few = texts(drawn("line", {str(k): float(k) for k in range(12)}).svg)
    many = texts(drawn("line", {str(k): float(k) for k in range(60)}).svg)
    assert few[:12] == [str(k) for k in range(12)]
    shown = [int(text) for text in many[: many.index("category")]]
    steps = {b - a for a, b in pairwise(shown)}
    assert len(steps) == 1
    assert 10 < len(shown) <= 20


def test_a_stack_is_drawn_for_any_series_that_asks_for_it() -> None:
    drawing = drawn("stack", {"a": 1.0, "b": 3.0})
    (first,), (second,) = boxes(drawing.svg, "s0"), boxes(drawing.svg, "s1")
    assert first[2] == pytest.approx(second[0])
    assert (second[2] - second[0]) / (first[2] - first[0]) == pytest.approx(3, rel=1e-3)

"""Layers: parts that add up, those below 0 to the left, a figure for each tokenizer."""

import pytest

from tests.unit.render.test_figure_kinds import boxes, texts
from tokeval.document import MetricsResult, Series
from tokeval.render.distributions import series_drawings
from tokeval.render.figures import Drawing
from tokeval.render.layers import MAX_ROWS


def layer(name: str, values: dict[str, float], tokenizer: str = "a") -> Series:
    """One part of the bars of a tokenizer."""
    x, y = tuple(values), tuple(values.values())
    return Series("k", "K", tokenizer, "all", "slice", "log", x, y, "layers", layer=name)


def drawn(*series: Series) -> tuple[Drawing, ...]:
    return series_drawings(MetricsResult((), (), (), series=series), prefix="")


def test_parts_stand_end_to_end_on_their_side_of_0() -> None:
    (drawing,) = drawn(
        layer("one", {"x": 2.0}), layer("two", {"x": -1.0}), layer("three", {"x": 1})
    )
    (one,), (two,), (three,) = (boxes(drawing.svg, f"s{k}") for k in range(3))
    unit = (one[2] - one[0]) / 2
    assert two[2] == pytest.approx(one[0], abs=0.01)  # both begin at 0
    assert two[2] - two[0] == pytest.approx(unit, rel=1e-3)
    assert three[0] == pytest.approx(one[2], abs=0.01)
    assert [key.name for key in drawing.keys] == ["one", "two", "three"]
    assert drawing.bars


def test_every_tokenizer_has_its_figure_and_the_table_its_layers() -> None:
    names = ("one", "two")
    parts = [layer(name, {"x": 1.0, "y": 2.0}, tokenizer) for tokenizer in "ab" for name in names]
    first, second = drawn(*parts)
    assert (first.title, second.title) == ("K, a", "K, b")
    assert first.anchor != second.anchor
    assert first.table is not None
    assert first.table.header == ("slice", "one", "two")
    assert first.table.rows == (("x", "1.000", "1.000"), ("y", "2.000", "2.000"))


def test_bars_fall_from_the_top_and_the_shortest_are_left_out_of_many() -> None:
    values = {f"slice {k}": float(k) for k in range(MAX_ROWS + 10)}
    (drawing,) = drawn(layer("one", values))
    shown = [text for text in texts(drawing.svg) if text.startswith("slice ")]
    assert shown == [f"slice {k}" for k in reversed(range(10, MAX_ROWS + 10))]

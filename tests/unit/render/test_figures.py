"""Figures: themed, titled, repeatable, and blind to what names contain."""

import os
import re
import subprocess
import sys
import warnings
from xml.etree import ElementTree

import matplotlib as mpl
import msgspec
import pytest

from tests.sample_report import sample_report
from tokeval.document import MetricsResult, Report, Series, metrics_results
from tokeval.errors import TokevalError
from tokeval.render.bars import REST
from tokeval.render.distributions import series_drawings
from tokeval.render.figures import Drawing, tick_text, whisker_drawing
from tokeval.render.html import render_html
from tokeval.render.summary import main_ranking

NASTY = ("$x_1$", "$unbalanced", "qz0zq", "分词器", "\\frac{", "a\u202eb", "<b>&\"'</b>", "%s{}")


def sample() -> MetricsResult:
    (result,) = metrics_results(sample_report())
    return result


def all_drawings(result: MetricsResult) -> list[Drawing]:
    ranking = main_ranking(result)
    assert ranking is not None
    return [whisker_drawing(result, ranking, prefix=""), *series_drawings(result, prefix="")]


def test_every_kind_of_series_is_drawn_with_a_reading_and_numbers() -> None:
    drawings = series_drawings(sample(), prefix="")
    assert [one.title for one in drawings] == [
        "Tokens per word, all",
        "Tokens per line, all",
        "Rank and frequency, all",
        "Lorenz curve, all",
        "Vocabulary composition, all",
        "Drift by change of the text, all",
        "Tokens by construct, all",
        "Tokens by number of digits, all",
        "Pieces per term by field, all",
    ]
    for one in drawings:
        assert len(one.reading) >= len("share of tokens against share of slices.")
        assert one.table is not None
        assert one.table.rows


def test_colours_are_variables_so_that_themes_work() -> None:
    for one in all_drawings(sample()):
        assert "var(--" in one.svg
        assert not re.findall(r"(?:fill|stroke): *#", one.svg)
        assert "font-family" not in one.svg


def test_the_svg_is_well_formed_titled_and_says_what_it_is() -> None:
    for one in all_drawings(sample()):
        root = ElementTree.fromstring(one.svg)  # noqa: S314 made a line above
        assert root.get("role") == "img"
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert root.get("aria-label") == title.text
        assert "metadata" not in one.svg
        assert "<style" not in one.svg


def test_ids_of_one_page_are_unique_and_resolve() -> None:
    drawings = all_drawings(sample())
    ids = [name for one in drawings for name in re.findall(r' id="([^"]+)"', one.svg)]
    used = {
        name
        for one in drawings
        for name in re.findall(r'(?:href="#|url\(#)([^")]+)', one.svg)
    }  # fmt: skip
    assert len(ids) == len(set(ids))
    assert used == set(ids)


def renamed(result: MetricsResult, names: tuple[str, ...]) -> MetricsResult:
    series = [
        msgspec.structs.replace(
            one, tokenizer=name, title=name, x_label=name, y_label=name, slice=name
        )
        for one, name in zip(result.series, names * len(result.series), strict=False)
    ]
    return msgspec.structs.replace(result, series=tuple(series))


def test_names_are_text_never_formulas() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawings = series_drawings(renamed(sample(), NASTY), prefix="")
    texts = [
        "".join(element.itertext())
        for one in drawings
        for element in ElementTree.fromstring(one.svg).iter()  # noqa: S314 made a line above
        if element.tag.endswith("}text")
    ]
    for name in ("$x_1$", "$unbalanced", "分词器", "\\frac{", "<b>&\"'</b>", "qz0zq"):
        assert name in texts
    assert not any("\u202e" in text for text in texts)
    assert any("U+202E" in text for text in texts)


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    before = dict(mpl.rcParams)
    series_drawings(sample(), prefix="")
    assert dict(mpl.rcParams) == before


def test_own_settings_of_the_user_do_not_change_the_drawing() -> None:
    expected = [one.svg for one in all_drawings(sample())]
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path"}):
        assert [one.svg for one in all_drawings(sample())] == expected


def test_a_page_is_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.sample_report import sample_report as s;"
        "from tests.unit.render.test_figures import with_unknown_series as w;"
        "from tokeval.render.html import render_html as r;"
        "print(hashlib.sha256(r(w(s())).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def with_unknown_series(report: Report) -> Report:
    """The report with kinds of series that the page has no reading for."""
    (result,) = metrics_results(report)
    extra = tuple(
        Series(f"kind-{k}", f"Kind {k}", "gpt-4o", "all", "x", "y", ("u", "v"), (1.0, 2.0))
        for k in range(6)
    )
    result = msgspec.structs.replace(result, series=(*result.series, *extra))
    return msgspec.structs.replace(report, results=(result,))


def test_unknown_kinds_of_series_are_drawn_in_the_order_of_the_document() -> None:
    page = render_html(with_unknown_series(sample_report()))
    places = [page.index(f"<h3>Kind {k}, all</h3>") for k in range(6)]
    assert places == sorted(places)


def one_series(**changes: object) -> MetricsResult:
    series = Series("rank_frequency", "R", "a", "all", "rank", "share", (1.0, 2.0), (0.5, 0.1))
    changed = msgspec.structs.replace(series, **changes)
    return MetricsResult((), (), (), series=(changed,))


def test_a_series_with_unequal_ends_is_an_error_that_names_it() -> None:
    with pytest.raises(TokevalError, match="rank_frequency of a on all has 3 x and 2 y"):
        series_drawings(one_series(x=(1.0, 2.0, 3.0)), prefix="")


@pytest.mark.parametrize(
    "points",
    [
        {"x": (), "y": ()},
        {"x": (0.0, 1.0), "y": (0.0, 0.0)},
        {"x": (1.0,), "y": (1.0,)},
        {"x": (1.0, float("inf")), "y": (float("nan"), 1.0)},
    ],
    ids=["empty", "nothing positive", "one point", "not finite"],
)
@pytest.mark.parametrize(
    ("id_", "kind"),
    [
        *((one, "line") for one in ("rank_frequency", "lorenz")),
        *(("other", kind) for kind in ("line", "step", "bars", "stack", "heat")),
    ],
)
def test_degenerate_series_are_drawn_without_a_warning(
    id_: str, kind: str, points: dict[str, tuple[float, ...]]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (drawing,) = series_drawings(one_series(id=id_, kind=kind, **points), prefix="")
    assert drawing.svg.endswith("</svg>")


def test_many_points_are_thinned_and_the_table_says_so() -> None:
    n = 50_000
    x, y = tuple(float(k + 1) for k in range(n)), tuple(1 / (k + 1) for k in range(n))
    (drawing,) = series_drawings(one_series(x=x, y=y), prefix="")
    assert len(drawing.svg) < 30_000
    assert drawing.table is not None
    assert drawing.table.rows[0][0] == "1"
    assert drawing.table.rows[-1][0] == "50,000"
    assert "50,000 points" in drawing.table.note


def test_categories_past_the_palette_are_joined() -> None:
    names = tuple(f"category {k}" for k in range(20))
    shares = tuple((20 - k) / 210 for k in range(20))
    result = one_series(id="tokens_by_class", kind="stack", x=names, y=shares)
    (drawing,) = series_drawings(result, prefix="")
    assert [key.name for key in drawing.keys] == [*names[:7], REST]
    assert drawing.table is not None
    assert len(drawing.table.rows) == 20


def test_tokenizers_keep_their_colour_and_dashes_in_every_figure() -> None:
    seen: dict[str, set[tuple[int, tuple[float, ...]]]] = {}
    (result,) = metrics_results(sample_report(n_tokenizers=12))
    for one in series_drawings(result, prefix=""):
        for key in one.keys if not one.bars else ():
            seen.setdefault(key.name, set()).add((key.colour, key.dashes))
    assert len(seen) == 12
    assert all(len(looks) == 1 for looks in seen.values())
    assert len({look for looks in seen.values() for look in looks}) == 12


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (100_000.0, "100,000"), (-2.0, "\N{MINUS SIGN}2"),
     (1e-6, "1e\N{MINUS SIGN}6"), (0.30000000000000004, "0.3")],
)  # fmt: skip
def test_ticks_are_plain_numbers(value: float, text: str) -> None:
    assert tick_text(value) == text

"""The page: complete, inert, self-contained, accessible in its structure, and small."""

import json
import re
import time
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files

import msgspec
import pytest

from tests.sample_report import HOSTILE_NAMES, METRICS, NO_WORDS, sample_report
from tokeval.document import (
    Cell,
    Exclusion,
    Measured,
    MetricsResult,
    Ranking,
    Report,
    Sample,
    SplitWord,
    TokenSpan,
    Undefined,
    metrics_results,
)
from tokeval.errors import TokevalError
from tokeval.render.grid import Grid
from tokeval.render.html import render_html
from tokeval.render.token_view import MAX_TOKENS_ON_PAGE, MAX_TOKENS_SHOWN, text_markup, token_view

TAGS = frozenset(
    re.split(
        " ",
        "a article b bdi blockquote body br button caption clippath code dd defs details "
        "div dl dt figcaption figure footer g h1 h2 h3 head header html i input label li line link "
        "main meta nav option p path rect s script section select small span style summary svg "
        "table tbody td text th thead title tr u ul use",
    )
)
VOID = {"meta", "link", "br", "input"}


class Page(HTMLParser):
    """What a browser would find: tags with attributes, and the text of each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def having(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@cache
def sample_html() -> str:
    return render_html(sample_report())


@cache
def sample_page() -> Page:
    return Page(sample_html())


def with_result(**changes: object) -> Report:
    """The sample report with other fields in its result."""
    report = sample_report()
    (result,) = metrics_results(report)
    changed = msgspec.structs.replace(result, **changes)
    return msgspec.structs.replace(report, results=(changed,))


def test_nothing_but_the_pages_own_elements_and_attributes_comes_out() -> None:
    page = sample_page()
    assert {tag for tag, _ in page.elements} <= TAGS
    assert not page.unbalanced
    assert not page.open
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")}
    assert len(page.having("script")) == 2


def test_the_page_refers_to_nothing_outside_itself() -> None:
    page = sample_page()
    for _, attributes in page.elements:
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith(("#", "data:,"))
    policies = [one["content"] for one in page.having("meta") if "http-equiv" in one]
    assert policies[0].startswith(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    )
    assert "url(" not in "".join(text for kind, text in page.texts if kind == "style")


def test_ids_are_unique_and_every_link_and_reference_resolves() -> None:
    page = sample_page()
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
        for name in ("aria-labelledby", "data-table", "data-of", "data-samples", "data-reasons"):
            if name in attributes:
                assert attributes[name] in ids


def test_sections_come_in_the_order_of_a_readers_questions() -> None:
    titles = re.findall(r"<h2 id=\"([a-z]+)\"", sample_html())
    assert titles == [
        "compared", "ranking", "findings", "heat", "figures", "metrics", "words", "tokens",
    ]  # fmt: skip
    page = sample_html()
    assert page.index('id="figures"') < page.index('id="family-words"') < page.index('id="metrics"')


def test_tables_have_captions_and_scopes_and_sorting_is_by_buttons() -> None:
    page = sample_page()
    assert len(page.having("caption")) == len(page.having("table"))
    assert all(one.get("scope") in ("col", "row") for one in page.having("th"))
    assert all(one.get("type") == "button" for one in page.having("button"))
    regions = [one for one in page.having("div") if one.get("role") == "region"]
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in regions)


def test_controls_do_nothing_without_the_script_so_they_are_hidden_until_it_runs() -> None:
    tools = [one for one in sample_page().having("div") if "tools" in one.get("class", "")]
    assert tools
    assert all("hidden" in one for one in tools)


def test_no_character_that_acts_comes_out() -> None:
    acting = re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
    )
    assert not acting.findall(sample_html())
    assert "⟨U+202E⟩" in sample_html()
    assert "⟨U+0000⟩" in sample_html()


def test_a_report_with_unpaired_surrogates_can_be_written() -> None:
    name = "bad\ud800name"
    cell = Cell("fertility", name, name, Measured(1.0, 4, stderr_reason=name), name)
    words = (SplitWord(name, name, "w\udfff", ("w", "\udfff"), 1),)
    sample = Sample(name, "x\ud800", {name: (TokenSpan(1, 0, 1), TokenSpan(2, 1, 4))})
    result = MetricsResult(METRICS, (), (cell,), split_words=words, samples=(sample,))
    page = render_html(msgspec.structs.replace(sample_report(), results=(result,)))
    assert b"bad\xe2\x9f\xa8U+D800\xe2\x9f\xa9name" in page.encode("utf-8")


def test_names_are_shown_in_full_as_text() -> None:
    cells = "".join(text for kind, text in sample_page().texts if kind == "bdi")
    assert HOSTILE_NAMES[0] in cells
    assert HOSTILE_NAMES[1].replace("\u202e", "⟨U+202E⟩") in cells


def test_the_embedded_numbers_cannot_end_their_script() -> None:
    (data,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', sample_html())
    assert not re.findall("[<>&\u2028\u2029]", data)
    grid = json.loads(data)
    assert grid["tokenizers"][3] == HOSTILE_NAMES[0]
    assert len(grid["cells"]) == 9
    assert {len(row) for row in grid["cells"]} == {len(METRICS) * 6}


def test_leave_one_out_values_stay_in_the_document() -> None:
    (result,) = metrics_results(sample_report())
    cells = [
        msgspec.structs.replace(cell, leave_one_out=(8151.62342,) * 64) for cell in result.cells
    ]
    assert "8151" not in render_html(with_result(cells=tuple(cells)))


def test_undefined_numbers_show_a_dash_and_their_reason() -> None:
    (result,) = metrics_results(sample_report())
    cells = tuple(cell for cell in result.cells if cell.slice == "th")
    page = Page(render_html(with_result(cells=cells, rankings=())))
    dashes = [one for one in page.having("td") if one.get("title", "") == NO_WORDS]
    assert len(dashes) == 2 * 2 * 6  # two metrics: in their family and among all metrics
    listed = "".join(text for kind, text in page.texts if kind == "li")
    assert f"Fertility; Single-token retention rate: {NO_WORDS}" in listed


def test_the_ranking_says_ties_distances_and_exclusions() -> None:
    text = " ".join(text for _, text in sample_page().texts)
    assert "Cannot be told apart from the best" in text
    assert "Behind by 16%" in text
    assert "UNK is 42% of its tokens on all; the limit is 10%" in text


def test_every_metric_links_to_its_formula_and_source() -> None:
    page = sample_html()
    for metric in METRICS:
        assert page.count(f'href="#metric-{metric.id}"') == 2
        assert page.count(f'id="metric-{metric.id}"') == 1
    assert "a &lt;b&gt;&#34;source&#34;&lt;/b&gt; &amp; more" in page


def test_metric_ids_with_odd_characters_get_distinct_anchors() -> None:
    odd = [msgspec.structs.replace(METRICS[0], id=one) for one in ("a b", "a.b", 'a"b', "a_b")]
    cells = tuple(Cell(one.id, "t", "all", Measured(1.0, 4), "s") for one in odd)
    page = Page(render_html(with_result(metrics=tuple(odd), cells=cells, rankings=())))
    ids = [one["id"] for one in page.having("div") if one.get("id", "").startswith("metric-")]
    assert len(set(ids)) == 4
    assert all(re.fullmatch(r"[\w.-]+", one) for one in ids)


def test_the_best_of_a_row_is_never_an_excluded_tokenizer_nor_one_of_equals() -> None:
    cells = [
        Cell("bytes_per_token", name, "all", Measured(value, 64), "s")
        for name, value in (("a", 9.0), ("b", 5.0), ("c", 4.0))
    ] + [Cell("unk_share", name, "all", Measured(0.0, 64), "s") for name in "abc"]
    rankings = (Ranking("bytes_per_token", "all", (), (Exclusion("a", "UNK"),)),)
    grid = Grid(MetricsResult(METRICS, (), tuple(cells), rankings))
    best = {
        (metric.id, name)
        for metric in grid.metrics
        for name, cell in zip(grid.tokenizers, grid.row(metric, "all"), strict=True)
        if cell.best
    }
    assert best == {("bytes_per_token", "b")}


@pytest.mark.parametrize(
    "results",
    [
        (),
        (MetricsResult((), (), ()),),
        (MetricsResult(METRICS, (), ()),),
        (MetricsResult((), (), (Cell("unheard_of", "t", "s", Undefined("no"), ""),)),),
        (MetricsResult((), (), (), (Ranking("m", "all", (), (Exclusion("t", "UNK"),)),)),),
        (MetricsResult((), (), (), samples=(Sample("s", "", {"t": ()}),)),),
        (MetricsResult((), (), (), samples=(Sample("s", "abc", {}),)),),
    ],
    ids=["no result", "empty", "no cells", "no info", "nobody ranked", "no text", "no tokens"],
)
def test_documents_with_little_in_them_make_sound_pages(results: tuple[MetricsResult, ...]) -> None:
    page = Page(render_html(msgspec.structs.replace(sample_report(), results=results)))
    assert not page.unbalanced
    assert not page.open
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_two_results_are_shown_apart() -> None:
    report = sample_report()
    page = Page(render_html(msgspec.structs.replace(report, results=report.results * 2)))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"ranking", "run2-ranking"} <= set(ids)


def cut(text: str, *spans: tuple[int, int]) -> str:
    """The markup of a text's tokens."""
    tokens = tuple(TokenSpan(7, start, end) for start, end in spans)
    view = token_view(
        MetricsResult((), (), (), samples=(Sample("s", text, {"t": tokens}),)), ("t",)
    )
    return re.sub(' title="id 7"', "", str(view.samples[0].rows[0].markup))


@pytest.mark.parametrize(
    ("text", "spans", "markup"),
    [
        ("ab", [(0, 1), (1, 2)], "<i>a</i><i>b</i>"),
        ("a b", [(0, 1), (1, 3)], "<i>a</i><i><s> </s>b</i>"),
        ("€", [(0, 2), (2, 3)], '<i class="x">⟨E2 82⟩</i><i class="x">⟨AC⟩</i>'),
        ("a\n\tb", [(0, 2), (2, 4)], "<i>a↵\n</i><i>→b</i>"),
        ("a", [(0, 0), (0, 1)], '<i class="e">∅</i><i>a</i>'),
        ("é", [(0, 2), (0, 2)], '<i>é</i><i class="o">é</i>'),
        ("abc", [(0, 1), (2, 3)], '<i>a</i><u title="no token">b</u><i>c</i>'),
        ("<i>", [(0, 3)], "<i>&lt;i&gt;</i>"),
        ("\u202e\x00", [(0, 4)], "<i>⟨U+202E⟩⟨U+0000⟩</i>"),
    ],
)
def test_tokens_are_shown_byte_for_byte(
    text: str, spans: list[tuple[int, int]], markup: str
) -> None:
    assert cut(text, *spans) == markup


def test_tokens_that_the_first_tokenizer_does_not_have_are_marked() -> None:
    tokens = {"first": (TokenSpan(1, 0, 3),), "b": (TokenSpan(2, 0, 1), TokenSpan(3, 1, 3))}
    result = MetricsResult((), (), (), samples=(Sample("s", "abc", tokens),))
    first, second = token_view(result, ("first", "b")).samples[0].rows
    assert 'class="d"' not in first.markup
    assert second.markup.count('class="d"') == 2


def test_a_span_outside_its_text_is_an_error_not_a_page() -> None:
    sample = Sample("s", "abc", {"t": (TokenSpan(1, 2, 9),)})
    with pytest.raises(TokevalError, match="2 to 9"):
        render_html(with_result(samples=(sample,)))


def test_marks_for_spaces_are_told_from_the_same_characters_in_a_text() -> None:
    assert str(text_markup("␣".encode())) == "⟨U+2423⟩"
    assert str(text_markup("↵".encode())) == "⟨U+21B5⟩"


def test_long_texts_are_cut_and_the_page_says_how_much() -> None:
    text = "ab" * 5000
    spans = tuple(TokenSpan(1, at, at + 2) for at in range(0, len(text), 2))
    samples = tuple(Sample(f"s{k}", text, {"t": spans}) for k in range(150))
    view = token_view(MetricsResult((), (), (), samples=samples), ("t",))
    assert view.samples[0].rows[0].n_hidden == 5000 - MAX_TOKENS_SHOWN
    assert view.samples[0].rows[0].markup.count("<i") == MAX_TOKENS_SHOWN
    assert len(view.samples) == MAX_TOKENS_ON_PAGE // MAX_TOKENS_SHOWN
    assert view.n_left_out == 150 - len(view.samples)


def test_every_slice_gets_its_first_sample_before_any_gets_a_second() -> None:
    spans = tuple(TokenSpan(1, at, at + 1) for at in range(MAX_TOKENS_SHOWN))
    many = [Sample("first", "a" * 300, {"t": spans})] * 200
    last = Sample("last", "a" * 300, {"t": spans})
    view = token_view(MetricsResult((), (), (), samples=(*many, last)), ("t",))
    assert view.slices == ("first", "last")
    assert [one.slice for one in view.samples].count("last") == 1


def test_a_report_of_twelve_tokenizers_and_a_hundred_slices_is_small_and_quick() -> None:
    report = sample_report(n_tokenizers=12, n_slices=100)
    (result,) = metrics_results(report)
    copies = tuple(
        msgspec.structs.replace(metric, id=f"{metric.id}_{k}")
        for k in range(6)
        for metric in METRICS
    )
    cells = tuple(
        msgspec.structs.replace(cell, metric=f"{cell.metric}_{k}")
        for k in range(6)
        for cell in result.cells
    )
    text = "Some words that are long enough to stand for a sentence of a report, twice over. " * 4
    spans = tuple(TokenSpan(1, at, at + 3) for at in range(0, len(text) - 3, 3))
    samples = tuple(
        Sample(f"lang/{k:03d}", text, dict.fromkeys(Grid(result).tokenizers, spans))
        for k in range(300)
    )
    changed = msgspec.structs.replace(
        result,
        metrics=(*METRICS, *copies),
        cells=result.cells + cells,
        samples=samples,
        split_words=result.split_words * 40,
    )
    start = time.perf_counter()
    page = render_html(msgspec.structs.replace(report, results=(changed,)))
    assert time.perf_counter() - start < 10
    assert len(page.encode()) < 5_000_000


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_PAIRS = (
    [(text, page) for text in ("ink", "muted", "accent") for page in ("page", "surface", "sunk")]
    + [
        ("warn", "page"),
        ("bad", "page"),
        ("warn", "warn-page"),
        ("ink", "warn-page"),
        ("ink", "token-a"),
        ("ink", "token-b"),
    ]
    + [("page", "accent")]
    + [("h-low", f"h{k}") for k in range(6)]
    + [("h-high", f"h{k}") for k in range(6, 9)]
)


@pytest.mark.parametrize("theme", ["report.css", "dark.css"])
def test_text_and_lines_have_enough_contrast_in_both_themes(theme: str) -> None:
    style = files("tokeval.render").joinpath("templates", "report", theme).read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style))
    weak = {pair for pair in TEXT_PAIRS if contrast(colours[pair[0]], colours[pair[1]]) < 4.5}
    assert not weak
    lines = {f"s{k}" for k in range(8) if contrast(colours[f"s{k}"], colours["page"]) < 3}
    assert not lines

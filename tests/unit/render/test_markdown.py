"""Markdown as a CommonMark parser with tables reads it: same order, and names stay names."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.sample_report import HOSTILE_NAMES, HOSTILE_TEXT, METRICS, sample_report
from tests.small_reports import known
from tokeval.document import (
    Cell,
    Exclusion,
    Finding,
    Measured,
    MetricInfo,
    MetricsResult,
    Provenance,
    Ranking,
    RankingEntry,
    Report,
    Undefined,
    Value,
)
from tokeval.render.markdown import prose, render_markdown
from tokeval.render.visible import inert

NOWHERE = Provenance("0.1.0", ("tokeval", "metrics", "a b", "```x"), "", {}, {}, {}, {})
BPT = MetricInfo("bytes_per_token", "Bytes per token", "", "bytes/token", "higher", "", "", "", "")


class Page(HTMLParser):
    """The tags of a page, and its tables as rows of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.in_cell:
            self.tables[-1][-1][-1] += data


def page(markdown: str) -> Page:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    read = Page()
    read.feed(parser.render(markdown).replace("\u00a0", " "))
    read.close()
    return read


def report(first: str, second: str, behind: Value) -> Report:
    ranking = Ranking(
        "bytes_per_token",
        "all",
        (RankingEntry(first, 4.61), RankingEntry(second, 4.6, behind)),
        (Exclusion("u", "UNK is 42%"),),
    )
    values: dict[tuple[str, str], Value] = {
        (first, "all"): known(4.61),
        (second, "all"): known(4.6),
        ("u", "all"): known(9.0),
        (first, "th"): Undefined("no words"),
        (second, "th"): known(3.0),
    }
    cells = tuple(
        Cell("bytes_per_token", name, part, value, f"bpt|tok:{name}")
        for (name, part), value in values.items()
    )
    return Report(NOWHERE, (MetricsResult((BPT,), (), cells, (ranking,)),))


def test_the_tables_by_hand() -> None:
    read = page(render_markdown(report("a", "b", known(0.01))))
    ranking, by_slice, all_metrics = read.tables
    assert ranking == [
        ["#", "tokenizer", "Bytes per token ↑, bytes/token", "behind the best", ""],
        ["1", "a", "4.610 ± 0.020", "", ""],
        ["2", "b", "4.600 ± 0.020", "0.010 ± 0.020 ≈", "0.22%"],
    ]
    assert by_slice == [["slice", "a", "b", "u"], ["th", "—1", "3.000 ± 0.020", "—2"]]
    assert all_metrics[1] == [
        "Bytes per token ↑, bytes/token",
        "4.610 ± 0.020",
        "4.600 ± 0.020 ≈",
        "9.000 ± 0.020 †",
    ]
    assert "1 no words" in read.text
    assert "Not ranked: u: UNK is 42%" in read.text
    assert "| 1 | **a** | **4.610\u00a0±\u00a00.020** |" in render_markdown(
        report("a", "b", known(0.01))
    )


def test_the_order_is_that_of_the_terminal() -> None:
    text = render_markdown(report("a", "b", known(0.01)))
    parts = (
        "**a is best by bytes per token",
        "| # | tokenizer |",
        "- Not ranked: u",
        "#### Bytes per token by slice",
        "#### All metrics on the whole corpus",
        "How this was measured",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_distance_without_interval_is_called_so() -> None:
    text = render_markdown(report("a", "b", Measured(0.2, 4, stderr_reason="4 blocks")))
    assert "whether by chance is not known" in text


def test_the_command_and_the_signatures_are_given() -> None:
    text = render_markdown(report("a", "b", known(0.01)))
    assert "tokeval metrics 'a b' '```x'" in text
    assert "# a: bpt|tok:a" in text
    # the fence is longer than the backticks in the command
    assert text.count("````") == 2


def test_a_large_report_folds_its_tables_and_keeps_every_cell() -> None:
    read = page(render_markdown(sample_report(n_tokenizers=12, n_slices=100)))
    _, by_slice, all_metrics = read.tables
    assert (len(by_slice), {len(row) for row in by_slice}) == (1 + 99, {13})
    assert (len(all_metrics), {len(row) for row in all_metrics}) == (1 + len(METRICS), {13})
    text = render_markdown(sample_report(n_tokenizers=12, n_slices=100))
    assert "<details><summary>Bytes per token by slice (99 rows)</summary>" in text
    assert text.count("<details>") == text.count("</details>") == 4


ALLOWED = {
    "p", "strong", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "h4",
    "sup", "br", "details", "summary", "pre", "code", "span",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        *HOSTILE_NAMES,
        "a|b\\|c\\",
        "`code` ``` *b* _i_ ~~s~~",
        "[link](http://e.example)![img](x)",
        "<img src=x onerror=alert(1)>",
        "# heading",
        "- item",
        "1. item",
        "> quote",
        "&lt;b&gt; &#60;",
        " x ",
        "</details></table>",
        "line\n\n| new | row |\r\n---",
    ],
)
def test_hostile_names_stay_names(name: str) -> None:
    read = page(render_markdown(report(name, "plain", known(0.2))))
    assert read.tags <= ALLOWED
    assert read.tables[0][1][1].strip() == inert(name).strip()
    assert read.tables[2][0][1].strip() == inert(name).strip()
    best = " ".join(inert(name).split())
    assert " ".join(read.text.split()).startswith(f"{best} is best by bytes per token on all")
    assert [{len(row) for row in table} for table in read.tables] == [{5}, {4}, {4}]


@given(st.text(st.one_of(st.characters(), st.sampled_from("|\\`*_~<>&[]()!#@:$\n- 1.wW;/"))))
@example("www.example.com http://e.example a@b.cd")
@example("&amp;&#42;")
def test_prose_shows_just_its_text(text: str) -> None:
    read = page(f"| a | b |\n|--|--|\n| x{prose(text)}x | y |")
    assert read.tables[0][1] == [f"x{inert(text)}x", "y"]
    assert read.tags <= {"table", "thead", "tbody", "tr", "th", "td", "span"}


@pytest.mark.parametrize(
    "text", ["@everyone", "see #12", ":tada:", "http://evil.example", "www.evil.example", "$x$"]
)
def test_no_one_is_mentioned_and_nothing_is_linked(text: str) -> None:
    # GitHub looks for these in runs of text between tags, after its Markdown is rendered
    parser = MarkdownIt("commonmark", {"html": True})
    runs = re.split(r"<[^>]*>", parser.render(prose(text)))
    assert not any(re.search(r"[@#]\w|:\w+:|://|\$.+\$", run) for run in runs)
    assert "www." not in prose(text)


def test_an_empty_report() -> None:
    assert "The document holds no metrics." in render_markdown(Report(NOWHERE, ()))
    assert render_markdown(Report(NOWHERE, (MetricsResult((), (), ()),))).endswith("</details>\n")


def test_warnings_are_shown_and_inert() -> None:
    warned = replace(NOWHERE, warnings=("<b>x</b>\n# y",))
    read = page(render_markdown(replace(report("a", "b", known(1.0)), provenance=warned)))
    assert "Warning: <b>x</b>⟨U+000A⟩# y" in read.text
    assert read.tags <= ALLOWED


def with_findings(*findings: Finding) -> Report:
    whole = report("a", "b", known(0.01))
    return replace(whole, results=(replace(whole.results[0], findings=findings),))


def test_findings_are_listed_the_gravest_first_with_inert_examples() -> None:
    text = render_markdown(
        with_findings(
            Finding("N1", "note", "a", "a note"),
            Finding("E|1", "error", "b", "@team <b>lost</b>", 12, (" x|", HOSTILE_TEXT)),
        )
    )
    read = page(text)
    assert read.tags <= ALLOWED
    assert "Findings: 1 error, 1 note" in read.text
    assert "error E|1 b: @team <b>lost</b> (12×): ␣x|, <img␣src=x" in read.text
    assert read.text.index("error E|1") < read.text.index("note N1 a: a note")
    assert "`tokeval explain CODE`" in text
    assert [{len(row) for row in table} for table in read.tables] == [{5}, {4}, {4}]


def test_very_many_findings_are_folded_and_counted() -> None:
    many = [Finding("W1", "warning", "a", f"number {k}") for k in range(150)]
    text = render_markdown(with_findings(*many))
    assert "<details><summary>Findings: 150 warnings (150 rows)</summary>" in text
    assert "… and 50 more in the document" in text

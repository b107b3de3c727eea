"""Token views: every byte in its place, borders that need no colour, pages that stay inert."""

import io
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tests.sample_report import sample_report
from tokeval.document import Sample, TokenSpan, metrics_results
from tokeval.errors import TokevalError, UsageError
from tokeval.render.tokens import cuttings, render_tokens_html, render_tokens_terminal


def spans(*cuts: tuple[int, int]) -> tuple[TokenSpan, ...]:
    return tuple(TokenSpan(100 + k, start, end) for k, (start, end) in enumerate(cuts))


CAT = Sample(
    "text",
    "The cat €\n",
    {
        "words": spans((0, 0), (0, 3), (3, 7), (7, 11), (11, 12)),
        "bytes": spans((0, 3), (3, 7), (7, 9), (9, 11), (11, 12), (11, 12)),
        "gaps": spans((0, 3), (4, 7), (8, 11)),
    },
)


def printed(
    sample: Sample, names: list[str], *, width: int = 80, ids: bool = False, colour: str = ""
) -> str:
    out = io.StringIO()
    console = (
        Console(file=out, width=width, force_terminal=True, color_system=colour)  # type: ignore[arg-type]  # one of rich's names
        if colour
        else Console(file=out, width=width)
    )
    render_tokens_terminal(sample, names, console, ids=ids)
    return out.getvalue()


def test_the_view_without_colour_by_hand() -> None:
    assert printed(CAT, ["words", "bytes", "gaps"], ids=True) == (
        "12 bytes, 10 characters\n"
        "\n"
        "words  5 tokens, 2.400 bytes/token\n"
        "∅│The│␣cat│␣€│↵\n"
        "100│101│102│103│104\n"
        "\n"
        "bytes  6 tokens, 2.000 bytes/token\n"
        "The│␣cat│␣⟨E2⟩│⟨82 AC⟩│↵\n"
        "↺↵\n"
        "100│101│102│103│104│105\n"
        "\n"
        "gaps  3 tokens, 4.000 bytes/token  ◀ fewest\n"
        "The│⟦␣⟧│cat│⟦␣⟧│€│⟦↵⟧\n"
        "100│101│102\n"
        "\n"
        "∅ stands for no bytes\n"
        "↺ repeats bytes of an earlier token\n"
        "⟦ ⟧ bytes without a token\n"
        "⟨E2 82⟩ bytes of a part of a character\n"
    )


def test_a_plain_view_has_no_legend() -> None:
    sample = Sample("s", "ab", {"t": spans((0, 1), (1, 2))})
    assert printed(sample, ["t"]).endswith("a│b\n")


@pytest.mark.parametrize(
    ("colour", "first", "second"),
    [("truecolor", "48;2;159;211;242", "48;2;242;214;148"), ("standard", "46", "43")],
)
def test_neighbours_have_different_backgrounds(colour: str, first: str, second: str) -> None:
    sample = Sample("s", "abcd", {"t": spans((0, 1), (1, 2), (2, 3), (3, 4))})
    line = printed(sample, ["t"], colour=colour).splitlines()[-1]
    backgrounds = re.findall(r"\x1b\[(?:38;2;\d+;\d+;\d+;|30;)([\d;]+)m.\x1b\[0m", line)
    assert backgrounds == [first, second, first, second]
    assert "│" not in line


def test_no_color_brings_the_borders_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "The│␣cat" in printed(CAT, ["words"], colour="truecolor")


@pytest.mark.parametrize("width", [20, 60, 80, 200])
@pytest.mark.parametrize("colour", ["", "truecolor"])
def test_lines_fit_and_nothing_acts(*, width: int, colour: str) -> None:
    for sample in metrics_results(sample_report())[0].samples:
        text = printed(sample, list(sample.tokens), width=width, ids=True, colour=colour)
        plain = re.sub(r"\x1b\[[\d;]*m", "", text)
        assert max(map(cell_len, plain.splitlines())) <= width
        acting = {c for c in plain if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}
        assert acting == {"\n"}


def test_a_token_wider_than_the_line_is_broken_and_whole() -> None:
    sample = Sample("s", "x" * 205 + "y", {"t": spans((0, 205), (205, 206))})
    lines = printed(sample, ["t"], width=60).splitlines()
    assert "".join(lines[3:]) == "x" * 205 + "│y"


@given(st.integers(3, 40), st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_borders_stand_exactly_between_tokens(width: int, lengths: list[int]) -> None:
    ends = [sum(lengths[: k + 1]) for k in range(len(lengths))]
    text = "".join(chr(97 + k % 26) * n for k, n in enumerate(lengths))
    cuts = zip([0, *ends[:-1]], ends, strict=True)
    sample = Sample("s", text, {"t": spans(*cuts)})
    lines = printed(sample, ["t"], width=width + 40).splitlines()[3:]
    tokens = "".join(lines).split("│")
    assert tokens == [chr(97 + k % 26) * n for k, n in enumerate(lengths)]


def test_counts_and_names() -> None:
    (only,) = cuttings(Sample("s", "", {"t": ()}), ["t"])
    assert (only.n_tokens, only.bytes_per_token, only.fewest) == (0, "—", False)
    words, gaps = cuttings(CAT, ["words", "gaps"])
    assert (words.n_tokens, words.bytes_per_token, words.fewest) == (5, "2.400", False)
    assert (gaps.ids, gaps.fewest) == ((100, 101, 102), True)


def test_an_unknown_tokenizer_is_named() -> None:
    with pytest.raises(UsageError, match="'text' holds no tokens of 'gpt\\[2\\]'") as raised:
        cuttings(CAT, ["words", "gpt[2]"])
    assert raised.value.hint == "it holds those of words, bytes, gaps"


def test_damaged_spans_are_refused() -> None:
    with pytest.raises(TokevalError, match="token 0"):
        printed(Sample("s", "ab", {"t": spans((0, 3))}), ["t"])


class Page(HTMLParser):
    """Tags, attributes and text of a page; texts of the token spans of each paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.paragraphs: list[list[tuple[str, str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        known = dict(attrs)
        self.attributes |= set(known)
        if known.get("class") == "tokens":
            self.paragraphs.append([])
        elif tag == "span" and "title" in known:
            self.paragraphs[-1].append((known["class"] or "", ""))
            self.text += "|"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.paragraphs and self.paragraphs[-1] and not self.paragraphs[-1][-1][1]:
            kind, _ = self.paragraphs[-1][-1]
            self.paragraphs[-1][-1] = (kind, data)


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


def test_the_page_shows_the_same_pieces() -> None:
    page = read(render_tokens_html([CAT]))
    assert [[text for _, text in paragraph] for paragraph in page.paragraphs] == [
        ["∅", "The", "␣cat", "␣€", "↵"],
        ["The", "␣cat", "␣⟨E2⟩", "⟨82 AC⟩", "↵", "↺↵"],
        ["The", "⟦␣⟧", "cat", "⟦␣⟧", "€", "⟦↵⟧"],
    ]
    kinds = [kind for kind, _ in page.paragraphs[1]]
    assert kinds == ["odd text", "even text", "odd bytes", "even bytes", "odd text",
                     "even text overlaps"]  # fmt: skip
    assert "5 tokens, 2.400 bytes/token" in page.text
    assert "100 101 102 103 104" in page.text


def test_only_the_named_tokenizers_are_on_the_page() -> None:
    assert len(read(render_tokens_html([CAT, CAT], ["gaps"])).paragraphs) == 2


def test_a_hostile_page_is_inert_self_contained_and_always_the_same() -> None:
    samples = metrics_results(sample_report())[0].samples
    html = render_tokens_html(samples)
    page = read(html)
    assert page.tags == {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "section", "span",
        "p", "br", "details", "summary", "div", "ul", "li",
    }  # fmt: skip
    assert not {name for name in page.attributes if name.startswith("on")}
    assert not page.attributes & {"src", "href", "style"}
    assert "default-src 'none'" in html
    acting = {c for c in html if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    assert acting == {"\n"}
    assert html == render_tokens_html(samples)


def test_lone_surrogates_do_not_break_the_page() -> None:
    sample = Sample("s\ud800", "a\ud800", {"t\udc80": spans((0, 1), (1, 4))})
    html = render_tokens_html([sample])
    assert "⟨ED A0 80⟩" in html
    html.encode()

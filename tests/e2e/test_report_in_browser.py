"""A report opened from disk in headless Chromium: quiet, offline, usable, inert."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.e2e.pages import VIEWS, Opened, opened
from tests.sample_report import sample_report
from tests.small_reports import BASELINES, report_with_baselines
from tokeval.render.html import render_html

pytestmark = pytest.mark.browser

SORT_TABLE = "#heat-table"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = {"small": folder / "small report é.html", "large": folder / "large.html"}
    paths["small"].write_text(render_html(sample_report()), encoding="utf-8")
    large = render_html(sample_report(n_tokenizers=12, n_slices=100))
    paths["large"].write_text(large, encoding="utf-8")
    return paths


@pytest.fixture
def small(browser: Any, reports: dict[str, Path]) -> Iterator[Opened]:
    view = opened(browser, reports["small"])
    yield view
    assert view.messages == []
    view.page.context.close()


@pytest.mark.parametrize(("width", "theme"), VIEWS)
@pytest.mark.parametrize("which", ["small", "large"])
def test_it_opens_quietly_offline_and_fits(
    browser: Any, reports: dict[str, Path], width: int, theme: str, which: str
) -> None:
    view = opened(browser, reports[which], width=width, theme=theme)
    view.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
    view.page.wait_for_timeout(50)
    assert view.messages == []
    assert view.requests == [view.url]
    assert view.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    shown = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
    dark = sum(map(int, shown.removeprefix("rgb(").removesuffix(")").split(","))) < 300
    assert dark == (theme == "dark")
    view.page.context.close()


def test_figures_fit_a_phone_with_legible_text(browser: Any, reports: dict[str, Path]) -> None:
    view = opened(browser, reports["small"], width=360)
    clipped = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    assert view.page.eval_on_selector_all(".plot", clipped) == 0
    heights = view.page.eval_on_selector_all(
        ".plot text", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) > 50
    assert min(heights) > 7
    view.page.context.close()


def test_shades_of_a_heat_map_and_the_text_on_them_follow_the_theme(
    browser: Any, reports: dict[str, Path]
) -> None:
    shown = """() => ["--h8", "--h-high"].map((name) =>
        getComputedStyle(document.querySelector(`.plot svg [style*="fill: var(${name})"]`)).fill)"""
    looks = []
    for theme in ("light", "dark"):
        view = opened(browser, reports["small"], theme=theme)
        looks.append(view.page.evaluate(shown))
        view.page.context.close()
    (deep, on_it), (deep_dark, on_it_dark) = looks
    assert len({deep, on_it, deep_dark, on_it_dark}) == 4


@pytest.mark.parametrize("which", ["small", "large"])
def test_names_on_figures_do_not_overlap(
    browser: Any, reports: dict[str, Path], which: str
) -> None:
    view = opened(browser, reports[which], width=360)
    overlaps = view.page.evaluate("""() => {
        const found = [];
        for (const svg of document.querySelectorAll(".plot svg")) {
            const boxes = Array.from(svg.querySelectorAll("text"), (one) =>
                [one.getBoundingClientRect(), one.textContent]);
            boxes.forEach(([a, name], at) => boxes.slice(at + 1).forEach(([b, other]) => {
                if (a.left < b.right - 1 && b.left < a.right - 1
                    && a.top < b.bottom - 2.5 && b.top < a.bottom - 2.5) found.push([name, other]);
            }));
        }
        return found;
    }""")
    assert overlaps == []
    view.page.context.close()


def test_findings_show_their_examples_and_fold_their_notes(small: Opened) -> None:
    part = small.page.locator("section[aria-labelledby=findings]")
    assert part.locator("details.error").get_attribute("open") is not None
    assert part.locator("details.note").get_attribute("open") is None
    assert "<img src=x onerror=alert(1)>" in part.inner_text()
    chips = part.locator("details.warning .chip")
    assert chips.first.inner_text() == " token 0"
    assert part.locator("img").count() == 0


def test_what_the_document_says_is_never_executed(small: Opened) -> None:
    page = small.page
    assert page.evaluate("document.scripts.length") == 2
    assert page.locator("img, iframe, object, embed, link[rel=stylesheet]").count() == 0
    assert page.locator("[onerror], [onmouseover], [onload]").count() == 0
    page.select_option("select[data-samples]", "")
    for select in ("by-metric", "by-slice"):
        for value in page.eval_on_selector_all(
            f"select[data-of={select}] option", "all => all.map(one => one.value)"
        ):
            page.select_option(f"select[data-of={select}]", value)
    assert page.evaluate("document.scripts.length") == 2
    assert page.locator("img").count() == 0
    assert "<img src=x onerror=alert(1)>" in page.locator("#samples blockquote").last.inner_text()


def test_columns_sort_both_ways_with_the_keyboard(small: Opened) -> None:
    button = small.page.locator(f"{SORT_TABLE} thead button").nth(3)
    head = small.page.locator(f"{SORT_TABLE} thead th").nth(3)
    assert head.get_attribute("aria-sort") is None
    button.focus()
    small.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    rising = [float(text) for text in small.column(SORT_TABLE, 3)]
    assert rising == sorted(rising)
    small.page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    falling = [float(text) for text in small.column(SORT_TABLE, 3)]
    assert falling == sorted(rising, reverse=True)
    assert small.page.locator("#status").inner_text().startswith("Sorted by llama-2, descending")


def test_undefined_numbers_are_last_in_either_order(small: Opened) -> None:
    small.page.select_option("select[data-of=by-slice]", label="Fertility")
    button = small.page.locator("#by-slice thead button").nth(1)
    for _ in range(2):
        button.click()
        assert small.column("#by-slice", 1)[-1].startswith("—")


def test_numbers_sort_by_size_not_by_spelling(small: Opened) -> None:
    small.page.locator("#slices thead button").nth(1).click()
    counts = [int(text.replace(",", "")) for text in small.column("#slices", 1)]
    assert counts == sorted(counts, reverse=True)
    assert any(count < 1000 for count in counts)
    assert any(count >= 1000 for count in counts)


def test_the_filter_keeps_the_rows_that_have_every_word(small: Opened) -> None:
    box = small.page.locator("input[data-table=heat-table]")
    box.fill("germanic")
    assert small.column(SORT_TABLE, 0) == ["en", "de"]
    box.fill("latn turkic")
    assert small.column(SORT_TABLE, 0) == ["tr"]
    assert small.page.locator("#status").inner_text() == "1 of 9 rows shown."
    box.fill("")
    assert len(small.column(SORT_TABLE, 0)) == 9


def test_another_slice_shows_its_own_numbers_and_reasons(small: Opened) -> None:
    small.page.select_option("select[data-of=by-metric]", label="th")
    rows = {
        name.split(" ")[0].split("\n")[0]: value
        for name, value in zip(
            small.column("#by-metric", 0), small.column("#by-metric", 1), strict=True
        )
    }
    assert rows["Fertility"].startswith("—")
    assert small.page.locator("#by-metric .shown").inner_text() == "th"
    reasons = small.page.locator("#by-metric-reasons")
    assert "word boundaries are undefined for th" in reasons.evaluate("one => one.textContent")


CELLS = """table => Array.from(table.tBodies[0].rows, row => Array.from(row.cells, cell =>
  [cell.className, cell.title, cell.textContent.replace(/\\s+/g, " ").trim()]))"""


@pytest.mark.parametrize("table", ["by-metric", "by-slice"])
def test_the_script_writes_the_same_cells_as_the_page_has(small: Opened, table: str) -> None:
    before = small.page.eval_on_selector(f"#{table}", CELLS)
    listed = small.page.eval_on_selector(f"#{table}-reasons", "one => one.children.length")
    first = small.page.eval_on_selector(f"select[data-of={table}]", "one => one.value")
    small.page.locator(f"#{table} thead button").nth(2).click()
    small.page.select_option(f"select[data-of={table}]", index=6)
    other = small.page.eval_on_selector(f"#{table}", CELLS)
    small.page.select_option(f"select[data-of={table}]", first)
    after = small.page.eval_on_selector(f"#{table}", CELLS)
    assert sorted(after) == sorted(before)
    assert sorted(other) != sorted(before)
    relisted = small.page.eval_on_selector(f"#{table}-reasons", "one => one.children.length")
    assert relisted == listed


def test_baselines_come_and_go_with_the_metrics_that_have_them(
    browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "baselines.html"
    path.write_text(render_html(report_with_baselines()), encoding="utf-8")
    view = opened(browser, path)
    table = view.page.locator("#by-slice")
    alone = table.inner_text()
    assert not any(name in alone for name in BASELINES)
    view.page.select_option("select[data-of=by-slice]", label="Pure tokens")
    assert table.locator("thead th").all_inner_texts()[3:] == [
        "(bytes)\nbaseline",
        "(words)\nbaseline",
    ]
    assert [text.split()[0] for text in view.column("#by-slice", 3)] == ["90.0%"] * 3
    reasons = view.page.locator("#by-slice-reasons").evaluate("one => one.textContent.trim()")
    assert reasons == "all ((words)); tr ((words)); en ((words)): too many words"
    table.locator("thead button").nth(3).click()
    assert view.page.locator("#status").inner_text().startswith("Sorted by (bytes), descending")
    view.page.select_option("select[data-of=by-slice]", label="Bytes per token")
    assert sorted(table.inner_text().splitlines()) == sorted(alone.splitlines())
    assert view.messages == []
    view.page.context.close()


def test_the_theme_button_turns_the_theme_and_the_figures(small: Opened) -> None:
    page = small.page
    line = "getComputedStyle(document.querySelector('.plot svg path[style*=\"--s0\"]')).stroke"
    colours = [(page.evaluate("getComputedStyle(document.body).color"), page.evaluate(line))]
    button = page.get_by_role("button", name="Dark theme")
    button.click()
    colours.append((page.evaluate("getComputedStyle(document.body).color"), page.evaluate(line)))
    page.get_by_role("button", name="Light theme").click()
    colours.append((page.evaluate("getComputedStyle(document.body).color"), page.evaluate(line)))
    assert colours[0] == colours[2]
    assert colours[0][0] != colours[1][0]
    assert colours[0][1] != colours[1][1]


def test_paper_is_light_whatever_the_theme(browser: Any, reports: dict[str, Path]) -> None:
    view = opened(browser, reports["small"], theme="dark")
    view.page.emulate_media(media="print", color_scheme="dark")
    assert view.page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert not view.page.locator(".tools").first.is_visible()
    view.page.context.close()


def test_the_first_tab_stop_skips_to_the_content(small: Opened) -> None:
    small.page.keyboard.press("Tab")
    assert small.page.evaluate("document.activeElement.className") == "skip"
    small.page.keyboard.press("Enter")
    assert small.page.evaluate("document.activeElement.id") == "content"


def test_a_metric_leads_to_its_formula_in_the_folded_glossary(small: Opened) -> None:
    entry = small.page.locator("#metric-fertility")
    assert not entry.is_visible()
    small.page.locator("#by-metric a", has_text="Fertility").click()
    entry.wait_for(state="visible")
    assert "tokens ÷ words" in entry.inner_text()


def test_a_metric_of_a_family_leads_to_its_formula_too(small: Opened) -> None:
    small.page.locator("section[aria-labelledby=family-code] a", has_text="Tokens per").click()
    entry = small.page.locator("#metric-indent_tokens")
    entry.wait_for(state="visible")
    assert "tokens of leading spaces" in entry.inner_text()


def test_the_token_view_shows_the_chosen_slice_in_its_own_direction(small: Opened) -> None:
    select = small.page.locator("select[data-samples]")
    select.select_option(label="ar")
    shown = small.page.locator(".sample:visible")
    assert shown.count() == 1
    line = shown.locator(".tokens").first
    boxes = line.locator("i").evaluate_all("all => all.map(one => one.getBoundingClientRect().x)")
    assert boxes[0] > boxes[-1]
    select.select_option("")
    assert small.page.locator(".sample:visible").count() == 8


def test_without_scripts_everything_can_be_read(browser: Any, reports: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(reports["small"].as_uri())
    assert not page.locator(".tools").first.is_visible()
    assert page.locator(".sample:visible").count() == 8
    assert page.locator("#by-metric tbody tr").first.is_visible()
    context.close()


def test_a_hundred_slices_sort_and_change_without_a_pause(
    browser: Any, reports: dict[str, Path]
) -> None:
    view = opened(browser, reports["large"])
    took = view.page.evaluate("""() => {
        const once = (action) => {
            const start = performance.now();
            action();
            document.body.getBoundingClientRect();
            return performance.now() - start;
        };
        // The least of three: a busy machine delays some of them.
        const timed = (action) => Math.min(once(action), once(action), once(action));
        const select = document.querySelector('select[data-of="by-slice"]');
        return {
            sort: timed(() => document.querySelectorAll("#by-slice thead button")[1].click()),
            choose: timed(() => {
                select.value = "3";
                select.dispatchEvent(new Event("change"));
            }),
        };
    }""")
    assert took["sort"] < 200
    assert took["choose"] < 400
    view.page.context.close()


def test_on_paper_long_lists_of_words_are_cut_and_it_says_so(browser: Any, tmp_path: Path) -> None:
    report = sample_report()
    (result,) = report.results
    words = tuple(
        structs.replace(one, word=f"{one.word}{number}", slice=f"part {number // 10}")
        for number in range(100)
        for one in result.split_words[:1]
    )
    path = tmp_path / "words.html"
    path.write_text(
        render_html(structs.replace(report, results=(structs.replace(result, split_words=words),))),
        encoding="utf-8",
    )
    view = opened(browser, path)
    count = """() => [...document.querySelectorAll(".first-rows tbody tr")]
        .filter((row) => row.getBoundingClientRect().height > 0).length"""
    said = view.page.get_by_text("On paper, the first 60 rows")
    assert (view.page.evaluate(count), said.is_visible()) == (100, False)
    view.page.emulate_media(media="print")
    assert (view.page.evaluate(count), said.is_visible()) == (60, True)
    view.page.context.close()

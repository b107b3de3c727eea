"""A joint report of every analysis in headless Chromium: found, sorted, printed, read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import sample_probe, sample_report
from tests.e2e.axe import axe_script, serious_violations
from tests.e2e.pages import VIEWS, Opened, opened
from tests.hostile_report import VISIBLE, hostile_report
from tests.sample_mixture import mixture_report
from tests.sample_visual import pictured, visual_report
from tests.small_reports import NOWHERE
from tokeval.document import (
    ComparisonResult,
    Difference,
    GateResult,
    Measured,
    MetricInfo,
    Report,
    RuleOutcome,
    Sample,
    TokenSpan,
    joined,
)
from tokeval.render.html import render_html

pytestmark = pytest.mark.browser

STATISTICS = '[aria-label="Statistics of visual tokens"]'


def _compared_and_gated() -> Report:
    """A comparison with a sample and a gate that failed."""
    metric = MetricInfo("m", "Measure", "f", "share", "lower", "", "", "", "")
    half = Measured(0.5, 64, 0.01, 0.48, 0.52)
    differences = tuple(
        Difference("m", part, half, half, half, half, "worse", "s", 0.01, 0.02)
        for part in ("all", "tr")
    )
    cuts = {"a": (TokenSpan(1, 0, 2),), "b": (TokenSpan(2, 0, 1), TokenSpan(3, 1, 2))}
    comparison = ComparisonResult(
        "a", "b", (metric,), differences, samples=(Sample("tr", "ab", cuts),)
    )
    rule = RuleOutcome(1, "min 5", "m", "fail", "error", failed=True, message="m is 4, below 5")
    return Report(NOWHERE, (comparison, GateResult("fail", (rule,))))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("joint")
    documents = [
        ("metrics.json", sample_report.sample_report()),
        ("mixture.json", mixture_report()),
        ("visual.json", visual_report(pictured())),
        ("probe.json", sample_probe.sample_report(folder)),
        ("compared.json", _compared_and_gated()),
    ]
    reports = {
        "joint": joined(documents),
        "hostile": hostile_report(),
        "large": sample_report.sample_report(n_tokenizers=12, n_slices=100),
    }
    paths = {name: folder / f"{name}.html" for name in reports}
    for name, report in reports.items():
        paths[name].write_text(render_html(report), encoding="utf-8", errors="strict")
    return paths


@pytest.fixture
def joint(browser: Any, pages: dict[str, Path]) -> Iterator[Opened]:
    view = opened(browser, pages["joint"])
    yield view
    assert view.messages == []
    view.page.context.close()


@pytest.mark.parametrize(("width", "theme"), VIEWS)
@pytest.mark.parametrize("which", ["joint", "hostile"])
def test_it_opens_quietly_offline_and_fits(
    browser: Any, pages: dict[str, Path], width: int, theme: str, which: str
) -> None:
    view = opened(browser, pages[which], width=width, theme=theme)
    view.page.get_by_role("button", name="Unfold everything").click()
    assert view.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert view.messages == []
    assert view.requests == [view.url]
    view.page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("which", ["joint", "hostile"])
def test_axe_finds_no_serious_violation(
    browser: Any,
    pages: dict[str, Path],
    theme: str,
    which: str,
    pytestconfig: pytest.Config,
) -> None:
    cache = pytestconfig.rootpath / ".pytest_cache" / "axe-core"
    view = opened(browser, pages[which], theme=theme)
    view.page.get_by_role("button", name="Unfold everything").click()
    assert serious_violations(view.page, axe_script(cache)) == []
    view.page.context.close()


def test_axe_would_find_a_violation(joint: Opened, pytestconfig: pytest.Config) -> None:
    cache = pytestconfig.rootpath / ".pytest_cache" / "axe-core"
    joint.page.set_content("<html><body><p style='color: #eee'>pale</p><img src='data:,'></body>")
    found = serious_violations(joint.page, axe_script(cache))
    assert {one.partition(":")[0] for one in found} >= {"color-contrast", "image-alt"}


def test_every_analysis_has_its_part_and_every_document_its_provenance(joint: Opened) -> None:
    heads = joint.page.locator("h2").all_inner_texts()
    for start in (
        "Gate",
        "b against a",
        "What was compared",
        "Ranking",
        "What ",
        "Visual tokens",
        "Digits and letters",
    ):
        assert any(head.startswith(start) for head in heads), start
    folds = joint.page.locator("summary").all_inner_texts()
    for name in ("metrics.json", "mixture.json", "visual.json", "probe.json", "compared.json"):
        assert sum(f"Provenance of {name}" in one for one in folds) == 1


def test_links_of_the_contents_lead_somewhere_and_no_id_is_there_twice(joint: Opened) -> None:
    ids = joint.page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    links = joint.page.eval_on_selector_all(
        "a[href^='#']", "all => all.map(one => decodeURIComponent(one.hash.slice(1)))"
    )
    assert len(links) > 20
    assert set(links) <= set(ids)


def test_tab_goes_through_the_page_from_top_to_bottom(joint: Opened) -> None:
    page = joint.page
    seen: list[tuple[str, float]] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            tuple(  # type: ignore[arg-type] # name and place, as below
                page.evaluate("""() => { const one = document.activeElement;
                  return [one.className || one.id || one.tagName,
                          one.getBoundingClientRect().top + scrollY]; }""")
            )
        )
    names = [name for name, _ in seen]
    assert names[:1] == ["skip"]
    assert page.evaluate("document.activeElement.tabIndex") == 0
    places = [top for _, top in seen[3:]]
    assert all(later >= earlier - 80 for earlier, later in pairwise(places))
    assert places[-1] > places[0]
    shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert shown == "solid"
    assert page.eval_on_selector_all("[tabindex]", "all => all.every(one => one.tabIndex <= 0)")


def test_a_table_of_several_parts_sorts_each_and_filters_all(joint: Opened) -> None:
    page = joint.page
    table = page.locator(f"{STATISTICS} table")
    parts = """all => all.map(body => Array.from(body.rows, row => row.cells[0].innerText
        + "|" + (row.cells[1].querySelector("b") || row.cells[1]).innerText))"""
    before = table.locator("tbody").evaluate_all(parts)
    button = table.locator("thead button").nth(1)
    button.focus()
    page.keyboard.press("Enter")
    after = table.locator("tbody").evaluate_all(parts)
    assert [sorted(part) for part in after] == [sorted(part) for part in before]
    assert [part[0] for part in after] == [part[0] for part in before]
    assert after != before
    for part in after:
        numbers = [_first_number(one.partition("|")[2]) for one in part[1:]]
        known = [one for one in numbers if one is not None]
        assert known == sorted(known, reverse=True)
        assert numbers == known + [None] * (len(numbers) - len(known))
    box = page.get_by_label("Filter rows: Statistics of visual tokens")
    box.fill("entropy")
    rows = table.locator("tbody tr:visible").all_inner_texts()
    assert rows
    assert re.fullmatch(r"\d+ of \d+ rows shown\.", page.locator("#status").inner_text())
    assert all("entropy" in one.casefold() for one in rows if "\t" in one)
    box.fill("no such thing")
    assert table.locator("tbody tr:visible").count() == 0


def _first_number(text: str) -> float | None:
    """The number that a text begins with, as a reader sees it."""
    found = re.match(r"[-−]?[\d,]*\.?\d+", text.strip())
    return float(found[0].replace(",", "").replace("−", "-")) if found else None


def test_every_table_with_eight_rows_has_a_filter(joint: Opened) -> None:
    lacking = joint.page.evaluate("""() => Array.from(document.querySelectorAll("main table"))
        .filter((one) => one.querySelectorAll("tbody tr:not(:has(th[scope=rowgroup]))").length >= 8
            && one.closest(".scroll") && !document.querySelector(`input[data-table="${one.id}"]`))
        .map((one) => one.closest("[aria-label]").getAttribute("aria-label"))""")
    assert lacking == []


def test_every_figure_has_a_title_a_description_and_a_table(joint: Opened) -> None:
    figures = joint.page.locator("figure:has(.plot)")
    n = figures.count()
    assert n > 10
    assert joint.page.locator("figure:has(.plot):has(figcaption h3)").count() == n
    without = joint.page.eval_on_selector_all(
        "figure:has(.plot):not(:has(table))", "all => all.map(one => one.id)"
    )
    # Their numbers are in the tables of the ranking and of the shares.
    assert without == ["ranking-figure", "mixture1-shares-figure"]
    labels = joint.page.eval_on_selector_all(
        "figure .plot svg",
        "all => all.map(one => one.getAttribute('role') + (one.getAttribute('aria-label')"
        " || one.querySelector('title')?.textContent || ''))",
    )
    assert all(one.startswith("img") and len(one) > 8 for one in labels)


def test_one_button_unfolds_everything_and_folds_it_again(joint: Opened) -> None:
    page = joint.page
    button = page.get_by_role("button", name="Unfold everything")
    n_folds = page.locator("details:not([hidden])").count()
    assert n_folds > 5
    button.click()
    assert page.locator("details[open]:not([hidden])").count() == n_folds
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert page.locator("details[open]").count() == 0


@pytest.mark.parametrize("which", ["joint", "large"])
def test_it_prints_to_pdf_within_the_width_of_paper(
    browser: Any, pages: dict[str, Path], which: str
) -> None:
    view = opened(browser, pages[which], width=700, theme="dark")
    page = view.page
    page.get_by_role("button", name="Unfold everything").click()
    page.emulate_media(media="print", color_scheme="dark")
    wide = page.evaluate("""() => Array.from(document.querySelectorAll("table, figure, .tokens"))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).length""")
    assert wide == 0
    assert page.locator(".toc").is_hidden()
    assert page.locator("#theme").is_hidden()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 3
    assert view.messages == []
    view.page.context.close()


def test_a_hostile_vocabulary_is_inert_and_can_be_seen(
    browser: Any, pages: dict[str, Path]
) -> None:
    view = opened(browser, pages["hostile"])
    page = view.page
    page.get_by_role("button", name="Unfold everything").click()
    for box in page.locator("input[type=search]").all():
        box.fill("<img src=x onerror=window.pwned=1>")
        box.fill("")
    for select in page.locator("select").all():
        for value in select.evaluate("one => Array.from(one.options, option => option.value)"):
            select.select_option(value)
    for button in page.locator("thead button").all():
        button.evaluate("one => one.click()")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.scripts.length") == 2
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.locator("[onerror], [onmouseover], [onload]").count() == 0
    shown = page.locator("body").inner_text()
    for part in VISIBLE:
        assert part in shown, part
    assert not re.search(r"[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert view.messages == []
    view.page.context.close()

"""The page of `tokeval probe` in headless Chromium: quiet, offline, usable at every width."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.pages import VIEWS, opened
from tests.sample_probe import sample_report
from tokeval.render.html import render_html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every probe, with hostile names."""
    path = tmp_path_factory.mktemp("probe") / "probe é.html"
    path.write_text(render_html(sample_report(tmp_path_factory.getbasetemp())), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_it_opens_quietly_offline_and_fits(
    browser: Any, page_file: Path, width: int, theme: str
) -> None:
    view = opened(browser, page_file, width=width, theme=theme)
    view.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
    view.page.wait_for_timeout(50)
    assert view.messages == []
    assert {one for one in view.requests if not one.startswith("data:")} == {view.url}
    assert view.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    view.page.context.close()


def test_pieces_alternate_in_colour_and_are_whole(browser: Any, page_file: Path) -> None:
    view = opened(browser, page_file, width=1280)
    row = view.page.locator("table.cut tbody tr", has_text="12345678").first
    chips = row.locator(".chip")
    assert chips.count() == 2
    for at in range(2):
        pieces = chips.nth(at).locator("i")
        assert "".join(pieces.all_inner_texts()) == "12345678"
        colours = pieces.evaluate_all(
            "all => all.map(one => getComputedStyle(one).backgroundColor)"
        )
        assert all(a != b for a, b in pairwise(colours))
    view.page.context.close()


def test_every_section_and_number_can_be_reached(browser: Any, page_file: Path) -> None:
    view = opened(browser, page_file, width=360)
    page = view.page
    page.emulate_media(reduced_motion="reduce")  # a click waits for the end of smooth scrolling
    for link in page.locator("nav.toc a").all():
        link.click()
        target = page.evaluate("location.hash.slice(1)")
        assert page.locator(f"[id='{target}']").is_visible()
    table = page.locator("table.accuracies").first
    last = table.locator("thead th").last
    last.scroll_into_view_if_needed()
    assert last.is_visible()
    heights = page.eval_on_selector_all(
        ".plot text", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) > 6
    assert view.messages == []
    page.context.close()

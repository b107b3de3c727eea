"""The page of a comparison in headless Chromium: quiet, offline, in any width, sorted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.axe import axe_script, serious_violations
from tests.e2e.pages import VIEWS, opened
from tests.sample_comparison import comparison_report
from tokeval.render.html import render_html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("comparison") / "page.html"
    path.write_text(render_html(comparison_report()), encoding="utf-8", errors="strict")
    return path


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_it_opens_quietly_offline_and_fits(
    browser: Any, page: Path, width: int, theme: str, pytestconfig: pytest.Config
) -> None:
    """Hostile names included: nothing runs, nothing is asked for, nothing sticks out."""
    view = opened(browser, page, width=width, theme=theme)
    view.page.get_by_role("button", name="Unfold everything").click()
    assert view.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert view.messages == []
    assert view.requests == [view.url]
    cache = pytestconfig.rootpath / ".pytest_cache" / "axe-core"
    assert serious_violations(view.page, axe_script(cache)) == []
    view.page.context.close()


def test_a_click_sorts_by_the_difference(browser: Any, page: Path) -> None:
    view = opened(browser, page)
    table = "#comparison1-differences"
    view.page.locator(f"{table} th button", has_text="Difference").click()
    first = view.column(table, 4)
    view.page.locator(f"{table} th button", has_text="Difference").click()
    second = view.column(table, 4)
    assert {first[0], second[0]} == {"+1", "−1.000 ± 0.020"}
    assert view.page.locator("h2", has_text="What carries over").is_visible()
    view.page.context.close()

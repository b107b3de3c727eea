"""The bars of a report of 12 tokenizers on 100 slices, with room for a busy machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.report import BARS, built, slowest_sort

pytestmark = pytest.mark.browser

ROOM = 3
"""How much slower a busy machine may be than the bar of the benchmark."""


def test_it_is_small_soon_built_and_sorts_at_once(browser: Any, tmp_path: Path) -> None:
    page, seconds = built(tmp_path)
    assert page.stat().st_size < BARS["megabytes"] * 1e6
    assert seconds < ROOM * BARS["seconds to build"]
    took = min(slowest_sort(browser, page) for _ in range(3))
    assert took < ROOM * BARS["milliseconds to sort"]

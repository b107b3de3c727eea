"""A report of 12 tokenizers on 100 slices: how big, how long to build, how long to sort.

`python -m benchmarks.report` prints one line for each bar of a report of 48 metrics, and exits 1
when one is missed. It opens the page in Chromium, which has to be on the PATH.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.sample_report import sample_report
from tokeval.document import MetricsResult, Report, dump, load
from tokeval.render.html import render_html

COPIES = 3
"""How often the metrics of the sample report are repeated, under other ids."""

BARS = {"megabytes": 5.0, "seconds to build": 10.0, "milliseconds to sort": 200.0}
SORT = """() => {
  const took = [];
  for (const table of document.querySelectorAll("table")) {
    const button = table.querySelector("thead button");
    if (!button) continue;
    const start = performance.now();
    button.click();
    document.body.getBoundingClientRect();
    took.push(performance.now() - start);
  }
  return Math.max(...took);
}"""


def large_report() -> Report:
    """12 tokenizers on 100 slices by COPIES times the metrics of the sample report."""
    report = sample_report(n_tokenizers=12, n_slices=100)
    (result,) = report.results
    assert isinstance(result, MetricsResult)
    metrics, cells = list(result.metrics), list(result.cells)
    for copy in range(1, COPIES):
        metrics += [replace(one, id=f"{one.id}_{copy}") for one in result.metrics]
        cells += [replace(one, metric=f"{one.metric}_{copy}") for one in result.cells]
    return replace(report, results=(replace(result, metrics=tuple(metrics), cells=tuple(cells)),))


def built(folder: Path) -> tuple[Path, float]:
    """The page of the large report and the seconds from its document to the page."""
    document, page = folder / "large.json", folder / "large.html"
    document.write_bytes(dump(large_report()))
    start = time.perf_counter()
    page.write_text(render_html(load(document)), encoding="utf-8")
    return page, time.perf_counter() - start


def slowest_sort(browser: Any, page: Path) -> float:
    """Milliseconds of the slowest sort of any table of the page."""
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(page.as_uri())
    took = float(opened.evaluate(SORT))
    context.close()
    return took


def main() -> int:
    """Prints every figure beside its bar; 1 when one is missed."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page, seconds = built(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        figures = (page.stat().st_size / 1e6, seconds, slowest_sort(browser, page))
        browser.close()
    for (name, bar), figure in zip(BARS.items(), figures, strict=True):
        print(f"{name:22} {figure:8.2f}  bar {bar:g}")
    return int(any(figure > bar for figure, bar in zip(figures, BARS.values(), strict=True)))


if __name__ == "__main__":
    sys.exit(main())

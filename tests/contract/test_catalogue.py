"""What the catalogue and the command line offer is documented, sourced and tested."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer

from tokeval.core.metric import Metric
from tokeval.metrics.catalogue import CATALOGUE, COMPATIBLE, FAMILIES
from tokeval.metrics.docs import DEPENDS_ON, catalogue_markdown

ROOT = Path(__file__).parents[2]
METRICS_PAGE = ROOT / "docs" / "metrics.md"
METRICS = pytest.mark.parametrize("metric", CATALOGUE.values(), ids=CATALOGUE.keys())


def anchors(page: str) -> list[str]:
    """The anchors of a Markdown page's headings, as repository hosts and mkdocs make them."""
    headings = re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@METRICS
def test_a_metric_says_all_that_a_reader_needs(metric: Metric) -> None:
    fields = msgspec.structs.asdict(metric.info)
    empty = [name for name, value in fields.items() if isinstance(value, str) and not value.strip()]
    assert empty == []
    assert metric.info.reading.endswith(".")
    assert metric.scope in ("slice", "corpus")
    assert set(metric.parameters) <= DEPENDS_ON.keys()


@METRICS
def test_a_metric_has_bounds_in_order(metric: Metric) -> None:
    low, high = metric.info.lower_bound, metric.info.upper_bound
    assert low is None or high is None or low < high
    assert metric.info.unit != "share" or (low, high) == (0, 1)


def test_ids_are_unique_and_families_are_theirs() -> None:
    rooms = (*FAMILIES.values(), *COMPATIBLE.values())
    listed = [metric.info for metrics in rooms for metric in metrics]
    ids = [info.id for info in listed]
    assert sorted(ids) == sorted(set(ids)) == sorted(CATALOGUE)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", metric_id) for metric_id in ids)
    assert len({info.title for info in listed}) == len(listed)
    for family, metrics in FAMILIES.items():
        assert {metric.info.family for metric in metrics} == {family}


@METRICS
def test_the_docs_of_a_metric_exist(metric: Metric) -> None:
    page, _, anchor = metric.info.docs.partition("#")
    assert anchors((ROOT / page).read_text(encoding="utf-8")).count(anchor) == 1
    assert anchor == metric.info.id


def test_the_page_of_metrics_is_that_of_the_catalogue() -> None:
    assert METRICS_PAGE.read_text(encoding="utf-8") == catalogue_markdown(), "run `make docs`"


def commands(command: Any, path: str = "tokeval") -> Iterator[str]:
    """The full names of all commands that are not groups and not hidden.

    Untyped, since typer's commands are those of click or of its own copy, by its version.
    """
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, child in below.items():
        if not child.hidden:
            yield from commands(child, f"{path} {name}")


def documentation() -> str:
    """README.md and everything under docs/."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_every_command_is_documented() -> None:
    from tokeval.cli.app import app

    names = list(commands(typer.main.get_command(app)))
    assert len(names) > 1
    text = documentation()
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "reports").glob("*.md")]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            if "://" in target:
                continue
            place = (page.parent / path) if path else page
            text = place.read_text(encoding="utf-8") if anchor and place.is_file() else ""
            if not place.exists() or (anchor and anchor not in anchors(text)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []

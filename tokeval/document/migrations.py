"""Documents of older schemas as the present one writes them: one pure step for each number.

What no step touches is as it was. In particular a metric whose definition has changed has a new
id, so that old numbers keep the old id with the title, formula and reading of their document
(`prefix_stability_mid_word` does not become `prompt_hazard_mid_word`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]

BEFORE = " before "
"""What stood between two tokens where a mixture's `rests_on` was one text."""


def migrated(document: Json, version: int) -> Json:
    """The document in the schema of that number; the given one is not changed.

    Raises:
        KeyError: there is no step from the schema of the document, which is an int.
    """
    while document["schema"] < version:
        document = MIGRATIONS[document["schema"]](document)
    return document


def from_1_to_2(document: Json) -> Json:
    """The document with pairs in place of texts such as `a before b` in `rests_on` of mixtures.

    A text that cannot be parted in one way only is left out. Schema 2 also has comparisons and
    gates, and may name the runs of a joint document; no document of schema 1 has any of these.
    """
    results = document.get("results", [])
    mended = [_paired_rests(one) for one in results] if isinstance(results, list) else results
    return {**document, "schema": 2, "results": mended}


def _paired_rests(result: Any) -> Any:
    """A result in which no `rests_on` holds texts; whatever is no mixture is returned as it is."""
    if not isinstance(result, dict) or result.get("type") != "mixture":
        return result
    categories = result.get("categories")
    if not isinstance(categories, list):
        return result
    return {**result, "categories": [_paired_rest(one) for one in categories]}


def _paired_rest(category: Any) -> Any:
    """A category whose `rests_on` holds pairs."""
    if not isinstance(category, dict) or not isinstance(category.get("rests_on"), list):
        return category
    pairs = [_pair(one) if isinstance(one, str) else one for one in category["rests_on"]]
    return {**category, "rests_on": [pair for pair in pairs if pair is not None]}


def _pair(text: str) -> list[str] | None:
    """What a merge makes and the competitor that it beat; `None` where the text is ambiguous."""
    parts = text.split(BEFORE)
    return parts if len(parts) == 2 else None


MIGRATIONS: Mapping[int, Callable[[Json], Json]] = {1: from_1_to_2}
"""The step from each schema to the next one."""

"""The document of several results keeps the settings and questions of each."""

from __future__ import annotations

from typing import Any

from tokeval.document import ProbeResult, Provenance
from tokeval.probe.report import probe_report


def counted(model: str, sha256: str = "", **settings: Any) -> ProbeResult:
    return ProbeResult("count", (), (), model=model, settings=settings, items_sha256=sha256)


def provenance(*results: ProbeResult, **parameters: Any) -> Provenance:
    made = probe_report(results, created="2026-01-02T03:04:05Z", parameters=parameters)
    return made.provenance


def test_settings_are_told_once_where_they_are_alike_and_of_each_where_not() -> None:
    found = provenance(
        counted("one", seed=0, limit=64),
        counted("two", seed=0, limit=128),
        ProbeResult("numeracy", (), (), tokenizer="one", settings={"seed": 7}),
        temperature=0.0,
    )
    assert found.parameters == {
        "count.seed": 0,
        "count.limit, one": 64,
        "count.limit, two": 128,
        "numeracy.seed": 7,
        "temperature": 0.0,
    }


def test_results_of_one_name_keep_their_own_settings_and_questions() -> None:
    found = provenance(counted("m", "aa", limit=1), counted("m", "bb", limit=2))
    assert found.parameters == {"count.limit, m": 1, "count.limit, m (2)": 2}
    assert found.corpus == {"questions of count, m": "aa", "questions of count, m (2)": "bb"}

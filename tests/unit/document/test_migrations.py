"""Documents of older schemas: each step alone, and files as earlier states wrote them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.small_reports import report_with_baselines
from tokeval.document import SCHEMA_VERSION, dump, json_schema, load
from tokeval.document.migrations import MIGRATIONS, from_1_to_2, migrated
from tokeval.errors import TokevalError

PROVENANCE: dict[str, Any] = {
    "tokeval": "0.1.0",
    "argv": ["tokeval", "mixture", "a.json"],
    "created": "2026-11-24T15:58:57+00:00",
    "parameters": {},
    "tokenizers": {},
    "corpus": {},
    "libraries": {},
}

MIXTURE: dict[str, Any] = {
    "type": "mixture",
    "tokenizer": "a",
    "categories": [
        {
            "name": "en",
            "share": 0.75,
            "low": 0.5,
            "high": 1.0,
            "share_of_pairs": 0.7,
            "n_bytes": 11930,
            "n_words": 383,
            "group": "",
            "rests_on": [" d before he", "ck before er", "a before b before c", "odd"],
        },
        {
            "name": "tr",
            "share": 0.25,
            "low": 0.0,
            "high": 0.5,
            "share_of_pairs": 0.3,
            "n_bytes": 14330,
            "n_words": 381,
        },
    ],
    "fit": {"zero_count_merges": 0.375, "residual_sd": 0.16, "objective": 0.07, "verdict": "good"},
    "method": "lp",
    "n_merges": 40,
    "n_merges_in_list": 43,
}
"""A mixture as the first state that wrote any: what shares rest on is one text."""

METRICS: dict[str, Any] = {
    "type": "metrics",
    "metrics": [
        {
            "id": "prefix_stability_mid_word",
            "title": "Prompts that end inside a word",
            "family": "stability",
            "unit": "share",
            "direction": "higher",
            "formula": "P(tokens of a prefix begin the tokens of the text)",
            "source": "",
            "docs": "",
            "reading": "",
        }
    ],
    "slices": [
        {
            "name": "en",
            "labels": {},
            "unit": "lines",
            "n_documents": 13,
            "n_texts": 200,
            "n_lines": 200,
            "n_words": None,
            "n_characters": 11730,
            "n_bytes": 11730,
        }
    ],
    "cells": [
        {
            "metric": "prefix_stability_mid_word",
            "tokenizer": "a",
            "slice": "en",
            "value": {"type": "measured", "value": 0.25, "n_blocks": 13},
            "signature": "prefix_stability_mid_word|tok:3b345fe3|v:0.1.0",
        }
    ],
    "rankings": [],
    "series": [
        {"id": "zipf", "title": "Rank and frequency", "tokenizer": "a", "slice": "en",
         "x_label": "rank", "y_label": "frequency", "x": [1, 2], "y": [9.0, 4.0]}
    ],
    "samples": [{"slice": "en", "text": "ab", "tokens": {"a": [[5, 0, 1], [6, 1, 2]]}}],
    "split_words": [],
    "ids_sha256": {},
}  # fmt: skip
"""Metrics as the first state wrote them: no findings, no baselines, no kinds of series."""


def old(*results: dict[str, Any], schema: int = 1) -> dict[str, Any]:
    return {"provenance": PROVENANCE, "results": list(results), "schema": schema}


def written(folder: Path, document: object) -> Path:
    path = folder / "old.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_there_is_a_step_from_every_schema_before_the_present_one() -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))
    for version, step in MIGRATIONS.items():
        assert step(old(schema=version))["schema"] == version + 1


def test_1_to_2_parts_what_shares_rest_on_and_leaves_out_what_is_ambiguous() -> None:
    before = old(MIXTURE, METRICS)
    kept = copy.deepcopy(before)
    after = from_1_to_2(before)
    assert before == kept
    english, turkish = after["results"][0]["categories"]
    assert english["rests_on"] == [[" d", "he"], ["ck", "er"]]
    assert turkish == MIXTURE["categories"][1]
    assert after["results"][1] == METRICS
    assert after["schema"] == 2


def test_1_to_2_leaves_pairs_alone() -> None:
    category = {**MIXTURE["categories"][0], "rests_on": [[" before ", "x"]]}
    later = {**MIXTURE, "categories": [category]}
    assert from_1_to_2(old(later))["results"][0] == later


@pytest.mark.parametrize(
    "results", [None, 7, [3, None], [{"type": "mixture"}], [{"type": "mixture", "categories": [1]}]]
)
def test_a_step_leaves_nonsense_to_the_reader(results: object, tmp_path: Path) -> None:
    document = {**old(), "results": results}
    assert migrated(document, SCHEMA_VERSION)["results"] == results
    with pytest.raises(TokevalError, match="does not fit schema 1"):
        load(written(tmp_path, document))


def test_a_document_of_the_first_schema_is_read_as_one_of_the_present(tmp_path: Path) -> None:
    report = load(written(tmp_path, old(MIXTURE, METRICS)))
    assert report.schema == SCHEMA_VERSION
    mixture, metrics = report.results
    assert mixture.categories[0].rests_on == ((" d", "he"), ("ck", "er"))  # type: ignore[union-attr]
    assert metrics.series[0].kind == "line"  # type: ignore[union-attr]
    assert metrics.samples[0].tokens["a"][1].end == 2  # type: ignore[union-attr]
    again = tmp_path / "again.json"
    again.write_bytes(dump(report))
    assert load(again) == report


def test_equal_reports_give_equal_bytes_before_and_after_they_are_read(tmp_path: Path) -> None:
    report = report_with_baselines()
    (result,) = report.results
    info = replace(result.metrics[0], lower_bound=0)  # type: ignore[union-attr]
    whole = replace(report, results=(replace(result, metrics=(info,)),))
    path = tmp_path / "whole.json"
    path.write_bytes(dump(whole))
    assert dump(load(path)) == path.read_bytes()


def test_a_metric_of_another_definition_keeps_its_old_id_and_value(tmp_path: Path) -> None:
    (metrics,) = load(written(tmp_path, old(METRICS))).results
    (cell,) = metrics.cells  # type: ignore[union-attr]
    assert (cell.metric, cell.value.value) == ("prefix_stability_mid_word", 0.25)
    assert metrics.metrics[0].id == cell.metric  # type: ignore[union-attr]


def test_old_documents_render_in_every_format(tmp_path: Path) -> None:
    from tokeval.render.csv_table import render_csv
    from tokeval.render.html import render_html
    from tokeval.render.junit import render_junit
    from tokeval.render.markdown import render_markdown

    report = load(written(tmp_path, old(MIXTURE, METRICS)))
    for render in (render_html, render_markdown, render_csv, render_junit):
        assert "prefix_stability_mid_word" in render(report) or render is render_markdown


def test_the_schema_that_is_printed_takes_new_documents_and_names_joint_runs() -> None:
    schema = json_schema()
    assert "runs" in schema["$defs"]["Provenance"]["properties"]
    tags = {
        one["properties"]["type"]["enum"][0]
        for one in schema["$defs"].values()
        if "type" in one.get("properties", {}) and one["title"].endswith("Result")
    }
    assert tags == {"metrics", "mixture", "visual", "probe", "comparison", "gate"}
    assert json.loads(dump(report_with_baselines()))["schema"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"hello", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1, 2]", "has no `schema` number"),
        (b'{"model": {}}', "has no `schema` number"),
        (b'{"schema": "1"}', "has no `schema` number"),
        (b'{"schema": true}', "has no `schema` number"),
        (b'{"schema": 0}', "has no `schema` number"),
        (b'{"schema": 1e999}', "is not JSON|has no `schema` number"),
        (b'{"schema": 99}', "reads up to 2"),
        (b'{"schema": 2}', "does not fit schema 2"),
        (b'{"schema": 1}', "does not fit schema 1"),
        (b'{"schema": 2, "results": [{"type": "other"}]}', "does not fit schema 2"),
    ],
)
def test_what_is_no_document_is_told_in_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(TokevalError, match=said) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("schema", [1, 2])
def test_a_truncated_document_is_told_in_one_line(
    share: float, schema: int, tmp_path: Path
) -> None:
    whole = json.dumps(old(MIXTURE, METRICS, schema=schema)).encode()
    path = tmp_path / "cut.json"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(TokevalError, match="is not JSON"):
        load(path)


def test_unpaired_surrogates_of_other_writers_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, old({**METRICS, "split_words": [], "slices": []}, schema=2))
    path.write_text(path.read_text("utf-8").replace('"ab"', r'"a\ud800"'), encoding="utf-8")
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(path.read_bytes())
    (metrics,) = load(path).results
    assert metrics.samples[0].text == "a\ud800"  # type: ignore[union-attr]

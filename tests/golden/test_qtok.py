"""Qtok's published table, column by column, for the files of it that are at hand."""

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tokeval.core.study import Subject, Tally
from tokeval.core.tokenizer import Tokenizer
from tokeval.metrics import qtok

FILES = ("phi-3-medium-4k-instruct.json", "openchat_3.5.json", "dolly-v2-12b.json")


@pytest.mark.case(golden=[metric.info.id for metric in qtok.METRICS])
@pytest.mark.parametrize("file", FILES)
def test_all_twelve_columns_are_the_published_ones(shared: Path, file: str) -> None:
    with (shared / "reference" / "qtok.csv").open(encoding="utf-8") as table:
        published = next(row for row in csv.DictReader(table) if row["file"] == file)
    source: Any = SimpleNamespace(source=f"json:{shared / 'data' / 'tokenizers' / file}")
    tally = qtok.measure(Subject(cast(Tokenizer, source)))
    assert isinstance(tally, Tally)
    counted = {name: str(column.item()) for name, column in tally.columns.items()}
    assert counted == {name: published[name] for name in qtok.CLASSES}

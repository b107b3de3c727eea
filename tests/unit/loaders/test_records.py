"""JSON lines, CSV, TSV, Parquet: which field, what a record may be, and where it goes wrong."""

import csv
import io
import json
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokeval.core.corpus import Slice
from tokeval.errors import TokevalError
from tokeval.loaders.corpora import ReadOptions, read_corpus


def one(path: Path, **options: str | bool) -> Slice:
    (part,) = read_corpus([str(path)], ReadOptions(**options))  # type: ignore[arg-type]
    return part


def texts(part: Slice) -> list[str]:
    documents = list(part.documents())
    assert all(len(document) == 1 for document in documents)
    return [document[0] for document in documents]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def failure(path: Path, **options: str | bool) -> TokevalError:
    with pytest.raises(TokevalError) as caught:
        texts(one(path, **options))
    assert "\n" not in str(caught.value)
    assert path.name in caught.value.message
    return caught.value


def test_jsonl_reads_one_field_of_each_object(tmp_path: Path) -> None:
    lines = '{"id": 1, "text": "a\\nb"}\n\n  \r\n{"text": "\\u2028\\ud83d\\ude00", "id": "x"}'
    path = written(tmp_path, "x.jsonl", lines)
    part = one(path)
    assert texts(part) == ["a\nb", "\u2028\U0001f600"] == texts(part)
    assert (part.unit, part.n_documents, part.n_bytes) == ("record", None, len(lines))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"body": "a", "n": 1, "more": ["b"]}, "a"),
        ({"title": "b", "text": "a"}, "a"),
        ({"": "a"}, "a"),
    ],
)
def test_the_field_is_text_or_the_only_one_with_strings(
    tmp_path: Path, record: dict[str, object], expected: str
) -> None:
    path = written(tmp_path, "x.jsonl", f"{json.dumps(record)}\n" * 2)
    assert texts(one(path)) == [expected] * 2


def test_the_first_record_settles_the_field(tmp_path: Path) -> None:
    path = written(tmp_path, "x.jsonl", '{"body": "a"}\n{"body": "b", "text": "not this"}')
    assert texts(one(path)) == ["a", "b"]
    path = written(tmp_path, "y.jsonl", '{"body": "a"}\n{"text": "b"}')
    assert "y.jsonl:2: no field 'body'; the fields are: text" in failure(path).message


@pytest.mark.parametrize(
    ("content", "field", "message", "hint"),
    [
        ('{"title": "a", "body": "b"}', None, "title, body", "--field"),
        ('{"n": 1, "m": []}', None, "holds strings; the fields are: n, m", "leave the file out"),
        ("{}", None, "the fields are: none", ""),
        ('{"content": "a", "id": "b"}', "contents", "content, id", "--field content?"),
        ('{"text": "a"}\n{"text": null}', None, "x.jsonl:2: the field 'text' is null", "record"),
        ('{"text": "a"}\n{"text": ["b"]}', None, "x.jsonl:2: the field 'text' is a list", ""),
        ('{"text": 5}', None, "x.jsonl:1: the field 'text' is a number", ""),
        ('{"text": true}', None, "x.jsonl:1: the field 'text' is a boolean", ""),
        ('{"text": "a"}\n{"text": "b"', None, "x.jsonl:2: not JSON", "one object on each line"),
        ('{"text": "a"} {"text": "b"}', None, "x.jsonl:1: not JSON", ""),
        ('{"text": NaN}', None, "x.jsonl:1: not JSON", ""),
        ('{"text": "a\\ud800bcdefgh"}', None, "x.jsonl:1: not JSON", ""),
        ('["a"]', None, "x.jsonl:1: a list, not a JSON object", ""),
        ('"a"', None, "x.jsonl:1: a string, not a JSON object", ""),
        ("[\n  {\n", None, "x.jsonl:1: not JSON", ""),
        ("[" * 200_000, None, "x.jsonl:1: JSON nested too deeply", ""),
        ('{"text": ""}\n', None, "no text", ""),
        ("\n \n", None, "no text", ""),
    ],
)
def test_bad_jsonl_names_the_line(
    tmp_path: Path, content: str, field: str | None, message: str, hint: str
) -> None:
    options = {} if field is None else {"field": field}
    error = failure(written(tmp_path, "x.jsonl", content), **options)
    assert message in error.message
    assert hint in error.hint


def test_jsonl_with_bad_bytes_names_the_line(tmp_path: Path) -> None:
    error = failure(written(tmp_path, "x.jsonl", b'{"text": "a"}\n{"text": "\xe9"}\n'))
    assert "x.jsonl:2: not UTF-8: byte 0xe9 at byte offset 24" in error.message


def test_empty_records_are_skipped_unless_indices_must_stay(tmp_path: Path) -> None:
    jsonl = written(tmp_path, "x.jsonl", '{"text": "a"}\n{"text": ""}\n{"text": "b"}\n')
    table = written(tmp_path, "x.csv", 'id,text\n1,a\n2,""\n3,b\n')
    columnar = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": ["a", "", "b"]}), columnar)
    for path in (jsonl, table, columnar):
        assert texts(one(path)) == ["a", "b"]
        assert texts(one(path, parallel=True)) == ["a", "", "b"]


def test_json_is_one_text_until_records_are_asked_for(tmp_path: Path) -> None:
    content = '{"text": "a"}\n{"text": "b"}\n'
    path = written(tmp_path, "x.json", content)
    assert texts(one(path)) == [content]
    assert texts(one(path, unit="record")) == texts(one(path, field="text")) == ["a", "b"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ","), (".tsv", "\t")])
def test_what_the_csv_module_writes_is_read_back(
    suffix: str, delimiter: str, rows: list[tuple[str, str]]
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["text", "id"])
    # A first row that surely has text; NUL would make the file a binary one.
    rows = [("x", "y"), *((a.replace("\0", ""), b.replace("\0", "")) for a, b in rows)]
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), "x" + suffix, buffer.getvalue())
        for column, name in enumerate(("text", "id")):
            expected = [row[column] for row in rows]
            assert texts(one(path, field=name, parallel=True)) == expected


def test_csv_with_a_byte_order_mark_long_fields_and_one_column(tmp_path: Path) -> None:
    long = "uzun, " * 40_000
    path = written(tmp_path, "x.csv", b"\xef\xbb\xbf" + f'body\r\n"{long}"\r\n\r\nb\r\n'.encode())
    assert texts(one(path)) == [long, "b"]


@pytest.mark.parametrize(
    ("name", "content", "field", "message"),
    [
        ("x.csv", "id,body\n1,a\n", None, "x.csv:1: several fields hold strings"),
        ("x.csv", "id,body\n1,a\n", "bodi", "the fields are: id, body"),
        ("x.csv", "id,text\n1,a\n2\n", None, "x.csv:3: 1 fields, but the header has 2"),
        ("x.csv", "id,text\n1,a,b\n", None, "x.csv:2: 3 fields, but the header has 2"),
        ("x.csv", 'text,id\n"a"b,1\n', None, "x.csv:2: broken CSV"),
        ("x.csv", 'text,id\n"a,1\nb,2\n', None, "broken CSV"),
        ("x.csv", "text,id\ra,1\rb,2\r", None, "x.csv:1: broken CSV"),
        ("x.csv", "text,text\na,b\n", None, "2 columns are called 'text'"),
        ("x.csv", "id;text\n1;a\n", None, "separated by semicolons, not by commas"),
        ("x.csv", "id\ttext\n1\ta\n", None, "separated by tabs, not by commas"),
        ("x.tsv", "id,text\n1,a\n", None, "separated by commas, not by tabs"),
        ("x.tsv", 'text\tid\n"a" b\t1\n', None, "x.tsv:2: broken TSV"),
        ("x.csv", "id,text\n", None, "no text"),
        ("x.csv", "", None, "no text"),
    ],
)
def test_bad_tables_name_the_line(
    tmp_path: Path, name: str, content: str, field: str | None, message: str
) -> None:
    options = {} if field is None else {"field": field}
    assert message in failure(written(tmp_path, name, content), **options).message


def test_an_unclosed_quotation_mark_does_not_swallow_a_large_file(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", 'text,id\n"never closed,1\n' + "row,2\n" * 4_000_000)
    assert "field larger than field limit" in failure(path).message


def test_parquet_reads_one_column_in_batches(tmp_path: Path) -> None:
    rows = [f"satır {n}" for n in range(3000)]
    path = tmp_path / "x.parquet"
    table = pa.table({"id": range(3000), "a.b": rows, "n": [0.5] * 3000})
    pq.write_table(table, path, row_group_size=700)
    part = one(path)
    assert texts(part) == rows == texts(part)
    assert part.unit == "record"


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_parquet_strings_of_every_type(tmp_path: Path, kind: pa.DataType) -> None:
    path = tmp_path / "x.parquet"
    column = pa.array(["a", "b", "a"]).cast(kind)
    pq.write_table(pa.table({"n": [1, 2, 3], "words": column}), path)
    assert texts(one(path)) == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("columns", "field", "message"),
    [
        ({"text": ["a", None]}, None, "row 2: the field 'text' is null"),
        ({"text": [1, 2]}, None, "the column 'text' is of type int64, not string"),
        ({"title": ["a"], "body": ["b"]}, None, "the fields are: title, body"),
        ({"title": ["a"], "body": ["b"]}, "boddy", "the fields are: title, body"),
        ({"n": [1]}, None, "no field holds strings"),
        ({"text": pa.array([], pa.string())}, None, "no text"),
        ({"text": pa.array([b"\xff"]).view(pa.string())}, None, "corrupt Parquet"),
    ],
)
def test_bad_parquet_columns(
    tmp_path: Path, columns: dict[str, object], field: str | None, message: str
) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table(columns), path)
    assert message in failure(path, **({} if field is None else {"field": field})).message


@pytest.mark.parametrize("harm", ["empty", "text", "cut", "middle"])
def test_corrupt_parquet_is_one_clear_line(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": [f"{n:x}" * 9 for n in range(20_000)]}), path)
    good = path.read_bytes()
    zeros = b"\xff" * 2000
    bad = {
        "empty": b"",
        "text": b"just text\n" * 9,
        "cut": good[:-100],
        "middle": good[:4] + zeros + good[2004:],
    }[harm]
    path.write_bytes(bad)
    assert failure(path).message.startswith(str(path))


def test_compressed_parquet_is_refused_with_the_mend(tmp_path: Path) -> None:
    assert failure(written(tmp_path, "x.parquet.gz", b"x")).hint == "decompress the file"


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_memory_does_not_grow_with_the_records(tmp_path: Path, suffix: str) -> None:
    row = {".jsonl": '{"id": 1, "text": "bir kayıt, bir satır"}\n', ".csv": '1,"bir, kayıt"\n'}
    header = "id,text\n" if suffix == ".csv" else ""
    count = 20_000_000 // len(row[suffix])
    part = one(written(tmp_path, "x" + suffix, header + row[suffix] * count))
    assert peak_bytes(part.documents()) < 8 << 20


def peak_bytes(documents: Iterator[tuple[str, ...]]) -> int:
    """Peak of traced memory while documents are read and dropped."""
    tracemalloc.start()
    try:
        for _ in documents:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

"""Reading dumps: every format gives the same tokens; what is wrong has a file and a row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.visual import dumps
from tests.unit.visual.dumps import jsonl, npy, parquet, read, samples
from tokeval.errors import TokevalError
from tokeval.visual import stored_dump
from tokeval.visual.dump import Layout

GRIDS = [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 99]]]
SHAPES = {
    Layout.NL: (3, 4),
    Layout.NHW: (3, 2, 5),
    Layout.NTHW: (3, 2, 2, 3),
    Layout.NQL: (3, 2, 4),
    Layout.NS: (3, 14),
}


def failure(*arguments: Any, **more: Any) -> TokevalError:
    with pytest.raises(TokevalError) as caught:
        samples(read(*arguments, **more))
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def written(folder: Path, suffix: str, array: np.ndarray[Any, Any]) -> tuple[Path, dict[str, Any]]:
    """A file of a format with an array, and how raw bytes are described."""
    path, nested = folder / f"x{suffix}", array.tolist()
    match suffix:
        case ".npy":
            np.save(path, array)
        case ".npz":
            np.savez(path, tokens=array)
        case ".pt":
            torch = dumps.TorchFile()
            torch.save(path, torch.tensor(array))
        case ".jsonl":
            jsonl(path, [{"tokens": sample} for sample in nested])
        case ".parquet":
            parquet(path, nested)
        case ".bin":
            path.write_bytes(array.tobytes())
            return path, {"dtype": array.dtype.name, "shape": (-1, *array.shape[1:])}
    return path, {}


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pt", ".jsonl", ".parquet", ".bin"])
def test_every_format_holds_every_layout(tmp_path: Path, suffix: str, layout: Layout) -> None:
    array = np.random.default_rng(1).integers(0, 300, SHAPES[layout]).astype(np.int32)
    path, described = written(tmp_path, suffix, array)
    scales = (1, 4, 9) if layout is Layout.NS else ()
    dump = read(path, layout, 300, scales=scales, **described)
    assert samples(dump) == array.tolist()
    assert (dump.n_samples, dump.n_tokens, dump.shape) == (3, array.size, array.shape[1:])
    assert dump.scales == ((1, 2, 3) if layout is Layout.NS else ())
    assert {part.tokens.dtype for part in dump.chunks()} == {np.dtype(np.uint16)}
    assert dump.labels is None


@pytest.mark.parametrize("k", [10, 256, 257, 65_536, 65_537, 2**32, 2**32 + 1])
def test_tokens_have_the_smallest_dtype_of_the_codebook(tmp_path: Path, k: int) -> None:
    array = np.array([[0, k - 1]], dtype=np.int64)
    path = npy(tmp_path / "x.npy", array, "int64")
    ((part,), lines) = (
        list(read(path, k=k).chunks()),
        jsonl(tmp_path / "x.jsonl", [{"tokens": [0, k - 1]}]),
    )
    assert part.tokens.tolist() == [0, k - 1] == samples(read(lines, k=k))[0]
    assert part.tokens.dtype.itemsize == np.min_scalar_type(k - 1).itemsize


def test_big_endian_and_fortran_order(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.asfortranarray(np.array(GRIDS, dtype=">i4")))
    assert samples(read(tmp_path / "x.npy", Layout.NHW)) == GRIDS
    (tmp_path / "y.raw").write_bytes(np.array(GRIDS, dtype=">u2").tobytes())
    assert samples(read(tmp_path / "y.raw", Layout.NHW, dtype=">u2", shape=(2, 2, 3))) == GRIDS


def test_sequences_may_differ_in_length(tmp_path: Path) -> None:
    ragged = [[1, 2, 3], [4], [5, 6]]
    torch = dumps.TorchFile()
    tensors = [torch.tensor(np.array(one, dtype=np.int64)) for one in ragged]
    paths = [
        jsonl(tmp_path / "x.jsonl", [{"tokens": one} for one in ragged]),
        parquet(tmp_path / "x.parquet", ragged, pa.large_list(pa.uint16())),
        torch.save(tmp_path / "x.pt", tensors),
    ]
    for path in paths:
        dump = read(path)
        assert samples(dump) == ragged
        assert dump.shape is None
        (part,) = dump.chunks()
        assert part.starts.tolist() == [0, 3, 4, 6]
        assert read(path, None).layout is Layout.NL
    assert samples(read(paths)) == ragged * 3


def test_shards_follow_each_other_by_name(tmp_path: Path) -> None:
    npy(tmp_path / "b.npy", [[3, 4]], "int64")
    npy(tmp_path / "a.npy", [[1, 2]], "uint8")
    np.savez(tmp_path / "c.npz", [[5, 6], [7, 8]])
    assert samples(read(f"{tmp_path}/*.np[yz]")) == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert samples(read([tmp_path / "b.npy", tmp_path / "a.npy"])) == [[3, 4], [1, 2]]
    firsts = [part.first for part in read(f"{tmp_path}/*.np[yz]").chunks()]
    assert firsts == [0, 1, 2]


def test_chunks_are_stretches_of_whole_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_dump, "CHUNK_TOKENS", 7)
    array = np.arange(30).reshape(10, 3)
    parts = list(read(npy(tmp_path / "x.npy", array)).chunks())
    assert [(part.first, part.n_samples) for part in parts] == [
        (0, 2),
        (2, 2),
        (4, 2),
        (6, 2),
        (8, 2),
    ]
    ragged = [[1] * n for n in (3, 4, 1, 9, 2, 2, 3)]
    lines = jsonl(tmp_path / "x.jsonl", [{"tokens": one} for one in ragged])
    parts = list(read(lines).chunks())
    assert [(part.first, len(part.tokens)) for part in parts] == [(0, 7), (2, 1), (3, 9), (4, 7)]
    assert all(part.starts[0] == 0 and part.starts[-1] == len(part.tokens) for part in parts)


def test_a_sample_is_spread_evenly_and_knows_its_numbers(tmp_path: Path) -> None:
    array = np.arange(40).reshape(20, 2)
    paths = [npy(tmp_path / "a.npy", array[:7]), npy(tmp_path / "b.npy", array[7:])]
    chosen = read(paths).sample(10)
    assert chosen.numbers is not None
    assert chosen.numbers.tolist() == [0, 4, 8, 12, 16]
    assert chosen.array().tolist() == array[::4].tolist()
    assert read(paths).sample(1000).array().tolist() == array.tolist()
    assert read(paths).sample(1).array().tolist() == [[0, 1]]
    ragged = [[n] * (1 + n % 3) for n in range(20)]
    dump = read(jsonl(tmp_path / "x.jsonl", [{"tokens": one} for one in ragged]))
    part = dump.take(np.array([1, 2, 19]))
    assert part.tokens.tolist() == [1, 1, 2, 2, 2, 19, 19]
    assert part.starts.tolist() == [0, 2, 5, 7]


def test_one_sample_of_one_token_and_one_code(tmp_path: Path) -> None:
    dump = read(npy(tmp_path / "x.npy", [[0]]), k=1)
    assert samples(dump) == [[0]]
    assert dump.sample(10**6).tokens.tolist() == [0]


def test_labels_come_from_the_files_or_are_given(tmp_path: Path) -> None:
    rows = [[1, 2], [3, 4]]
    torch = dumps.TorchFile()
    content = {
        "tokens": torch.tensor(np.array(rows, dtype=np.int64)),
        "labels": torch.tensor(np.array([5, 6], dtype=np.int32)),
    }
    np.savez(tmp_path / "x.npz", codes=np.array(rows), class_id=np.array([5, 6]))
    np.savez_compressed(tmp_path / "y.npz", tokens=np.array(rows), labels=np.array([5, 6]))
    records = [{"tokens": row, "class_id": label} for row, label in zip(rows, (5, 6), strict=True)]
    paths = [
        tmp_path / "x.npz",
        tmp_path / "y.npz",
        torch.save(tmp_path / "x.pt", content),
        jsonl(tmp_path / "x.jsonl", records),
        parquet(tmp_path / "x.parquet", rows, label=[5, 6]),
    ]
    for path in paths:
        dump = read(path)
        assert samples(dump) == rows
        assert dump.labels is not None
        assert dump.labels.tolist() == [5, 6]
    both = read(paths)
    assert both.labels is not None
    assert both.labels.tolist() == [5, 6] * 5
    plain = npy(tmp_path / "p.npy", rows)
    given = read(plain, labels=npy(tmp_path / "l.npy", [8, 9]))
    assert given.labels is not None
    assert given.labels.tolist() == [8, 9]
    assert "3 labels for 2 samples" in failure(plain, labels=[1, 2, 3]).message
    assert "p.npy: no classes" in failure([paths[0], plain]).message


def test_another_field_can_be_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=[[1, 2]], b=[[3, 4]])
    assert samples(read(tmp_path / "x.npz", field="b")) == [[3, 4]]
    assert "'a', 'b'" in failure(tmp_path / "x.npz").message
    lines = jsonl(tmp_path / "x.jsonl", [{"b": [3, 4], "a": [1]}])
    assert samples(read(lines, field="b")) == [[3, 4]]


def test_scales_are_sides_or_numbers_of_tokens(tmp_path: Path) -> None:
    path = npy(tmp_path / "x.npy", np.zeros((2, 21)))
    assert read(path, None, scales=(1, 4, 16)).scales == (1, 2, 4)
    assert read(path, Layout.NS, scales=(1, 2, 4)).scales == (1, 2, 4)
    for wrong in ((), (1, 4), (21,), (0, 21), (5, 16)):
        assert "21 tokens" in failure(path, Layout.NS, scales=wrong).message
    grids = npy(tmp_path / "y.npy", GRIDS)
    assert "scales with layout NHW" in failure(grids, Layout.NHW, scales=(1, 4)).message


def test_the_layout_may_be_left_out_where_only_one_is_possible(tmp_path: Path) -> None:
    assert read(npy(tmp_path / "a.npy", np.zeros((2, 3))), None).layout is Layout.NL
    assert read(npy(tmp_path / "b.npy", np.zeros((2, 1, 2, 3))), None).layout is Layout.NTHW
    lines = jsonl(tmp_path / "c.jsonl", [{"tokens": GRIDS}])
    assert read(lines, None).layout is Layout.NTHW
    assert "NHW or --layout NQL" in failure(npy(tmp_path / "d.npy", GRIDS), None).hint
    assert "has 5 axes" in failure(npy(tmp_path / "e.npy", np.zeros((1, 1, 1, 1, 1))), None).message


@pytest.mark.parametrize(
    ("array", "dtype", "layout", "message", "hint"),
    [
        (
            [[1, 2], [3, -7]],
            "int16",
            Layout.NL,
            "x.npy, row 1 (the first is 0): negative id -7",
            "wrap in int16",
        ),
        (
            [[1, 2], [3, -7]],
            "int64",
            Layout.NL,
            "x.npy, row 1 (the first is 0): negative id -7",
            "padding",
        ),
        (
            [[1, 2], [3, 4], [100, 5]],
            "uint16",
            Layout.NL,
            "x.npy, row 2 (the first is 0): id 100 is outside a codebook of 100",
            "at least 101",
        ),
        ([[1, 2], [3, 4]], "float32", Layout.NL, "x.npy: holds float32", "cast"),
        ([[1, 2], [3, np.nan]], "float64", Layout.NL, "row 1 (the first is 0): NaN", "whole"),
        ([[1, 2], [0.5, 1]], "float16", Layout.NL, "row 1 (the first is 0): 0.5", "embeddings"),
        ([[True, False]], "bool", Layout.NL, "holds bool", "cast"),
        ([["a", "b"]], "U1", Layout.NL, "holds str", "cast"),
        ([[1, 2]], "complex64", Layout.NL, "holds complex64", "cast"),
        (np.zeros((0, 4)), "uint16", Layout.NL, "no samples, shape (0, 4)", "leave"),
        (np.zeros((4, 0)), "uint16", Layout.NL, "without tokens, shape (4, 0)", "check"),
        ([1, 2, 3], "uint16", Layout.NL, "1 axis", "(1, 3)"),
        (7, "uint16", Layout.NL, "0 axes", "reshape"),
        (GRIDS, "uint16", Layout.NL, "shape (2, 2, 3) has 3 axes, layout NL has 2", "layout"),
        (GRIDS, "uint16", Layout.NTHW, "3 axes, layout NTHW has 4", "layout"),
        ([[1, 2]], "uint16", Layout.NHW, "2 axes, layout NHW has 3", "layout"),
    ],
)
def test_arrays_that_are_no_dump(
    tmp_path: Path, array: Any, dtype: str, layout: Layout, message: str, hint: str
) -> None:
    error = failure(npy(tmp_path / "x.npy", array, dtype), layout)
    assert message in error.message
    assert hint in error.hint


def test_ids_of_flextok_that_wrapped_are_explained(tmp_path: Path) -> None:
    ids = np.array([[0, 63_999]]).astype(np.uint16).astype(np.int16)
    error = failure(npy(tmp_path / "x.npy", ids, "int16"), k=64_000)
    assert "negative id -1537 in int16" in error.message
    assert "FlexTok" in error.hint


def test_without_a_codebook_size_the_largest_id_is_said(tmp_path: Path) -> None:
    paths = [
        npy(tmp_path / "x.npy", [[5, 41], [3, 2]]),
        jsonl(tmp_path / "x.jsonl", [{"tokens": [5, 41]}]),
    ]
    for path in paths:
        error = failure(path, k=None)
        assert "largest id is 41" in error.message
        assert "--codebook-size: 42" in error.hint
    assert "codebook of 0" in failure(paths[0], k=0).message


def test_rows_are_counted_over_chunks_but_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_dump, "CHUNK_TOKENS", 4)
    array = np.zeros((9, 2))
    array[7] = 100
    paths = [npy(tmp_path / "a.npy", array[:2]), npy(tmp_path / "b.npy", array)]
    assert "b.npy, row 7 " in failure(paths).message
    with pytest.raises(TokevalError, match=r"b\.npy, row 7 "):
        read(paths).take(np.array([0, 3, 9, 10]))


def test_files_of_different_shapes(tmp_path: Path) -> None:
    paths = [npy(tmp_path / "a.npy", [[1, 2]]), npy(tmp_path / "b.npy", [[1, 2, 3]])]
    message = failure(paths).message
    assert "b.npy: samples of shape (3,)" in message
    assert "a.npy have (2,)" in message
    paths = [npy(tmp_path / "c.npy", GRIDS), npy(tmp_path / "d.npy", [[1, 2]])]
    assert "d.npy" in failure(paths, Layout.NHW).message


@pytest.mark.parametrize(
    ("records", "layout", "message"),
    [
        ([{"tokens": [1]}, {"tokens": [1.0]}], Layout.NL, "x.jsonl:2: Expected `int`, got `float`"),
        ([{"tokens": [1]}, '{"tokens": [1, NaN]}'], Layout.NL, "x.jsonl:2: JSON is malformed"),
        ([{"tokens": [1]}, {"tokens": [-1]}], Layout.NL, "x.jsonl:2: negative id -1"),
        ([{"tokens": [1]}, "", {"tokens": [1, 100]}], Layout.NL, "x.jsonl:3: id 100 is outside"),
        ([{"tokens": [10**30]}], Layout.NL, "x.jsonl:1: an id beyond 64 bits"),
        ([{"tokens": [1]}, {"tokens": []}], Layout.NL, "x.jsonl:2: no tokens"),
        ([{"tokens": [1]}, {"token": [1]}], Layout.NL, "x.jsonl:2: nothing is called 'tokens'"),
        ([{"tokens": "1 2"}], Layout.NL, "x.jsonl:1: Expected `array`"),
        ([[1, 2]], Layout.NL, "x.jsonl:1: Expected `object`"),
        ([{"tokens": [True]}], Layout.NL, "got `bool`"),
        (['{"tokens": [1, 2'], Layout.NL, "x.jsonl:1: "),
        ([{"tokens": [1], "class_id": 1}, {"tokens": [1]}], Layout.NL, "x.jsonl:2: only some"),
        ([{"tokens": [1], "class_id": "cat"}], Layout.NL, "x.jsonl:1: Expected `int"),
        ([{"tokens": [[1, 2], [3]]}], Layout.NHW, "x.jsonl:1: a grid of rows of different"),
        ([{"tokens": [[1, 2]]}, {"tokens": [[1]]}], Layout.NHW, "x.jsonl:2: a sample of shape"),
        ([{"tokens": [1, 2]}], Layout.NHW, "x.jsonl:1: Expected `array`, got `int`"),
        ([{"tokens": [[1, 2]]}], Layout.NL, "x.jsonl:1: Expected `int`, got `array`"),
        (["", " "], Layout.NL, "x.jsonl: no samples"),
    ],
)
def test_records_that_are_no_samples(
    tmp_path: Path, records: list[Any], layout: Layout, message: str
) -> None:
    assert message in failure(jsonl(tmp_path / "x.jsonl", records), layout).message


@pytest.mark.parametrize(
    ("tokens", "kind", "layout", "message"),
    [
        ([[1], [2.5]], pa.list_(pa.float32()), Layout.NL, "of type list<"),
        ([1, 2], pa.int64(), Layout.NL, "of type int64, not lists"),
        ([[1], None], pa.list_(pa.int16()), Layout.NL, "row 1 (the first is 0): a missing value"),
        ([[1], [2, None]], pa.list_(pa.int16()), Layout.NL, "row 1 (the first is 0): a missing"),
        ([[1], []], pa.list_(pa.int16()), Layout.NL, "row 1 (the first is 0): no tokens"),
        ([[1, 2], [3, -4]], pa.list_(pa.int16()), Layout.NL, "row 1 (the first is 0): negative"),
        ([[1], [3, 400]], pa.list_(pa.int16()), Layout.NL, "row 1 (the first is 0): id 400"),
        ([[[1], [2, 3]]], None, Layout.NHW, "row 0 (the first is 0): a grid of another shape"),
        ([[[1]], [[2], [3]]], None, Layout.NHW, "row 1 (the first is 0): a grid of another shape"),
        ([], pa.list_(pa.int16()), Layout.NL, "no samples"),
        ([[1, 2]], None, Layout.NHW, "2 axes, layout NHW has 3"),
    ],
)
def test_columns_that_are_no_samples(
    tmp_path: Path, tokens: Any, kind: Any, layout: Layout, message: str
) -> None:
    error = failure(parquet(tmp_path / "x.parquet", tokens, kind), layout)
    assert message in error.message
    assert "x.parquet" in error.message


def test_parquet_in_many_batches(tmp_path: Path) -> None:
    rows = [[n % 97] * (1 + n % 3) for n in range(10_000)]
    assert samples(read(parquet(tmp_path / "x.parquet", rows))) == rows
    rows[9_000] = [5, 100]
    assert "row 9000 " in failure(parquet(tmp_path / "x.parquet", rows)).message


def test_places_where_no_dump_is(tmp_path: Path) -> None:
    good = npy(tmp_path / "good.npy", [[1]])
    (tmp_path / "empty.npy").touch()
    assert "empty.npy: an empty file" in failure(tmp_path / "empty.npy").message
    missing = failure(tmp_path / "goood.npy")
    assert "no such file" in missing.message
    assert str(good) in missing.hint
    assert "a folder" in failure(tmp_path).message
    assert "*.npy" in failure(tmp_path).hint
    assert "no file matches" in failure(f"{tmp_path}/*.npz").message
    assert "no file" in failure([]).message
    assert "not fetched" in failure("https://example.org/x.npy").message
    os.mkfifo(tmp_path / "pipe.npy")
    assert "a pipe" in failure(tmp_path / "pipe.npy").message
    (tmp_path / "x.dat").write_bytes(b"1234")
    assert "-1,16,16" in failure(tmp_path / "x.dat").hint
    assert "dtype" in failure(good, dtype="uint16", shape=(1, 1)).message


@pytest.mark.parametrize(
    ("dtype", "shape", "message"),
    [
        ("uint16", (-1, 3), "10 bytes, where uint16 of shape -1,3 needs a multiple of 6"),
        ("uint16", (3, 2), "needs 12"),
        ("uint16", (2, 2), "needs 8"),
        ("uint17", (-1, 5), "no dtype 'uint17'"),
        ("O", (-1, 5), "raw bytes of object"),
        ("f2", (-1, 5), "float16"),
        ("V2", (-1, 5), "raw bytes of void"),
        ("uint16", (-1, -5), "the shape"),
        ("uint16", (0, 5), "the shape"),
        ("uint16", (5,), "1 axis"),
    ],
)
def test_raw_bytes_that_do_not_fit(
    tmp_path: Path, dtype: str, shape: tuple[int, ...], message: str
) -> None:
    (tmp_path / "x.raw").write_bytes(np.arange(5, dtype=np.uint16).tobytes())
    assert message in failure(tmp_path / "x.raw", dtype=dtype, shape=shape).message

"""Hugging Face datasets: names, local folders without a network, splits, columns, refusals."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tokeval.core.corpus import Slice
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpora import ReadOptions, read_corpus
from tokeval.loaders.datasets import DatasetName, parse_dataset_name

pytest.importorskip("datasets", reason="the extra tokeval[hf] is not installed")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps what the library writes out of the user's cache, and the library off the network."""
    import datasets.config

    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder)
    monkeypatch.setattr(datasets.config, "HF_MODULES_CACHE", folder)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def one(argument: str, **options: str | bool) -> Slice:
    (part,) = read_corpus([argument], ReadOptions(**options))  # type: ignore[arg-type]
    return part


def texts(part: Slice) -> list[str]:
    return [text for document in part.documents() for text in document]


def failure(argument: str, **options: str | bool) -> TokevalError:
    with pytest.raises(TokevalError) as caught:
        texts(one(argument, **options))
    assert "\n" not in str(caught.value)
    return caught.value


def jsonl(path: Path, *records: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.mark.parametrize(
    ("text", "parts", "slice_name"),
    [
        ("hf:squad", ("squad", "", ""), "squad"),
        ("hf:allenai/c4:tr@train", ("allenai/c4", "tr", "train"), "c4/tr/train"),
        ("hf:a/b@test", ("a/b", "", "test"), "b/test"),
        ("hf:a/b:x.y-z", ("a/b", "x.y-z", ""), "b/x.y-z"),
    ],
)
def test_names_are_taken_apart(text: str, parts: tuple[str, str, str], slice_name: str) -> None:
    dataset = parse_dataset_name(text)
    assert dataset == DatasetName(*parts)
    assert dataset.source == text
    assert dataset.slice_name == slice_name


@pytest.mark.parametrize("text", ["hf:", "hf:a@", "hf:a:", "hf::x", "hf:@train"])
def test_half_a_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="does not name a dataset"):
        parse_dataset_name(text)


def test_a_folder_with_an_odd_name_is_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    jsonl(tmp_path / "a@b:c" / "x.jsonl", {"text": "a"})
    assert parse_dataset_name("hf:a@b:c") == DatasetName("a@b:c")
    assert texts(one("hf:a@b:c")) == ["a"]


def test_a_local_folder_is_streamed(tmp_path: Path) -> None:
    jsonl(tmp_path / "d" / "train.jsonl", {"text": "bir"}, {"text": ""}, {"text": "iki"})
    part = one(f"hf:{tmp_path}/d")
    assert (part.name, part.unit, part.n_documents) == ("d", "record", None)
    assert list(part.documents()) == [("bir",), ("iki",)] == list(part.documents())
    assert texts(one(f"hf:{tmp_path}/d", parallel=True)) == ["bir", "", "iki"]
    assert texts(pickle.loads(pickle.dumps(part))) == ["bir", "iki"]  # noqa: S301 - our own bytes
    assert one(f"tr=hf:{tmp_path}/d@train").name == "tr"


def test_parquet_knows_its_columns_without_a_record(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    pq.write_table(pa.table({"n": [1, 2], "body": ["a", "b"]}), tmp_path / "d" / "x.parquet")
    assert texts(one(f"hf:{tmp_path}/d")) == ["a", "b"]
    assert "the fields are: n, body" in failure(f"hf:{tmp_path}/d", field="bdy").message
    assert failure(f"hf:{tmp_path}/d", field="bdy").hint == "did you mean --field body?"
    assert "record 1: the field 'n' is a number" in failure(f"hf:{tmp_path}/d", field="n").message


def test_several_splits_need_a_choice(tmp_path: Path) -> None:
    jsonl(tmp_path / "train.jsonl", {"text": "a"})
    jsonl(tmp_path / "test.jsonl", {"text": "b"})
    error = failure(f"hf:{tmp_path}")
    assert "several splits: train, test" in error.message
    assert error.hint.endswith("@train")
    assert texts(one(f"hf:{tmp_path}@test")) == ["b"]
    assert failure(f"hf:{tmp_path}@tests").hint == "did you mean @test?"
    assert "the splits are: train, test" in failure(f"hf:{tmp_path}@dev").message


def test_datasets_saved_to_disk(tmp_path: Path) -> None:
    import datasets

    rows = datasets.Dataset.from_dict({"text": ["a", "b"]})
    rows.save_to_disk(str(tmp_path / "rows"))
    datasets.DatasetDict(train=rows, dev=rows.select([1])).save_to_disk(str(tmp_path / "both"))
    assert texts(one(f"hf:{tmp_path}/rows")) == ["a", "b"]
    assert texts(one(f"hf:{tmp_path}/both@dev")) == ["b"]
    assert "several splits" in failure(f"hf:{tmp_path}/both").message


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"text": "a"}, {"text": None}], "record 2: the field 'text' is null"),
        ([{"text": ["a"]}], "record 1: the field 'text' is a list"),
        ([{"a": "x", "b": "y"}], "several fields hold strings"),
        ([{"text": ""}], "no text"),
        ([{"n": 1}], "no field holds strings"),
    ],
)
def test_records_without_a_text(
    tmp_path: Path, records: list[dict[str, object]], message: str
) -> None:
    jsonl(tmp_path / "x.jsonl", *records)
    assert message in failure(f"hf:{tmp_path}").message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.jsonl", b'{"text": "a"\n'),
        ("x.parquet", b"no parquet at all"),
        ("x.jsonl", b""),
        ("x.unknown", b"?"),
    ],
)
def test_a_folder_that_the_library_cannot_read(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert failure(f"hf:{tmp_path}").message.startswith((f"hf:{tmp_path}", "slice"))


def test_nothing_is_downloaded_unasked() -> None:
    error = failure("hf:nobody/nothing:tr@train")
    assert "no download is allowed" in error.message
    assert "--allow-download" in error.hint


def test_a_hub_that_cannot_be_reached_is_one_clear_line() -> None:
    error = failure("hf:nobody/nothing", allow_download=True)
    assert error.message.startswith("hf:nobody/nothing: cannot be read")
    assert "hf:NAME[:CONFIG][@SPLIT]" in error.hint


def test_the_unit_is_the_record(tmp_path: Path) -> None:
    jsonl(tmp_path / "x.jsonl", {"text": "a"})
    assert "the unit of a dataset is record" in failure(f"hf:{tmp_path}", unit="lines").message
    assert texts(one(f"hf:{tmp_path}", unit="record")) == ["a"]


def test_without_the_library_the_extra_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['datasets'] = None\n"
        "from tokeval.errors import TokevalError\n"
        "from tokeval.loaders.corpora import read_corpus\n"
        "try: read_corpus(['hf:' + sys.argv[1]])\n"
        "except TokevalError as error: print(error.hint)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "pip install 'tokeval[hf]'\n"

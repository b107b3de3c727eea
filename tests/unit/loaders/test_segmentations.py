"""`seg:` files: segments looked up byte for byte, and lines that are wrong."""

import inspect
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokeval.core.corpus import Document, Slice
from tokeval.core.pretokens import choose_cut
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Measured
from tokeval.errors import TokevalError
from tokeval.loaders.segmentations import UnknownTextError, load_segmentations
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.catalogue import choose_metrics
from tokeval.metrics.report import evaluate
from tokeval.testing import check_tokenizer

TEXTS = {
    "to day": [[0, 2], [2, 6]],
    "gün ışığı": [[0, 3], [3, 4], [4, 7], [7, 15]],  # ü is bytes 1 and 2
    "day to": [[0, 3], [3, 6]],
    "": [],
}
whole_texts = pytest.mark.skipif(
    "whole_texts_only" not in inspect.getsource(choose_cut),
    reason="counting encodes texts of its own with every tokenizer",
)


def write(path: Path, texts: dict[str, list[list[int]]]) -> str:
    """A file with a line for each text."""
    lines = [json.dumps({"text": text, "spans": spans}) for text, spans in texts.items()]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return str(path)


def run(tokenizer: Tokenizer, texts: list[str], *ids: str) -> dict[str, float]:
    """Values of metrics on the texts, 16 of them a document."""

    def documents() -> Iterator[Document]:
        yield from (tuple(texts[i : i + 16]) for i in range(0, len(texts), 16))

    report = evaluate([tokenizer], [Slice("t", documents, "lines")], metrics=choose_metrics(ids))
    cells = [cell for cell in report.results[0].cells if cell.slice == "t"]
    return {c.metric: c.value.value for c in cells if isinstance(c.value, Measured)}


def test_texts_are_cut_as_the_file_says(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(f"m=seg:{write(tmp_path / 's.jsonl', TEXTS)}")
    encoded = tokenizer.encode_with_spans(list(TEXTS))
    tokens = [tokenizer.vocabulary.token_bytes[i] for i in encoded.ids]
    assert tokens == [b"to", b" day", "gü".encode(), b"n", " ı".encode(), "şığı".encode(),
                      b"day", b" to"]  # fmt: skip
    assert encoded.offsets.tolist() == [0, 2, 6, 8, 8]
    assert encoded.spans.tolist() == [
        [0, 2], [2, 6], [0, 2], [2, 3], [3, 5], [5, 9], [0, 3], [3, 6]
    ]  # fmt: skip
    assert (tokenizer.name, tokenizer.model) == ("m", "Segmentation")
    assert tokenizer.keeps_whitespace


def test_it_conforms_on_its_own_texts(tmp_path: Path) -> None:
    whole = load_segmentations(write(tmp_path / "a.jsonl", TEXTS), name="a")
    check_tokenizer(whole, list(TEXTS))
    words = {"to  day": [[0, 2], [4, 7]], " new\t": [[1, 4]], "é": [[0, 1], [1, 2]]}
    gaps = load_segmentations(write(tmp_path / "b.jsonl", words), name="b")
    check_tokenizer(gaps, list(words))
    assert gaps.vocabulary.byte_tokens == {
        gaps.vocabulary.token_bytes.index(byte) for byte in (b"\xc3", b"\xa9")
    }


def test_white_space_may_be_left_out(tmp_path: Path) -> None:
    words = {"to  day": [[0, 2], [4, 7]], " new ": [[1, 4]]}
    tokenizer = load_segmentations(write(tmp_path / "s.jsonl", words), name="s")
    assert not tokenizer.keeps_whitespace
    assert tokenizer.normalize("to  day") == "today"
    assert any("belongs to none" in note for note in tokenizer.notes)
    mixed = {"New York is": [[0, 8], [9, 11]]}
    tokenizer = load_segmentations(write(tmp_path / "m.jsonl", mixed), name="m")
    assert tokenizer.keeps_whitespace
    assert tokenizer.decode(tokenizer.encode_batch(["New York is"]).ids) == b"New Yorkis"


def test_a_text_that_is_not_in_the_file(tmp_path: Path) -> None:
    tokenizer = load_segmentations(write(tmp_path / "s.jsonl", {"a": [[0, 1]]}), name="s")
    with pytest.raises(UnknownTextError, match=r"has no text 'b{40}'\.\.\."):
        tokenizer.encode_batch(["a", "b" * 60])
    with pytest.raises(UnknownTextError, match="'a '"):
        tokenizer.normalize("a ")
    with pytest.raises(TokevalError, match="lone surrogate"):
        tokenizer.encode_batch(["\ud800"])
    assert tokenizer.encode_batch([""]).offsets.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no segmented text"),
        ('{"text": "a"}', "no segmented text"),
        ('{"text": "a", "spans": [[0]]}', "no segmented text"),
        ('{"text": "a", "spans": [[0, "1"]]}', "no segmented text"),
        ('{"text": "\\ud800", "spans": []}', "no segmented text"),
        ('{"text": "ab", "spans": [[0, 1], [0, 2]]}', r"\[0, 2\] begins before"),
        ('{"text": "ab", "spans": [[1, 2], [0, 1]]}', "no span covers bytes 0 to 1, b'a'"),
        ('{"text": "ab", "spans": [[0, 1]]}', "no span covers bytes 1 to 2, b'b'"),
        ('{"text": "ab", "spans": []}', "no span covers bytes 0 to 2"),
        ('{"text": "ab", "spans": [[0, 0], [0, 2]]}', r"\[0, 0\] is empty"),
        ('{"text": "ab", "spans": [[0, 3]]}', r"\[0, 3\] is empty or leaves the 2 bytes"),
        ('{"text": "ab", "spans": [[-1, 2]]}', r"\[-1, 2\] is empty or leaves"),
        (f'{{"text": "ab", "spans": [[0, {2**64 - 1}]]}}', "is empty or leaves"),
        (f'{{"text": "ab", "spans": [[0, {2**80}]]}}', "is empty or leaves"),
        ('{"text": "\u00a0", "spans": [[0, 1]]}', "no span covers bytes 1 to 2"),
        ('{"text": "ok", "spans": [[0, 1], [1, 2]]}', "otherwise than an earlier line"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(f'{{"text": "ok", "spans": [[0, 2]]}}\n{line}\n', encoding="utf-8")
    with pytest.raises(TokevalError, match=message) as caught:
        load_segmentations(str(path), name="s")
    assert f"{path}:2" in caught.value.message


def test_files_without_texts(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(TokevalError, match="no segmented text"):
        load_segmentations(str(tmp_path / "s.jsonl"), name="s")
    with pytest.raises(TokevalError, match="no such file"):
        load_segmentations(str(tmp_path / "none.jsonl"), name="s")


def test_the_fingerprint_is_of_texts_and_spans_in_any_order(tmp_path: Path) -> None:
    turned = dict(reversed(TEXTS.items()))
    other = TEXTS | {"to day": [[0, 3], [3, 6]]}
    one, two, three = (
        load_segmentations(write(tmp_path / f"{n}.jsonl", texts), name="s").fingerprint
        for n, texts in enumerate((TEXTS, turned, other))
    )
    assert one == two != three


@whole_texts
def test_a_run_measures_multi_word_segments(tmp_path: Path) -> None:
    texts = {f"New York {n}": [[0, 8], [8, 10]] for n in range(9)}
    tokenizer = load_segmentations(write(tmp_path / "s.jsonl", texts), name="s")
    found = run(tokenizer, list(texts), "tokens", "fertility", "superword_share", "round_trip")
    assert found["tokens"] == 18
    assert found["fertility"] == pytest.approx(2 / 3)
    assert found["round_trip"] == 1


@whole_texts
def test_a_run_measures_segments_inside_words(tmp_path: Path) -> None:
    texts = {f"to day {n}": [[0, 2], [2, 6], [6, 8]] for n in range(9)}
    tokenizer = load_segmentations(write(tmp_path / "s.jsonl", texts), name="s")
    assert run(tokenizer, list(texts), "tokens")["tokens"] == 27


def test_worker_processes_have_the_segments(tmp_path: Path) -> None:
    tokenizer = load_segmentations(write(tmp_path / "s.jsonl", TEXTS), name="s")
    copy = pickle.loads(pickle.dumps(tokenizer))  # noqa: S301 - written a moment ago
    assert copy.encode_batch(["to day"]).ids.tolist() == [0, 1]

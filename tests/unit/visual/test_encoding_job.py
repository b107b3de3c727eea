"""Long encodings: interrupted anywhere they go on, and what they leave is whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tokeval.errors import TokevalError, UsageError
from tokeval.visual import encoding_job
from tokeval.visual.dump import Layout
from tokeval.visual.encoding_job import (
    EncodingOptions,
    encode_images,
    fitted_codebook,
    parts_folder,
    token_dtype,
)
from tokeval.visual.patch_fitting import PatchSettings

OPTIONS = EncodingOptions(batch=2, shard=3)


@dataclass
class Lengths:
    """An encoder whose tokens are the number in a file, and that number plus 1; it keeps a log."""

    codebook_size: int = 300
    fingerprint: str = "one"
    layout: Layout = Layout.NL
    fails_at: int | None = None
    log: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def read(self, path: Path) -> NDArray[Any]:
        number = int(path.read_text())
        if number == self.fails_at:
            raise KeyboardInterrupt
        self.log.append(number)
        return np.array([number])

    def encode(self, images: NDArray[Any]) -> NDArray[np.int64]:
        self.batches.append(len(images))
        return np.concatenate([images, images + 1], axis=1)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"{number}.txt" for number in range(8)]
    for number, file in enumerate(files):
        file.write_text(str(number))
    return files


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.suffix != ".txt"}


EXPECTED = np.array([[number, number + 1] for number in range(8)])


def test_the_dump_has_a_row_for_each_file(paths: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "dump.npy"
    told: list[tuple[str, int, int | None]] = []
    encoder = Lengths()
    result = encode_images(
        paths, encoder, out, options=OPTIONS, tell=lambda *news: told.append(news)
    )
    assert result == out
    tokens = np.load(out)
    assert np.array_equal(tokens, EXPECTED)
    assert tokens.dtype == np.uint16
    assert encoder.batches == [2, 1, 2, 1, 2]
    assert names(tmp_path) == {"dump.npy", "dump.npy.json"}
    done = [news[1] for news in told]
    assert done == sorted(done)
    assert told[-1] == ("encoding", 8, 8)
    described = json.loads((tmp_path / "dump.npy.json").read_text())
    assert described == {
        "layout": "NL",
        "codebook_size": 300,
        "encoder": "one",
        "files": [str(path) for path in paths],
    }


@pytest.mark.parametrize("stop", range(8))
def test_an_interrupted_run_goes_on(stop: int, paths: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "dump.npy"
    with pytest.raises(KeyboardInterrupt):
        encode_images(paths, Lengths(fails_at=stop), out, options=OPTIONS)
    assert not out.exists()
    kept = stop // 3 * 3
    assert len(list(parts_folder(out).iterdir())) == kept // 3
    second = Lengths()
    encode_images(paths, second, out, options=OPTIONS)
    assert second.log == list(range(kept, 8))
    assert np.array_equal(np.load(out), EXPECTED)
    assert names(tmp_path) == {"dump.npy", "dump.npy.json"}


def interrupted(paths: list[Path], out: Path) -> None:
    """Six of eight files are done."""
    with pytest.raises(KeyboardInterrupt):
        encode_images(paths, Lengths(fails_at=6), out, options=OPTIONS)


def test_changed_files_are_encoded_again(paths: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "dump.npy"
    interrupted(paths, out)
    paths[4].write_text("99")
    second = Lengths()
    encode_images(paths, second, out, options=OPTIONS)
    assert second.log == [3, 99, 5, 6, 7]
    assert np.load(out)[4].tolist() == [99, 100]


def test_a_file_touched_to_the_same_size_is_encoded_again(
    paths: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "dump.npy"
    interrupted(paths, out)
    paths[0].write_text("7")
    status = paths[0].stat()
    os.utime(paths[0], ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    encode_images(paths, Lengths(), out, options=OPTIONS)
    assert np.load(out)[0].tolist() == [7, 8]


@pytest.mark.parametrize("change", ["encoder", "shard cut off", "shard of other things"])
def test_shards_that_do_not_fit_are_made_again(
    change: str, paths: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "dump.npy"
    interrupted(paths, out)
    encoder = Lengths(fingerprint="two" if change == "encoder" else "one")
    for shard in parts_folder(out).iterdir():
        if change == "shard cut off":
            shard.write_bytes(shard.read_bytes()[:-3])
        elif change == "shard of other things":
            shard.write_bytes(b"something else")
    encode_images(paths, encoder, out, options=OPTIONS)
    assert encoder.log == list(range(8))
    assert np.array_equal(np.load(out), EXPECTED)


def test_an_unreadable_file_keeps_what_was_done_before(paths: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "dump.npy"

    class Broken(Lengths):
        def read(self, path: Path) -> NDArray[Any]:
            if path.name == "4.txt":
                raise TokevalError(f"cannot read {path}", "remove it")
            return super().read(path)

    with pytest.raises(TokevalError, match=r"4\.txt"):
        encode_images(paths, Broken(), out, options=OPTIONS)
    second = Lengths()
    encode_images(paths[:4] + paths[5:], second, out, options=OPTIONS)
    assert second.log == [3, 5, 6, 7]


def test_an_old_dump_stays_until_the_new_one_is_whole(
    paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "dump.npy"
    out.write_bytes(b"old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np.lib.format, "write_array_header_1_0", full)
        with pytest.raises(TokevalError, match="No space left"):
            encode_images(paths, Lengths(), out, options=OPTIONS)
    assert out.read_bytes() == b"old"
    assert names(tmp_path) == {"dump.npy", "dump.npy.parts"}
    second = Lengths()
    encode_images(paths, second, out, options=OPTIONS)
    assert second.log == []
    assert np.array_equal(np.load(out), EXPECTED)


@pytest.mark.parametrize(
    ("encode", "said"),
    [
        (lambda images: images + 295, "outside its 300 codes"),
        (lambda images: images - 1, "outside its 300 codes"),
        (lambda images: images[:1].repeat(5, axis=0), "5 rows"),
        (lambda images: np.zeros((len(images), 1 + int(images[0, 0]) // 4), int), "shapes"),
    ],
)
def test_tokens_that_cannot_be_are_refused(
    encode: Callable[[NDArray[Any]], NDArray[np.int64]],
    said: str,
    paths: list[Path],
    tmp_path: Path,
) -> None:
    encoder = Lengths()
    encoder.encode = encode  # type: ignore[method-assign]
    options = EncodingOptions(batch=4, shard=4)
    with pytest.raises(TokevalError, match=said):
        encode_images(paths, encoder, tmp_path / "dump.npy", options=options)
    assert not (tmp_path / "dump.npy").exists()


def test_nothing_to_encode_and_nowhere_to_write_are_refused(
    paths: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="nothing to encode"):
        encode_images([], Lengths(), tmp_path / "dump.npy")
    with pytest.raises(TokevalError, match="cannot make the folder"):
        encode_images(paths, Lengths(), tmp_path / "absent" / "dump.npy")
    with pytest.raises(TokevalError, match=r"absent\.txt"):
        encode_images([tmp_path / "absent.txt"], Lengths(), tmp_path / "dump.npy")


@pytest.mark.parametrize(
    ("codebook_size", "name"),
    [(2, "uint8"), (256, "uint8"), (257, "uint16"), (64_000, "uint16"), (1 << 18, "uint32")],
)
def test_ids_get_the_smallest_type_that_holds_them(codebook_size: int, name: str) -> None:
    assert token_dtype(codebook_size) == np.dtype(name)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    generator = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    folder.mkdir()
    files = [folder / f"{number}.png" for number in range(5)]
    for file in files:
        Image.fromarray(generator.integers(256, size=(20, 24, 3), dtype=np.uint8)).save(file)
    return files


SETTINGS = PatchSettings(patch=4, codebook_size=16, size=16)


def test_a_codebook_outlives_an_interruption(
    pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    out = tmp_path / "dump.npy"
    codebook = fitted_codebook(pictures, SETTINGS, out)
    monkeypatch.setattr(encoding_job, "fit_patch_codebook", None)
    again = fitted_codebook(pictures, SETTINGS, out)
    assert np.array_equal(again.centres, codebook.centres)
    encode_images(pictures, again, out)
    tokens = np.load(out)
    assert tokens.shape == (5, 4, 4)
    assert tokens.dtype == np.uint8
    images = np.stack([codebook.read(path) for path in pictures])
    assert np.array_equal(tokens, codebook.encode(images))
    with pytest.raises(TypeError):  # the folder went with the finished dump: it is made anew
        fitted_codebook(pictures, SETTINGS, out)


def test_of_many_images_some_spread_evenly_are_read_for_the_codebook(
    pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    monkeypatch.setattr(encoding_job, "MAX_FIT_IMAGES", 2)
    told: list[tuple[int, int | None]] = []
    fitted_codebook(
        pictures, SETTINGS, tmp_path / "dump.npy", tell=lambda *news: told.append(news[1:])
    )
    assert told == [(0, 2), (1, 2), (0, None)]

"""Reading images: found, turned, scaled and cut; broken ones are one line that names the file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tokeval.errors import TokevalError, UsageError
from tokeval.visual.images import find_files, frame, read_image, sample_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/image10.png", "b/image9.JPG", "a.png", "b/.hidden/x.png", ".y.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 3)).save(path)
    (tmp_path / "b" / "notes.txt").write_text("no image", encoding="utf-8")
    return tmp_path


def test_folders_globs_and_files_are_found_once_and_in_order(folder: Path) -> None:
    names = ["a.png", "b/image9.JPG", "b/image10.png"]
    expected = [folder / name for name in names]
    assert find_files([str(folder)]) == expected
    assert find_files([str(folder / "b" / "*g*"), str(folder / "a.png")]) == [
        *expected[1:],
        expected[0],
    ]
    assert find_files([str(folder / "b" / "notes.txt")]) == [folder / "b" / "notes.txt"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    for name in ("x[1].png", "x1.png"):
        Image.new("RGB", (4, 3)).save(tmp_path / name)
    assert find_files([str(tmp_path / "x[1].png")]) == [tmp_path / "x[1].png"]


@pytest.mark.parametrize("argument", ["absent.png", "*.png", "empty", "a.png"])
def test_an_argument_that_adds_nothing_is_refused(
    argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    first = []
    if argument == "a.png":
        Image.new("RGB", (4, 3)).save("a.png")
        first = ["a.png"]
    with pytest.raises(UsageError, match="nothing to read"):
        find_files([*first, argument])


def test_every_mode_becomes_rgb(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    grey = np.array([[0, 100], [200, 255]], dtype=np.uint8)
    Image.fromarray(grey).save(path)
    assert np.array_equal(read_image(path), np.stack([grey] * 3, axis=-1))
    Image.fromarray(grey.astype(np.uint16) * 256 + 255).save(path)
    assert np.array_equal(read_image(path), np.stack([grey] * 3, axis=-1))
    Image.fromarray(grey > 150).save(path)
    assert read_image(path)[..., 0].tolist() == [[0, 0], [255, 255]]
    palette = Image.new("P", (1, 1), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    palette.save(path)
    assert read_image(path).tolist() == [[[10, 20, 30]]]


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    pixels = np.array([[[9, 9, 9, 0], [10, 20, 30, 255], [0, 0, 0, 51]]], dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    assert read_image(path).tolist() == [[[255] * 3, [10, 20, 30], [204] * 3]]


def test_the_orientation_of_a_camera_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    image = Image.new("RGB", (3, 2))
    exif = image.getexif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(path, exif=exif)
    assert read_image(path).shape == (3, 2, 3)


def jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)
    held = io.BytesIO()
    Image.fromarray(noise).save(held, "JPEG")
    return held.getvalue()


def png() -> bytes:
    held = io.BytesIO()
    Image.fromarray(np.zeros((64, 64, 3), dtype=np.uint8)).save(held, "PNG")
    return held.getvalue()


BROKEN = {
    "empty": b"",
    "text": b"no image at all",
    "cut.jpg": jpeg()[:2000],
    "cut.png": png()[:60],
    "spoilt.png": png()[:40] + b"\0" * 20 + png()[60:],
    "huge.bmp": b"BM"
    + (54).to_bytes(12, "little")
    + (40).to_bytes(4, "little")
    + (1_000_000).to_bytes(4, "little") * 2
    + b"\1\0\x18\0"
    + bytes(24),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_line_that_names_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    with pytest.raises(TokevalError, match=name) as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


def test_pixels_without_a_scale_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "real.tif"
    Image.fromarray(np.full((2, 2), 0.5, dtype=np.float32)).save(path)
    with pytest.raises(TokevalError, match="real numbers"):
        read_image(path)
    Image.fromarray(np.full((2, 2), 70_000, dtype=np.int32)).save(path)
    with pytest.raises(TokevalError, match="16 bits"):
        read_image(path)
    with pytest.raises(TokevalError, match=r"absent\.png"):
        read_image(tmp_path / "absent.png")


def test_a_frame_is_the_centre_of_the_shorter_side() -> None:
    image = np.zeros((8, 16, 3), dtype=np.uint8)
    image[:, 4:12] = np.arange(8 * 8 * 3).reshape(8, 8, 3)
    assert np.array_equal(frame(image, 8), image[:, 4:12])
    flat = np.full((30, 50, 3), 77, dtype=np.uint8)
    assert np.array_equal(frame(flat, 16), np.full((16, 16, 3), 77, dtype=np.uint8))
    halves = np.repeat(np.array([0, 200], dtype=np.uint8), 32)[None, :, None]
    small = frame(np.broadcast_to(halves, (64, 64, 3)).copy(), 8)
    assert small[:, :2].max() < 20
    assert small[:, 6:].min() > 180


def test_the_samples_are_pictures_that_are_there() -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from skimage import data
    from sklearn.datasets import load_sample_image

    pictures = sample_images()
    assert len(pictures) >= 12
    assert np.array_equal(pictures["astronaut"], data.astronaut())
    assert np.array_equal(pictures["china"], load_sample_image("china.jpg"))
    assert all(image.ndim == 3 and image.shape[2] == 3 for image in pictures.values())
    assert all(image.std() > 1 for image in pictures.values())

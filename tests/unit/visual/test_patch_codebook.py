"""Patch codebooks: nearest centres by brute force, exact round trips, levels that add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tokeval.errors import TokevalError, UsageError
from tokeval.visual.dump import Layout
from tokeval.visual.patch_codebook import PatchCodebook, load_patch_codebook
from tokeval.visual.patch_fitting import PatchSettings, fit_patch_codebook

SMALL = PatchSettings(patch=4, codebook_size=16, size=16)


def noise(n: int = 3, *, seed: int = 0, side: tuple[int, int] = (16, 16)) -> NDArray[np.uint8]:
    generator = np.random.default_rng(seed)
    return generator.integers(256, size=(n, *side, 3), dtype=np.uint8)


def pieces(image: NDArray[np.uint8], patch: int) -> list[NDArray[np.uint8]]:
    """Patches by slicing, row by row."""
    height, width, _ = image.shape
    return [
        image[top : top + patch, left : left + patch].ravel()
        for top in range(0, height, patch)
        for left in range(0, width, patch)
    ]


def made(levels: int = 1, n_centres: int = 20, seed: int = 2) -> PatchCodebook:
    """A codebook of random centres; later levels are small differences around 0."""
    generator = np.random.default_rng(seed)
    centres = generator.random((levels, n_centres, 48), dtype=np.float32)
    for level in range(1, levels):
        centres[level] = (centres[level] - 0.5) / 2**level
    return PatchCodebook(centres, patch=4, size=16)


def test_tokens_are_the_nearest_centres_in_reading_order() -> None:
    codebook = made()
    images = noise(side=(8, 12))
    tokens = codebook.encode(images)
    assert tokens.shape == (3, 2, 3)
    assert codebook.layout is Layout.NHW
    for image, grid in zip(images, tokens, strict=True):
        for piece, token in zip(pieces(image, 4), grid.ravel(), strict=True):
            distances = np.square(piece / 255.0 - codebook.centres[0].astype(float)).sum(axis=1)
            assert token == np.argmin(distances)


def test_each_level_is_the_nearest_to_what_is_left_over() -> None:
    codebook = made(levels=3)
    images = noise()
    tokens = codebook.encode(images)
    assert tokens.shape == (3, 3, 16)
    assert codebook.layout is Layout.NQL
    for image, levels in zip(images, tokens, strict=True):
        for place, piece in enumerate(pieces(image, 4)):
            left = piece / 255.0
            for level in range(3):
                distances = np.square(left - codebook.centres[level].astype(float)).sum(axis=1)
                assert levels[level, place] == np.argmin(distances)
                left = left - codebook.centres[level, levels[level, place]]


def test_images_of_centres_come_back_as_they_are() -> None:
    """When every patch is a centre the round trip loses nothing, on grids of any shape."""
    images = noise(2, side=(8, 12))
    patches = np.array([piece for image in images for piece in pieces(image, 4)])
    codebook = PatchCodebook((patches / np.float32(255)).astype(np.float32)[None], 4, 16)
    tokens = codebook.encode(images)
    assert np.array_equal(tokens, np.arange(12).reshape(2, 2, 3))
    assert np.array_equal(codebook.decode(tokens), images)


def test_decoding_levels_adds_their_centres() -> None:
    codebook = made(levels=2)
    tokens = np.random.default_rng(1).integers(20, size=(2, 2, 4))
    drawn = codebook.decode(tokens)
    assert drawn.shape == (2, 8, 8, 3)
    for image, levels in zip(drawn, tokens, strict=True):
        for place, piece in enumerate(pieces(image, 4)):
            total = codebook.centres[0, levels[0, place]] + codebook.centres[1, levels[1, place]]
            assert piece == pytest.approx(np.clip(total, 0, 1) * 255, abs=0.501)


def test_fitting_finds_clusters_that_are_there() -> None:
    """Four far colours with little noise: the centres are their means, each code one colour."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    generator = np.random.default_rng(5)
    colours = np.array([[30, 30, 30], [220, 40, 40], [40, 220, 40], [40, 40, 220]])
    chosen = generator.integers(4, size=(6, 4, 4))
    flat = np.repeat(np.repeat(colours[chosen], 4, axis=1), 4, axis=2)
    images = (flat + generator.integers(-3, 4, size=flat.shape)).astype(np.uint8)
    settings = replace(SMALL, codebook_size=4)
    codebook = fit_patch_codebook(images, len(images), settings)
    tokens = codebook.encode(images)
    for colour in range(4):
        (token,) = np.unique(tokens[chosen == colour])
        centre = codebook.centres[0, token].reshape(16, 3).mean(axis=0) * 255
        assert centre == pytest.approx(colours[colour], abs=2)


def test_more_levels_lose_less_and_one_seed_gives_one_codebook() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    images = noise(20, seed=1)

    def error(settings: PatchSettings) -> float:
        codebook = fit_patch_codebook(iter(images), len(images), settings)
        again = fit_patch_codebook(images, len(images), settings)
        assert codebook.fingerprint == again.fingerprint
        drawn = codebook.decode(codebook.encode(images))
        return float(np.square(drawn.astype(float) - images).mean())

    errors = [error(replace(SMALL, levels=levels)) for levels in (1, 2, 4)]
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < 0.8 * errors[0]
    other = fit_patch_codebook(images, len(images), replace(SMALL, seed=1))
    assert other.fingerprint != fit_patch_codebook(images, len(images), SMALL).fingerprint


def test_each_image_gives_as_many_patches() -> None:
    """A black and a white image, sixteen patches each, of which eight may be drawn in all."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    images = np.stack([np.zeros((16, 16, 3)), np.full((16, 16, 3), 255)]).astype(np.uint8)
    codebook = fit_patch_codebook(images, 2, replace(SMALL, codebook_size=2, max_patches=2))
    assert sorted(codebook.centres[0, :, 0].tolist()) == [0, 1]


def test_too_few_distinct_patches_are_refused() -> None:
    flat = np.zeros((3, 16, 16, 3), dtype=np.uint8)
    with pytest.raises(UsageError, match="only 1 distinct patches for 16 codes"):
        fit_patch_codebook(flat, 3, SMALL)
    with pytest.raises(UsageError, match="no images"):
        fit_patch_codebook([], 0, SMALL)
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    few = replace(SMALL, codebook_size=16, levels=2)
    with pytest.raises(UsageError, match="level 2 has only"):
        fit_patch_codebook(noise(1), 1, few)


@pytest.mark.parametrize(
    "wrong", [{"size": 15}, {"patch": 0}, {"codebook_size": 1}, {"levels": 0}, {"max_patches": 0}]
)
def test_impossible_settings_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        replace(SMALL, **wrong)


def test_a_codebook_comes_back_from_its_file(tmp_path: Path) -> None:
    codebook = made(levels=2)
    path = tmp_path / "codebook.npz"
    codebook.save(path)
    loaded = load_patch_codebook(path)
    assert np.array_equal(loaded.centres, codebook.centres)
    assert (loaded.patch, loaded.size) == (4, 16)
    assert loaded.fingerprint == codebook.fingerprint
    assert replace(codebook, size=32).fingerprint != codebook.fingerprint
    assert [file.name for file in tmp_path.iterdir()] == ["codebook.npz"]


def _write(path: Path, **parts: object) -> None:
    codebook = made()
    whole = {
        "format": "tokeval patch codebook 1",
        "centres": codebook.centres,
        "patch": 4,
        "size": 16,
    }
    np.savez(path, **{name: np.array(part) for name, part in (whole | parts).items()})


@pytest.mark.parametrize(
    "parts",
    [
        {"format": "other"},
        {"centres": np.zeros((2, 3))},
        {"centres": np.full((1, 20, 48), np.nan, dtype=np.float32)},
        {"patch": 5},
        {"patch": [4, 4]},
        {"centres": [object()]},
    ],
    ids=repr,
)
def test_a_file_that_holds_something_else_is_refused(
    parts: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "codebook.npz"
    _write(path)
    load_patch_codebook(path)
    _write(path, **parts)
    with pytest.raises(TokevalError, match=r"codebook\.npz"):
        load_patch_codebook(path)


@pytest.mark.parametrize("raw", [b"", b"text", b"PK\x03\x04", b"\x93NUMPY"])
def test_a_file_of_another_kind_is_refused(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "codebook.npz"
    path.write_bytes(raw)
    with pytest.raises(TokevalError, match=r"codebook\.npz"):
        load_patch_codebook(path)
    with pytest.raises(TokevalError, match="absent"):
        load_patch_codebook(tmp_path / "absent")
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(TokevalError, match="no patch codebook"):
        load_patch_codebook(tmp_path / "array.npy")


@pytest.mark.parametrize(
    ("levels", "tokens"),
    [
        (1, np.full((1, 2, 2), 20)),
        (1, np.full((1, 2, 2), -1)),
        (1, np.zeros((1, 4), dtype=int)),
        (2, np.zeros((1, 3, 4), dtype=int)),
        (2, np.zeros((1, 2, 5), dtype=int)),
    ],
)
def test_tokens_of_another_codebook_are_refused(levels: int, tokens: NDArray[np.int64]) -> None:
    with pytest.raises(TokevalError):
        made(levels).decode(tokens)


def test_images_that_patches_do_not_tile_are_refused() -> None:
    with pytest.raises(TokevalError, match="do not tile an image of 8 by 10"):
        made().encode(noise(side=(8, 10)))

"""Perturbed codes and what they cost: shares by closed form, PSNR and SSIM by hand and formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tokeval.core.metric import Folds
from tokeval.document import Undefined
from tokeval.errors import TokevalError, UsageError
from tokeval.visual.patch_codebook import PatchCodebook
from tokeval.visual.perturbation import (
    CodeVectors,
    changed_share,
    check_alphas,
    decode_in_batches,
    neighbours,
    perturb,
    psnr,
    psnr_pooled,
    ssim,
)

LINE = CodeVectors(np.array([[[0.0], [1.0], [3.0], [7.0], [15.0]]]))
"""Points on a line with doubling gaps: the neighbours are known by hand."""


def value(folds: Folds | Undefined) -> float:
    assert isinstance(folds, Folds)
    return float(folds.values[0])


def test_neighbours_by_hand() -> None:
    assert neighbours(LINE.vectors[0], 3).tolist() == [
        [0, 1, 2],
        [1, 0, 2],
        [2, 1, 0],
        [3, 2, 1],
        [4, 3, 2],
    ]


def test_neighbours_by_brute_force() -> None:
    points = np.random.default_rng(0).normal(5, 1, size=(60, 4)).astype(np.float32)
    near = neighbours(points, 10)
    for code, row in enumerate(near):
        distances = [math.dist(points[code], other) for other in points]
        assert row.tolist() == sorted(range(60), key=lambda other: distances[other])[:10]


def test_a_code_with_twins_is_still_its_own_nearest() -> None:
    twins = np.zeros((4, 2))
    assert neighbours(twins, 4)[:, 0].tolist() == [0, 1, 2, 3]
    assert all(sorted(row) == [0, 1, 2, 3] for row in neighbours(twins, 4).tolist())


@pytest.mark.parametrize(("alpha", "delta"), [(0.3, 2), (0.5, 4), (1.0, 3), (1.0, 1), (0.0, 5)])
def test_the_share_that_changes_is_the_effective_one(alpha: float, delta: int) -> None:
    tokens = np.random.default_rng(1).integers(5, size=(100, 20, 20)).astype(np.uint16)
    before = tokens.copy()
    after = perturb(tokens, LINE, alpha, delta, seed=7)
    assert np.array_equal(tokens, before)
    assert after.dtype == np.uint16
    expected = alpha * (1 - 1 / delta)
    deviation = math.sqrt(expected * (1 - expected) / tokens.size)
    share = value(changed_share(tokens, after))
    assert share == pytest.approx(np.mean(tokens != after))
    assert abs(share - expected) <= 4 * deviation
    near = neighbours(LINE.vectors[0], delta)
    assert (near[tokens] == after[..., None]).any(axis=-1).all()


def test_every_neighbour_is_drawn_as_often() -> None:
    tokens = np.full((1, 40_000), 2)
    after = perturb(tokens, LINE, 1.0, 4, seed=3)
    counts = np.bincount(after[0], minlength=5)
    assert counts[[4]] == 0
    assert np.abs(counts[:4] - 10_000).max() < 4 * math.sqrt(40_000 * 0.25 * 0.75)


def test_more_is_changed_by_a_higher_alpha_and_the_rest_is_the_same() -> None:
    tokens = np.random.default_rng(1).integers(5, size=(3, 50))
    low = perturb(tokens, LINE, 0.2, 3, seed=9)
    high = perturb(tokens, LINE, 0.7, 3, seed=9)
    changed = low != tokens
    assert changed.any()
    assert np.array_equal(low[changed], high[changed])
    assert (high != tokens).sum() > changed.sum()
    assert np.array_equal(high, perturb(tokens, LINE, 0.7, 3, seed=9))
    assert not np.array_equal(high, perturb(tokens, LINE, 0.7, 3, seed=10))


def test_each_level_has_its_own_neighbours() -> None:
    level = LINE.vectors[0]
    both = CodeVectors(np.stack([level, level[::-1]]))
    tokens = np.stack([np.full((2, 500), 4), np.full((2, 500), 4)], axis=1)
    after = perturb(tokens, both, 1.0, 2, seed=0)
    assert set(np.unique(after[:, 0])) == {4, 3}  # 15 is next to 7
    assert set(np.unique(after[:, 1])) == {4, 3}  # 0 is next to 1, which here is code 3
    wider = perturb(tokens, both, 1.0, 3, seed=0)
    assert set(np.unique(wider[:, 1])) == {4, 3, 2}


@pytest.mark.parametrize(
    ("alpha", "delta"), [(-0.1, 2), (1.1, 2), (math.nan, 2), (0.5, 0), (0.5, 6)]
)
def test_impossible_parameters_are_refused(alpha: float, delta: int) -> None:
    with pytest.raises(UsageError):
        perturb(np.zeros((1, 1), dtype=int), LINE, alpha, delta)


def test_tokens_of_another_codebook_are_refused() -> None:
    two = CodeVectors(np.zeros((2, 5, 1)))
    for tokens, codebook in (
        (np.full((1, 2), 5), LINE),
        (np.full((1, 2), -1), LINE),
        (np.zeros((1, 2)), LINE),
        (np.zeros((1, 3, 4), dtype=int), two),
        (np.zeros((1, 2), dtype=int), two),
    ):
        with pytest.raises(TokevalError):
            perturb(tokens, codebook, 0.5, 2)


def test_alphas_are_sorted_and_checked() -> None:
    assert check_alphas([0.5, 0, 0.5, 1]) == [0, 0.5, 1]
    with pytest.raises(UsageError):
        check_alphas([0.5, 1.5])


def flat(*levels: int, side: int = 16) -> NDArray[np.uint8]:
    """Images of one grey each."""
    return np.stack([np.full((side, side, 3), level, dtype=np.uint8) for level in levels])


def test_psnr_by_hand() -> None:
    """Differences of 10 and 20: squared errors 100 and 400, and 250 when pooled."""
    reference, images = flat(100, 100), flat(110, 80)
    expected = [10 * math.log10(255**2 / error) for error in (100, 400)]
    folds = psnr(reference, images)
    assert isinstance(folds, Folds)
    assert folds.values == pytest.approx([sum(expected) / 2, expected[1], expected[0]])
    pooled = psnr_pooled(reference, images)
    assert isinstance(pooled, Folds)
    assert pooled.values == pytest.approx([10 * math.log10(255**2 / 250), expected[1], expected[0]])


def test_an_equal_image_has_no_finite_psnr() -> None:
    reference, images = flat(100, 100), flat(100, 80)
    folds = psnr(reference, images)
    assert isinstance(folds, Undefined)
    assert "1 of 2 images" in folds.reason
    assert value(psnr_pooled(reference, images)) == pytest.approx(10 * math.log10(255**2 / 200))
    assert isinstance(psnr_pooled(reference, reference), Undefined)


def test_psnr_of_scikit_image() -> None:
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    generator = np.random.default_rng(2)
    a, b = generator.integers(256, size=(2, 3, 16, 20, 3), dtype=np.uint8)
    expected = [metrics.peak_signal_noise_ratio(x, y) for x, y in zip(a, b, strict=True)]
    assert value(psnr(a, b)) == pytest.approx(np.mean(expected))


def test_ssim_of_flat_images_is_its_luminance_term() -> None:
    """Without variance only (2 m₁ m₂ + c₁) / (m₁² + m₂² + c₁) is left; c₁ = (0.01 · 255)²."""
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    c = (0.01 * 255) ** 2
    expected = (2 * 100 * 50 + c) / (100**2 + 50**2 + c)
    assert value(ssim(flat(100), flat(50))) == pytest.approx(expected, abs=1e-6)
    assert value(ssim(flat(100, 7), flat(100, 7))) == pytest.approx(1)


def test_ssim_by_the_formula_of_one_window() -> None:
    """On an image of the window's size the one value that is not at the edge, by its formula."""
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    del metrics
    generator = np.random.default_rng(4)
    x, y = generator.integers(256, size=(2, 11, 11)).astype(np.float64)
    axis = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights = np.outer(axis, axis) / np.outer(axis, axis).sum()
    mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
    variance_x = (weights * x * x).sum() - mean_x**2
    variance_y = (weights * y * y).sum() - mean_y**2
    covariance = (weights * x * y).sum() - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    expected = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    expected /= (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    images = [np.repeat(z[None, :, :, None], 3, axis=3).astype(np.uint8) for z in (x, y)]
    assert value(ssim(*images)) == pytest.approx(expected, abs=1e-5)


def test_images_smaller_than_the_window_have_no_ssim() -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    assert isinstance(ssim(flat(1, side=10), flat(2, side=10)), Undefined)


def test_images_of_other_shapes_are_refused() -> None:
    for measure in (psnr, psnr_pooled, ssim):
        with pytest.raises(TokevalError, match="cannot be compared"):
            measure(flat(1), flat(1, side=20))


def test_folds_leave_out_every_sixty_fourth_image() -> None:
    before = np.zeros((130, 10), dtype=int)
    after = before.copy()
    after[64:66] = 1
    folds = changed_share(before, after).values
    assert folds.shape == (65,)
    assert folds[0] == pytest.approx(2 / 130)
    assert folds[1] == pytest.approx(1 / 127)  # images 0, 64 and 128 are left out
    assert folds[2] == pytest.approx(1 / 127)
    assert folds[3] == pytest.approx(2 / 128)


def test_decoded_images_get_worse_as_more_is_changed() -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    generator = np.random.default_rng(6)
    codebook = PatchCodebook(generator.random((1, 30, 48), dtype=np.float32), 4, 32)
    tokens = generator.integers(30, size=(18, 8, 8))
    clean = decode_in_batches(tokens, codebook)
    assert np.array_equal(clean, codebook.decode(tokens))
    drawn = [codebook.decode(perturb(tokens, codebook, a, 10)) for a in (0.1, 0.5, 1.0)]
    worse = [value(psnr_pooled(clean, images)) for images in drawn]
    assert worse == sorted(worse, reverse=True)
    alike = [value(ssim(clean, images)) for images in drawn]
    assert alike == sorted(alike, reverse=True)

"""Making a patch codebook: patches drawn from images, and k-means level after level."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import UsageError
from tokeval.visual.images import DEFAULT_SIZE
from tokeval.visual.patch_codebook import (
    PatchCodebook,
    as_numbers,
    nearest_in_chunks,
    patches_of,
)

BATCH_PATCHES = 4096
POINTS_PER_CENTRE = 3
STEPS_PER_BYTE = 32


@dataclass(frozen=True)
class PatchSettings:
    """How a patch codebook is made.

    Attributes:
        patch: side of a patch in pixels.
        codebook_size: K, centres of each level.
        levels: Q; 1 is the plain codebook.
        size: side of the framed images, a multiple of `patch`.
        seed: of the patches drawn and of k-means.
        max_patches: at most so many are drawn, the same number from each image.
    """

    patch: int = 8
    codebook_size: int = 1024
    levels: int = 1
    size: int = DEFAULT_SIZE
    seed: int = 0
    max_patches: int = 262_144

    def __post_init__(self) -> None:
        if min(self.patch, self.levels, self.size, self.max_patches) < 1 or self.codebook_size < 2:
            raise UsageError(
                f"no codebook has patch {self.patch}, size {self.size}, {self.levels} levels and "
                f"{self.codebook_size} codes",
                "choose a patch, a size and levels from 1, and at least 2 codes",
            )
        if self.size % self.patch:
            raise UsageError(
                f"patches of {self.patch} do not tile images of {self.size} pixels",
                f"choose a size such as {math.ceil(self.size / self.patch) * self.patch}",
            )


def fit_patch_codebook(
    images: Iterable[NDArray[np.uint8]], n_images: int, settings: PatchSettings
) -> PatchCodebook:
    """K centres of patches of these images, by mini-batch k-means, one level after another.

    Args:
        images: framed ones, shape (size, size, 3); read once, in order.
        n_images: how many they are.
        settings: sizes and seed; the same seed and images give the same centres.

    Raises:
        UsageError: scikit-learn is missing, or there are fewer distinct patches than centres.
    """
    patches = _draw_patches(images, n_images, settings)
    left = as_numbers(patches)
    levels = []
    for level in range(settings.levels):
        _require_distinct(left, level, settings)
        centres = _k_means(left, settings.codebook_size, settings.seed + level)
        levels.append(centres)
        left -= centres[nearest_in_chunks(left, centres)]
    return PatchCodebook(np.stack(levels), settings.patch, settings.size)


def _draw_patches(
    images: Iterable[NDArray[np.uint8]], n_images: int, settings: PatchSettings
) -> NDArray[np.uint8]:
    """Patches drawn without replacement, equally many of each image, shape (n, dimensions)."""
    generator = np.random.default_rng(settings.seed)
    per_image = max(1, settings.max_patches // max(1, n_images))
    drawn = []
    for image in images:
        patches = patches_of(image[None], settings.patch)
        if len(patches) > per_image:
            chosen = generator.choice(len(patches), per_image, replace=False)
            patches = patches[np.sort(chosen)]
        drawn.append(patches)
    if not drawn:
        raise UsageError("there are no images to make a codebook of", "give a folder with images")
    return np.concatenate(drawn)


def _require_distinct(patches: NDArray[np.float32], level: int, settings: PatchSettings) -> None:
    """Refuse fewer distinct points than centres: k-means would return empty clusters."""
    # What k-means leaves of a point that is a centre is rounding, not another point.
    steps = np.rint(patches * (255 * STEPS_PER_BYTE)).astype(np.int16)
    n_distinct = len(np.unique(steps.view(f"V{steps.shape[1] * steps.itemsize}")))
    if n_distinct < settings.codebook_size:
        raise UsageError(
            f"level {level + 1} has only {n_distinct} distinct patches for "
            f"{settings.codebook_size} codes",
            f"give more images, or --codebook-size {max(2, n_distinct // 4)}",
        )


def _k_means(points: NDArray[np.float32], n_centres: int, seed: int) -> NDArray[np.float32]:
    """Centres of mini-batch k-means (Sculley 2010) started by k-means++, shape (n_centres, d).

    In one thread: sums of several would make the centres depend on the number of cores.
    """
    try:
        from sklearn.cluster import MiniBatchKMeans, kmeans_plusplus
        from threadpoolctl import threadpool_limits  # which scikit-learn brings along
    except ImportError as error:
        raise UsageError(
            "a patch codebook needs scikit-learn", "pip install 'tokeval[visual]'"
        ) from error
    generator = np.random.default_rng(seed)
    n_first = min(len(points), POINTS_PER_CENTRE * n_centres)
    first = points[generator.choice(len(points), n_first, replace=False)]
    with threadpool_limits(1):
        start, _ = kmeans_plusplus(first, n_centres, random_state=seed)
        fitted = MiniBatchKMeans(
            n_centres,
            batch_size=BATCH_PATCHES,
            init=start,
            n_init=1,
            random_state=seed,
            # A centre that the first batches miss is a patch; it is not thrown away for another.
            reassignment_ratio=0,
        ).fit(points)
    return np.asarray(fitted.cluster_centers_, dtype=np.float32)

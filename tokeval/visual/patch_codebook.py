"""A codebook of image patches: k-means centres, plain or residual; a bag of visual words.

Sivic and Zisserman, "Video Google" (ICCV 2003) for visual words; Juang and Gray 1982 for residual
quantization: level q + 1 quantizes what the centres of the levels before leave over.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError
from tokeval.visual.dump import Layout
from tokeval.visual.images import frame, read_image
from tokeval.visual.whole_files import whole_file

FORMAT = "tokeval patch codebook 1"
N_CHANNELS = 3
CHUNK_PATCHES = 8192


@dataclass(frozen=True)
class PatchCodebook:
    """Centres of patches, in [0, 1] a channel.

    Attributes:
        centres: shape (levels, codebook_size, patch · patch · 3), float32; from level 2 on they
            are differences.
        patch: side of a patch in pixels.
        size: side to which images are framed when they are read.
    """

    centres: NDArray[np.float32]
    patch: int
    size: int

    @property
    def codebook_size(self) -> int:
        """K."""
        return int(self.centres.shape[1])

    @property
    def vectors(self) -> NDArray[np.float32]:
        """What distances between codes are measured on, shape (levels, K, dimensions)."""
        return self.centres

    @property
    def layout(self) -> Layout:
        """`NHW`, or `NQL` when there are levels."""
        return Layout.NHW if len(self.centres) == 1 else Layout.NQL

    @property
    def fingerprint(self) -> str:
        """The sha256 of everything that changes a token, hex."""
        head = f"{FORMAT} {self.patch} {self.size} {self.centres.shape}".encode()
        little = np.ascontiguousarray(self.centres, dtype="<f4")
        return hashlib.sha256(head + little.tobytes()).hexdigest()

    def read(self, path: Path) -> NDArray[np.uint8]:
        """The framed image of a file, shape (size, size, 3)."""
        return frame(read_image(path), self.size)

    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The nearest centre of each patch, the lower id when two are equally near.

        Args:
            images: shape (n, height, width, 3), both sides multiples of `patch`.

        Returns:
            shape (n, height / patch, width / patch); with levels (n, levels, n_patches), the
            patches row by row.
        """
        n, height, width, _ = images.shape
        patches = patches_of(images, self.patch)
        tokens = np.empty((len(self.centres), len(patches)), dtype=np.int64)
        for first in range(0, len(patches), CHUNK_PATCHES):
            left = as_numbers(patches[first : first + CHUNK_PATCHES])
            for level, centres in enumerate(self.centres):
                ids = nearest(left, centres)
                tokens[level, first : first + CHUNK_PATCHES] = ids
                left -= centres[ids]
        if len(self.centres) == 1:
            return tokens.reshape(n, height // self.patch, width // self.patch)
        return np.ascontiguousarray(tokens.reshape(len(self.centres), n, -1).swapaxes(0, 1))

    def decode(self, tokens: NDArray[np.integer]) -> NDArray[np.uint8]:
        """The images that tokens stand for, shape (n, height, width, 3).

        Args:
            tokens: as `encode` returns them; with levels, those of square images.

        Raises:
            TokevalError: the shape is not one that `encode` returns, or an id is outside.
        """
        grid = self._grid(tokens)
        levels = tokens.reshape(len(tokens), len(self.centres), -1)
        pixels = np.zeros((*levels[:, 0].shape, self.centres.shape[2]), dtype=np.float32)
        for level, centres in enumerate(self.centres):
            pixels += centres[levels[:, level]]
        whole = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
        return images_of(whole, self.patch, grid)

    def _grid(self, tokens: NDArray[np.integer]) -> tuple[int, int]:
        """Patches down and across; checks shape and range."""
        if tokens.size and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.codebook_size:
            raise TokevalError(
                f"tokens run from {tokens.min()} to {tokens.max()}, but the codebook has "
                f"{self.codebook_size} codes",
                "give the codebook that the tokens were made with",
            )
        if len(self.centres) == 1 and tokens.ndim == 3:
            return (tokens.shape[1], tokens.shape[2])
        if len(self.centres) > 1 and tokens.ndim == 3 and tokens.shape[1] == len(self.centres):
            side = math.isqrt(tokens.shape[2])
            if side * side == tokens.shape[2]:
                return (side, side)
        wanted = "(n, height, width)" if len(self.centres) == 1 else "(n, levels, square)"
        raise TokevalError(
            f"tokens of shape {tokens.shape} are not of this codebook with "
            f"{len(self.centres)} levels",
            f"give tokens of shape {wanted}, as `tokeval visual encode` writes them",
        )

    def save(self, path: Path) -> None:
        """Write the codebook as `.npz`, whole or not at all."""
        with whole_file(path) as file:
            np.savez(
                file,
                format=np.array(FORMAT),
                centres=self.centres,
                patch=np.array(self.patch),
                size=np.array(self.size),
            )


def load_patch_codebook(path: Path) -> PatchCodebook:
    """The codebook that `PatchCodebook.save` wrote.

    Raises:
        TokevalError: the file cannot be read or holds something else; nothing is unpickled.
    """
    hint = "give a file that `tokeval visual encode --codebook FILE` wrote"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            parts = {name: held[name] for name in ("format", "centres", "patch", "size")}
    except OSError as error:
        raise TokevalError(f"cannot read {path}: {error.strerror or error}", hint) from error
    except (KeyError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise TokevalError(f"{path} is no patch codebook", hint) from error
    centres, patch, size = parts["centres"], parts["patch"], parts["size"]
    if str(parts["format"]) != FORMAT:
        raise TokevalError(f"{path} has the format {str(parts['format'])!r}, not {FORMAT!r}", hint)
    if centres.dtype != np.float32 or centres.ndim != 3 or patch.shape != () or size.shape != ():
        raise TokevalError(f"{path} is no patch codebook", hint)
    if centres.shape[2] != int(patch) ** 2 * N_CHANNELS or not np.isfinite(centres).all():
        raise TokevalError(f"the centres of {path} are not of patches of {patch}", hint)
    return PatchCodebook(centres, int(patch), int(size))


def nearest_in_chunks(
    points: NDArray[np.float32], centres: NDArray[np.float32]
) -> NDArray[np.int64]:
    """The nearest centre of each point, in bounded memory."""
    chunks = range(0, len(points), CHUNK_PATCHES)
    return np.concatenate([nearest(points[i : i + CHUNK_PATCHES], centres) for i in chunks])


def nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """The nearest centre of each point by Euclid, shape (n,); the lower id of equally near ones.

    Computed as argmin |c|² − 2 x·c in float32: distances that differ by less than about 1e-6 of
    |c|² may be taken for equal.
    """
    norms = np.einsum("kd,kd->k", centres, centres)
    ids: NDArray[np.int64] = np.argmin(norms - 2 * (points @ centres.T), axis=1)
    return ids


def as_numbers(patches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bytes as numbers in [0, 1]."""
    return patches.astype(np.float32) / np.float32(255)


def patches_of(images: NDArray[np.uint8], patch: int) -> NDArray[np.uint8]:
    """All patches row by row, image after image, shape (n · rows · columns, patch · patch · 3)."""
    n, height, width, channels = images.shape
    if height % patch or width % patch:
        raise TokevalError(
            f"patches of {patch} do not tile an image of {height} by {width} pixels",
            f"frame images to a multiple of {patch}",
        )
    cut = images.reshape(n, height // patch, patch, width // patch, patch, channels)
    return cut.swapaxes(2, 3).reshape(-1, patch * patch * channels)


def images_of(patches: NDArray[np.uint8], patch: int, grid: tuple[int, int]) -> NDArray[np.uint8]:
    """The images whose `patches_of` these are, shape (n, height, width, 3)."""
    rows, columns = grid
    cut = patches.reshape(-1, rows, columns, patch, patch, N_CHANNELS).swapaxes(2, 3)
    return cut.reshape(-1, rows * patch, columns * patch, N_CHANNELS)

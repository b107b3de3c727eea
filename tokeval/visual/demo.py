"""What the demonstration measures: pictures that packages ship, and text to compare them with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tokeval.document import Picture
from tokeval.errors import TokevalError
from tokeval.loaders.bundled import bundled_slices
from tokeval.loaders.packaged import PACKAGED, packaged_arguments
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.visual.images import DEFAULT_SIZE, frame, sample_images
from tokeval.visual.memory_dump import MemoryDump
from tokeval.visual.patch_fitting import PatchSettings, fit_patch_codebook
from tokeval.visual.pictures import sample_pictures
from tokeval.visual.text_reference import text_dump


def picture_dump(codebook_size: int) -> tuple[MemoryDump, tuple[Picture, ...]]:
    """The k-means patch codes of the pictures that scikit-image and scikit-learn ship, and some.

    Raises:
        UsageError: one of the two libraries is not installed.
    """
    images = sample_images()
    pixels = np.stack([frame(image, DEFAULT_SIZE) for image in images.values()])
    settings = PatchSettings(codebook_size=codebook_size)
    codebook = fit_patch_codebook(list(pixels), len(pixels), settings)
    source = f"{len(pixels)} pictures of scikit-image and scikit-learn"
    dump = MemoryDump.of_grids("pictures", source, codebook.encode(pixels), codebook_size)
    return dump, sample_pictures(dump, list(images), lambda row: pixels[row])


def text_dumps() -> list[MemoryDump]:
    """The bundled prose by the first tokenizer of the `demo` extra; none where it is missing."""
    try:
        arguments = packaged_arguments()
    except TokevalError:
        return []
    prose = [part for part in bundled_slices() if part.parallel is not None]
    dump = text_dump(load_tokenizers(arguments[:1])[0], prose)
    # The place of the package on this machine says nothing to a reader elsewhere.
    source = f"{PACKAGED[0].distribution} on {', '.join(part.name for part in prose)}"
    return [replace(dump, source=source)]

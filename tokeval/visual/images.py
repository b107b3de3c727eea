"""Images as arrays: found in folders, read by Pillow, cut to one size; samples for a demo.

The rule of size: turned as its EXIF says, the image is scaled (Lanczos) until its shorter side
has `size` pixels, and the centre square is kept. Smaller images are enlarged.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from tokeval.errors import TokevalError, UsageError

SUFFIXES = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)
"""What is an image in a folder; a file that is named itself is read whatever it is called."""

DEFAULT_SIZE = 256
WHITE = (255, 255, 255)

SCIKIT_IMAGE_FILES = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "color.png",
    "grass.png",
    "gravel.png",
    "horse.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "page.png",
    "phantom.png",
    "retina.jpg",
    "rocket.jpg",
    "text.png",
)
"""Pictures of scikit-image; a release ships some of them, and those are taken."""


def find_files(arguments: Sequence[str], suffixes: frozenset[str] = SUFFIXES) -> list[Path]:
    """The files that paths, folders and globs name, each once, numbers in names in their order.

    Folders are searched to the bottom for files with the suffixes; hidden ones are left out.

    Raises:
        UsageError: an argument names nothing.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        before = len(found)
        found.update(dict.fromkeys(_named_by(argument, suffixes)))
        if len(found) == before:
            listed = ", ".join(sorted(suffixes))
            raise UsageError(
                f"there is nothing to read at {argument} that was not named before",
                f"give a file, a glob, or a folder with files that end in {listed}",
            )
    return list(found)


def _named_by(argument: str, suffixes: frozenset[str]) -> Iterator[Path]:
    """Files of one argument; an existing path is never taken for a glob."""
    path = Path(argument)
    if path.is_dir():
        yield from sorted(
            (
                file
                for file in path.rglob("*")
                if file.suffix.lower() in suffixes and file.is_file() and not _is_hidden(file, path)
            ),
            key=_natural,
        )
    elif path.exists():
        yield path
    else:
        matches = (Path(name) for name in glob.glob(argument, recursive=True))  # noqa: PTH207 a glob may start at the root
        yield from sorted((match for match in matches if match.is_file()), key=_natural)


def _is_hidden(file: Path, folder: Path) -> bool:
    """Whether a part of the path below the folder begins with a dot."""
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """A sorting key under which `image9` comes before `image10`."""
    parts = re.split(r"([0-9]+)", str(path))
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def read_image(path: Path) -> NDArray[np.uint8]:
    """The pixels of an image file as RGB, shape (height, width, 3).

    Grey becomes three equal channels, 16 bits become 8, what is transparent lies on white, and of
    several frames the first is taken.

    Raises:
        TokevalError: the file cannot be read, is no image, is cut off, or is too large to be one.
    """
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            return _rgb(image, path)
    except (Image.DecompressionBombError, UnidentifiedImageError) as error:
        raise TokevalError(f"cannot read {path}: it is no image, or too large", _HINT) from error
    except OSError as error:
        raise TokevalError(f"cannot read {path}: {error.strerror or error}", _HINT) from error
    # Pillow's parsers of broken files raise these as well.
    except (SyntaxError, ValueError, EOFError) as error:
        raise TokevalError(f"cannot read {path}: the image is broken: {error}", _HINT) from error


_HINT = "remove the file from what is read, or replace it by a whole image"


def _rgb(image: Image.Image, path: Path) -> NDArray[np.uint8]:
    """Pixels of an image of any mode that has a meaning as colours."""
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image).astype(np.uint16) >> 8)
    if image.mode == "I":
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65_535:
            raise TokevalError(f"cannot read {path}: its values are not of 16 bits", _HINT)
        return _grey(values >> 8)
    if image.mode == "F":
        raise TokevalError(f"cannot read {path}: its pixels are real numbers", _HINT)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        background = Image.new("RGBA", image.size, (*WHITE, 255))
        image = Image.alpha_composite(background, image)
    return np.array(image.convert("RGB"))


def _grey(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Three equal channels of one of values below 256."""
    return np.repeat(values.astype(np.uint8)[:, :, None], 3, axis=2)


def frame(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The image by the rule of size, shape (size, size, 3); one of that size is left as it is."""
    square = ImageOps.fit(Image.fromarray(image), (size, size), Image.Resampling.LANCZOS)
    return np.array(square)


def sample_images() -> dict[str, NDArray[np.uint8]]:
    """The pictures that scikit-image and scikit-learn ship, by name, each (height, width, 3).

    Nothing is downloaded: a picture that a release does not hold is left out.

    Raises:
        UsageError: one of the two libraries is not installed.
    """
    folders = (
        (_package_folder("skimage", "data"), SCIKIT_IMAGE_FILES),
        (_package_folder("sklearn", "datasets") / "images", ("china.jpg", "flower.jpg")),
    )
    paths = (folder / name for folder, names in folders for name in names)
    return {path.stem: read_image(path) for path in paths if path.is_file()}


def _package_folder(package: str, part: str) -> Path:
    """The folder of a part of a library, which is not imported for it."""
    from importlib.util import find_spec

    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise UsageError(f"the sample images need {package}", "pip install 'tokeval[visual]'")
    return Path(spec.origin).parent / part

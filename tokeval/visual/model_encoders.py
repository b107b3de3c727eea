"""Encoders of a model folder: the image and sound tokenizers of transformers and diffusers.

Only files of the folder are read, and no code that lies in it is run. torch, transformers and
diffusers are imported when a model is loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError, UsageError
from tokeval.visual.audio import read_clip
from tokeval.visual.dump import Layout
from tokeval.visual.images import DEFAULT_SIZE, frame, read_image
from tokeval.visual.model_adapters import AUDIO, IMAGES, Adapter

DEFAULT_SECONDS = 5.0
WEIGHT_SUFFIXES = frozenset((".safetensors", ".bin", ".pt", ".pth"))
HASH_CHUNK = 1 << 22


@dataclass(frozen=True)
class PixelScale:
    """How bytes become what a network expects: (byte · factor − mean) / deviation by channel."""

    factor: float = 1 / 127.5
    mean: tuple[float, ...] = (1.0, 1.0, 1.0)
    deviation: tuple[float, ...] = (1.0, 1.0, 1.0)

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The input of the network, shape (n, 3, height, width)."""
        scaled = (images * self.factor - np.array(self.mean)) / np.array(self.deviation)
        return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), dtype=np.float32)

    def undo(self, pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Bytes of what a network returns, shape (n, height, width, 3)."""
        values = pixels.astype(np.float64).transpose(0, 2, 3, 1)
        restored = (values * np.array(self.deviation) + np.array(self.mean)) / self.factor
        whole: NDArray[np.uint8] = np.rint(np.clip(restored, 0, 255)).astype(np.uint8)
        return whole


@dataclass(frozen=True)
class ImageModel:
    """An image tokenizer: framed images to grids of tokens, and back where it has a decoder."""

    network: Any
    adapter: Adapter
    scale: PixelScale
    size: int
    fingerprint: str
    layout: Layout = Layout.NHW

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The codes as the decoder sees them, shape (1, K, dimensions)."""
        return _numpy(self.adapter.vectors(self.network))

    @property
    def codebook_size(self) -> int:
        """K."""
        return int(self.vectors.shape[1])

    @property
    def can_decode(self) -> bool:
        """Whether the model has a decoder."""
        return self.adapter.decode is not None

    def read(self, path: Path) -> NDArray[np.uint8]:
        """The framed image of a file, shape (size, size, 3)."""
        return frame(read_image(path), self.size)

    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The tokens, shape (n, height, width)."""
        return _codes(self, self.scale.apply(images), f"images of {self.size} pixels")

    def decode(self, tokens: NDArray[np.integer]) -> NDArray[np.uint8]:
        """The images of tokens, shape (n, height, width, 3).

        Raises:
            TokevalError: the model has no decoder, or not for grids of this shape.
        """
        if self.adapter.decode is None:
            raise TokevalError(
                f"{type(self.network).__name__} has no decoder", "choose a model that has one"
            )
        import torch

        ids = torch.from_numpy(np.ascontiguousarray(tokens, dtype=np.int64))
        with torch.no_grad(), _reported(f"grids of tokens of shape {tokens.shape[1:]}"):
            pixels = self.adapter.decode(self.network, ids)
        return self.scale.undo(_numpy(pixels))


@dataclass(frozen=True)
class AudioModel:
    """A neural audio codec: clips of one length to levels of tokens."""

    network: Any
    adapter: Adapter
    seconds: float
    levels: int
    fingerprint: str
    layout: Layout = Layout.NQL

    can_decode = False

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The codes of each level, shape (levels, K, dimensions)."""
        return _numpy(self.adapter.vectors(self.network)[: self.levels])

    @property
    def codebook_size(self) -> int:
        """K of each level."""
        return int(self.vectors.shape[1])

    def read(self, path: Path) -> NDArray[np.float32]:
        """The middle of a WAV file, shape (channels, n)."""
        config = self.network.config
        return read_clip(
            path,
            sampling_rate=config.sampling_rate,
            seconds=self.seconds,
            n_channels=getattr(config, "audio_channels", 1),
        )

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.int64]:
        """The tokens, shape (n, levels, length)."""
        codes = _codes(self, clips, f"clips of {self.seconds:g} seconds")
        return codes[:, : self.levels]


def load_model_encoder(
    folder: Path,
    *,
    size: int = DEFAULT_SIZE,
    seconds: float = DEFAULT_SECONDS,
    levels: int | None = None,
) -> ImageModel | AudioModel:
    """The encoder that a model folder holds.

    Args:
        folder: with `config.json` and weights, of one of the classes in `model_adapters`.
        size: side of the framed images.
        seconds: length of the clips of a sound model.
        levels: the first so many levels of a sound model; all by default.

    Raises:
        TokevalError: the folder does not hold a model of these classes.
        UsageError: a library that it needs is not installed, or an option does not fit.
    """
    config = _read_json(folder / "config.json")
    name = _class_name(config, folder)
    adapter = (IMAGES | AUDIO)[name]
    network = _load(folder, name, adapter.library)
    if name in IMAGES:
        if levels is not None:
            raise UsageError(f"{name} has no levels", "leave out --levels")
        scale = _pixel_scale(folder)
        return ImageModel(
            network, adapter, scale, size, _fingerprint(folder, f"{name} {size} {scale}")
        )
    available = len(adapter.vectors(network))
    if levels is not None and not 1 <= levels <= available:
        raise UsageError(f"the model has {available} levels, not {levels}", "give fewer --levels")
    chosen = levels or available
    mark = f"{name} {seconds} {chosen}"
    return AudioModel(network, adapter, seconds, chosen, _fingerprint(folder, mark))


def _class_name(config: Mapping[str, Any], folder: Path) -> str:
    """The class that the configuration names, one of those that can be used."""
    known = IMAGES | AUDIO
    named = config.get("_class_name") or next(iter(config.get("architectures") or ()), None)
    if named in known:
        return str(named)
    raise TokevalError(
        f"{folder / 'config.json'} names the class {named!r}",
        f"give a folder of {', '.join(known)}",
    )


def _read_json(path: Path) -> dict[str, Any]:
    """The object of a JSON file."""
    hint = "give a folder that `save_pretrained` wrote"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TokevalError(f"cannot read {path}: {error.strerror or error}", hint) from error
    except ValueError as error:
        raise TokevalError(f"{path} is not JSON: {error}", hint) from error
    if not isinstance(held, dict):
        raise TokevalError(f"{path} is no JSON object", hint)
    return held


def _load(folder: Path, name: str, library: str) -> Any:
    """The network with its weights, for use on the CPU."""
    missing = [part for part in ("torch", library) if find_spec(part) is None]
    if missing:
        raise UsageError(
            f"{name} needs {' and '.join(missing)}", f"pip install {' '.join(missing)}"
        )
    import importlib

    kind = getattr(importlib.import_module(library), name, None)
    if kind is None:
        raise UsageError(f"this {library} has no {name}", f"pip install --upgrade {library}")
    with _reported(f"the model in {folder}"):
        network, info = kind.from_pretrained(
            str(folder), local_files_only=True, output_loading_info=True
        )
    # Weights that are absent would be random numbers, and their tokens noise.
    absent = sorted(info["missing_keys"]) + sorted(map(str, info.get("mismatched_keys", ())))
    if absent:
        raise TokevalError(
            f"{folder} lacks {len(absent)} weights of {name}, such as {absent[0]}",
            "give the folder of the tokenizer itself, not of a model that contains it",
        )
    return network.eval()


@contextmanager
def _reported(what: str) -> Iterator[None]:
    """Turn what the libraries say about a model, or its input, into one line."""
    try:
        yield
    except (RuntimeError, ValueError, OSError, KeyError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        raise TokevalError(
            f"the model cannot take {what}: {said}",
            "check the folder, and choose a --size or --seconds that the model was made for",
        ) from error


def _codes(model: ImageModel | AudioModel, samples: NDArray[Any], what: str) -> NDArray[np.int64]:
    """What the network makes of samples, checked to be whole numbers by sample and two axes."""
    import torch

    with torch.no_grad(), _reported(what):
        codes = model.adapter.encode(model.network, torch.from_numpy(samples))
    return codes.cpu().numpy().astype(np.int64)  # type: ignore[no-any-return]


def _numpy(values: Any) -> NDArray[np.float32]:
    """A tensor as an array."""
    array: NDArray[np.float32] = values.detach().float().cpu().numpy()
    return array


def _pixel_scale(folder: Path) -> PixelScale:
    """What `preprocessor_config.json` says about pixels; where it is absent, [−1, 1]."""
    path = folder / "preprocessor_config.json"
    if not path.exists():
        return PixelScale()
    held = _read_json(path)
    try:
        factor = float(held.get("rescale_factor", 1 / 255)) if held.get("do_rescale", True) else 1.0
        if not held.get("do_normalize", True):
            return PixelScale(factor, (0.0,) * 3, (1.0,) * 3)
        mean = tuple(float(value) for value in held["image_mean"])
        deviation = tuple(float(value) for value in held["image_std"])
    except (KeyError, TypeError, ValueError) as error:
        raise TokevalError(
            f"{path} does not say how pixels are scaled", "give image_mean and image_std in it"
        ) from error
    if len(mean) != 3 or len(deviation) != 3 or not min(deviation) > 0 or not factor > 0:
        raise TokevalError(f"{path} scales pixels by {held}", "give three means and deviations > 0")
    return PixelScale(factor, mean, deviation)


def _fingerprint(folder: Path, mark: str) -> str:
    """The sha256 of the configuration and the weights, and of the rule of reading, hex."""
    digest = hashlib.sha256(mark.encode())
    files = [file for file in folder.iterdir() if file.suffix in WEIGHT_SUFFIXES]
    for path in [folder / "config.json", *sorted(files)]:
        digest.update(f"\n{path.name}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(HASH_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def takes_sound(folder: Path) -> bool:
    """Whether the model in a folder is one of sounds; it is not loaded."""
    return _class_name(_read_json(folder / "config.json"), folder) in AUDIO

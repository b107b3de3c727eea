"""What differs between the models: how each class gives its codes, its codebook and its images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Adapter:
    """How one class is used; tensors are torch's.

    Attributes:
        library: that has the class.
        encode: network and input (n, channels, ...) to ids, shape (n, height, width) for images and
            (n, levels, length) for sound.
        vectors: the codes, shape (levels, K, dimensions).
        decode: network and ids (n, height, width) to pixels (n, 3, height, width); `None` where the
            class has no decoder of images.
    """

    library: str
    encode: Callable[[Any, Any], Any]
    vectors: Callable[[Any], Any]
    decode: Callable[[Any, Any], Any] | None = None


def _flat_codes(network: Any, pixels: Any) -> Any:
    """Ids of Chameleon and Janus, which come as one row, in the grid of the quantized state."""
    output = network.encode(pixels)
    if isinstance(output, tuple):  # transformers < 5
        quantized, ids = output[0], output[2]
    else:
        quantized, ids = output.quantized_last_hidden_state, output.image_tokens
    return ids.reshape(len(pixels), *quantized.shape[-2:])


def _emu3_codes(network: Any, pixels: Any) -> Any:
    """Ids of Emu3, which come as a list of grids."""
    import torch

    sizes = torch.tensor([pixels.shape[-2:]] * len(pixels))
    output = network.encode(pixels, sizes)
    return torch.stack(list(getattr(output, "image_tokens", output)))


def _embedding(network: Any) -> Any:
    """The embedding table of the one quantizer."""
    return network.quantize.embedding.weight[None]


def _janus_vectors(network: Any) -> Any:
    """The embedding on the unit sphere, where Janus looks its codes up."""
    import torch

    return torch.nn.functional.normalize(_embedding(network), dim=-1)


def _janus_pixels(network: Any, ids: Any) -> Any:
    """Janus takes ids as one row."""
    return network.decode(ids.reshape(len(ids), -1))


def _diffusers_codes(network: Any, pixels: Any) -> Any:
    """Ids of a VQModel, which come flat, in the grid of the latents."""
    latents = network.encode(pixels).latents
    ids = network.quantize(latents)[2][2]
    return ids.reshape(len(pixels), *latents.shape[-2:])


def _diffusers_pixels(network: Any, ids: Any) -> Any:
    """The decoder is given the vectors of the ids; nothing is quantized again."""
    shape = (*ids.shape, network.quantize.embedding.weight.shape[1])
    vectors = network.quantize.get_codebook_entry(ids.flatten(), shape)
    inner = network.post_quant_conv(vectors)
    return network.decoder(inner, vectors if network.config.norm_type == "spatial" else None)


def _encodec_codes(network: Any, clips: Any) -> Any:
    """Ids at the highest bandwidth: chunks of long clips joined, the padding of the last cut."""
    import torch

    output = network.encode(clips, bandwidth=max(network.config.target_bandwidths))
    codes = torch.cat(list(output.audio_codes), dim=-1)
    n_padded = getattr(output, "last_frame_pad_length", 0) or 0
    return codes[..., : codes.shape[-1] - n_padded]


def _encodec_vectors(network: Any) -> Any:
    """The codebooks of all levels that the highest bandwidth uses."""
    import torch

    quantizer = network.quantizer
    used = quantizer.get_num_quantizers_for_bandwidth(max(network.config.target_bandwidths))
    return torch.stack([layer.codebook.embed for layer in quantizer.layers[:used]])


def _dac_codes(network: Any, clips: Any) -> Any:
    """Ids of all levels."""
    return network.encode(clips).audio_codes


def _dac_vectors(network: Any) -> Any:
    """The codebooks on the unit sphere, where DAC looks for the nearest."""
    import torch

    levels = torch.stack([level.codebook.weight for level in network.quantizer.quantizers])
    return torch.nn.functional.normalize(levels, dim=-1)


def _mimi_codes(network: Any, clips: Any) -> Any:
    """Ids of all levels: the semantic one first, then the acoustic ones."""
    return network.encode(clips, num_quantizers=network.config.num_quantizers).audio_codes


def _mimi_vectors(network: Any) -> Any:
    """The codebooks in the order of the levels."""
    import torch

    quantizer = network.quantizer
    parts = (
        quantizer.semantic_residual_vector_quantizer,
        quantizer.acoustic_residual_vector_quantizer,
    )
    layers = [layer for part in parts for layer in part.layers]
    return torch.stack([layer.codebook.embed for layer in layers[: network.config.num_quantizers]])


def _emu3_pixels(network: Any, ids: Any) -> Any:
    """Emu3 takes grids as they are."""
    return network.decode(ids)


IMAGES = {
    "ChameleonVQVAE": Adapter("transformers", _flat_codes, _embedding),
    "Emu3VQVAE": Adapter("transformers", _emu3_codes, _embedding, _emu3_pixels),
    "JanusVQVAE": Adapter("transformers", _flat_codes, _janus_vectors, _janus_pixels),
    "VQModel": Adapter("diffusers", _diffusers_codes, _embedding, _diffusers_pixels),
}
AUDIO = {
    "EncodecModel": Adapter("transformers", _encodec_codes, _encodec_vectors),
    "DacModel": Adapter("transformers", _dac_codes, _dac_vectors),
    "MimiModel": Adapter("transformers", _mimi_codes, _mimi_vectors),
}

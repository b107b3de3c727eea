"""Sound as arrays: WAV files, resampled and cut to one length for the neural codecs."""

from __future__ import annotations

import math
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.errors import TokevalError

SUFFIXES = frozenset((".wav",))


def read_clip(
    path: Path, *, sampling_rate: int, seconds: float, n_channels: int
) -> NDArray[np.float32]:
    """The middle of a WAV file, shape (n_channels, round(seconds · sampling_rate)), in [−1, 1].

    Another sampling rate is converted (polyphase filter). One channel of several is their mean;
    several of one are copies. Shorter files are refused: silence put after them would be counted
    as tokens.

    Raises:
        TokevalError: the file is no WAV file, or is too short.
    """
    rate, samples = _read(path)
    clip = _in_channels(samples, n_channels, path)
    divisor = math.gcd(rate, sampling_rate)
    if rate != sampling_rate:
        from scipy.signal import resample_poly

        clip = resample_poly(clip, sampling_rate // divisor, rate // divisor, axis=1)
    n_wanted = round(seconds * sampling_rate)
    n_spare = clip.shape[1] - n_wanted
    if n_spare < 0:
        raise TokevalError(
            f"{path} lasts {clip.shape[1] / sampling_rate:.3g} s, less than {seconds:g} s",
            "give --seconds of the shortest clip, or remove the file",
        )
    first = n_spare // 2
    return np.ascontiguousarray(clip[:, first : first + n_wanted], dtype=np.float32)


def _read(path: Path) -> tuple[int, NDArray[np.float64]]:
    """The sampling rate and the samples, shape (n, channels), in [−1, 1]."""
    from scipy.io import wavfile

    hint = "give WAV files of 8, 16, 24 or 32 bits"
    try:
        with warnings.catch_warnings():
            # Chunks of other programs are no matter; sound that is cut off is.
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
            rate, samples = wavfile.read(path)
    except OSError as error:
        raise TokevalError(f"cannot read {path}: {error.strerror or error}", hint) from error
    except (ValueError, EOFError, struct.error, wavfile.WavFileWarning) as error:
        raise TokevalError(f"cannot read {path}: it is no whole WAV file", hint) from error
    if len(samples) == 0 or rate <= 0:
        raise TokevalError(f"{path} holds no sound", hint)
    return int(rate), _unit(samples).reshape(len(samples), -1)


def _unit(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Samples of any sample format in [−1, 1]."""
    values: NDArray[np.float64] = samples.astype(np.float64)
    if samples.dtype == np.uint8:
        values = (values - 128) / 128
    elif np.issubdtype(samples.dtype, np.integer):
        values = values / -float(np.iinfo(samples.dtype).min)
    return values


def _in_channels(samples: NDArray[np.float64], n_channels: int, path: Path) -> NDArray[np.float64]:
    """The sound with so many channels, shape (n_channels, n)."""
    if samples.shape[1] == n_channels:
        return samples.T
    if n_channels == 1:
        mean: NDArray[np.float64] = samples.mean(axis=1)[None]
        return mean
    if samples.shape[1] == 1:
        return np.repeat(samples.T, n_channels, axis=0)
    raise TokevalError(
        f"{path} has {samples.shape[1]} channels, the model {n_channels}",
        f"give clips with 1 or {n_channels} channels",
    )

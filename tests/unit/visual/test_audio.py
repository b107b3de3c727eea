"""Clips of sound: scaled, mixed, resampled and cut as stated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from tokeval.errors import TokevalError
from tokeval.visual.audio import read_clip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 128, 255], dtype=np.uint8), [-1, 0, 127 / 128]),
        (np.array([-32768, 0, 16384], dtype=np.int16), [-1, 0, 0.5]),
        (np.array([-(2**31), 2**30, 0], dtype=np.int32), [-1, 0.5, 0]),
        (np.array([-0.5, 0, 0.25], dtype=np.float32), [-0.5, 0, 0.25]),
    ],
)
def test_every_sample_format_has_the_same_scale(
    values: np.ndarray, expected: list[float], tmp_path: Path
) -> None:
    path = tmp_path / "clip.wav"
    wavfile.write(path, 1000, values)
    clip = read_clip(path, sampling_rate=1000, seconds=0.003, n_channels=1)
    assert clip.tolist() == [pytest.approx(expected)]
    assert clip.dtype == np.float32


def test_the_middle_is_kept_and_channels_are_mixed_or_copied(tmp_path: Path) -> None:
    path = tmp_path / "clip.wav"
    left, right = np.arange(10) / 16, np.arange(10) / 32
    wavfile.write(path, 1000, np.stack([left, right], axis=1).astype(np.float32))
    mono = read_clip(path, sampling_rate=1000, seconds=0.004, n_channels=1)
    assert mono.tolist() == [pytest.approx(((left + right) / 2)[3:7])]
    stereo = read_clip(path, sampling_rate=1000, seconds=0.004, n_channels=2)
    assert stereo.tolist() == [pytest.approx(left[3:7]), pytest.approx(right[3:7])]
    with pytest.raises(TokevalError, match="2 channels, the model 3"):
        read_clip(path, sampling_rate=1000, seconds=0.004, n_channels=3)
    wavfile.write(path, 1000, left.astype(np.float32))
    copied = read_clip(path, sampling_rate=1000, seconds=0.01, n_channels=2)
    assert np.array_equal(copied[0], copied[1])


def test_a_tone_keeps_its_pitch_at_another_rate(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    wavfile.write(path, 8000, np.sin(2 * np.pi * 440 * np.arange(16_000) / 8000).astype(np.float32))
    clip = read_clip(path, sampling_rate=12_000, seconds=1.0, n_channels=1)
    assert clip.shape == (1, 12_000)
    assert np.argmax(np.abs(np.fft.rfft(clip[0]))) == 440


def test_short_and_broken_clips_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "clip.wav"
    wavfile.write(path, 1000, np.zeros(10, dtype=np.int16))
    with pytest.raises(TokevalError, match=r"clip\.wav lasts 0\.01 s, less than 1 s"):
        read_clip(path, sampling_rate=1000, seconds=1, n_channels=1)
    for raw in (
        b"",
        b"RIFF",
        b"text that is no sound",
        path.read_bytes()[:30],
        path.read_bytes()[:50],
    ):
        path.write_bytes(raw)
        with pytest.raises(TokevalError, match=r"clip\.wav"):
            read_clip(path, sampling_rate=1000, seconds=0.001, n_channels=1)
    with pytest.raises(TokevalError, match="absent"):
        read_clip(tmp_path / "absent.wav", sampling_rate=1000, seconds=1, n_channels=1)

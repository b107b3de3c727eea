"""Fréchet distances by closed forms and by a matrix root; features of files and of a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from tokeval.errors import TokevalError
from tokeval.visual.frechet import Inception, frechet_distance, read_features


def features(
    covariance: NDArray[np.float64], mean: NDArray[np.float64], n: int = 40
) -> NDArray[np.float64]:
    """Rows whose sample mean and covariance are exactly these: whitened noise, coloured again."""
    noise = np.random.default_rng(len(mean) + n).normal(size=(n, len(mean)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T)).T)
    root = np.linalg.cholesky(covariance)
    return white @ root.T + mean


def test_the_distance_of_commuting_covariances_is_closed() -> None:
    """With one set of axes: |m₁ − m₂|² + Σ (√a_i − √b_i)²."""
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    first, second = np.array([1.0, 4.0, 9.0, 0.25]), np.array([4.0, 1.0, 16.0, 0.25])
    shift = np.array([1.0, -2.0, 0.5, 0.0])
    a = features(axes @ np.diag(first) @ axes.T, np.zeros(4))
    b = features(axes @ np.diag(second) @ axes.T, shift, n=55)
    expected = np.square(shift).sum() + np.square(np.sqrt(first) - np.sqrt(second)).sum()
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_the_distance_by_a_root_of_the_matrix() -> None:
    generator = np.random.default_rng(8)
    a = generator.normal(size=(50, 6)) @ generator.normal(size=(6, 6))
    b = generator.normal(1, 2, size=(70, 6)) @ generator.normal(size=(6, 6))
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    cross = np.trace(sqrtm(cov_a @ cov_b)).real
    expected = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(cov_a + cov_b) - 2 * cross
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-12)


def test_singular_covariances_of_few_images_are_no_trouble() -> None:
    """One dimension by hand, among zeros: standard deviations 1 and 3, means 0 and 5."""
    a, b = np.zeros((3, 50)), np.zeros((3, 50))
    a[:, 7] = [-1, 0, 1]
    b[:, 7] = [2, 5, 8]
    assert frechet_distance(a, b) == pytest.approx(25 + 4, rel=1e-12)
    assert frechet_distance(a, a.copy()) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.zeros((1, 3)), np.zeros((4, 3))),
        (np.zeros((4, 3)), np.zeros((4, 2))),
        (np.zeros(4), np.zeros((4, 2))),
        (np.full((4, 2), np.nan), np.zeros((4, 2))),
        (np.zeros((4, 2), dtype=int), np.zeros((4, 2))),
    ],
)
def test_features_without_a_distance_are_refused(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> None:
    with pytest.raises(TokevalError):
        frechet_distance(a, b)


def test_feature_files_are_read_and_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "features.npy"
    np.save(path, np.eye(3))
    assert np.array_equal(read_features(path), np.eye(3))
    np.save(path, np.array([object()]), allow_pickle=True)
    with pytest.raises(TokevalError, match=r"features\.npy"):
        read_features(path)
    path.write_bytes(b"text")
    with pytest.raises(TokevalError, match=r"features\.npy"):
        read_features(path)
    np.savez(tmp_path / "several.npz", a=np.eye(3))
    with pytest.raises(TokevalError, match="several"):
        read_features(tmp_path / "several.npz")
    with pytest.raises(TokevalError, match="absent"):
        read_features(tmp_path / "absent.npy")


@pytest.mark.parametrize("has_option", [False, True])
def test_a_local_network_gives_features(has_option: bool, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")

    class Means(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: torch.Tensor) -> torch.Tensor:  # type: ignore[name-defined]
            return x.float().mean(dim=(2, 3))

    class Optional(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: torch.Tensor, return_features: bool = False) -> torch.Tensor:  # type: ignore[name-defined]
            means = x.float().mean(dim=(2, 3))
            return means if return_features else means.sum(dim=1)

    path = tmp_path / "network.pt"
    traced = (
        torch.jit.script(Optional())
        if has_option
        else torch.jit.trace(Means(), torch.zeros((1, 3, 4, 4), dtype=torch.uint8))
    )
    torch.jit.save(traced, str(path))
    images = np.random.default_rng(0).integers(256, size=(20, 4, 5, 3), dtype=np.uint8)
    found = Inception(path).features(images)
    assert found == pytest.approx(images.mean(axis=(1, 2)), rel=1e-5)


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    path = tmp_path / "network.pt"
    path.write_bytes(b"text")
    with pytest.raises(TokevalError, match=r"network\.pt"):
        Inception(path)

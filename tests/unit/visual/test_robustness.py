"""The result of a perturbation: cells by alpha, references, and reasons for what is missing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tokeval.document import Measured, Undefined, Value
from tokeval.document.visual import VisualResult
from tokeval.errors import TokevalError
from tokeval.visual.code_vectors import load_code_vectors
from tokeval.visual.dump import Layout
from tokeval.visual.frechet import frechet_distance
from tokeval.visual.patch_codebook import PatchCodebook
from tokeval.visual.perturbation import perturb
from tokeval.visual.reading import read_dump
from tokeval.visual.robustness import (
    Perturbation,
    References,
    chosen_rows,
    measure_robustness,
    rows_of,
)
from tokeval.visual.stored_dump import StoredDump

needs_scikit_image = pytest.mark.skipif(
    find_spec("skimage") is None, reason="scikit-image is not installed"
)
PLAN = Perturbation(alphas=(0.0, 0.5), delta=5, seed=3, n_images=12)


@pytest.fixture
def codebook() -> PatchCodebook:
    return PatchCodebook(np.random.default_rng(0).random((1, 30, 48), dtype=np.float32), 4, 16)


@pytest.fixture
def dump(tmp_path: Path) -> StoredDump:
    tokens = np.random.default_rng(1).integers(30, size=(25, 4, 4)).astype(np.uint8)
    np.save(tmp_path / "dump.npy", tokens)
    return read_dump(tmp_path / "dump.npy", name="d", layout=Layout.NHW, codebook_size=30)


def silent(stage: str, done: int = 0, total: int | None = None) -> None:
    """Nobody is watching."""


def measured(result: VisualResult, metric: str, slice_: str) -> Value:
    (value,) = (c.value for c in result.cells if (c.metric, c.slice) == (metric, slice_))
    return value


def means(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Features that can be computed here."""
    return images.mean(axis=(1, 2))


def test_rows_are_spread_and_found_again(dump: StoredDump) -> None:
    assert chosen_rows(25, 100).tolist() == list(range(25))
    rows = chosen_rows(25, 4)
    assert rows.tolist() == [0, 8, 16, 24]
    assert np.array_equal(rows_of(dump, rows), np.load(dump.source)[rows])


@needs_scikit_image
def test_without_originals_the_reference_is_decoded(
    dump: StoredDump, codebook: PatchCodebook
) -> None:
    result = measure_robustness(dump, codebook, codebook, PLAN, References(), silent)
    assert measured(result, "changed_share", "alpha:0").value == 0  # type: ignore[union-attr]
    assert isinstance(measured(result, "psnr", "alpha:0"), Undefined)
    tokens = np.load(dump.source)[chosen_rows(25, 12)]
    changed = perturb(tokens, codebook, 0.5, 5, 3)
    share = measured(result, "changed_share", "alpha:0.5")
    assert isinstance(share, Measured)
    assert share.value == pytest.approx(np.mean(changed != tokens))
    assert share.stderr is not None
    errors = codebook.decode(changed).astype(float) - codebook.decode(tokens)
    pooled = measured(result, "psnr_pooled", "alpha:0.5")
    assert isinstance(pooled, Measured)
    assert pooled.value == pytest.approx(10 * np.log10(255**2 / np.square(errors).mean()))
    assert isinstance(measured(result, "rfid", "all"), Undefined)
    assert {series.id for series in result.series} >= {"perturbation_psnr_pooled"}


@needs_scikit_image
def test_originals_and_a_network_give_distances(dump: StoredDump, codebook: PatchCodebook) -> None:
    originals = np.random.default_rng(2).integers(256, size=(12, 16, 16, 3), dtype=np.uint8)
    references = References(originals, means)
    result = measure_robustness(dump, codebook, codebook, PLAN, references, silent)
    tokens = np.load(dump.source)[chosen_rows(25, 12)]
    clean = frechet_distance(means(originals), means(codebook.decode(tokens)))
    changed = codebook.decode(perturb(tokens, codebook, 0.5, 5, 3))
    for metric, slice_, expected in (
        ("rfid", "all", clean),
        ("pfid", "alpha:0", clean),
        ("pfid", "alpha:0.5", frechet_distance(means(originals), means(changed))),
    ):
        value = measured(result, metric, slice_)
        assert isinstance(value, Measured)
        assert value.value == pytest.approx(expected)
        assert value.stderr is None


def test_given_features_are_used_without_a_decoder(
    dump: StoredDump, codebook: PatchCodebook
) -> None:
    a, b, c = np.random.default_rng(4).normal(size=(3, 20, 4))
    references = References(given={"original": a, "decoded": b, 0.5: c})
    result = measure_robustness(dump, codebook, None, PLAN, references, silent)
    assert measured(result, "rfid", "all").value == pytest.approx(frechet_distance(a, b))  # type: ignore[union-attr]
    assert measured(result, "pfid", "alpha:0.5").value == pytest.approx(frechet_distance(a, c))  # type: ignore[union-attr]
    assert isinstance(measured(result, "pfid", "alpha:0"), Undefined)
    psnr = measured(result, "psnr", "alpha:0.5")
    assert isinstance(psnr, Undefined)
    assert "no decoder" in psnr.reason


def test_vectors_are_read_with_or_without_levels(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npy"
    np.save(path, np.eye(3))
    assert load_code_vectors(path).vectors.shape == (1, 3, 3)
    np.save(path, np.ones((2, 3, 4)))
    assert load_code_vectors(path).vectors.shape == (2, 3, 4)
    for wrong in (np.zeros(3), np.zeros((2, 0)), np.full((2, 2), np.inf), np.eye(2, dtype=int)):
        np.save(path, wrong)
        with pytest.raises(TokevalError, match=r"vectors\.npy"):
            load_code_vectors(path)
    path.write_bytes(b"text")
    with pytest.raises(TokevalError, match=r"vectors\.npy"):
        load_code_vectors(path)

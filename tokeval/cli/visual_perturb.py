"""`tokeval visual perturb`: what images lose as more and more codes become near ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tokeval.cli.options import Json, Quiet
from tokeval.cli.visual_encode import Model, Size, require_extra
from tokeval.errors import UsageError

if TYPE_CHECKING:
    from tokeval.document.visual import VisualResult
    from tokeval.visual.robustness import Perturbation, References
    from tokeval.visual.stored_dump import StoredDump

EXTRA = ("skimage",)
DEFAULT_ALPHAS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


def perturb(
    dump: Annotated[str, typer.Argument(metavar="DUMP", help="Tokens of `visual encode`.")],
    codebook: Annotated[
        Path | None,
        typer.Option(
            "--codebook",
            metavar="FILE",
            help="A patch codebook (.npz), or the vectors of codes (.npy, K by dimensions or "
            "levels by K by dimensions): then without images.",
        ),
    ] = None,
    model: Model = None,
    alpha: Annotated[
        list[float] | None,
        typer.Option(help="Probability that a code is drawn anew; repeatable.", min=0, max=1),
    ] = None,
    delta: Annotated[
        int, typer.Option(help="Drawn from so many nearest codes, itself included.", min=1)
    ] = 10,
    seed: Annotated[int, typer.Option(help="Of what is drawn.", min=0)] = 0,
    samples: Annotated[
        int, typer.Option(help="At most so many, evenly spread over the dump.", min=1)
    ] = 256,
    images: Annotated[
        list[str] | None,
        typer.Option(
            "--images",
            metavar="PATH",
            help="The original images, in the order of the dump; repeatable. Without them images "
            "are held against those decoded from unchanged tokens.",
        ),
    ] = None,
    size: Size = None,
    inception: Annotated[
        Path | None,
        typer.Option("--inception", metavar="FILE", help="A TorchScript network, for rFID, pFID."),
    ] = None,
    features: Annotated[
        list[str] | None,
        typer.Option(
            "--features",
            metavar="WHAT=FILE",
            help="Features made elsewhere (.npy), for rFID and pFID; WHAT is original, decoded or "
            "an alpha; repeatable.",
        ),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Replace codes by near ones, and say how much worse the decoded images get.

    With probability alpha a code is drawn anew from its delta nearest, itself included, so that
    about alpha · (1 − 1/delta) of the codes change.
    """
    from tokeval.cli.output import check_outputs, write_atomically
    from tokeval.cli.progress_stages import stages

    if (codebook is None) == (model is None):
        raise UsageError("one codebook is needed", "give either --codebook FILE or --model DIR")
    if json is not None:
        check_outputs({"--json": json}, filter(None, (Path(dump), codebook, inception)))
    require_extra("perturb", EXTRA)
    from tokeval.visual.perturbation import check_alphas
    from tokeval.visual.robustness import Perturbation, measure_robustness

    plan = Perturbation(check_alphas(alpha or DEFAULT_ALPHAS), delta, seed, samples)
    points = _codebook(codebook, model, size)
    tokens = _dump(dump, points)
    references = _references(images or [], inception, features or [], tokens, points, plan)
    decoder = points if getattr(points, "can_decode", True) and hasattr(points, "decode") else None
    with stages(quiet=quiet) as tell:
        result = measure_robustness(tokens, points, decoder, plan, references, tell)
    if json is not None:
        write_atomically(json, _document(result, plan))
    if not quiet and str(json) != "-":
        typer.echo(_table(result, plan))


def _codebook(file: Path | None, model: Path | None, size: int | None) -> Any:
    """What gives the points of codes, and images where it can."""
    from tokeval.visual.code_vectors import load_code_vectors
    from tokeval.visual.patch_codebook import load_patch_codebook

    if model is not None:
        from tokeval.visual.images import DEFAULT_SIZE
        from tokeval.visual.model_encoders import load_model_encoder

        return load_model_encoder(model, size=size or DEFAULT_SIZE)
    if size is not None:
        raise UsageError("--size is of --model", "leave it out: the codebook has its own")
    if file is not None and file.suffix == ".npy":
        return load_code_vectors(file)
    return load_patch_codebook(file or Path())


def _dump(path: str, points: Any) -> StoredDump:
    """The dump in the layout of the codebook; of bare vectors, in the only one there can be."""
    from tokeval.visual.dump import Layout
    from tokeval.visual.reading import read_dump

    levels, codebook_size, _ = points.vectors.shape
    layout = getattr(points, "layout", Layout.NQL if levels > 1 else None)
    return read_dump(path, name=Path(path).stem, layout=layout, codebook_size=codebook_size)


def _references(
    images: list[str],
    inception: Path | None,
    features: list[str],
    dump: StoredDump,
    points: Any,
    plan: Perturbation,
) -> References:
    """Originals and features, read only for the samples that are looked at."""
    import numpy as np

    from tokeval.visual.frechet import Inception
    from tokeval.visual.images import find_files
    from tokeval.visual.robustness import References, chosen_rows

    originals = None
    if images:
        if not hasattr(points, "read") or not hasattr(points, "decode"):
            raise UsageError("this codebook makes no images", "leave out --images")
        paths = find_files(images)
        if len(paths) != dump.n_samples:
            raise UsageError(
                f"there are {len(paths)} images for the {dump.n_samples} samples of the dump",
                "give the images that it was made of, in the same order",
            )
        rows = chosen_rows(dump.n_samples, plan.n_images)
        originals = np.stack([points.read(paths[row]) for row in rows])
    network = Inception(inception) if inception is not None else None
    return References(
        originals, network.features if network else None, _given(features, plan.alphas)
    )


def _given(features: list[str], alphas: Any) -> dict[str | float, Any]:
    """Features by what they are of."""
    from tokeval.visual.frechet import read_features

    known: dict[str, str | float] = {"original": "original", "decoded": "decoded"}
    known |= {f"{alpha:g}": alpha for alpha in alphas}
    found: dict[str | float, Any] = {}
    for argument in features:
        what, _, path = argument.partition("=")
        if what not in known or not path:
            raise UsageError(
                f"--features {argument} does not say what it is of",
                f"write WHAT=FILE with WHAT one of {', '.join(known)}",
            )
        found[known[what]] = read_features(Path(path))
    return found


def _document(result: VisualResult, plan: Perturbation) -> bytes:
    """The result with its provenance."""
    from tokeval import __version__
    from tokeval.core.provenance import creation_time, library_versions
    from tokeval.document import Provenance, Report, dump

    parameters = {
        "alphas": list(plan.alphas),
        "delta": plan.delta,
        "seed": plan.seed,
        "samples": plan.n_images,
    }
    provenance = Provenance(
        tokeval=__version__,
        argv=("tokeval", *sys.argv[1:]),
        created=creation_time(),
        parameters=parameters,
        tokenizers={},
        corpus={},
        libraries=library_versions(("numpy", "scipy")),
    )
    return dump(Report(provenance, (result,)))


def _table(result: VisualResult, plan: Perturbation) -> str:
    """A line for each alpha, then why columns are empty."""
    from tokeval.document import Measured
    from tokeval.visual.robustness import METRICS

    values = {(cell.metric, cell.slice): cell.value for cell in result.cells}
    names = [metric.id for metric in METRICS if metric.id != "rfid"]
    lines = ["  ".join(["alpha", *(f"{name:>13}" for name in names)])]
    reasons: dict[str, str] = {}
    for alpha in plan.alphas:
        row = [f"{alpha:>5g}"]
        for name in names:
            value = values[name, f"alpha:{alpha:g}"]
            if isinstance(value, Measured):
                row.append(f"{value.value:>13.4g}")
            else:
                row.append(f"{'–':>13}")
                reasons.setdefault(name, value.reason)
        lines.append("  ".join(row))
    rfid = values["rfid", "all"]
    if isinstance(rfid, Measured):
        lines.append(f"rFID {rfid.value:.4g}")
    lines += [f"{name}: {reason}" for name, reason in reasons.items()]
    return "\n".join(lines)

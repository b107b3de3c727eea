"""Trials as a table: written, read again to go on where one stopped, and summed up."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from tokeval.errors import TokevalError
from tokeval.mixture.simulate import Design, Row, log10_mse

_DESIGN = tuple(field.name for field in fields(Design))
_ROW = tuple(field.name for field in fields(Row))
_TEXT = frozenset({"category", "verdict"})

LARGE = 0.05
"""A part of the mixture that must not go unnoticed when it is withheld."""


def render_rows(rows: Mapping[int, Sequence[Row]], design: Design) -> str:
    """CSV with one row for each candidate of each trial, the design on each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_DESIGN, *_ROW])
    settings = list(asdict(design).values())
    for seed in sorted(rows):
        for row in rows[seed]:
            values = ["" if value is None else value for value in asdict(row).values()]
            writer.writerow([*settings, *values])
    return out.getvalue()


def known_trials(path: Path, design: Design, names: Sequence[str]) -> dict[int, list[Row]]:
    """The trials that a table holds; none where there is no file.

    Args:
        path: of the table.
        design: that the trials must have.
        names: of the categories that they are made of.

    Raises:
        TokevalError: the file is another table, or of another design.
    """
    if not path.is_file():
        return {}
    expected = {name: str(value) for name, value in asdict(design).items()}
    trials: dict[int, list[Row]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != (*_DESIGN, *_ROW):
            raise TokevalError(
                f"{path} is not a table of trials", "name another --csv file, or remove this one"
            )
        for record in reader:
            found = {name: record[name] for name in _DESIGN}
            if found != expected or record["category"] not in names:
                raise TokevalError(
                    f"{path}, line {reader.line_num}: a trial of another design",
                    "name another --csv file, or give the options that it was made with",
                )
            row = _row(record, f"{path}, line {reader.line_num}")
            trials.setdefault(row.seed, []).append(row)
    return trials


def _row(record: Mapping[str, str], where: str) -> Row:
    """One row as it was written.

    Raises:
        TokevalError: a number is none.
    """
    values: dict[str, object] = {}
    for name in _ROW:
        text = record[name]
        try:
            if name in _TEXT:
                values[name] = text
            elif name == "seed":
                values[name] = int(text)
            else:
                values[name] = float(text) if text else None
        except (ValueError, TypeError) as error:
            raise TokevalError(f"{where}: {name} is {text!r}", "remove the line") from error
    return Row(**values)  # type: ignore[arg-type] # the names and types are those of its fields


def summary(rows: Mapping[int, Sequence[Row]], design: Design) -> str:
    """What the trials say together, in lines of text."""
    errors = [_log10_mse(trial, [row.share for row in trial]) for trial in rows.values()]
    uniform = [_log10_mse(trial, [1 / len(trial)] * len(trial)) for trial in rows.values()]
    classified = [
        _log10_mse(trial, [row.token_classification or 0.0 for row in trial])
        for trial in rows.values()
    ]
    every = [row for trial in rows.values() for row in trial]
    spurious = [sum(row.share for row in trial if row.true_share == 0) for trial in rows.values()]
    judged = [row for row in every if row.high is not None]
    lines = [
        f"{len(rows)} tokenizers of {design.n_merges:,} merges, {design.n_true} categories mixed, "
        f"setting {design.setting}",
        f"log10 MSE over byte shares: mean {np.mean(errors):.2f}, sd {np.std(errors):.2f}, worst "
        f"{max(errors):.2f} (uniform {np.mean(uniform):.2f}, token classification "
        f"{np.mean(classified):.2f})",
        f"share given to categories that are absent: mean {np.mean(spurious):.2%}",
    ]
    if judged:
        covered = np.mean([(row.low or 0.0) <= row.true_share <= (row.high or 0) for row in judged])
        width = np.median([(row.high or 0.0) - (row.low or 0.0) for row in judged])
        spread = np.sqrt(np.mean([(row.share - row.true_share) ** 2 for row in judged]))
        lines.append(
            f"95% intervals hold {covered:.1%} of {len(judged)} true shares; median width "
            f"{width:.2g}, root mean squared error {spread:.2g}"
        )
    lines.append(_flags([trial[0] for trial in rows.values()], design))
    train, infer = (
        np.median([getattr(trial[0], f"{stage}_seconds") for trial in rows.values()])
        for stage in ("train", "infer")
    )
    lines.append(f"median seconds: training {train:.1f}, inference {infer:.1f}")
    return "\n".join(lines)


def _flags(trials: Sequence[Row], design: Design) -> str:
    """How many trials are flagged, one row of each: rightly if much of the text was withheld."""
    if not design.withheld:
        n_flagged = sum(row.verdict != "good" for row in trials)
        return f"{n_flagged} of {len(trials)} trials are flagged, though nothing was withheld"
    large = [row for row in trials if row.withheld_share >= LARGE]
    n_flagged = sum(row.verdict != "good" for row in large)
    return f"{n_flagged} of {len(large)} trials with {LARGE:.0%} or more withheld are flagged"


def _log10_mse(trial: Sequence[Row], found: Sequence[float]) -> float:
    """Of one trial; exactness beyond float64 counts as 10^-34."""
    return max(log10_mse([row.true_share for row in trial], found), -34.0)

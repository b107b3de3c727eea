"""`tokeval metrics correlate`: whether a metric goes together with a score, over tokenizers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from tokeval.core.correlation import Correlation, Pair
    from tokeval.loaders.score_tables import ScoreTable

MAX_PAIRS = 500


def correlate(
    metrics_table: Annotated[
        str,
        typer.Argument(
            metavar="METRICS_TABLE",
            help="CSV, TSV or document of tokeval with the metrics of tokenizers.",
            show_default=False,
        ),
    ],
    scores_table: Annotated[
        str,
        typer.Argument(
            metavar="SCORES_TABLE",
            help="The same with their scores; may be the same file.",
            show_default=False,
        ),
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", "-m", help="Only this column of metrics; repeatable."),
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option("--score", help="Only this column of scores; repeatable.")
    ] = None,
    control: Annotated[
        list[str] | None,
        typer.Option(help="Hold this column of either table fixed; repeatable.", metavar="COLUMN"),
    ] = None,
    tokenizer: Annotated[
        list[str] | None, typer.Option(help="Only this tokenizer's row; repeatable.")
    ] = None,
    part: Annotated[
        str, typer.Option("--slice", help="The slice of a tokeval document.", metavar="SLICE")
    ] = "all",
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the numbers as JSON.")
    ] = None,
) -> None:
    """Correlate metrics of tokenizers with scores of models that use them."""
    from tokeval.cli.inputs import existing_targets
    from tokeval.cli.output import check_outputs, write_atomically
    from tokeval.core.correlation import correlate_all
    from tokeval.loaders.score_tables import read_score_table

    inputs = [metrics_table, scores_table]
    if json is not None:
        check_outputs({"--json": json}, existing_targets(inputs, [json]))
    tables = [read_score_table(path, part=part) for path in inputs]
    pairs = _pairs(
        tables[0],
        tables[1],
        metrics=metric or (),
        scores=score or (),
        controls=control or (),
        only=tokenizer or (),
    )
    found = correlate_all(pairs)
    if json is not None:
        write_atomically(json, _as_json(found, inputs))
        if str(json) == "-":
            return
    from rich.console import Console

    console = Console()
    for name in dict.fromkeys(item.score for item in found):
        console.print(_table(name, [item for item in found if item.score == name]))
    for line in _footnotes(found):
        console.print(line, highlight=False, markup=False)


def _pairs(
    measured: ScoreTable,
    scored: ScoreTable,
    *,
    metrics: Sequence[str],
    scores: Sequence[str],
    controls: Sequence[str],
    only: Sequence[str],
) -> list[Pair]:
    """Every chosen metric with every chosen score, over the tokenizers that have both."""
    known = set(measured.tokenizers) & set(scored.tokenizers)
    for name in only:
        if name not in known:
            raise UsageError(
                f"the tokenizer {name!r} is not in both tables", f"both have {_listed(known)}"
            )
    if not known:
        raise UsageError(
            f"{measured.source} and {scored.source} have no tokenizer in common",
            f"they name {_listed(measured.tokenizers)} and {_listed(scored.tokenizers)}",
        )
    fixed = {name: _control(name, measured, scored) for name in controls}
    pairs = [
        _pair(
            (x, measured.column(x)), (y, scored.column(y)), fixed=fixed, rows=only or sorted(known)
        )
        for x, y in _named_pairs(
            list(metrics or measured.columns),
            list(scores or scored.columns),
            same=measured.source == scored.source,
        )
        if x not in fixed and y not in fixed
    ]
    if not 1 <= len(pairs) <= MAX_PAIRS:
        raise UsageError(
            f"the tables give {len(pairs)} pairs of a metric and a score",
            "choose columns with --metric and --score",
        )
    return pairs


def _named_pairs(
    metrics: Sequence[str], scores: Sequence[str], *, same: bool
) -> list[tuple[str, str]]:
    """Every metric with every score of another name; each pair once where both are in one table.

    A pair that is looked at from both sides would count twice in the correction of p.
    """
    found: dict[frozenset[str] | tuple[str, str], tuple[str, str]] = {}
    for x in metrics:
        for y in scores:
            if x != y:
                found.setdefault(frozenset((x, y)) if same else (x, y), (x, y))
    return list(found.values())


def _pair(
    x: tuple[str, Mapping[str, float]],
    y: tuple[str, Mapping[str, float]],
    *,
    fixed: Mapping[str, Mapping[str, float]],
    rows: Sequence[str],
) -> Pair:
    """Two named columns over the rows that have both, and all controls."""
    import numpy as np

    from tokeval.core.correlation import Pair

    held = [x[1], y[1], *fixed.values()]
    names = [name for name in rows if all(name in column for column in held)]
    columns = [np.array([column[name] for name in names]) for column in held]
    controls = tuple(zip(fixed, columns[2:], strict=True))
    return Pair(x[0], y[0], columns[0], columns[1], controls)


def _control(name: str, measured: ScoreTable, scored: ScoreTable) -> Mapping[str, float]:
    """A column of the scores, or else of the metrics."""
    return scored.columns[name] if name in scored.columns else measured.column(name)


def _listed(names: Sequence[str] | set[str]) -> str:
    """Some of the names."""
    shown = sorted(names)[:8]
    return ", ".join(shown) + (" ..." if len(names) > len(shown) else "") or "none"


def _table(score: str, found: Sequence[Correlation]) -> Table:
    """The correlations of all metrics with one score as a table; numbers are never cut short."""
    from rich.table import Table
    from rich.text import Text

    from tokeval.document import Undefined

    title = Text(f"with {score}")
    table = Table(title=title, box=None, pad_edge=False, title_justify="left")
    table.add_column("metric", overflow="fold")
    for heading in ("n", "Pearson", "p", "one left out", "Spearman", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    for item in found:
        fields = [item.metric, str(item.n)]
        for coefficient in (item.pearson, item.spearman):
            if isinstance(coefficient, Undefined):
                fields += ["–", "–"]
            else:
                fields += [f"{coefficient.value:+.2f}", f"{coefficient.p_holm:.3f}"]
            if coefficient is item.pearson:
                fields.append(_range(item))
        table.add_row(*(Text(field) for field in (*fields, item.verdict)))
    return table


def _range(item: Correlation) -> str:
    """Pearson's coefficient when any one row is left out."""
    if item.lowest is None or item.highest is None:
        return "–"
    return f"{item.lowest:+.2f} to {item.highest:+.2f}"


def _footnotes(found: Sequence[Correlation]) -> list[str]:
    """What p is, and why coefficients are missing."""
    from tokeval.core.correlation import MIN_EVIDENCE
    from tokeval.document import Undefined

    n_pairs = len(found)
    tests = dict.fromkeys(item.test for item in found)
    notes = [
        f"p: two-sided, counted over {'; '.join(tests)}"
        + (f"; corrected for {n_pairs} pairs (Holm)." if n_pairs > 1 else ".")
    ]
    if any(item.n < MIN_EVIDENCE for item in found):
        notes.append(f"Fewer than {MIN_EVIDENCE} tokenizers show nothing, however high the number.")
    controls = dict.fromkeys(name for item in found for name in item.controls)
    if controls:
        notes.append(f"Held fixed: {', '.join(controls)}.")
    reasons = {
        f"{item.metric} and {item.score}: {value.reason}": None
        for item in found
        for value in (item.pearson, item.spearman)
        if isinstance(value, Undefined)
    }
    return [*notes, *(f"{reason}." for reason in reasons)]


def _as_json(found: Sequence[Correlation], inputs: Sequence[str]) -> bytes:
    """The numbers, p before and after correction, and what they were read from."""
    import msgspec

    import tokeval

    document = {"tokeval": tokeval.__version__, "tables": list(inputs), "correlations": found}
    return msgspec.json.encode(document) + b"\n"

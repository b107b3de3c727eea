"""`tokeval explain`: what a finding or a metric means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tokeval.errors import UsageError

if TYPE_CHECKING:
    from tokeval.document import MetricInfo
    from tokeval.metrics.codes import Code


def explain(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE_OR_METRIC]",
            help="Code of a finding or id of a metric; without it, all codes are listed.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Explain the code of a finding, or a metric."""
    from tokeval.metrics.catalogue import CATALOGUE
    from tokeval.metrics.codes import CODES
    from tokeval.metrics.plugins import plugin_metrics

    if name is None:
        width = max(map(len, CODES))
        for entry in CODES.values():
            typer.echo(f"{entry.code:<{width}}  {entry.severity:<7}  {entry.title}")
    elif name in CODES:
        typer.echo("\n".join(_code_lines(CODES[name])))
    elif name in CATALOGUE:
        typer.echo("\n".join(_metric_lines(CATALOGUE[name].info)))
    else:
        added = {metric.info.id: metric.info for metric in plugin_metrics(CATALOGUE)}
        if name not in added:
            raise _unknown(name, [*CODES, *CATALOGUE, *added])
        typer.echo("\n".join(_metric_lines(added[name])))


def _code_lines(code: Code) -> list[str]:
    """The lines that explain a finding."""
    return [
        f"{code.code} ({code.severity}): {code.title}",
        "",
        code.explanation,
        "",
        f"Remedy: {code.remedy}",
        f"Example: {code.example}",
    ]


def _metric_lines(info: MetricInfo) -> list[str]:
    """The lines that explain a metric."""
    better = {"higher": "higher is better", "lower": "lower is better", "none": "no direction"}
    return [
        f"{info.id} ({info.family}, {info.unit}, {better[info.direction]}): {info.title}",
        "",
        f"Formula: {info.formula}",
        f"Source: {info.source}",
        "",
        info.reading,
    ]


def _unknown(name: str, known: list[str]) -> UsageError:
    """The error for a name that is neither a code nor a metric."""
    import difflib

    spelled = {one.lower(): one for one in known}
    near = [spelled[one] for one in difflib.get_close_matches(name.lower(), spelled, 1, 0.4)]
    hint = f"did you mean {near[0]!r}?" if near else "`tokeval explain` lists the codes"
    return UsageError(f"there is no finding or metric {name!r}", hint)

"""The page of a report: one self-contained HTML file that opens from disk and loads nothing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tokeval.document import (
    Provenance,
    Report,
    Undefined,
    comparison_results,
    gate_results,
    metrics_results,
    mixture_results,
)
from tokeval.render.comparison_html import ComparisonView
from tokeval.render.families import safe_anchor
from tokeval.render.gate_html import GateView
from tokeval.render.mixture_html import MixtureView
from tokeval.render.numbers import (
    format_bytes,
    format_count,
    format_difference,
    format_interval,
    format_percent,
    format_value,
)
from tokeval.render.probe_html import ProbeView, probe_views, probes_title
from tokeval.render.run_view import Run
from tokeval.render.summary import WHOLE_CORPUS, difference_interval
from tokeval.render.token_view import marked
from tokeval.render.visible import inert, labels
from tokeval.render.visual_html import VisualView
from tokeval.render.visual_view import ordered_dumps

TITLE_CELLS = 32
HEAT_STEPS = (1.02, 1.05, 1.1, 1.2, 1.35, 1.6, 2.0, 3.0)
"""Multiples of the fewest tokens at which the heat map takes its next shade."""


def render_html(report: Report) -> str:
    """The report as one HTML page; equal reports give equal text.

    The page needs no network and no other file. Every name and text of the document is escaped
    and made inert: nothing in it can become markup, run, or turn the direction of other text.

    Raises:
        TokevalError: a series or a token span of the document contradicts itself.
    """
    environment = _environment()
    runs = [Run(report, result, number) for number, result in enumerate(metrics_results(report), 1)]
    mixtures = [
        MixtureView(report, result, number)
        for number, result in enumerate(mixture_results(report), 1)
    ]
    dumps = ordered_dumps(report)
    visual = VisualView(dumps) if dumps else None
    probes = probe_views(report)
    compared = enumerate(comparison_results(report), 1)
    comparisons = [ComparisonView(report, result, number) for number, result in compared]
    gates = [GateView(result, number) for number, result in enumerate(gate_results(report), 1)]
    title = _page_title(runs, mixtures, visual, probes)
    others = bool(runs or mixtures or visual or probes)
    if not others and (comparisons or gates):
        title = comparisons[0].title if comparisons else escape(gates[0].headline)
    return environment.get_template("page.html").render(
        report=report,
        runs=runs,
        mixtures=mixtures,
        visual=visual,
        probes=probes,
        comparisons=comparisons,
        gates=gates,
        others=others,
        title=title,
        style=_asset("report.css"),
        dark=_asset("dark.css"),
        script=_asset("report.js"),
    )


def _environment() -> Environment:
    """Templates in which every string is escaped and made inert unless it is markup already."""
    environment = Environment(
        loader=PackageLoader("tokeval.render", "templates/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: inert(value) if type(value) is str else value,
    )
    environment.filters |= {
        "command": shlex.join,
        "count": format_count,
        "size": format_bytes,
        "anchor": anchor,
        "markup": Markup,
        "lines": written_lines,
        "marked": marked,
        "parameters": parameters,
        "zip": zip,
    }
    environment.globals |= {
        "difference": format_difference,
        "difference_interval": difference_interval,
        "heat_step": heat_step,
        "heat_steps": HEAT_STEPS,
        "interval": format_interval,
        "is_undefined": lambda value: isinstance(value, Undefined),
        "percent": format_percent,
        "runs_of": runs_of,
        "value": format_value,
    }
    return environment


def _asset(name: str) -> Markup:
    """A style sheet or script of this package, as it is."""
    text = files("tokeval.render").joinpath("templates", "report", name).read_text("utf-8")
    return Markup(text)  # noqa: S704 a file of this package, not input


def written_lines(text: str) -> Markup:
    """A text whose line ends stay, and in which all else is escaped and inert."""
    return Markup("\n").join(escape(inert(line)) for line in text.split("\n"))


def runs_of(report: Report) -> list[tuple[str, Provenance]]:
    """The runs of a joint document by the names of their files, or its only one without a name."""
    return list(report.provenance.runs.items()) or [("", report.provenance)]


def parameters(chosen: Mapping[str, object]) -> list[tuple[str, str]]:
    """Parameters by name, their values as JSON."""
    return [
        (name, json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
        for name, value in sorted(chosen.items())
    ]


def anchor(metric: str) -> str:
    """The part of a link that names a metric."""
    return safe_anchor("metric", metric)


def heat_step(multiple: float) -> int:
    """The shade of a multiple of the fewest tokens, 0 (as good as the best) to 8.

    >>> heat_step(1.0), heat_step(1.02), heat_step(2.5), heat_step(7.0)
    (0, 1, 7, 8)
    """
    return sum(multiple >= step for step in HEAT_STEPS)


def _page_title(
    runs: list[Run],
    mixtures: list[MixtureView],
    visual: VisualView | None,
    probes: list[ProbeView],
) -> Markup:
    """What the first analysis of the document is about, in one line."""
    if probes and not runs and not mixtures and not visual:
        return probes_title(probes)
    if not runs and mixtures:
        return _mixture_title(mixtures)
    return escape(visual.title) if visual and not runs else _title(runs)


def _mixture_title(mixtures: list[MixtureView]) -> Markup:
    """Whose training data were inferred, in one line."""
    names = labels((mixture.result.tokenizer for mixture in mixtures), TITLE_CELLS).values()
    return escape(f"The training data of {', '.join(names)}")


def _title(runs: list[Run]) -> Markup:
    """What was compared on what, in one line: at most four names, none of them long."""
    if not runs:
        return Markup("A document without metrics")
    names = list(dict.fromkeys(name for run in runs for name in run.names))
    slices = {part for run in runs for part in run.grid.slices if part != WHOLE_CORPUS}
    short = list(labels(names, TITLE_CELLS).values())
    shown = short if len(names) <= 4 else [*short[:3], f"{len(names) - 3} more"]
    joined = f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)
    where = "1 slice" if len(slices) == 1 else f"{len(slices)} slices"
    return escape(f"{joined} on {where}" if slices else joined)

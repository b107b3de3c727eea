"""From the results of probes to the document: what was probed, with which choices, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tokeval
from tokeval.core.provenance import library_versions, tokenizer_info
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import ProbeResult, Provenance, Report, named_results

LIBRARIES = ("numpy", "scipy")


def probe_report(
    results: Sequence[ProbeResult],
    *,
    created: str,
    tokenizers: Sequence[Tokenizer] = (),
    parameters: Mapping[str, Any] | None = None,
    libraries: Sequence[str] = (),
    warnings: Sequence[str] = (),
    argv: Sequence[str] = (),
) -> Report:
    """The document of some results.

    Args:
        results: in the order in which they are shown.
        created: when the work began, as `creation_time` says it.
        tokenizers: those that were probed, or that gave covariates.
        parameters: choices that the settings of the results do not hold.
        libraries: distributions beside LIBRARIES whose versions change the numbers.
        warnings: what a reader must know before the numbers.
        argv: the command line.
    """
    provenance = Provenance(
        tokeval=tokeval.__version__,
        argv=tuple(argv),
        created=created,
        parameters=_settings(results) | dict(parameters or {}),
        tokenizers={one.name: tokenizer_info(one) for one in tokenizers},
        corpus={
            f"questions of {result.probe}, {name}": result.items_sha256
            for name, result in named_results(results)
            if result.items_sha256
        },
        libraries=library_versions([*LIBRARIES, *libraries]),
        warnings=tuple(warnings),
    )
    return Report(provenance=provenance, results=tuple(results))


def _settings(results: Sequence[ProbeResult]) -> dict[str, Any]:
    """The settings by probe and name; by what was probed too where a probe has several values."""
    by_name: dict[str, list[tuple[str, Any]]] = {}
    for subject, result in named_results(results):
        for name, value in result.settings.items():
            by_name.setdefault(f"{result.probe}.{name}", []).append((subject, value))
    found: dict[str, Any] = {}
    for name, values in by_name.items():
        if all(value == values[0][1] for _, value in values):
            found[name] = values[0][1]
        else:
            found |= {f"{name}, {subject}": value for subject, value in values}
    return found

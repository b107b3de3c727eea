"""What may be compared: numbers whose signatures differ in what was made, of the same text."""

from __future__ import annotations

from collections.abc import Mapping

from tokeval.document.signatures import MADE_BY, signature_parts
from tokeval.errors import ExitCode, TokevalError
from tokeval.gate.cells import Number

ALSO = {"visual": frozenset(("dump", "K")), "probe": frozenset(("model",))}
"""Parts that may differ too, since they name what the analysis is of."""

REMEDY = "measure both on the same text, or write the baseline anew with --write-baseline"


def check_comparable(before: Number, after: Number) -> list[str]:
    """Warnings about what differs and may: the version of tokeval.

    Raises:
        TokevalError: the text, or any other part of the signatures, is not the same; names every
            one with both values (exit code 4).
    """
    check_texts(before.texts, after.texts)
    old, new = signature_parts(before.cell.signature), signature_parts(after.cell.signature)
    free = MADE_BY | ALSO.get(after.analysis, frozenset())
    differing = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    refused = [name for name in differing if name not in free]
    if refused:
        pairs = " and ".join(
            f"{name}:{old.get(name, 'nothing')} before and {name}:{new.get(name, 'nothing')} now"
            for name in refused
        )
        metric, where = after.cell.metric, after.cell.slice
        raise incomparable(f"the signature of {metric} on {where} has {pairs}")
    if "v" in differing:
        versions = [one.get("v", "unknown") for one in (old, new)]
        return [f"the baseline was measured by tokeval {versions[0]}, the run by {versions[1]}"]
    return []


def check_texts(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raises a TokevalError where the text of a slice is not the same, with exit code 4."""
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, "nothing"), after.get(name, "nothing")
        if old != new:
            raise incomparable(
                f"the text of {name} has corpus:{old[:16]} before and corpus:{new[:16]} now"
            )


def incomparable(what: str) -> TokevalError:
    """The error for runs that must not be compared."""
    return TokevalError(
        f"not comparable with the baseline: {what}", REMEDY, code=ExitCode.INCOMPARABLE
    )

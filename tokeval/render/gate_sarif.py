"""The result of a gate as SARIF 2.1.0, which code scanning reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import tokeval
from tokeval.document import GateResult, RuleOutcome
from tokeval.render.gate_view import Row, noteworthy, rows
from tokeval.render.visible import inert

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
VERSION = "2.1.0"


def render_sarif(result: GateResult, *, rules_file: str | None = None) -> str:
    """The result as JSON: a rule for each rule, a result for each outcome that is not a pass.

    Args:
        result: of the gate.
        rules_file: path of the rules from the root of the repository; the source if `None`.
    """
    file = result.rules_source if rules_file is None else rules_file
    numbers = list(dict.fromkeys(one.rule for one in result.rules))
    places = {number: at for at, number in enumerate(numbers)}
    texts = {one.rule: one for one in reversed(result.rules)}
    run = {
        "tool": {
            "driver": {
                "name": "tokeval",
                "version": tokeval.__version__,
                "rules": [_descriptor(texts[number]) for number in numbers],
            }
        },
        "results": [
            _finding(row, places[row.outcome.rule], file) for row in noteworthy(rows(result))
        ],
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": SCHEMA, "version": VERSION, "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _id(one: RuleOutcome) -> str:
    """The id of a rule."""
    return f"tokeval-gate-{one.rule}"


def _descriptor(one: RuleOutcome) -> dict[str, Any]:
    """A rule."""
    return {
        "id": _id(one),
        "name": inert(one.metric),
        "shortDescription": {"text": inert(one.text)},
        "defaultConfiguration": {"level": one.severity},
    }


def _finding(row: Row, place: int, source: str) -> dict[str, Any]:
    """An outcome, with the line of its rule and a fingerprint that further runs have too."""
    one = row.outcome
    parts = (one.text, one.metric, one.tokenizer, one.slice, one.limit)
    mark = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    location: dict[str, Any] = {}
    if source:
        physical: dict[str, Any] = {
            "artifactLocation": {"uri": quote(source.encode("utf-8", "replace"))}
        }
        physical["region"] = {"startLine": max(one.line, 1)}
        location["physicalLocation"] = physical
    names = [inert(part) for part in (one.tokenizer, one.slice, one.metric) if part]
    location["logicalLocations"] = [{"fullyQualifiedName": "/".join(names)}]
    return {
        "ruleId": _id(one),
        "ruleIndex": place,
        "level": row.level,
        "message": {"text": inert(one.message)},
        "locations": [location],
        "partialFingerprints": {"tokevalGate/v1": mark},
    }

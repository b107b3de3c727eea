"""A document as a notebook shows it: a short fragment of HTML, in the colours of the notebook."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tokeval.document.frames import Row, rows

if TYPE_CHECKING:
    from tokeval.document.parts import Finding
    from tokeval.document.report import Report

MOST_ROWS = 24
MOST_COLUMNS = 12
MOST_FINDINGS = 8
MOST_NAMES = 12
LONGEST_TEXT = 72
ARROWS = {"higher": " ↑", "lower": " ↓"}
CLASSES = "tokeval-report tex2jax_ignore mathjax_ignore"
"""MathJax of notebooks leaves out what has these: a name such as `$x$` is no formula."""

LEFT = ' style="text-align:left"'


def notebook_html(report: Report) -> str:
    """A fragment: what was compared on what, a table for each kind of result, and findings.

    Every text of the document is escaped; characters that do not print are spelled. There are no
    colours, scripts, links or images.
    """
    found = list(rows(report))
    parts = [f"<p>{_heading(report)}</p>"]
    parts += [
        _section(kind, [row for row in found if row["type"] == kind])
        for kind in dict.fromkeys(row["type"] for row in found)
    ]
    parts += _findings(report)
    parts += [f"<p>Warning: {text(one)}</p>" for one in report.provenance.warnings]
    return f'<div class="{CLASSES}">{"".join(parts)}</div>'


def text(written: object, longest: int = LONGEST_TEXT) -> str:
    """A text of a document, harmless in HTML: escaped, visible, isolated and not too long."""
    whole = str(written)
    cut = whole if len(whole) <= longest else whole[: longest - 1] + "…"
    visible = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in cut)
    return f"<bdi>{html.escape(visible)}</bdi>"


def _heading(report: Report) -> str:
    """What was compared on what."""
    provenance = report.provenance
    said = [f"<strong>tokeval {text(provenance.tokeval)}</strong>"]
    if provenance.tokenizers:
        said.append(_listed("tokenizer", list(provenance.tokenizers)))
    if provenance.corpus:
        said.append("on " + _listed("text", list(provenance.corpus)))
    return " · ".join(said)


def _listed(noun: str, names: Sequence[str]) -> str:
    """How many there are, and their names."""
    shown = ", ".join(text(name) for name in names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{len(names)} {noun}{'s' if len(names) != 1 else ''}: {shown}{more}"


def _section(kind: str, found: Sequence[Row]) -> str:
    """The table of one kind of results."""
    if kind == "comparison":
        return "".join(_comparison(found))
    if kind == "gate":
        return "".join(_gate(found))
    if kind == "mixture":
        shares = [row for row in found if row["metric"] == "share"]
        return _matrix("Shares of bytes", shares, by="slice") + _verdicts(found)
    names = list(dict.fromkeys(str(row.get("probe") or "") for row in found))
    return "".join(
        _whole(
            f"{kind} {name}".strip().capitalize(),
            [row for row in found if row.get("probe", "") == name],
        )
        for name in names
    )


def _whole(title: str, found: Sequence[Row]) -> str:
    """The table of the numbers of everything; of the first slice where there are none."""
    parts = list(dict.fromkeys(row["slice"] for row in found))
    part = "all" if "all" in parts else parts[0]
    more = len(parts) - 1
    others = f"; {more} more {'slice' if more == 1 else 'slices'} in to_frame()" if more else ""
    return _matrix(f"{title} on {part}{others}", [row for row in found if row["slice"] == part])


def _matrix(caption: str, found: Sequence[Row], *, by: str = "metric") -> str:
    """A row for each metric or slice, a column for each tokenizer or model."""
    subjects = list(dict.fromkeys(_subject(row) for row in found))
    heads = list(dict.fromkeys(str(row[by]) for row in found))
    cells = {(str(row[by]), _subject(row)): row for row in found}
    directions = {str(row[by]): ARROWS.get(str(row.get("direction")), "") for row in found}
    shown = subjects[:MOST_COLUMNS]
    body = [
        [text(head) + directions[head], *(_cell(cells.get((head, name))) for name in shown)]
        for head in heads[:MOST_ROWS]
    ]
    left_out = [
        f"{len(all_of) - most} more {noun}"
        for all_of, most, noun in (
            (heads, MOST_ROWS, f"{by}s"),
            (subjects, MOST_COLUMNS, "columns"),
        )
        if len(all_of) > most
    ]
    return _table(caption, ["", *map(text, shown)], body, left_out)


def _subject(row: Row) -> str:
    """Whose number it is."""
    return str(row.get("model") or row.get("tokenizer") or "")


def _table(
    caption: str, head: Sequence[str], body: Sequence[Sequence[str]], left_out: Sequence[str] = ()
) -> str:
    """A table of cells that are HTML already; the first of each row is its head."""
    columns = "".join(f'<th scope="col"{LEFT}>{cell}</th>' for cell in head)
    lines = [
        f'<tr><th scope="row"{LEFT}>{first}</th>'
        + "".join(f"<td{LEFT}>{cell}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in body
    ]
    more = f"<p>{', '.join(left_out)}: <code>to_frame()</code> has all.</p>" if left_out else ""
    return (
        f"<table><caption{LEFT}>{text(caption)}</caption><thead><tr>{columns}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>{more}"
    )


def _cell(row: Row | None) -> str:
    """A number with its interval, or why there is none."""
    if row is None:
        return ""
    value, low, high = row.get("value"), row.get("low"), row.get("high")
    if value is None:
        return f"<em>{text(row.get('reason') or 'undefined')}</em>"
    if low is None or high is None:
        return number(value)
    return f"{number(value)} <small>[{number(low)}, {number(high)}]</small>"


def number(value: float) -> str:
    """A number with four significant digits, whole ones in full.

    >>> number(1.93456), number(128000.0), number(0.0000123), number(-12.5)
    ('1.935', '128,000', '1.23e-05', '−12.5')
    """
    if not math.isfinite(value):
        return str(value)
    is_whole = value == int(value) and abs(value) < 10**15
    written = f"{int(value):,}" if is_whole else f"{value:.4g}"
    return ("−" + written[1:]) if written.startswith("-") else written


def _comparison(found: Sequence[Row]) -> Iterator[str]:
    """A table of differences for each pair."""
    for pair in dict.fromkeys((row["compared_with"], row["tokenizer"]) for row in found):
        own = [row for row in found if (row["compared_with"], row["tokenizer"]) == pair]
        by_cell: dict[tuple[str, str], dict[str, Row]] = {}
        for row in own:
            by_cell.setdefault((row["metric"], row["slice"]), {})[row["statistic"]] = row
        body = [
            [
                text(metric) + ARROWS.get(str(one["after"].get("direction")), ""),
                text(part),
                *(_cell(one[name]) for name in ("before", "after", "difference")),
                text(one["difference"]["outcome"]),
            ]
            for (metric, part), one in list(by_cell.items())[:MOST_ROWS]
        ]
        more = len(by_cell) - MOST_ROWS
        left_out = [f"{more} more differences"] if more > 0 else []
        head = ["metric", "slice", "before", "after", "difference", "outcome"]
        yield _table(f"{pair[0]} → {pair[1]}", head, body, left_out)


def _gate(found: Sequence[Row]) -> Iterator[str]:
    """The outcomes of rules, failures first."""
    outcomes = list({(row["rule"], row["tokenizer"], row["slice"]): row for row in found}.values())
    failed = [row for row in outcomes if row["failed"]]
    ordered = failed + [row for row in outcomes if not row["failed"]]
    body = [
        [text(row["metric"]), text(row["outcome"]), text(row["message"], 4 * LONGEST_TEXT)]
        for row in ordered[:MOST_ROWS]
    ]
    more = len(ordered) - MOST_ROWS
    left_out = [f"{more} more outcomes"] if more > 0 else []
    caption = f"Gate: {'fail' if failed else 'pass'}, {len(failed)} of {len(outcomes)} failed"
    yield _table(caption, ["rule", "outcome", ""], body, left_out)


def _verdicts(found: Sequence[Row]) -> str:
    """How well the categories explain each tokenizer."""
    verdicts = {row["tokenizer"]: row["outcome"] for row in found if row.get("outcome")}
    said = "; ".join(f"{text(name)}: {text(verdict)}" for name, verdict in verdicts.items())
    return f"<p>Fit: {said}</p>"


def _findings(report: Report) -> list[str]:
    """The findings of all results, errors first."""
    found: list[Finding] = [
        finding for result in report.results for finding in getattr(result, "findings", ())
    ]
    if not found:
        return []
    order = ("error", "warning", "note")
    ordered = sorted(found, key=lambda finding: order.index(finding.severity))
    items = "".join(
        f"<li>{text(one.severity)} <code>{text(one.code)}</code> {text(one.tokenizer)}: "
        f"{text(one.message, 4 * LONGEST_TEXT)}</li>"
        for one in ordered[:MOST_FINDINGS]
    )
    more = len(ordered) - MOST_FINDINGS
    rest = f"<p>{more} more findings: see the report.</p>" if more > 0 else ""
    return [f"<p>{len(found)} finding{'s' if len(found) != 1 else ''}</p><ul>{items}</ul>{rest}"]

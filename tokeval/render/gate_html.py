"""The result of `tokeval gate` as the page of a report shows it."""

from __future__ import annotations

from functools import cached_property

from tokeval.document import GateResult
from tokeval.render.gate_view import Row, headline, noteworthy, rows, sources


class GateView:
    """A gate for the page; `templates/report/gate.html` shows it as `gate`.

    Attributes:
        result: what was decided.
        prefix: put before every id of the page.
        suffix: put behind headings, empty for the first gate of the page.
    """

    def __init__(self, result: GateResult, number: int) -> None:
        self.result = result
        self.prefix = f"gate{number}-"
        self.suffix = f" ({number})" if number > 1 else ""

    @cached_property
    def headline(self) -> str:
        """The verdict in one sentence."""
        return headline(self.result)

    @cached_property
    def sources(self) -> str:
        """Where rules and baseline are from."""
        return sources(self.result)

    @cached_property
    def rows(self) -> list[Row]:
        """Every check, the gravest first."""
        return rows(self.result)

    @cached_property
    def noteworthy(self) -> list[Row]:
        """The checks that are more than passed."""
        return noteworthy(self.rows)

"""When a request is made again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from tokeval.errors import UsageError

RETRIED_STATUSES = frozenset((408, 429, 500, 502, 503, 504, 529))
"""HTTP statuses that pass: time-outs, too many requests, servers that are down or overloaded."""


@dataclass(frozen=True)
class Patience:
    """How often a request is made again, and how long the waits are, in seconds.

    Attributes:
        n_retries: a request is made at most so many times again.
        first_wait: before the first retry; each later wait is twice as long, up to `longest_wait`.
        longest_wait: of the waits that we choose.
        longest_asked_wait: a server that asks for a longer one is not waited for.
    """

    n_retries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_asked_wait: float = 300.0

    def __post_init__(self) -> None:
        if self.n_retries < 0 or min(self.first_wait, self.longest_wait) < 0:
            raise UsageError(
                f"retries {self.n_retries}, waits {self.first_wait:g} to {self.longest_wait:g}",
                "give numbers that are not negative",
            )

    def wait(self, attempt: int, *, asked: float | None, draw: float) -> float | None:
        """Seconds before the retry after attempt 0, 1, …; `None` where it is not made.

        Waits are spread over half of their length, so that requests which failed together do not
        come back together; a server never gets less than it asked for.

        Args:
            attempt: number of the attempt that failed.
            asked: what the server asked for, where it did.
            draw: uniform on [0, 1).

        >>> Patience(first_wait=1.0).wait(2, asked=None, draw=0.5)
        3.0
        >>> Patience(first_wait=1.0).wait(0, asked=7.0, draw=0.5)
        7.5
        """
        if attempt >= self.n_retries:
            return None
        if asked is not None:
            return asked + draw * self.first_wait if asked <= self.longest_asked_wait else None
        whole = min(self.longest_wait, self.first_wait * 2.0**attempt)
        return whole * (0.5 + draw / 2)


def asked_wait(header: str | None, *, now: float) -> float | None:
    """The seconds that a Retry-After header asks for; `None` where it is absent or unreadable.

    Source: RFC 9110, 10.2.3: a whole number of seconds, or an HTTP date, which counts from `now`
    (seconds since 1970). A date that has passed asks for 0.

    >>> asked_wait("Thu, 01 Jan 1970 00:01:30 GMT", now=60.0)
    30.0
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year of too many digits
        return None
    if moment.tzinfo is None:  # "-0000" in a date says only that it is UTC
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)

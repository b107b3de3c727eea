"""Requests to one server: made, made again, paused while the server is busy, or given up."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from tokeval.errors import TokevalError
from tokeval.probe.http_client import http_client
from tokeval.probe.model import Answer, Failure, ModelGoneError, TokenLogProbabilities
from tokeval.probe.replies import Reply, error_code, is_same_model, read_reply, said_in_error
from tokeval.probe.retrying import RETRIED_STATUSES, Patience, asked_wait

FAILURES_IN_A_ROW = 8
"""A run ends when the server fails so many prompts one after the other."""

MOST_BYTES = 1 << 26
"""Of a response; no answer is so long, and a server without end would fill the memory."""

_NO_QUOTA = frozenset(("insufficient_quota", "billing_not_active"))

Read = TypeVar("Read", Answer, TokenLogProbabilities)


class WrongModelError(TokevalError):
    """The server answers as another model than the one that was asked for."""


@dataclass(frozen=True)
class Connection:
    """What a request needs to know of a server.

    Attributes:
        url: where requests go.
        accepted_name: what the model may call itself, with what `is_same_model` allows.
        key: the API key; never shown.
        key_variable: the environment variable that it is from.
        timeout: seconds for one request.
        n_at_once: requests under way at one time.
        uses_proxies: whether those of the environment are used.
        patience: how often a request is made again.
    """

    url: str
    accepted_name: str
    key: str | None = field(repr=False)
    key_variable: str
    timeout: float
    n_at_once: int
    uses_proxies: bool
    patience: Patience


@dataclass(frozen=True)
class Trouble:
    """A request that may succeed when it is made again.

    Attributes:
        reason: one line.
        asked_wait: seconds that the server asks for; `None` where it does not.
    """

    reason: str
    asked_wait: float | None = None


@asynccontextmanager
async def connected(
    connection: Connection,
    read: Callable[[Reply], Read | Failure],
    *,
    is_first_contact: bool,
) -> AsyncIterator[Callable[[dict[str, Any]], Awaitable[Read | Failure]]]:
    """The function that sends a request and reads the reply, while the connection is open.

    Args:
        connection: the server.
        read: what is wanted of a reply.
        is_first_contact: whether a server that refuses the first request is taken to refuse all.

    Raises:
        UsageError: as `http_client`.
    """
    client = http_client(
        connection.url,
        key=connection.key,
        timeout=connection.timeout,
        n_at_once=connection.n_at_once,
        uses_proxies=connection.uses_proxies,
    )
    async with client:
        talk = _Talk(client, connection, is_trusted=not is_first_contact)
        yield lambda body: talk.answer(body, read)


class _Talk:
    """The requests of one run to one server."""

    def __init__(self, client: Any, connection: Connection, *, is_trusted: bool) -> None:
        self._client = client
        self._connection = connection
        self._draws = random.Random()  # noqa: S311 spreads waits; no secret and no result
        self._is_trusted = is_trusted
        self._n_failed_in_a_row = 0
        self._busy_until = 0.0

    async def answer(
        self, body: dict[str, Any], read: Callable[[Reply], Read | Failure]
    ) -> Read | Failure:
        """What is read in the reply to a request, made again as often as patience lasts.

        Raises:
            TokevalError: nothing would come of further requests.
        """
        patience, attempt = self._connection.patience, 0
        while True:
            await self._turn()
            outcome = await self._attempt(body)
            if isinstance(outcome, Reply):
                self._n_failed_in_a_row, self._is_trusted = 0, True
                return _with_retries(read(outcome), attempt)
            if isinstance(outcome, Failure):
                return replace(outcome, n_retries=attempt)
            wait = patience.wait(attempt, asked=outcome.asked_wait, draw=self._draws.random())
            if wait is None:
                return self._given_up(outcome, attempt)
            if outcome.asked_wait is not None:
                self._busy_until = max(self._busy_until, time.monotonic() + outcome.asked_wait)
            await asyncio.sleep(wait)
            attempt += 1

    async def _turn(self) -> None:
        """Wait while the server has asked for rest; it is all requests that it has too many of."""
        while (rest := self._busy_until - time.monotonic()) > 0:
            await asyncio.sleep(rest + self._draws.random() * 0.05)

    def _given_up(self, trouble: Trouble, n_retries: int) -> Failure:
        """The failure of a prompt; too many in a row end the run."""
        self._n_failed_in_a_row += 1
        if self._n_failed_in_a_row >= FAILURES_IN_A_ROW or not self._is_trusted:
            raise ModelGoneError(
                f"{self._connection.url}: {trouble.reason}", "run the same command again later"
            )
        return Failure(trouble.reason, n_retries)

    async def _attempt(self, body: dict[str, Any]) -> Reply | Trouble | Failure:
        """What one request comes to.

        Raises:
            TokevalError: the server refuses it in a way that holds for all requests.
        """
        import httpx

        seconds = self._connection.timeout
        try:
            async with asyncio.timeout(seconds):
                response, content = await self._post(body)
        except (httpx.TimeoutException, TimeoutError):
            return Trouble(f"no answer within {seconds:g} seconds")
        except httpx.ConnectError as error:
            return Trouble(f"no connection: {_one_line(error)}")
        except (httpx.TransportError, httpx.DecodingError) as error:
            return Trouble(f"the connection broke: {_one_line(error)}")
        if len(content) > MOST_BYTES:
            return Trouble(f"the server's answer has more than {MOST_BYTES >> 20} MiB")
        if not response.is_success:
            return self._refusal(response, content)
        try:
            reply = read_reply(content, secret=self._connection.key)
        except ValueError as error:
            return Trouble(str(error))
        self._check_name(reply.model)
        return reply

    async def _post(self, body: dict[str, Any]) -> tuple[Any, bytes]:
        """The response to a request and its body, of which no more is read than is allowed."""
        content = bytearray()
        async with self._client.stream("POST", self._connection.url, json=body) as response:
            async for part in response.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    break
        return response, bytes(content)

    def _check_name(self, echoed: str | None) -> None:
        """Nothing, where the model calls itself what it should or does not say."""
        accepted = self._connection.accepted_name
        if echoed and not is_same_model(accepted, echoed):
            shown = said_in_error(echoed.encode(), secret=self._connection.key)
            raise WrongModelError(
                f"{self._connection.url} answers as {shown!r}, not as {accepted!r}",
                "correct --model, or say with --answers-as what it calls itself",
            )

    def _refusal(self, response: Any, body: bytes) -> Trouble | Failure:
        """What a response without success means for this request and the others."""
        status = response.status_code
        said = said_in_error(body, secret=self._connection.key)
        reason = f"HTTP {status}" + (f": {said}" if said else "")
        if status in RETRIED_STATUSES and error_code(body) not in _NO_QUOTA:
            return Trouble(reason, asked_wait(response.headers.get("retry-after"), now=time.time()))
        if status in (401, 403):
            raise self._wrong_key(status)
        if status in (404, 429) or response.is_redirect or not self._is_trusted:
            raise TokevalError(f"{self._connection.url}: {reason}", _remedy(status))
        return Failure(reason)

    def _wrong_key(self, status: int) -> TokevalError:
        """The error for a key that is absent or wrong. Servers repeat parts of it: not shown."""
        variable = self._connection.key_variable
        sent = f"the key in {variable}" if self._connection.key else "a request without a key"
        return TokevalError(
            f"{self._connection.url} refuses {sent} (HTTP {status})",
            f"set {variable}, or name another environment variable with --api-key-env",
        )


def _remedy(status: int) -> str:
    """How to mend what a server refuses."""
    if 300 <= status < 400:
        return "redirects are not followed: give the address it leads to as --base-url"
    if status == 404:
        return "check --base-url, which mostly ends in /v1, and --model"
    if status == 429:
        return "this is no passing limit: see to the account's quota"
    return "leave out what the server does not know with --omit, or change --limit-field"


def _with_retries(answer: Read | Failure, n_retries: int) -> Read | Failure:
    """The answer with the number of retries, where it has a place for it."""
    if isinstance(answer, TokenLogProbabilities):
        return answer
    return replace(answer, n_retries=n_retries)


def _one_line(error: Exception) -> str:
    """What an exception of a library says, or its name where it says nothing."""
    return " ".join(str(error).split())[:200] or type(error).__name__

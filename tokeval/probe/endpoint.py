"""A model behind an OpenAI-compatible server.

Prompts, and the API key, are sent to the base URL and to nowhere else: redirects are not followed,
and proxies that the environment names are used only where the user asks for them, and never for a
server on this machine. The key is read from an environment variable when a request is made; no
object, name, message or file holds it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit, urlunsplit

from tokeval.errors import UsageError
from tokeval.probe.background import in_background
from tokeval.probe.connections import Connection, connected
from tokeval.probe.model import Answer, Failure, Generation, TokenLogProbabilities
from tokeval.probe.replies import Reply, read_answer, read_log_probabilities
from tokeval.probe.retrying import Patience

Api = Literal["chat", "completions"]

DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"

_PATHS: Mapping[Api, str] = {"chat": "/chat/completions", "completions": "/completions"}
_OMITTABLE = ("temperature", "seed", "stop")
_OURS = frozenset(("model", "messages", "prompt", "logprobs", *_OMITTABLE))
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_AUTHORITY = re.compile(r"(\[[0-9A-Za-z:.%]+\]|\w[\w.-]*)(:\d+)?")

Read = TypeVar("Read", Answer, TokenLogProbabilities)


@dataclass(frozen=True)
class Endpoint:
    """A model of a server, asked over HTTP.

    Attributes:
        base_url: up to the version, such as `http://127.0.0.1:8000/v1`.
        model: the name that the server knows it by.
        api: `chat` sends each prompt as the message of a user, `completions` as plain text.
        key_variable: the environment variable that holds the API key. The default one is sent over
            https and to this machine only; one that was named here is sent as it was asked for.
        n_at_once: requests under way at one time.
        timeout: seconds for one request.
        patience: how often a request is made again.
        limit_field: what the server calls the most tokens to write; for some models that is
            `max_completion_tokens`.
        omitted: of `temperature`, `seed` and `stop`, those that the server does not know.
        answers_as: the name under which the server answers, where it is not that of the model.
        uses_proxies: whether proxies of the environment are used, for other machines.

    Raises:
        UsageError: a value is none that can be used; says which.
    """

    base_url: str
    model: str
    api: Api = "chat"
    key_variable: str = DEFAULT_KEY_VARIABLE
    n_at_once: int = 8
    timeout: float = 120.0
    patience: Patience = field(default_factory=Patience)
    limit_field: str = "max_tokens"
    omitted: tuple[str, ...] = ()
    answers_as: str | None = None
    uses_proxies: bool = False

    def __post_init__(self) -> None:
        _split(self.base_url)
        if not self.model:
            raise UsageError("the server's model has no name", "name it with --model")
        if self.n_at_once < 1 or not self.timeout > 0:
            raise UsageError(
                f"{self.n_at_once} requests at once, {self.timeout:g} seconds for each",
                "give at least 1 request and more than 0 seconds",
            )
        if not self.limit_field or self.limit_field in _OURS:
            raise UsageError(
                f"{self.limit_field!r} cannot be the field of the most tokens to write",
                "give --limit-field what the server calls it, such as max_completion_tokens",
            )
        unknown = sorted(set(self.omitted) - set(_OMITTABLE))
        if unknown:
            raise UsageError(
                f"{unknown[0]!r} cannot be left out of a request",
                f"leave out some of {', '.join(_OMITTABLE)}",
            )

    @property
    def name(self) -> str:
        """The name that the server knows the model by."""
        return self.model

    @property
    def url(self) -> str:
        """Where requests go."""
        parts = _split(self.base_url)
        path = parts.path.rstrip("/").removesuffix(_PATHS[self.api]) + _PATHS[self.api]
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    @property
    def identity(self) -> str:
        """The address, the model and the parameters that are not sent."""
        omitted = "".join(f"|without:{one}" for one in sorted(set(self.omitted)))
        return f"endpoint:{self.url}|model:{self.model}{omitted}"

    def generate(
        self, prompts: Sequence[str], generation: Generation
    ) -> Iterator[tuple[int, Answer | Failure]]:
        """Each answer as soon as it is there, with the place of its prompt; in any order.

        Raises:
            TokevalError: the server refuses all requests, is not there, or answers as another
                model; answers that came before are given first.
        """
        bodies = [self._body(prompt, generation) for prompt in prompts]
        return self._converse(bodies, read_answer, is_first_contact=True)

    def log_probabilities(
        self, prompt: str, generation: Generation
    ) -> TokenLogProbabilities | Failure:
        """Those of the tokens of the answer, or why the server does not give them."""
        wanted = {"logprobs": True} if self.api == "chat" else {"logprobs": 1}
        body = self._body(prompt, generation) | wanted
        replies = self._converse([body], read_log_probabilities, is_first_contact=False)
        return next(iter([reply for _, reply in replies]))

    def _body(self, prompt: str, generation: Generation) -> dict[str, Any]:
        """A request, without what was to be left out."""
        asked: dict[str, Any] = (
            {"messages": [{"role": "user", "content": prompt}]}
            if self.api == "chat"
            else {"prompt": prompt}
        )
        settings = {"temperature": generation.temperature, "seed": generation.seed}
        stop = {"stop": list(generation.stop)} if generation.stop else {}
        sent = {key: value for key, value in (settings | stop).items() if key not in self.omitted}
        limit = {self.limit_field: generation.max_new_tokens}
        return {"model": self.model} | asked | limit | sent

    def _converse(
        self,
        bodies: Sequence[dict[str, Any]],
        read: Callable[[Reply], Read | Failure],
        *,
        is_first_contact: bool,
    ) -> Iterator[tuple[int, Read | Failure]]:
        """What is read in the reply to each request."""
        connection = Connection(
            url=self.url,
            accepted_name=self.answers_as or self.model,
            key=self._key(),
            key_variable=self.key_variable,
            timeout=self.timeout,
            n_at_once=self.n_at_once,
            uses_proxies=self.uses_proxies and not is_loopback(self.url),
            patience=self.patience,
        )
        opening = partial(connected, connection, read, is_first_contact=is_first_contact)
        return in_background(bodies, opening, n_at_once=self.n_at_once)

    def _key(self) -> str | None:
        """The API key, where the environment has one that may be sent."""
        key = os.environ.get(self.key_variable, "").strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise UsageError(
                f"the environment variable {self.key_variable} holds no API key",
                "set it to the key alone, without spaces or quotation marks",
            )
        if not key and self.key_variable != DEFAULT_KEY_VARIABLE:
            # A name that does not look like one may be the key itself.
            is_name = _VARIABLE.fullmatch(self.key_variable) is not None
            variable = self.key_variable if is_name else "that was named"
            raise UsageError(
                f"the environment variable {variable} is not set",
                "set it to the API key and give its name as --api-key-env, or leave that out",
            )
        is_safe = self.url.startswith("https:") or is_loopback(self.url)
        if not key or (self.key_variable == DEFAULT_KEY_VARIABLE and not is_safe):
            return None
        return key


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine.

    >>> is_loopback("http://127.0.0.1:8000/v1"), is_loopback("http://localhost.example.com/v1")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(base_url: str) -> SplitResult:
    """The parts of a base URL.

    Raises:
        UsageError: it is no web address, or holds what must not be in one. It is not shown then,
            since what it holds may be a secret.
    """
    hint = "give it as https://HOST/v1, and the key in an environment variable"
    try:
        parts = urlsplit(base_url)
        # Spaces and controls are dropped by some readers of addresses and not by others.
        usable = (
            parts.scheme in ("http", "https")
            and base_url.isprintable()
            and " " not in base_url
            and bool(parts.hostname)
            and parts.port != 0
        )
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("the base URL is no http or https address", hint)
    if parts.query or parts.fragment or not _AUTHORITY.fullmatch(parts.netloc):
        raise UsageError("the base URL holds more than an address and a path", hint)
    return parts

"""The HTTP client of a server: what it may do, and what can be wrong with its surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tokeval.errors import UsageError


def http_client(
    url: str, *, key: str | None, timeout: float, n_at_once: int, uses_proxies: bool
) -> Any:
    """A client of httpx that is not open yet; it follows no redirect.

    Args:
        url: where requests will go.
        key: the API key, sent with each request.
        timeout: seconds for one request.
        n_at_once: connections at one time.
        uses_proxies: whether those of the environment are used.

    Raises:
        UsageError: httpx is not installed, or cannot use the address or what the environment says
            of proxies and certificates.
    """
    try:
        import httpx
    except ImportError:
        raise UsageError("a server needs httpx", "pip install 'tokeval[models]'") from None
    _check_address(url)
    with _certificates():
        certificates = httpx.create_ssl_context()
    with _proxies(uses_proxies=uses_proxies):
        return httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=timeout,
            trust_env=uses_proxies,
            verify=certificates,
            limits=httpx.Limits(max_connections=n_at_once, max_keepalive_connections=n_at_once),
            follow_redirects=False,
        )


def _check_address(url: str) -> None:
    """Nothing, where httpx can make a request to a URL."""
    import httpx

    try:
        httpx.Request("POST", url)
    except (httpx.InvalidURL, UnicodeError):
        raise UsageError(
            f"{url} is no address that can be asked", "give --base-url as https://HOST/v1"
        ) from None


@contextmanager
def _certificates() -> Iterator[None]:
    """Turn certificates of the environment that cannot be read into one line."""
    try:
        yield
    except OSError as error:  # an SSLError is one
        raise UsageError(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read:"
            f" {error.strerror or type(error).__name__}",
            "correct the variable, or unset it",
        ) from None


@contextmanager
def _proxies(*, uses_proxies: bool) -> Iterator[None]:
    """Turn proxies of the environment that cannot be used into one line, without their passwords.

    Where none are used, what goes wrong has another reason and is let through.
    """
    import httpx

    try:
        yield
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        if not uses_proxies:
            raise
        socks = isinstance(error, ImportError)
        raise UsageError(
            "the proxies that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY name cannot be used"
            + (": SOCKS needs socksio" if socks else ""),
            "pip install socksio"
            if socks
            else "write them as http://HOST:PORT, or leave out --use-proxies",
        ) from None

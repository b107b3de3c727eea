"""Call an operation again after a failure, and wait twice as long each time."""

import time
from collections.abc import Callable

BASE_DELAY, MAX_DELAY = 0.01, 2.0  # seconds
MAX_ATTEMPTS = 5


class TransientError(Exception):
    """A failure that may be gone on the next attempt."""


def retry(operation: Callable[[], str], sleep: Callable[[float], None] = time.sleep) -> str:
    delay = BASE_DELAY
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            return operation()
        except TransientError as error:
            if attempt == MAX_ATTEMPTS:
                raise
            print(f"attempt {attempt} failed: {error}; waiting {delay * 1000:.0f} ms")
            sleep(delay)
            delay = min(delay * 2, MAX_DELAY)
    raise RuntimeError("no attempt was allowed")


def flaky_server(failures: int) -> Callable[[], str]:
    def fetch() -> str:
        nonlocal failures
        if failures > 0:
            failures -= 1
            raise TransientError("connection reset")
        return "200 OK – merhaba!"

    return fetch


if __name__ == "__main__":
    print(retry(flaky_server(failures=2)))

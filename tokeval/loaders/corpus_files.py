"""A file, local or behind a URL: what messages say when it cannot be read, and near names."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from tokeval.errors import TokevalError


@dataclass(frozen=True)
class File:
    """A file that can be opened as often as needed, in any process.

    Attributes:
        path: local path or fsspec URL.
        n_bytes: its size as stored, `None` when unknown.
        shown: what messages call it when that is not its path.
    """

    path: str
    n_bytes: int | None = None
    shown: str = ""

    @property
    def title(self) -> str:
        """What messages call the file."""
        return self.shown or self.path


def is_url(path: str) -> bool:
    """Whether a path is an fsspec URL, chained ones such as `zip://a.txt::b.zip` included."""
    return "://" in path


@contextmanager
def reading(title: str) -> Iterator[None]:
    """Turns a failure of the file system or the network into one line that names the file.

    Raises:
        TokevalError: in place of any such failure.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise TokevalError(f"{title}: no such file", "check the path") from error
    except PermissionError as error:
        hint = "ask for the right to read it, such as `chmod u+r`, or for credentials"
        raise TokevalError(f"{title}: permission denied", hint) from error
    except IsADirectoryError as error:
        raise TokevalError(
            f"{title}: cannot be read: it is a directory", "name a file in it"
        ) from error
    except io_errors() as error:
        reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip()
        raise TokevalError(
            f"{title}: cannot be read: {_one_line(reason)}", "check the file, or fetch it again"
        ) from error


def io_errors() -> tuple[type[Exception], ...]:
    """OSError, and the errors of network clients and archives that are not derived from it.

    fsspec hands these on as they are. Only the libraries that are loaded are looked at: another
    one cannot have raised anything.
    """
    sources = (
        ("aiohttp", "ClientError"),
        ("httpx", "HTTPError"),
        ("botocore.exceptions", "BotoCoreError"),
        ("botocore.exceptions", "ClientError"),
        ("google.auth.exceptions", "GoogleAuthError"),
        ("azure.core.exceptions", "AzureError"),
        ("zipfile", "BadZipFile"),
        ("tarfile", "TarError"),
    )
    loaded = (getattr(sys.modules[at], name) for at, name in sources if at in sys.modules)
    return (OSError, *loaded)


def nearest(name: str, names: list[str]) -> str:
    """The most similar of some names, by spelling, case and suffix aside; empty when none is."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(names)}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    if close:
        return by_folded[close[0]]
    stem = PurePath(name).stem.casefold()
    same_stem = [n for n in sorted(names) if PurePath(n).stem.casefold() == stem]
    return same_stem[0] if same_stem else ""


def _one_line(reason: str) -> str:
    """A reason with its line breaks and runs of blanks made single blanks."""
    return " ".join(reason.split())

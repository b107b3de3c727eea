"""Finding and opening the files of a corpus behind fsspec URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, cast

from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import File, nearest, reading

# Protocols that never leave the machine; any other one is a download.
_STORES = ("file", "local", "memory", "zip", "tar", "libarchive", "dir")
_CACHES = ("simplecache", "filecache", "blockcache", "cached")
LOCAL_PROTOCOLS = frozenset((*_STORES, *_CACHES))


def check_download(url: str, *, allowed: bool) -> None:
    """Raises a UsageError when a URL leads off the machine and nobody has allowed that."""
    protocols = set(re.findall(r"(?:^|::)([A-Za-z0-9+.-]+)(?=://|::|$)", url))
    remote = protocols - LOCAL_PROTOCOLS
    if remote and not allowed:
        raise UsageError(
            f"{url}: {'/'.join(sorted(remote))} is a download, and none is allowed",
            "add --allow-download",
        )


@contextmanager
def opened_url(url: str) -> Iterator[BinaryIO]:
    """The stored bytes of the file at a URL, until the context ends.

    The file system is held as long: one of an archive closes it when it is collected.

    Raises:
        TokevalError: the protocol is unknown, or its client library is not installed.
    """
    system, path = _file_system(url)
    with system.open(path, "rb") as stored:
        yield cast(BinaryIO, stored)


def kind_of_url(url: str) -> Literal["file", "folder", "missing"]:
    """What is at a URL."""
    system, path = _file_system(url)
    with reading(url):
        if system.isfile(path):
            return "file"
        return "folder" if system.isdir(path) else "missing"


def url_file(url: str) -> File:
    """The file at a URL, with its size where the file system tells it."""
    system, path = _file_system(url)
    with reading(url):
        return File(url, n_bytes=system.info(path).get("size"))


def walk_url(url: str) -> dict[str, File]:
    """The files below a URL by relative path, in the order of these; hidden ones left out."""
    system, path = _file_system(url)
    with reading(url):
        entries = system.find(path, detail=True)
    return _visible(entries, root=path, url=url)


def match_url(url: str) -> dict[str, File]:
    """The files that a URL with a pattern in it matches, by path below the fixed part, sorted."""
    system, path = _file_system(url)
    with reading(url):
        entries = system.glob(path, detail=True)
    files = {at: info for at, info in entries.items() if info["type"] == "file"}
    fixed = re.split(r"[*?\[]", path, maxsplit=1)[0].rpartition("/")[0]
    return _visible(files, root=fixed, url=url)


def has_url_magic(url: str) -> bool:
    """Whether a URL holds a pattern; `?` begins the query of a web address."""
    return bool(re.search(r"[*\[]" if url.startswith(("http://", "https://")) else r"[*?\[]", url))


def missing_url(url: str) -> TokevalError:
    """The error for a URL where nothing is, with the nearest name beside it, if any."""
    system, path = _file_system(url)
    parent, _, name = path.rstrip("/").rpartition("/")
    names = []
    with reading(url):
        if parent and system.isdir(parent):
            names = [at.rstrip("/").rpartition("/")[2] for at in system.ls(parent, detail=False)]
    near = nearest(name, names)
    hint = f"did you mean {_address(f'{parent}/{near}', url)}?" if near else "check the address"
    return TokevalError(f"{url}: no such file or folder", hint)


def _file_system(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in it."""
    import fsspec

    try:
        with reading(url):
            system, path = fsspec.core.url_to_fs(url)
            return system, path
    except ImportError as error:
        raise TokevalError(f"{url}: {error}", "install what the message names") from error
    except ValueError as error:
        raise UsageError(f"{url}: {error}", "check the part before ://") from error


def _visible(entries: dict[str, Any], *, root: str, url: str) -> dict[str, File]:
    """The entries that are not hidden, as files by path relative to a root, sorted."""
    found = {}
    for path, info in entries.items():
        relative = path.removeprefix(root).lstrip("/")
        if info["type"] == "file" and not any(p.startswith(".") for p in relative.split("/")):
            found[relative] = File(_address(path, url), n_bytes=info.get("size"))
    return dict(sorted(found.items(), key=lambda item: item[0].split("/")))


def _address(path: str, url: str) -> str:
    """The URL of a path in the file system that a URL leads to, chained ones included.

    >>> _address("/b.txt", "memory://*.txt"), _address("a/b.txt", "zip://a/*::file:///x.zip")
    ('memory://b.txt', 'zip://a/b.txt::file:///x.zip')
    """
    if "://" in path:
        return path
    links = url.split("::")
    at = next(i for i, link in enumerate(links) if "://" in link)
    protocol = links[at].split("://")[0]
    links[at] = f"{protocol}://{path if protocol in ('file', 'local') else path.lstrip('/')}"
    return "::".join(links)

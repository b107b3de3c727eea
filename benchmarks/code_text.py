"""Source code in five languages, for measuring: many files of ordinary size, from packages."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.text import CACHE, downloaded

CODE_BYTES = 12_000_000
MIN_FILE_BYTES = 300
MAX_FILE_BYTES = 100_000
MAX_LINE_CHARACTERS = 500
"""Longer lines are those of minified files and of data."""

GENERATED = re.compile(
    r"DO NOT EDIT|@generated|(?:auto(?:matically)?[ -]?)generated", re.IGNORECASE
)
HEAD_CHARACTERS = 2_000


@dataclass(frozen=True)
class Source:
    """Where a language's files come from.

    Attributes:
        endings: of the names of its files.
        packages: Debian's names of the packages that hold them.
    """

    endings: tuple[str, ...]
    packages: tuple[str, ...]


CODE = {
    "c++": Source((".h", ".hpp", ".txx"), ("libcgal-dev", "libeigen3-dev", "libvtk9-dev")),
    "go": Source(
        (".go",),
        (
            "golang-github-docker-docker-dev",
            "golang-golang-x-net-dev",
            "golang-golang-x-text-dev",
            "golang-golang-x-tools-dev",
            "golang-google-grpc-dev",
        ),
    ),
    "javascript": Source(
        (".js", ".mjs"),
        (
            *("libjs-dojo-core", "libjs-dojo-dijit", "libjs-dojo-dojox", "libjs-three"),
            *("phpmyadmin", "roundcube-core", "wordpress"),
        ),
    ),
    "php": Source(
        (".php",),
        (
            *("dokuwiki", "php-doctrine-orm", "php-phpseclib3", "php-tcpdf"),
            *("phpmyadmin", "roundcube-core", "wordpress"),
        ),
    ),
    "python": Source(
        (".py",),
        (
            *("mercurial-common", "python3-django", "python3-networkx", "python3-sympy"),
            "python3-twisted",
        ),
    ),
}


def code_documents(n_bytes: int = CODE_BYTES) -> dict[str, list[str]]:
    """Source files by language, in a fixed mixed order, each text once, about `n_bytes` of each.

    Files of all packages of a language are mixed, so that halves and blocks of it are alike. Left
    out are long and tiny files, and those that are minified or generated.

    Raises:
        TextError: there is no apt, or it does not find a package.
    """
    return {language: _documents(source, n_bytes) for language, source in CODE.items()}


def _documents(source: Source, n_bytes: int) -> list[str]:
    """The texts of one language, ordered by their hash."""
    texts: dict[bytes, str] = {}
    for package in downloaded(source.packages):
        for text in _texts(_unpacked(package), source.endings):
            texts[hashlib.blake2b(text.encode(), digest_size=16).digest()] = text
    chosen = []
    for digest in sorted(texts):
        if n_bytes <= 0:
            break
        chosen.append(texts[digest])
        n_bytes -= len(texts[digest].encode())
    return chosen


def _unpacked(package: Path) -> Path:
    """The folder with the files of a package, from the cache where it has them."""
    folder = CACHE / "unpacked" / package.stem
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            subprocess.run(["dpkg-deb", "-x", str(package), f"{place}/whole"], check=True)
            Path(place, "whole").rename(folder)
    return folder


def _texts(folder: Path, endings: Sequence[str]) -> Iterator[str]:
    """The files that people wrote."""
    for path in folder.rglob("*"):
        if path.suffix not in endings or ".min." in path.name or path.is_symlink():
            continue
        if path.is_file() and MIN_FILE_BYTES <= path.stat().st_size <= MAX_FILE_BYTES:
            content = path.read_bytes()
            try:
                text = content.decode()
            except UnicodeDecodeError:  # tests of parsers hold such files
                continue
            if _is_written(text):
                yield text


def _is_written(text: str) -> bool:
    """Whether nothing says that a program wrote the text: no such words, no very long line."""
    if GENERATED.search(text[:HEAD_CHARACTERS]):
        return False
    return max(map(len, text.splitlines()), default=0) <= MAX_LINE_CHARACTERS

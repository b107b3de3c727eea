"""Identities: what a result says of a tokenizer, known from its file without loading it again."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tokeval.core.cache import Cache, key_of
from tokeval.core.program_version import COUNTING, installed_distributions, program_version
from tokeval.core.provenance import tokenizer_info
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import TokenizerInfo
from tokeval.loaders.content_keys import tokenizer_key
from tokeval.loaders.json_template import BESIDE
from tokeval.loaders.tokenizers import default_name, parse_tokenizer_argument

_KINDS_OF_ONE_FILE = (None, "hf", "json", "spm", "tekken", "tiktoken")


@dataclass(frozen=True)
class Identity:
    """What a result says and depends on of a tokenizer.

    Attributes:
        name: the label in tables.
        key: a hash of what it does; `None` where that is not known.
        info: what provenance says of it.
    """

    name: str
    key: str | None
    info: TokenizerInfo


class _Kept(msgspec.Struct, array_like=True):
    """What is kept of a tokenizer."""

    key: str
    info: TokenizerInfo


def identity(tokenizer: Tokenizer) -> Identity:
    """The identity of a loaded tokenizer."""
    return Identity(tokenizer.name, tokenizer_key(tokenizer), tokenizer_info(tokenizer))


def known_identities(cache: Cache | None, arguments: Sequence[str]) -> list[Identity] | None:
    """The identities of the tokenizers that some arguments name; `None` where one is not known.

    Args:
        cache: of the kind `tokenizers`.
        arguments: as `load_tokenizers` takes them.
    """
    names: list[str] = []
    found: list[Identity] = []
    for argument in arguments:
        name, kind, rest = parse_tokenizer_argument(argument)
        names.append(name or default_name(rest, kind))
        key = _file_key(kind, rest)
        content = None if cache is None or key is None else cache.get(key)
        if content is None:
            return None
        kept = msgspec.msgpack.decode(content, type=_Kept)
        found.append(Identity(names[-1], kept.key, kept.info))
    return found if len(set(names)) == len(names) else None


def keep_identities(
    cache: Cache | None,
    arguments: Sequence[str],
    before: Sequence[str | None],
    found: Sequence[Identity],
) -> None:
    """Keeps the identities of tokenizers whose files are what they were before they were loaded.

    Args:
        cache: of the kind `tokenizers`.
        arguments: as `load_tokenizers` took them.
        before: `file_keys` of the arguments before they were loaded.
        found: what was loaded.
    """
    if cache is None:
        return
    for key, now, one in zip(before, file_keys(arguments), found, strict=True):
        if key is not None and key == now and one.key is not None:
            cache.put(key, msgspec.msgpack.encode(_Kept(one.key, one.info)))


def file_keys(arguments: Sequence[str]) -> list[str | None]:
    """A hash for each argument of the file it names and of what lies beside it.

    `None` where it does not name one local file.
    """
    return [_file_key(*parse_tokenizer_argument(argument)[1:]) for argument in arguments]


def _file_key(kind: str | None, rest: str) -> str | None:
    """A hash of the kind, the path as it is written, and the bytes of the files that are read."""
    path = Path(rest)
    try:
        if kind not in _KINDS_OF_ONE_FILE or path.suffix == ".gguf" or not path.is_file():
            return None
        digests = [_digest(file) for file in (path, *(path.parent / name for name in BESIDE))]
    except (OSError, ValueError):  # no path at all; whoever loads it says what is wrong
        return None
    made_by = key_of(sys.version, program_version(COUNTING), *installed_distributions())
    return key_of(made_by, kind, rest, *digests)


def _digest(file: Path) -> bytes:
    """sha256 of a file, nothing where there is none."""
    if not file.is_file():
        return b""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()

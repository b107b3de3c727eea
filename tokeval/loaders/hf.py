"""Tokenizers in directories and on the Hugging Face hub: which file of many is the tokenizer."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import File, is_url, reading
from tokeval.loaders.json_template import BESIDE
from tokeval.loaders.library_objects import adapt_transformers_object
from tokeval.loaders.opening import open_binary
from tokeval.loaders.sentencepiece_model import load_sentencepiece
from tokeval.loaders.tekken import load_tekken
from tokeval.loaders.tiktoken_files import load_tiktoken
from tokeval.loaders.tokenizer_json import load_tokenizer_json, read_json
from tokeval.loaders.transformers_library import FAILURES, import_transformers

INSTALL = "pip install 'tokeval[hf]'"
MODEL_FILES = ("tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "sentencepiece.model")
MODEL_SUFFIX = re.compile(r"\.model(\.v\d+\w*)?$")
_VOCABULARY_FILES = re.compile(r"(vocab|merges|bpe|added_tokens|tokenizer|config|special_tokens)")
_TIKTOKEN_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2} \d+\r?\n")
_RANKS_WITH_PATTERN = re.compile(r"\?(pattern|regex)=")


def main_file(names: Iterable[str], location: str) -> str | None:
    """The file of a directory that holds the whole tokenizer, `None` when only parts are there.

    `tokenizer.json` wins, then `tekken.json`, a SentencePiece model, a `.tiktoken` file.

    Args:
        names: the names of the files in the directory.
        location: the directory, for messages.

    Raises:
        UsageError: several files could be meant.
    """
    present = sorted(names)
    for usual in ("tokenizer.json", "tekken.json", *MODEL_FILES):
        if usual in present:
            return usual
    for pattern in (MODEL_SUFFIX, re.compile(r"^tekken.*\.json$"), re.compile(r"\.tiktoken$")):
        found = [name for name in present if pattern.search(name)]
        if len(found) > 1:
            raise UsageError(
                f"{location} holds several tokenizers: {', '.join(found)}", "name one of the files"
            )
        if found:
            return found[0]
    return None


def load_directory(location: str, *, name: str) -> Tokenizer:
    """The tokenizer of a directory, local or at a URL.

    Where no file holds the whole of it (`vocab.json` and `merges.txt`, `vocab.txt`), transformers
    puts it together from the class that the configuration names; `notes` then says so.

    Raises:
        TokevalError: there is no tokenizer in it, or transformers cannot make one of its parts.
        UsageError: several files could be meant.
    """
    files = _listing(location)
    main = main_file(files, location)
    if main is not None:
        return load_whole_file(files[main], name=name)
    parts = {file: path for file, path in files.items() if _VOCABULARY_FILES.match(file)}
    if not any(re.match(r"(vocab|merges|bpe)", file) for file in parts):
        raise _nothing_found(location, files)
    if not is_url(location):
        return _load_through_transformers(location, name=name, shown=location)
    with tempfile.TemporaryDirectory() as folder:
        for file, path in parts.items():
            with reading(path), open_binary(File(path)) as stream:
                Path(folder, file).write_bytes(stream.read())
        return _load_through_transformers(folder, name=name, shown=location)


def load_whole_file(location: str, *, name: str) -> Tokenizer:
    """The tokenizer of one file, local or at a URL, by what its name and content say it is.

    Raises:
        TokevalError: it cannot be read as what it is.
    """
    if location.endswith(".tiktoken") or _RANKS_WITH_PATTERN.search(location):
        return load_tiktoken(location, name=name)
    if location.endswith(".json"):
        return load_json_file(location, name=name)
    with reading(location), open_binary(File(location)) as file:
        head = file.read(1024)
    if _TIKTOKEN_LINE.match(head):  # Llama 3 publishes such a file as `tokenizer.model`
        return load_tiktoken(location, name=name)
    if head.lstrip()[:1] == b"{":
        return load_json_file(location, name=name)
    return load_sentencepiece(location, name=name)


def load_json_file(location: str, *, name: str) -> Tokenizer:
    """The tokenizer of a JSON file: of `tokenizers`, or a tekken by its content.

    Raises:
        TokevalError: it is neither; says what it seems to be.
    """
    if Path(location).name.startswith("tekken"):
        return load_tekken(location, name=name)
    text, definition = read_json(location)
    if is_tekken(definition):
        return load_tekken(location, name=name)
    return load_tokenizer_json(location, name=name, read=(text, definition))


def is_tekken(definition: Any) -> bool:
    """Whether a parsed JSON has the shape of a tekken file."""
    return (
        isinstance(definition, Mapping)
        and isinstance(definition.get("vocab"), list)
        and "config" in definition
    )


def load_hub(repo: str, *, name: str, allow_download: bool) -> Tokenizer:
    """The tokenizer of a model on the hub, `org/name` or `org/name@revision`.

    Only files that a tokenizer needs are fetched. Without leave to download, what the local cache
    of huggingface_hub holds is used.

    Raises:
        UsageError: it is not in the cache and nothing may be downloaded, or it is no hub id.
        TokevalError: the hub does not have it, does not give it, or cannot be reached.
    """
    try:
        import huggingface_hub
    except ImportError as error:
        raise TokevalError(f"{repo}: the hub needs huggingface-hub", INSTALL) from error
    repo_id, _, revision = repo.partition("@")
    try:
        if allow_download:
            folder = _download(huggingface_hub, repo_id, revision or None)
        else:
            folder = huggingface_hub.snapshot_download(
                repo_id, revision=revision or None, local_files_only=True
            )
    except huggingface_hub.errors.HFValidationError as error:
        raise UsageError(f"{repo!r} is no id of the hub", "write it as org/name") from error
    except huggingface_hub.errors.LocalEntryNotFoundError as error:
        if allow_download:
            raise TokevalError(f"{repo}: the hub cannot be reached", "try again later") from error
        raise UsageError(
            f"{repo} is not in the local cache, and nothing is downloaded unasked",
            "pass --allow-download, or give a path",
        ) from error
    return load_directory(folder, name=name)


def _listing(location: str) -> dict[str, str]:
    """The files of a directory, path by name; subfolders are left out."""
    if is_url(location):
        from tokeval.loaders.url_files import walk_url

        return {name: file.path for name, file in walk_url(location).items() if "/" not in name}
    with reading(location):
        return {path.name: str(path) for path in Path(location).iterdir() if path.is_file()}


def _nothing_found(location: str, files: Mapping[str, str]) -> TokevalError:
    """The error for a directory without a tokenizer: what is in it instead."""
    others = [name for name in sorted(files) if name.endswith(".json") and name not in BESIDE]
    hint = "it needs a tokenizer.json, tekken.json, tokenizer.model or *.tiktoken"
    if others:
        hint += f"; to load one of its files, name it: {', '.join(others[:5])}"
    return TokevalError(f"{location} holds no tokenizer", hint)


def _load_through_transformers(folder: str, *, name: str, shown: str) -> Tokenizer:
    """The tokenizer that transformers makes of a local directory; no code in it is run."""
    try:
        transformers = import_transformers()
    except ImportError as error:
        raise TokevalError(
            f"{shown} has no tokenizer.json; its parts are read through transformers", INSTALL
        ) from error
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
    except FAILURES as error:
        reason = " ".join(str(error).split()).replace(folder, shown)[:200]
        raise TokevalError(
            f"{shown}: transformers makes no tokenizer of its files: {reason}",
            "name its class in tokenizer_config.json, or convert it to a tokenizer.json",
        ) from error
    if not len(tokenizer):
        raise TokevalError(
            f"{shown}: transformers makes an empty tokenizer of its files",
            "check that the vocabulary files are there and whole, or give a tokenizer.json",
        )
    return adapt_transformers_object(tokenizer, name=name, source=shown)


def _download(hub: Any, repo_id: str, revision: str | None) -> str:
    """The local folder with the files of a repository that a tokenizer needs, fetched now.

    Raises:
        TokevalError: the hub does not have it, does not give it, or cannot be reached.
    """
    try:
        listed = hub.HfApi().list_repo_files(repo_id, revision=revision)
        names = [name for name in listed if "/" not in name]
        main = main_file(names, repo_id)
        wanted = {main, *BESIDE} if main else {n for n in names if _VOCABULARY_FILES.match(n)}
        paths = [
            hub.hf_hub_download(repo_id, name, revision=revision)
            for name in names
            if name in wanted
        ]
    except hub.errors.GatedRepoError as error:
        raise TokevalError(
            f"{repo_id} is gated on the hub",
            f"accept its terms at https://huggingface.co/{repo_id} and run `hf auth login`",
        ) from error
    except (hub.errors.RepositoryNotFoundError, hub.errors.RevisionNotFoundError) as error:
        raise TokevalError(
            f"the hub has no {repo_id}" + (f" at {revision}" if revision else ""),
            "check the spelling; a private one needs `hf auth login`",
        ) from error
    except (OSError, *hub.errors.HfHubHTTPError.__bases__) as error:
        # Its bases are the errors of the HTTP client, which changes between versions.
        reason = " ".join(str(error).split())[:200]
        raise TokevalError(
            f"{repo_id} cannot be fetched from the hub: {reason}", "try again later"
        ) from error
    if not paths:
        raise _nothing_found(repo_id, dict.fromkeys(names, ""))
    return str(Path(paths[0]).parent)

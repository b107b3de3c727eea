"""From the argument that names a tokenizer to the tokenizer, whatever its format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import is_url

KINDS = ("hf", "json", "tiktoken", "spm", "tekken", "gguf", "seg", "py")
_GENERIC = (
    "tokenizer", "tekken", "spiece", "sentencepiece", "sentencepiece.bpe", "vocab", "model",
    "models",
)  # fmt: skip
_SUFFIX = re.compile(r"\.(json|tiktoken|gguf|jsonl|model(\.v\d+\w*)?)$")
_PLUGIN_KIND = re.compile(r"[a-z][a-z0-9_-]+")
_LABEL = re.compile(r"[^/\\:=?]*")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
_FILE_ENDINGS = (".json", ".model", ".tiktoken", ".txt", ".gguf", ".bin")
EXAMPLE = "give a tokenizer.json, a directory, a .model, .tiktoken or .gguf file, or kind:rest"


def parse_tokenizer_argument(argument: str) -> tuple[str | None, str | None, str]:
    r"""The name, the kind and the rest of a `[name=][kind:]rest` argument; `None` where not given.

    What stands before the first `=` is a name only when it is a plain label, without `/`, `\`,
    `:` or `?`: a path may hold `=` further on.

    Raises:
        UsageError: the argument, the name or the rest is empty, or it is no Unicode, as names of
            files may be.

    >>> parse_tokenizer_argument("gpt4=tiktoken:cl100k_base")
    ('gpt4', 'tiktoken', 'cl100k_base')
    >>> parse_tokenizer_argument("runs/lr=3/tokenizer.json")
    (None, None, 'runs/lr=3/tokenizer.json')
    """
    if any("\ud800" <= letter <= "\udfff" for letter in argument):
        raise UsageError(
            f"the tokenizer {argument!r} is no Unicode, which documents are written in",
            "rename the file",
        )
    label, equals, spec = argument.partition("=")
    name: str | None = label.strip()
    if not equals or not _LABEL.fullmatch(label):
        name, spec = None, argument
    elif not name:
        raise UsageError(f"the tokenizer {argument!r} has an empty name", "write NAME=PATH")
    kind, colon, rest = spec.partition(":")
    if not colon or not _is_kind(kind, spec) or rest.startswith("//"):  # `hf://`: an fsspec URL
        return name, None, _not_empty(spec, argument)
    return name, kind, _not_empty(rest, argument)


def load_tokenizer(argument: str, *, allow_download: bool = False) -> Tokenizer:
    """The tokenizer that an argument names.

    Args:
        argument: `[name=]SPEC`. SPEC is a path or fsspec URL of a `tokenizer.json`, a directory, a
            `.model`, a `.tiktoken`, a `.gguf` or a tekken `.json`; an id of the hub; or
            `kind:rest` with one of KINDS or a kind that an installed plugin has.
        allow_download: whether the hub and URLs that lead off the machine may be read. What the
            local cache of the hub holds is read in any case.

    Raises:
        UsageError: the argument names nothing that exists, or asks for a download not allowed.
        TokevalError: what it names cannot be read.
    """
    name, kind, rest = parse_tokenizer_argument(argument)
    label = name or default_name(rest, kind)
    if kind in (None, "hf"):
        tokenizer = _by_place(rest, kind, name=label, allow_download=allow_download)
    elif kind in _LOADERS:
        _check_download(rest, allow_download)
        tokenizer = _LOADERS[str(kind)](rest, label, allow_download)
    else:
        from tokeval.loaders.plugins import load_plugin_tokenizer

        tokenizer = load_plugin_tokenizer(str(kind), rest, name=label)
    tokenizer.source = rest if kind is None else f"{kind}:{rest}"
    return tokenizer


def load_tokenizers(arguments: Sequence[str], *, allow_download: bool = False) -> list[Tokenizer]:
    """The tokenizers that several arguments name, in order.

    Raises:
        UsageError: two of them have the same name; or as `load_tokenizer`.
        TokevalError: as `load_tokenizer`.
    """
    named: dict[str, str] = {}
    for argument in arguments:
        name, kind, rest = parse_tokenizer_argument(argument)
        label = name or default_name(rest, kind)
        if label in named:
            raise UsageError(
                f"two tokenizers are named {label!r}: {named[label]} and {argument}",
                f"give each a name of its own, such as {label}2={rest}",
            )
        named[label] = argument
    return [load_tokenizer(argument, allow_download=allow_download) for argument in arguments]


def default_name(rest: str, kind: str | None = None) -> str:
    """The name that a tokenizer has when the user gives none.

    The stem of the file; the name of its folder where the stem says nothing; the last part of an
    id; the factory.

    >>> default_name("models/deepseek/tokenizer.json"), default_name("org/Model-7B")
    ('deepseek', 'Model-7B')
    """
    if kind == "py":
        return rest.rpartition(":")[2]
    plain = without_settings(rest).partition("::")[0].rstrip("/")
    if not is_url(rest) and (kind in (None, "hf", "json", "spm", "tekken", "gguf", "seg")):
        plain = _absolute(plain)
    parts = [part for part in re.split(r"[/\\]", plain.rpartition("://")[2]) if part]
    while parts:
        stem = _SUFFIX.sub("", parts.pop())
        folder = parts[-1] if parts else ""
        if folder == "snapshots" and len(parts) > 1:  # the hub's cache: models--org--name
            return parts[-2].rpartition("--")[2]
        if stem.casefold() not in _GENERIC or not parts:
            return stem.partition("@")[0]
    return plain or rest


def without_settings(rest: str) -> str:
    """A path without the `?pattern=` or `?regex=` that may follow a file of ranks.

    >>> without_settings("a.tiktoken?pattern=cl100k")
    'a.tiktoken'
    """
    return re.split(r"\?(?:pattern|regex)=", rest, maxsplit=1)[0]


def _absolute(path: str) -> str:
    """The path from the root, where what it names exists, so that its folder has a name."""
    return str(Path(path).absolute()) if _exists(path) else path


def _exists(path: str) -> bool:
    """Whether there is something at a path; what cannot be a path does not exist."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long a name, a NUL in it
        return False


def _is_kind(kind: str, spec: str) -> bool:
    """Whether what stands before the colon is a kind: of tokeval, or of an installed plugin."""
    if kind in KINDS:
        return True
    if not _PLUGIN_KIND.fullmatch(kind) or _exists(spec):
        return False
    from tokeval.loaders.plugins import tokenizer_kinds

    return kind in tokenizer_kinds(KINDS)


def _not_empty(rest: str, argument: str) -> str:
    """The rest of an argument, which must name something."""
    if not rest.strip():
        raise UsageError(f"the tokenizer argument {argument!r} names nothing", EXAMPLE)
    return rest


def _check_download(rest: str, allowed: bool) -> None:
    """Refuses a URL that leads off the machine unless downloads are allowed."""
    if is_url(rest):
        from tokeval.loaders.url_files import check_download

        check_download(rest, allowed=allowed)


def _by_place(rest: str, kind: str | None, *, name: str, allow_download: bool) -> Tokenizer:
    """The tokenizer at a path or URL; where there is none, that of the hub."""
    from tokeval.loaders.hf import load_directory, load_hub, load_whole_file

    place = _place(rest, allow_download)
    if place == "folder":
        return load_directory(rest, name=name)
    if place == "file" and rest.endswith(".gguf"):
        return _gguf(rest, name, allow_download)
    if place == "file":
        return load_whole_file(rest, name=name)
    if kind == "hf" and not is_url(rest) and not _looks_like_path(rest):
        return load_hub(rest, name=name, allow_download=allow_download)
    if _HUB_ID.fullmatch(rest) and not _looks_like_path(rest):
        try:
            return load_hub(rest, name=name, allow_download=allow_download)
        except UsageError as error:
            raise UsageError(f"{rest}: no such path, and {error.message}", error.hint) from error
    raise _missing(rest)


def _place(rest: str, allow_download: bool) -> str:
    """`file`, `folder` or `missing`; behind a file of ranks may stand `?` and its pattern."""
    before = without_settings(rest)
    if is_url(rest):
        from tokeval.loaders.url_files import kind_of_url

        _check_download(rest, allow_download)
        return kind_of_url(before)
    if _exists(rest):
        return "folder" if Path(rest).is_dir() else "file"
    return "file" if _exists(before) else "missing"


def _looks_like_path(rest: str) -> bool:
    """Whether the user meant a file: by its ending, or by how it begins."""
    return without_settings(rest).endswith(_FILE_ENDINGS) or rest.startswith((".", "/", "~"))


def _missing(rest: str) -> TokevalError:
    """The error for an argument that names nothing, by what it looks like."""
    if is_url(rest):
        from tokeval.loaders.url_files import missing_url

        return missing_url(rest)
    shown = rest if len(rest) <= 200 else f"{rest[:200]}..."
    if rest.startswith("~"):
        return TokevalError(
            f"{rest}: no such file or directory", f"write {Path(rest).expanduser()}"
        )
    if not _looks_like_path(rest) and "/" not in rest:
        import tiktoken

        if rest in tiktoken.list_encoding_names():
            return UsageError(f"{rest}: no such path", f"for the encoding, write tiktoken:{rest}")
        return UsageError(f"{shown}: no such path", f"for a model of the hub, write hf:{shown}")
    return TokevalError(f"{shown}: no such file or directory", "check the path")


def _json(rest: str, name: str, _allow_download: bool) -> Tokenizer:
    from tokeval.loaders.tokenizer_json import load_tokenizer_json

    return load_tokenizer_json(rest, name=name)


def _tiktoken(rest: str, name: str, allow_download: bool) -> Tokenizer:
    from tokeval.loaders.tiktoken_files import load_tiktoken

    return load_tiktoken(rest, name=name, allow_download=allow_download)


def _sentencepiece(rest: str, name: str, _allow_download: bool) -> Tokenizer:
    from tokeval.loaders.sentencepiece_model import load_sentencepiece

    return load_sentencepiece(rest, name=name)


def _tekken(rest: str, name: str, _allow_download: bool) -> Tokenizer:
    from tokeval.loaders.tekken import load_tekken

    return load_tekken(rest, name=name)


def _gguf(rest: str, name: str, _allow_download: bool) -> Tokenizer:
    from tokeval.loaders.gguf import load_gguf

    return load_gguf(rest, name=name)


def _segmentations(rest: str, name: str, _allow_download: bool) -> Tokenizer:
    from tokeval.loaders.segmentations import load_segmentations

    return load_segmentations(rest, name=name)


def _factory(rest: str, name: str, _allow_download: bool) -> Tokenizer:
    from tokeval.loaders.factory import load_factory

    return load_factory(rest, name=name)


_LOADERS: Mapping[str, Callable[[str, str, bool], Tokenizer]] = {
    "json": _json,
    "tiktoken": _tiktoken,
    "spm": _sentencepiece,
    "tekken": _tekken,
    "gguf": _gguf,
    "seg": _segmentations,
    "py": _factory,
}

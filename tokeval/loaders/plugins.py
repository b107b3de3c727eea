"""Tokenizers of other distributions: entry points `tokeval.tokenizers`, `NAME:REST` as argument."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.errors import TokevalError
from tokeval.loaders.factory import MEMBERS, METHODS, FactoryTokenizer

GROUP = "tokeval.tokenizers"
_NAME = re.compile(r"[a-z][a-z0-9_-]+")


class PluginTokenizer(FactoryTokenizer):
    """A tokenizer of a plugin, with the user's label; another process makes it again."""

    def __init__(self, made: Tokenizer, *, kind: str, rest: str, name: str) -> None:
        super().__init__(made, spec=rest, name=name)
        self._kind = kind
        self._rest = rest
        self.source = f"{kind}:{rest}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._kind, self._rest, self.name))


def tokenizer_kinds(taken: Collection[str] = ()) -> dict[str, EntryPoint]:
    """The entry points of `tokeval.tokenizers` by name; nothing of a plugin is imported.

    Args:
        taken: names that tokeval itself uses.

    Raises:
        TokevalError: a name is taken, used twice, or not of the form `my-kind`; names the
            distribution.
    """
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if not _NAME.fullmatch(entry.name):
            raise TokevalError(
                f"{distribution(entry)}: the tokenizer kind {entry.name!r} is no name",
                "two or more of a-z, 0-9, - and _, beginning with a letter",
            )
        if entry.name in taken:
            raise TokevalError(
                f"{distribution(entry)}: tokeval itself has the tokenizer kind {entry.name!r}",
                remedy(entry),
            )
        other = found.get(entry.name)
        if other is not None and other.value != entry.value:
            raise TokevalError(
                f"{distribution(other)} and {distribution(entry)} both have the tokenizer kind "
                f"{entry.name!r}",
                "uninstall one of them",
            )
        found[entry.name] = entry
    return found


def load_plugin_tokenizer(kind: str, rest: str, *, name: str) -> Tokenizer:
    """The tokenizer that the factory of a plugin makes of the rest of an argument.

    The factory is called with the rest, a string. It returns an object with all that `Tokenizer`
    names, or a `tokenizers.Tokenizer`, or a fast tokenizer of transformers.

    Raises:
        TokevalError: no plugin has this kind, or it cannot be loaded, or it fails, or what it
            returns is no tokenizer; names the distribution.
    """
    entry = tokenizer_kinds().get(kind)
    if entry is None:
        raise TokevalError(f"no installed plugin has the tokenizer kind {kind!r}", "install it")
    factory = load_entry(entry)
    if not callable(factory):
        raise TokevalError(
            f"{distribution(entry)}: {entry.value} is a {type(factory).__name__}, no factory",
            remedy(entry),
        )
    try:
        made = factory(rest)
    except TokevalError:
        raise
    except Exception as error:
        raise failed(entry, f"making the tokenizer {kind}:{rest}", error) from error
    return _adapted(made, entry, rest=rest, name=name)


def load_entry(entry: EntryPoint) -> Any:
    """What an entry point names; TokevalError when importing it fails in any way."""
    try:
        return entry.load()
    except Exception as error:
        raise failed(entry, f"loading {entry.value}", error) from error


def failed(entry: EntryPoint, doing: str, error: Exception) -> TokevalError:
    """One line about an error in a plugin's code, which may raise anything."""
    reason = " ".join(str(error).split())[:200]
    return TokevalError(
        f"{distribution(entry)}: {doing} raised {type(error).__name__}: {reason}", remedy(entry)
    )


def distribution(entry: EntryPoint) -> str:
    """The plugin as messages name it: `the plugin tokeval-vowels 0.1.0`."""
    owner = entry.dist
    return f"the plugin {owner.name} {owner.version}" if owner else f"the plugin {entry.value}"


def remedy(entry: EntryPoint) -> str:
    """What a user can do about a broken plugin."""
    owner = entry.dist
    return f"mend it, or `pip uninstall {owner.name}`" if owner else "mend or uninstall it"


def _rebuild(kind: str, rest: str, name: str) -> Tokenizer:
    """The same tokenizer in another process."""
    return load_plugin_tokenizer(kind, rest, name=name)


def _adapted(made: Any, entry: EntryPoint, *, rest: str, name: str) -> Tokenizer:
    """The returned object as a tokenizer of ours."""
    import tokenizers

    if isinstance(made, tokenizers.Tokenizer) or hasattr(made, "convert_tokens_to_ids"):
        from tokeval.loaders.library_objects import adapt_library_object

        return adapt_library_object(made, name=name, source=f"{entry.name}:{rest}")
    kind = f"{distribution(entry)} returned a {type(made).__qualname__}"
    missing = [key for key in MEMBERS if not (hasattr(type(made), key) or hasattr(made, key))]
    idle = [key for key in METHODS if key not in missing and not callable(getattr(made, key))]
    if missing or idle:
        said = f"lacks {', '.join(missing)}" if missing else f"cannot call {', '.join(idle)}"
        raise TokevalError(
            f"{kind} that {said}", "return what tokeval.core.tokenizer.Tokenizer describes"
        )
    if not isinstance(made.vocabulary, Vocabulary):
        raise TokevalError(
            f"{kind} whose `vocabulary` is a {type(made.vocabulary).__name__}",
            "make it a tokeval.core.tokenizer.Vocabulary",
        )
    return PluginTokenizer(made, kind=entry.name, rest=rest, name=name)

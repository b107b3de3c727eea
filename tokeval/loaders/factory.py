"""Tokenizers that a user's own Python code makes: `module:factory`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Merges, Tokenizer, Vocabulary
from tokeval.errors import TokevalError, UsageError

PUBLIC = [key for key in vars(Tokenizer) if not key.startswith("_")]
MEMBERS = tuple(dict.fromkeys([*Tokenizer.__annotations__, *PUBLIC]))
METHODS = ("encode_batch", "encode_with_spans", "decode", "normalize")
SHAPE = "write `py:MODULE:FACTORY`; the factory takes no argument and returns a tokenizer"


class FactoryTokenizer:
    """A tokenizer from a factory, with the user's label; another process makes it again."""

    def __init__(self, made: Tokenizer, *, spec: str, name: str) -> None:
        self._made = made
        self._spec = spec
        self.name = name
        self.source = f"py:{spec}"
        self.fingerprint = made.fingerprint
        self.loader = made.loader
        self.model = made.model
        self.vocabulary = made.vocabulary
        self.pretokenization = made.pretokenization
        self.added_texts = tuple(made.added_texts)
        self.bos_id = made.bos_id
        self.eos_id = made.eos_id
        self.notes = tuple(made.notes)
        self.keeps_whitespace = made.keeps_whitespace

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._spec, self.name))

    @property
    def merges(self) -> Merges | None:
        """The object's merges, asked for when they are needed."""
        return self._made.merges

    @merges.setter
    def merges(self, value: Merges | None) -> None:
        self._made.merges = value

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text; TokevalError when the object returns something else."""
        encoded = self._made.encode_batch(texts)
        _require_flat(encoded, len(texts), self.source)
        return encoded

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids and spans of each text; TokevalError when the object returns something else."""
        encoded = self._made.encode_with_spans(texts)
        _require_flat(encoded, len(texts), self.source)
        if getattr(encoded, "spans", np.empty(0)).shape != (len(encoded.ids), 2):
            raise TokevalError(
                f"{self.source}: encode_with_spans returned no spans of shape (n_tokens, 2)",
                "return a tokeval.core.tokenizer.EncodedSpans",
            )
        return encoded

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """What the object decodes."""
        return self._made.decode(ids)

    def normalize(self, text: str) -> str:
        """What the object normalises."""
        return self._made.normalize(text)


def load_factory(spec: str, *, name: str) -> Tokenizer:
    """The tokenizer that `module:factory` returns.

    The factory may be an attribute of an attribute (`module:Class.create`). Modules in the
    current folder are found. It returns an object with all that `Tokenizer` names, or a
    `tokenizers.Tokenizer`, or a fast tokenizer of transformers.

    Raises:
        UsageError: the module or the attribute does not exist, or cannot be called.
        TokevalError: the code fails, or what it returns is no tokenizer; it names what is missing.
    """
    module_name, colon, path = spec.partition(":")
    if not (colon and module_name and path):
        raise UsageError(f"`{spec}` is not `module:factory`", SHAPE)
    with _current_folder_importable():
        made = _call(_attribute(_module(module_name, spec), path, spec), spec)
        return _adapted(made, spec=spec, name=name)


def _rebuild(spec: str, name: str) -> Tokenizer:
    """The same tokenizer in another process, which imports the module again."""
    return load_factory(spec, name=name)


@contextmanager
def _current_folder_importable() -> Iterator[None]:
    """Puts the current folder first on the import path for a while."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _module(module_name: str, spec: str) -> Any:
    """The imported module."""
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module_name}.".startswith(f"{error.name}."):
            raise UsageError(
                f"`py:{spec}`: there is no module `{error.name}`",
                f"install it, or run where {error.name}.py or a folder {error.name} is",
            ) from error
        raise TokevalError(
            f"`py:{spec}`: the module needs `{error.name}`, which is not installed",
            f"install the package that provides `{error.name}`",
        ) from error
    except Exception as error:
        raise _failed(spec, "importing the module", error) from error


def _attribute(module: Any, path: str, spec: str) -> Any:
    """What the dotted path names in the module, or in what it names so far."""
    found = module
    for step, part in enumerate(path.split("."), start=1):
        if not hasattr(found, part):
            holder = ".".join([module.__name__, *path.split(".")[: step - 1]])
            raise UsageError(f"`py:{spec}`: `{holder}` has no attribute `{part}`", SHAPE)
        found = getattr(found, part)
    return found


def _call(factory: Callable[[], object], spec: str) -> object:
    """What the factory returns."""
    if not callable(factory):
        raise UsageError(
            f"`py:{spec}` has the type {type(factory).__name__}, and is no function", SHAPE
        )
    try:
        return factory()
    except Exception as error:
        raise _failed(spec, "calling the factory without arguments", error) from error


def _failed(spec: str, doing: str, error: Exception) -> TokevalError:
    """One line about an error in the user's code, which may raise anything."""
    reason = " ".join(str(error).split())
    return TokevalError(
        f"`py:{spec}`: {doing} raised {type(error).__name__}: {reason}", "mend the module"
    )


def _adapted(made: Any, *, spec: str, name: str) -> Tokenizer:
    """The returned object as a tokenizer of ours."""
    import tokenizers

    if isinstance(made, tokenizers.Tokenizer) or hasattr(made, "convert_tokens_to_ids"):
        from tokeval.loaders.library_objects import adapt_library_object

        return adapt_library_object(made, name=name, source=f"py:{spec}")
    kind = f"`py:{spec}` returned a {type(made).__module__}.{type(made).__qualname__}"
    # `merges` may be computed when it is asked for, so it is looked up without being read.
    missing = [key for key in MEMBERS if not _has(made, key)]
    if missing:
        raise TokevalError(
            f"{kind}, which lacks {', '.join(missing)}",
            "return an object as tokeval.core.tokenizer.Tokenizer describes it, a "
            "tokenizers.Tokenizer, or a fast tokenizer of transformers",
        )
    idle = [key for key in METHODS if not callable(getattr(made, key))]
    if idle:
        raise TokevalError(f"{kind}, whose {', '.join(idle)} cannot be called", "make it a method")
    if not isinstance(made.vocabulary, Vocabulary):
        raise TokevalError(
            f"{kind}, whose `vocabulary` is a {type(made.vocabulary).__name__}",
            "make it a tokeval.core.tokenizer.Vocabulary",
        )
    return FactoryTokenizer(made, spec=spec, name=name)


def _has(made: object, key: str) -> bool:
    """Whether an object has an attribute, without running a property of its class."""
    return hasattr(type(made), key) or hasattr(made, key)


def _require_flat(encoded: Any, n_texts: int, source: str) -> None:
    """Raises TokevalError unless these are flat ids with one offset more than there are texts."""
    ids, offsets = getattr(encoded, "ids", None), getattr(encoded, "offsets", None)
    if not (isinstance(ids, np.ndarray) and isinstance(offsets, np.ndarray)) or (
        ids.dtype != np.int32 or len(offsets) != n_texts + 1 or offsets[-1] != len(ids)
    ):
        raise TokevalError(
            f"{source}: its encoder did not return flat int32 ids with offsets for {n_texts} texts",
            "return tokeval.core.tokenizer.Encoded.from_lists(...)",
        )

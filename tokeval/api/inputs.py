"""What users hand over, as analyses take it: tokenizers, corpora and dumps."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from tokeval.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tokeval.core.corpus import Slice
    from tokeval.core.tokenizer import Tokenizer
    from tokeval.loaders.corpora import ReadOptions
    from tokeval.visual.dump import Dump, Layout

PLACES = (str, os.PathLike)


class FastTokenizer(Protocol):
    """A `tokenizers.Tokenizer`."""

    def to_str(self, pretty: bool = ...) -> str:
        """Its definition as JSON."""


class TransformersTokenizer(Protocol):
    """A tokenizer of transformers."""

    def convert_tokens_to_ids(self, tokens: Any) -> Any:
        """The ids of tokens."""


Place: TypeAlias = str | os.PathLike[str]
"""What the command line takes: a path, a URL, a hub id; a text may have `name=` before it."""

TokenizerSource: TypeAlias = "Place | Tokenizer | FastTokenizer | TransformersTokenizer"
Tokenizers: TypeAlias = (
    "TokenizerSource | Sequence[TokenizerSource] | Mapping[str, TokenizerSource]"
)
Corpus: TypeAlias = (
    "Place | Slice | Sequence[Place | Slice] | Mapping[str, Place | Slice | Iterable[str]]"
)
Codes: TypeAlias = "Place | NDArray[np.integer[Any]] | Dump"


def load_tokenizer(
    source: TokenizerSource, *, name: str | None = None, allow_download: bool = False
) -> Tokenizer:
    """The tokenizer that a path, a hub id or `kind:rest` names, or that an object is.

    Args:
        source: as on the command line; or a tokenizer of tokeval, `tokenizers` or `transformers`.
        name: the label in tables; by default that of the source.
        allow_download: whether the hub and URLs may be read.

    Raises:
        UsageError: there is no such thing, or a download is not allowed.
        TokevalError: it cannot be read.
    """
    from tokeval.core.tokenizer import Tokenizer as TokenizerProtocol

    if name is not None and not name.strip():
        raise UsageError("a tokenizer has an empty name", "give it one that tables can show")
    if isinstance(source, PLACES):
        from tokeval.loaders.tokenizers import load_tokenizer as load_argument

        loaded = load_argument(_argument(source), allow_download=allow_download)
    elif isinstance(source, TokenizerProtocol):
        loaded = source
    else:
        from tokeval.loaders.library_objects import adapt_library_object

        kind = type(source).__name__
        if not any(hasattr(source, method) for method in ("to_str", "convert_tokens_to_ids")):
            raise UsageError(
                f"a {kind} is no tokenizer", "give a path, a hub id, or a tokenizer of a library"
            )
        return adapt_library_object(source, name=name or kind, source=f"a {kind} in memory")
    if name is None or loaded.name == name:
        return loaded
    renamed = copy.copy(loaded)
    renamed.name = name
    return renamed


def read_corpus(
    source: Corpus | None = None,
    *,
    unit: str | None = None,
    field: str | None = None,
    parallel: bool = False,
    allow_download: bool = False,
) -> list[Slice]:
    """The slices of a corpus; text is read when it is measured, as often as needed.

    Args:
        source: one place or several, as on the command line; or for each name a place or texts,
            each of which is a document. The bundled corpora when `None`.
        unit: what one document of a file is: `lines`, `line`, `record` or `file`.
        field: the text field of JSONL, CSV, Parquet and datasets.
        parallel: whether all slices translate each other line by line, which is checked.
        allow_download: whether anything may be fetched over a network.

    Raises:
        UsageError: an option that does not fit, or two slices of one name.
        TokevalError: a place where nothing is, or no text.
    """
    from tokeval.loaders.corpora import ReadOptions, check_parallel

    options = ReadOptions(unit=unit, field=field, parallel=parallel, allow_download=allow_download)
    slices = slices_of(source, options)
    return check_parallel(slices) if parallel else slices


def tokenizers_of(given: Tokenizers, *, allow_download: bool = False) -> list[Tokenizer]:
    """Tokenizers with distinct names, of one source, several, or several by name.

    Raises:
        UsageError: there is none, or two have one name.
    """
    if isinstance(given, Mapping):
        loaded = [
            load_tokenizer(source, name=str(name), allow_download=allow_download)
            for name, source in given.items()
        ]
    else:
        several: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
        loaded = [load_tokenizer(source, allow_download=allow_download) for source in several]
    if not loaded:
        raise UsageError("there is no tokenizer", "give at least one")
    names = [one.name for one in loaded]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"two tokenizers are called {name!r}", "give them by name: {'a': ..., 'b': ...}"
            )
    return loaded


def slices_of(source: Corpus | None, options: ReadOptions) -> list[Slice]:
    """Slices with distinct names, of what `read_corpus` takes."""
    from tokeval.core.corpus import Slice as SliceOfText
    from tokeval.loaders.corpora import read_corpus as read_arguments
    from tokeval.loaders.slice_names import check_names

    if source is None:
        return read_arguments((), options)
    if isinstance(source, Mapping):
        parts = list(source.items())
    else:
        check_iterable(source, "corpus")
        several = [source] if isinstance(source, (*PLACES, SliceOfText)) else list(source)
        parts = [("", one) for one in several]
    if all(isinstance(one, PLACES) for _, one in parts):
        places = [_argument(cast("Place", one), str(name)) for name, one in parts]
        slices = read_arguments(places, options) if places else []
    else:
        slices = [part for name, one in parts for part in _slices_of_one(str(name), one, options)]
    if not slices:
        raise UsageError("the corpus is empty", "name a place, or leave it out for bundled text")
    check_names(slices)
    return slices


def _slices_of_one(
    name: str, given: Place | Slice | Iterable[str], options: ReadOptions
) -> list[Slice]:
    """The slices of a place, of texts, or a slice as it is."""
    from tokeval.core.corpus import Slice as SliceOfText
    from tokeval.loaders.corpora import PARALLEL_GROUP
    from tokeval.loaders.corpora import read_corpus as read_arguments
    from tokeval.loaders.memory_slices import slice_of_texts

    if isinstance(given, str | os.PathLike):
        return read_arguments([_argument(given, name)], options)
    if isinstance(given, SliceOfText):
        return [replace(given, name=name) if name else given]
    if not name:
        raise UsageError(
            f"a corpus in memory needs a name, and a {type(given).__name__} has none",
            "give it by name: {'en': texts}",
        )
    check_iterable(given, f"slice {name!r}")
    part = slice_of_texts(name, given, keep_empty=options.parallel)
    return [replace(part, parallel=PARALLEL_GROUP) if options.parallel else part]


def check_iterable(given: object, title: str) -> None:
    """Raises a UsageError for what is neither a place nor several of something."""
    if not isinstance(given, (*PLACES, Iterable)) and not hasattr(given, "documents"):
        raise UsageError(
            f"{title}: {type(given).__name__} is no text", "give a path, or a list of str by name"
        )


def names_of(given: Sequence[str], title: str) -> tuple[str, ...]:
    """The names that a sequence has; a text alone is a UsageError, not a name for each letter."""
    if isinstance(given, str):
        raise UsageError(f"{title} is {given!r}, one text", f"write {title}=[{given!r}]")
    return tuple(given)


def dump_of(
    name: str | None,
    given: Any,
    *,
    layout: Layout | None,
    codebook_size: int | None,
    scales: Sequence[int],
) -> Dump:
    """The dump at a path or pattern, in an array, or as it is."""
    if isinstance(given, PLACES):
        from tokeval.visual.reading import read_dump

        place = os.fspath(given)
        return read_dump(
            place,
            name=name or Path(place).stem,
            layout=layout,
            codebook_size=codebook_size,
            scales=scales,
        )
    if hasattr(given, "codebook_size"):
        dump: Dump = given
        return dump
    from tokeval.visual.array_dump import dump_of_array

    return dump_of_array(
        given, name=name or "array", layout=layout, codebook_size=codebook_size, scales=scales
    )


def untold(*_arguments: Any) -> None:
    """Nothing: progress that nobody is told of."""


def _argument(place: Place, name: str = "") -> str:
    """A place as the command line takes it; what is before `=` in a path object is no name."""
    written = os.fspath(place)
    if not isinstance(place, str) and not name and not Path(written).is_absolute():
        written = f"./{written}"
    return f"{name}={written}" if name else written

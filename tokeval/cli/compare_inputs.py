"""The two sides of `tokeval compare` as they are typed: documents, or tokenizers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tokeval.errors import TokevalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokeval.core.tokenizer import Tokenizer


def are_documents(sides: Sequence[str]) -> bool:
    """Whether the arguments are documents rather than tokenizers.

    Raises:
        UsageError: they are neither one or two documents nor two tokenizers.
        TokevalError: a document stands beside a file that is not there.
    """
    kinds = [_is_document(side) for side in sides]
    if len(sides) > 2:
        raise UsageError(f"{len(sides)} sides are given", "a comparison has two: before, after")
    if any(kinds) and not all(kinds):
        other = sides[kinds.index(False)]
        if not _is_there(Path(other)):
            raise TokevalError(f"cannot read {other}: there is no such file", "check the path")
        raise UsageError(
            f"{sides[kinds.index(True)]} is a document, and {other} is none",
            "give two documents of `tokeval metrics --json`, or two tokenizers",
        )
    if not any(kinds) and len(sides) == 1:
        raise UsageError(
            f"only one tokenizer is given: {sides[0]}",
            "name two: the one before, then the one after",
        )
    if len(sides) == 2 and not any(kinds) and sides[0] == sides[1]:
        raise UsageError(
            f"both sides are the tokenizer {sides[0]}", "name the one before, then the one after"
        )
    return all(kinds)


def _is_there(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return path.exists()
    except OSError:
        return False


def _is_document(argument: str) -> bool:
    """Whether an argument is a file with a JSON object that has `schema` and `results`."""
    import msgspec

    path = Path(argument)
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            if not file.read(64).lstrip().startswith(b"{"):
                return False
            file.seek(0)
            top = msgspec.json.decode(file.read(), type=dict[str, msgspec.Raw])
    except (OSError, ValueError):
        return False
    return "schema" in top and "results" in top


def both_loaded(sides: Sequence[str], *, allow_download: bool) -> list[Tokenizer]:
    """Both tokenizers; two of one name are told apart as before and after."""
    from tokeval.loaders.tokenizers import default_name, load_tokenizer, parse_tokenizer_argument

    parsed = [parse_tokenizer_argument(side) for side in sides]
    names = [name or default_name(rest, kind) for name, kind, rest in parsed]
    if names[0] != names[1]:
        return [load_tokenizer(side, allow_download=allow_download) for side in sides]
    found = []
    for role, (_, kind, rest) in zip(("before", "after"), parsed, strict=True):
        spec = f"{kind}:{rest}" if kind else rest
        argument = f"{names[0]} ({role})={spec}"
        found.append(load_tokenizer(argument, allow_download=allow_download))
    return found

"""Which outputs would destroy an input: a file, one in a folder, or one that a pattern matches."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from pathlib import Path

_NAME = re.compile(r"^[^/:=]+=")
_KIND = re.compile(r"^(json|hf|tiktoken|spm|tekken|gguf|seg):")


def existing_targets(arguments: Iterable[str], outputs: Iterable[Path]) -> list[Path]:
    """The outputs that exist and that one of the arguments reads.

    Args:
        arguments: `[NAME=][KIND:]PLACE` of tokenizers and corpora, a place being a file, a folder
            or a pattern; `?settings` after a place are left aside.
        outputs: paths that a command is to write.
    """
    existing = [path for path in outputs if path.is_file()]
    if not existing:
        return []
    places = [_KIND.sub("", _NAME.sub("", argument)) for argument in arguments]
    return [path for path in existing if any(_reads(place, path) for place in places)]


def _reads(place: str, path: Path) -> bool:
    """Whether reading a place reads an existing file."""
    for spelled in (place, place.split("?", 1)[0]):
        here = Path(spelled).expanduser()
        if here.is_file() and here.samefile(path):
            return True
        if here.is_dir() and path.resolve().is_relative_to(here.resolve()):
            return True
    if not glob.has_magic(place):
        return False
    matches = map(Path, glob.iglob(place, recursive=True))  # noqa: PTH207 - as corpora are matched
    return any(match.is_file() and match.samefile(path) for match in matches)

"""The names of slices: `name=path` taken apart, names made from paths, collisions refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tokeval.core.corpus import Slice
from tokeval.errors import UsageError
from tokeval.loaders.corpus_files import is_url
from tokeval.loaders.kinds import kind_of
from tokeval.loaders.local_files import has_magic, match_pattern

EVERYTHING = "all"  # the name of the slice that stands for all of them in results
NOT_IN_NAMES = frozenset(":*?[]")


def split_argument(argument: str) -> tuple[str, str]:
    """The name and the place in `[name=]place`; the name is empty where there is none.

    What stands before `=` belongs to the place when a file or folder of the whole spelling
    exists and one of the rest does not, so that `data/lang=tr/x.txt` is a path.

    Raises:
        UsageError: a name or a place is missing, or the name cannot be printed.
    """
    if not argument:
        raise UsageError("a corpus argument is empty", "name a file, a folder, or - for stdin")
    name, sign, place = argument.partition("=")
    if not sign or not NOT_IN_NAMES.isdisjoint(name) or name.startswith((".", "/", "~", "\\")):
        return "", argument
    if not name or not place:
        missing = "name before" if not name else "path after"
        raise UsageError(f"corpus {argument!r}: there is no {missing} '='", "write name=path")
    if not _leads_somewhere(place) and ("/" in name or _leads_somewhere(argument)):
        return "", argument
    if not name.isprintable():
        raise UsageError(
            f"corpus name {name!r} holds characters that cannot be printed",
            "give it a name of characters that print, such as letters and digits",
        )
    return name, place


def _leads_somewhere(place: str) -> bool:
    """Whether a place is there, as far as can be told without a network."""
    if place == "-" or place.startswith("hf:") or is_url(place):
        return True
    path = Path(place).expanduser()
    return path.exists() or (has_magic(str(path)) and bool(match_pattern(str(path))))


def unique_names(relative_paths: Sequence[str]) -> list[str]:
    """A name for each file: its stem; where that is taken, its relative path.

    >>> unique_names(["tr.txt", "a/x.py", "b/x.py", "en.txt", "en.jsonl.gz"])
    ['tr', 'a/x', 'b/x', 'en.txt', 'en.jsonl.gz']
    """
    stems = [kind_of(path).stem for path in relative_paths]
    without_suffix = [
        str(PurePosixPath(path).with_name(stem))
        for path, stem in zip(relative_paths, stems, strict=True)
    ]
    return settle([stems, without_suffix, list(relative_paths)])


def settle(levels: Sequence[Sequence[str]]) -> list[str]:
    """One name for each place: from the first level, or from the next where names collide.

    >>> settle([["tr", "tr", "en"], ["tr.txt", "tr", "en.txt"]])
    ['tr.txt', 'tr', 'en']
    """
    names = list(levels[0])
    for level in levels[1:]:
        counts = Counter(names)
        names = [
            longer if counts[name] > 1 else name for name, longer in zip(names, level, strict=True)
        ]
    return names


def check_names(slices: Sequence[Slice]) -> None:
    """Raises a UsageError when two slices share a name, or one has a name that is taken."""
    seen: dict[str, Slice] = {}
    for part in slices:
        if part.name == EVERYTHING:
            raise UsageError(
                f"a slice is called {EVERYTHING!r} ({part.source}), "
                "the name of all slices together",
                f"give it another name: name={part.source}",
            )
        if not part.name.isprintable():
            raise UsageError(
                f"slice name {part.name!r} holds characters that cannot be printed",
                "give it a name: name=path",
            )
        if part.name in seen:
            first = seen[part.name].source
            raise UsageError(
                f"two slices are called {part.name!r}: {first} and {part.source}",
                f"name one of them: {part.name}2={part.source}",
            )
        seen[part.name] = part

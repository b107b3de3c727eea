"""Normalisers of a `tokenizer.json` in forms that are faster than the library's, and as exact."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokeval.loaders.token_bytes import Definition, components

Step = Callable[[str], str]


def same(text: str) -> str:
    """The text as it is."""
    return text


@dataclass(frozen=True)
class Composed:
    """NFC by Python's tables where they cannot differ from the library's, else by the library.

    A character that Unicode 3.2 had is normalised alike by every version since (Unicode's
    stability policy), and no composition reaches across a line end.
    """

    library: Any

    def __call__(self, text: str) -> str:
        """The text in NFC."""
        if text.isascii():
            return text
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        new = np.flatnonzero(~_old_characters()[points])
        if not len(new) and unicodedata.is_normalized("NFC", text):
            return text
        lines = text.split("\n")
        written = [unicodedata.normalize("NFC", line) for line in lines]
        line_ends = np.flatnonzero(points == ord("\n"))
        for k in np.unique(np.searchsorted(line_ends, new)).tolist():
            written[k] = self.library.normalize_str(lines[k])
        return "\n".join(written)


@dataclass(frozen=True)
class Replaced:
    """Every occurrence of one string replaced by another."""

    old: str
    new: str

    def __call__(self, text: str) -> str:
        """The text with the replacement."""
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Prepended:
    """A string put before a text that is not empty."""

    before: str

    def __call__(self, text: str) -> str:
        """The text with the string."""
        return self.before + text if text else text


@dataclass(frozen=True)
class SpaceBefore:
    """A space put before a normalised text that does not begin with one.

    Attributes:
        first: makes the normalised text.
        mark: what else stands for a space in it, such as `▁`; each becomes one. May be empty.
    """

    first: Step
    mark: str = ""

    def __call__(self, text: str) -> str:
        """The text with its space."""
        normal = self.first(text)
        if self.mark:
            normal = normal.replace(self.mark, " ")
        return normal if not normal or normal.startswith(" ") else " " + normal


@dataclass(frozen=True)
class Steps:
    """Several normalisers, one after the other."""

    steps: tuple[Step, ...]

    def __call__(self, text: str) -> str:
        """The text after all of them."""
        for step in self.steps:
            text = step(text)
        return text


@dataclass(frozen=True)
class PrependedToLines:
    """A string put before each line that is not empty."""

    before: str

    def __call__(self, text: str) -> str:
        """The text with the string."""
        begun = f"\n{text}\n".replace("\n", "\n" + self.before)
        # A line that holds the string itself now has it twice, so this is an empty one.
        while (empty := f"\n{self.before}\n") in begun:
            begun = begun.replace(empty, "\n\n")
        return begun[1 : -1 - len(self.before)]


def line_form(step: Step) -> Step | None:
    """A normaliser of whole texts that does to each line what `step` does to a line by itself.

    `None` where none is known: then each line has to be normalised alone.
    """
    forms: list[Step] = []
    for part in step.steps if isinstance(step, Steps) else (step,):
        if isinstance(part, Replaced) and "\n" not in part.old + part.new:
            forms.append(part)
        elif isinstance(part, Prepended) and "\n" not in part.before:
            forms.append(PrependedToLines(part.before))
        elif isinstance(part, Composed):
            forms.append(part)
        elif isinstance(part, Steps) and (inner := line_form(part)) is not None:
            forms.append(inner)
        else:
            return None
    return Steps(tuple(forms))


def fast_normalizer(normalizer: Definition | None, library: Any) -> Step:
    """A normaliser that does what the library's does.

    Args:
        normalizer: its definition.
        library: the library's object of the same, `None` where there is none.
    """
    steps: list[Step] = []
    for part in components(normalizer):
        kind = part.get("type")
        pattern = part.get("pattern") or {}
        if kind == "NFC":
            steps.append(Composed(_nfc()))
        elif kind == "Prepend":
            steps.append(Prepended(part["prepend"]))
        elif kind == "Replace" and pattern.get("String"):
            steps.append(Replaced(pattern["String"], part["content"]))
        else:
            steps = [library.normalize_str]
            break
    return steps[0] if len(steps) == 1 else Steps(tuple(steps)) if steps else same


def _nfc() -> Any:
    """The library's own NFC."""
    from tokenizers import normalizers

    return normalizers.NFC()


@lru_cache(maxsize=1)
def _old_characters() -> NDArray[np.bool_]:
    """Which code points Unicode 3.2 had."""
    old = np.zeros(0x110000, np.bool_)
    category = unicodedata.ucd_3_2_0.category
    # Planes 4 to 13 were empty then, and the two of private use were not normalised.
    for start, end in ((0, 0x40000), (0xE0000, 0xE1000)):
        found = (category(chr(point)) != "Cn" for point in range(start, end))
        old[start:end] = np.fromiter(found, np.bool_, end - start)
    return old

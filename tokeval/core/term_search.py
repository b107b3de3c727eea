"""Term search: where given terms stand in texts, as whole words, the longest ones first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SPACELESS = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Letters of scripts without spaces between words, in which a term may begin and end anywhere."""

_UNITS = re.compile(rf"[{_SPACELESS}]|(?:(?![{_SPACELESS}])\w)+|[^\w\s]")
_INSIDE_WORD = re.compile(rf"(?![{_SPACELESS}])[\w\u0300-\u036f\u0900-\u0dff]")


@dataclass(frozen=True)
class Occurrences:
    """Where terms stand in some texts, in bytes of all texts with one byte after each.

    Attributes:
        terms: number of the term, shape (n_occurrences,).
        texts: number of the text.
        places: [start, end), shape (n_occurrences, 2), ascending and disjoint.
    """

    terms: NDArray[np.int64]
    texts: NDArray[np.int64]
    places: NDArray[np.int64]


def find_terms(text: str, terms: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int, int]]:
    """The terms in a text from the left, the longest where several begin, with [start, end).

    Case counts. A term begins and ends where words do; in scripts without spaces, anywhere.

    Args:
        text: what is searched.
        terms: by their first unit, longest first; see `index_terms`.
    """
    end = 0
    for unit in _UNITS.finditer(text):
        start = unit.start()
        if start < end or unit[0] not in terms or not _is_edge(text, start):
            continue
        for term in terms[unit[0]]:
            if text.startswith(term, start) and _is_edge(text, start + len(term)):
                end = start + len(term)
                yield term, start, end
                break


def _is_edge(text: str, place: int) -> bool:
    """Whether no word goes on across a place in a text."""
    if not 0 < place < len(text):
        return True
    return not (_INSIDE_WORD.match(text, place - 1) and _INSIDE_WORD.match(text, place))


def index_terms(terms: Sequence[str]) -> dict[str, list[str]]:
    """The terms by their first word, sign or letter of a script without spaces; longest first."""
    index: dict[str, list[str]] = {}
    for term in terms:
        first = _UNITS.search(term)
        if first is not None and first.start() == 0:
            index.setdefault(first[0], []).append(term)
    return {first: sorted(found, key=len, reverse=True) for first, found in index.items()}


def locate_terms(
    texts: Sequence[str], index: Mapping[str, Sequence[str]], number: Mapping[str, int]
) -> Occurrences:
    """All occurrences of terms in some texts."""
    rows = []
    base = 0
    for t, text in enumerate(texts):
        for term, start, end in find_terms(text, index):
            before = base + len(text[:start].encode())
            rows.append((number[term], t, before, before + len(text[start:end].encode())))
        base += len(text.encode()) + 1
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Occurrences(table[:, 0], table[:, 1], table[:, 2:])

"""Candidate categories: named text that a tokenizer may have been trained on."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tokeval.core.corpus import Document, Slice
from tokeval.errors import UsageError
from tokeval.loaders.baselines import utf8
from tokeval.mixture.embedded_categories import (
    CODE,
    embedded_languages,
    standard_library_texts,
    word_frequency_table,
)
from tokeval.mixture.word_counting import count_words
from tokeval.mixture.word_table import WordTable
from tokeval.pretokenization.pretokenizing import Pretokenizer

Texts = Callable[[], Iterator[str]]

MAX_TEXT_CHARACTERS = 1 << 16
"""Lines that are put together are cut past so many, whatever the next one begins with."""


@dataclass(frozen=True)
class Category:
    """A candidate.

    Attributes:
        name: distinct among the candidates.
        count: its word table for a pre-tokenizer.
        texts: the documents in order, read anew at each call; `None` where there are only words.
        group: the name that it is answered for under; empty when it stands for itself.
    """

    name: str
    count: Callable[[Pretokenizer], WordTable]
    texts: Texts | None = None
    group: str = ""


def category_of_texts(
    name: str, texts: Texts, *, engine: str | None = None, jobs: int | None = None
) -> Category:
    """The category that some documents are; they are read twice, and never all in memory."""

    def count(pretokenizer: Pretokenizer) -> WordTable:
        n_bytes = sum(len(encoded) for text in texts() for encoded in utf8([text]))
        return count_words(
            texts(), pretokenizer, name=name, n_bytes=n_bytes, engine=engine, jobs=jobs
        )

    return Category(name, count, texts)


def category_of_slice(
    part: Slice, *, engine: str | None = None, jobs: int | None = None
) -> Category:
    """The category that a slice of a corpus is.

    Lines are put together again: a newline is a character that tokenizers are trained on. A slice
    that is read without line ends gets newlines, but has lost its empty lines.
    """

    def texts() -> Iterator[str]:
        if part.unit in ("lines", "line"):
            yield from _of_lines(part.documents())
        else:
            yield from (text for document in part.documents() for text in document if text)

    return category_of_texts(part.name, texts, engine=engine, jobs=jobs)


def _of_lines(documents: Iterable[Document]) -> Iterator[str]:
    r"""The documents as texts; those between which a piece of white space may lie stay together.

    White space at the beginning of a line belongs with the line end before it: a pre-tokenizer
    may take both as one piece, such as `\n\n` or `\n` and what indents the next line.
    """
    waiting: list[str] = []
    size = 0
    for document in documents:
        lines = "".join(line if line.endswith("\n") else f"{line}\n" for line in document)
        if waiting and (size >= MAX_TEXT_CHARACTERS or not lines[0].isspace()):
            yield "".join(waiting)
            waiting, size = [], 0
        waiting.append(lines)
        size += len(lines)
    if waiting:
        yield "".join(waiting)


def built_in_categories(*, engine: str | None = None, jobs: int | None = None) -> list[Category]:
    """Word frequencies of every language that `wordfreq` knows, and Python source: coarse.

    Raises:
        UsageError: `wordfreq` is not installed.
    """
    languages = [Category(language, partial(_words, language)) for language in embedded_languages()]
    return [*languages, category_of_texts(CODE, standard_library_texts, engine=engine, jobs=jobs)]


def _words(language: str, pretokenizer: Pretokenizer) -> WordTable:
    """The word table of a built-in language."""
    return word_frequency_table(language, pretokenizer.cut)


def without(categories: Sequence[Category], names: Sequence[str]) -> list[Category]:
    """The categories but those of the given names.

    Raises:
        UsageError: no category has such a name, or none is left.
    """
    for name in names:
        _check_known(name, categories, "--drop")
    kept = [category for category in categories if category.name not in names]
    if not kept:
        raise UsageError("every category is dropped", "leave at least two for an answer")
    return kept


def with_groups(
    categories: Sequence[Category], members: Mapping[str, Sequence[str]]
) -> list[Category]:
    """The categories, those that are listed with the group they belong to.

    Args:
        categories: with distinct names.
        members: names of categories by group.

    Raises:
        UsageError: no category has such a name, one is in two groups, or a group has the name of a
            category outside it.
    """
    group_of: dict[str, str] = {}
    for group, names in members.items():
        for name in names:
            _check_known(name, categories, "--group")
            if group_of.setdefault(name, group) != group:
                raise UsageError(
                    f"category {name!r} is in two groups, {group_of[name]!r} and {group!r}",
                    "name it in one --group only",
                )
    for group in members:
        if any(category.name == group for category in categories) and group_of.get(group) != group:
            raise UsageError(
                f"--group {group} has the name of a category outside it", "choose another name"
            )
    return [replace(category, group=group_of.get(category.name, "")) for category in categories]


def _check_known(name: str, categories: Sequence[Category], option: str) -> None:
    """Raises where no category has the name."""
    names = [category.name for category in categories]
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(names)}"
        raise UsageError(f"{option}: there is no category {name!r}", hint)
